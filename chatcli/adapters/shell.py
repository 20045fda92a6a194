"""Commands in the person's shell.

A command that somebody watches runs on a terminal of its own, within theirs: so it has colours and columns,
``less`` and ``vim`` work, Ctrl-C is the command's, and yet all that it prints can be kept.
"""

import os
import select
import subprocess
import termios
import tty
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGTERM
from typing import Final, NamedTuple

from chatcli.core.printout import MOST, Printout, leaves_line_open

_GLANCE: Final = 0.03  # seconds between two looks whether the command has ended, or the window another size
_CHUNK: Final = 65_536  # bytes
_LAST_CHUNKS: Final = 64  # that are shown of what others still print when the command has ended

# The first terminal that is opened becomes the one that Ctrl-C comes from. When the command ends, the
# system hangs up on all that it leaves behind; what was started to stay (xclip, a browser) must not mind.
_SETTLED: Final = 'trap "" HUP; : <"$0"; exec "$@"'


class Seat(NamedTuple):
    """Where a person sits: the descriptors of their keyboard and of their screen, both of a terminal."""

    keyboard: int
    screen: int


def run(command: str, given: str | None, *, environ: Mapping[str, str], cwd: Path, out: int) -> Printout:
    """Run the command where nobody watches: it has no keyboard, and prints to ``out``. Raises OSError."""
    done = subprocess.run(
        _in_shell(command, environ),
        input=(given or "").encode(),
        stdout=out,
        stderr=out,
        env=dict(environ),
        cwd=cwd,
        check=False,
    )
    return Printout(done.returncode)


def run_watched(  # noqa: PLR0913 - a command, and the world that it runs in
    command: str,
    given: str | None,
    *,
    environ: Mapping[str, str],
    cwd: Path,
    seat: Seat,
    unread: Callable[[bytes], object],
) -> Printout:
    """Run the command on a terminal, with ``given`` or the keyboard as its standard input. Raises OSError.

    ``unread`` is told what was typed meanwhile and the command has not read.
    """
    ours, its = os.openpty()
    try:
        termios.tcsetattr(its, termios.TCSANOW, termios.tcgetattr(seat.keyboard))
        termios.tcsetwinsize(its, termios.tcgetwinsize(seat.screen))
        process = subprocess.Popen(
            ["/bin/sh", "-c", _SETTLED, os.ttyname(its), *_in_shell(command, environ)],
            stdin=its if given is None else subprocess.PIPE,
            stdout=its,
            stderr=its,
            env=dict(environ),
            cwd=cwd,
            start_new_session=True,
            bufsize=0,
        )
        relay = _Relay(process, ours, seat, (given or "").encode())
        with _ended(process), _raw(seat.keyboard):
            relay.run()
        unread(_left_in(its) + relay.on_the_way)
        if leaves_line_open(relay.last):
            _write(seat.screen, b"\n")
        return Printout(process.returncode, bytes(relay.first))
    finally:
        os.close(ours)
        os.close(its)


def _in_shell(command: str, environ: Mapping[str, str]) -> Sequence[str]:
    return (environ.get("SHELL") or "/bin/sh", "-c", command)


class _Flow:
    """Bytes on their way to a descriptor, which takes as many as it can."""

    def __init__(self, descriptor: int, waiting: bytes = b"") -> None:
        os.set_blocking(descriptor, False)
        self.descriptor = descriptor
        self.waiting = waiting

    def go_on(self) -> None:
        """Hand over some; nothing is wanted any more where nobody reads."""
        try:
            self.waiting = self.waiting[os.write(self.descriptor, self.waiting[:_CHUNK]) :]
        except BrokenPipeError:
            self.waiting = b""


class _Relay:
    """Carries keys and ``given`` to the command, and what it prints to the screen, until it ends.

    ``ours`` is our end of its terminal; the other end stays open here too, so that reading never fails.
    ``first`` is what was printed, as much as is kept; ``last`` is its latest piece.
    """

    def __init__(self, process: subprocess.Popen[bytes], ours: int, seat: Seat, given: bytes) -> None:
        self._process = process
        self._seat = seat
        self._keyboard: int | None = seat.keyboard
        self._keys = _Flow(ours)
        self._given = _Flow(process.stdin.fileno(), given) if process.stdin else None
        self.first = bytearray()
        self.last = b""

    @property
    def on_the_way(self) -> bytes:
        """Keys that did not get as far as the command's terminal."""
        return self._keys.waiting

    def run(self) -> None:
        """Carry on until the command has ended."""
        while self._process.poll() is None:
            self._fit()
            self._carry()
        for _ in range(_LAST_CHUNKS):
            if not self._show():
                break

    def _fit(self) -> None:
        """Make the command's window as large as the person's; the system tells the command."""
        size = termios.tcgetwinsize(self._seat.screen)
        if size != termios.tcgetwinsize(self._keys.descriptor):
            termios.tcsetwinsize(self._keys.descriptor, size)

    def _carry(self) -> None:
        """Carry what there is, or wait for it a moment."""
        if self._given and not self._given.waiting:
            self._end_input()
        flows = [flow for flow in (self._keys, self._given) if flow and flow.waiting]
        sources = [self._keys.descriptor]
        if self._keyboard is not None and not self._keys.waiting:
            sources.append(self._keyboard)
        ready, able, _ = select.select(sources, [flow.descriptor for flow in flows], [], _GLANCE)
        for flow in flows:
            if flow.descriptor in able:
                flow.go_on()
        if self._keys.descriptor in ready:
            self._show()
        if self._keyboard in ready:
            self._listen(self._keyboard)

    def _listen(self, keyboard: int) -> None:
        self._keys.waiting = _read(keyboard)
        if not self._keys.waiting:  # it is gone
            self._keyboard = None

    def _show(self) -> bool:
        """Show what was printed since; whether there was anything."""
        printed = _read(self._keys.descriptor)
        _write(self._seat.screen, printed)
        self.first += printed[: MOST - len(self.first)]
        self.last = printed or self.last
        return bool(printed)

    def _end_input(self) -> None:
        self._given = None
        if self._process.stdin:
            self._process.stdin.close()


def _left_in(terminal: int) -> bytes:
    """The keys that stand in a terminal, and that nobody will read there any more."""
    with suppress(termios.error):  # it is gone
        tty.setraw(terminal, termios.TCSANOW)  # a line without an end can be read as well
    ready, _, _ = select.select([terminal], [], [], 0)
    keys = _read(terminal) if ready else b""
    return keys.replace(b"\n", b"\r").replace(b"\0", b"")  # there Enter became the one, and Ctrl-D the other


def _read(descriptor: int) -> bytes:
    """What can be read now; nothing if nothing can, and from a terminal that is gone."""
    try:
        return os.read(descriptor, _CHUNK)
    except OSError:
        return b""


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """The command does not outlive this: when we must leave before it has ended, it must too."""
    try:
        yield
    finally:
        if process.stdin:
            process.stdin.close()
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, SIGTERM)


@contextmanager
def _raw(keyboard: int) -> Iterator[None]:
    """Meanwhile every key comes as it is: it means something to the other terminal only."""
    before = termios.tcgetattr(keyboard)
    tty.setraw(keyboard, termios.TCSANOW)
    try:
        yield
    finally:
        with suppress(termios.error):  # it is gone
            termios.tcsetattr(keyboard, termios.TCSANOW, before)
