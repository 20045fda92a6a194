"""A person at a terminal: types, watches, and never waits for longer than it takes."""

import re
import signal
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Self

import pexpect
import pyte

from tests.e2e.world import CHATCLI, PATIENCE, World

ENTER, CTRL_C, CTRL_D, CTRL_J, ALT_ENTER, UP = "\r", "\x03", "\x04", "\n", "\x1b\r", "\x1b[A"


class Terminal:
    """A process on a pseudo-terminal, with an emulator that draws, answers and scrolls."""

    def __init__(self, process: pexpect.spawn) -> None:
        self._process = process
        lines, columns = process.getwinsize()
        self._screen = pyte.HistoryScreen(columns, lines, history=10_000)
        self._screen.write_process_input = process.send
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""

    def type(self, text: str) -> Self:
        """Press keys."""
        self._process.send(text)
        return self

    def say(self, text: str) -> Self:
        """Type a line at the prompt, see it there, and send it off."""
        self.prompt().type(text).until(lambda: self.line.endswith(text[-40:]), f"never saw {text!r} typed")
        return self.enter()

    def enter(self) -> Self:
        """Send off what stands at the prompt."""
        typed = self.line
        return self.type(ENTER).until(lambda: self.line != typed, "Enter did nothing")

    def paste(self, text: str) -> Self:
        """Paste, as terminals do."""
        return self.type(f"\x1b[200~{text}\x1b[201~")

    def see(self, *texts: str) -> Self:
        """Watch until all of this stands on the screen, or has scrolled off it."""
        return self.until(lambda: all(text in self.text for text in texts), f"never saw {texts}")

    def see_twice(self, text: str) -> Self:
        """Watch until this stands in two places."""
        return self.until(lambda: self.text.count(text) == 2, f"never saw {text!r} twice")

    def see_anything(self) -> Self:
        """Watch until something is drawn."""
        drawn = len(self.raw)
        return self.until(lambda: len(self.raw) > drawn, "never saw anything new")

    def prompt(self) -> Self:
        """Watch until the cursor stands at an empty prompt, and keys go to the program as they are."""
        return self.until(
            lambda: re.search(r"(^|\^C)>$", self.line) and self._listening(), "never saw the prompt"
        )

    def until(self, so: Callable[[], object], otherwise: str) -> Self:
        """Watch until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not so():
            assert time.monotonic() < deadline, f"{otherwise}, but:\n{self.text}"
            ended = self._at_end(wait=1)
            assert so() or not ended, f"{otherwise}, and it ended:\n{self.text}"
        return self

    def resize(self, lines: int, columns: int) -> Self:
        """Drag the window's corner."""
        self._screen.resize(lines, columns)
        self._process.setwinsize(lines, columns)
        return self

    def ended(self) -> int:
        """Watch until the process ends; its exit code."""
        self.until(lambda: not self._process.isalive() and self._at_end(wait=0), "it never ended")
        self._process.close()
        assert self._process.signalstatus is None, signal.strsignal(self._process.signalstatus)
        return self._process.exitstatus

    @property
    def line(self) -> str:
        """The line on which the cursor stands."""
        return self._screen.display[self._screen.cursor.y].rstrip()

    @property
    def text(self) -> str:
        """Everything from the first line to the last, without the blanks at their ends."""
        gone = ["".join(row[x].data for x in range(80)) for row in self._screen.history.top]
        return "\n".join(line.rstrip() for line in (*gone, *self._screen.display)).rstrip("\n")

    def _listening(self) -> bool:
        return not termios.tcgetattr(self._process)[3] & termios.ISIG

    def _at_end(self, wait: float) -> bool:
        """Draw what comes; returns whether nothing will come any more."""
        try:
            news = self._process.read_nonblocking(65536, timeout=wait)
        except pexpect.TIMEOUT:
            return False
        except pexpect.EOF:
            return True
        self.raw += news
        self._stream.feed(news)
        return False


@contextmanager
def terminal(world: World, *args: str, command: Sequence[str] = CHATCLI) -> Iterator[Terminal]:
    """A terminal in which the program runs, until it is left."""
    with started(world, *args, command=command) as process:
        yield Terminal(process)


@contextmanager
def started(
    world: World, *args: str, command: Sequence[str] = CHATCLI, lines: int = 24, columns: int = 80
) -> Iterator[pexpect.spawn]:
    """The program on a pseudo-terminal of this size; it does not outlive its ``with``."""
    program, *rest = command
    process = pexpect.spawn(
        program, [*rest, *args], env=world.environ, cwd=world.home, dimensions=(lines, columns), echo=True
    )
    process.delaybeforesend = None
    try:
        yield process
    finally:
        process.close(force=True)
