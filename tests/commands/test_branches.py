"""The ways that a chat has gone: listed, and gone to."""

import time
from dataclasses import replace

import pytest

from chatcli.adapters.sqlite_store.store import SqliteStore
from chatcli.commands import COMMANDS
from chatcli.commands.outcomes import Arrange, Say, Show
from chatcli.commands.registry import Registry
from chatcli.core.archive import Meanwhile
from chatcli.core.desk import Desk
from chatcli.core.messages import Finish, Message, Reply, Role
from chatcli.core.session import Session
from chatcli.engine import Engine
from chatcli.errors import Rejected, StoreError, UsageError
from chatcli.repl import Repl
from chatcli.scribe import Scribe
from tests.commands.test_registry import WORLD
from tests.core.test_session import chat
from tests.fakes import FakeClock, Hands, holding
from tests.test_repl import Talk

REGISTRY = Registry(COMMANDS, WORLD)

NUMBERS = chat("one 1", "two 2", "three 3")


def grown(session, *turns):
    """The session with these turns behind it, each a question and its answer."""
    for turn in turns:
        question, answer = turn.split()
        session = session.asked(question).answered(Reply(answer, Finish.STOP))
    return session


# First one, two, three; then another answer to two, and four; then uno in the place of one.
RETRIED = grown(NUMBERS.back_to(1), "two zwei", "four vier")
FORKED = grown(RETRIED.back_to(0), "uno eins")


def texts(session):
    return [each.text for each in session.messages]


def run(line, session, registry=REGISTRY):
    return registry.run(line, Desk(session))


def listed(session, registry=REGISTRY):
    told, arranged = run("/branch", session, registry).outcomes
    assert arranged.text == "/branch N goes there"
    return told.text.splitlines()


def kept(path, *sessions):
    """Commands with a real archive in which these sessions are."""
    archive = SqliteStore(path / "sessions.db", time.time)
    for session in sessions:
        archive.moved(session)
    return Registry(COMMANDS, WORLD._replace(archive=archive))


def test_the_ways_are_listed_with_the_place_where_each_parts_the_newest_first():
    assert listed(FORKED) == [
        "   3  here         1 turn     uno",
        "   2  from turn 1  3 turns    one",
        "   1  from turn 1  3 turns    one",
    ]
    assert listed(RETRIED) == [
        "   2  here           3 turns    four",
        "   1  from answer 2  2 turns    2",
    ]


def test_whoever_went_back_stands_in_the_middle_of_a_way():
    assert listed(NUMBERS.back_to(2)) == [
        "      here         2 turns    two",
        "   1  from turn 3  1 turn     three",
    ]
    assert listed(chat("one 1").back_to(0)) == [
        "      here         0 turns",
        "   1  from turn 1  1 turn     one",
    ]


def test_going_to_a_branch_takes_its_messages_and_shows_its_last_turn():
    arranged, *shown = run("/branch 1", RETRIED).outcomes
    assert isinstance(arranged, Arrange)
    assert texts(arranged.desk.session) == ["one", "1", "two", "2", "three", "3"]
    assert arranged.text == "branch 1, 3 turns; /branch 2 goes back"
    assert [each.text for each in shown] == ["\n3> three", "3"]
    assert isinstance(shown[-1], Show)


def test_what_was_undone_is_brought_back():
    talk = Talk("one", "two", "/undo", "/branch 1", "three", replies=(["1"], ["2"], ["3"]))
    assert talk.heard == ["undone turn 2: two; /branch 1 brings it back", "branch 1, 2 turns", "\n2> two"]
    assert texts(talk.session) == ["one", "1", "two", "2", "three", "3"]
    assert talk.session.ways == (talk.session.messages,)


@pytest.mark.parametrize(
    ("session", "line", "told"),
    [
        (NUMBERS, "/undo", "undone turn 3: three; /branch 1 brings it back"),
        (NUMBERS, "/undo 2", "undone turns 2-3: two; /branch 1 brings them back"),
        (NUMBERS.back_to(2), "/undo", "undone turn 2: two; /branch 1 brings it back"),
        (RETRIED, "/undo", "undone turn 3: four; /branch 2 brings it back"),
    ],
)
def test_undo_tells_the_way_back(session, line, told):
    undone = run(line, session)
    assert undone.text == told
    number = told.split("/branch ")[1].split()[0]
    back = run(f"/branch {number}", undone.session).outcomes[0].desk.session
    assert back.messages[: len(session.messages)] == session.messages


def test_a_branch_keeps_its_number_wherever_the_chat_goes():
    talk = Talk(
        "one", "/undo", "uno", "/branch 1", "two", "/branch 2", "dos", "/undo 2", "ichi", "/branch",
        replies=(["1"], ["eins"], ["2"], ["zwei"], ["san"]),
    )  # fmt: skip
    assert talk.heard[-2].splitlines() == [
        "   3  here         1 turn     ichi",
        "   2  from turn 1  2 turns    uno",
        "   1  from turn 1  2 turns    one",
    ]
    ways = [[each.text for each in way] for way in talk.session.ways]
    assert ways == [["one", "1", "two", "2"], ["uno", "eins", "dos", "zwei"], ["ichi", "san"]]


def test_what_is_said_of_turns_goes_along_only_where_both_ways_have_them():
    session = replace(RETRIED, pins=frozenset({1, 3}), dropped=frozenset({2}))
    there = run("/branch 1", session).outcomes[0].desk.session
    assert (there.pins, there.dropped) == ({1}, frozenset())
    assert there.spent == session.spent


def test_a_question_that_got_no_answer_can_be_asked_again_from_its_branch():
    lost = (Message(Role.USER, "Which?"),)
    outcome = run("/branch 1", replace(chat("one 1"), branches=(lost,)))
    desk = outcome.outcomes[0].desk
    assert (desk.unanswered, desk.session.messages) == ("Which?", ())
    told = "branch 1, 0 turns; no answer came to 'Which?', which /retry asks again; /branch 2 goes back"
    assert outcome.outcomes[0].text == told


def test_another_program_s_way_is_found_where_sessions_are_kept(tmp_path):
    begun = chat("one 1", id="a")
    ours, theirs = grown(begun, "mine 2"), grown(begun, "yours 3", "more 4")
    registry = kept(tmp_path, begun, theirs, ours)
    assert listed(ours, registry) == [
        "   2  from turn 2  2 turns    yours",
        "   1  here         2 turns    mine",
    ]
    learnt = run("/branch", ours, registry).outcomes[1].desk
    assert [(each.text, each.help) for each in registry.complete("/branch ", learnt)] == [("2", "yours")]
    assert texts(run("/branch 2", ours, registry).outcomes[0].desk.session)[2:] == ["yours", "3", "more", "4"]


def test_whoever_another_program_went_on_behind_stands_in_the_middle_of_its_way(tmp_path):
    begun = chat("one 1", id="a")
    registry = kept(tmp_path, begun, grown(begun, "more 2"))
    assert listed(begun, registry) == [
        "      here         1 turn     one",
        "   1  from turn 2  1 turn     more",
    ]


def test_the_same_answer_that_was_given_twice_is_one_branch(tmp_path):
    archive = SqliteStore(tmp_path / "sessions.db", time.time)
    for answer in ("yes", "yes", "no"):
        asked = Session("m", id="a").asked("Is it?")
        archive.asked(asked)
        archive.answered(asked, Reply(answer, Finish.STOP))
    session = SqliteStore(tmp_path / "sessions.db", time.time).open("a")
    registry = Registry(COMMANDS, WORLD._replace(archive=archive))
    assert len(session.branches) == 2
    assert listed(session, registry) == [
        "   2  here           1 turn     Is it?",
        "   1  from answer 1  1 turn     yes",
    ]
    there = run("/branch 1", session, registry).outcomes[0].desk.session
    more = grown(there, "Why? So")
    assert [each.text for each in registry.complete("/branch ", Desk(more))] == ["2"]


def test_to_list_the_ways_of_others_changes_nothing_that_is_kept_and_to_go_there_does(tmp_path):
    begun = chat("one 1", id="a")
    registry = kept(tmp_path, begun, grown(begun, "yours 3"))
    archive, talk = registry.world.archive, Talk()
    engine = Engine(talk.model, holding(8192), talk.emit, FakeClock())
    repl = Repl(Desk(begun), talk, registry, engine, talk.emit, Hands(), Scribe(lambda: archive))
    before = archive.records()
    repl.step("/branch")
    assert archive.records() == before
    repl.step("/branch 1")
    repl.step("/undo")
    assert texts(archive.open("a")) == ["one", "1"]


def test_whoever_goes_on_behind_another_program_is_told_of_no_branch_of_its_own(tmp_path):
    begun = chat("one 1", id="a")
    theirs = grown(begun, "yours 3")
    ours, others = (SqliteStore(tmp_path / "sessions.db", time.time) for _ in range(2))
    ours.moved(begun)
    others.moved(theirs)
    there = begun.joined([theirs.messages]).gone(theirs.messages)
    ours.moved(there)
    assert ours.asked(there.asked("And?")) is Meanwhile.NOTHING
    assert others.asked(theirs.asked("So?")) is Meanwhile.WENT_ON


class Failing:
    """An archive that cannot be read."""

    def whole(self, which):
        raise StoreError(f"{which} is lost.")


def test_where_sessions_cannot_be_read_what_is_known_here_must_do():
    registry = Registry(COMMANDS, WORLD._replace(archive=Failing()))
    assert listed(replace(RETRIED, id="a"), registry) == listed(RETRIED)


def test_the_other_branches_are_offered_with_the_first_words_that_they_have_alone():
    offered = [(each.text, each.help) for each in REGISTRY.complete("/branch ", Desk(RETRIED))]
    assert offered == [("1", "2")]
    offered = [(each.text, each.help) for each in REGISTRY.complete("/branch ", Desk(FORKED))]
    assert offered == [("2", "one"), ("1", "one")]


def test_it_is_offered_where_there_is_a_branch():
    command = REGISTRY.find("branch")
    assert [command.when(Desk(each)) for each in (NUMBERS, NUMBERS.back_to(1))] == [False, True]


def test_whoever_is_there_stays():
    assert run("/branch 2", RETRIED) == Say("this is branch 2")


@pytest.mark.parametrize(
    ("line", "session", "wrong", "hint"),
    [
        (
            "/branch",
            Session("m"),
            "This chat has no other branch.",
            "/undo, /edit and /retry leave one behind.",
        ),
        ("/branch 1", NUMBERS, "This chat has no other branch.", "/undo, /edit and /retry leave one behind."),
        ("/branch 3", RETRIED, "There is no branch 3: this chat has 2.", "/branch lists them."),
        ("/branch it", RETRIED, "/branch takes a number, not 'it'.", "For example /branch 2."),
    ],
)
def test_wrong_use_says_what_is_right(line, session, wrong, hint):
    with pytest.raises(UsageError) as refused:
        run(line, session)
    assert (refused.value.message, refused.value.hint) == (wrong, hint)


def test_a_chat_that_is_shown_again_tells_of_its_other_branches():
    assert run("/history 1", FORKED).outcomes[-1] == Say("\n2 other branches: /branch")
    assert run("/history 1", RETRIED).outcomes[-1] == Say("\n1 other branch: /branch")
    desk = Desk(Session("m"), shelf=(FORKED,))
    assert REGISTRY.run("/resume 1", desk).outcomes[0].text == "uno, 1 turn; 2 other branches: /branch"


def test_a_question_that_fails_on_a_branch_leaves_the_chat_on_it():
    talk = Talk("one", "/undo", "/branch 1", "two", "/branch", replies=(["1"], [Rejected("busy")]))
    assert texts(talk.session) == ["one", "1"]
    assert talk.heard[-1] == "This chat has no other branch."
