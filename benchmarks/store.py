"""What it costs to keep, list, find and open sessions, where there are a great many of them."""

import gc
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import accumulate, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure, Unit, in_turn
from benchmarks.process import run
from benchmarks.world import CHATCLI, World
from chatcli.adapters.sqlite_store.schema import connected
from chatcli.adapters.sqlite_store.search import Entry, add, forget, titled
from chatcli.adapters.sqlite_store.store import SqliteStore
from chatcli.core.messages import Finish, Reply, Role, Usage
from chatcli.core.session import Session

_MILLISECONDS = Unit("ms", 1e-3)

_SESSIONS = 10_000
_MESSAGES = 1_000_000
_LONGEST = 4_000  # messages of one session: 2,000 turns
_SENTENCES = 7  # of a message, which makes it about a kilobyte
_BEGAN = 1_650_000_000_000
_BATCH = 5_000


def storing(world: World) -> list[Figure]:
    """With a gigabyte of messages."""
    return _figures(world, _SESSIONS, _MESSAGES)


def storing_little(world: World) -> list[Figure]:
    """The same with a hundredth of it, to see in a moment that all of it works."""
    return _figures(world, _SESSIONS // 100, _MESSAGES // 100)


def _figures(world: World, sessions: int, messages: int) -> list[Figure]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "full/chatcli/sessions.db"
        path.parent.mkdir(parents=True)
        words = _fill(path, sessions, messages)
        gc.freeze()  # as the program does when all is loaded
        store = SqliteStore(path, time.time)
        bare = sqlite3.connect(path, isolation_level=None)
        size = f"{sessions:,} sessions, {messages:,} messages"
        late = _late(bare)
        figures = [
            *_saving(store, Path(folder) / "bare.db"),
            _opening(store, bare),
            _least(f"listing the last 50 of {size}", partial(store.records, 50)),
            _least("listing all of them", store.records),
            _least("searching a word that stands everywhere", partial(store.search, words[0])),
            _least("two such words", partial(store.search, f"{words[0]} {words[1]}")),
            _least("a frequent and a rare word", partial(store.search, f"{words[0]} {words[-1]}")),
            _least("a rare word", partial(store.search, words[-1])),
            _least("a phrase", partial(store.search, f'"{words[0]} {words[1]}"')),
            _least("a frequent word, of a rare model", partial(store.search, words[0], model="rare")),
            _least("a frequent word, of a role", partial(store.search, words[0], role=Role.USER)),
            _least("a frequent word, of the last days", partial(store.search, words[0], since=late)),
        ]
        bare.close()
        store.close()
        return [*figures, _starting(world, Path(folder))]


def _starting(world: World, folder: Path) -> Figure:
    """A question from the shell, where all of this is kept and where nothing is."""

    def asking(data: str) -> tuple[float]:
        there = replace(world, environ={**world.environ, "XDG_DATA_HOME": str(folder / data)})
        seconds = run((*CHATCLI, "--model", "short", "Say hello"), there).seconds
        world.asked_at()
        return (seconds,)

    [seconds] = in_turn(lambda: asking("full"), lambda: asking("empty"), 15)
    return Figure("a question from the shell, with all of it / with none", seconds, _MILLISECONDS, 1.05)


def _saving(store: SqliteStore, path: Path) -> list[Figure]:
    """A turn of a chat of some length, against the two commits without which nothing is safe."""
    bare = sqlite3.connect(path, isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, text TEXT)")
    chat = [Session("gpt-6-luna", id="a chat")]

    def ours() -> tuple[float]:
        began = time.perf_counter()
        asked = chat[0].asked("What is to be said of the old harbour? " * 10)
        store.asked(asked)
        reply = Reply("A great deal, and little of it is true. " * 25, Finish.STOP, usage=Usage(100, 200))
        store.answered(asked, reply, 0.001)
        chat[0] = asked.answered(reply)
        return (time.perf_counter() - began,)

    def floor() -> tuple[float]:
        began = time.perf_counter()
        for text in ("What is to be said of the old harbour? " * 10, "A great deal, and little. " * 40):
            bare.execute("BEGIN IMMEDIATE")
            bare.execute("INSERT INTO message (text) VALUES (?)", (text,))
            bare.execute("COMMIT")
        return (time.perf_counter() - began,)

    [seconds] = in_turn(ours, floor, 100)
    bare.close()
    return [Figure("keeping a turn / two bare commits", seconds, _MILLISECONDS, 2)]


def _opening(store: SqliteStore, bare: sqlite3.Connection) -> Figure:
    """The longest session, against its rows alone."""
    query = "SELECT * FROM message WHERE session = 1 ORDER BY id"

    def ours() -> tuple[float]:
        began = time.perf_counter()
        count = len(store.open("s1").messages)
        seconds = time.perf_counter() - began
        assert count == len(bare.execute(query).fetchall())
        return (seconds,)

    def floor() -> tuple[float]:
        began = time.perf_counter()
        bare.execute(query).fetchall()
        return (time.perf_counter() - began,)

    [seconds] = in_turn(ours, floor, 15)
    return Figure("opening the longest session / reading its rows", seconds, _MILLISECONDS, 1.5)


def _least(name: str, act: Callable[[], object]) -> Figure:
    """How long it takes, against the least that is felt."""

    def ours() -> tuple[float]:
        began = time.perf_counter()
        act()
        return (time.perf_counter() - began,)

    [seconds] = in_turn(ours, lambda: (0.05,), 15)
    return Figure(name, seconds, _MILLISECONDS, 0.05, absolute=True)


def _late(db: sqlite3.Connection) -> float:
    (newest,) = db.execute("SELECT max(id) FROM message").fetchone()
    return newest / 1000 - 3 * 86_400


def _fill(path: Path, sessions: int, messages: int) -> list[str]:
    """Sessions of people who talk about everything, one of them at length; words from frequent to rare."""
    chance = random.Random(1)
    words = _words(chance)
    weights = list(accumulate(1 / (at + 2) for at in range(len(words))))
    sentences = [" ".join(chance.choices(words, cum_weights=weights, k=20)) for _ in range(40_000)]
    db = connected(path)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("INSERT INTO words (words, rank) VALUES ('hashsize', 67108864)")
    db.execute("BEGIN")
    said = _said(chance, sentences, sessions, messages)
    heads: dict[int, tuple[int, int]] = {}
    while batch := list(islice(said, _BATCH)):
        db.executemany(
            "INSERT INTO message (id, session, parent, turn, role, model, finish, along, images, text)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, ?)",
            batch,
        )
        add(db, [Entry(number, text, role, model) for number, _, _, _, role, model, _, text in batch])
        heads.update((session, (number, turn)) for number, session, _, turn, *_ in batch)
    titles = {key: sentences[key][:44] for key in heads if key % 2}
    add(db, [titled(key, titles[key]) for key in sorted(titles, reverse=True)])
    db.executemany(
        "INSERT INTO session (key, id, title, first, model, created, updated, turns, prompt, completion,"
        " dollars, unpriced, head, state) VALUES (?, ?, ?, ?, 'gpt-6-luna', ?, ?, ?, 1000, 2000, 0.01, 0,"
        " ?, '{}')",
        (
            (key, f"s{key}", titles.get(key, ""), sentences[key][:44], _BEGAN, number, turn, number)
            for key, (number, turn) in heads.items()
        ),
    )
    db.execute("INSERT INTO words (words, rank) VALUES ('hashsize', 1048576)")
    forget(db)  # an index that grew by and by is not left in large pieces, to be joined by who comes next
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("rb") as file:
        os.fsync(file.fileno())  # or else the first turns would wait for a gigabyte
    db.close()
    return [words[at] for at in (0, 1, 5_000)]


_Row = tuple[int, int, int | None, int, str, str | None, str | None, str]


def _said(chance: random.Random, sentences: list[str], sessions: int, messages: int) -> Iterator[_Row]:
    """The rows of messages: first the long session, then those of many that go on side by side."""
    number = _BEGAN
    last: dict[int, tuple[int, int]] = {}
    for at in range(messages):
        number += chance.randint(1, 180_000)
        session = 1 if at < min(_LONGEST, messages // 2) else 2 + (at // 2) % (sessions - 1)
        parent, turn = last.get(session, (None, 0))
        question = at % 2 == 0
        turn += question
        last[session] = (number, turn)
        model = None if question else "rare" if at % 1_001 == 0 else "gpt-6-luna"
        text = ". ".join(chance.choices(sentences, k=_SENTENCES))
        role, finish = ("user", None) if question else ("assistant", "stop")
        yield number, session, parent, turn, role, model, finish, text


def _words(chance: random.Random) -> list[str]:
    syllables = [first + second for first in "bcdfglmnprst" for second in "aeiou"]
    made = ("".join(chance.choices(syllables, k=chance.randint(1, 4))) for _ in range(60_000))
    return list(dict.fromkeys(made))
