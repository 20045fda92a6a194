"""Runs a command to its end, and says what that cost."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.world import World

_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Run:
    """When it was started and over, the processor's seconds, the peak of its memory in bytes.

    The system begins to look for the peak before the command has replaced the process that starts it: it is
    never less than what the benchmarks themselves hold, so they hold little.
    """

    began: float
    ended: float
    cpu: float
    peak: int

    @property
    def seconds(self) -> float:
        """From start to end."""
        return self.ended - self.began


def run(command: Sequence[str], world: World) -> Run:
    """Run it with no keyboard and a pipe for its output, which is read and forgotten."""
    began = time.monotonic()
    with subprocess.Popen(
        command, env=world.environ, cwd=world.home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        while process.stdout.read1():
            pass
        _, status, usage = os.wait4(process.pid, 0)
        ended = time.monotonic()
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}")
    return Run(began, ended, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _PEAK_UNIT)
