"""Sessions in a database: kept step by step, opened as they were, listed, taken in, removed."""

import sqlite3
import stat
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatcli.adapters.sqlite_store.store import SqliteStore
from chatcli.core.archive import Kept, Meanwhile, ModelStats, Said, Whole
from chatcli.core.messages import Finish, Image, Message, Reply, Role, Usage
from chatcli.core.money import Spent
from chatcli.core.params import Limits, Params
from chatcli.core.session import Session, Summary
from chatcli.errors import StoreError, UsageError

DOT = Image("dot.png", "image/png", b"\x89PNG a dot", 1, 1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "sessions.db"


@pytest.fixture
def opened(path):
    """Opens the archive as another program would; a second passes at each look at the clock."""
    seconds = count(1_700_000_000)
    stores = []

    def opened():
        stores.append(SqliteStore(path, lambda: float(next(seconds))))
        return stores[-1]

    yield opened
    for store in stores:
        store.close()


def turn(store, session, question, answer="Yes.", **facts):
    """The session with a question and its answer, both kept."""
    asked = session.asked(question)
    store.asked(asked)
    reply = Reply(answer, Finish.STOP, **facts)
    store.answered(asked, reply)
    return asked.answered(reply)


def remove(store, *ids):
    """Delete these sessions as they are; the ids of those that are gone."""
    shown = [record for record in store.records() if record.id in ids]
    return [record.id for record in store.remove(shown)]


def texts(messages):
    return [message.text for message in messages]


def bytes_of(path):
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_a_question_is_there_before_anything_comes_of_it(opened):
    opened().asked(Session("m", id="a").asked("Is it?"))

    assert opened().open("a") == Session("m", id="a").asked("Is it?")


def test_what_has_come_of_a_reply_is_there_while_it_comes_and_marked_as_interrupted(opened):
    here, session = opened(), Session("m", id="a").asked("Is it?")
    here.asked(session)
    here.heard(session, Reply("It", Finish.TRUNCATED))
    here.heard(session, Reply("It may", Finish.TRUNCATED))

    there = opened().open("a")

    assert there.messages[1:] == (Message(Role.ASSISTANT, "It may", Finish.INTERRUPTED, model="m"),)


def test_a_session_is_opened_as_it_was(opened):
    session = Session(
        "gpt-6-luna",
        "Be brief.",
        Params(temperature=0.2, stop=("a", "b"), max_tokens=9),
        Limits(context=512, trim="turns"),
        title="Lisbon",
        id="a",
    )
    here = opened()
    for number in range(4):
        session = turn(here, session, f"Question {number}?", f"Answer {number}.")
    session = replace(session.pinned([1]).dropping([2]), summary=Summary("Much.", frozenset([2, 3]), True))
    session = replace(session, spent=Spent(10, 20, 0.25, 3, Spent(1, 2, 0.125, 3)))
    here.moved(session)

    assert opened().open("a") == session


def test_a_reply_without_a_word_is_no_message_but_what_it_took_is_kept(opened):
    here, session = opened(), Session("m", id="a").asked("Is it?")
    here.asked(session)
    here.answered(session, Reply("", Finish.FAILED, "Hm.", Usage(5, 6)), 0.5)

    there = opened()

    assert there.open("a") == session
    assert there.whole("a").said[1].kept == Kept(usage=Usage(5, 6), cost=0.5, reasoning="Hm.")


def test_everything_about_a_reply_is_kept_with_it(opened):
    here = opened()
    asked = Session("m", params=Params(seed=7), id="a").asked("Is it?")
    here.asked(asked)
    here.answered(asked, Reply("Yes.", Finish.LENGTH, "Hm.", Usage(5, 6, 1, 2), 1.5, 0.5), 0.25, (1, 2))

    said = opened().whole("a").said

    assert said[1].kept == Kept(Params(seed=7), Usage(5, 6, 1, 2), 0.25, 1.5, 0.5, "Hm.", (1, 2))
    assert said[1].message == Message(Role.ASSISTANT, "Yes.", Finish.LENGTH, model="m")


def test_going_back_and_asking_anew_keeps_every_way(opened):
    here = opened()
    session = turn(here, turn(here, Session("m", id="a"), "One?", "First."), "Two?", "Second.")
    again = turn(here, session.back_to(1), "Two?", "Another.")
    anew = turn(here, again.back_to(0), "Zero?")

    there = opened().open("a")

    assert texts(there.messages) == ["Zero?", "Yes."]
    assert [texts(branch) for branch in there.branches] == [
        ["One?", "First.", "Two?", "Second."],
        ["One?", "First.", "Two?", "Another."],
    ]
    assert there == anew
    assert len(opened().whole("a").said) == 7


def test_undo_alone_is_kept_too(opened):
    here = opened()
    session = turn(here, turn(here, Session("m", id="a"), "One?"), "Two?").back_to(1)
    here.moved(session)

    assert opened().open("a") == session


def test_a_session_goes_on_where_another_run_left_it(opened):
    turn(opened(), Session("m", id="a"), "One?")
    there = opened()
    session = turn(there, there.open("a"), "Two?")

    assert opened().open("a") == session
    assert len(opened().whole("a").said) == 4


def test_a_fork_is_a_session_of_its_own(opened):
    here = opened()
    session = turn(here, turn(here, Session("m", id="a"), "One?"), "Two?")
    fork = turn(here, replace(session.forked(1), id="b"), "Three?")
    remove(here, "a")

    assert opened().open("b") == fork


def test_a_session_in_which_nothing_was_asked_is_not_kept(opened):
    opened().moved(Session("m", title="Nothing"))

    assert opened().records() == []


def test_pictures_and_what_came_along_are_kept_the_same_picture_once(opened, path):
    here, question = opened(), Message(Role.USER, "a text\n\nWhat is it?", images=(DOT, DOT), along=8)
    session = turn(here, turn(here, Session("m", id="a"), question), question)

    assert opened().open("a") == session
    assert bytes_of(path).count(DOT.data) == 1


def test_two_programs_in_one_session_lose_no_turn_and_are_told_once(opened):
    one, other = opened(), opened()
    begun = turn(one, Session("m", id="a"), "One?")
    theirs = other.open("a")

    assert one.asked(begun.asked("Mine?")) is Meanwhile.NOTHING
    assert other.asked(theirs.asked("Yours?")) is Meanwhile.WENT_ON
    assert other.asked(theirs.asked("Yours?").asked("And?")) is Meanwhile.NOTHING
    assert one.asked(begun.asked("Mine?").asked("So?")) is Meanwhile.WENT_ON
    assert one.asked(begun.asked("Mine?").asked("So?").asked("Now?")) is Meanwhile.NOTHING

    there = opened().open("a")
    assert texts(there.messages) == ["One?", "Yes.", "Mine?", "So?", "Now?"]
    assert [texts(branch) for branch in there.branches] == [["One?", "Yes.", "Yours?", "And?"]]


def test_what_two_programs_spend_in_one_session_is_added_up(opened):
    one, other = opened(), opened()
    begun = turn(one, Session("m", id="a", spent=Spent(10, 10, 1.0)), "One?")
    theirs = other.open("a")
    turn(one, replace(begun, spent=Spent(15, 15, 1.5)), "Mine?")
    turn(other, replace(theirs, spent=Spent(12, 11, 1.25, 4)), "Yours?")

    assert opened().open("a").spent == Spent(17, 16, 1.75, 4)


def test_a_session_that_somebody_deletes_meanwhile_is_kept_again_with_the_next_message(opened):
    here = opened()
    session = turn(here, Session("m", id="a"), "One?")
    remove(opened(), "a")
    asked = session.asked("Two?")

    assert here.asked(asked) is Meanwhile.DELETED
    assert here.asked(asked.asked("Well?")) is Meanwhile.NOTHING
    assert opened().open("a") == asked.asked("Well?")


def test_that_a_session_was_deleted_while_a_reply_came_is_told_with_the_next_question(opened):
    here, asked = opened(), Session("m", id="a").asked("One?")
    here.asked(asked)
    remove(opened(), "a")
    reply = Reply("Yes.", Finish.STOP)
    here.answered(asked, reply)

    assert here.asked(asked.answered(reply).asked("Two?")) is Meanwhile.DELETED


def test_who_deletes_a_session_itself_is_not_told(opened):
    here = opened()
    session = turn(here, Session("m", id="a"), "One?")
    remove(here, "a")

    assert here.asked(session.asked("Two?")) is Meanwhile.NOTHING


def test_a_title_that_another_program_gave_stays_until_another_is_given_here(opened):
    here = opened()
    session = turn(here, Session("m", title="Ports", id="a"), "Where?")
    opened().rename("a", "Lisbon")
    session = turn(here, session, "And when?")
    assert opened().open("a").title == "Lisbon"

    here.moved(replace(session, title="Porto"))
    assert opened().open("a").title == "Porto"


def test_sessions_are_listed_the_last_one_first(opened):
    here = opened()
    turn(here, Session("m", id="a", spent=Spent(2, 3, 0.5)), "What is\nit?")
    turn(here, Session("n", id="b", title="Lisbon", spent=Spent(1, 1, 0.0, 2)), "Where?")
    turn(here, here.open("a"), "And now?")

    first, second = opened().records()

    assert (first.id, first.heading, first.model, first.turns) == ("a", "What is it?", "m", 2)
    assert (first.tokens, first.cost) == (5, 0.5)
    assert first.created < second.created < second.updated < first.updated
    assert (second.id, second.heading, second.cost) == ("b", "Lisbon", None)
    assert [record.id for record in here.records(1)] == ["a"]
    assert [record.id for record in here.records(model="n")] == ["b"]
    assert [record.id for record in here.records(since=first.updated)] == ["a"]


def test_a_session_is_known_by_its_id_its_title_or_its_first_question(opened):
    here = opened()
    turn(here, Session("m", id="a"), "Where is it?")
    turn(here, Session("m", id="b", title="Lisbon"), "When is it?")

    turn(here, Session("m", id="c", title="a"), "Which one?")

    named = (here.named(name) for name in ("a", "lisbon", "where is it?", "When is it?", "Porto"))

    assert [found and found.id for found in named] == ["a", "b", "a", None, None]


def test_a_session_is_known_by_its_name_in_any_case_of_any_language(opened):
    here = opened()
    turn(here, Session("m", id="a", title="Äpfel aus der Straße"), "Which?")
    turn(here, Session("m", id="b"), "Où est la forêt?")

    named = (
        here.named(name)
        for name in ("äPFEL AUS DER STRASSE", "A\u0308pfel aus der Straße", "OÙ EST LA FORÊT?")
    )

    assert [found and found.id for found in named] == ["a", "a", "b"]


def test_a_session_is_known_by_a_first_question_of_any_length(opened):
    here, question = opened(), "Where is it, and if it is there, who has put it there, and when, and why?"
    turn(here, Session("m", id="a"), question)

    assert [here.named(name).id for name in (question, here.records()[0].first)] == ["a", "a"]


@pytest.mark.parametrize("name", ["", " ", "\n\t"])
def test_a_blank_name_is_nobodys(opened, name):
    here = opened()
    turn(here, Session("m", id="a"), "Where?")
    turn(here, Session("m", id="b"), Message(Role.USER, "", images=(DOT,)))

    assert here.named(name) is None


def test_a_session_gets_another_title(opened):
    here = opened()
    turn(here, Session("m", id="a"), "Where?")
    here.rename("a", "Lisbon")

    assert opened().open("a").title == "Lisbon"


@pytest.mark.parametrize("act", ["open", "whole", "rename"])
def test_a_session_that_is_not_there_is_a_mistake_of_the_person(opened, act):
    given = ("x", "y") if act == "rename" else ("x",)
    with pytest.raises(UsageError, match="There is no session 'x'"):
        getattr(opened(), act)(*given)


def test_what_is_not_as_it_was_shown_any_more_is_left_alone(opened):
    here = opened()
    going = turn(here, Session("m", id="goes on"), "Where?")
    for each in ("stays the same", "is renamed", "is deleted"):
        turn(here, Session("m", id=each), "Where?")
    shown = opened().records()
    turn(here, going, "And when?")
    here.rename("is renamed", "Keep this one")
    remove(here, "is deleted")

    gone = opened().remove(shown)

    assert [record.id for record in gone] == ["stays the same"]
    assert {record.id for record in opened().records()} == {"goes on", "is renamed"}
    assert opened().check() == []


def test_nothing_is_left_in_any_file_of_what_was_removed(opened, path):
    here = opened()
    turn(here, Session("m", id="stays"), "Where is the lighthouse?")
    secret = Message(Role.USER, "My word is xylophone.", images=(DOT,))
    session = turn(
        here, Session("m", "Say rhododendron.", id="gone"), secret, "A hippopotamus.", reasoning="okapi"
    )
    here.rename("gone", "Secret wombat")
    here.close()
    there = opened()
    there.open("gone")
    turn(there, session, "And a second xylophone?")
    words = [b"xylophone", b"rhododendron", b"hippopotamus", b"hippopotam", b"okapi", b"wombat", DOT.data]
    assert all(word in bytes_of(path) for word in words)

    remove(there, "gone")

    assert [word for word in words if word in bytes_of(path)] == []
    assert there.search("xylophone") == []
    assert [hit.session for hit in there.search("lighthouse")] == ["stays"]
    assert there.check() == []


def test_files_and_folder_become_their_owners_alone_again(opened, path):
    first = opened()
    turn(first, Session("m", id="a"), "Where?")
    path.parent.chmod(0o755)
    for file in path.parent.iterdir():
        file.chmod(0o644)

    turn(opened(), Session("m", id="b"), "Where?")

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.glob("sessions.db*")}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert modes == dict.fromkeys(("sessions.db", "sessions.db-shm", "sessions.db-wal"), 0o600)


@pytest.mark.parametrize(
    ("look", "seen"),
    [
        (lambda store: store.records(), []),
        (lambda store: store.search("word"), []),
        (lambda store: store.named("a"), None),
        (lambda store: store.check(), []),
        (lambda store: store.stats()[:4], (0, 0, 0, None)),
    ],
)
def test_to_look_at_an_archive_that_is_not_there_makes_none(opened, path, look, seen):
    assert look(opened()) == seen
    assert not path.parent.exists()


def test_who_looked_before_there_was_anything_sees_what_comes(opened):
    here = opened()
    assert here.records() == []
    turn(opened(), Session("m", id="a"), "Where?")

    assert [record.id for record in here.records()] == ["a"]


def test_files_and_folder_are_their_owners_alone(opened, path):
    turn(opened(), Session("m", id="a"), "Where?")

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}

    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert modes == dict.fromkeys((".lock", "sessions.db", "sessions.db-shm", "sessions.db-wal"), 0o600)


def test_what_is_kept_is_on_the_disk_when_it_is_said_to_be(opened, path):
    """SQLite's own promise for a power cut: a log that is written ahead, and waited for."""
    here = opened()
    turn(here, Session("m", id="a"), "Where?")

    db = here._connection
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("PRAGMA synchronous").fetchone() == (2,)


def test_everything_is_counted(opened):
    here = opened()
    for session, usage, cost in (("a", Usage(1, 2), 0.5), ("b", Usage(3, 4), None)):
        asked = Session("m", id=session).asked("Where?")
        here.asked(asked)
        here.answered(asked, Reply("There.", Finish.STOP, usage=usage), cost)

    stats = opened().stats()

    assert (stats.sessions, stats.messages) == (2, 4)
    assert stats.models == (ModelStats("m", 2, 10, 0.5),)
    assert stats.since == 1_700_000_000
    assert stats.size > 50_000
    assert SqliteStore(here._path.with_name("other.db"), float).stats().since is None


def test_what_was_taken_out_whole_is_taken_in_whole(opened, tmp_path):
    here = opened()
    session = turn(here, Session("m", "Be brief.", id="a"), Message(Role.USER, "One?", images=(DOT,)))
    asked = session.asked("Two?")
    here.asked(asked)
    here.answered(asked, Reply("", Finish.FAILED, usage=Usage(1, 0)), 0.5, (1,))
    session = turn(here, session.back_to(0), "Three?", usage=Usage(1, 2), seconds=2.0)
    whole = here.whole("a")
    other = SqliteStore(tmp_path / "other" / "sessions.db", lambda: 0.0)

    assert other.take([whole, whole]) == 1
    assert other.take([whole]) == 0

    assert other.whole("a") == whole
    assert other.open("a") == here.open("a")
    assert [hit._replace(at=0) for hit in other.search("three")] == [
        hit._replace(at=0) for hit in here.search("three")
    ]
    other.close()


def test_a_session_from_elsewhere_is_known_by_where_it_was(opened):
    here = opened()
    asked = Session("m", id="a").asked("One?")
    assert here.take([Whole(asked, 1.0, 2.0, "there 7")]) == 1
    assert here.take([Whole(replace(asked, id="b"), 1.0, 2.0, "there 7")]) == 0

    assert here.whole("a")[1:4] == (1.0, 2.0, "there 7")
    assert here.records()[0].updated == 2.0


def test_sessions_are_taken_in_all_or_none(opened):
    here, fine = opened(), Whole(Session("m", id="a").asked("One?"), 1.0, 1.0)

    def damaged():
        yield fine
        raise UsageError("Line 2 is no session.")

    with pytest.raises(UsageError, match="Line 2"):
        here.take(damaged())

    assert here.records() == []
    assert here.take([fine]) == 1


def test_a_session_that_is_taken_in_is_found_by_its_title_and_every_message(opened):
    here = opened()
    old = Session("m", title="Lisbon", id="old").asked("One harbour?")
    new = Session("m", title="Porto", id="new").asked("Another harbour?")
    here.take([Whole(new, 9.0, 9.0), Whole(old, 5.0, 5.0)])

    assert {hit.session for hit in here.search("harbour")} == {"old", "new"}
    assert [hit.session for hit in here.search("lisbon")] == ["old"]
    remove(here, "old", "new")
    assert (here.search("harbour"), here.search("lisbon"), here.check()) == ([], [], [])


def test_what_was_said_at_the_same_moment_stays_in_its_order(opened):
    here = opened()
    said = tuple(Said(at, at - 1 if at else None, 5.0, Message(Role.USER, f"{at}")) for at in range(4))
    session = Session("m", id="a", messages=tuple(one.message for one in said))
    here.take([Whole(session, 5.0, 5.0, "", said, 3), Whole(replace(session, id="b"), 5.0, 5.0, "", said, 3)])

    assert here.open("a") == session
    assert here.open("b") == replace(session, id="b")


ANY_TEXT = st.text(max_size=20)
ANY_MESSAGE = st.builds(
    Message,
    st.sampled_from(Role),
    ANY_TEXT.filter(bool),
    st.none() | st.sampled_from(Finish),
    st.lists(st.builds(Image, ANY_TEXT, st.just("image/png"), st.binary(), st.just(1), st.just(2))).map(
        tuple
    ),
    st.none() | ANY_TEXT,
    st.just(0),
)
IDS = count()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(ANY_MESSAGE, max_size=6), ANY_TEXT, ANY_TEXT)
def test_any_session_is_opened_as_it_was(opened, said, system, title):
    session = Session("m", system, title=title, messages=tuple(said[:1]), id=f"{next(IDS)}")
    here = opened()
    here.asked(session)
    for message in said[1:]:
        session = replace(session, messages=(*session.messages, message))
        here.moved(session)

    there = opened()
    assert there.open(session.id) == session
    assert there.check() == []
    here.close()
    there.close()


def test_half_a_character_is_kept_as_one_that_is_unknown(opened):
    here = opened()
    session = turn(here, Session("m", id="a"), "\ud83d?", "A \0 and\udc00.")

    assert texts(opened().open("a").messages) == ["\ufffd?", "A \0 and\ufffd."]
    assert turn(here, session, "And?").turns[1][0].text == "And?"
    assert len(opened().open("a").messages) == 4


def test_bytes_that_are_no_text_name_no_session(opened):
    assert opened().named("\udcff") is None
    assert opened().records(model="\udcff") == []
    with pytest.raises(UsageError, match="There is no session"):
        opened().open("\udcff")


def test_a_number_that_is_too_large_is_told(opened):
    asked = Session("m", id="a").asked(Message(Role.USER, "One?", along=2**70))
    with pytest.raises(StoreError, match="A number is too large"):
        opened().take([Whole(asked, 1.0, 1.0)])


def test_another_program_may_look_while_one_writes(opened, path):
    turn(opened(), Session("m", id="a"), "One?")
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")

    assert [record.id for record in opened().records()] == ["a"]

    writer.execute("ROLLBACK")
    writer.close()
