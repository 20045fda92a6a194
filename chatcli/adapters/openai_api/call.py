"""One request and its reply."""

import base64
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from typing import Any, Final, TypeAlias

import httpx2
import openai

from chatcli.adapters.openai_api.line import TRACE, Line, shut
from chatcli.adapters.openai_api.words import PATIENCE, our_words
from chatcli.core.events import Answering, Chunk, Notice, Request
from chatcli.core.messages import Message
from chatcli.core.wire.body import Body
from chatcli.core.wire.refusals import Refusal, refusal, refuses_images
from chatcli.errors import BrokenReply, ModelError, Rejected

Chunked: TypeAlias = Generator[Chunk, None, None]

_DRAIN_SECONDS: Final = 0.25  # how long a body may go on after its last event
_SIGHT: Final = "Choose another with --model NAME or /model NAME."
_LEAVE: Final = "In a chat, /drop N leaves out the turn in which they came."


class Call:
    """One request and its reply: iterate it for the chunks; ``close`` it from any thread to hang up."""

    def __init__(self, line: Line, request: Request) -> None:
        self._line = line
        self._request = request
        self._closed = threading.Event()
        self._over = False
        self._reader: int | None = None  # the thread that iterates
        self._chunks = self._guarded()

    def __iter__(self) -> Iterator[Chunk]:
        return self._chunks

    def close(self) -> None:
        """Hang up at once; a call that is over keeps its connection for the next one."""
        if self._over or self._closed.is_set():
            return
        self._closed.set()
        self._line.hang_up()
        if self._reader in {None, threading.get_ident()}:
            self._chunks.close()
        # Another thread is inside: the line that it reads is dead, and it will leave.

    def _trace(self, event: str, info: dict[str, Any]) -> None:
        """Called by the transport at each of its steps, in the thread that makes the call."""
        if event != "connection.connect_tcp.complete":
            return
        line = info["return_value"].get_extra_info("socket").dup()  # TLS will take the socket itself
        if self._closed.is_set():
            shut(line)
            line.close()
            return
        self._line.hold(line)
        if self._closed.is_set():  # it was closed between the two lines above
            self._line.hang_up()

    def _guarded(self) -> Chunked:
        self._reader = threading.get_ident()
        try:
            with our_words(self._line.base_url, self._line.timeout, self._line.now):
                yield from self._ask()
            self._over = True
        except ModelError as error:
            if self._closed.is_set():
                return
            self._line.hide_key(error)
            raise

    def _ask(self) -> Chunked:
        """Send the request; where a parameter is refused, send it again without."""
        with self._held():
            model = self._line.model_of(self._request)
        if not self._request.model:
            yield Answering(model)
        body = _body(self._request, model, official=self._line.official)
        for param, instead in self._line.refusals.of(self._line.base_url, model).items():
            known = Refusal(param, instead)
            if self._adapt(body, known) and param in self._request.params.sent() and not instead:
                yield from self._told(model, known)
        gone: set[str] = set()
        while True:
            try:
                response = self._send(body)
            except openai.APIStatusError as error:
                if self._has_images() and refuses_images(error.body):
                    raise self._sees_nothing(model) from error
                refused = refusal(error.status_code, error.body, body.keys(), gone)
                if refused is None:
                    raise
                gone.add(refused.param)
                self._line.refusals.add(self._line.base_url, model, refused)
                self._adapt(body, refused)
                yield from self._told(model, refused)
                continue
            with closing(response):
                yield from self._read(response)
            return

    def _sees_nothing(self, model: str) -> Rejected:
        *before, _ = self._request.messages
        came_before = any(message.images for message in before)
        return Rejected(f"{model} takes no pictures.", f"{_SIGHT} {_LEAVE}" if came_before else _SIGHT)

    def _has_images(self) -> bool:
        return any(message.images for message in self._request.messages)

    def _adapt(self, body: dict[str, Any], refused: Refusal) -> bool:
        """Drop or rename the parameter; False if it is not there."""
        value = body.pop(refused.param, None)
        if value is None:
            return False
        if refused.instead:
            body[refused.instead] = value
        if refused.param == "stream":
            body.pop("stream_options", None)
        return True

    def _told(self, model: str, refused: Refusal) -> Chunked:
        """Say it, once."""
        if self._line.untold(model, refused.param):
            yield Notice(_refused_line(model, refused))

    def _send(self, body: dict[str, Any]) -> httpx2.Response:
        """Post it, and return the answer with its body unread."""
        client = self._line.client()
        with self._held():
            # The raw verb: `chat.completions` would load 20 ms of types that nobody looks at.
            return client.post(
                "/chat/completions", body=body, cast_to=object, stream=True, stream_cls=openai.Stream[object]
            ).response

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Whatever connects in here can be hung up."""
        token = TRACE.set(self._trace)
        try:
            yield
        finally:
            TRACE.reset(token)

    def _read(self, response: httpx2.Response) -> Chunked:
        body, pieces = Body(), response.iter_bytes()
        heard_at = time.monotonic()
        try:
            for piece in pieces:
                for chunk in body.feed(piece):
                    heard_at = time.monotonic()
                    yield chunk
                if body.done:
                    self._drain(pieces)
                    break
                self._watch(heard_at)
        except httpx2.HTTPError:
            if not body.finished:
                raise
        yield from body.end()

    def _watch(self, heard_at: float) -> None:
        """Notice a stream of nothing but keep-alives: they reset every other clock."""
        if time.monotonic() - heard_at > self._line.timeout:
            seconds = f"{self._line.timeout:g} s"
            raise BrokenReply(f"The server sent nothing but signs of life for {seconds}.", PATIENCE)

    def _drain(self, pieces: Iterator[bytes]) -> None:
        """Read the body's last bytes, so that the connection can serve the next question too."""
        stop = threading.Timer(_DRAIN_SECONDS, self._line.hang_up)
        stop.daemon = True
        stop.start()
        try:
            for _ in pieces:
                pass
        except httpx2.HTTPError:
            pass  # the reply is complete; its connection is not worth a word
        finally:
            stop.cancel()


def _body(request: Request, model: str, *, official: bool) -> dict[str, Any]:
    """The request's JSON; a parameter that is not set is not in it."""
    body: dict[str, Any] = {
        "model": model,
        "messages": messages_of(request),
    }
    if request.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    body |= request.params.sent()
    if official and "max_tokens" in body:  # OpenAI's own models know only the new name, others often the old
        body["max_completion_tokens"] = body.pop("max_tokens")
    return body


def messages_of(request: Request) -> list[dict[str, Any]]:
    """The messages, as they are sent."""
    return [
        {"role": message.role.value, "content": _content(message) if message.images else message.text}
        for message in request.messages
    ]


def _content(message: Message) -> list[dict[str, Any]]:
    """The text and the images of a message, each a part."""
    urls = (f"data:{image.mime};base64,{base64.b64encode(image.data).decode()}" for image in message.images)
    return [
        {"type": "text", "text": message.text},
        *({"type": "image_url", "image_url": {"url": url}} for url in urls),
    ]


def _refused_line(model: str, refused: Refusal) -> str:
    if refused.instead:
        return f"{model} takes {refused.instead} in place of {refused.param}"
    return f"{model} takes no {refused.param}: left out"
