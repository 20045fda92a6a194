"""The body of one answer, as its bytes come in: chunks out.

A stream of events, one JSON object, a web page, nothing at all: the first byte decides, for the content
type lies. What broke off, or never was a reply, is noticed here; whose fault it was is not.
"""

import json
from collections.abc import Iterator

from chatcli.core.events import Chunk, TextDelta
from chatcli.core.wire.completion import Completion
from chatcli.core.wire.sse import SseDecoder, SseEvent
from chatcli.errors import BrokenReply, ModelError, Rejected


class Body:
    """``feed`` it the bytes as they come, and ``end`` it when there are no more; both yield chunks.

    ``done`` says that the server has said its last word: what follows is of no interest. ``finished`` says
    that nothing of the reply is missing, even if the connection should break now.
    """

    def __init__(self) -> None:
        self.done = False
        self._completion = Completion()
        self._events: SseDecoder | None = None  # once it is known to be a stream
        self._start: list[bytes] = []  # until then, or all of it if it is one object

    @property
    def finished(self) -> bool:
        return self._completion.finished

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        """The chunks that ``piece`` completes.

        Raises:
            ModelError: What came is an error, or no reply; the chunks before it have been yielded.
        """
        if self._events is None:
            piece = piece if self._start else piece.lstrip()
            if not piece:
                return
            if self._start or piece[:1] in {b"<", b"{", b"[", b'"'}:
                self._start.append(piece)
                return
            self._events = SseDecoder()
        yield from self._tell(self._events.feed(piece))

    def end(self) -> Iterator[Chunk]:
        """The rest, and the finish.

        Raises:
            ModelError: There was no reply, or it broke off.
        """
        if self._events is not None and not self.done:
            yield from self._tell(self._events.flush())
        elif self._start:
            yield from self._completion.read(_whole(b"".join(self._start)))
        if not self._completion.heard:
            raise BrokenReply("The server's answer holds no reply.", _ADDRESS)
        if self._events is not None and not self.done and not self.finished:
            happened = "The reply broke off: the server ended it without saying that it was done."
            raise BrokenReply(happened, "Try again.")
        yield from self._completion.end()

    def _tell(self, events: list[SseEvent]) -> Iterator[Chunk]:
        """The chunks of some events, neighbouring texts joined."""
        texts: list[str] = []
        try:
            for event in events:
                if event.data.startswith(b"[DONE]"):
                    self.done = True
                    break
                for chunk in self._completion.read(_decoded(event)):
                    if isinstance(chunk, TextDelta):
                        texts.append(chunk.text)
                        continue
                    if texts:
                        yield TextDelta("".join(texts))
                        texts.clear()
                    yield chunk
        except ModelError:
            if texts:  # what came in order before the error is kept
                yield TextDelta("".join(texts))
            raise
        if texts:
            yield TextDelta("".join(texts))


def _whole(text: bytes) -> object:
    if text.startswith(b"<"):
        raise Rejected("The server answered with a web page, not with a reply.", _ADDRESS)
    return _json(text)


def _decoded(event: SseEvent) -> object:
    if not event.data.strip():
        return {}
    thing = _json(event.data)
    bare_error = event.name == b"error" and not (isinstance(thing, dict) and thing.get("error"))
    return {"error": thing} if bare_error else thing


def _json(text: bytes) -> object:
    try:
        thing: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        happened = "The server sent bytes that are no JSON in the middle of the reply."
        raise BrokenReply(happened, "Try again.") from error
    return thing


_ADDRESS = "Check the base URL: is this an OpenAI-compatible API? Most end in /v1."
