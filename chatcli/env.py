"""The world as the program finds it: taken from the system once, handed in everywhere else.

A test walks in with an ``Env`` of its own and the whole program runs in-process with another world.
"""

import io
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

from platformdirs import PlatformDirs

from chatcli.core.clock import Clock


class Dirs(NamedTuple):
    """Where the program keeps things. None of these need exist."""

    config: Path
    cache: Path
    data: Path
    state: Path

    @property
    def history(self) -> Path:
        """The file of what was typed at prompts."""
        return self.state / "history"


class SystemClock:
    """The real time."""

    def now(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait; a KeyboardInterrupt ends it."""
        time.sleep(seconds)


class Env(NamedTuple):
    """Streams, variables, places, terminal facts, clock.

    ``stdin`` is binary, because a prompt is bytes until they are known to be text; it is None when it was
    closed. ``stdout`` and ``stderr`` write UTF-8 and translate no line ends.
    """

    stdin: BinaryIO | None
    stdout: TextIO
    stderr: TextIO
    environ: Mapping[str, str]
    cwd: Path
    dirs: Dirs
    stdin_tty: bool = False
    stdout_tty: bool = False
    stderr_tty: bool = False
    clock: Clock = SystemClock()

    @property
    def dumb(self) -> bool:
        """The terminal understands no escape codes."""
        return self.environ.get("TERM", "dumb") in {"", "dumb"}

    @classmethod
    def real(cls) -> "Env":
        """The process's own world. Descriptors 0 to 2 that were closed are opened on the null device first.

        Otherwise the next file or socket would get such a number, and be taken for a standard stream.
        """
        streams = (sys.stdin, sys.stdout, sys.stderr)
        for number, stream in enumerate(streams):
            if stream is None:
                _reserve(number)
        dirs = PlatformDirs("chatcli", appauthor=False)
        return cls(
            stdin=sys.stdin.buffer if sys.stdin else None,
            stdout=_exact(sys.stdout),
            stderr=_exact(sys.stderr),
            environ=os.environ,
            cwd=_cwd(),
            dirs=Dirs(
                config=Path(dirs.user_config_dir),
                cache=Path(dirs.user_cache_dir),
                data=Path(dirs.user_data_dir),
                state=Path(dirs.user_state_dir),
            ),
            stdin_tty=_is_tty(sys.stdin),
            stdout_tty=_is_tty(sys.stdout),
            stderr_tty=_is_tty(sys.stderr),
        )


def _reserve(number: int) -> None:
    opened = os.open(os.devnull, os.O_RDWR)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)


def _exact(stream: TextIO | None) -> TextIO:
    """UTF-8 whatever the locale, line ends as they are. A closed stream takes all and shows nothing."""
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    return stream


def _is_tty(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def _cwd() -> Path:
    """The working directory, or the root where somebody removed it under our feet."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return Path("/")
