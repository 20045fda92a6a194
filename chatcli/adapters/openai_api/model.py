"""The model at the other end of a line."""

import time
from typing import Final

from chatcli.adapters.openai_api.call import Call, messages_of
from chatcli.adapters.openai_api.line import Line
from chatcli.core.events import Request
from chatcli.core.wire import windows
from chatcli.core.wire.windows import Told

_ASIDE_SECONDS: Final = 2.0  # for all the questions beside the chat that one matter takes


class OpenAIModel(Line):
    """A ``ChatModel``: any server with OpenAI's Chat Completions API. One call at a time."""

    _counts = True  # until the server shows that it does not

    def stream(self, request: Request) -> Call:
        """The reply on its way; see ``ChatModel``."""
        return Call(self, request)

    def window(self, model: str | None) -> Told | None:
        """The context window as the server tells it, or None: OpenAI does not, and is not asked.

        Takes at most two seconds, and raises nothing: few servers answer any of these questions.
        """
        if self.official:
            return None
        over = time.monotonic() + _ASIDE_SECONDS
        listed = windows.answering(windows.served(self.ask("/models", over)), model)
        if listed is not None and listed.window is not None:
            return Told(listed.window)
        name = model or (listed.name if listed else None)
        if name is None:
            return None
        return (
            windows.running_in_ollama(self.ask("/api/ps", over), name)
            or windows.shown_by_ollama(self.ask("/api/show", over, {"model": name}))
            or windows.listed_by_lm_studio(self.ask("/api/v0/models", over), name)
        )

    def count(self, request: Request) -> int | None:
        """The tokens of a prompt as the server counts them; None where it does not: llama.cpp alone does.

        Takes at most two seconds, and raises nothing.
        """
        if self.official or not self._counts:
            return None
        question = {"model": request.model or "", "messages": messages_of(request)}
        over = time.monotonic() + _ASIDE_SECONDS
        counted = windows.input_tokens(self.ask("/chat/completions/input_tokens", over, question))
        self._counts = counted is not None
        return counted
