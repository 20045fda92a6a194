"""Text in the columns of a terminal: how wide it is, and where its lines break. Pure text."""

import re
from typing import Final
from unicodedata import category, east_asian_width

# The last of the columns of a table begins behind two blanks or more; what stands before it are short words.
_LAST_COLUMN: Final = re.compile(r" *(?:\S+(?: \S+){0,4} {2,})*")
_WORD: Final = re.compile(r" *[^ ]+")
_STYLE: Final = re.compile(r"\x1b\[[\d;]*m")  # ours: bold words, colours
_WITHOUT_WIDTH: Final = {"Mn", "Me", "Cf"}  # accents, joiners
_LEAST: Final = 20  # columns that are left beside an indent


def width(text: str) -> int:
    """How many columns it takes."""
    text = _STYLE.sub("", text)
    if text.isascii():
        return len(text)
    return sum(
        0 if category(char) in _WITHOUT_WIDTH else 1 + (east_asian_width(char) in "WF") for char in text
    )


def wrapped(text: str, columns: int) -> str:
    """The text with its lines broken between words.

    What is broken off stands below the last column of a table, or below the beginning of its line. A word
    that is longer than a line stays whole: the terminal breaks it.
    """
    return "\n".join(_wrapped(line, columns) for line in text.split("\n"))


def _wrapped(line: str, columns: int) -> str:
    if width(line.expandtabs()) <= columns:
        return line
    line = line.expandtabs()
    indent = _indent(line, columns)
    rows: list[str] = []
    row = ""
    for word in _WORD.findall(line):
        alone = word.lstrip(" ")
        begins = width(row) + len(word) - len(alone)
        if row.strip() and begins > len(indent) and begins + width(alone) > columns:
            rows.append(row)
            row = indent + alone
        else:
            row += word
    return "\n".join((*rows, row))


def _indent(line: str, columns: int) -> str:
    """As many blanks as stand before what is broken off; fewer where too little would fit beside them."""
    last, first = _LAST_COLUMN.match(line), len(line) - len(line.lstrip(" "))
    ends = (last.end() if last else 0, first + 2, 0)
    return " " * next(end for end in ends if end <= max(0, columns - _LEAST))
