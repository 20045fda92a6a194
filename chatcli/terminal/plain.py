"""The view that writes text as it comes: the exact reply into a pipe, a safe one onto a terminal.

The reply goes to stdout and nothing else does; every other word goes to stderr.
"""

from typing import TextIO, assert_never

from chatcli.core.events import Ended, Event, Notice, ReasoningDelta, Retrying, Started, TextDelta
from chatcli.core.messages import Finish, Reply
from chatcli.core.session import turns_named
from chatcli.errors import ChatcliError
from chatcli.terminal.escape import clean
from chatcli.terminal.voice import Voice


class PlainView:
    """Writes each piece of a reply the moment it comes. Being called with an event is all it does.

    ``watched`` says that a person sees stdout: then the text is made safe for the terminal, the reasoning is
    shown (dim, on stderr), and the reply ends in a newline. Otherwise stdout gets exactly the reply.
    """

    def __init__(self, out: TextIO, voice: Voice, *, watched: bool) -> None:
        self._out = out
        self._voice = voice
        self._watched = watched
        self._thinking = False
        self._left_out: tuple[tuple[int, ...], tuple[int, ...]] = (), ()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        match event:
            case Started():
                self._thinking = False
                self._tell_what_is_left_out(event)
            case TextDelta(text):
                self._end_thoughts()
                self._out.write(clean(text) if self._watched else text)
                self._out.flush()
            case ReasoningDelta(text):
                if self._watched:
                    self._thinking = True
                    self._voice.murmur(text)
            case Notice(text):
                self._voice.aside(text)
            case Retrying():
                self._voice.aside(retry_line(event))
            case Ended(reply, error):
                self._end_thoughts()
                self._end(reply, error)
            case _:
                assert_never(event)

    def _tell_what_is_left_out(self, event: Started) -> None:
        """Say it when it changes, not with every question."""
        left_out = event.fitted.left_out, event.fitted.summarized
        if left_out != self._left_out and any(left_out):
            self._voice.aside(left_out_line(event))
        self._left_out = left_out

    def _end_thoughts(self) -> None:
        if self._thinking:
            self._thinking = False
            self._voice.murmur("\n\n")

    def _end(self, reply: Reply, error: ChatcliError | None) -> None:
        if self._watched and reply.text and not reply.text.endswith("\n"):
            self._out.write("\n")
        self._out.flush()
        if line := finish_line(reply):
            self._voice.aside(line)
        if error is not None:
            self._voice.error(error)


def left_out_line(event: Started) -> str:
    """Which turns are not sent, and how full the context window is."""
    fitted = event.fitted
    about = "" if event.exact else "~"
    left_out = turns_named(fitted.left_out) if fitted.left_out else ""
    parts = [
        f"a summary stands for {turns_named(fitted.summarized)}" if fitted.summarized else "",
        f"left out {left_out} ({about}{fitted.dropped:,} tokens)" if left_out else "",
        f"{about}{fitted.tokens:,} of {event.window:,} used, {event.reserve:,} kept for the reply",
    ]
    return "; ".join(part for part in parts if part)


def retry_line(event: Retrying) -> str:
    """Why there is another try, and when."""
    return f"{event.error.message} Trying again in {event.seconds:g} s ({event.tries} of {event.most})"


def finish_line(reply: Reply) -> str:
    """How a reply ended that did not simply end; empty for one that did."""
    match reply.finish:
        case Finish.STOP:
            return "" if reply.text else "[the reply is empty]"
        case Finish.LENGTH:
            return "[stopped at the length limit: max_tokens, or the end of the context window]"
        case Finish.FILTERED:
            return "[the provider's content filter withheld the rest]"
        case Finish.INTERRUPTED:
            return "[interrupted]"
        case Finish.TRUNCATED:
            return "[the reply was cut off]"
        case Finish.FAILED:
            return "[the reply was cut off]" if reply.text else ""
        case _:
            assert_never(reply.finish)
