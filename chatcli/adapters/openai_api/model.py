"""The model at the other end of a line."""

from chatcli.adapters.openai_api.call import Call
from chatcli.adapters.openai_api.line import Line
from chatcli.core.events import Request


class OpenAIModel(Line):
    """A ``ChatModel``: any server with OpenAI's Chat Completions API. One call at a time."""

    def stream(self, request: Request) -> Call:
        """The reply on its way; see ``ChatModel``."""
        return Call(self, request)
