"""The sessions that are open here, and how each of their steps is written down."""

import sqlite3
from collections.abc import Iterable

from chatcli.adapters.sqlite_store import rows, search
from chatcli.adapters.sqlite_store.tree import Placed, Stand, Ways
from chatcli.core.archive import Kept, Meanwhile, Whole
from chatcli.core.messages import Message, Reply
from chatcli.core.money import Spent
from chatcli.core.session import Session


class Keeper:
    """Writes down what is new of a session. Each step is a transaction, in which it happens at ``at``.

    When one fails, its session must be forgotten here.
    """

    def __init__(self) -> None:
        self._stands: dict[str, Stand] = {}

    def forget(self, which: Iterable[str]) -> None:
        """Remember nothing of these sessions; what is needed of them is read again."""
        for each in which:
            self._stands.pop(each, None)

    def open(self, db: sqlite3.Connection, found: rows.Found) -> Session:
        """The session as it stands in the database; from there it goes on here."""
        self._stands[found.id], session = read(db, found)
        return session

    def asked(self, db: sqlite3.Connection, session: Session, at: int) -> Meanwhile:
        """Write down the question; what others have done, if it was not told yet."""
        stand = self._follow(db, session, at)
        tell, stand.tell = stand.tell, Meanwhile.NOTHING
        return tell

    def heard(self, db: sqlite3.Connection, session: Session, reply: Reply, at: int) -> None:
        """Write down what has come of the reply."""
        stand = self._follow(db, session, at)
        if stand.reply:
            rows.rewrite(db, stand.reply, reply.text, rows.UNFINISHED)
            return
        message = session.answered(reply).messages[-1]
        stand.reply = rows.insert(db, stand.key, stand.numbers[-1], message, rows.UNFINISHED, at)
        _set_head(db, stand, stand.reply)

    def answered(self, db: sqlite3.Connection, session: Session, reply: Reply, kept: Kept, at: int) -> None:
        """Write down the reply."""
        messages = session.answered(reply).messages
        stand = self._follow(db, session, at)
        if number := stand.reply:
            rows.rewrite(db, number, reply.text, reply.finish.value)
        else:
            number = rows.insert(db, stand.key, stand.numbers[-1], messages[-1], reply.finish.value, at)
        rows.keep(db, number, kept)
        search.add(db, search.entries(db, [number]))
        stand.reply = None
        if reply.text:
            stand.messages, stand.numbers = messages, (*stand.numbers, number)
            _set_head(db, stand, number)

    def moved(self, db: sqlite3.Connection, session: Session, at: int) -> None:
        """Write down where the session stands, and what it is like."""
        self._follow(db, session, at)

    def _follow(self, db: sqlite3.Connection, session: Session, at: int) -> Stand:
        """Write down what is new of a session; where it stands then."""
        found = rows.find(db, session.id) or rows.begin(db, session.id, at)
        before = self._stands.get(session.id)
        anew = before is None or before.key != found.key
        if anew:  # it is new here; or the last write failed; or somebody has deleted it, and it begins again
            self.open(db, found)
        stand = self._stands[session.id]
        others, stand.head = found.head != stand.head, found.head
        if anew:
            _plant_branches(db, stand, session, at)
        _catch_up(db, stand, session, found, at)
        search.add(db, search.entries(db, stand.new))
        stand.new = []
        if before and before.key != found.key:
            stand.tell = Meanwhile.DELETED
        elif others and not stand.parted and found.head not in stand.numbers:  # else it goes on behind them
            stand.tell, stand.parted = Meanwhile.WENT_ON, True
        return stand


def take(db: sqlite3.Connection, sessions: Iterable[Whole]) -> int:
    """Write down sessions from elsewhere; how many of them are new."""
    titles: list[search.Entry] = []
    new: list[int] = []
    for whole in sessions:
        if stand := _taken(db, whole):
            titles.append(search.titled(stand.key, stand.title))
            new += stand.new
    search.add(db, reversed(titles))
    search.add(db, search.entries(db, new))
    return len(titles)


def _taken(db: sqlite3.Connection, whole: Whole) -> Stand | None:
    """Where the session then stands, with nothing of it in the index yet; None if it was here already."""
    session, origin = whole.session, whole.origin or None
    if rows.find(db, session.id) or (origin and rows.came_from(db, origin)):
        return None
    created = rows.number_of(whole.created)
    found = rows.begin(db, session.id, created, origin, session.title)
    stand = Stand(found.key, title=session.title)
    _plant(db, stand, whole)
    if not stand.head:
        _plant_branches(db, stand, session, created)
    _catch_up(db, stand, session, found, created)
    rows.touch(db, stand.key, rows.number_of(whole.updated))
    return stand


def read(db: sqlite3.Connection, found: rows.Found) -> tuple[Stand, Session]:
    """The session as it stands in the database, and where that is."""
    ways = Ways(rows.messages(db, found.key), found.head)
    messages, numbers = ways.chosen()
    session = rows.session_of(found, messages, tuple(ways.others()))
    return Stand(found.key, found.head, found.spent, found.title, messages, numbers), session


def _plant_branches(db: sqlite3.Connection, stand: Stand, session: Session, at: int) -> None:
    """Have the database hold the ways that a session has left."""
    for way in session.branches:
        _placed(db, stand, way, at)


def _catch_up(db: sqlite3.Connection, stand: Stand, session: Session, found: rows.Found, at: int) -> None:
    """Have the database, and what we know of it, hold the way that a session has gone."""
    numbers = _placed(db, stand, session.messages, at)
    rows.write(db, stand.key, session, _together(found.spent, session.spent, stand.spent), at)
    if session.title != stand.title:  # or else it is called as somebody has called it meanwhile
        rows.rename(db, found, session.title)
    stand.title = session.title
    stand.spent = session.spent
    stand.messages = session.messages
    if numbers != stand.numbers:
        stand.numbers = numbers
        stand.reply = None
        _set_head(db, stand, numbers[-1] if numbers else None)


def _placed(db: sqlite3.Connection, stand: Stand, messages: tuple[Message, ...], at: int) -> tuple[int, ...]:
    """The numbers of these messages; those that have none get one."""
    numbers = list(stand.known(messages))
    for message in messages[len(numbers) :]:
        parent = numbers[-1] if numbers else None
        known = rows.following(db, stand.key, parent, message)
        numbers.append(known or _insert(db, stand, parent, message, at))
    return tuple(numbers)


def _plant(db: sqlite3.Connection, stand: Stand, whole: Whole) -> None:
    """Write down all that was said."""
    numbers: dict[int, int] = {}
    placed: list[Placed] = []
    for one in whole.said:
        parent = None if one.after is None else numbers[one.after]
        number = _insert(db, stand, parent, one.message, rows.number_of(one.at))
        numbers[one.number] = number
        placed.append((number, parent, one.message))
        if one.kept:
            rows.keep(db, number, one.kept)
    if whole.head is not None:
        stand.messages, stand.numbers = Ways(placed, numbers[whole.head]).chosen()
        _set_head(db, stand, numbers[whole.head])


def _insert(db: sqlite3.Connection, stand: Stand, parent: int | None, message: Message, at: int) -> int:
    number = rows.insert(db, stand.key, parent, message, message.finish and message.finish.value, at)
    stand.new.append(number)
    return number


def _set_head(db: sqlite3.Connection, stand: Stand, head: int | None) -> None:
    stand.head = head
    rows.set_head(db, stand.key, head)


def _together(there: Spent, ours: Spent, before: Spent) -> Spent:
    """What was spent here and, since we looked, by others."""
    if there == before._replace(last=None):
        return ours
    return Spent(
        prompt=there.prompt + ours.prompt - before.prompt,
        completion=there.completion + ours.completion - before.completion,
        dollars=there.dollars + ours.dollars - before.dollars,
        unpriced=there.unpriced + ours.unpriced - before.unpriced,
    )
