"""An ``Archive`` in an SQLite database."""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from chatcli.adapters.sqlite_store import rows, search
from chatcli.adapters.sqlite_store.keeping import Keeper, read, take
from chatcli.adapters.sqlite_store.schema import (
    STEPS,
    Barred,
    Damaged,
    Step,
    backups,
    connected,
    is_there,
    looked_at,
    telling,
)
from chatcli.core.archive import Hit, Kept, Meanwhile, ModelStats, Record, Said, Stats, Whole
from chatcli.core.messages import Reply, Role
from chatcli.core.session import Session, first_words
from chatcli.errors import StoreError, UsageError

_TOTALS: Final = "SELECT (SELECT count(*) FROM session), count(*), min(id) FROM message"
_MODELS: Final = """
    SELECT model, count(*), coalesce(sum(prompt + completion), 0), coalesce(sum(cost), 0.0)
    FROM answer JOIN message ON message.id = answer.message GROUP BY model ORDER BY count(*) DESC
"""


class SqliteStore:
    """Sessions in the database at ``path``, which is opened when it is first needed, and made by who writes.

    ``now`` tells the seconds since 1970. Several threads may use it. What has failed may be tried again.
    """

    def __init__(self, path: Path, now: Callable[[], float], steps: Sequence[Step] = STEPS) -> None:
        self._path = path
        self._now = now
        self._steps = steps
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._keeper = Keeper()

    def asked(self, session: Session) -> Meanwhile:
        with self._writing(session.id) as db:
            return self._keeper.asked(db, session, self._at())

    def heard(self, session: Session, reply: Reply) -> None:
        with self._writing(session.id) as db:
            self._keeper.heard(db, session, reply, self._at())

    def answered(
        self, session: Session, reply: Reply, cost: float | None = None, left_out: Sequence[int] = ()
    ) -> None:
        took = (reply.usage, cost, reply.seconds, reply.first, reply.reasoning, tuple(left_out))
        with self._writing(session.id) as db:
            self._keeper.answered(db, session, reply, Kept(session.params, *took), self._at())

    def moved(self, session: Session) -> None:
        if not session.id:
            return
        with self._writing(session.id) as db:
            self._keeper.moved(db, session, self._at())

    def open(self, which: str) -> Session:
        with self._reading() as db:
            return self._keeper.open(db, _found(db, which))

    def named(self, name: str) -> Record | None:
        if not name.strip():
            return None
        called = "alike(?1, title) OR (title = '' AND alike(?2, first))"
        with self._reading() as db:
            found = rows.records(db, "id = ?", (name,))
            found = found or rows.records(db, called, (name, first_words(name)), 1)
        return next(iter(found), None)

    def records(
        self, limit: int | None = None, *, since: float | None = None, model: str | None = None
    ) -> list[Record]:
        where = "updated >= ? AND (?2 IS NULL OR answering = ?2)"
        with self._reading() as db:
            return rows.records(db, where, (rows.number_of(since or 0), model), limit)

    def search(
        self,
        text: str,
        *,
        since: float | None = None,
        model: str | None = None,
        role: Role | None = None,
        limit: int = 20,
    ) -> list[Hit]:
        first = rows.number_of(since or 0)
        with self._reading() as db:
            return search.search(db, text, since=first, model=model, role=role, limit=limit)

    def rename(self, which: str, title: str) -> None:
        with self._writing(which) as db:
            rows.rename(db, _found(db, which), title)

    def remove(self, shown: Iterable[Record]) -> list[Record]:
        with self._writing() as db:
            going = [each for each in shown if rows.records(db, "id = ?", (each.id,)) == [each]]
            rows.delete(db, (each.id for each in going))
            rows.delete_lone_blobs(db)
            search.forget(db)
        self._keeper.forget(each.id for each in going)
        with self._lock, telling(self._path):
            for copy in backups(self._path):
                copy.unlink()
            self._empty_the_log(db)
        return going

    def whole(self, which: str) -> Whole:
        with self._reading() as db:
            found = _found(db, which)
            _, session = read(db, found)
            kept = rows.kept(db, found.key)
            said = tuple(
                Said(number, parent, number / 1000, message, kept.get(number))
                for number, parent, message in rows.messages(db, found.key)
            )
        times = (found.created / 1000, found.updated / 1000)
        return Whole(session, *times, found.origin or "", said, found.head)

    def take(self, sessions: Iterable[Whole]) -> int:
        with self._writing() as db:
            return take(db, sessions)

    def check(self) -> list[str]:
        try:
            with self._reading() as db:
                search.check(db)
                return [*rows.damages(db)]
        except Damaged as error:
            return [error.message]

    def stats(self) -> Stats:
        with self._reading() as db:
            sessions, messages, since = db.execute(_TOTALS).fetchone()
            models = tuple(ModelStats(*row) for row in db.execute(_MODELS))
            size = sum(file.stat().st_size for file in self._path.parent.glob(f"{self._path.name}*"))
        return Stats(sessions, messages, size, since and since / 1000, models)

    def close(self) -> None:
        with self._lock:
            if self._connection:
                self._connection.close()
            self._connection = None

    def _at(self) -> int:
        return rows.number_of(self._now())

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """All that is read within it is of one moment."""
        with self._lock, telling(self._path), self._connected_to_read() as db, _transaction(db, "BEGIN"):
            yield db

    @contextmanager
    def _writing(self, *which: str) -> Iterator[sqlite3.Connection]:
        """All that is written within it about these sessions reaches the disk, or nothing does."""
        try:
            with self._lock, telling(self._path):
                db = self._connected()
                with _transaction(db, "BEGIN IMMEDIATE"):
                    yield db
        except BaseException:
            self._keeper.forget(which)
            raise

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connected(self._path, self._steps)
        return self._connection

    @contextmanager
    def _connected_to_read(self) -> Iterator[sqlite3.Connection]:
        """The same, where the database is there and may be written; else one to look at it this once."""
        if self._connection or is_there(self._path):
            with suppress(Barred):
                self._connected()
        if self._connection:
            yield self._connection
            return
        with closing(looked_at(self._path, self._steps)) as db:
            yield db

    def _empty_the_log(self, db: sqlite3.Connection) -> None:
        """What is deleted may still stand in the write-ahead log."""
        busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            message = (
                f"All is deleted, but {self._path.name}-wal still holds it: another chatcli reads there."
            )
            raise StoreError(message, "It is emptied when the last chatcli ends.")


@contextmanager
def _transaction(db: sqlite3.Connection, begin: str) -> Iterator[None]:
    try:
        db.execute(begin)
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _found(db: sqlite3.Connection, which: str) -> rows.Found:
    found = rows.find(db, which)
    if found is None:
        raise UsageError(f"There is no session {which!r}.", "chatcli sessions list shows them.")
    return found
