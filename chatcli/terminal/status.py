"""What is said of a chat: the line below the prompt, the lines around a reply. Pure text."""

from collections.abc import Iterable
from typing import Final, assert_never

from chatcli.core.desk import Desk
from chatcli.core.events import Retrying, Started
from chatcli.core.gauge import Glance
from chatcli.core.messages import Finish, Reply
from chatcli.core.money import shown
from chatcli.core.session import turns_named
from chatcli.terminal.columns import width
from chatcli.terminal.escape import one_line

# The parts of the toolbar in the order in which they leave it for want of room.
_LEAST_FIRST: Final = ("title", "typing", "cost", "temperature", "staged", "model", "modes", "context")

_NAMES: Final = 3  # of files, that are named
_CHARACTERS: Final = 4  # of a usual token: what is being typed is not worth counting
_SHORTEST: Final = 0.05  # seconds: what came in less came at once, and had no speed


def toolbar(desk: Desk, glance: Glance, typed: int, columns: int, mode: str = "") -> str:
    """The parts that the person wants to see, and for which there is room: what tells least goes first.

    ``typed`` is how many characters are being typed, ``mode`` that of an editor that has several.
    """
    parts = {name: _part(name, desk, glance, typed, mode) for name in desk.look.toolbar}
    told = {name: part for name, part in parts.items() if part}
    for name in _LEAST_FIRST:
        if len(told) > 1 and width(_joined(told.values())) > columns:
            told.pop(name, None)
    return _joined(told.values())


def _part(name: str, desk: Desk, glance: Glance, typed: int, mode: str) -> str:
    session = desk.session
    match name:
        case "model":
            return one_line(session.answering or "server's own")
        case "temperature":
            warmth = session.params.temperature
            return "" if warmth is None else f"temperature {warmth:g}"
        case "context":
            about = "" if glance.exact else "~"
            return f"{about}{glance.used:,} of {glance.window:,} tokens ({glance.used / glance.window:.0%})"
        case "typing":
            return f"typing ~{typed // _CHARACTERS + 1:,}" if typed else ""
        case "staged":
            names = [each.name for each in desk.staged]
            named = ", ".join(names) if len(names) <= _NAMES else f"{len(names)} things"
            return one_line(f"with {named}") if names else ""
        case "modes":
            marks = "incognito" if desk.private else "", "multiline" if desk.look.multiline else "", mode
            return " ".join(filter(None, marks))
        case "title":
            return one_line(session.title)
        case _:  # the cost
            cost = session.spent.cost
            return shown(cost) if cost else ""


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


def reply_line(model: str | None, reply: Reply, cost: float | None, *, limit: int | None) -> str:
    """Who answered, what it took, and how it ended if it did not simply end. What nobody knows is left out.

    ``limit`` is the max_tokens that was sent, if any.
    """
    usage = reply.usage
    parts = [
        one_line(model or ""),
        f"{usage.prompt:,} + {usage.completion:,} tokens" if usage else "",
        shown(cost) if cost else "",
        _duration(reply.seconds),
        _speed(reply),
        ending(reply, limit=limit, repl=True),
    ]
    return _joined(parts)


def ending(reply: Reply, *, limit: int | None, repl: bool) -> str:
    """How a reply ended that did not simply end, in brackets; empty for one that did, or failed with nothing.

    ``repl`` says that a command can follow.
    """
    words = _ending(reply, limit)
    can_go_on = repl and reply.text and reply.finish not in {Finish.FILTERED, Finish.INTERRUPTED}
    return f"[{words}{': /continue' if can_go_on else ''}]" if words else ""


def _ending(reply: Reply, limit: int | None) -> str:
    match reply.finish:
        case Finish.STOP:
            return "" if reply.text else "the reply is empty"
        case Finish.LENGTH:
            return f"stopped at {'the length limit' if limit is None else f'max_tokens {limit}'}"
        case Finish.FILTERED:
            return "the provider's content filter withheld the rest"
        case Finish.INTERRUPTED:
            return "interrupted"  # by somebody who meant it
        case Finish.TRUNCATED:
            return "the reply was cut off"
        case Finish.FAILED:
            return "the reply was cut off" if reply.text else ""
        case _:
            assert_never(reply.finish)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    if minutes:
        return f"{minutes} min {rest} s"
    return f"{seconds:.1f} s" if seconds >= _SHORTEST else ""


def _speed(reply: Reply) -> str:
    """From the first piece on; thoughts that were not told came before it."""
    if reply.usage is None or reply.first is None:
        return ""
    tokens = reply.usage.completion - (0 if reply.reasoning else reply.usage.reasoning)
    seconds = reply.seconds - reply.first
    if tokens < 2 or seconds < _SHORTEST:
        return ""
    return f"{(tokens - 1) / seconds:,.0f} tok/s"


def _joined(parts: Iterable[str]) -> str:
    return " · ".join(part for part in parts if part)
