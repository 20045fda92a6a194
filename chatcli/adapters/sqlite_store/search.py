"""Full text: the words of messages and titles in an index, and those that hold some of them."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final, NamedTuple

from chatcli.core.archive import Hit
from chatcli.core.finding import Phrase, Score, Snippet, phrases, snippet, spaced
from chatcli.core.messages import Role
from chatcli.errors import UsageError

# Of so many of the newest matches the best are found. To weigh all of them would take seconds for a word
# that stands everywhere, and nobody looks for the best of a million.
_LOOKED_AT: Final = 500

_CANDIDATES: Final = """
    SELECT message.id, message.text FROM words JOIN message ON message.id = words.rowid
    WHERE words MATCH ? AND words.rowid >= ? ORDER BY words.rowid DESC LIMIT ?
"""
# A reply that is still coming, or whose program was killed, is not in the index: while it grows it would be
# taken out and put in again each second.
_UNFINISHED: Final = """
    SELECT id, text FROM message
    WHERE finish = 'unfinished' AND id >= ?1 AND (?2 IS NULL OR role = ?2) AND (?3 IS NULL OR model = ?3)
"""
_TITLES: Final = """
    SELECT key, title FROM words JOIN listed ON listed.key = -words.rowid
    WHERE words MATCH ? AND updated >= ? AND (?3 IS NULL OR answering = ?3) ORDER BY words.rowid LIMIT ?4
"""
_TITLED: Final = "SELECT id, title, answering, updated / 1000.0 FROM listed WHERE key = ?"
_TITLE: Final = "title"  # what stands in the index in the place of a role

_FOUND: Final = """
    SELECT session.id, session.title, session.first, message.turn, message.role, message.model
    FROM message JOIN session ON session.key = message.session WHERE message.id = ?
"""


class Entry(NamedTuple):
    """A message or a title as it stands in the index; one without a text does not."""

    number: int
    text: str
    role: str
    model: str | None


def entries(db: sqlite3.Connection, numbers: Iterable[int]) -> Iterator[Entry]:
    """Those of these messages that have come to their end."""
    query = "SELECT id, text, role, model FROM message WHERE id = ? AND finish IS NOT 'unfinished'"
    for number in sorted(numbers):
        if row := db.execute(query, (number,)).fetchone():
            yield Entry(*row)


def titled(session: int, title: str) -> Entry:
    """The title of the session with this key."""
    return Entry(-session, title, _TITLE, None)  # below zero: no message has such a number


def add(db: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Put them into the index, which is quick where each has a higher number than the one before."""
    db.executemany("INSERT INTO words (rowid, text, facts) VALUES (?, ?, ?)", _rows(entries))


def take_out(db: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Take them out of the index, where they stand exactly as they are given here."""
    command = "INSERT INTO words (words, rowid, text, facts) VALUES ('delete', ?, ?, ?)"
    db.executemany(command, _rows(entries))


def forget(db: sqlite3.Connection) -> None:
    """Have nothing left of what was taken out: until now it was only marked."""
    db.execute("INSERT INTO words (words) VALUES ('optimize')")


def check(db: sqlite3.Connection) -> None:
    """Have an error raised if the index is damaged."""
    db.execute("INSERT INTO words (words) VALUES ('integrity-check')")


def search(  # noqa: PLR0913 - what can be asked for
    db: sqlite3.Connection, text: str, *, since: int, model: str | None, role: Role | None, limit: int
) -> list[Hit]:
    """The best titles and messages that hold all the words, from moment ``since`` on. Raises UsageError."""
    sought = phrases(text)
    if not sought:
        raise UsageError(f"There is no word in {text!r}.", 'For example: "old harbour" fire')
    score, most, speaker = Score(sought), max(limit, _LOOKED_AT), role and role.value
    titles = () if role else db.execute(_TITLES, (_match(sought, _TITLE), since, model, most))
    ended = db.execute(_CANDIDATES, (_match(sought, speaker, model), since, most))
    growing = (each for each in db.execute(_UNFINISHED, (since, speaker, model)) if score.is_held(each[1]))
    hits = chain(
        (_title_hit(db, key, snippet(title, sought)) for key, title in _best(titles, score)),
        (_hit(db, number, snippet(said, sought)) for number, said in _best(chain(ended, growing), score)),
    )
    return list(islice(hits, limit))


def _best(found: Iterable[tuple[int, str]], score: Score) -> list[tuple[int, str]]:
    """The numbered texts, the best first."""
    rated = sorted(((score.of(text), number, text) for number, text in found), reverse=True)
    return [(number, text) for _, number, text in rated]


def _match(sought: Sequence[Phrase], role: str | None, model: str | None = None) -> str:
    """The question in FTS5's own words. A phrase holds letters, digits and pictures alone."""
    words = " AND ".join(f'"{" ".join(phrase)}"' for phrase in sought)
    facts = [*([_role(role)] if role else []), *([_model(model)] if model else [])]
    return " AND ".join([f"text : ({words})", *(f"facts : {fact}" for fact in facts)])


def _title_hit(db: sqlite3.Connection, key: int, piece: Snippet) -> Hit:
    session, title, model, updated = db.execute(_TITLED, (key,)).fetchone()
    return Hit(session, title, 1, None, model, updated, piece.text, piece.marks)


def _hit(db: sqlite3.Connection, number: int, piece: Snippet) -> Hit:
    session, title, first, turn, role, model = db.execute(_FOUND, (number,)).fetchone()
    return Hit(session, title or first, turn, Role(role), model, number / 1000, piece.text, piece.marks)


def _rows(entries: Iterable[Entry]) -> Iterable[tuple[int, str, str]]:
    for number, text, role, model in entries:
        if text:
            yield number, spaced(text), f"{_role(role)} {_model(model)}" if model else _role(role)


def _role(role: str) -> str:
    return f"role{role}"


def _model(model: str) -> str:
    """One word, whatever the name holds."""
    return "model" + model.encode("utf-8", "replace").hex()
