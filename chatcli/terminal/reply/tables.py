"""Tables: columns as wide as their content where there is room, folded where there is less, else records."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias

from markdown_it.token import Token
from rich.style import Style

from chatcli.terminal.reply.inline import Inline
from chatcli.terminal.reply.rows import Row
from chatcli.terminal.reply.runs import BARE, BLANK, SPACE, Run, cells, fold, whole

_NARROWEST: Final = 8  # cells; where a column would need to be narrower, a table becomes records
_GAP: Final = 3  # cells between two columns
_COLON: Final = Run(": ", BARE)
_HANGING: Final = "  "

_Cell: TypeAlias = list[list[Run]]  # lines, of which most cells have one


class Columns(NamedTuple):
    """How a table is laid out. No widths: its rows are records. ``ruled``: a line between any two rows."""

    widths: Sequence[int]
    ruled: bool

    @property
    def size(self) -> int:
        """The cells of the widest row."""
        return sum(self.widths) + _GAP * (len(self.widths) - 1)


class Table:
    """One table, from its tokens, whose text is drawn in ``base``."""

    def __init__(self, tokens: Sequence[Token], inline: Inline, base: Style) -> None:
        self._grid = inline.inks.of(inline.theme.grid)
        head = base + inline.theme.head
        self._head: list[_Cell] = []
        self._sides: list[str] = []
        self._body: list[list[_Cell]] = []
        for token, content in pairwise(tokens):
            if token.type == "th_open":
                self._head.append(inline.cell(content.children or (), head))
                self._sides.append(str(token.attrs.get("style", "")).removeprefix("text-align:"))
            elif token.type == "td_open":
                self._body[-1].append(inline.cell(content.children or (), base))
            elif token.type == "tr_open" and self._head:
                self._body.append([])

    def columns(self, width: int) -> Columns:
        """The layout that fits into ``width`` cells."""
        columns = list(zip(self._head, *self._body, strict=True))
        natural = [max(map(_size, column)) for column in columns]
        room = width - _GAP * (len(natural) - 1)
        if sum(natural) <= room:
            return Columns(natural, ruled=False)
        least = [min(size, _NARROWEST) for size in natural]
        if sum(least) > room:
            return Columns((), ruled=False)
        # First room for whole words, then for what is left.
        least = _raised(least, [max(map(_longest_word, column)) for column in columns], room)
        return Columns(_raised(least, natural, room), ruled=True)

    def rows(self, columns: Columns, width: int, *, headed: bool = True) -> list[Row]:
        """The table; or, not ``headed``, what goes on below the rows that were drawn before."""
        if not columns.widths:
            return self._records(width, headed=headed)
        rule = self._rule(columns.widths)
        rows = [*self._lines(self._head, columns), rule] if headed else []
        for index, line in enumerate(self._body):
            if columns.ruled and (index or not headed):
                rows.append(rule)
            rows += self._lines(line, columns)
        return rows

    def _lines(self, line: Sequence[_Cell], columns: Columns) -> list[Row]:
        """One row of the table, which is as high as its highest cell."""
        folded = [_folded(cell, width) for cell, width in zip(line, columns.widths, strict=True)]
        height = max(map(len, folded))
        return [
            self._joined([rows[at] if at < len(rows) else BLANK for rows in folded], columns)
            for at in range(height)
        ]

    def _joined(self, parts: Sequence[Row], columns: Columns) -> Row:
        padded = [
            _padded(part, width, side)
            for part, width, side in zip(parts, columns.widths, self._sides, strict=True)
        ]
        on, off = self._grid
        ansi = f" {on}│{off} ".join(padded)
        bare = ansi.rstrip(" ")
        return Row(bare, columns.size - (len(ansi) - len(bare)))

    def _rule(self, widths: Sequence[int]) -> Row:
        line = "─┼─".join(["─" * width for width in widths])
        return whole([Run(line, self._grid)])

    def _records(self, width: int, *, headed: bool) -> list[Row]:
        """A block of rows for each row of the table, which names the column before each cell."""
        rows: list[Row] = []
        empty: list[_Cell] = [[[]] for _ in self._head]
        for index, line in enumerate(self._body or [empty]):
            if index or not headed:
                rows.append(BLANK)
            for name, cell in zip(self._head, line, strict=True):
                if any(name) or any(cell):
                    first, *more = _folded(_named(name, cell), width - len(_HANGING))
                    rows += [first, *(Row(_HANGING + row.ansi, len(_HANGING) + row.cells) for row in more)]
        return rows


def _padded(part: Row, width: int, side: str) -> str:
    blanks = width - part.cells
    before = {"right": blanks, "center": blanks // 2}.get(side, 0)
    return f"{' ' * before}{part.ansi}{' ' * (blanks - before)}"


def _folded(cell: _Cell, width: int) -> list[Row]:
    return [row for line in cell for row in fold(line, width)]


def _named(name: _Cell, cell: _Cell) -> _Cell:
    """The cell with the name of its column before it."""
    if not any(name):
        return cell
    first = [run for line in name for run in (*line, SPACE)]
    return [[*first[:-1], _COLON, *cell[0]], *cell[1:]]


def _size(cell: _Cell) -> int:
    return max([sum([cells(run.text) for run in line]) for line in cell])


def _longest_word(cell: _Cell) -> int:
    words = [word for line in cell for word in "".join([run.text for run in line]).split()]
    return max(map(cells, words), default=0)


def _raised(least: Sequence[int], most: Sequence[int], room: int) -> list[int]:
    """Widths of at least ``least`` that fill the room: the narrowest grow first, none beyond its ``most``."""

    def at(level: int) -> list[int]:
        return [max(low, min(high, level)) for low, high in zip(least, most, strict=True)]

    widths = at(bisect_right(range(room + 1), room, key=lambda level: sum(at(level))) - 1)
    left = room - sum(widths)
    for index, high in enumerate(most):
        if left and widths[index] < high:
            widths[index] += 1
            left -= 1
    return widths
