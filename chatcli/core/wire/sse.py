"""Server-sent events: bytes in, events out.

Works on bytes and splits only at CR, LF and CRLF, so that a character is never torn and U+2028 inside a
JSON string ends nothing.
"""

from typing import NamedTuple


class SseEvent(NamedTuple):
    """One event: its name (empty for the usual ones) and its data lines joined by LF."""

    name: bytes
    data: bytes


class SseDecoder:
    """``feed`` bytes as they come, take the events that are complete; ``flush`` at the end."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []  # of the line that has not ended yet
        self._ended_by_cr = False  # the LF that may come next belongs to it
        self._name = b""
        self._data: list[bytes] = []

    def feed(self, piece: bytes) -> list[SseEvent]:
        """The events that ``piece`` completes, in order."""
        if not piece:
            return []
        second_half = self._ended_by_cr and piece.startswith(b"\n")
        self._ended_by_cr = piece.endswith(b"\r")
        piece = piece[second_half:]
        if b"\r" in piece:
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if b"\n" not in piece:
            self._parts.append(piece)
            return []
        lines = b"".join((*self._parts, piece)).split(b"\n")
        self._parts = [lines.pop()]
        return [event for line in lines if (event := self._line(line)) is not None]

    def flush(self) -> list[SseEvent]:
        """The event that the end of the stream completes: servers forget the last blank line."""
        lines = (b"".join(self._parts), b"")
        self._parts = []
        return [event for line in lines if (event := self._line(line)) is not None]

    def _line(self, line: bytes) -> SseEvent | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
        elif field == b"event":
            self._name = value
        return None  # a comment, an id, a retry, a field of tomorrow

    def _dispatch(self) -> SseEvent | None:
        name, data = self._name, self._data
        self._name, self._data = b"", []
        return SseEvent(name, b"\n".join(data)) if data else None
