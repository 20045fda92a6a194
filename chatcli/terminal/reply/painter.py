"""Rows to a terminal: what is finished scrolls away above, what is still open is redrawn below it.

The cursor is hidden and parked at the beginning of the first live row. When the window is resized, the
terminal moves it with that row: there it is always right to go on, whatever became of the rows below.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress

from chatcli.terminal.reply.rows import Row

_HIDE, _SHOW = "\x1b[?25l", "\x1b[?25h"  # the cursor
_WRAP, _CLIP = "\x1b[?7h", "\x1b[?7l"  # what becomes of a row that is too wide
_HOLD, _RELEASE = "\x1b[?2026h", "\x1b[?2026l"  # a terminal that knows these shows a frame at once
_ERASE_LINE, _ERASE = "\x1b[K", "\x1b[J"  # from the cursor on, to the end of the line or of the screen
# The same from the beginning of a line, but the first cell by itself: terminals that see a whole screen
# erased, from its very first cell, keep a copy of it above.
_ERASE_BELOW = "\x1b[K\x1b[C\x1b[J\r"

_MOST, _FEWEST = 10, 2  # live rows; a paragraph that grows needs two
_NARROWEST = 20  # columns of a window in which anything is drawn
_ABOVE = 6  # rows that are taken to stand above the first frame: a greeting, the question


class Painter:
    """Draws frame upon frame at the end of what is on the screen.

    ``write`` is called once for a frame, and flushes. The first frame begins where the cursor is, which must
    be the beginning of a line.
    """

    def __init__(self, write: Callable[[str], None], columns: int, rows: int) -> None:
        self._write = write
        self._columns = columns
        self._rows = rows
        self._live: Sequence[Row] = ()
        self._above = _ABOVE  # rows on the screen above the live ones: no more than there are
        self._hidden = False
        self._astray = False

    def frame(self, committed: Sequence[Row], live: Sequence[Row], *, whole: bool = False) -> None:
        """Print ``committed`` for good, and below it, in the place of what was live, what is so now.

        Of ``live`` the last rows are shown, half a screen at most. ``whole`` draws all of them
        anew, changed or not: now and then that mends what a terminal did to them behind our back.
        """
        self._above += sum([_height(row, self._columns) for row in committed])
        live = self._shown(live)
        if committed or self._astray or (whole and live):
            body = self._repainted(committed, live)
        else:
            body = self._amended(live)
        if not body:
            return
        cursor = "" if self._hidden else _HIDE
        self._live, self._hidden, self._astray = live, True, False
        self._write(f"{_HOLD}{cursor}{body}{_RELEASE}")

    def lift(self) -> None:
        """Take the live rows away: others may now write whole lines, and the next frame comes below them."""
        if self._live:
            self._live = ()
            self._write(_ERASE_BELOW)

    def resized(self, columns: int, rows: int) -> None:
        """The terminal has this size now, and has moved its rows: the next frame draws what is live anew."""
        self._above = max(min(self._above, rows - 1) - _growth(self._live, columns), 0)
        self._columns = columns
        self._rows = rows
        self._astray = bool(self._live)

    def close(self) -> None:
        """Take the live rows away and give the terminal back as it was. A frame may follow all the same."""
        if not self._hidden:
            return
        self._live, self._hidden, self._astray = (), False, False
        with suppress(OSError):  # the terminal is gone
            self._write(f"{_RELEASE}{_WRAP}{_ERASE_BELOW}{_SHOW}")

    def _shown(self, live: Sequence[Row]) -> Sequence[Row]:
        """The last of the live rows: so few that they stay on the screen when it loses half its width.

        The terminal resizes first and tells us later. What scrolls off meanwhile is there for good, and would
        be there twice. And where rows wrap, there are terminals that push as many off the screen at its top
        as they become more, however many are free at its bottom.
        """
        narrow = max(self._columns // 2, _NARROWEST)
        shown = live[-max(1, min(_MOST, self._rows // 2)) :]
        while len(shown) > _FEWEST and _growth(shown, narrow) > min(self._above, self._rows - len(shown)):
            shown = shown[1:]
        return shown

    def _repainted(self, committed: Sequence[Row], live: Sequence[Row]) -> str:
        # A terminal that has wrapped a line remembers that the next one belongs to it, whatever is written
        # there, and joins the two when it becomes wider: until the line is erased from its beginning on.
        parts = ["\r"]
        erased = self._astray
        if erased:
            parts.append(_ERASE_BELOW)
        for row in committed:
            # The terminal may wrap it, and who knows where its last part ends: too late to erase behind it.
            if row.cells >= self._columns and not erased:
                parts.append(_ERASE_BELOW)
                erased = True
            parts += _ERASE_LINE, self._drawn(row), "\r\n"
        if not live:
            parts.append(_ERASE_BELOW)
            return "".join(parts)
        *upper, last = live
        parts.append(_CLIP)
        for row in upper:
            parts += _ERASE_LINE, self._drawn(row), "\r\n"
        # Behind a row that ends at the right edge the cursor is still on its last cell, and would erase it.
        narrow = 0 < last.cells < self._columns
        parts += (_ERASE_LINE, last.ansi, _ERASE) if narrow else (_ERASE_BELOW, last.ansi)
        parts += _WRAP, _parked(len(upper))
        return "".join(parts)

    def _amended(self, live: Sequence[Row]) -> str:
        """What makes the rows that are live into these; nothing, if they are these."""
        before = self._live
        parts: list[str] = []
        at = 0
        for number, row in enumerate(live):
            if number < len(before) and before[number] == row:
                continue
            parts += "\r\n" * (number - at), self._drawn(row)
            at = number
        if len(live) < len(before):
            parts += "\r\n" * (len(live) - at), _ERASE_BELOW
            at = len(live)
        if not parts:
            return ""
        return "".join((_CLIP, *parts, _WRAP, _parked(at)))

    def _drawn(self, row: Row) -> str:
        return row.ansi + _ERASE_LINE if row.cells < self._columns else row.ansi


def _height(row: Row, columns: int) -> int:
    """How many rows of a screen it takes."""
    return max(-(-row.cells // columns), 1)


def _growth(rows: Sequence[Row], columns: int) -> int:
    """How many rows more they become where the terminal wraps them."""
    return sum([_height(row, columns) - 1 for row in rows])


def _parked(below: int) -> str:
    """The way to the first live row from one that is so many rows below it."""
    return f"\r\x1b[{below}A" if below else "\r"
