"""What reaches beyond the chat: files that are written, the shell, the clipboard, the editor."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from signal import SIGINT, Signals
from tempfile import TemporaryDirectory
from typing import Final

from chatcli.core.attach import decode
from chatcli.core.printout import Printout, text_of
from chatcli.core.session import first_words
from chatcli.env import Env
from chatcli.errors import ChatcliError, UsageError
from chatcli.inputs import path_of
from chatcli.outputs import NOT_WRITTEN, PRIVATE, USUAL, put, reason, replaces

_STOPPED: Final = {-SIGINT, 128 + SIGINT}  # Ctrl-C, as it is told of a program and by a shell


class SystemHands:
    """Does it in the world of ``env``.

    ``run`` carries out a command in the shell, with a text on its standard input or the keyboard, and gives
    what it printed; ``copy`` reaches the clipboard; ``edit`` opens a file in the person's editor, None where
    there is no terminal for one; ``answer`` asks a question and gives what was typed, None where nobody is
    there; ``say`` mentions something. Within ``lent`` the terminal is another program's.

    What a person hears of in passing is a ChatcliError where nobody is there: a program must be told.
    """

    def __init__(  # noqa: PLR0913 - each of them is another world
        self,
        env: Env,
        *,
        run: Callable[[str, str | None], Printout],
        copy: Callable[[str], str],
        edit: Callable[[Path], None] | None,
        answer: Callable[[str], str] | None,
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

    def write(self, path: str, text: str, *, new_folder: bool = False, private: bool = False) -> str:
        """Put the text into the file, if nobody minds; what was done, in words.

        A new file is for its owner alone where it is ``private``.
        """
        data = text.encode("utf-8", "replace")
        file = path_of(path, self._env)
        try:
            if replaces(file) and not self.agreed(f"{path} exists. Write over it?", needed=True):
                return f"{path} exists, and is as it was"
            if new_folder:
                file.parent.mkdir(parents=True, exist_ok=True)
            put(file, [data], PRIVATE if private else USUAL)
        except NOT_WRITTEN as error:
            missing = isinstance(error, FileNotFoundError)
            hint = "Its folder is not there: /run mkdir -p makes one." if missing else ""
            raise ChatcliError(f"{path} cannot be written: {reason(error)}.", hint) from error
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
            raise ChatcliError(f"The shell cannot run that: {reason(error)}.", "SHELL names it.") from error
        if status and self._answer is None:
            hint = "What it printed is on standard error."
            raise ChatcliError(f"{first_words(command)}: {_ending(status)}.", hint)
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
        """Have the person edit the text. Raises UsageError where no editor can be opened."""
        if self._edit is None:
            hint = "Write the text into a file: a message takes it by @FILE, /system too, /load line by line."
            raise UsageError("There is no terminal for an editor.", hint)
        with TemporaryDirectory(prefix="chatcli-") as folder:
            file = Path(folder) / f"text{suffix}"
            file.write_bytes(text.encode("utf-8", "replace"))
            try:
                with self._lent():
                    self._edit(file)
                return decode("What the editor left", file.read_bytes())
            except OSError as error:
                hint = "VISUAL or EDITOR names the one to use."
                raise ChatcliError(f"Nothing was edited: {reason(error)}.", hint) from error

    def agreed(self, question: str, *, needed: bool = False) -> bool:
        """Whether the person says yes; where nobody can be asked, no, or if it is ``needed`` an error."""
        if self._answer is None:
            if needed:
                hint = "Nothing was done. At a terminal you are asked."
                raise ChatcliError(f"There is nobody to ask: {question}", hint)
            return False
        return self._answer(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _ending(status: int) -> str:
    if status > 0:
        return f"the command ended with status {status}"
    try:
        return f"{Signals(-status).name} ended the command"
    except ValueError:  # a signal without a name
        return f"signal {-status} ended the command"
