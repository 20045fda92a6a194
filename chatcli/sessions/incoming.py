"""What comes in from files: chats of our own, and those of other programs, known by how a file begins."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from chatcli.core.archive import Whole
from chatcli.core.attach import decode
from chatcli.core.interchange.aichat import from_aichat
from chatcli.core.interchange.chatgpt import from_chatgpt
from chatcli.core.interchange.formats import ENOUGH, Format, format_of
from chatcli.core.interchange.ours import chats_in
from chatcli.core.interchange.records import Imported
from chatcli.core.interchange.sgpt import from_sgpt
from chatcli.env import Env
from chatcli.errors import UsageError
from chatcli.inputs import STDIN, path_of, title_of

_KNOWN: Final = (
    "Known are our own JSON lines, ChatGPT's conversations.json, llm's logs.db, aichat's and sgpt's chats."
)


class Source(NamedTuple):
    """A file of chats; ``chats`` reads them, as often as it is called. ``skipped`` had to stay behind."""

    name: str
    format: Format
    chats: Callable[[], Iterable[Whole]]
    skipped: tuple[str, ...] = ()


class Incoming:
    """Reads files that hold chats; ``llm_logs`` and ``yaml`` know the formats that take a library."""

    def __init__(
        self,
        env: Env,
        now: Callable[[], float],
        llm_logs: Callable[[Path], Imported],
        yaml: Callable[[str, str], object],
    ) -> None:
        self._env = env
        self._now = now
        self._llm_logs = llm_logs
        self._yaml = yaml

    def source(self, name: str) -> Source:
        """The chats of a file, or of standard input. Raises UsageError, and then nothing of it is of use."""
        pipe = name == STDIN or not path_of(name, self._env).is_file()
        with self._opened(name) as file:
            beginning = file.read(ENOUGH)
            found = format_of(beginning)
            match found:
                case None:
                    raise UsageError(f"{title_of(name)} holds no chats in a format that is known.", _KNOWN)
                case Format.OURS if not pipe:
                    return Source(title_of(name), Format.OURS, lambda: self._ours(name))  # it may be large
                case Format.OURS:
                    chats = tuple(_chats(name, BytesIO(beginning + file.read())))
                    return Source(title_of(name), Format.OURS, lambda: chats)
                case Format.LLM if pipe:
                    raise UsageError("llm's database cannot be read from a pipe.", "Name its file.")
                case Format.LLM:
                    read = self._llm_logs(path_of(name, self._env))
                case _:
                    text = decode(title_of(name), beginning + file.read(), "utf-8")
                    read = self._read(found, text, name)
        return Source(title_of(name), found, lambda: read.chats, read.skipped)

    def _read(self, found: Format, text: str, name: str) -> Imported:
        place, when = title_of(name), self._when(name)
        match found:
            case Format.CHATGPT:
                return from_chatgpt(text, place, when)
            case Format.SGPT:
                return from_sgpt(text, place, when)
            case _:
                return from_aichat(self._yaml(text, place), place, when)

    def _ours(self, name: str) -> Iterator[Whole]:
        with self._opened(name) as file:
            yield from _chats(name, file)

    def _opened(self, name: str) -> AbstractContextManager[BinaryIO]:
        if name == STDIN:
            return nullcontext(self._env.stdin or BytesIO())
        try:
            return path_of(name, self._env).open("rb")
        except (OSError, ValueError) as error:  # a NUL in the name
            reason = (isinstance(error, OSError) and error.strerror) or error
            raise UsageError(f"{name} cannot be read: {reason}.", "Check its name.") from error

    def _when(self, name: str) -> float:
        return self._now() if name == STDIN else path_of(name, self._env).stat().st_mtime


def _chats(name: str, file: BinaryIO) -> Iterator[Whole]:
    place = title_of(name)
    return chats_in((decode(place, line, "utf-8") for line in file), place)
