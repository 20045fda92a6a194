"""The keyboard while nobody reads it: keys that are typed ahead are neither shown nor lost nor changed."""

import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def hushed(descriptor: int) -> Iterator[None]:
    """Keep what is typed for the next prompt, as it was typed: Enter stays Enter, and nothing is echoed.

    Ctrl-C still interrupts. A prompt inside sets its own mode and comes back to this one.
    """
    try:
        before = termios.tcgetattr(descriptor)
    except termios.error:  # no terminal
        yield
        return
    quiet = list(before)
    quiet[0] &= ~termios.ICRNL
    quiet[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(descriptor, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        with suppress(termios.error):  # it is gone
            termios.tcsetattr(descriptor, termios.TCSANOW, before)
