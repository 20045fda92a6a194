"""What is said beside a reply: what was left out of the request, notices, tries, how it ended."""

from chatcli.core.events import Ended, Notice, Retrying, Shown, Started
from chatcli.core.messages import Reply
from chatcli.terminal.status import ending, left_out_line, reply_line, retry_line
from chatcli.terminal.voice import Voice


class Asides:
    """Tells through ``voice`` what an event means.

    In a ``repl`` every reply ends with a line of what it took; elsewhere only one that did not simply end.
    """

    def __init__(self, voice: Voice, *, repl: bool) -> None:
        self._voice = voice
        self._repl = repl
        self._started: Started | None = None
        self._left_out: tuple[tuple[int, ...], tuple[int, ...]] = (), ()

    def __call__(self, event: Started | Notice | Retrying | Ended | Shown) -> None:
        """Say what there is to say, each in a line."""
        match event:
            case Started():
                self._started = event
                self._tell_what_is_left_out(event)
            case Notice(text):
                self._voice.aside(text)
            case Retrying():
                self._voice.aside(retry_line(event))
            case Ended():
                self._end(event)
            case Shown():
                self._tell_how_it_ended(event)

    def thought(self, seconds: float) -> None:
        """Say how long the model thought before it answered."""
        self._voice.aside(f"thought for {max(1, round(seconds))} s")

    def _tell_what_is_left_out(self, event: Started) -> None:
        """Say it when it changes, not with every question."""
        left_out = event.fitted.left_out, event.fitted.summarized
        if left_out != self._left_out and any(left_out):
            self._voice.aside(left_out_line(event))
        self._left_out = left_out

    def _tell_how_it_ended(self, event: Shown) -> None:
        if event.finish is None:
            return
        reply = Reply(event.text, event.finish)
        if words := ending(reply, limit=None, repl=self._repl):
            self._voice.aside(words)

    def _end(self, event: Ended) -> None:
        reply, error, cost, _ = event
        started, self._started = self._started, None
        limit = started.max_tokens if started else None
        if self._repl and started and (reply.text or error is None):
            self._voice.aside(reply_line(reply.model or started.model, reply, cost, limit=limit))
        elif words := ending(reply, limit=limit, repl=self._repl):
            self._voice.aside(words)
        if error is not None:
            self._voice.error(error)
        if self._repl:
            self._voice.say("")  # a turn ends
