"""Reads a model in a worker thread, so that the main thread, which owns the terminal, is never stuck.

Ctrl-C interrupts the main thread while it waits for the queue, in every phase of a call: looking up the
host, connecting, waiting for the first byte, between two pieces. The worker is told to hang up and left
behind; it can block nobody.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from math import inf

from chatcli.core.events import ChatModel, Chunk, Chunks, Request, Tick

_GLANCE_SECONDS = 0.1  # some systems deliver signals only between two waits


class Pumped:
    """The same model, read by a worker.

    ``due`` says in how many seconds the view wants to be called; when nothing has come by then, a ``Tick``
    does, and no sooner.
    """

    def __init__(self, model: ChatModel, due: Callable[[], float] = lambda: inf) -> None:
        self._model = model
        self._due = due

    def stream(self, request: Request) -> "_Pump":
        """The reply on its way; see ``ChatModel``."""
        return _Pump(self._model.stream(request), self._due)


class _End:
    """The last item: the error that ended the reply, or None."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class _Pump:
    def __init__(self, chunks: Chunks, due: Callable[[], float]) -> None:
        self._chunks = chunks
        self._due = due
        # Not a SimpleQueue: a signal's handler that takes longer than a wait (Ctrl-Z) makes that one endless.
        self._items: queue.Queue[Chunk | _End] = queue.Queue()

    def __iter__(self) -> Iterator[Chunk]:
        threading.Thread(target=self._work, name="model", daemon=True).start()
        while True:
            item = self._next()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item

    def close(self) -> None:
        """Hang up. The worker ends by itself."""
        self._chunks.close()

    def _next(self) -> Chunk | _End:
        """What comes next: a tick, if nothing else does in time."""
        left = max(self._due(), 0)
        while True:
            glance = min(left, _GLANCE_SECONDS)
            try:
                return self._items.get(timeout=glance)
            except queue.Empty:
                left -= glance
            if left <= 0:
                return Tick()

    def _work(self) -> None:
        error: BaseException | None = None
        try:
            for chunk in self._chunks:
                self._items.put(chunk)
        except BaseException as caught:  # noqa: BLE001 - it is raised again in the main thread
            error = caught
        self._items.put(_End(error))
