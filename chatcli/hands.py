"""What reaches beyond the chat: files that are written, the shell, the clipboard, the editor."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from secrets import token_hex
from signal import SIGINT, Signals
from tempfile import TemporaryDirectory
from typing import Final

from chatcli.core.attach import decode
from chatcli.core.printout import Printout, text_of
from chatcli.env import Env
from chatcli.errors import ChatcliError, UsageError

_STOPPED: Final = {-SIGINT, 128 + SIGINT}  # Ctrl-C, as it is told of a program and by a shell
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL


class SystemHands:
    """Does it in the world of ``env``.

    ``run`` carries out a command in the shell, with a text on its standard input or the keyboard, and gives
    what it printed; ``copy`` reaches the clipboard; ``edit`` opens a file in the person's editor; ``answer``
    asks a question and gives what was typed; ``say`` mentions something. Within ``lent`` the terminal is
    another program's.
    """

    def __init__(  # noqa: PLR0913 - each of them is another world
        self,
        env: Env,
        *,
        run: Callable[[str, str | None], Printout],
        copy: Callable[[str], str],
        edit: Callable[[Path], None],
        answer: Callable[[str], str],
        say: Callable[[str], None],
        lent: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._env = env
        self._run = run
        self._copy = copy
        self._edit = edit
        self._answer = answer
        self._say = say
        self._lent = lent

    def write(self, path: str, text: str, *, new_folder: bool = False) -> str:
        """Put the text into the file, if nobody minds; what was done, in words."""
        data = text.encode("utf-8", "replace")
        try:
            file = self._file(path)
            if file.is_file() and not self.agreed(f"{path} exists. Write over it?"):
                return f"{path} exists, and is as it was"
            if new_folder:
                file.parent.mkdir(parents=True, exist_ok=True)
            _put(file, data)
        except (OSError, ValueError, RuntimeError) as error:  # the last two: a NUL, a circle of links
            missing = isinstance(error, FileNotFoundError)
            hint = "Its folder is not there: /run mkdir -p makes one." if missing else ""
            raise ChatcliError(f"{path} cannot be written: {_reason(error)}.", hint) from error
        lines = data.count(b"\n") + (not data.endswith(b"\n") and data != b"")
        return f"wrote {_counted(lines, 'line')}, {_counted(len(data), 'byte')}, to {path}"

    def run(self, command: str, given: str | None) -> str:
        """Run the command in the shell where the person sees it; what it printed, if it is text.

        How it ended is said where it did not end well. What the person has stopped counts for nothing.
        """
        try:
            with self._lent():
                status, printed = self._run(command, given)
        except (OSError, ValueError) as error:  # a NUL in the command
            raise ChatcliError(f"The shell cannot run that: {_reason(error)}.", "SHELL names it.") from error
        if status:
            self._say(f"[{_ending(status)}]")
        if status in _STOPPED:
            return ""
        try:
            return text_of(printed)
        except UsageError:
            self._say("[what it printed is no text, so it cannot go along with a message]")
            return ""

    def copy(self, text: str) -> str:
        """Put the text on the clipboard; by what means, in words."""
        return self._copy(text)

    def edit(self, text: str, suffix: str) -> str:
        """Have the person edit the text."""
        with TemporaryDirectory(prefix="chatcli-") as folder:
            file = Path(folder) / f"text{suffix}"
            file.write_bytes(text.encode("utf-8", "replace"))
            try:
                with self._lent():
                    self._edit(file)
                return decode("What the editor left", file.read_bytes())
            except OSError as error:
                hint = "VISUAL or EDITOR names the one to use."
                raise ChatcliError(f"Nothing was edited: {_reason(error)}.", hint) from error

    def agreed(self, question: str) -> bool:
        """Whether the person says yes; where nobody can be asked, no."""
        return self._answer(f"{question} [y/N] ").strip().lower() in {"y", "yes"}

    def _file(self, path: str) -> Path:
        """The file that is meant; behind a link, the one it leads to."""
        home, tilde = self._env.environ.get("HOME"), path.removeprefix("~")
        inside = home and path != tilde and tilde[:1] in {"", "/"}
        return (self._env.cwd / (f"{home}{tilde}" if inside else path)).resolve()


def _put(file: Path, data: bytes) -> None:
    """Put the data there whole, or leave what there is as it was."""
    old = file.stat() if file.is_file() else None
    if old is None and file.exists():  # a device, a pipe; a folder raises
        file.write_bytes(data)
        return
    if old and not os.access(file, os.W_OK):
        raise PermissionError("it is read-only")
    draft = file.with_name(f".chatcli-{token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, _NEW, 0o666), "wb") as stream:
            stream.write(data)
            if old:
                os.fchmod(stream.fileno(), old.st_mode & 0o7777)
        draft.replace(file)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _ending(status: int) -> str:
    if status > 0:
        return f"the command ended with status {status}"
    try:
        return f"{Signals(-status).name} ended the command"
    except ValueError:  # a signal without a name
        return f"signal {-status} ended the command"
