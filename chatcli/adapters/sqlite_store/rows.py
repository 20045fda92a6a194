"""What is written to the tables, and the values that are made of what is read there."""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

from chatcli.adapters.sqlite_store import search
from chatcli.adapters.sqlite_store.tree import Placed
from chatcli.core.archive import Kept, Record
from chatcli.core.messages import Finish, Image, Message, Role, Usage
from chatcli.core.money import Spent
from chatcli.core.params import Limits, Params
from chatcli.core.session import Session, Summary, first_words

UNFINISHED: Final = "unfinished"

_ROLES: Final = {role.value: role for role in Role}
# A reply whose end nobody saw was interrupted: with its program, or by a power cut.
_FINISHES: Final = {None: None, UNFINISHED: Finish.INTERRUPTED} | {each.value: each for each in Finish}

_TURN: Final = "coalesce((SELECT turn FROM message WHERE id = ?2), 0) + ?3"
_INSERT: Final = f"""
    INSERT INTO message (id, parent, turn, session, role, model, finish, along, images, text)
    VALUES (?1, ?2, {_TURN}, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO NOTHING
"""  # noqa: S608 - our own words
_NEXT_FREE: Final = """
    SELECT id + 1 FROM message AS taken
    WHERE id >= ? AND NOT EXISTS (SELECT 1 FROM message WHERE id = taken.id + 1) ORDER BY id LIMIT 1
"""

_HALF: Final = re.compile("[\ud800-\udfff]")  # of a surrogate pair: UTF-8 has no bytes for it


class Found(NamedTuple):
    """A session's row. ``state`` is JSON."""

    key: int
    head: int | None
    created: int
    updated: int
    origin: str | None
    id: str
    title: str
    model: str | None
    prompt: int
    completion: int
    dollars: float
    unpriced: int
    state: str

    @property
    def spent(self) -> Spent:
        """What it has used up, altogether."""
        return Spent(self.prompt, self.completion, self.dollars, self.unpriced)


def find(db: sqlite3.Connection, which: str) -> Found | None:
    """The row of the session with this id."""
    query = f"SELECT {', '.join(Found._fields)} FROM session WHERE id = ?"  # noqa: S608 - our own words
    row = db.execute(query, (_storable(which),)).fetchone()
    return Found(*row) if row else None


def begin(db: sqlite3.Connection, which: str, at: int, origin: str | None = None, title: str = "") -> Found:
    """A row for a new session, with nothing in it yet."""
    db.execute(
        "INSERT INTO session (id, origin, title, first, created, updated, turns, prompt, completion,"
        " dollars, unpriced, state) VALUES (?, ?, ?, '', ?, ?, 0, 0, 0, 0, 0, '{}')",
        (which, origin, _storable(title), at, at),
    )
    found = find(db, which)
    assert found
    return found


def came_from(db: sqlite3.Connection, origin: str) -> bool:
    """Whether a session was taken in from there."""
    return db.execute("SELECT 1 FROM session WHERE origin = ?", (origin,)).fetchone() is not None


def touch(db: sqlite3.Connection, key: int, updated: int) -> None:
    """When a session was last gone on with."""
    db.execute("UPDATE session SET updated = ? WHERE key = ?", (updated, key))


def write(db: sqlite3.Connection, key: int, session: Session, spent: Spent, at: int) -> None:
    """Write down what a session is like, but for its title."""
    db.execute(
        "UPDATE session SET first = ?, model = ?, updated = ?, prompt = ?, completion = ?, dollars = ?,"
        " unpriced = ?, state = ? WHERE key = ?",
        (
            _storable(_first(session.messages)),
            None if session.model is None else _storable(session.model),
            at,
            *spent[:4],
            _state(session),
            key,
        ),
    )


def set_head(db: sqlite3.Connection, key: int, head: int | None) -> None:
    """Write down which is the last message of the way that a chat goes, and how many turns that has."""
    turns = "coalesce((SELECT turn FROM message WHERE id = ?1), 0)"
    db.execute(f"UPDATE session SET head = ?1, turns = {turns} WHERE key = ?2", (head, key))  # noqa: S608


def session_of(
    found: Found, messages: tuple[Message, ...], branches: tuple[tuple[Message, ...], ...]
) -> Session:
    """The session of a row, with these messages."""
    state = json.loads(found.state)
    return Session(
        found.model,
        state.get("system", ""),
        _params(state.get("params", {})),
        Limits(**state.get("limits", {})),
        messages,
        frozenset(state.get("pins", ())),
        frozenset(state.get("dropped", ())),
        _summary(*state["summary"]) if "summary" in state else None,
        found.spent._replace(last=Spent(*state["last"]) if "last" in state else None),
        found.title,
        branches,
        found.id,
    )


def rename(db: sqlite3.Connection, found: Found, title: str) -> None:
    """Give a session a title."""
    title = _storable(title)
    search.take_out(db, [search.titled(found.key, found.title)])
    search.add(db, [search.titled(found.key, title)])
    db.execute("UPDATE session SET title = ? WHERE key = ?", (title, found.key))


def delete(db: sqlite3.Connection, sessions: Iterable[str]) -> None:
    """Delete the sessions with these ids, with all that was said in them."""
    going = [found for found in (find(db, each) for each in sessions) if found]
    search.take_out(db, (search.titled(each.key, each.title) for each in sorted(going, reverse=True)))
    said = "SELECT id FROM message WHERE session = ?"
    search.take_out(db, search.entries(db, (row[0] for each in going for row in db.execute(said, each[:1]))))
    db.executemany("DELETE FROM session WHERE key = ?", (each[:1] for each in going))


def delete_lone_blobs(db: sqlite3.Connection) -> None:
    """Delete what was attached to messages that are no more."""
    db.execute("DELETE FROM blob WHERE sha256 NOT IN (SELECT blob FROM image)")


def damages(db: sqlite3.Connection) -> Iterator[str]:
    """What is wrong with the database, in words."""
    yield from (row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok")
    for table, row, other, _ in db.execute("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} belongs to no {other}"


def number_of(seconds: float) -> int:
    """The number of a message that is said at this moment, if it is free."""
    return round(seconds * 1000)


def records(
    db: sqlite3.Connection, where: str, values: Sequence[object], limit: int | None = None
) -> list[Record]:
    """The sessions of which this is true, the last one first."""
    query = (
        "SELECT id, title, answering, created / 1000.0, updated / 1000.0, turns, first, prompt + completion,"  # noqa: S608
        " CASE WHEN unpriced THEN NULL ELSE dollars END FROM listed"
        f" WHERE {where} ORDER BY updated DESC, key DESC LIMIT ?"
    )
    given = (_storable(value) if isinstance(value, str) else value for value in values)
    return [Record(*row) for row in db.execute(query, (*given, -1 if limit is None else limit))]


def insert(  # noqa: PLR0913, PLR0917 - what stands in a row
    db: sqlite3.Connection, session: int, parent: int | None, message: Message, finish: str | None, at: int
) -> int:
    """Add a message behind its parent, said at ``at`` or as soon after it as a number is free; its number.

    It is not in the index yet.
    """
    number = max(at, (parent or 0) + 1)
    begins = message.role is Role.USER or parent is None
    text, role = _storable(message.text), message.role.value
    model = None if message.model is None else _storable(message.model)
    values = (parent, begins, session, role, model, finish, message.along, len(message.images), text)
    while not db.execute(_INSERT, (number, *values)).rowcount:
        (number,) = db.execute(_NEXT_FREE, (number,)).fetchone()
    for place, image in enumerate(message.images):
        _attach(db, number, place, image)
    return number


def rewrite(db: sqlite3.Connection, number: int, text: str, finish: str) -> None:
    """Put more of a reply in the place of what had come of it before it ended."""
    query = "UPDATE message SET text = ?, finish = ? WHERE id = ?"
    db.execute(query, (_storable(text), finish, number))


def messages(db: sqlite3.Connection, session: int) -> Iterator[Placed]:
    """The messages of a session, the oldest first: the number of each, and its parent's."""
    return _messages(db, "session = ? ORDER BY id", (session,))


def following(db: sqlite3.Connection, session: int, parent: int | None, message: Message) -> int | None:
    """The number of this message behind its parent, if it stands there."""
    # Few messages follow one; but the first ones of all sessions follow none: those are found by session.
    where = "parent = ?2 AND session = ?1" if parent else "session = ?1 AND +parent IS ?2"
    others = _messages(db, where, (session, parent))
    return next((number for number, _, other in others if other == message), None)


def keep(db: sqlite3.Connection, number: int, kept: Kept) -> None:
    """Keep beside a reply what it took."""
    usage = kept.usage or (None,) * 4
    took = (kept.cost, kept.seconds, kept.first, json.dumps(kept.left_out), _storable(kept.reasoning))
    db.execute(
        "INSERT INTO answer (message, params, prompt, completion, cached, reasoned, cost, seconds, first,"
        " left_out, reasoning) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (number, json.dumps(kept.params.given()), *usage, *took),
    )


def kept(db: sqlite3.Connection, session: int) -> dict[int, Kept]:
    """What is kept beside the replies of a session, by their numbers."""
    found = db.execute(
        "SELECT message.id, params, prompt, completion, cached, reasoned, cost, seconds, first, left_out,"
        " reasoning FROM message JOIN answer ON answer.message = message.id WHERE message.session = ?",
        (session,),
    )
    return {number: _kept(row) for number, *row in found}


def _attach(db: sqlite3.Connection, message: int, place: int, image: Image) -> None:
    name = sha256(image.data).digest()
    db.execute("INSERT OR IGNORE INTO blob (sha256, data) VALUES (?, ?)", (name, image.data))
    db.execute(
        "INSERT INTO image (message, place, name, mime, width, height, blob) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (message, place, _storable(image.name), image.mime, image.width, image.height, name),
    )


def _messages(db: sqlite3.Connection, where: str, values: Sequence[object]) -> Iterator[Placed]:
    query = "SELECT id, parent, role, text, finish, images, model, along FROM message"
    for number, parent, role, text, finish, images, model, along in db.execute(
        f"{query} WHERE {where}", values
    ):
        pictures = _images(db, number) if images else ()
        said = (_ROLES[role], text, _FINISHES[finish], pictures, model, along)
        yield number, parent, tuple.__new__(Message, said)  # Message() takes half as long again


def _images(db: sqlite3.Connection, message: int) -> tuple[Image, ...]:
    found = db.execute(
        "SELECT name, mime, data, width, height FROM image JOIN blob ON blob.sha256 = image.blob"
        " WHERE message = ? ORDER BY place",
        (message,),
    )
    return tuple(Image(*row) for row in found)


def _first(messages: Iterable[Message]) -> str:
    first = next((message for message in messages if message.role is Role.USER), None)
    return first_words(first.asked[:1_000]) if first else ""


def _state(session: Session) -> str:
    """What a session holds that has no column of its own."""
    summary, last = session.summary, session.spent.last
    state: dict[str, object] = {
        "system": session.system,
        "params": session.params.given(),
        "limits": session.limits.given(),
        "pins": sorted(session.pins),
        "dropped": sorted(session.dropped),
        "summary": summary and (summary.text, sorted(summary.turns), summary.wanted),
        "last": last and last[:4],
    }
    return json.dumps({name: value for name, value in state.items() if value})


def _kept(row: Sequence[Any]) -> Kept:
    params, prompt, completion, cached, reasoned, cost, seconds, first, left_out, reasoning = row
    usage = None if prompt is None else Usage(prompt, completion, cached, reasoned)
    given, turns = json.loads(params), json.loads(left_out)
    return Kept(_params(given), usage, cost, seconds, first, reasoning, tuple(turns))


def _params(given: dict[str, Any]) -> Params:
    stop = given.get("stop")
    return Params(**{**given, "stop": stop and tuple(stop)})


def _summary(text: str, turns: Sequence[int], wanted: bool) -> Summary:
    return Summary(text, frozenset(turns), wanted)


def _storable(text: str) -> str:
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", text)
