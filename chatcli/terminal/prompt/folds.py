"""Long pastes, folded: one character in the text, one label on the screen, whole when the text is sent."""

import re
from bisect import bisect_right
from itertools import accumulate
from typing import Final

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput
from prompt_toolkit.layout.utils import explode_text_fragments

_LINES: Final = 15  # of a paste that stands in the text as it is
_CHARACTERS: Final = 10_000  # of one that has few lines, and long ones
_PER_TOKEN: Final = 4

# Halves of characters: none comes from a keyboard, where bytes that are no text become others of them.
_MARKS: Final = range(0xD800, 0xDC00)
_MARK: Final = re.compile("[\ud800-\udbff]")
_HALF: Final = re.compile("[\ud800-\udfff]")


class Folds:
    """Every long paste of a run, and the character that stands for each.

    A fold is as easily moved over and deleted as any character, can be killed and yanked, and is there again
    when a message comes back from the history.
    """

    def __init__(self) -> None:
        self._pastes: list[str] = []
        self._labels: list[str] = []

    def fold(self, paste: str) -> str:
        """What stands in the text for a paste: itself, or a mark if it is long."""
        text = _HALF.sub("\ufffd", paste.replace("\r\n", "\n").replace("\r", "\n"))
        short = text.count("\n") < _LINES and len(text) <= _CHARACTERS
        if short or len(self._pastes) == len(_MARKS):
            return text
        self._pastes.append(text)
        self._labels.append(_label(text))
        return chr(_MARKS[len(self._pastes) - 1])

    def whole(self, text: str) -> str:
        """The text with all that is folded in it, and no half characters."""
        return _HALF.sub(lambda half: self._paste(half[0]) or "\ufffd", text)

    def length(self, text: str) -> int:
        """How many characters the whole text has; quickly, for it is asked with every key."""
        marks = _MARK.findall(text) if self._pastes and not text.isascii() else ()
        return len(text) + sum(len(self._paste(mark)) - 1 for mark in marks)

    def open(self, document: Document) -> Document | None:
        """The document with the fold opened that the cursor is on or right behind; None if there is none."""
        text, at = document.text, document.cursor_position
        for start in (at, at - 1):
            if 0 <= start < len(text) and (paste := self._paste(text[start])):
                return Document(text[:start] + paste + text[start + 1 :], start + len(paste))
        return None

    def label(self, mark: str) -> str | None:
        """What is shown for a character, if it is a mark."""
        number = ord(mark) - _MARKS.start
        return self._labels[number] if 0 <= number < len(self._labels) else None

    def _paste(self, mark: str) -> str:
        number = ord(mark) - _MARKS.start
        return self._pastes[number] if 0 <= number < len(self._pastes) else ""


class ShowFolds(Processor):
    """Draws labels in place of marks."""

    def __init__(self, folds: Folds) -> None:
        self._folds = folds

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        """One line as it is shown, and where each of its characters stands then."""
        given = transformation_input.fragments
        if not _MARK.search(transformation_input.document.lines[transformation_input.lineno]):
            return Transformation(given)
        shown: StyleAndTextTuples = []
        for style, character, *_ in explode_text_fragments(given):
            label = self._folds.label(character)
            shown.append((style, character) if label is None else (f"{style} class:fold", label))
        columns = [0, *accumulate(len(text) for _, text, *_ in shown)]
        return Transformation(
            shown,
            source_to_display=lambda at: columns[min(at, len(columns) - 1)] + max(0, at - len(columns) + 1),
            display_to_source=lambda column: max(0, bisect_right(columns, column) - 1),
        )


def _label(paste: str) -> str:
    lines = len(paste.splitlines())
    return f"[pasted {lines:,} line{'' if lines == 1 else 's'}, ~{_about(len(paste) // _PER_TOKEN):,} tokens]"


def _about(number: int) -> int:
    """The number with two digits that count: nobody has counted."""
    return round(number, min(0, 2 - len(str(number))))
