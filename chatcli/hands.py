"""What reaches beyond the chat: files that are written, the shell, the clipboard, the editor."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

from chatcli.env import Env
from chatcli.errors import ChatcliError


class SystemHands:
    """Does it in the world of ``env``.

    ``run`` carries out a command in the shell, with a text on its standard input, and gives what it printed;
    ``copy`` reaches the clipboard; ``edit`` opens a file in the person's editor; ``key`` asks a question and
    gives the answer. Within ``lent`` the keyboard is as the shell left it.
    """

    def __init__(  # noqa: PLR0913 - each of them is another world
        self,
        env: Env,
        *,
        run: Callable[[str, str | None], str],
        copy: Callable[[str], str],
        edit: Callable[[Path], None],
        answer: Callable[[str], str],
        lent: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._env = env
        self._run = run
        self._copy = copy
        self._edit = edit
        self._answer = answer
        self._lent = lent

    def write(self, path: str, text: str) -> str:
        """Put the text into the file, if nobody minds; what was done, in words."""
        file = self._env.cwd / path
        if file.exists() and not self.agreed(f"{path} exists. Write over it?"):
            return f"{path} is as it was"
        try:
            file.write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            raise ChatcliError(f"{path} cannot be written: {error.strerror or error}.") from error
        return f"wrote {len(text.splitlines()):,} lines to {path}"

    def run(self, command: str, given: str | None) -> str:
        """Run the command in the shell where the person sees it; what it printed."""
        with self._lent():
            return self._run(command, given)

    def copy(self, text: str) -> str:
        """Put the text on the clipboard; by what means, in words."""
        return self._copy(text)

    def edit(self, text: str, suffix: str) -> str:
        """Have the person edit the text."""
        with TemporaryDirectory(prefix="chatcli-") as folder:
            file = Path(folder) / f"text{suffix}"
            file.write_text(text, encoding="utf-8", newline="")
            with self._lent():
                self._edit(file)
            return file.read_text(encoding="utf-8")

    def agreed(self, question: str) -> bool:
        """Whether the person says yes; where nobody can be asked, no."""
        with self._lent():
            return self._answer(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
