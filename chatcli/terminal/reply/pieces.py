"""What the settler cuts a reply into, and the typesetter draws.

Pieces follow each other as the text does. A block that can grow for long comes in several: a long paragraph
by its words, a list item by item, a fence line by line, a long table row by row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from markdown_it.token import Token


@dataclass(frozen=True, slots=True)
class Blocks:
    """Whole top-level blocks, or whole items of one top-level list, as tokens with their inline children.

    The opening token of a block (and of a list item) says in ``meta["spaced"]`` whether the source has a
    blank line before it. The opening token of a list whose first items came in an earlier piece has
    ``meta["continued"]``; its ``start`` attribute is then the number of the first item in this piece.
    """

    tokens: Sequence[Token]


@dataclass(frozen=True, slots=True)
class Begun:
    """The first words of a block that is one paragraph so far, in whatever quotes and items, as whole tokens.

    The next piece goes on with it: its first tokens open the same block anew, its first text is the rest.
    """

    tokens: Sequence[Token]


@dataclass(frozen=True, slots=True)
class CodeBegins:
    """A top-level fence: its info string, and whether the source has a blank line before it."""

    info: str
    spaced: bool


@dataclass(frozen=True, slots=True)
class CodeLines:
    """Lines of the fence, without newlines."""

    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class CodeEnds:
    """The fence is closed, or the reply ends in it."""


@dataclass(frozen=True, slots=True)
class TableBegins:
    """The head and first rows of a table too long to wait for its end: its widths are frozen now."""

    tokens: Sequence[Token]


@dataclass(frozen=True, slots=True)
class TableRows:
    """A table again, of which only the body's rows are new."""

    tokens: Sequence[Token]


@dataclass(frozen=True, slots=True)
class TableEnds:
    """The long table is over."""


@dataclass(frozen=True, slots=True)
class Verbatim:
    """The end of an open block too large to be parsed at every frame: source, to be drawn as it is."""

    text: str


Piece: TypeAlias = (
    Blocks | Begun | CodeBegins | CodeLines | CodeEnds | TableBegins | TableRows | TableEnds | Verbatim
)
