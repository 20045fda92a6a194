"""One reply on its way to the screen: text in, frames out."""

from collections.abc import Callable, Sequence
from typing import Final

from chatcli.core.clock import Clock
from chatcli.terminal.reply.elements import Typesetter
from chatcli.terminal.reply.painter import Painter
from chatcli.terminal.reply.rows import Row
from chatcli.terminal.reply.settler import Settler

_FRAME: Final = 1 / 30  # seconds
_REST: Final = 8  # times as long as a frame took: drawing takes at most a ninth of a core
_LONGEST: Final = 0.5  # seconds between two frames, however long they take
_WHOLE: Final = 0.25  # seconds after which all live rows are drawn again, in case the terminal has moved them
_SLICE: Final = 3_000  # characters of a backlog that are drawn in one frame: Ctrl-C is heard between two
_IDLE: Final = 0.25  # seconds between two looks at the size of the screen


class Stream:
    """Draws one reply: finished blocks once, the open one anew in every frame.

    ``size`` gives the columns and rows of the terminal, which may change at any time.
    """

    def __init__(
        self,
        painter: Painter,
        typesetter: Typesetter,
        clock: Clock,
        size: Callable[[], tuple[int, int]] | None = None,
    ) -> None:
        self._painter = painter
        self._typesetter = typesetter
        self._clock = clock
        self._size = size
        self._shown_size = size() if size else (0, 0)
        self._settler = Settler()
        self._below: Sequence[Row] = ()
        self._pending = False
        self._next_frame = 0.0
        self._next_whole = 0.0

    def feed(self, text: str) -> None:
        """More of the reply. It is on the screen when the next frame is due: the first at once."""
        self._settler.feed(text)
        self._pending = True
        if self._clock.now() >= self._next_frame:
            self._paint()

    def show_below(self, rows: Sequence[Row]) -> None:
        """From the next frame on these stand below what is open; they are no part of the reply."""
        self._below = rows
        self._pending = True

    def tick(self) -> None:
        """Draw what is pending, if it is time."""
        if self._clock.now() >= self._next_frame and (self._pending or self._resized()):
            self._paint()

    def due(self) -> float:
        """Seconds until ``tick`` has something to do."""
        if not self._pending:
            return _IDLE
        return max(0.0, self._next_frame - self._clock.now())

    def finish(self) -> None:
        """The reply is over: draw the rest for good. A long backlog is drawn in slices."""
        while self._settler.backlog:
            self._paint()
        self._resized()
        self._painter.frame(self._typesetter.set(self._settler.finish()), ())
        self._pending = False

    def _paint(self) -> None:
        began = self._clock.now()
        self._resized()
        committed = self._typesetter.set(self._settler.take(_SLICE))
        behind = self._settler.backlog > 0
        live = [] if behind else [*self._typesetter.preview(self._settler.tail()), *self._below]
        whole = bool(committed) or began >= self._next_whole
        self._painter.frame(committed, live, whole=whole)
        if whole:
            self._next_whole = began + _WHOLE
        self._pending = behind
        ended = self._clock.now()
        rest = 0.0 if behind else min(_REST * (ended - began), _LONGEST)
        self._next_frame = max(ended + rest, 0.0 if behind else began + _FRAME)

    def _resized(self) -> bool:
        """Take in the size of the screen; whether it has changed."""
        if self._size is None or (size := self._size()) == self._shown_size:
            return False
        self._shown_size = size
        self._painter.resized(*size)
        self._typesetter.width = size[0]
        self._pending = True
        return True
