"""Speaks to the person, beside the reply: asides, answers to commands, errors."""

from typing import TextIO

from chatcli.errors import ChatcliError
from chatcli.terminal.escape import clean, one_line

_DIM, _RED, _OFF = "\x1b[2m", "\x1b[31m", "\x1b[0m"


class Voice:
    """Writes to ``stream``, which is stderr; in ``colour`` where that is wanted, which may be learnt late."""

    def __init__(self, stream: TextIO, *, colour: bool) -> None:
        self._stream = stream
        self.colour = colour

    def say(self, text: str) -> None:
        """What a person asked to see; the text may have several lines."""
        self._write(clean(text) + "\n")

    def aside(self, text: str) -> None:
        """One dim line, for what need not be acted on."""
        self._write(self._in(_DIM, one_line(text)) + "\n")

    def murmur(self, text: str) -> None:
        """Dim text without an end, as it comes."""
        self._write(self._in(_DIM, clean(text)))

    def error(self, error: ChatcliError) -> None:
        """What happened, and what to do next."""
        self._write(f"chatcli: {self._in(_RED, 'error:')} {one_line(error.message)}\n")
        if error.hint:
            self._write(f"  {one_line(error.hint)}\n")

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_OFF}" if self.colour else text

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
