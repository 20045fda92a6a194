"""The world as the program finds it: taken from the system once, handed in everywhere else.

A test walks in with an ``Env`` of its own and the whole program runs in-process with another world.
"""

import os
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

from chatcli.core.events import Clock


@dataclass(frozen=True, slots=True)
class Dirs:
    """Where the program keeps things. None of these need exist."""

    config: Path
    cache: Path
    data: Path
    state: Path


class SystemClock:
    """The real time."""

    def now(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait; a KeyboardInterrupt ends it."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Env:
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
    clock: Clock = field(default_factory=SystemClock)

    @property
    def dumb(self) -> bool:
        """The terminal understands no escape codes."""
        return self.environ.get("TERM", "dumb") in {"", "dumb"}

    @property
    def columns(self) -> int:
        """The terminal's width, 80 where there is none."""
        return shutil.get_terminal_size().columns
