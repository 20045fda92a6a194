"""Commands that show what of a chat is sent, and steer it."""

import re
from collections.abc import Callable, Container, Iterable
from dataclasses import replace
from typing import Final

from chatcli.commands.outcomes import Become, Compact, Outcome, Say
from chatcli.commands.registry import Arg, Call, Command, Offer, Offers
from chatcli.commands.talking import turns_offered
from chatcli.core.desk import Desk
from chatcli.core.gauge import Measured
from chatcli.core.messages import Role
from chatcli.core.session import Session, first_words, turns_named
from chatcli.errors import ContextError, UsageError

_CELLS: Final = 40  # of the bar


def context(call: Call) -> Outcome:
    """Every turn: number, tokens, whether it is sent; and how full the window is."""
    session = call.session
    found = _fitted(call)
    weights, about = found.measure.weights, "" if found.measure.exact else "~"
    sent = {message for message in found.fitted.messages if message.role is not Role.SYSTEM}
    lines = [f"{'turn':>4}  {'tokens':>8}  {'':<9}  "]
    system = [message for message in found.fitted.messages if message.role is Role.SYSTEM]
    if system:
        cost = sum(map(weights.of, system))
        lines.append(f"{'':>4}  {about + f'{cost:,}':>8}  {'sent':<9}  {first_words(system[0].text)}")
    for number, turn in enumerate(session.turns, 1):
        cost = sum(map(weights.of, turn))
        state = _state(number, session, found, set(turn) <= sent)
        lines.append(f"{number:>4}  {about + f'{cost:,}':>8}  {state:<9}  {first_words(turn[0].shown)}")
    return Say("\n".join([*lines, "", *_totals(found, call.world.gauge.used(session, found), about)]))


def _fitted(call: Call) -> Measured:
    """What is sent; or all, where it would be refused: that is when somebody wants to see it."""
    try:
        return call.world.gauge.fit(call.session)
    except ContextError:
        everything = call.session.limits.having("trim", "off")
        return call.world.gauge.fit(replace(call.session, limits=everything))


def _state(number: int, session: Session, found: Measured, sent: bool) -> str:
    if number in session.dropped:
        return "dropped"
    if number in session.pins:
        return "pinned"
    if number in found.fitted.left_out:
        return "left out"
    if number in found.fitted.summarized:
        return "summary"
    return "sent" if sent else ""


def _totals(found: Measured, used: int, about: str) -> list[str]:
    window, room, *_ = found.measure
    reserve = window - room
    filled = min(_CELLS, round(_CELLS * used / window))
    kept = min(_CELLS - filled, round(_CELLS * reserve / window))
    bar = "█" * filled + "░" * (_CELLS - filled - kept) + "▒" * kept
    summary = found.fitted.summarized
    return [
        *([f"a summary stands for {turns_named(summary)}"] if summary else []),
        bar,
        f"{about}{used:,} of {window:,} used ({used / window:.0%}), {reserve:,} kept for the reply",
    ]


def pin(call: Call) -> Outcome:
    """``/pin N``: these turns always stay in the request."""
    turns = _turns(call)
    return Become(call.session.pinned(turns), f"pinned {turns_named(turns)}")


def unpin(call: Call) -> Outcome:
    """``/unpin N``: these turns may leave again."""
    turns = _turns(call)
    return Become(call.session.unpinned(turns), f"no longer pinned: {turns_named(turns)}")


def drop(call: Call) -> Outcome:
    """``/drop N-M``: these turns are in no request."""
    turns = _turns(call)
    said = f"dropped {turns_named(turns)}: /undrop {call.argument} takes it back"
    return Become(call.session.dropping(turns), said)


def undrop(call: Call) -> Outcome:
    """``/undrop N-M``: these turns are sent again."""
    turns = _turns(call)
    return Become(call.session.restoring(turns), f"sent again: {turns_named(turns)}")


def compact(call: Call) -> Outcome:
    """``/compact [what to keep]``: the model writes a summary, which takes the place of the turns."""
    if not call.session.messages:
        raise UsageError("There is nothing to condense yet.")
    return Compact(call.argument)


def _turns(call: Call) -> list[int]:
    """The turns that an argument such as "3" or "2-5 7" names."""
    count = len(call.session.turns)
    how = f"For example /{call.name} 1 or /{call.name} 2-5; /context shows the numbers."
    if not call.argument:
        raise UsageError(f"/{call.name} needs the number of a turn.", how)
    turns: set[int] = set()
    for part in call.argument.replace(",", " ").split():
        found = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", part)
        if not found:
            raise UsageError(f"{part!r} is not the number of a turn.", how)
        first, last = int(found[1]), int(found[2] or found[1])
        if not 1 <= first <= last <= count:
            raise UsageError(f"There is no turn {part}: this chat has {count}.", how)
        turns.update(range(first, last + 1))
    return sorted(turns)


def _among(numbers: Callable[[Session], Container[int]]) -> Offers:
    """The turns with these numbers, each with its first words."""

    def offers(call: Call) -> Iterable[Offer]:
        among = numbers(call.session)
        return (turn for turn in turns_offered(call.session) if int(turn.text) in among)

    return offers


def _all(session: Session) -> frozenset[int]:
    return frozenset(range(1, len(session.turns) + 1))


def _began(desk: Desk) -> bool:
    return bool(desk.session.messages)


COMMANDS: Final = (
    Command("context", "show what is sent: every turn, its tokens, the window", context, example="/context"),
    Command(
        "pin",
        "keep turns in every request",
        pin,
        Arg("N[-M]", _among(lambda session: _all(session) - session.pins)),
        example="/pin 1",
        when=_began,
    ),
    Command(
        "unpin",
        "let pinned turns leave again",
        unpin,
        Arg("N[-M]", _among(lambda session: session.pins)),
        example="/unpin 1",
        when=lambda desk: bool(desk.session.pins),
    ),
    Command(
        "drop",
        "leave turns out of every request",
        drop,
        Arg("N[-M]", _among(lambda session: _all(session) - session.dropped)),
        example="/drop 1",
        when=_began,
    ),
    Command(
        "undrop",
        "send dropped turns again",
        undrop,
        Arg("N[-M]", _among(lambda session: session.dropped)),
        example="/undrop 1",
        when=lambda desk: bool(desk.session.dropped),
    ),
    Command(
        "compact",
        "have the model condense the chat into a summary, and go on from there",
        compact,
        Arg("[what to keep]"),
        example="/compact the names and the decisions",
        when=_began,
    ),
)
