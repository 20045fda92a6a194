"""What was typed before: in a file, to which several processes may write at once."""

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final

from prompt_toolkit.auto_suggest import AutoSuggest, Suggestion
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.history import History

from chatcli.terminal.prompt.folds import Folds

_BYTES: Final = 1 << 20  # of the file's end, that are read
_FOLDED: Final = 500  # entries that are folded: there are not many more folds, and nobody goes up further
_SUGGESTED: Final = 2_000  # entries among which a suggestion is looked for
_LONGEST: Final = 500  # characters of a line that may be the beginning of another

_ENTRY: Final = re.compile(rb"(?:^\+.*\n?)+", re.MULTILINE)
_SET_OFF: Final = re.compile(rb"\n*(?:^#.*\n)?" + _ENTRY.pattern, re.MULTILINE)  # by what stands before it


class Remembered(History):
    """The entries of a file, in prompt_toolkit's format; in memory alone where there is no file, or no disk.

    A line that begins with a blank is not kept, nor anything while ``private`` says so. What is folded by
    ``folds`` is whole in the file.
    """

    def __init__(self, file: Path | None, private: Callable[[], bool], folds: Folds) -> None:
        super().__init__()
        self._file = file
        self._private = private
        self._folds = folds

    @property
    def newest(self) -> Sequence[str]:
        """The entries that are known by now, the newest first."""
        return self._loaded_strings

    def append_string(self, string: str) -> None:
        """Remember it, if it is meant to be remembered."""
        if not string.startswith(" ") and not self._private():
            super().append_string(string)

    def load_history_strings(self) -> Iterable[str]:
        """The entries of the file's end, the newest first; what is damaged is passed over."""
        if self._file is None:
            return ()
        with suppress(OSError):
            entries = list(_entries(_end_of(self._file)))[::-1]
            return [*map(self._folds.inner, entries[:_FOLDED]), *entries[_FOLDED:]]
        return ()

    def store_string(self, string: str) -> None:
        """Add an entry, in one write: what other processes add stands before it or behind it."""
        if self._file is None:
            return
        lines = "".join(f"+{line}\n" for line in self._folds.whole(string).split("\n"))
        with suppress(OSError):  # the chat is worth more
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.write(file, f"\n\n{lines}".encode())
            finally:
                os.close(file)


class Suggested(AutoSuggest):
    """The rest of the newest entry that begins with what is typed; of its first line, for one is seen."""

    def __init__(self, history: Remembered) -> None:
        self._history = history

    def get_suggestion(self, buffer: Buffer, document: Document) -> Suggestion | None:  # noqa: ARG002
        """What the right arrow would add."""
        typed = document.text
        if not typed or len(typed) > _LONGEST or "\n" in typed:
            return None
        begun = (entry for entry in islice(self._history.newest, _SUGGESTED) if entry.startswith(typed))
        rests = (entry[len(typed) :].partition("\n")[0] for entry in begun)
        rest = next(filter(None, rests), "")
        return Suggestion(rest) if rest else None


def without(content: bytes, texts: Collection[str]) -> bytes:
    """The content of a file of entries, less those that are one of these texts, or how it is typed."""
    gone = {text.strip() for text in texts}

    def left(found: re.Match[bytes]) -> bytes:
        entry = next(_entries(found[0])).strip()
        asked = entry[1:] if entry.startswith(("//", "!!")) else entry
        return b"" if gone & {entry, asked.strip()} else found[0]

    return _SET_OFF.sub(left, content)


def _end_of(file: Path) -> bytes:
    with file.open("rb") as opened:
        size = opened.seek(0, os.SEEK_END)
        opened.seek(max(0, size - _BYTES))
        end = opened.read(_BYTES)
    return end if size <= _BYTES else end.partition(b"\n\n")[2]  # an entry that is cut is none


def _entries(content: bytes) -> Iterator[str]:
    for found in _ENTRY.finditer(content):
        lines = found[0].decode("utf-8", "replace").removesuffix("\n").split("\n")
        yield "\n".join(line[1:] for line in lines)
