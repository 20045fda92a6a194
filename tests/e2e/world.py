"""A home of its own for real processes, and the processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 30.0  # seconds until a test gives up; no test is meant to need a tenth of it
CHATCLI = (sys.executable, "-m", "chatcli")


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a process."""

    status: int
    out: bytes
    err: str


@dataclass(frozen=True, slots=True)
class World:
    """A home, and variables that share nothing with the person who runs the tests."""

    home: Path
    environ: dict[str, str]

    @classmethod
    def at(cls, home: Path) -> "World":
        """A usual terminal's world."""
        usual = {"HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm-256color"}
        return cls(home, {"PATH": os.environ["PATH"], **usual})

    def having(self, **environ: str | None) -> "World":
        """The same home with other variables; None takes one away."""
        changed = {**self.environ, **environ}
        return World(self.home, {name: text for name, text in changed.items() if text is not None})

    def run(self, *args: str, stdin: bytes = b"", command: Sequence[str] = CHATCLI) -> Ran:
        """Run to the end with ``stdin`` on a pipe, and stdout and stderr too."""
        ended = subprocess.run(
            [*command, *args],
            input=stdin,
            capture_output=True,
            env=self.environ,
            cwd=self.home,
            timeout=PATIENCE,
            check=False,
        )
        return Ran(ended.returncode, ended.stdout, ended.stderr.decode())

    def shell(self, line: str) -> Ran:
        """Run a line of bash in which ``chatcli`` is the program."""
        chatcli = f'chatcli() {{ "{sys.executable}" -m chatcli "$@"; }}; {line}'
        return self.run(command=("bash", "-c", chatcli))

    @contextmanager
    def running(self, *args: str, command: Sequence[str] = CHATCLI) -> Iterator[subprocess.Popen[bytes]]:
        """A process with nothing on stdin; it does not outlive its ``with``."""
        with subprocess.Popen(
            [*command, *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environ,
            cwd=self.home,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def interrupted(process: subprocess.Popen[bytes], number: int = signal.SIGINT) -> Ran:
    """What comes of a process that is sent a signal now."""
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    return Ran(process.returncode, out, err.decode())


def children(process: subprocess.Popen[bytes]) -> list[str]:
    """The ids of the processes that a process has started."""
    found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False)
    return found.stdout.split()


def lives(pid: str) -> bool:
    """Whether there is such a process, and it is more than a name that nobody has struck off yet."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True, check=False)
    return state.stdout.strip()[:1] not in {"", "Z"}


def eventually(happened: Callable[[], object]) -> None:
    """Wait until something is so; fail if it never is."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)
