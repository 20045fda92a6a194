"""A person at a real terminal, tmux: it keeps what scrolls away, and folds it anew in another size."""

import os
import re
import shutil
import signal
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest

from tests.e2e.terminal import ENTER
from tests.e2e.world import CHATCLI, PATIENCE, World

_GLANCE_SECONDS = 0.03  # between two looks at the screen


class Pane:
    """The window in which the program runs, and all that ever scrolled off it."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def type(self, text: str) -> Self:
        """Press keys."""
        self._tmux("send-keys", "-H", *(f"{byte:02x}" for byte in text.encode()))
        return self

    def say(self, text: str) -> Self:
        """Type a line at the prompt, see it there, and send it off."""
        self.prompt().type(text).until(lambda: self.line.endswith(text[-40:]), f"never saw {text!r} typed")
        typed = self.line
        return self.type(ENTER).until(lambda: self.line != typed, "Enter did nothing")

    def see(self, *texts: str) -> Self:
        """Watch until all of this stands on the screen, or has scrolled off it."""
        return self.until(lambda: all(text in self.text for text in texts), f"never saw {texts}")

    def prompt(self) -> Self:
        """Watch until the cursor stands at an empty prompt, and keys go to the program as they are."""
        return self.until(
            lambda: self.line == ">" and not self._keyboard & termios.ISIG, "never saw the prompt"
        )

    def until(self, so: Callable[[], object], otherwise: str) -> Self:
        """Watch until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not so():
            assert time.monotonic() < deadline, f"{otherwise}, but:\n{self.text}"
            time.sleep(_GLANCE_SECONDS)
        return self

    def resize(self, columns: int, lines: int) -> Self:
        """Drag the window's corner."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(lines))
        return self

    def split(self) -> Self:
        """Open another pane beside this one, which becomes half as wide."""
        self._tmux("split-window", "-h", "-d", "exec sleep 1000")
        return self

    def kill(self, number: signal.Signals) -> Self:
        """Send the program a signal."""
        shell = self._fact("pane_pid")
        [program] = subprocess.run(["pgrep", "-P", shell], capture_output=True, check=True).stdout.split()
        os.kill(int(program), number)
        return self

    @property
    def text(self) -> str:
        """Everything from the first line to the last; what the terminal has folded is one line again."""
        lines = self._tmux("capture-pane", "-p", "-J", "-S", "-").splitlines()
        return "\n".join(line.rstrip() for line in lines).rstrip("\n")

    @property
    def screen(self) -> list[str]:
        """The lines on the screen, as they stand there."""
        return [line.rstrip() for line in self._tmux("capture-pane", "-p", "-N").splitlines()]

    @property
    def line(self) -> str:
        """The line on which the cursor stands."""
        row, *screen = self._tmux(
            "display-message", "-p", "#{cursor_y}", ";", "capture-pane", "-p", "-N"
        ).splitlines()
        return screen[int(row)].rstrip()

    @property
    def shows_its_cursor(self) -> bool:
        """Whether the cursor can be seen."""
        return self._fact("cursor_flag") == "1"

    @property
    def wraps(self) -> bool:
        """Whether what does not fit a line goes on in the next."""
        return self._fact("wrap_flag") == "1"

    @property
    def echoes(self) -> bool:
        """Whether the system itself shows what is typed."""
        return bool(self._keyboard & termios.ECHO)

    @property
    def _keyboard(self) -> int:
        """The local modes of the terminal's line."""
        line = os.open(self._fact("pane_tty"), os.O_RDWR | os.O_NOCTTY)
        try:
            return termios.tcgetattr(line)[3]
        finally:
            os.close(line)

    def _fact(self, name: str) -> str:
        return self._tmux("display-message", "-p", f"#{{{name}}}").strip()

    def _tmux(self, *words: str) -> str:
        return tmux(self._socket, *words)


def tmux(socket: Path, *words: str, world: World | None = None) -> str:
    """One or more commands to the server behind ``socket``; what it answers."""
    command = ["tmux", "-u", "-S", str(socket), "-f", os.devnull, *words]
    environ = world.environ if world else None
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@contextmanager
def pane(
    world: World, *args: str, columns: int = 80, lines: int = 24, command: Sequence[str] = CHATCLI
) -> Iterator[Pane]:
    """A pane in which the program runs, until it is left.

    A shell is there before the program and after it: it says ``status 0`` when the program has ended, and
    the terminal is then as the program left it.
    """
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed")
    socket = world.home / "tmux"
    shell = 'trap : INT; "$@"; echo "status $?"; exec sleep 1000'
    tmux(
        socket,
        *("start-server", ";"),
        *("set-option", "-g", "history-limit", "100000", ";"),
        *("set-option", "-g", "default-terminal", "tmux-256color", ";"),
        *("new-session", "-d", "-x", str(columns), "-y", str(lines), "-c", str(world.home)),
        *("sh", "-c", shell, "sh", *command, *args),
        world=world,
    )
    try:
        yield Pane(socket)
    finally:
        tmux(socket, "kill-server")


def words(text: str) -> list[str]:
    """The numbered words of a text, ``w0001``, in the order in which they stand there."""
    return re.findall(r"\bw\d{4}\b", text)
