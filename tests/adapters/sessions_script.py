"""Keeps turns in a session, and prints each text when it is kept.

With a name and a number it keeps so many turns. Without, it keeps turns for each name that it reads, as a
process of its own that prints its number first and goes on until it is killed; and says when it is over.
"""

import os
import sys
import time
from pathlib import Path

from chatcli.adapters.sqlite_store.store import SqliteStore
from chatcli.core.messages import Finish, Reply
from chatcli.core.session import Session


def keep(path, which, name, turns):
    store = SqliteStore(path, time.time)
    session = store.open(which) if store.named(which) else Session("m", id=which)
    for number in range(turns):
        asked = session.asked(f"{name} asks {number}?")
        store.asked(asked)
        print(f"{name} asks {number}?", flush=True)
        store.heard(asked, Reply(f"{name} hears {number}", Finish.TRUNCATED))
        print(f"{name} hears {number}", flush=True)
        reply = Reply(f"{name} hears {number} and ends.", Finish.STOP)
        store.answered(asked, reply)
        print(f"{name} hears {number} and ends.", flush=True)
        session = asked.answered(reply)


def keep_until_killed(path, which):
    for name in sys.stdin:
        child = os.fork()
        if not child:
            print(os.getpid(), flush=True)
            keep(path, which, name.strip(), 1_000)
        os.waitpid(child, 0)
        print("over", flush=True)


path, which, *rest = sys.argv[1:]
if rest:
    keep(Path(path), which, rest[0], int(rest[1]))
else:
    keep_until_killed(Path(path), which)
