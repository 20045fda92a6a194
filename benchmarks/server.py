"""A server that answers at once and knows when it was asked; run as a process of its own.

It prints its port, then a line for each question: when its first byte came, on the clock that all processes
share. The model ``short`` says a few words, the model ``long`` a hundred thousand.
"""

import json
import time
from collections.abc import Iterator
from functools import cache
from socketserver import StreamRequestHandler, ThreadingTCPServer

WORDS = {"short": 20, "long": 100_000}
WORD = " token"

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_NOTHING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
_AT_ONCE = 64 * 1024  # bytes given to the system in one call


def main() -> None:
    """Serve until killed."""
    with ThreadingTCPServer(("127.0.0.1", 0), _Answer) as server:
        server.daemon_threads = True
        print(server.server_address[1], flush=True)
        server.serve_forever()


class _Answer(StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        while self.rfile.peek(1):
            asked_at = time.monotonic()
            asked, content = self._request()
            if not asked.startswith(b"POST /v1/chat/completions "):  # it is asked what it serves
                self.wfile.write(_NOTHING)
                continue
            body = _body(WORDS[json.loads(content)["model"]])
            print(asked_at, flush=True)
            for start in range(0, len(body), _AT_ONCE):
                self.wfile.write(body[start : start + _AT_ONCE])

    def _request(self) -> tuple[bytes, bytes]:
        """The first line and the body of a request."""
        asked = self.rfile.readline()
        length = 0
        while line := self.rfile.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return asked, self.rfile.read(length)


@cache
def _body(words: int) -> bytes:
    """A whole response: as real servers do, each event is an HTTP chunk of its own."""
    return _HEAD + b"".join(b"%x\r\n%s\r\n" % (len(event), event) for event in _events(words)) + b"0\r\n\r\n"


def _events(words: int) -> Iterator[bytes]:
    yield _event({"role": "assistant", "content": ""})
    yield from [_event({"content": WORD})] * words
    yield _event({}, finish_reason="stop")
    yield b"data: [DONE]\n\n"


def _event(delta: dict[str, str], finish_reason: str | None = None) -> bytes:
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}],
    }
    return b"data: %s\n\n" % json.dumps(chunk, separators=(",", ":")).encode()


if __name__ == "__main__":
    main()
