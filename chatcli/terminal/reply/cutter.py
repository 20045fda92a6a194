"""The rule by which a growing reply is cut: what is final, and what is still open.

Of the top-level blocks of the *complete* lines, all but the last are final. Nothing is decided on half a
line: a `2` that will be `2. item` is not a paragraph. What is final is forgotten, so that the work goes with
the size of the open block, not with that of the reply. Blocks that can grow for long do not wait for their
end: a list is given item by item, a fence line by line, a table beyond 200 rows row by row, and a paragraph
beyond 128 characters word by word, half lines too.
"""

import re
from collections import ChainMap
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from markdown_it.token import Token

from chatcli.terminal.reply.heal import heal
from chatcli.terminal.reply.parser import Parser, References, is_blank
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
)
from chatcli.terminal.reply.steady import steady

LARGE = 8_192  # characters of an open block: what is larger is shown as source, and seldom parsed again

_PATIENCE = 1_024  # characters; when an item is larger, its end may be seen a little late
_LONG_TABLE = 200  # body rows; the widths of a longer table are frozen
# Characters; what is longer is neither the text of a heading that is underlined nor the head of a table.
_LONG_TEXT = 128
_STAND_IN = "x"  # for the words of a paragraph that have been given, so that the rest is read as text
_LISTS = {"bullet_list_open", "ordered_list_open"}
_FINAL_AT_ONCE = {"heading_open", "hr"}
_FINAL_AT_A_BLANK_LINE = {"paragraph_open", "table_open", "blockquote_open", "math_block"}

_BLANK_LINES = re.compile(r"(?:[ \t]*+\n)+")

# Lines that can only make the open block longer: no need to look at it again.
_MORE_OF_THE_SAME = {
    "paragraph_open": re.compile(r"(?: {0,3}[^\W\d_][^\n]*\n)+"),
    "blockquote_open": re.compile(r"(?: {0,3}>[^\n]*\n)+"),
    "table_open": re.compile(r"(?: {0,3}\|[^\n]*\n)+"),
}


class Fence(NamedTuple):
    """A top-level fence whose lines are given one by one."""

    closing: re.Pattern[str]
    half_closing: re.Pattern[str]
    indent: int  # of the opening line: taken away from the others

    @classmethod
    def of(cls, token: Token, opening: str) -> "Fence":
        """The fence of this token, whose first line is ``opening``."""
        marker, length = re.escape(token.markup[0]), len(token.markup)
        return cls(
            re.compile(rf"^ {{0,3}}{marker}{{{length},}}[ \t]*$", re.MULTILINE),
            re.compile(rf" {{0,3}}{marker}*[ \t]*"),
            len(opening) - len(opening.lstrip(" ")),
        )


class _Block(NamedTuple):
    """The open block: what has been read and not been given."""

    source: str = ""  # complete lines, made safe
    spaced: bool = False  # whether a blank line comes before it
    kind: str = ""  # the type of its first token
    ripe: int = 0  # the size at which it is worth another look
    number: int | None = None  # of the item it is, in a list whose first ones have been given
    begun: bool = False  # whether its first words have been given: in the source there is a stand-in
    known: int = _LONG_TEXT  # the size at which it is worth a look whether words of it can be given


@dataclass(slots=True)
class Cutter:
    """Lines in, final pieces out; what is not final stays in ``block``, ``fence`` or ``head``."""

    parser: Parser
    references: References = field(default_factory=dict)  # those defined so far
    block: _Block = field(default_factory=_Block)
    fence: Fence | None = None  # set within a fence
    head: str = ""  # set within a long table: its first two lines
    healing: bool = False  # whether the last text is healed: it is only looked at

    def look(self) -> "Cutter":
        """Another one in the same place, that reads ahead and leaves this one where it is."""
        return replace(self, references=ChainMap({}, self.references), healing=True)

    def read(self, text: str, *, final: bool = False) -> list[Piece]:
        """The pieces that these lines make final: all of them, if there is nothing more to come."""
        pieces: list[Piece] = []
        while text or (final and self.block.source):
            if self.fence:
                text = self._read_code(self.fence, text, pieces)
            elif self.head:
                text = self._read_rows(text, pieces)
            else:
                text = self._read_blocks(text, pieces, final=final)
        return pieces

    @property
    def in_a_line(self) -> bool:
        """Whether half a line has been read."""
        return self.block.source[-1:] not in {"", "\n"}

    def ahead(self, half: str) -> list[Piece]:
        """What cannot change of a long paragraph at the end of the open block, with half a line more of it.

        If there is anything, the half line has been read.
        """
        block = self.block._replace(source=self.block.source + half)
        if self.fence or self.head or not block.known <= len(block.source) <= LARGE:
            return []
        tokens = self._block_pass(block)
        line, text = _last_text(tokens)
        if text and len(half) > _LONG_TEXT and 0 < line == self.block.source.count("\n"):
            pieces: list[Piece] = []
            self.block = self.block._replace(kind="", ripe=0)
            self._read_blocks(half, pieces, final=False)  # something new: all that is before it is final
            return pieces + self.ahead("")
        if text is None or line:
            self.block = self.block._replace(known=len(block.source) * 3 // 2)
            return []
        end = steady(_without_a_head(text.content))
        if not end:
            self.block = self.block._replace(known=len(block.source) + max(len(block.source) // 5, 16))
            return []
        source = _begun(block.source, text.content, end)
        self.block = block._replace(source=source, kind=tokens[0].type, begun=True, known=0)
        text.content = text.content[:end]
        self._inline_pass(tokens)
        return [Begun(tokens)]

    def close(self) -> list[Piece]:
        """The ends of what is given line by line."""
        ends: list[Piece] = []
        if self.fence:
            ends.append(CodeEnds())
        if self.head:
            ends.append(TableEnds())
        self.fence, self.head = None, ""
        return ends

    # Each reader adds to the pieces, and returns the text that is another reader's.

    def _read_blocks(self, text: str, pieces: list[Piece], *, final: bool) -> str:
        block = self.block
        if not block.source and (blank := _BLANK_LINES.match(text)):
            self.block = _Block(spaced=True)
            return text[blank.end() :]
        block = block._replace(source=block.source + text)
        if not final and _can_wait(block, text):
            self.block = block
            return ""

        tokens, lines = self._block_pass(block), block.source.split("\n")
        cut = len(tokens) if final else _first_open(tokens, block.source)
        if cut == len(tokens):
            self._give(tokens, pieces)
            self.block = _Block(spaced=not final and is_blank(lines[-2]))
            return ""
        opening = tokens[cut]
        line, _ = _span(opening)
        if opening.type == "fence":
            self._give(tokens[:cut], pieces)
            pieces.append(CodeBegins(opening.info, opening.meta["spaced"]))
            self.fence, self.block = Fence.of(opening, lines[line]), _Block()
            return "\n".join(lines[line + 1 :])
        if _is_long(opening):
            self._give(tokens, pieces)
            pieces.pop()  # it has not ended
            self.head, self.block = "\n".join([*lines[line : line + 2], ""]), _Block()
            return ""
        if opening.type in _LISTS:
            self._read_items(tokens, cut, lines, pieces)
            return ""
        self._give(tokens[:cut], pieces)
        self.block = _opened(_Block() if line else self.block, opening, "\n".join(lines[line:]))
        return ""

    def _read_items(self, tokens: list[Token], cut: int, lines: list[str], pieces: list[Piece]) -> None:
        """Gives what is before the open list, and all its items but the last: that is the open block."""
        opening = tokens[cut]
        items = [at for at in range(cut, len(tokens)) if _is_item(tokens[at])]
        last = items[-1]
        self._give([*tokens[:last], tokens[-1]] if len(items) > 1 else tokens[:cut], pieces)
        line, _ = _span(tokens[last])
        self.block = _opened(_Block() if line else self.block, opening, "\n".join(lines[line:]))
        if len(items) > 1 or opening.meta.get("continued"):
            number = int(opening.attrs.get("start", 1)) + len(items) - 1
            self.block = self.block._replace(spaced=tokens[last].meta["spaced"], number=number)

    def _read_code(self, fence: Fence, text: str, pieces: list[Piece]) -> str:
        closing = fence.closing.search(text)
        lines = (text[: closing.start()] if closing else text).split("\n")
        if not lines[-1].strip(" \t"):
            lines.pop()  # what comes after the last newline is a line only if something is on it
        if lines:
            outdented = [_outdented(line, fence.indent) for line in lines] if fence.indent else lines
            pieces.append(CodeLines(outdented))
        if not closing:
            return ""
        pieces.append(CodeEnds())
        self.fence = None
        return text[closing.end() + 1 :]

    def _read_rows(self, text: str, pieces: list[Piece]) -> str:
        tokens = self.parser.blocks(self.head + text)
        end = next(at for at, token in enumerate(tokens) if token.type == "table_close") + 1
        table, rows = tokens[:end], _rows(tokens[0])
        if rows:
            self._inline_pass(table)
            pieces.append(TableRows(table))
        rest = "\n".join(text.split("\n")[rows:])
        if rest:
            pieces.append(TableEnds())
            self.head = ""
        return rest

    def _block_pass(self, block: _Block) -> list[Token]:
        spaced = block.spaced and block.number is None
        tokens = self.parser.blocks(block.source, spaced=spaced, begun=block.begun)
        if block.number is not None:
            opening, item = tokens[:2]
            opening.meta["continued"] = True
            if opening.type == "ordered_list_open":
                opening.attrs["start"] = block.number
            item.meta["spaced"] = block.spaced
        if block.begun:
            text = next(token for token in tokens if token.type == "inline")
            text.content = text.content.removeprefix(_STAND_IN)
        return tokens

    def _inline_pass(self, tokens: Sequence[Token]) -> None:
        if self.healing:
            _heal_last(tokens)
        self.parser.inlines(tokens, self.references)

    def _give(self, tokens: Sequence[Token], pieces: list[Piece]) -> None:
        """Adds whole blocks to the pieces."""
        self._inline_pass(tokens)
        begin = 0
        for at, token in enumerate(tokens):
            if not _is_long(token):
                continue
            if begin < at:
                pieces.append(Blocks(tokens[begin:at]))
            begin = 1 + next(end for end in range(at, len(tokens)) if tokens[end].type == "table_close")
            pieces += _long_table(tokens[at:begin])
        if begin < len(tokens):
            pieces.append(Blocks(tokens[begin:]))


def _first_open(tokens: Sequence[Token], source: str) -> int:
    """The index of the token from which on nothing is final."""
    starts = [at for at, token in enumerate(tokens) if token.level == 0 and token.nesting >= 0]
    last = tokens[starts[-1]]
    if last.type in _FINAL_AT_ONCE:
        return len(tokens)
    if last.type in _FINAL_AT_A_BLANK_LINE and _ends_blank(source):
        return len(tokens)
    before = tokens[starts[-2]] if len(starts) > 1 else last
    if before.type == "definition" and last.type == "paragraph_open" and _span(before)[1] == _span(last)[0]:
        return starts[-2]  # the paragraph may turn out to be the rest of the definition's title
    return starts[-1]


def _last_text(tokens: Sequence[Token]) -> tuple[int, Token | None]:
    """The line on which the last block or item begins, and its text, if it is one paragraph so far.

    What begins with a bracket may turn out to be something else: a definition, HTML.
    """
    *_, begin = (
        at for at, token in enumerate(tokens) if _is_item(token) or token.level == 0 <= token.nesting
    )
    line, _ = _span(tokens[begin])
    at = next((at for at in range(begin, len(tokens)) if tokens[at].type == "inline"), 0)
    before, text, after = tokens[begin:at], tokens[at], tokens[at + 1 :]
    alone = all(token.nesting > 0 for token in before) and all(token.nesting < 0 for token in after)
    if not (before and alone and before[-1].type == "paragraph_open" and text.content[:1] not in {"[", "<"}):
        return line, None
    whole = _span(text) == (line, line + text.content.count("\n") + 1)  # none left out as white space
    return line, text if whole else None


def _without_a_head(text: str) -> str:
    """The text but for its last line, if that may turn out to be the head of a table."""
    last = text.rfind("\n") + 1
    return text[:last] if "|" in text[last:] else text


def _begun(source: str, text: str, end: int) -> str:
    """The source of a paragraph with this text, and with the stand-in for the text up to ``end``."""
    lines = source.split("\n")
    first, line = lines[0].rstrip(), lines[above := text.count("\n", 0, end)]
    margin = first[: len(first) - len(text.partition("\n")[0].rstrip())].removesuffix(_STAND_IN)
    at = len(line.rstrip()) - len(text[end:].partition("\n")[0].rstrip())
    return margin + _STAND_IN + "\n".join([line[at:], *lines[above + 1 :]])


def _opened(block: _Block, opening: Token, source: str) -> _Block:
    """The block with this source, of which the opening token is known now."""
    # What begins with a bracket may yet become a definition.
    kind = "" if source.lstrip(" ").startswith("[") else opening.type
    patience = LARGE if kind in _MORE_OF_THE_SAME else _PATIENCE
    ripe = len(source) * 6 // 5 if len(source) > patience else 0
    spaced = bool(opening.meta["spaced"])
    return block._replace(source=source, spaced=spaced, kind=kind, ripe=ripe, number=None)


def _can_wait(block: _Block, text: str) -> bool:
    """Whether the text, just added to the block, cannot have ended it, or whether that can be seen later."""
    if block.kind in _FINAL_AT_A_BLANK_LINE and _ends_blank(text):
        return False
    if len(block.source) < block.ripe:
        return True
    more = _MORE_OF_THE_SAME.get(block.kind)
    if more is None or not more.fullmatch(text):
        return False
    return block.kind != "table_open" or block.source.count("\n") - 2 <= _LONG_TABLE


def _ends_blank(text: str) -> bool:
    """Whether the last of these lines is blank."""
    return not text[text.rfind("\n", 0, -1) + 1 :].strip(" \t\n")


def _span(token: Token) -> tuple[int, int]:
    """The lines of a block: its first, and the one after its last."""
    assert token.map is not None
    first, end = token.map
    return first, end


def _is_item(token: Token) -> bool:
    return token.type == "list_item_open" and token.level == 1


def _rows(table: Token) -> int:
    """How many rows the table's body has."""
    first, end = _span(table)
    return end - first - 2


def _is_long(token: Token) -> bool:
    return token.type == "table_open" and token.level == 0 and _rows(token) > _LONG_TABLE


def _long_table(tokens: Sequence[Token]) -> list[Piece]:
    """A table whose widths are those of its first rows, wherever the text was torn."""
    rows = [at for at, token in enumerate(tokens) if token.type == "tr_open"][1:]
    body, frozen, ends = rows[0], rows[_LONG_TABLE], tokens[-2:]
    return [
        TableBegins([*tokens[:frozen], *ends]),
        TableRows([*tokens[:body], *tokens[frozen:]]),
        TableEnds(),
    ]


def _heal_last(tokens: Sequence[Token]) -> None:
    """Heals the text that is still being written, if it is text: the last one of the last block."""
    for token in reversed(tokens):
        if token.type == "inline" and token.content:
            token.content = heal(token.content)
            return
        if token.nesting == 0 and token.type != "inline":
            return


def _outdented(line: str, indent: int) -> str:
    """The line without so many columns of blanks; a tab reaches to the next multiple of four."""
    column = position = 0
    while column < indent and line[position : position + 1] in {" ", "\t"}:
        column += 4 - column % 4 if line[position] == "\t" else 1
        position += 1
    return " " * (column - indent) + line[position:]
