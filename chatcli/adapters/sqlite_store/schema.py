"""The database: made where there is none, brought up to date where it is old, refused where it is newer."""

import fcntl
import os
import sqlite3
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final, TypeAlias

from chatcli.errors import StoreError

Step: TypeAlias = Sequence[str]
"""The statements that make the next version of the database out of the one before."""

# A message's number is the moment at which it was said, in milliseconds since 1970, or the next one that is
# free: what was said later has a higher number, whoever said it and wherever it came from. So the newest
# matches of a search stand last in its index, and "since" is a number to begin from.
STEPS: Final[Sequence[Step]] = (
    (
        """
        CREATE TABLE session (
            key INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice
            id TEXT NOT NULL UNIQUE,
            origin TEXT UNIQUE,              -- where it was before it was taken in
            title TEXT NOT NULL,
            first TEXT NOT NULL,             -- the first words of its first question
            model TEXT,
            created INTEGER NOT NULL,        -- milliseconds since 1970, and so is updated
            updated INTEGER NOT NULL,
            turns INTEGER NOT NULL,
            prompt INTEGER NOT NULL,         -- all that it has spent: tokens and dollars
            completion INTEGER NOT NULL,
            dollars REAL NOT NULL,
            unpriced INTEGER NOT NULL,
            head INTEGER,                    -- the last message of the way that the chat goes
            state TEXT NOT NULL              -- JSON: what else a session holds, where it is not as usual
        )
        """,
        "CREATE INDEX session_updated ON session (updated)",
        """
        CREATE TABLE message (
            id INTEGER PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
            parent INTEGER REFERENCES message DEFERRABLE INITIALLY DEFERRED,
            turn INTEGER NOT NULL,           -- its number on the way from the beginning
            role TEXT NOT NULL CHECK (role IN ('system', 'user', 'assistant')),
            model TEXT,
            finish TEXT,                     -- of a reply; 'unfinished' until it has come to its end
            along INTEGER NOT NULL,          -- characters at its beginning that came along with a question
            images INTEGER NOT NULL,
            text TEXT NOT NULL
        )
        """,
        """
        CREATE VIEW listed AS                -- with the model that it names, or that gave its last reply
        SELECT *, coalesce(model, (SELECT model FROM message WHERE id = session.head)) AS answering
        FROM session
        """,
        "CREATE INDEX message_session ON message (session)",
        "CREATE INDEX message_parent ON message (parent)",
        """
        CREATE TABLE answer (                -- what is kept with a reply
            message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
            params TEXT NOT NULL,            -- JSON
            prompt INTEGER,                  -- tokens, as the server counted them
            completion INTEGER,
            cached INTEGER,
            reasoned INTEGER,
            cost REAL,                       -- dollars
            seconds REAL NOT NULL,
            first REAL,
            left_out TEXT NOT NULL,          -- JSON: turns by number
            reasoning TEXT NOT NULL
        )
        """,
        "CREATE TABLE blob (sha256 BLOB PRIMARY KEY, data BLOB NOT NULL)",
        """
        CREATE TABLE image (
            message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
            place INTEGER NOT NULL,
            name TEXT NOT NULL,
            mime TEXT NOT NULL,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            blob BLOB NOT NULL REFERENCES blob,
            PRIMARY KEY (message, place)
        )
        """,
        "CREATE INDEX image_blob ON image (blob)",
        "CREATE INDEX message_unfinished ON message (finish) WHERE finish = 'unfinished'",
        # The texts stand in their messages and sessions; here are only the words, and two of our own for role
        # and model. A title has its session's key as a number, below zero. What is unfinished is not here.
        # So and Cn: pictures such as emoji are words too.
        """
        CREATE VIRTUAL TABLE words USING fts5 (
            text, facts, content = '', columnsize = 0, tokenize = "unicode61 categories 'L* N* Co So Cn'"
        )
        """,
    ),
)

_OURS: Final = 0x63686174  # application_id: "chat"
_BUSY_SECONDS: Final = 10.0

# FULL: what is committed has reached the disk, and outlives a power cut. NORMAL would put off the wait for
# the disk until many pages are written, and lose what was said since; at two waits a turn nobody notices.
_SETTINGS: Final = (
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",  # macOS calls it written when its disk has heard of it
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",  # nothing that was said in /tmp
)


class Damaged(StoreError):
    """What stands in the file is no sound database."""


class Barred(StoreError):
    """The file cannot be opened to be written."""


def connected(path: Path, steps: Sequence[Step] = STEPS) -> sqlite3.Connection:
    """The database at this place, as new as ``steps`` make it. Raises StoreError.

    Before an old one is changed, its copy is laid beside it: see ``backups``.
    """
    with telling(path):
        if not is_there(path):
            _create(path, steps)
        connection = _opened(path)
        try:
            _bring_up_to_date(connection, path, steps)
        except BaseException:
            connection.close()
            raise
        _keep_private(path)
        return connection


def looked_at(path: Path, steps: Sequence[Step] = STEPS) -> sqlite3.Connection:
    """The database at this place as it is, only to be read; where there is none, an empty one in memory.

    It may stand where nothing can be written. Raises StoreError.
    """
    with telling(path):
        if not is_there(path):
            connection = _connection("file::memory:")
            _take(connection, 0, steps)
            return connection
        # Nobody writes where even its log may not be made: it need not be locked.
        log = path.with_name(f"{path.name}-wal")
        connection = _opened(path, "mode=ro" if is_there(log) else "mode=ro&immutable=1")
        try:
            _refuse_an_old_one(connection, path, steps)
        except BaseException:
            connection.close()
            raise
        return connection


def is_there(path: Path) -> bool:
    """Whether there is anything in the file."""
    return path.exists() and path.stat().st_size > 0


def backups(path: Path) -> list[Path]:
    """The copies that were made before changes."""
    return sorted(path.parent.glob(f"{path.name}.before-*"))


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Errors of the disk and of the database leave as StoreError, in words."""
    try:
        yield
    except sqlite3.Error as error:
        raise _told(error, path) from error
    except OverflowError as error:
        raise StoreError("A number is too large to be kept.", "Is this a file of chatcli's?") from error
    except OSError as error:
        message = f"{path} cannot be used: {error.strerror or error}."
        raise StoreError(message, "Look at its folder: may you write there, and is there room?") from error


def _told(error: sqlite3.Error, path: Path) -> StoreError:
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return StoreError(f"There is no room left for {path}.", "Make some; then all is kept again.")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            message = f"Another program has not let go of {path} for {_BUSY_SECONDS:.0f} seconds."
            return StoreError(message, "End it, or wait until it is done.")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return Barred(f"{path} may not be written.", "Look at its rights, and at its folder's.")
        case (
            sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_IOERR
        ):  # the latter where a full disk has no room for its log
            hint = "Look at its folder: may you write there, and is there room?"
            return Barred(f"{path} cannot be used: {error}.", hint)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            hint = "Put it aside under another name, and a new one is begun."
            return Damaged(f"{path} is damaged: {error}.", hint)
        case _ if "fts5" in str(error):
            message = "This Python's SQLite has no full-text search (FTS5), which sessions need."
            return StoreError(message, "Install chatcli with another Python.")
        case _:
            hint = "Look at its folder: may you write there, and is there room?"
            return StoreError(f"{path} cannot be used: {error}.", hint)


def _create(path: Path, steps: Sequence[Step]) -> None:
    """Make a new database beside its place, and put it there when it is done: nobody sees half of one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    with _alone(path.parent):
        if is_there(path):
            return
        draft = path.with_name(f"{path.name}.draft")
        for left in path.parent.glob(f"{draft.name}*"):  # by somebody who was killed
            left.unlink()
        _private(draft)
        with closing(_opened(draft)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA application_id = {_OURS}")
            _take(connection, 0, steps)
        draft.replace(path)
        _reach_the_disk(path.parent)


def _version(connection: sqlite3.Connection, path: Path, steps: Sequence[Step]) -> int:
    """Its version, which is at most the one that ``steps`` make. Raises StoreError."""
    if _number(connection, "application_id") != _OURS:
        message = f"{path} is no database of chatcli's."
        raise StoreError(message, "Put it aside under another name, and a new one is begun.")
    version = _number(connection, "user_version")
    if version > len(steps):
        message = (
            f"{path} was written by a newer chatcli: its version is {version}, this one knows {len(steps)}."
        )
        raise StoreError(message, "Update chatcli. The file is as it was.")
    return version


def _refuse_an_old_one(connection: sqlite3.Connection, path: Path, steps: Sequence[Step]) -> None:
    if _version(connection, path, steps) < len(steps):
        message = f"{path} was written by an older chatcli, and cannot be brought up to date where it is."
        raise StoreError(message, "Copy it to a folder in which you may write.")


def _bring_up_to_date(connection: sqlite3.Connection, path: Path, steps: Sequence[Step]) -> None:
    if _version(connection, path, steps) == len(steps):
        return
    with _alone(path.parent):
        version = _number(connection, "user_version")  # somebody else may have been at it meanwhile
        if version < len(steps):
            _back_up(connection, path.with_name(f"{path.name}.before-{len(steps)}"))
            _take(connection, version, steps)


def _back_up(connection: sqlite3.Connection, copy: Path) -> None:
    draft = copy.with_name(f"{copy.name}.draft")
    draft.unlink(missing_ok=True)
    _private(draft)
    with closing(_opened(draft)) as target:
        connection.backup(target)
    draft.replace(copy)


def _take(connection: sqlite3.Connection, version: int, steps: Sequence[Step]) -> None:
    """Every step from this version on, or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in steps[version:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(steps)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _opened(path: Path, how: str = "mode=rw") -> sqlite3.Connection:
    """A connection to a file that is there."""
    return _connection(f"{path.absolute().as_uri()}?{how}")


def _connection(place: str) -> sqlite3.Connection:
    """A connection to what is at this URI. It may be used by any thread, by one at a time."""
    connection = sqlite3.connect(
        place,
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    for setting in _SETTINGS:
        connection.execute(setting)
    connection.create_function("alike", 2, _alike, deterministic=True)
    return connection


def _alike(name: str, other: str) -> bool:
    """Whether they differ in case alone, which SQLite knows of ASCII only."""
    name, other = (unicodedata.normalize("NFC", each).casefold() for each in (name, other))
    return name == other


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def _private(path: Path) -> None:
    """An empty file that is its owner's alone; what SQLite lays beside it gets the same rights."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _keep_private(path: Path) -> None:
    """Take from others what rights they were given since by accident, if it is ours to do so."""
    for place in (path.parent, *path.parent.glob(f"{path.name}*")):
        with suppress(OSError):
            if (mode := place.stat().st_mode) & 0o077:
                place.chmod(mode & 0o700)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process makes or changes a database here. A dead one's lock is free."""
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _reach_the_disk(folder: Path) -> None:
    """The names of the files in it, too, outlive a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
