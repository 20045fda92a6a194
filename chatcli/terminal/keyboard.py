"""The keyboard while nobody reads it: keys that are typed ahead are neither shown nor lost nor changed."""

import termios
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from typing import TypeAlias

_Mode: TypeAlias = list[int | list[bytes | int]]


@contextmanager
def hushed(descriptor: int) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Keep what is typed for the next prompt, as it was typed: Enter stays Enter, and nothing is echoed.

    Ctrl-C still interrupts, and takes nothing with it of what was typed before. A prompt inside sets its own
    mode and comes back to this one. Gives a context within which all is as it was before: for a time in which
    the keyboard is somebody else's.
    """
    try:
        before = termios.tcgetattr(descriptor)
    except termios.error:  # no terminal
        yield nullcontext
        return
    quiet = list(before)
    quiet[0] &= ~termios.ICRNL
    quiet[3] &= ~(termios.ECHO | termios.ICANON)
    quiet[3] |= termios.NOFLSH
    with _mode(descriptor, quiet):
        yield partial(_mode, descriptor, before)


@contextmanager
def _mode(descriptor: int, mode: _Mode) -> Iterator[None]:
    before = termios.tcgetattr(descriptor)
    termios.tcsetattr(descriptor, termios.TCSANOW, mode)
    try:
        yield
    finally:
        with suppress(termios.error):  # it is gone
            termios.tcsetattr(descriptor, termios.TCSANOW, before)
