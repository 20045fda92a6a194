"""Speaks to the person, beside the reply: asides, answers to commands, errors."""

from collections.abc import Callable
from typing import TextIO

from chatcli.errors import ChatcliError
from chatcli.terminal.columns import wrapped
from chatcli.terminal.escape import clean, one_line

_DIM, _RED, _OFF = "\x1b[2m", "\x1b[31m", "\x1b[0m"


class Voice:
    """Writes to ``stream``, which is stderr; in ``colour`` where that is wanted, which may be learnt late.

    ``columns`` is the width of the terminal at this moment, within which lines break between words; None
    where there is no terminal, and lines stay whole.
    """

    def __init__(self, stream: TextIO, *, colour: bool, columns: Callable[[], int] | None = None) -> None:
        self._stream = stream
        self._columns = columns
        self.colour = colour

    def say(self, text: str) -> None:
        """What a person asked to see; the text may have several lines."""
        self._write(self._broken(clean(text)) + "\n")

    def aside(self, text: str) -> None:
        """One dim line, for what need not be acted on."""
        self._write(self._in(_DIM, self._broken(one_line(text))) + "\n")

    def murmur(self, text: str) -> None:
        """Dim text without an end, as it comes."""
        self._write(self._in(_DIM, clean(text)))

    def ask(self, question: str) -> None:
        """A question, behind which the answer is typed."""
        self._write(f"{self._broken(one_line(question))} ")

    def error(self, error: ChatcliError) -> None:
        """What happened, and what to do next."""
        told = self._broken(f"chatcli: error: {one_line(error.message)}")
        self._write(told.replace("error:", self._in(_RED, "error:"), 1) + "\n")
        if error.hint:
            self._write(self._broken(f"  {one_line(error.hint)}") + "\n")

    def _broken(self, text: str) -> str:
        return wrapped(text, self._columns()) if self._columns else text

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_OFF}" if self.colour else text

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
