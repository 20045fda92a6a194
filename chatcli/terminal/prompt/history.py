"""What was typed before: in a file, to which several processes may write at once."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final

from prompt_toolkit.auto_suggest import AutoSuggest, Suggestion
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.history import History

_BYTES: Final = 1 << 20  # of the file's end, that are read
_SUGGESTED: Final = 2_000  # entries among which a suggestion is looked for
_LONGEST: Final = 500  # characters of a line that may be the beginning of another

_ENTRY: Final = re.compile(rb"(?:^\+.*\n?)+", re.MULTILINE)


class Remembered(History):
    """The entries of a file, in prompt_toolkit's format; in memory alone where there is no file, or no disk.

    A line that begins with a blank is not kept, nor anything while ``private`` says so. ``whole`` gives the
    text that is written for one that was typed.
    """

    def __init__(self, file: Path | None, private: Callable[[], bool], whole: Callable[[str], str]) -> None:
        super().__init__()
        self._file = file
        self._private = private
        self._whole = whole

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
        with suppress(OSError):
            return list(_entries(_end_of(self._file)))[::-1] if self._file else ()
        return ()

    def store_string(self, string: str) -> None:
        """Add an entry, in one write: what other processes add stands before it or behind it."""
        if self._file is None:
            return
        lines = "".join(f"+{line}\n" for line in self._whole(string).split("\n"))
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
