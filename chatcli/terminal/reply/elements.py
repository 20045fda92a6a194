"""Blocks of Markdown as rows: paragraphs, headings, lists, quotes, code and tables."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Final, NamedTuple, assert_never

from markdown_it.token import Token
from rich.style import Style

from chatcli.terminal.escape import clean, one_line
from chatcli.terminal.reply.highlight import Code, Highlighter, begin
from chatcli.terminal.reply.inline import Inline
from chatcli.terminal.reply.pieces import (
    Begun,
    Blocks,
    CodeBegins,
    CodeEnds,
    CodeLines,
    Piece,
    TableBegins,
    TableEnds,
    TableRows,
    Verbatim,
)
from chatcli.terminal.reply.rows import Row
from chatcli.terminal.reply.runs import BARE, BLANK, SPACE, Inks, Run, chop, flat, fold, fold_on, whole
from chatcli.terminal.reply.tables import Columns, Table
from chatcli.terminal.reply.themes import Theme, in_few_colours

_LEAST_ROOM: Final = 8  # cells; what would leave less for the text is not indented
_TAB: Final = 4  # cells
_BULLETS: Final = "•◦▪"
_TASK: Final = re.compile(r"\[([ xX])\] ")
_LISTS: Final = {"bullet_list_open", "ordered_list_open"}


class _Begun(NamedTuple):
    """A block that goes on in the next piece: what stands in its last row, and whether rows are above it."""

    last: Sequence[Run]
    drawn: bool


@dataclass(slots=True)
class _State:
    """What the rows to come depend on."""

    kind: str = ""  # of the top-level block at hand
    drawn: str = ""  # the kind of the last block that has rows, if any
    gap: Row | None = None  # the row to be drawn before the next one
    code: Code | None = None  # the open fence
    columns: Columns | None = None  # of the open long table
    begun: _Begun | None = None  # the open long paragraph


class Typesetter:
    """Turns the pieces of a reply into rows of at most ``width`` cells, which may be set anew between calls.

    ``colours`` is "truecolor", "256", "standard", or None for attributes such as bold only; without those
    too the layout is all.
    """

    def __init__(
        self,
        width: int,
        theme: Theme,
        *,
        colours: str | None,
        hyperlinks: bool,
        attributes: bool = True,
    ) -> None:
        self.width = width
        few = colours == "standard"
        theme = in_few_colours(theme) if few else theme
        inks = Inks(colours, hyperlinks=hyperlinks, attributes=attributes)
        self._inline = Inline(theme, inks)
        self._highlighter = Highlighter(theme.syntax, inks, few=few)
        self._state = _State()

    def set(self, pieces: Iterable[Piece]) -> list[Row]:
        """The rows of these pieces, which follow those that were set before."""
        return self._rows(pieces, self._state, final=True)

    def preview(self, pieces: Iterable[Piece]) -> list[Row]:
        """The same rows, as if they had not been asked for. Long lines of code are folded."""
        return self._rows(pieces, replace(self._state), final=False)

    def _rows(self, pieces: Iterable[Piece], state: _State, *, final: bool) -> list[Row]:
        sheet = _Sheet(self.width, self._inline, self._highlighter, state, final=final)
        for piece in pieces:
            sheet.add(piece)
        return sheet.rows


@dataclass(slots=True)
class _List:
    """An open list: the number of its next item, or None for bullets."""

    number: int | None
    begun: bool  # an item of it has been drawn


class _Sheet:
    """Rows, as they are filled by one piece after the other.

    Every row begins with a margin: the bars of quotes, the indentation of items. An item's first row has its
    marker there.
    """

    def __init__(
        self, width: int, inline: Inline, highlighter: Highlighter, state: _State, *, final: bool
    ) -> None:
        self.rows: list[Row] = []
        self._width = max(width, 1)
        self._inline = inline
        self._theme = inline.theme
        self._ink_of = inline.inks.of
        self._highlighter = highlighter
        self._state = state
        self._final = final
        self._style = self._heading = Style.null()
        self._margin = BLANK
        self._marker: Row | None = None  # the margin of the next row, if it has an item's marker
        self._unmarked: Row | None = None  # what is left of that marker, if it is a bullet
        self._fresh = True  # nothing has been drawn in the container at hand
        self._around: list[tuple[Row, Style]] = []  # margin and style outside of each container
        self._lists: list[_List] = []
        self._resumed = False  # what is opened has been drawn: the beginning of its text too
        self._open_ended = False  # the text at hand goes on in the next piece

    def add(self, piece: Piece) -> None:  # noqa: C901 - a case for each kind of piece
        """The rows of one more piece."""
        state = self._state
        match piece:
            case Blocks(tokens):
                self._blocks(tokens)
            case Begun(tokens):
                self._begun(tokens)
            case CodeBegins(info, spaced):
                self._gap("fence", spaced=spaced)
                state.code = self._label(info)
            case CodeLines(lines):
                state.code = self._code(lines, state.code or begin(""))
            case CodeEnds():
                state.code = None
            case TableBegins(tokens):
                self._gap("table_open", spaced=True)
                table = Table(tokens, self._inline, self._style)
                state.columns = table.columns(self._width)
                self._put(table.rows(state.columns, self._width))
            case TableRows(tokens):
                table = Table(tokens, self._inline, self._style)
                if state.columns is None or state.columns.size > self._width:
                    state.columns = table.columns(self._width)
                self._put(table.rows(state.columns, self._width, headed=False))
            case TableEnds():
                state.columns = None
            case Verbatim(text):
                self._gap("paragraph_open", spaced=True)
                self._verbatim(text, self._style)
            case _:
                assert_never(piece)

    def _begun(self, tokens: Sequence[Token]) -> None:
        """All rows of a block but its last, which is not full yet."""
        above, before = len(self.rows), self._state.begun
        self._open_ended = True
        self._blocks(tokens)
        self._open_ended = False
        if self._state.begun and (len(self.rows) > above or (before and before.drawn)):
            self._state.begun = self._state.begun._replace(drawn=True)

    @property
    def _room(self) -> int:
        return self._width - self._margin.cells

    def _blocks(self, tokens: Sequence[Token]) -> None:  # noqa: C901, PLR0912 - a case for each kind of token
        self._resumed = self._state.begun is not None and self._state.begun.drawn
        left = iter(tokens)
        for token in left:
            match token.type:
                case "inline":
                    self._words(token)
                case "paragraph_open":
                    self._begin(token)
                case "heading_open":
                    self._begin(token)
                    self._heading = self._theme.heading(token.tag)
                case "heading_close":
                    self._heading = Style.null()
                case "bullet_list_open" | "ordered_list_open":
                    self._open_list(token)
                case "list_item_open":
                    self._open_item(token)
                case "bullet_list_close" | "ordered_list_close":
                    self._lists.pop()
                case "blockquote_open":
                    self._begin(token)
                    self._open_quote()
                case "list_item_close" | "blockquote_close":
                    self._leave()
                case "fence" | "code_block":
                    self._begin(token)
                    self._code(_lines(token.content), self._label(token.info))
                case "table_open":
                    self._begin(token)
                    content = list(takewhile(lambda token: token.type != "table_close", left))
                    table = Table(content, self._inline, self._style)
                    self._put(table.rows(table.columns(self._room), self._room))
                case "hr":
                    self._begin(token)
                    self._put([whole([Run("─" * self._room, self._ink_of(self._theme.rule))])])
                case "html_block":
                    self._begin(token)
                    self._verbatim(token.content, self._theme.html)
                case "math_block":
                    self._begin(token)
                    self._verbatim(token.content, self._theme.math)
                case "definition":
                    self._begin(token)
                    self._definition(token)

    def _begin(self, token: Token) -> None:
        """A blank row before this block, if that is where one belongs."""
        self._gap(token.type, spaced=bool(token.meta.get("spaced")))

    def _gap(self, kind: str, *, spaced: bool) -> None:
        state = self._state
        if self._around:
            wanted = spaced and not self._fresh and self._marker is None
        else:
            state.kind = kind
            joined = (state.drawn == "paragraph_open" and kind in _LISTS and not spaced) or (
                state.drawn == kind == "definition"
            )
            wanted = bool(state.drawn) and not joined
        if wanted and state.gap is None and not self._resumed:
            state.gap = _stripped(self._margin)
        self._fresh = False

    def _put(self, rows: Sequence[Row]) -> None:
        """The rows, with what belongs before and beside them."""
        state = self._state
        if not rows:
            return
        if state.gap is not None:
            self.rows.append(state.gap)
            state.gap = None
        state.drawn = state.kind
        if not self._around:
            self.rows += rows
            return
        margin = self._marker or self._margin
        for row in rows:
            self.rows.append(_beside(margin, row) if row.ansi else _stripped(margin))
            margin = self._margin
        self._marker = None

    def _words(self, token: Token) -> None:
        lines = self._inline.lines(token.children or (), self._style + self._heading)
        state = self._state
        if state.begun:
            lines[0][:0] = state.begun.last
            state.begun, self._resumed = None, False
        if self._marker is not None and lines[0]:
            self._tick(lines[0])
        room = self._room
        if not self._open_ended:
            self._put([row for line in lines for row in fold(line, room)])
            return
        *full, last = lines
        rows, rest = fold_on(last, room)
        self._put([row for line in full for row in fold(line, room)] + rows)
        state.begun = _Begun(rest, drawn=False)

    def _tick(self, line: list[Run]) -> None:
        """A task has a box for its brackets, which takes the place of a bullet."""
        text, ink = line[0]
        brackets = _TASK.match(text)
        if brackets is None:
            return
        line[0] = Run(text[brackets.end() :], ink)
        open_ = brackets[1] == " "
        box = Run("☐" if open_ else "☑", self._ink_of(self._theme.marker if open_ else self._theme.done))
        if self._unmarked is None:
            line[:0] = [box, SPACE]
        else:
            self._marker = _beside(self._unmarked, whole([box, SPACE]))

    def _open_list(self, token: Token) -> None:
        continued = bool(token.meta.get("continued"))
        if continued:
            self._state.kind = token.type
        else:
            self._begin(token)
        number = int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None
        self._lists.append(_List(number, begun=continued))

    def _open_item(self, token: Token) -> None:
        items = self._lists[-1]
        if items.begun and token.meta.get("spaced") and not self._resumed:
            self._state.gap = _stripped(self._margin)
        items.begun = True
        ink = self._ink_of(self._theme.marker)
        if items.number is None:
            depth = sum([outer.number is None for outer in self._lists])
            marker = [Run(_BULLETS[min(depth, len(_BULLETS)) - 1], ink), SPACE]
        else:
            number = str(items.number)
            items.number += 1
            marker = [Run(" " * (2 - len(number)), BARE), Run(number + token.markup, ink), SPACE]
        self._around.append((self._margin, self._style))
        self._fresh = True
        mark = whole(marker)
        if self._room - mark.cells < _LEAST_ROOM:
            if not self._resumed:
                self._put(chop(marker, self._room))
            return
        unmarked = self._marker or self._margin
        self._marker = None if self._resumed else _beside(unmarked, mark)
        self._unmarked = unmarked if items.number is None else None
        self._margin = _beside(self._margin, Row(" " * mark.cells, mark.cells))

    def _open_quote(self) -> None:
        self._around.append((self._margin, self._style))
        self._fresh = True
        self._style += self._theme.quote
        self._unmarked = None
        bar = whole([Run("▌", self._ink_of(self._theme.bar)), SPACE])
        if self._room - bar.cells < _LEAST_ROOM:
            return
        if self._marker is not None:
            self._marker = _beside(self._marker, bar)
        self._margin = _beside(self._margin, bar)

    def _leave(self) -> None:
        """The end of an item or a quote. If there is nothing in it, its marker is drawn all the same."""
        if self._marker is not None and not self._open_ended:
            self._put([BLANK])
        self._marker = None
        self._margin, self._style = self._around.pop()
        self._fresh = False

    def _label(self, info: str) -> Code:
        """The language of a block of code above it, and what is needed to highlight it."""
        label = one_line(info)
        if label:
            self._put(fold([Run(label, self._ink_of(self._theme.label))], self._room))
        return begin(label)

    def _code(self, lines: Iterable[str], code: Code) -> Code:
        # A line that is printed for good is left whole, so that it is copied as it was written.
        rows: list[Row] = []
        for line in lines:
            runs, code = self._highlighter.line(clean(line.expandtabs(_TAB)).rstrip(" "), code)
            rows += [whole(runs)] if self._final else chop(runs, self._room)
        self._put(rows)
        return code

    def _verbatim(self, text: str, style: Style) -> None:
        ink = self._ink_of(self._style + style)
        lines = text.strip("\n").expandtabs(_TAB).split("\n")
        self._put([row for line in lines for row in fold([Run(flat(line), ink)], self._room)])

    def _definition(self, token: Token) -> None:
        label, url, title = (str(token.meta[part]) for part in ("label", "url", "title"))
        text = one_line(f'[{label}]: {url} "{title}"' if title else f"[{label}]: {url}")
        self._put(fold([Run(text, self._ink_of(self._style + self._theme.url, url))], self._room))


def _lines(content: str) -> list[str]:
    return content.removesuffix("\n").split("\n") if content else []


def _beside(left: Row, right: Row) -> Row:
    return Row(left.ansi + right.ansi, left.cells + right.cells)


def _stripped(row: Row) -> Row:
    bare = row.ansi.rstrip(" ")
    return Row(bare, row.cells - len(row.ansi) + len(bare))
