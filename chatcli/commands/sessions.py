"""Commands about whole chats: begun, branched off, named, laid aside and taken up again."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final, NamedTuple

from chatcli.commands.outcomes import Arrange, Become, Entitle, Outcome, Say, Several
from chatcli.commands.registry import Arg, Call, Command, Offer
from chatcli.commands.talking import other_branches, shown_again, turn_meant, turns_offered
from chatcli.core.archive import Record
from chatcli.core.desk import Desk
from chatcli.core.session import Session, first_words, turns_named
from chatcli.core.when import ago
from chatcli.errors import StoreError, UsageError

_LISTED: Final = 20  # chats in a list
_SHOWN: Final = 3  # turns of a chat that is taken up again
_FOUND: Final = 100  # messages that are looked at for words


class Chat(NamedTuple):
    """A chat in a list; ``take`` gives it. It was ``updated`` at no time that is known if it is not kept."""

    id: str
    called: str
    turns: int
    updated: float | None
    take: Callable[[], Session]


def clear(call: Call) -> Outcome:
    """A new chat; model, system text and settings stay, and the old chat lies on the shelf."""
    return Arrange(_opened(call, call.session.cleared(), call.desk.shelf), _with_way_back("a new chat", call))


def fork(call: Call) -> Outcome:
    """``/fork [n]``: a new chat that begins as this one did; this one lies on the shelf."""
    count = turn_meant(call)
    text = f"a new chat with {turns_named(range(1, count + 1))}"
    desk = _opened(call, call.session.forked(count), call.desk.shelf)
    return Arrange(desk, _with_way_back(text, call))


def sessions(call: Call) -> Outcome:
    """``/sessions [words]``: the open chat, and the others by the numbers that ``/resume`` takes."""
    session, words = call.session, call.argument
    others = _others(call, None if words else _LISTED + 1)
    here = Chat(session.id, _called(session.heading), len(session.turns), None, lambda: session)
    chats = [("open", here), *((str(number), chat) for number, chat in enumerate(others, 1))]
    if words:
        return _found(call, chats)
    more = len(chats) > _LISTED + 1
    hint = "\n/sessions WORDS finds those in which they were said" if more else ""
    return Say("\n".join(_table(call, chats[: _LISTED + 1])) + hint)


def resume(call: Call) -> Outcome:
    """``/resume [N | title | id]``: that chat is taken up again, and the open one laid on the shelf."""
    session = _meant(call).take()
    shelf = tuple(each for each in call.desk.shelf if each is not session)
    desk = _opened(call, session, shelf)
    return Several((Arrange(desk, _told(desk, call.session)), *shown_again(desk.session, _SHOWN)))


def title(call: Call) -> Outcome:
    """``/title [text | auto]``."""
    session = call.session
    if not call.argument:
        untitled = f"title is not set ({_called(session.heading)})"
        return Say(f"title = {session.title}" if session.title else untitled)
    if call.argument.lower() == "auto":
        turn_meant(call._replace(argument=""))  # there must be something to be named
        return Entitle()
    text = " ".join(call.argument.split())
    return Become(replace(session, title=text), f"title → {text}")


def _opened(call: Call, session: Session, shelf: tuple[Session, ...]) -> Desk:
    """The desk with this chat open; the one that was lies on the ``shelf`` too, unless it is just gone."""
    shelf = (call.session, *shelf) if _stays(call) else shelf
    return replace(call.desk, shelf=shelf).with_open(session)


def _stays(call: Call) -> bool:
    """Whether the open chat is laid aside, and not just gone: something was said in it, not in private."""
    return bool(call.session.messages or call.session.branches) and not call.desk.private


def _with_way_back(text: str, call: Call) -> str:
    return f"{text}; /resume 1 goes back to the old one" if _stays(call) else text


def _told(desk: Desk, before: Session) -> str:
    """What somebody should know who has taken up this chat."""
    session, lost = desk.session, first_words(desk.unanswered)
    parts = [
        f"{_called(session.heading)}, {_size(len(session.turns))}",
        f"of {session.model}" if session.model and session.model != before.model else "",
        "/history shows all of them" if len(session.turns) > _SHOWN else "",
        other_branches(session),
        f"no answer came to {lost!r}, which /retry asks again" if lost else "",
    ]
    return "; ".join(filter(None, parts))


def _others(call: Call, most: int | None = None) -> list[Chat]:
    """The chats on the shelf, and then those of the archive, the last one first; all, or so many at least."""
    archive = call.world.archive
    near = {each.id for each in (call.session, *call.desk.shelf)}
    records = _records(call, most and most + len(near))
    times = {record.id: record.updated for record in records}
    shelf = [
        Chat(each.id, _called(each.heading), len(each.turns), times.get(each.id), partial(_itself, each))
        for each in call.desk.shelf
    ]
    return shelf + [
        Chat(each.id, _called(each.heading), each.turns, each.updated, partial(archive.open, each.id))
        for each in records
        if archive and each.id not in near
    ]


def _records(call: Call, most: int | None) -> Sequence[Record]:
    """What the archive holds. Where it fails, the shelf must do, and only without that it is an error."""
    if not call.world.archive:
        return ()
    try:
        return call.world.archive.records(most)
    except StoreError:
        if call.desk.shelf:
            return ()
        raise


def _itself(session: Session) -> Session:
    return session


def _meant(call: Call) -> Chat:
    """The chat that is meant: by its number, its id, what it is called or a part of that."""
    chats, named = _others(call), call.argument.strip('"')
    if not chats:
        raise UsageError("There is no other chat.", "/clear begins one, and keeps this one.")
    if not named:
        return chats[0]
    word = named.lower()
    found = [chat for number, chat in enumerate(chats, 1) if named in {str(number), chat.id}]
    found = found or [chat for chat in chats if word in chat.called.lower()]
    if not found:
        raise UsageError(f"There is no other chat {named!r}.", "/sessions lists them.")
    return min(
        found, key=lambda chat: (chat.called.lower() != word, not chat.called.lower().startswith(word))
    )


def _found(call: Call, chats: Sequence[tuple[str, Chat]]) -> Outcome:
    """The chats in which these words were said, each with the place, or which are called so."""
    words, archive = call.argument, call.world.archive
    hits = archive.search(words, limit=_FOUND) if archive else ()
    titled = {hit.session: "" for hit in hits if not hit.role}
    said = {hit.session: f"\n      {hit.turn}> {hit.snippet}" for hit in reversed(hits) if hit.role}
    places = titled | said
    meant = [
        (number, chat)
        for number, chat in chats
        if (chat.id and chat.id in places) or words.lower() in chat.called.lower()
    ][:_LISTED]
    if not meant:
        return Say(f"{words!r} was said in no chat")
    rows = zip(_table(call, meant), (places.get(chat.id, "") for _, chat in meant), strict=True)
    return Say("\n".join(row + place for row, place in rows))


def _table(call: Call, chats: Sequence[tuple[str, Chat]]) -> list[str]:
    """Number, when something was last said, turns, heading: a line for each."""
    now = call.world.now()
    times = ["" if chat.updated is None else ago(chat.updated, now) for _, chat in chats]
    width = max(map(len, times))
    gap = "  " if width else ""
    return [
        f"{number:>4}  {time:<{width}}{gap}{_size(chat.turns):<9}  {chat.called}"
        for (number, chat), time in zip(chats, times, strict=True)
    ]


def _called(heading: str) -> str:
    return " ".join(heading.split()) or "(nothing is said yet)"


def _size(turns: int) -> str:
    return f"{turns:,} turn{'' if turns == 1 else 's'}"


def _recent(call: Call) -> Iterator[Offer]:
    """The last chats by their numbers or, as soon as something else is typed, by what they are called."""
    chats: Sequence[Chat] = ()
    with suppress(StoreError):
        chats = _others(call, _LISTED)[:_LISTED]
    for number, chat in enumerate(chats, 1):
        if not call.argument or call.argument.isdecimal():
            yield Offer(str(number), chat.called)
        elif '"' not in chat.called:
            yield Offer(f'"{chat.called}"', _size(chat.turns))


def _titles(_call: Call) -> Iterable[Offer]:
    return [Offer("auto", "have the model find one")]


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
        Arg("[n]", lambda call: turns_offered(call.session)),
        example="/fork 1",
        when=lambda desk: bool(desk.session.messages),
    ),
    Command(
        "sessions",
        "list the chats, or those in which these words were said",
        sessions,
        Arg("[words]"),
        example="/sessions lisbon ferry",
    ),
    Command(
        "resume",
        "take up another chat; without a name, the one before this",
        resume,
        Arg("[number | title | id]", _recent),
        example="/resume 1",
    ),
    Command(
        "title",
        "show or set the title of the chat; auto has the model find one",
        title,
        Arg("[text | auto]", _titles),
        example="/title Lisbon in May",
    ),
)
