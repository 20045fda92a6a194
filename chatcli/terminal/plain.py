"""The view that writes text as it comes: the exact reply into a pipe, a safe one onto a terminal.

The reply goes to stdout and nothing else does; every other word goes to stderr.
"""

from typing import TextIO, assert_never

from chatcli.core.events import (
    Ended,
    Event,
    Notice,
    ReasoningDelta,
    Restyled,
    Retrying,
    Shown,
    Started,
    TextDelta,
    Tick,
)
from chatcli.terminal.asides import Asides
from chatcli.terminal.escape import clean
from chatcli.terminal.voice import Voice


class PlainView:
    """Writes each piece of a reply the moment it comes. Being called with an event is all it does.

    ``watched`` says that a person sees stdout: then the text is made safe for the terminal, the reasoning is
    shown (dim, on stderr), and the reply ends in a newline. Otherwise stdout gets exactly the reply, and the
    newline where ``whole_lines`` are wanted.
    """

    def __init__(
        self, out: TextIO, voice: Voice, asides: Asides, *, watched: bool, whole_lines: bool = False
    ) -> None:
        self._out = out
        self._voice = voice
        self._asides = asides
        self._watched = watched
        self._whole_lines = watched or whole_lines
        self._thinking = False
        self._held = ""  # a carriage return whose newline may come with the next piece

    def __call__(self, event: Event) -> None:
        """Show one event."""
        match event:
            case TextDelta(text):
                self._end_thoughts()
                self._write(self._untorn(text))
            case ReasoningDelta(text):
                if self._watched:
                    self._thinking = True
                    self._voice.murmur(text)
            case Started() | Notice() | Retrying():
                self._asides(event)
            case Ended(reply):
                self._end_thoughts()
                self._write(self._untorn("", last=True))
                if self._whole_lines and reply.text and not reply.text.endswith("\n"):
                    self._write("\n")
                self._asides(event)
            case Shown(text):
                self._write(text if text.endswith("\n") else f"{text}\n")
                self._asides(event)
            case Tick() | Restyled():
                pass
            case _:
                assert_never(event)

    def _write(self, text: str) -> None:
        self._out.write(clean(text) if self._watched else text)
        self._out.flush()

    def _untorn(self, text: str, *, last: bool = False) -> str:
        """What can be shown now: a terminal's line end that was torn between two pieces is one."""
        if not self._watched:
            return text
        text = self._held + text
        self._held = "\r" if text.endswith("\r") and not last else ""
        return text.removesuffix(self._held)

    def _end_thoughts(self) -> None:
        if self._thinking:
            self._thinking = False
            self._voice.murmur("\n\n")
