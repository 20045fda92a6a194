"""What is said is written down as it is said; whatever becomes of the archive, the chat goes on."""

from itertools import chain, repeat

from chatcli.adapters.sqlite_store.store import SqliteStore
from chatcli.core.messages import Finish, Role
from chatcli.core.session import Session
from chatcli.engine import Engine
from chatcli.errors import StoreError
from chatcli.scribe import FORKED, Scribe
from tests.fakes import FakeClock, ScriptedModel, holding


def asking(archive, *replies, tell=lambda _line: None, now=lambda: 0.0):
    scribe = Scribe(lambda: archive, now=now, tell=tell, advice="Go on.")
    events, ids = [], iter("abc")
    model = ScriptedModel(*replies)
    clock = FakeClock()
    return Engine(model, holding(8192), events.append, clock, new_id=lambda: next(ids), scribe=scribe)


class Broken:
    """An archive on a disk that is full."""

    def asked(self, session):
        raise StoreError("The disk is full.")

    answered = heard = moved = lambda self, *_: self.asked(None)


def test_the_question_is_on_disk_before_the_request_leaves(tmp_path):
    store = SqliteStore(tmp_path / "s.db", lambda: 1.0)
    seen = []
    engine = asking(store, [lambda: seen.append(store.open("a").messages[-1].text), "Hello"])
    engine.turn(Session("m"), "Who are you?")
    assert seen == ["Who are you?"]


def test_what_has_come_of_a_reply_is_on_disk_a_second_later(tmp_path):
    store = SqliteStore(tmp_path / "s.db", lambda: 1.0)
    seconds, seen = chain([0.0, 0.5, 1.5], repeat(1.6)), []
    engine = asking(
        store,
        ["One ", "two ", lambda: seen.append(store.open("a").messages[-1]), "three"],
        now=lambda: next(seconds),
    )
    engine.turn(Session("m"), "Count")
    assert [(message.text, message.finish) for message in seen] == [("One two ", Finish.INTERRUPTED)]
    assert store.open("a").messages[-1][:3] == (Role.ASSISTANT, "One two three", Finish.STOP)


def test_an_interrupted_reply_is_kept_with_how_it_ended(tmp_path):
    store = SqliteStore(tmp_path / "s.db", lambda: 1.0)
    asking(store, ["One", KeyboardInterrupt()]).turn(Session("m"), "Count")
    assert store.open("a").messages[-1].finish is Finish.INTERRUPTED


def test_a_turn_that_failed_leaves_the_session_where_it_was_and_its_question_in_the_tree(tmp_path):
    store = SqliteStore(tmp_path / "s.db", lambda: 1.0)
    engine = asking(store, ["Hello"], [StoreError("no")], ["Again"])
    session = engine.turn(Session("m"), "Hi").session
    asking(store, [KeyboardInterrupt()]).turn(session, "lost?")
    opened = store.open("a")
    assert [message.text for message in opened.messages] == ["Hi", "Hello"]
    assert [message.text for message in opened.branches[0]] == ["Hi", "Hello", "lost?"]


def test_an_archive_that_fails_is_told_of_once_and_the_chat_goes_on():
    told = []
    engine = asking(Broken(), ["One"], ["Two"], tell=told.append)
    session = engine.turn(Session("m"), "a").session
    session = engine.turn(session, "b").session
    assert [message.text for message in session.messages] == ["a", "One", "b", "Two"]
    assert told == ["The disk is full. Go on."]


def test_who_goes_on_with_a_session_that_another_program_went_on_with_is_told(tmp_path):
    ours, theirs = (SqliteStore(tmp_path / "s.db", lambda: 1.0) for _ in range(2))
    told = []
    engine = asking(ours, ["Hello"], ["Bye"], tell=told.append)
    session = engine.turn(Session("m"), "Hi").session
    asking(theirs, ["From there"]).turn(theirs.open("a"), "There")
    engine.turn(session, "Here")
    assert told == [FORKED]
    ways = {ours.open("a").messages, *ours.open("a").branches}
    assert {way[2].text for way in ways} == {"Here", "There"}
