"""Commands about whole chats: begun, branched off, named, laid aside and taken up again."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from chatcli.commands.outcomes import Arrange, Become, Outcome, Say
from chatcli.commands.registry import Arg, Call, Command, Offer
from chatcli.commands.talking import turn_meant
from chatcli.core.desk import Desk
from chatcli.core.nearest import matching
from chatcli.core.session import Session, turns_named
from chatcli.errors import UsageError


def clear(call: Call) -> Outcome:
    """A new chat; model, system text and settings stay, and the old chat lies on the shelf."""
    desk = _opened(call.desk, call.session.cleared())
    return Arrange(desk, _with_way_back("a new chat", call.desk))


def fork(call: Call) -> Outcome:
    """``/fork [n]``: a new chat that begins as this one did; this one lies on the shelf."""
    count = turn_meant(call)
    desk = _opened(call.desk, call.session.forked(count))
    text = f"a new chat with {turns_named(range(1, count + 1))}"
    return Arrange(desk, _with_way_back(text, call.desk))


def sessions(call: Call) -> Outcome:
    """The open chat and those on the shelf: number, turns, title."""
    rows = [("open", call.session), *((str(number), each) for number, each in enumerate(call.desk.shelf, 1))]
    return Say("\n".join(f"{number:>4}  {_size(each):<9}  {_called(each)}" for number, each in rows))


def resume(call: Call) -> Outcome:
    """``/resume [N | title]``: that chat is taken up again, and the open one takes its place on the shelf."""
    taken = _meant(call)
    rest = replace(call.desk, shelf=tuple(each for each in call.desk.shelf if each is not taken))
    return Arrange(_opened(rest, taken), f"{_called(taken)}, {_size(taken)}; /history shows them")


def title(call: Call) -> Outcome:
    """``/title [text]``."""
    if not call.argument:
        untitled = f"title is not set ({_called(call.session)})"
        return Say(f"title = {call.session.title}" if call.session.title else untitled)
    text = " ".join(call.argument.split())
    return Become(replace(call.session, title=text), f"title → {text}")


def _opened(desk: Desk, session: Session) -> Desk:
    """The desk with this chat open; the one that was lies on the shelf, unless nothing was said in it."""
    shelf = (desk.session, *desk.shelf) if _used(desk.session) else desk.shelf
    return replace(desk, session=session, shelf=shelf, unanswered="")


def _used(session: Session) -> bool:
    return bool(session.messages or session.branches)


def _with_way_back(text: str, before: Desk) -> str:
    return f"{text}; /resume 1 goes back to the old one" if _used(before.session) else text


def _meant(call: Call) -> Session:
    """The chat on the shelf that is meant: by its number, its title or a part of that."""
    shelf, named = call.desk.shelf, call.argument or "1"
    if not shelf:
        raise UsageError("There is no other chat.", "/clear begins one, and keeps this one.")
    if named.isdecimal():
        found = [each for number, each in enumerate(shelf, 1) if str(number) == named]
    else:
        found = matching(named, shelf, lambda each: (each.heading,))
    if not found:
        raise UsageError(f"There is no other chat {named!r}.", "/sessions lists them.")
    return min(found, key=lambda each: each.heading.lower() != named.lower())


def _called(session: Session) -> str:
    return session.heading or "(nothing is said yet)"


def _size(session: Session) -> str:
    count = len(session.turns)
    return f"{count:,} turn{'' if count == 1 else 's'}"


def _shelf(call: Call) -> Iterator[Offer]:
    for number, session in enumerate(call.desk.shelf, 1):
        yield Offer(str(number), _called(session))


COMMANDS: Final = (
    Command(
        "clear",
        "begin a new chat with the same settings; the old one is kept",
        clear,
        aliases=("new",),
        example="/clear",
    ),
    Command(
        "fork",
        "begin a new chat with the first n turns of this one, or all",
        fork,
        Arg("[n]"),
        example="/fork 1",
        when=lambda desk: bool(desk.session.messages),
    ),
    Command("sessions", "list the chats of this run", sessions, example="/sessions"),
    Command(
        "resume",
        "take up another chat; without a name, the one before this",
        resume,
        Arg("[number | title]", _shelf),
        example="/resume 1",
        when=lambda desk: bool(desk.shelf),
    ),
    Command(
        "title", "show or set the title of the chat", title, Arg("[text]"), example="/title Lisbon in May"
    ),
)
