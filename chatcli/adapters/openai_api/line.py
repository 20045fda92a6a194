"""The line to one endpoint: a client, a connection that can be hung up, and what it has told us."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from contextvars import ContextVar
from ipaddress import ip_address
from typing import Any, Final, TypeAlias

import httpx2
import openai

from chatcli.adapters.openai_api.words import our_words, reason_of
from chatcli.core.events import Request
from chatcli.core.wire import windows
from chatcli.core.wire.refusals import Refusals
from chatcli.core.wire.windows import Served
from chatcli.errors import ModelError, Rejected, Unreachable

OPENAI_URL: Final = "https://api.openai.com/v1"

Trace: TypeAlias = Callable[[str, dict[str, Any]], None]

TRACE: ContextVar[Trace | None] = ContextVar("TRACE", default=None)
"""Who is told of each step of the transport, while this thread makes a call."""

_CONNECT_SECONDS: Final = 10.0
_IDLE_SECONDS: Final = 60.0  # how long an idle connection is kept for the next question
_MOST_BYTES: Final = 16_000_000  # of an answer beside the chat; the longest listings have a tenth
_SECRET_LENGTH: Final = 8  # a shorter key is a placeholder such as "none", and a word like any other


class Line:
    """One endpoint: its address, the SDK's client for it, its connection, and what has been told of it.

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
        self.official = self.base_url == OPENAI_URL
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
        with our_words(self.base_url, self.timeout, self.now):
            self.client()

    def served(self) -> tuple[Served, ...]:
        """The models that the server lists, at least one. Raises ``ModelError``."""
        try:
            with our_words(self.base_url, self.timeout, self.now):
                listing = self.client().get("/models", cast_to=httpx2.Response).content
        except ModelError as error:
            self.hide_key(error)
            raise
        models = windows.served(_json(listing))
        if not models:
            raise Rejected("This server does not say which models it serves.", "Name one with --model.")
        return models

    def ask(self, path: str, over: float, body: object = None) -> object:
        """The JSON that the server answers to a question beside the chat, or None if it answers otherwise.

        ``path`` begins with ``/api/`` for what lies beside ``/v1``. ``over`` is the moment, on the monotonic
        clock, at which the answer comes too late.
        """
        seconds = over - time.monotonic()
        if seconds <= 0:
            return None
        root = self.base_url.removesuffix("/v1") if path.startswith("/api/") else self.base_url
        try:
            with our_words(self.base_url, seconds, self.now):
                return _json(self._fetch(root + path, body, seconds, over))
        except ModelError:
            return None

    def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            self._client.close()
        self.hold(None)

    # What follows serves the calls. There is one at a time.

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
            self._served = self.served()[0].name
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
            shut(line)

    def hide_key(self, error: ModelError) -> None:
        """Take the key out of an error: some servers repeat the one that they refuse."""
        key = self._api_key or ""
        if len(key) >= _SECRET_LENGTH:
            error.message, error.hint = error.message.replace(key, "***"), error.hint.replace(key, "***")
            error.args = (error.message,)

    def _fetch(self, url: str, body: object, seconds: float, over: float) -> bytes:
        """The body of the answer; nothing of one that is too long or comes too late."""
        options: Any = {"timeout": seconds}
        kind = openai.Stream[object]
        client = self.client()
        if body is None:
            answer = client.get(url, cast_to=object, options=options, stream=True, stream_cls=kind)
        else:
            answer = client.post(
                url, cast_to=object, options=options, stream=True, stream_cls=kind, body=body
            )
        text = bytearray()
        with closing(answer.response):
            for piece in answer.response.iter_bytes():
                text += piece
                if len(text) > _MOST_BYTES or time.monotonic() > over:
                    return b""
        return bytes(text)

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
            event_hooks={"request": [_trace]},
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


def shut(line: socket.socket) -> None:
    """End the connection: whoever reads from it, through whichever handle, reads its end."""
    with suppress(OSError):  # it is closed already
        line.shutdown(socket.SHUT_RDWR)


def _trace(request: httpx2.Request) -> None:
    """Tell the call of each step; what no call asks leaves no connection that a call might be given.

    It could not hang up one that it did not see being made.
    """
    if trace := TRACE.get():
        request.extensions["trace"] = trace
    else:
        request.headers["Connection"] = "close"


def _trusted() -> ssl.SSLContext:
    """Who may vouch for a server: the authorities of SSL_CERT_FILE or SSL_CERT_DIR, or else the system's."""
    try:
        return httpx2.create_ssl_context()
    except OSError as error:
        reason = f"The certificates to trust cannot be read: {reason_of(error)}."
        raise Unreachable(reason, "Check the file that SSL_CERT_FILE names.") from error


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _json(text: bytes) -> object:
    """What the text says in JSON, or None."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
