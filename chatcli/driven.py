"""The REPL for a program: each line of standard input is a message."""

from collections.abc import Callable, Iterable
from typing import Final

from chatcli.core.attach import decode
from chatcli.core.events import Emit, Ended, Event
from chatcli.errors import ChatcliError
from chatcli.interrupts import INTERRUPTED
from chatcli.oneshot import status_of
from chatcli.repl import Repl, Speaker

OK: Final = 0


class Score:
    """Passes on what is shown and what is said; ``status`` is the exit code of what first went wrong.

    ``failed`` is told of errors that no turn ended with: of commands, of lines that are no text.
    """

    def __init__(self, view: Emit, voice: Speaker, failed: Callable[[ChatcliError], None]) -> None:
        self.status = OK
        self._view = view
        self._voice = voice
        self._failed = failed

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, Ended):
            self._note(status_of(event.reply, event.error))
        self._view(event)

    def say(self, text: str) -> None:
        """Show what was asked for."""
        self._voice.say(text)

    def aside(self, text: str) -> None:
        """Mention something in one line."""
        self._voice.aside(text)

    def error(self, error: ChatcliError) -> None:
        """Say what went wrong."""
        self._note(error.status)
        self._voice.error(error)
        self._failed(error)

    def _note(self, status: int) -> None:
        self.status = self.status or status


def drive(repl: Repl, lines: Iterable[bytes], encoding: str, score: Score) -> int:
    """Carry out line after line; returns the exit code of the first that went wrong. Ctrl-C ends it."""
    for number, line in enumerate(lines, 1):
        try:
            message = decode(f"Line {number}", line.removesuffix(b"\n").removesuffix(b"\r"), encoding)
        except ChatcliError as error:
            score.error(error)
            continue
        if not repl.step(message):
            break
        if repl.interrupted:
            return INTERRUPTED
    repl.unkept()
    return score.status
