"""Runs of text, each in one ink, and how they fold into rows."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias
from zlib import crc32

from rich.cells import cell_len, split_graphemes
from rich.color import ColorSystem
from rich.style import Style

from chatcli.terminal.escape import clean
from chatcli.terminal.reply.rows import Row

_SYSTEMS: Final = {
    "truecolor": ColorSystem.TRUECOLOR,
    "256": ColorSystem.EIGHT_BIT,
    "standard": ColorSystem.STANDARD,
}
_OFF: Final = "\x1b[0m"
_LINK_OFF: Final = "\x1b]8;;\x1b\\"

# What a terminal may be told to open, in characters that cannot end the escape sequence.
_OPENABLE: Final = re.compile(r"(?:https?://|mailto:)[!-~]+", re.IGNORECASE)

# What surely takes one cell each. Most texts are nothing else, and as wide as they are long.
_NARROW: Final = re.compile(
    "[ -~\xa0-\xac\xae-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u205e\u2190-\u2319\u2500-\u25fc]*"
)

# Between the signs of Chinese and Japanese a line may break, but not before a closing sign, nor after an
# opening one. Everything else breaks at its blanks.
_SIGN: Final = "\u2e80-\u303e\u3041-\u312f\u3190-\ua4cf\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff"
_OPENS: Final = "（［｛〔〈《「『【〖"  # noqa: RUF001
_CLOSES: Final = (
    "、。，．・：；？！）］｝〕〉》」』】〗…ー々"  # noqa: RUF001
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ\u3099\u309a\ufe00-\ufe0f"
)
_UNITS: Final = re.compile(f"[{_OPENS}]*[{_SIGN}][{_CLOSES}]*|[^ {_SIGN}]+[{_CLOSES}]*")

_Span: TypeAlias = tuple[int, int, int]  # where a row of a text begins and ends, and its cells
_NOTHING: Final = (0, 0, 0)


class Ink(NamedTuple):
    """What is written before and after a text, so that it looks as it should."""

    on: str
    off: str


class Run(NamedTuple):
    """Text without newlines, in one ink."""

    text: str
    ink: Ink


BARE: Final = Ink("", "")
SPACE: Final = Run(" ", BARE)
BLANK: Final = Row("", 0)


class Inks:
    """Styles as escape codes of one terminal; without ``attributes`` there is no bold either."""

    def __init__(self, colours: str | None, *, hyperlinks: bool, attributes: bool = True) -> None:
        self._system = _SYSTEMS[colours] if colours else None
        self._attributes = attributes
        self._hyperlinks = hyperlinks
        self._made: dict[Style, Ink] = {}

    def of(self, style: Style, url: str = "") -> Ink:
        """The ink of a style, which leads to ``url`` where a terminal may open that."""
        ink = self._made.get(style)
        if ink is None:
            codes = ";".join(self._codes(style))
            ink = self._made[style] = Ink(f"\x1b[{codes}m", _OFF) if codes else BARE
        if not (url and self._hyperlinks and _OPENABLE.fullmatch(url)):
            return ink
        # The parts of a link that is broken over rows belong together by their id.
        link = f"\x1b]8;id={crc32(url.encode()):08x};{url}\x1b\\"
        return Ink(link + ink.on, ink.off + _LINK_OFF)

    def _codes(self, style: Style) -> list[str]:
        attributes = {
            "1": style.bold,
            "2": style.dim,
            "3": style.italic,
            "4": style.underline,
            "7": style.reverse,
            "9": style.strike,
        }
        codes = [code for code, wanted in attributes.items() if wanted and self._attributes]
        if self._system is None:
            return codes
        if style.color is not None:
            codes += style.color.downgrade(self._system).get_ansi_codes()
        if style.bgcolor is not None:
            codes += style.bgcolor.downgrade(self._system).get_ansi_codes(foreground=False)
        return codes


def flat(text: str) -> str:
    """The text as it can stand within a line: safe, and without newlines and tabs."""
    if text.isprintable():
        return text
    return clean(text).replace("\n", " ").replace("\t", " ")


def cells(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return len(text) if text.isascii() else cell_len(text)


def whole(runs: Sequence[Run]) -> Row:
    """The runs as one row, however wide."""
    parts = [f"{on}{text}{off}" for text, (on, off) in runs if text]
    return Row("".join(parts), sum([cells(text) for text, _ in runs]))


def fold(runs: Sequence[Run], width: int) -> list[Row]:
    """The runs in rows of at most ``width`` cells, broken between words where that is possible."""
    return _rows(runs, _folded_spans(runs, width))


def fold_on(runs: Sequence[Run], width: int) -> tuple[list[Row], list[Run]]:
    """The rows of ``fold`` but its last, and the runs of that: more may follow in it."""
    *full, (start, _, _) = _folded_spans(runs, width)
    rest = []
    for part, ink in runs:
        if start < len(part):
            rest.append(Run(part[start:], ink))
        start = max(start - len(part), 0)
    return _rows(runs, full), rest


def chop(runs: Sequence[Run], width: int) -> list[Row]:
    """The runs in rows of at most ``width`` cells, broken wherever a row is full."""
    text = "".join([text for text, _ in runs])
    spans = []
    for start, end, size in _full_spans(text, max(width, 1)):
        blanks = end - start - len(text[start:end].rstrip(" "))
        spans.append((start, end - blanks, size - blanks))
    return _rows(runs, spans)


def _folded_spans(runs: Sequence[Run], width: int) -> list[_Span]:
    text = "".join([text for text, _ in runs])
    spans = _narrow_spans if _NARROW.fullmatch(text) else _mixed_spans
    return spans(text, max(width, 1))


def _narrow_spans(text: str, width: int) -> list[_Span]:
    spans = []
    start, size = 0, len(text.rstrip(" "))
    while size - start > width:
        blank = text.rfind(" ", start, start + width + 1)
        words = text[start : max(blank, start)].rstrip(" ")
        if not words and text[start] != " ":  # one word fills the row
            words = text[start : start + width]
        if words:
            spans.append((start, start + len(words), len(words)))
        start += len(words)
        while text[start] == " ":
            start += 1
    return [*spans, (start, size, size - start)]


def _mixed_spans(text: str, width: int) -> list[_Span]:
    spans = []
    start = end = used = 0  # the row at hand, and its cells
    for first, last, size in _units(text, width):
        blank = first - end
        if used + blank + size > width:
            if end > start:
                spans.append((start, end, used))
            start, used, blank = first, 0, 0
        end, used = last, used + blank + size
    return [*spans, (start, end, used)]


def _units(text: str, width: int) -> Iterator[_Span]:
    """What is not broken: words, and signs with what clings to them. A word wider than a row is cut."""
    for unit in _UNITS.finditer(text):
        word, at = unit[0], unit.start()
        if (size := cell_len(word)) <= width:
            yield at, unit.end(), size
        else:
            yield from ((at + first, at + last, size) for first, last, size in _full_spans(word, width))


def _full_spans(text: str, width: int) -> list[_Span]:
    if _NARROW.fullmatch(text):
        size = len(text)
        return [(at, min(at + width, size), min(width, size - at)) for at in range(0, size, width)] or [
            _NOTHING
        ]
    spans = []
    start = used = 0
    for first, _, size in split_graphemes(text)[0]:
        if used + size > width and first > start:
            spans.append((start, first, used))
            start, used = first, 0
        used += size
    return [*spans, (start, len(text), used)]


def _rows(runs: Sequence[Run], spans: Sequence[_Span]) -> list[Row]:
    """What the spans of the joined text look like."""
    rows = []
    index, begins = 0, 0  # the run at hand, and where it begins in the joined text
    for start, end, size in spans:
        parts = []
        while index < len(runs):
            text, (on, off) = runs[index]
            ends = begins + len(text)
            if part := text[max(start - begins, 0) : end - begins]:
                parts.append(f"{on}{part}{off}")
            if ends > end:
                break
            index, begins = index + 1, ends
        rows.append(Row("".join(parts), size))
    return rows
