"""A Chat Completions server on a real loopback socket that answers by script, however badly.

    with ScriptedServer(status(429, retry_after="1"), reply("Hel", "lo")) as server:
        ...  # talk to server.url
        assert server.questions[1].json["model"] == "scripted"

Each POST to /v1/chat/completions takes the next answer of the script; the last one serves all that follow.
An answer is a sequence of acts: bytes go to the wire as they are, an ``Event`` is waited for, a ``Pause``
lets time pass, and an ``End`` says how it ends other than in order. Every wait ends when the client hangs
up. After an answer that ends in order the connection serves the next request.
"""

import gzip
import json
import select
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from http.client import responses
from pathlib import Path
from typing import Any, BinaryIO, Self, TypeAlias

PATIENCE_SECONDS = 20.0  # the deadline of every wait; only a failing test gets there
_GLANCE_SECONDS = 0.005  # how often a wait looks whether the client is still there


class End(Enum):
    """How an answer ends, if not in order."""

    CLOSE = "hang up (FIN)"
    RESET = "break the connection (RST)"
    HANG = "say nothing more until the client hangs up"
    REPEAT = "play what came after the headers again, until the client hangs up"


CLOSE, RESET, HANG, REPEAT = End.CLOSE, End.RESET, End.HANG, End.REPEAT


@dataclass(frozen=True)
class Pause:
    """Time that passes before the next act."""

    seconds: float


Act: TypeAlias = bytes | threading.Event | Pause | End
Answer: TypeAlias = Sequence[Act]
Piece: TypeAlias = str | Act  # of a body; a str is sent in UTF-8


# Answers, the best behaved first.


def reply(
    *texts: Piece,
    reasoning: Iterable[str] = (),
    reasoning_key: str = "reasoning_content",
    finish: str | None = "stop",
    usage: tuple[int, int] | None = (9, 2),
    done: bool = True,
) -> Answer:
    """A stream with an event for each text; an ``Event`` or a ``Pause`` among them holds back the rest."""
    pieces: list[Piece] = [delta(role="assistant", content="")]
    pieces += [delta(**{reasoning_key: thought}) for thought in reasoning]
    pieces += [delta(content=text) if isinstance(text, str) else text for text in texts]
    if finish:
        pieces.append(data({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}))
    if usage:
        pieces.append(data({"choices": [], "usage": _usage(*usage)}))
    if done:
        pieces.append("data: [DONE]\n\n")
    return body(*pieces)


def whole(text: str, *, finish: str = "stop", usage: tuple[int, int] = (9, 2), **message: Any) -> Answer:
    """One JSON object with all of the reply."""
    said = {"role": "assistant", "content": text} | message
    choice = {"index": 0, "message": said, "finish_reason": finish}
    return status(200, {"choices": [choice], "usage": _usage(*usage)})


def status(code: int, content: Any = None, **headers: str) -> Answer:
    """An answer in one piece: a str is a web page, anything else JSON. ``retry_after="1"`` is a header."""
    page = isinstance(content, str)
    text = "" if content is None else content if page else json.dumps(content)
    fields = {"Content-Type": "text/html" if page else "application/json"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    return [head(code, fields | {"Content-Length": str(len(text.encode()))}) + text.encode()]


def failure(message: str, **fields: Any) -> Any:
    """The body of OpenAI's errors; ``code``, ``param`` and ``type`` are their other fields."""
    return {"error": {"message": message, "type": None, "param": None, "code": None} | fields}


def served(*names: str) -> Answer:
    """What GET /v1/models answers."""
    return status(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in names]})


def body(*pieces: Piece, content_type: str | None = "text/event-stream", **headers: str) -> Answer:
    """Status 200 and a chunked body, a chunk for each piece; it ends in order unless an ``End`` ends it."""
    fields = {"Content-Type": content_type} if content_type else {}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    acts = [head(200, fields | {"Transfer-Encoding": "chunked"}), *map(_chunked, pieces)]
    return acts if isinstance(acts[-1], End) else [*acts, b"0\r\n\r\n"]


def cut_after(*pieces: Piece, by: End = CLOSE) -> Answer:
    """A body that breaks off in the middle."""
    return body(*pieces, by)


def zipped(*pieces: str) -> Answer:
    """The pieces as a body that is compressed with gzip."""
    return body(gzip.compress("".join(pieces).encode()), content_encoding="gzip")


def pings(comment: str = ": ping\n\n", every: float = 0.01) -> Answer:
    """Signs of life and nothing else, for as long as the client stays."""
    return body(comment, Pause(every), REPEAT)


def silence() -> Answer:
    """Not even a header."""
    return [HANG]


def no_answer(by: End = CLOSE) -> Answer:
    """The connection ends where an answer should begin."""
    return [by]


def not_http() -> Answer:
    """Another protocol answers."""
    return [b"SSH-2.0-OpenSSH_9.9\r\n", CLOSE]


# What they are made of.


def data(thing: Any) -> str:
    """One event of a stream."""
    return f"data: {json.dumps(thing)}\n\n"


def delta(**fields: Any) -> str:
    """One event that adds to the reply."""
    return data({"choices": [{"index": 0, "delta": fields, "finish_reason": None}]})


def head(code: int, fields: dict[str, str]) -> bytes:
    """Status line and headers."""
    lines = [f"HTTP/1.1 {code} {responses.get(code, 'Whatever')}"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join((*lines, "", "")).encode()


def _chunked(piece: Piece) -> Act:
    if isinstance(piece, str):
        piece = piece.encode()
    return b"%x\r\n%b\r\n" % (len(piece), piece) if isinstance(piece, bytes) else piece


def _usage(prompt: int, completion: int) -> dict[str, int]:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


@dataclass(frozen=True)
class Certificate:
    """A certificate that nobody signed but itself, and its key."""

    file: Path
    key: Path

    @classmethod
    def made(cls, folder: Path, name: str = "IP:127.0.0.1") -> "Certificate":
        """A new one for ``name``; needs the program openssl."""
        certificate = cls(folder / "certificate.pem", folder / "key.pem")
        command = "openssl req -x509 -nodes -days 2 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
        subject = ["-subj", "/CN=scripted", "-addext", f"subjectAltName={name}"]
        files = ["-out", certificate.file, "-keyout", certificate.key]
        subprocess.run([*command.split(), *subject, *files], check=True, capture_output=True)
        return certificate


@dataclass
class Asked:
    """One request as it came. ``abandoned``: the client hung up before the answer was complete."""

    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    content: bytes
    connection: int  # 1 for the first that the server accepted
    arrived: float  # time.monotonic() at its first line
    abandoned: bool = False

    @property
    def json(self) -> Any:
        return json.loads(self.content)


class ScriptedServer:
    """Serves while it is entered. ``url`` is the base URL; ``requests`` is all that was asked.

    ``models`` is the answer to ``GET /v1/models``; ``also`` holds those of other paths.
    ``connections`` counts those accepted, ``hang_ups`` those that the client ended.
    """

    def __init__(
        self,
        *script: Answer,
        models: Answer | None = None,
        also: Mapping[str, Answer] | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        self.requests: list[Asked] = []
        self.connections = 0
        self.hang_ups = 0
        self._script = list(script)
        self._models = models or served("scripted")
        self._also = also or {}
        self._changed = threading.Condition()
        self._over = False
        self._lines: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._tls: ssl.SSLContext | None = None
        if certificate:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate.file, certificate.key)

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/v1"

    @property
    def open(self) -> int:
        """Connections that nobody has ended yet."""
        return len(self._lines)

    @property
    def questions(self) -> list[Asked]:
        """The requests for a reply."""
        return [asked for asked in self.requests if asked.path == "/v1/chat/completions"]

    def until(self, happened: Callable[["ScriptedServer"], object]) -> None:
        """Wait for a condition on what the server has seen, ``lambda server: server.hang_ups == 1``."""
        with self._changed:
            in_time = self._changed.wait_for(lambda: happened(self), PATIENCE_SECONDS)
            assert in_time, f"not in {PATIENCE_SECONDS} s: {self.hang_ups=} {self.requests=}"

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.2)  # where a shutdown does not wake it
        self.port = self._listener.getsockname()[1]
        self._begin(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        _shut(self._listener)
        self._threads[0].join()
        self._listener.close()
        with self._changed:
            for line in self._lines:
                _shut(line)
        for thread in self._threads:
            thread.join()

    def _begin(self, work: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._over:
            try:
                line, _ = self._listener.accept()
            except OSError:
                continue  # nobody came, or it is over
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls:
                line = self._tls.wrap_socket(line, server_side=True, do_handshake_on_connect=False)
            with self._changed:
                self._lines.add(line)
                self.connections += 1
                self._changed.notify_all()
            self._begin(self._serve, line, self.connections)

    def _serve(self, line: socket.socket, number: int) -> None:
        """One connection, until somebody ends it."""
        try:
            with line, line.makefile("rb") as reader:
                while asked := _read(reader, number):
                    with self._changed:
                        self.requests.append(asked)
                        answer = self._answer(asked)
                        self._changed.notify_all()
                    if not self._play(answer, line, asked):
                        return
        except OSError:
            pass  # the client broke the connection
        finally:
            with self._changed:
                self._lines.discard(line)
                self._changed.notify_all()
        self._note_hang_up()

    def _answer(self, asked: Asked) -> Answer:
        match asked.method, asked.path:
            case "POST", "/v1/chat/completions" if self._script:
                return self._script.pop(0) if len(self._script) > 1 else self._script[0]
            case "GET", "/v1/models":
                return self._models
            case _:
                return self._also.get(asked.path) or status(404, failure("Not Found"))

    def _play(self, answer: Answer, line: socket.socket, asked: Asked) -> bool:
        """Whether the answer ended in order and the client is still there."""
        try:
            for act in answer:
                if not self._act(act, answer, line):
                    return False
        except _Gone:
            asked.abandoned = True
            self._note_hang_up()
            return False
        return True

    def _act(self, act: Act, answer: Answer, line: socket.socket) -> bool:
        match act:
            case bytes():
                _send(line, act)
            case threading.Event():
                _wait(line, act.is_set)
            case Pause(seconds):
                over = time.monotonic() + seconds
                _wait(line, lambda: time.monotonic() >= over)
            case End.HANG:
                _wait(line, lambda: False)
            case End.REPEAT:
                while True:
                    for again in answer[1:-1]:
                        self._act(again, answer, line)
            case End.RESET:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return not isinstance(act, End)

    def _note_hang_up(self) -> None:
        with self._changed:
            self.hang_ups += 1
            self._changed.notify_all()


class _Gone(Exception):
    """The client hung up."""


def _read(reader: BinaryIO, number: int) -> Asked | None:
    """The next request; None when the client hung up instead."""
    first = reader.readline()
    arrived = time.monotonic()
    try:
        method, path, _ = first.decode().split()
    except ValueError:
        return None
    headers = {}
    while line := reader.readline().strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    content = reader.read(int(headers.get("content-length", 0)))
    return Asked(method, path, headers, content, number, arrived)


def _send(line: socket.socket, text: bytes) -> None:
    try:
        line.sendall(text)
    except OSError as error:
        raise _Gone from error


def _wait(line: socket.socket, over: Callable[[], bool]) -> None:
    while not over():
        readable, _, _ = select.select([line], [], [], _GLANCE_SECONDS)
        if readable and _hung_up(line):
            raise _Gone


def _hung_up(line: socket.socket) -> bool:
    try:
        # A client says nothing before it has its answer, so whatever can be read is the end.
        return not (line.recv(1) if isinstance(line, ssl.SSLSocket) else line.recv(1, socket.MSG_PEEK))
    except OSError:
        return True


def _shut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
