"""Signals: Ctrl-C and what it may interrupt, Ctrl-Z, and being told to end.

Python runs a signal's handler wherever the main thread happens to be: in the middle of an import, where an
exception is now and then dropped, or inside an event loop that starts or stops, where it does harm. So it is
let through only where it means something.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import FrameType
from typing import Any, Final, TypeAlias

INTERRUPTED: Final = 130

_Handler: TypeAlias = Callable[[int, FrameType | None], Any]
_ENDS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Ended(SystemExit):
    """A signal told the program to end; ``status`` is the exit code that says which."""

    def __init__(self, signum: int) -> None:
        self.status = 128 + signum
        super().__init__(self.status)


@contextmanager
def ending_all() -> Iterator[None]:
    """Meanwhile Ctrl-C ends the process at once: nothing has begun that would have to be tidied up."""
    with _handled(signal.SIGINT, lambda *_: os._exit(INTERRUPTED)):
        yield


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Meanwhile SIGTERM, SIGHUP and SIGQUIT raise ``Ended``, so that all is tidied up.

    A second one does not wait, unless it is a SIGHUP: when a window is closed, the system sends one and the
    shell another.
    """
    told = False

    def end(signum: int, _frame: FrameType | None) -> None:
        nonlocal told
        if not told:
            told = True
            raise Ended(signum)
        if signum != signal.SIGHUP:
            os._exit(128 + signum)

    with ExitStack() as stack:
        for signum in filter(_heeded, _ENDS):
            stack.enter_context(_handled(signum, end))
        yield


class Interrupts:
    """Ctrl-C for a program that goes on: it interrupts what is ``armed``, once, and nothing else."""

    def __init__(self) -> None:
        self._armed = False
        self._shields = 0
        self._noted: set[int] = set()
        self._handlers: dict[int, _Handler] = {}
        self._aways: list[Callable[[], AbstractContextManager[None]]] = []

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Meanwhile Ctrl-C and Ctrl-Z come here; and by way of here, what ends the program."""
        # In the order in which they matter where several were noted.
        self._handlers = {signum: end for signum in _ENDS if callable(end := signal.getsignal(signum))}
        self._handlers[signal.SIGINT] = self._interrupt
        if _heeded(signal.SIGTSTP):
            self._handlers[signal.SIGTSTP] = self._stop
        with ExitStack() as stack:
            for signum in self._handlers:
                stack.enter_context(_handled(signum, self._hear))
            yield

    @contextmanager
    def armed(self) -> Iterator[None]:
        """Meanwhile Ctrl-C raises KeyboardInterrupt; a second one does not disturb what the first began."""
        self._armed = True
        try:
            yield
        finally:
            self._armed = False

    @contextmanager
    def disarmed(self) -> Iterator[None]:
        """Meanwhile Ctrl-C is another program's business, and interrupts nothing here."""
        before, self._armed = self._armed, False
        try:
            yield
        finally:
            self._armed = before

    @contextmanager
    def shielded(self) -> Iterator[None]:
        """Meanwhile a signal is only noted, and takes effect at the end: this is done whole or not at all."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
            if self._noted and not self._shields:
                self._make_up()

    @contextmanager
    def stoppable(self, away: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
        """Meanwhile Ctrl-Z stops the program within ``away``, in which the terminal is the shell's.

        They nest: what was last begun is the first to be put away.
        """
        self._aways.append(away)
        try:
            yield
        finally:
            self._aways.pop()

    def _hear(self, signum: int, frame: FrameType | None) -> None:
        if self._shields and not self._insisted(signum):
            self._noted.add(signum)
            return
        self._handlers[signum](signum, frame)

    def _insisted(self, signum: int) -> bool:
        """Whether it says "end" for the second time, without effect: what is shielded seems to be stuck."""
        insisted = signum in {signal.SIGTERM, signal.SIGQUIT} and signum in self._noted
        if insisted:
            self._noted.clear()
        return insisted

    def _make_up(self) -> None:
        noted, self._noted = self._noted, set()
        for signum, handler in self._handlers.items():
            if signum in noted:
                handler(signum, None)

    def _interrupt(self, *_: object) -> None:
        if self._armed:
            self._armed = False
            raise KeyboardInterrupt

    def _stop(self, *_: object) -> None:
        with ExitStack() as stack:
            for away in reversed(self._aways):
                stack.enter_context(away())
            with _handled(signal.SIGTSTP, signal.SIG_DFL):
                signal.raise_signal(signal.SIGTSTP)  # returns when the program goes on


@contextmanager
def _handled(signum: int, handler: _Handler | signal.Handlers) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears of signals
        return
    before = signal.signal(signum, handler)
    try:
        yield
    finally:
        signal.signal(signum, before)


def _heeded(signum: int) -> bool:
    """False for what was ignored when the program began, as SIGHUP is under nohup: it stays so."""
    return signal.getsignal(signum) is not signal.SIG_IGN
