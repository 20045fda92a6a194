"""Full text: the words of every message in an index, and the messages that hold some of them."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from chatcli.core.archive import Hit
from chatcli.core.finding import Phrase, Score, phrases, snippet, spaced
from chatcli.core.messages import Role
from chatcli.errors import UsageError

# Of so many of the newest matches the best are found. To weigh all of them would take seconds for a word
# that stands everywhere, and nobody looks for the best of a million.
_LOOKED_AT: Final = 500

_CANDIDATES: Final = """
    SELECT message.id, message.text FROM words JOIN message ON message.id = words.rowid
    WHERE words MATCH ? AND words.rowid >= ? ORDER BY words.rowid DESC LIMIT ?
"""
_FOUND: Final = """
    SELECT session.id, session.title, session.first, message.turn, message.role, message.model
    FROM message JOIN session ON session.key = message.session WHERE message.id = ?
"""


class Entry(NamedTuple):
    """A message as it stands in the index; one without a text does not."""

    number: int
    text: str
    role: str
    model: str | None


def entries(db: sqlite3.Connection, session: int) -> list[Entry]:
    """The messages of a session."""
    found = db.execute("SELECT id, text, role, model FROM message WHERE session = ?", (session,))
    return [Entry(*row) for row in found]


def add(db: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Put messages into the index."""
    db.executemany("INSERT INTO words (rowid, text, facts) VALUES (?, ?, ?)", _rows(entries))


def take_out(db: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Take messages out of the index, where they stand exactly as they are given here."""
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
    """The best messages that hold all the words, from number ``since`` on. Raises UsageError."""
    sought = phrases(text)
    if not sought:
        raise UsageError(f"There is no word in {text!r}.", 'For example: "old harbour" fire')
    match = _match(sought, role, model)
    score = Score(sought)
    rated = [
        (score.of(candidate), number, candidate)
        for number, candidate in db.execute(_CANDIDATES, (match, since, max(limit, _LOOKED_AT)))
    ]
    best = sorted(rated, reverse=True)[:limit]
    return [_hit(db, number, found, sought) for _, number, found in best]


def _match(sought: Sequence[Phrase], role: Role | None, model: str | None) -> str:
    """The question in FTS5's own words. A phrase holds letters and digits alone."""
    words = " AND ".join(f'"{" ".join(phrase)}"' for phrase in sought)
    facts = [*([_role(role.value)] if role else []), *([_model(model)] if model else [])]
    return " AND ".join([f"text : ({words})", *(f"facts : {fact}" for fact in facts)])


def _hit(db: sqlite3.Connection, number: int, text: str, sought: Sequence[Phrase]) -> Hit:
    session, title, first, turn, role, model = db.execute(_FOUND, (number,)).fetchone()
    piece = snippet(text, sought)
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
