"""What is said is written down as it is said; whatever becomes of the archive, the chat goes on."""

import pytest

from chatcli.adapters.sqlite_store.store import SqliteStore
from chatcli.core.events import Answering, TextDelta
from chatcli.core.messages import Finish, Reply, Role
from chatcli.core.session import Session
from chatcli.engine import Engine
from chatcli.errors import StoreError
from chatcli.scribe import FORKED, RESTORED, Scribe
from tests.e2e.world import eventually
from tests.fakes import FakeClock, ScriptedModel, holding


def asking(archive, *replies, tell=lambda _line: None, often=60.0, emit=lambda _event: None):
    scribe = Scribe(lambda: archive, tell=tell, advice="Go on.", often=often)
    ids = iter("abc")
    model = ScriptedModel(*replies)
    return Engine(model, holding(8192), emit, FakeClock(), new_id=lambda: next(ids), scribe=scribe)


class Full:
    """An archive on a disk on which there is no room, until it is given some."""

    def __init__(self, *, room=False):
        self.kept = []
        self.room = room

    def asked(self, session):
        if not self.room:
            raise StoreError("The disk is full.", "Make some room.")
        self.kept = [message.text for message in session.messages]

    moved = asked

    def answered(self, session, reply, *_):
        self.asked(session.answered(reply))


def test_the_question_is_on_disk_before_the_request_leaves(tmp_path):
    store = SqliteStore(tmp_path / "s.db", lambda: 1.0)
    seen = []
    engine = asking(store, [lambda: seen.append(store.open("a").messages[-1].text), "Hello"])
    engine.turn(Session("m"), "Who are you?")
    assert seen == ["Who are you?"]


def test_what_has_come_of_a_reply_is_on_disk_though_nothing_more_comes(tmp_path):
    store, other = (SqliteStore(tmp_path / "s.db", lambda: 1.0) for _ in range(2))
    seen = []

    def wait_for(text):
        eventually(lambda: other.open("a").messages[-1].text == text)
        seen.append(other.open("a").messages[-1].finish)

    script = ["One ", "two ", lambda: wait_for("One two "), "three", lambda: wait_for("One two three"), "!"]
    asking(store, script, often=0.01).turn(Session("m"), "Count")
    assert seen == [Finish.INTERRUPTED, Finish.INTERRUPTED]
    assert store.open("a").messages[-1][:3] == (Role.ASSISTANT, "One two three!", Finish.STOP)
    assert len(store.whole("a").said) == 2


def test_what_has_come_of_a_reply_is_on_disk_while_nobody_takes_the_next_piece(tmp_path):
    store, other = (SqliteStore(tmp_path / "s.db", lambda: 1.0) for _ in range(2))
    seen = []

    def stuck(event):
        if event == TextDelta("two "):
            eventually(lambda: other.open("a").messages[-1].text == "One two ")
            seen.append(event)

    asking(store, ["One ", "two ", "three"], often=0.01, emit=stuck).turn(Session("m"), "Count")
    assert seen == [TextDelta("two ")]


@pytest.mark.parametrize("why", [BrokenPipeError(), SystemExit(143)])
def test_what_had_come_of_a_reply_is_kept_where_the_program_ends_in_its_middle(tmp_path, why):
    store = SqliteStore(tmp_path / "s.db", lambda: 1.0)

    def end(event):
        if event == TextDelta("two"):
            raise why

    with pytest.raises(type(why)):
        asking(store, ["One ", "two", "three"], emit=end).turn(Session("m"), "Count")
    assert store.open("a").messages[-1][:3] == (Role.ASSISTANT, "One two", Finish.INTERRUPTED)


def test_the_model_that_answered_is_kept_where_none_was_named(tmp_path):
    store, other = (SqliteStore(tmp_path / "s.db", lambda: 1.0) for _ in range(2))
    seen = []

    def look():
        eventually(lambda: other.open("a").messages[-1].text == "Hel")
        seen.append(other.open("a").messages[-1].model)

    engine = asking(store, [Answering("llama"), "Hel", look, "lo"], often=0.01)
    session = engine.turn(Session(), "Hi").session
    assert (seen, store.open("a").messages[-1].model) == (["llama"], "llama")
    assert (session.model, session.answering, store.open("a").model) == (None, "llama", None)


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
    engine = asking(Full(), ["One"], ["Two"], tell=told.append)
    session = engine.turn(Session("m"), "a").session
    session = engine.turn(session, "b").session
    assert [message.text for message in session.messages] == ["a", "One", "b", "Two"]
    assert told == ["The disk is full. Make some room. Go on."]


def test_what_could_not_be_kept_is_tried_again_and_counted():
    disk = Full(room=True)
    scribe = Scribe(lambda: disk)
    asked = Session("m", id="a").asked("a")
    scribe.asked(asked)
    disk.room = False
    session = asked.answered(Reply("One", Finish.STOP))
    scribe.answered(asked, Reply("One", Finish.STOP), None, ())
    assert scribe.catch_up(session) == 1

    asked = session.asked("b")
    scribe.asked(asked)
    session = asked.answered(Reply("Two", Finish.STOP))
    assert scribe.catch_up(session) == 2

    disk.room = True
    assert scribe.catch_up(session) == 0
    assert disk.kept == ["a", "One", "b", "Two"]


def test_a_turn_that_could_not_be_kept_counts_after_it_was_undone():
    disk = Full(room=True)
    scribe = Scribe(lambda: disk)
    session = Session("m", id="a").asked("a").answered(Reply("One", Finish.STOP))
    scribe.moved(session)
    disk.room = False
    session = session.asked("b").answered(Reply("Two", Finish.STOP))
    scribe.moved(session)
    assert scribe.catch_up(session.back_to(1)) == 1


def test_a_title_that_cannot_be_kept_is_no_turn():
    disk = Full(room=True)
    scribe = Scribe(lambda: disk)
    session = Session("m", id="a").asked("a").answered(Reply("One", Finish.STOP))
    scribe.moved(session)
    disk.room = False
    scribe.moved(session)
    assert scribe.catch_up(session) == 0


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


def test_who_goes_on_with_a_session_that_another_program_deleted_is_told(tmp_path):
    ours, theirs = (SqliteStore(tmp_path / "s.db", lambda: 1.0) for _ in range(2))
    told = []
    engine = asking(ours, ["Hello"], ["Bye"], tell=told.append)
    session = engine.turn(Session("m"), "Hi").session
    theirs.remove(theirs.records())
    session = engine.turn(session, "Here").session
    assert told == [RESTORED]
    assert theirs.open("a").messages == session.messages
