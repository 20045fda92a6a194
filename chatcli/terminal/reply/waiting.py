"""What is drawn while a reply is waited for: a spinner with the seconds, the last rows of the thoughts."""

from collections.abc import Callable, Sequence
from typing import Final

from rich.style import Style

from chatcli.core.clock import Clock
from chatcli.terminal.escape import clean
from chatcli.terminal.reply.rows import Row
from chatcli.terminal.reply.runs import Inks, Run, fold

_SPINNER: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_TURN: Final = 0.1  # seconds for each of its figures
_PATIENCE: Final = 0.15  # seconds before it appears: what comes sooner needs none
_KEPT: Final = 2_000  # characters of them: more than fill these rows


class Waiting:
    """Has ``draw`` show the wait in live rows: the spinner, and of the thoughts ``most`` rows above it."""

    def __init__(
        self, draw: Callable[[Sequence[Row]], None], clock: Clock, columns: Callable[[], int], *, most: int
    ) -> None:
        self._draw = draw
        self._clock = clock
        self._columns = columns
        self._most = most
        self._dim = Inks(None, hyperlinks=False).of(Style(dim=True))
        self._began = clock.now()
        self._next = self._began + _PATIENCE
        self._thoughts = ""
        self._thinking_since: float | None = None
        self._thought_until = self._began

    def think(self, text: str) -> None:
        """More thoughts."""
        now = self._thought_until = self._clock.now()
        if self._thinking_since is None:
            self._thinking_since = now
        self._thoughts = (self._thoughts + text)[-_KEPT:]
        self.tick()

    def tick(self) -> None:
        """Draw, if it is time."""
        now = self._clock.now()
        if now < self._next:
            return
        self._next = now + _TURN
        self._draw([*self._last_thoughts(), self._spinner(now)])

    def due(self) -> float:
        """Seconds until ``tick`` has something to do."""
        return max(0.0, self._next - self._clock.now())

    @property
    def thought(self) -> float | None:
        """For how many seconds thoughts came; None if none did."""
        return None if self._thinking_since is None else self._thought_until - self._thinking_since

    def _last_thoughts(self) -> list[Row]:
        lines = clean(self._thoughts).replace("\t", " ").strip().split("\n")
        room = self._columns() - 1
        rows = [row for line in lines[-self._most :] for row in fold([Run(line, self._dim)], room)]
        return rows[-self._most :] if self._thoughts else []

    def _spinner(self, now: float) -> Row:
        seconds = int(now - self._began)
        figure = _SPINNER[int(now / _TURN) % len(_SPINNER)]
        words = [figure, "thinking" if self._thoughts else "", f"{seconds} s" if seconds else ""]
        text = " ".join(word for word in words if word)
        return Row(f"{self._dim.on}{text}{self._dim.off}", len(text))
