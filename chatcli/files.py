"""The files that commands read: texts, pictures, the clipboard, and the paths that could be typed."""

import os
from collections.abc import Callable, Iterator, Sequence
from glob import has_magic, iglob
from itertools import islice
from pathlib import Path
from typing import Final

from chatcli.core.attach import staged
from chatcli.core.desk import Staged
from chatcli.core.messages import Image
from chatcli.env import Env
from chatcli.inputs import image_of, path_of, size_of, staged_of, text_of

_MOST_OFFERED: Final = 200  # of one directory: nobody reads more


class LocalFiles:
    """Files as seen from the working directory of ``env``; texts are read in ``encoding``.

    ``ignored`` says of a directory which names in it its repository ignores; ``paste`` gives the bytes on
    the clipboard.
    """

    def __init__(
        self,
        env: Env,
        encoding: str,
        ignored: Callable[[Path], Callable[[str], bool]],
        paste: Callable[[], bytes],
    ) -> None:
        self._env = env
        self._encoding = encoding
        self._ignored = ignored
        self._paste = paste

    def found(self, pattern: str, most: int) -> Sequence[str]:
        """The files that a name, a pattern or a directory stands for, but no more than ``most`` of them.

        Of a directory, those are left out that are hidden, or that the repository ignores.
        """
        path = path_of(pattern, self._env)
        if path.is_file():
            return [pattern]
        if path.is_dir():
            return list(islice(self._within(Path(pattern)), most))
        if not has_magic(pattern):
            return []
        wide = str(path) if pattern.startswith("~") else pattern
        matches = iglob(wide, root_dir=self._env.cwd, recursive=True)  # noqa: PTH207 - Path.glob takes no /*
        return sorted(islice(filter(self.is_file, matches), most))

    def is_file(self, name: str) -> bool:
        """Whether this names a file that can be read."""
        return path_of(name, self._env).is_file()

    def lies_here(self, name: str) -> bool:
        """Whether a file lies in the working directory or below it, and nothing on its path is hidden.

        Where a link leads is where the file lies.
        """
        here, path = self._env.cwd.resolve(), path_of(name, self._env).resolve()
        if not path.is_relative_to(here):
            return False
        return not any(part.startswith(".") for part in path.relative_to(here).parts)

    def size(self, name: str) -> int:
        """How many bytes a file has."""
        return size_of(name, self._env)

    def text(self, name: str) -> str:
        """What is in a file. Raises UsageError."""
        return text_of(name, self._env, self._encoding)

    def staged(self, name: str) -> Staged:
        """A file as it goes along with a message: the picture or the text that it is. Raises UsageError."""
        return staged_of(name, self._env, self._encoding)

    def image(self, name: str) -> Image:
        """The picture that a file is. Raises UsageError."""
        return image_of(name, self._env)

    def clipboard(self) -> Staged:
        """What is on the clipboard: a picture or a text. Raises ChatcliError."""
        return staged("clipboard", self._paste())

    def offers(self, typed: str) -> Sequence[str]:
        """Paths that begin like this: of a directory's entries, as a shell offers them.

        Those that are hidden are offered to whoever begins with a dot, and none that the repository ignores.
        """
        if typed == "~":
            return ["~/"]
        folder, slash, begun = typed.rpartition("/")
        names = self._names(path_of(folder + slash, self._env), begun)
        return [f"{folder}{slash}{name}" for name in islice(names, _MOST_OFFERED)]

    def _within(self, folder: Path) -> Iterator[str]:
        """The files in a directory and all beneath it."""
        for name in self._names(path_of(str(folder), self._env)):
            below = str(folder / name)
            if self.is_file(below):
                yield below
            elif name.endswith("/") and not path_of(below, self._env).is_symlink():  # it may lead in a circle
                yield from self._within(folder / name)

    def _names(self, folder: Path, begun: str = "") -> Iterator[str]:
        """What is in a directory and begins like this, in order; a directory's name ends in ``/``.

        Nothing that is ignored; what is hidden only if it is begun.
        """
        try:
            with os.scandir(folder) as entries:
                likely = [entry for entry in entries if entry.name.startswith(begun)]
                names = sorted(f"{entry.name}/" if entry.is_dir() else entry.name for entry in likely)
        except (OSError, ValueError):
            return
        ignored = self._ignored(folder)
        for name in names:
            hidden = name.startswith(".") and not begun
            if name.isprintable() and not hidden and not ignored(name):
                yield name
