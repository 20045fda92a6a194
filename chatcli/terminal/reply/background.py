"""Is the terminal dark or light? It is asked, and what it answers is kept apart from what a person types."""

import os
import re
import select
import time
from collections.abc import Callable, Mapping
from typing import Final

# OSC 11 asks for the colour; the second question every terminal answers, so that its answer ends the wait.
_QUESTION: Final = "\x1b]11;?\x1b\\\x1b[c"
_ANSWER: Final = re.compile(rb"\x1b\]11;([^\x07\x1b]{0,40})(?:\x07|\x1b\\)|\x1b\[\?[\d;]*c")
_BEGUN: Final = re.compile(rb"\x1b(?:\](?:1(?:1(?:;[^\x07\x1b]{0,40}\x1b?)?)?)?|\[(?:\?[\d;]*)?)?\Z")
_COLOUR: Final = re.compile(rb"(?i)rgba?:([\da-f]{1,4})/([\da-f]{1,4})/([\da-f]{1,4})(/[\da-f]{1,4})?")
_WEIGHTS: Final = (0.299, 0.587, 0.114)  # how bright red, green and blue look

_LIGHT: Final = {7, 9, 10, 11, 12, 13, 14, 15}  # of the sixteen colours that COLORFGBG numbers


class Background:
    """Finds out whether the background is ``light``; None while that is not known.

    ``descriptor`` is the keyboard, where answers arrive; it must be hushed from ``ask`` to the end of the
    wait. ``write`` reaches the terminal, and flushes.
    """

    def __init__(self, descriptor: int, write: Callable[[str], object], environ: Mapping[str, str]) -> None:
        self.light = _told_by(environ.get("COLORFGBG", ""))
        self.waiting = False
        self._descriptor = descriptor
        self._write = write
        self._askable = environ.get("TERM", "") not in {"", "dumb", "linux"}
        self._held = b""
        self._typed = b""

    def ask(self) -> None:
        """Ask the terminal, if it is one that answers and the answer is not known."""
        if self.light is None and self._askable and os.isatty(self._descriptor):
            self.waiting = True
            self._write(_QUESTION)

    def poll(self) -> None:
        """Take in what has come, without waiting for more."""
        self._take_in(0)

    def settle(self, seconds: float) -> None:
        """Wait so long for an answer that is due, and no longer for this one: the prompt must not read it."""
        deadline = time.monotonic() + seconds
        while self.waiting and (left := deadline - time.monotonic()) > 0:
            self._take_in(left)
        self._give_up()

    def hold(self) -> None:
        """Take what a person has typed by now, and keep it with the rest that they typed in the meantime."""
        while os.isatty(self._descriptor) and select.select([self._descriptor], [], [], 0)[0]:
            if not (came := self._read()):
                return
            self._sort(came)

    def keep(self, typed: bytes) -> None:
        """Keep what somebody else has read of the keyboard and had no use for."""
        self._sort(typed)

    def typed(self) -> bytes:
        """What a person typed in the meantime, given once."""
        typed, self._typed = self._typed, b""
        return typed

    def _take_in(self, seconds: float) -> None:
        while self.waiting and select.select([self._descriptor], [], [], seconds)[0]:
            seconds = 0
            if not (came := self._read()):
                self._give_up()
                return
            self._sort(came)

    def _read(self) -> bytes:
        """What has come; nothing if the keyboard is gone."""
        try:
            return os.read(self._descriptor, 4096)
        except OSError:
            return b""

    def _sort(self, came: bytes) -> None:
        rest = _ANSWER.sub(self._note, self._held + came)
        begun = _BEGUN.search(rest) if self.waiting else None
        end = begun.start() if begun else len(rest)
        self._typed += rest[:end]
        self._held = rest[end:]

    def _note(self, answer: re.Match[bytes]) -> bytes:
        if answer[1] is None:
            self.waiting = False
        elif colour := _COLOUR.fullmatch(answer[1]):
            shares = (int(part, 16) / (16 ** len(part) - 1) for part in colour.group(1, 2, 3))
            self.light = sum(weight * share for weight, share in zip(_WEIGHTS, shares, strict=True)) > 0.5
        return b""

    def _give_up(self) -> None:
        self.waiting = False
        self._typed += self._held
        self._held = b""


def _told_by(colours: str) -> bool | None:
    """What the variable says in which some terminals number their colours: foreground;background."""
    number = colours.rpartition(";")[2]
    return int(number) in _LIGHT if number.isdecimal() and int(number) < 16 else None
