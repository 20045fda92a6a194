"""A person at a terminal: types, watches, and holds a stop-watch."""

import os
import pty
import select
import subprocess
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.world import World

_PATIENCE = 30.0  # seconds
_WHERE, _HERE = b"\x1b[6n", b"\x1b[1;1R"  # prompt_toolkit asks for the cursor, a terminal answers


class Terminal:
    """The end of a pseudo-terminal where the person sits. ``began`` is when the program was started."""

    def __init__(self, line: int, began: float) -> None:
        self.began = began
        self._line = line
        self._unread = b""

    def type(self, keys: bytes) -> float:
        """Press keys; returns when. What stood on the screen before is no longer looked at."""
        self._unread = b""
        pressed_at = time.monotonic()
        os.write(self._line, keys)
        return pressed_at

    def see(self, text: bytes) -> float:
        """Watch until ``text`` appears; returns when it did."""
        seen_at = time.monotonic()
        while text not in self._unread:
            if not select.select([self._line], [], [], _PATIENCE)[0]:
                raise SystemExit(f"{text!r} never appeared, only {self._unread!r}")
            news = os.read(self._line, 65536)
            seen_at = time.monotonic()
            if _WHERE in news:
                os.write(self._line, _HERE)
            self._unread += news
        self._unread = self._unread.partition(text)[2]
        return seen_at


@contextmanager
def terminal(command: Sequence[str], world: World) -> Iterator[Terminal]:
    """A terminal in which ``command`` runs, until it is left."""
    line, screen = pty.openpty()
    termios.tcsetwinsize(screen, (24, 80))
    began = time.monotonic()
    with subprocess.Popen(
        command,
        env=world.environ,
        cwd=world.home,
        stdin=screen,
        stdout=screen,
        stderr=screen,
        start_new_session=True,
    ) as process:
        os.close(screen)
        try:
            yield Terminal(line, began)
        finally:
            process.kill()
            os.close(line)
