"""Values that are costly to make: built once, on first use, or warmed in a background thread."""

import gc
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Deferred(Generic[T]):
    """``get()`` builds the value the first time, whichever thread asks; later calls return the same one.

    A build that fails raises to whoever asked, and is tried again at the next ``get``.
    """

    def __init__(self, build: Callable[[], T]) -> None:
        self._build = build
        self._lock = threading.Lock()
        self._built: tuple[T] | None = None
        self._coming: threading.Thread | None = None

    def get(self) -> T:
        """The value."""
        with self._lock:
            if self._built is None:
                self._built = (self._build(),)
            return self._built[0]

    @property
    def built(self) -> T | None:
        """The value if it is there already; nothing is built."""
        return self._built[0] if self._built else None

    def soon(self, patience: float = 0.0) -> T | None:
        """The value if it is there within so many seconds; if not, it is on its way to whoever asks later."""
        if self._built is None and not self._lock.locked():
            self._coming = warm(self.get)
        if self._coming:
            self._coming.join(patience)
        return self.built


def warm(*tasks: Callable[[], object]) -> threading.Thread:
    """Run the tasks one after the other in the background; whoever needs their result meets their errors."""

    def run() -> None:
        for task in tasks:
            try:
                task()
            except Exception:  # noqa: BLE001, S112 - the foreground meets it again, and reports it
                continue

    thread = threading.Thread(target=run, name="warm-up", daemon=True)
    thread.start()
    return thread


def collect_garbage() -> None:
    """Let the collector work again, and never look at what is loaded by now: it stays to the end.

    A run begins with the collector paused, which makes imports a tenth faster.
    """
    gc.freeze()
    gc.enable()
