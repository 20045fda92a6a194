"""Time, handed in."""

from typing import Protocol


class Clock(Protocol):
    """Whatever tells and passes the time."""

    def now(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; a KeyboardInterrupt ends it."""
        ...
