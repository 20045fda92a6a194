"""The ways that the open chat has gone: listed, and gone to."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import accumulate
from typing import Final, NamedTuple

from chatcli.commands.outcomes import Arrange, Outcome, Say, Several
from chatcli.commands.registry import Arg, Call, Command, Offer
from chatcli.commands.talking import number_given, shown_again
from chatcli.core.messages import Role
from chatcli.core.session import Session, Way, first_words
from chatcli.errors import ChatcliError, UsageError

_SHOWN: Final = 1  # turns of a branch that is gone to


class _Row(NamedTuple):
    """A way in the list: its number, where it parts from the one that is gone, its turns from there on."""

    number: str
    where: str
    turns: int
    words: str


def branch(call: Call) -> Outcome:
    """``/branch [n]``: the ways that this chat has gone, other programs' too; or it goes to one of them."""
    session = call.session.joined(_kept(call))
    ways = session.ways
    if not any(way != session.messages for way in ways):
        raise UsageError("This chat has no other branch.", "/undo, /edit and /retry leave one behind.")
    if not call.argument:
        listed = Say("\n".join(_table(session)))
        return Several((listed, Arrange(replace(call.desk, session=session), "/branch N goes there")))
    number = number_given(call, 1)
    if number > len(ways):
        raise UsageError(f"There is no branch {number}: this chat has {len(ways)}.", "/branch lists them.")
    if ways[number - 1] == session.messages:
        return Say(f"this is branch {number}")
    desk = call.desk.with_open(session.gone(ways[number - 1]))
    lost = first_words(desk.unanswered)
    parts = (
        f"branch {number}, {_size(len(desk.session.turns))}",
        f"no answer came to {lost!r}, which /retry asks again" if lost else "",
        f"/branch {ways.index(session.messages) + 1} goes back" if session.messages in ways else "",
    )
    told = Arrange(desk, "; ".join(filter(None, parts)))
    return Several((told, *shown_again(desk.session, _SHOWN)))


def _kept(call: Call) -> tuple[Way, ...]:
    """The ways that the archive knows; where it fails, what is known here must do."""
    archive = call.world.archive
    if archive and call.session.id:
        with suppress(ChatcliError):
            there = archive.whole(call.session.id).session
            return *there.branches, there.messages
    return ()


def _table(session: Session) -> list[str]:
    """A line for each way, the newest first."""
    rows = [_row(session, str(number), way) for number, way in enumerate(session.ways, 1)]
    if session.messages not in session.ways:
        rows.append(_row(session, "", session.messages))
    width = max(len(row.where) for row in rows)
    return [
        f"{row.number:>4}  {row.where:<{width}}  {_size(row.turns):<9}  {row.words}".rstrip()
        for row in reversed(rows)
    ]


def _row(session: Session, number: str, way: Way) -> _Row:
    turns = replace(session, messages=way).turns
    if way == session.messages:
        return _Row(number, "here", len(turns), first_words(turns[-1][0].shown) if turns else "")
    at = session.shared(way)
    before = sum(end <= at for end in accumulate(map(len, turns)))
    what = "answer" if way[at].role is Role.ASSISTANT else "turn"
    return _Row(number, f"from {what} {before + 1}", len(turns) - before, first_words(way[at].shown))


def _size(turns: int) -> str:
    return f"{turns:,} turn{'' if turns == 1 else 's'}"


def _elsewhere(call: Call) -> Iterator[Offer]:
    """The other ways by their numbers, with the first words that are said on them alone."""
    session = call.session
    for number, way in reversed(list(enumerate(session.ways, 1))):
        if way != session.messages:
            yield Offer(str(number), first_words(way[session.shared(way)].shown))


COMMANDS: Final = (
    Command(
        "branch",
        "list the ways that this chat has gone, or go to the nth of them",
        branch,
        Arg("[n]", _elsewhere),
        example="/branch 1",
        when=lambda desk: bool(desk.session.branches),
    ),
)
