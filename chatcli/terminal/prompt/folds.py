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
_AROUND: Final = 1_000  # characters of the lines before and behind what is folded of a whole text
_PER_TOKEN: Final = 4

# Halves of characters: none comes from a keyboard, where bytes that are no text become others of them.
_MARKS: Final = range(0xD800, 0xDC00)
_MARK: Final = re.compile("[\ud800-\udbff]")
_HALF: Final = re.compile("[\ud800-\udfff]")


class Folds:
    """Every long paste of a run, or text of an earlier one, and the character that stands for each.

    A fold is as easily moved over and deleted as any character, can be killed and yanked, and is there again
    when a message comes back from the history.
    """

    def __init__(self) -> None:
        self._pastes: list[str] = []
        self._labels: list[str] = []

    def fold(self, paste: str) -> str:
        """What stands in the text for a paste: itself, or a mark if it is long."""
        text = _HALF.sub("\ufffd", paste.replace("\r\n", "\n").replace("\r", "\n"))
        return self._mark(text) if _is_long(text) else text

    def again(self, text: str) -> str:
        """What stands for a text that has been whole meanwhile: what was pasted in it is folded as it was."""
        if not _is_long(text):
            return text
        # A message has lost its last newline, which may have been a paste's.
        text = _HALF.sub("\ufffd", f"{text}\n")
        for paste in sorted(self._pastes, key=len, reverse=True):
            text = text.replace(paste, self._mark(paste))
        return self.inner(text.removesuffix("\n"))

    def inner(self, text: str) -> str:
        """What stands for a text of which nobody knows what was pasted.

        If it is long, all is folded but its first and its last line, which tell what it is; and they too, if
        they are long themselves.
        """
        if not _is_long(text):
            return text
        first, _, rest = text.partition("\n")
        between, _, last = rest.rpartition("\n")
        if not between or len(first) + len(last) > _AROUND:
            return self._mark(self.whole(text))
        return f"{first}\n{self._mark(self.whole(between))}\n{last}"

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

    def _mark(self, text: str) -> str:
        """The character that stands for a text from now on; there are many, and then no more."""
        if text not in self._pastes:
            if len(self._pastes) == len(_MARKS):
                return text
            self._pastes.append(text)
            self._labels.append(_label(text))
        return chr(_MARKS[self._pastes.index(text)])

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


def _is_long(text: str) -> bool:
    return text.count("\n") >= _LINES or len(text) > _CHARACTERS


def _label(paste: str) -> str:
    lines = len(paste.splitlines())
    return f"[pasted {lines:,} line{'' if lines == 1 else 's'}, ~{_about(len(paste) // _PER_TOKEN):,} tokens]"


def _about(number: int) -> int:
    """The number with two digits that count: nobody has counted."""
    return round(number, min(0, 2 - len(str(number))))
