"""A ``ChatModel`` over the openai SDK: the only place where SDK errors are seen.

The SDK brings the connection, the authentication and the errors of a status. The stream itself is read
here, as bytes: its typed reader costs twenty times as much a piece, and does not notice most of what can
go wrong in one (docs/design.md lists it).
"""

import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from contextvars import ContextVar
from ipaddress import ip_address
from itertools import chain
from typing import Any, Final, TypeAlias

import httpx2
import openai

from chatcli.core.events import Chunk, Notice, Request, TextDelta
from chatcli.core.faults import fault
from chatcli.core.refusals import Refusal, Refusals, refusal
from chatcli.core.sse import SseDecoder, SseEvent
from chatcli.core.wire import Completion
from chatcli.errors import BrokenReply, ModelError, Rejected, Unreachable

OPENAI_URL: Final = "https://api.openai.com/v1"

_CONNECT_SECONDS: Final = 10.0
_IDLE_SECONDS: Final = 60.0  # how long an idle connection is kept for the next question
_DRAIN_SECONDS: Final = 0.25  # how long a body may go on after its last event
_SECRET_LENGTH: Final = 8  # a shorter key is a placeholder such as "none", and a word like any other
_CALL: ContextVar["_Call | None"] = ContextVar("_CALL", default=None)  # the call that this thread makes

Chunked: TypeAlias = Generator[Chunk, None, None]


class OpenAIModel:
    """Any server with OpenAI's Chat Completions API. One call at a time.

    ``timeout`` is how many seconds the server may be without a word of the reply. ``api_key`` None sends a
    placeholder: servers that want none ignore it. A request that names no model gets ``default_model``, or
    else the first that the server lists.
    """

    def __init__(  # noqa: PLR0913 - an endpoint is all of this
        self,
        *,
        base_url: str,
        api_key: str | None,
        refusals: Refusals,
        organization: str | None = None,
        project: str | None = None,
        default_model: str | None = None,
        timeout: float = 600.0,
        transport: httpx2.BaseTransport | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout
        self.refusals = refusals
        self.now = now
        self._api_key = api_key
        self._organization = organization
        self._project = project
        self._transport = transport
        self._client: openai.OpenAI | None = None
        self._opening = threading.Lock()
        self._served = default_model
        self._told: set[tuple[str, str]] = set()
        self._line: socket.socket | None = None

    def warm(self) -> None:
        """Build the client now: what it loads then need not be loaded at the first question."""
        with _our_words(self):
            self.client()

    def stream(self, request: Request) -> "_Call":
        """The reply on its way; see ``ChatModel``."""
        return _Call(self, request)

    def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            self._client.close()
        self.hold(None)

    # What follows serves the calls.

    def client(self) -> openai.OpenAI:
        """The SDK's client, built once."""
        with self._opening:
            if self._client is None:
                self._client = self._build()
            return self._client

    def model_of(self, request: Request) -> str:
        """The model that is asked."""
        if request.model:
            return request.model
        if self._served is None:
            listing = self.client().get("/models", cast_to=httpx2.Response)
            self._served = _first_served(listing.content)
        return self._served

    def untold(self, model: str, param: str) -> bool:
        """Whether this is the first time that the person is to hear of it."""
        fresh = (model, param) not in self._told
        self._told.add((model, param))
        return fresh

    def hold(self, line: socket.socket | None) -> None:
        """Keep a second handle on the connection's socket: ``hang_up`` works on it in every phase."""
        old, self._line = self._line, line
        if old is not None:
            old.close()

    def hang_up(self) -> None:
        """End the connection under whoever reads it. A blocked reader wakes at once."""
        line = self._line
        if line is not None:
            _shut(line)

    def hide_key(self, error: ModelError) -> None:
        """Take the key out of an error: some servers repeat the one that they refuse."""
        key = self._api_key or ""
        if len(key) >= _SECRET_LENGTH:
            error.message, error.hint = error.message.replace(key, "***"), error.hint.replace(key, "***")
            error.args = (error.message,)

    def _build(self) -> openai.OpenAI:
        # A system's store of certificates takes 30 ms to load; an unencrypted endpoint never needs it. The
        # empty one trusts nobody, so that no redirect can turn this into an unverified connection.
        secure = self.base_url.startswith("https:")
        verify = _trusted() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        http = httpx2.Client(
            verify=verify,
            transport=self._transport,
            trust_env=not _is_loopback(httpx2.URL(self.base_url).host),  # no proxy leads to this machine
            timeout=httpx2.Timeout(self.timeout, connect=min(_CONNECT_SECONDS, self.timeout)),
            limits=httpx2.Limits(max_keepalive_connections=1, keepalive_expiry=_IDLE_SECONDS),
            event_hooks={"request": [_trace_call]},
        )
        client = openai.OpenAI(
            api_key=self._api_key or "none",
            base_url=self.base_url,
            max_retries=0,  # the engine retries, where a person sees it and can stop it
            timeout=http.timeout,
            http_client=http,
        )
        # Left to itself the SDK takes these from the environment, for whichever endpoint it speaks to.
        client.organization = self._organization
        client.project = self._project
        client._custom_headers = {}  # noqa: SLF001 - OPENAI_CUSTOM_HEADERS, which may hold another key
        return client


class _Call:
    """One request and its reply: iterate it for the chunks; ``close`` it from any thread to hang up."""

    def __init__(self, model: OpenAIModel, request: Request) -> None:
        self._model = model
        self._request = request
        self._completion = Completion()
        self._heard_at = 0.0  # when the last chunk came
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
        self._model.hang_up()
        if self._reader in {None, threading.get_ident()}:
            self._chunks.close()
        # Another thread is inside: the line that it reads is dead, and it will leave.

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Called by the transport at each of its steps, in the thread that makes the call."""
        if event != "connection.connect_tcp.complete":
            return
        line = info["return_value"].get_extra_info("socket").dup()  # TLS will take the socket itself
        if self._closed.is_set():
            _shut(line)
            line.close()
            return
        self._model.hold(line)
        if self._closed.is_set():  # it was closed between the two lines above
            self._model.hang_up()

    def _guarded(self) -> Chunked:
        self._reader = threading.get_ident()
        try:
            with _our_words(self._model):
                yield from self._ask()
            self._over = True
        except ModelError as error:
            if self._closed.is_set():
                return
            self._model.hide_key(error)
            raise

    def _ask(self) -> Chunked:
        """Send the request; where a parameter is refused, send it again without."""
        with self._held():
            model = self._model.model_of(self._request)
        body = _body(self._request, model, official=self._model.base_url == OPENAI_URL)
        for param, instead in self._model.refusals.of(self._model.base_url, model).items():
            known = Refusal(param, instead)
            if self._adapt(body, known) and param in self._request.params.given() and not instead:
                yield from self._told(model, known)
        gone: set[str] = set()
        while True:
            try:
                response = self._send(body)
            except openai.APIStatusError as error:
                refused = refusal(error.status_code, error.body, body.keys(), gone)
                if refused is None:
                    raise
                gone.add(refused.param)
                self._model.refusals.add(self._model.base_url, model, refused)
                self._adapt(body, refused)
                yield from self._told(model, refused)
                continue
            with closing(response):
                yield from self._read(response)
            return

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
        if self._model.untold(model, refused.param):
            yield Notice(_refused_line(model, refused))

    def _send(self, body: dict[str, Any]) -> httpx2.Response:
        """Post it, and return the answer with its body unread."""
        client = self._model.client()
        with self._held():
            # The raw verb: `chat.completions` would load 20 ms of types that nobody looks at.
            return client.post(
                "/chat/completions", body=body, cast_to=object, stream=True, stream_cls=openai.Stream[object]
            ).response

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Whatever connects in here can be hung up."""
        token = _CALL.set(self)
        try:
            yield
        finally:
            _CALL.reset(token)

    def _read(self, response: httpx2.Response) -> Chunked:
        """Whatever came: events, one object, a web page. The content type lies; the first byte does not."""
        pieces = response.iter_bytes()
        start = b""
        self._heard_at = time.monotonic()
        for piece in pieces:
            start = (start + piece).lstrip()
            if start:
                break
            self._watch()  # some send blank lines while they wait for their turn
        match start[:1]:
            case b"":
                raise _nothing_came()
            case b"<":
                raise Rejected("The server answered with a web page, not with a reply.", _ADDRESS_HINT)
            case b"{" | b"[" | b'"':
                yield from self._completion.read(_json(start + b"".join(pieces)))
                if not self._completion.heard:
                    raise _nothing_came()
                yield from self._completion.end()
            case _:
                yield from self._read_events(chain((start,), pieces))

    def _read_events(self, pieces: Iterator[bytes]) -> Chunked:
        decoder = SseDecoder()
        done = False
        try:
            for piece in pieces:
                if done := (yield from self._tell(decoder.feed(piece))):
                    self._drain(pieces)
                    break
                self._watch()
            else:
                done = yield from self._tell(decoder.flush())
        except httpx2.HTTPError:
            if not self._completion.finished:  # else nothing of the reply is missing
                raise
        if not self._completion.heard:
            raise _nothing_came()
        if not done and not self._completion.finished:
            raise BrokenReply(
                "The reply broke off: the server ended it without saying that it was done.", "Try again."
            )
        yield from self._completion.end()

    def _tell(self, events: list[SseEvent]) -> Generator[Chunk, None, bool]:
        """The chunks of some events, neighbouring texts joined; returns whether ``[DONE]`` was among them."""
        texts: list[str] = []
        done = False
        try:
            for event in events:
                if done := event.data.startswith(b"[DONE]"):
                    break
                for chunk in self._completion.read(_decoded(event)):
                    self._heard_at = time.monotonic()
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
        return done

    def _watch(self) -> None:
        """Notice a stream of nothing but keep-alives: they reset every other clock."""
        if time.monotonic() - self._heard_at > self._model.timeout:
            seconds = f"{self._model.timeout:g} s"
            raise BrokenReply(f"The server sent nothing but signs of life for {seconds}.", _PATIENCE_HINT)

    def _drain(self, pieces: Iterator[bytes]) -> None:
        """Read the body's last bytes, so that the connection can serve the next question too."""
        stop = threading.Timer(_DRAIN_SECONDS, self._model.hang_up)
        stop.daemon = True
        stop.start()
        try:
            for _ in pieces:
                pass
        except httpx2.HTTPError:
            pass  # the reply is complete; its connection is not worth a word
        finally:
            stop.cancel()


@contextmanager
def _our_words(model: OpenAIModel) -> Iterator[None]:
    """Turn every foreign error into one of ours. Before the headers the SDK speaks, after them httpx2."""
    try:
        yield
    except openai.APIStatusError as error:
        raise fault(error.status_code, error.body, error.response.headers, now=model.now()) from error
    except openai.APIConnectionError as error:
        raise _unreachable(error.__cause__ or error, model) from error
    except httpx2.ReadTimeout as error:
        raise BrokenReply(f"The server fell silent for {model.timeout:g} s.", _PATIENCE_HINT) from error
    except httpx2.HTTPError as error:
        raise BrokenReply("The connection was cut before the reply was complete.", "Try again.") from error
    except UnicodeError as error:
        raise _unsendable(error, model) from error
    except ImportError as error:
        raise Unreachable(
            "A SOCKS proxy is set, and its package is missing.", "Try: pip install socksio"
        ) from error
    except httpx2.InvalidURL as error:
        raise _no_address(error, model) from error
    except ValueError as error:
        reason = f"The proxy that the environment names cannot be used: {_reason(error)}."
        raise Unreachable(reason, "Check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY.") from error
    except (OSError, openai.OpenAIError) as error:
        raise Unreachable(f"The connection could not be made: {_reason(error)}", _PATH_HINT) from error


def _unsendable(error: UnicodeError, model: OpenAIModel) -> ModelError:
    if isinstance(error, UnicodeEncodeError) and error.encoding == "utf-8":
        reason = "The text holds half a character (a lone surrogate), which cannot be sent."
        return Rejected(reason, "Say it without that character.")
    return _no_address(error, model)  # the name server's own alphabet


def _no_address(error: Exception, model: OpenAIModel) -> Unreachable:
    return Unreachable(f"No address is called {model.base_url}: {_reason(error)}.", _PATH_HINT)


def _trusted() -> ssl.SSLContext:
    """Who may vouch for a server: the authorities of SSL_CERT_FILE or SSL_CERT_DIR, or else the system's."""
    try:
        return httpx2.create_ssl_context()
    except OSError as error:
        reason = f"The certificates to trust cannot be read: {_reason(error)}."
        raise Unreachable(reason, "Check the file that SSL_CERT_FILE names.") from error


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _unreachable(error: BaseException, model: OpenAIModel) -> ModelError:
    where = model.base_url
    causes = list(_causes(error))
    for cause in causes:
        match cause:
            case httpx2.ReadTimeout() | httpx2.WriteTimeout():
                return Unreachable(f"No answer from {where} for {model.timeout:g} s.", _PATIENCE_HINT)
            case httpx2.ConnectTimeout():
                return Unreachable(f"No connection to {where}: it timed out.", _PATH_HINT, retryable=True)
            case ssl.SSLCertVerificationError():
                reason = f"The certificate of {where} cannot be trusted: {cause.verify_message.rstrip('.')}."
                return Rejected(reason, "Set SSL_CERT_FILE to a file with the authority's certificate.")
            case ssl.SSLError():
                reason = f"TLS with {where} failed: {_reason(cause)}."
                return Rejected(reason, "Is this an http:// server?")
            case socket.gaierror():
                reason = f"The host of {where} has no address: {_reason(cause)}."
                return Unreachable(reason, _PATH_HINT, retryable=True)
            case ConnectionRefusedError():
                reason = f"Nobody listens at {where}: the connection was refused."
                return Unreachable(reason, "Is the server running? Check the base URL.", retryable=True)
            case _:
                pass
    return Unreachable(f"No connection to {where}: {_reason(causes[-1])}.", _PATH_HINT, retryable=True)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _reason(error: BaseException) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    plain = re.sub(_OPENSSL, "", " ".join(text.split()))
    return plain.rstrip(".") or type(error).__name__


def _body(request: Request, model: str, *, official: bool) -> dict[str, Any]:
    """The request's JSON; a parameter that is not set is not in it."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": message.role.value, "content": message.text} for message in request.messages],
    }
    if request.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    body |= request.params.given()
    if "response_format" in body:
        body["response_format"] = {"type": body["response_format"]}
    if (
        official and "max_tokens" in body
    ):  # OpenAI's own models take only the new name, others often only the old
        body["max_completion_tokens"] = body.pop("max_tokens")
    return body


def _decoded(event: SseEvent) -> object:
    if not event.data.strip():
        return {}
    thing = _json(event.data)
    return {"error": thing} if event.name == b"error" and not _has_error(thing) else thing


def _json(text: bytes) -> object:
    try:
        thing: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenReply(
            "The server sent bytes that are no JSON in the middle of the reply.", "Try again."
        ) from error
    return thing


def _has_error(thing: object) -> bool:
    return isinstance(thing, dict) and bool(thing.get("error"))


def _first_served(listing: bytes) -> str:
    try:
        return str(json.loads(listing)["data"][0]["id"])
    except (ValueError, LookupError, TypeError, RecursionError):
        raise Rejected("This server does not say which models it serves.", "Name one with --model.") from None


def _refused_line(model: str, refused: Refusal) -> str:
    if refused.instead:
        return f"{model} takes {refused.instead} in place of {refused.param}"
    return f"{model} takes no {refused.param}: left out"


def _nothing_came() -> BrokenReply:
    return BrokenReply("The server's answer holds no reply.", _ADDRESS_HINT)


def _trace_call(request: httpx2.Request) -> None:
    if call := _CALL.get():
        request.extensions["trace"] = call.trace


def _shut(line: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        line.shutdown(socket.SHUT_RDWR)


_ADDRESS_HINT = "Check the base URL: is this an OpenAI-compatible API? Most end in /v1."
_OPENSSL = r"^\[SSL[^]]*\] | \(_ssl\.c:\d+\)$"  # its own words stand between the two
_PATH_HINT = "Check the base URL and the network."
_PATIENCE_HINT = "Raise --timeout if this model needs longer."
