"""Chat Completions as they really arrive: any JSON in, chunks out.

Nothing that a server sends is trusted to have the shape that the API promises: every field may be
missing, null or of another type. What cannot be a completion raises ``BrokenReply``.
"""

from collections.abc import Iterator
from typing import Any

from chatcli.core.events import Chunk, ReasoningDelta, TextDelta
from chatcli.core.messages import Finish, Usage
from chatcli.core.wire.faults import fault
from chatcli.errors import BrokenReply

_FINISHES = {
    "length": Finish.LENGTH,
    "max_tokens": Finish.LENGTH,
    "model_length": Finish.LENGTH,
    "content_filter": Finish.FILTERED,
    "error": Finish.FAILED,
}  # every other reason is the model's own end
_ENDLESS = 1e15  # JSON as Python reads it may hold Infinity, which is no count


class Completion:
    """Reads one reply, from the pieces of a stream or from one whole object.

    ``heard`` says that a completion was recognised at all, ``finished`` that it said how it ended.
    """

    def __init__(self) -> None:
        self.heard = False
        self.finished = False
        self._text = _Pairs()
        self._reasoning = _Pairs()

    def read(self, thing: object) -> Iterator[Chunk]:
        """The chunks that one decoded JSON value holds.

        Raises:
            ModelError: the value is an error, or is no completion.
        """
        if not isinstance(thing, dict):
            raise BrokenReply("The server sent something that is not a chat completion.", _HINT)
        if thing.get("error"):
            raise fault(None, thing)
        choices, usage = thing.get("choices"), thing.get("usage")
        if choices is None and not isinstance(usage, dict):
            if {"message", "detail", "code"} & thing.keys():
                raise fault(None, thing)
            return
        self.heard = True
        if isinstance(choices, list) and choices and isinstance(choices[0], dict):
            yield from self._choice(choices[0])
        if isinstance(usage, dict):
            yield usage_of(usage)

    def end(self) -> Iterator[Chunk]:
        """What was held back, and the finish of a reply that ended in order without naming one."""
        if text := self._reasoning.flush():
            yield ReasoningDelta(text)
        if text := self._text.flush():
            yield TextDelta(text)
        if not self.finished:
            self.finished = True
            yield Finish.STOP

    def _choice(self, choice: dict[str, Any]) -> Iterator[Chunk]:
        if choice.get("index") not in (0, None):  # a tuple: not everything can be looked up in a set
            return
        said = choice.get("delta") or choice.get("message")
        if isinstance(said, dict):
            thought = said.get("reasoning_content") or said.get("reasoning")
            if isinstance(thought, str) and (thought := self._reasoning.join(thought)):
                yield ReasoningDelta(thought)
            for key in ("content", "refusal"):
                if text := self._text.join(_plain(said.get(key))):
                    yield TextDelta(text)
        elif isinstance(choice.get("text"), str) and (text := self._text.join(choice["text"])):
            yield TextDelta(text)
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason and not self.finished:
            self.finished = True
            yield _FINISHES.get(reason, Finish.STOP)


def usage_of(usage: dict[str, Any]) -> Usage:
    """The token counts of a ``usage`` object; 0 for what it does not say."""
    return Usage(
        prompt=_count(usage, "prompt_tokens"),
        completion=_count(usage, "completion_tokens"),
        cached=_count(usage.get("prompt_tokens_details"), "cached_tokens"),
        reasoning=_count(usage.get("completion_tokens_details"), "reasoning_tokens"),
    )


def _count(numbers: object, name: str) -> int:
    value = numbers.get(name) if isinstance(numbers, dict) else None
    return int(value) if isinstance(value, int | float) and 0 <= value < _ENDLESS else 0


def _plain(content: object) -> str:
    """The text of a content that is a string, or a list of typed parts."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = (part.get("text") for part in content if isinstance(part, dict))
    return "".join(text for text in texts if isinstance(text, str))


class _Pairs:
    r"""Joins surrogate halves: JSON may carry a character as ``\ud83d`` here, ``\ude00`` in the next piece.

    A half that stays alone becomes U+FFFD, so that every text that leaves here can be encoded.
    """

    def __init__(self) -> None:
        self._half = ""

    def join(self, text: str) -> str:
        if not text or (not self._half and text.isascii()):
            return text
        text = self._half + text
        self._half = text[-1] if "\ud800" <= text[-1] <= "\udbff" else ""
        if self._half:
            text = text[:-1]
        return _encodable(text)

    def flush(self) -> str:
        half, self._half = self._half, ""
        return "\ufffd" if half else ""


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


_HINT = "Check the base URL: does this server speak the OpenAI Chat Completions API?"
