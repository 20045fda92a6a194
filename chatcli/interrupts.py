"""Ctrl-C, and what it may interrupt.

Python raises KeyboardInterrupt wherever the main thread happens to be: in the middle of an import, where
it is now and then dropped, or inside an event loop that starts or stops, where it does harm. So it is let
through only where it means something.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

INTERRUPTED: Final = 130


@contextmanager
def ending_all() -> Iterator[None]:
    """Meanwhile Ctrl-C ends the process at once: nothing has begun that would have to be tidied up."""
    with _handled(lambda *_: os._exit(INTERRUPTED)):
        yield


class Interrupts:
    """Ctrl-C for a program that goes on: it interrupts what is ``armed``, once, and nothing else."""

    def __init__(self) -> None:
        self._armed = False

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Meanwhile Ctrl-C comes here."""
        with _handled(self._interrupt):
            yield

    @contextmanager
    def armed(self) -> Iterator[None]:
        """Meanwhile Ctrl-C raises KeyboardInterrupt; a second one does not disturb what the first began."""
        self._armed = True
        try:
            yield
        finally:
            self._armed = False

    def _interrupt(self, *_: object) -> None:
        if self._armed:
            self._armed = False
            raise KeyboardInterrupt


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], Any]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears of signals
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
