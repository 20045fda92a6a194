"""Whole chats: begun, branched off, named, laid aside and taken up again."""

from dataclasses import replace

import pytest

from chatcli.commands import COMMANDS
from chatcli.commands.outcomes import Arrange, Become, Say
from chatcli.commands.registry import Registry
from chatcli.core.desk import Desk, Staged
from chatcli.core.params import Params
from chatcli.core.session import Session
from chatcli.errors import UsageError
from tests.commands.test_registry import WORLD
from tests.core.test_session import chat
from tests.test_repl import Talk

REGISTRY = Registry(COMMANDS, WORLD)

LISBON = chat("Where? Lisbon", "When? May", title="Trip to Lisbon")
NUMBERS = chat("one 1")
DESK = Desk(chat("now? yes"), shelf=(LISBON, NUMBERS))


@pytest.mark.parametrize("line", ["/clear", "/new"])
def test_clear_begins_anew_with_the_same_settings_and_keeps_the_old_chat(line):
    session = chat("one 1", params=Params(temperature=1.0), title="Numbers")
    assert REGISTRY.run(line, Desk(session, shelf=(LISBON,))) == Arrange(
        Desk(Session("m", params=Params(temperature=1.0)), shelf=(session, LISBON)),
        "a new chat; /resume 1 goes back to the old one",
    )


def test_a_chat_in_which_nothing_was_said_is_not_kept():
    desk = Desk(Session("m"), shelf=(LISBON,))
    assert REGISTRY.run("/clear", desk) == Arrange(desk, "a new chat")


def test_a_chat_in_which_all_was_undone_is_kept():
    session = LISBON.back_to(0)
    assert REGISTRY.run("/clear", Desk(session)).desk.shelf == (session,)


def test_what_is_staged_stays_for_the_next_message():
    staged = (Staged("notes.txt", "..."),)
    assert REGISTRY.run("/clear", replace(DESK, staged=staged)).desk.staged == staged


@pytest.mark.parametrize(
    ("line", "turns", "text"),
    [
        ("/fork", 2, "a new chat with turns 1-2; /resume 1 goes back to the old one"),
        ("/fork 1", 1, "a new chat with turn 1; /resume 1 goes back to the old one"),
    ],
)
def test_a_fork_begins_with_turns_of_the_old_chat_which_is_kept(line, turns, text):
    desk = Desk(LISBON, shelf=(NUMBERS,))
    assert REGISTRY.run(line, desk) == Arrange(Desk(LISBON.forked(turns), shelf=(LISBON, NUMBERS)), text)


def test_sessions_lists_the_open_chat_and_the_others():
    assert REGISTRY.run("/sessions", DESK) == Say(
        "open  1 turn     now?\n   1  2 turns    Trip to Lisbon\n   2  1 turn     one"
    )
    assert REGISTRY.run("/sessions", Desk(Session())) == Say("open  0 turns    (nothing is said yet)")


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        ("/resume", LISBON),
        ("/resume 1", LISBON),
        ("/resume 2", NUMBERS),
        ("/resume Trip to Lisbon", LISBON),
        ("/resume trip", LISBON),
        ("/resume lisbon", LISBON),
        ("/resume one", NUMBERS),
    ],
)
def test_a_chat_is_taken_up_again_and_the_open_one_laid_aside(line, taken):
    (other,) = {LISBON, NUMBERS} - {taken}
    desk = REGISTRY.run(line, DESK).desk
    assert (desk.session, desk.shelf) == (taken, (DESK.session, other))


def test_whoever_resumes_is_told_what():
    assert REGISTRY.run("/resume 1", DESK).text == "Trip to Lisbon, 2 turns; /history shows them"


def test_resuming_twice_comes_back():
    there = REGISTRY.run("/resume", DESK).desk
    assert REGISTRY.run("/resume", there).desk == DESK


def test_a_title_goes_before_a_longer_one_that_begins_with_it():
    desk = Desk(Session(), shelf=(LISBON.forked(1), LISBON))
    assert REGISTRY.run("/resume trip to lisbon", desk).desk.session == LISBON


@pytest.mark.parametrize(
    ("line", "desk", "message", "hint"),
    [
        ("/resume", Desk(NUMBERS), "There is no other chat.", "/clear begins one, and keeps this one."),
        ("/resume 3", DESK, "There is no other chat '3'.", "/sessions lists them."),
        ("/resume 0", DESK, "There is no other chat '0'.", "/sessions lists them."),
        ("/resume xyz", DESK, "There is no other chat 'xyz'.", "/sessions lists them."),
        ("/fork", Desk(Session()), "Nothing has been said yet.", "Ask something first."),
        ("/fork 2", Desk(NUMBERS), "There is no turn 2: this chat has 1.", "/history shows them."),
        ("/fork all", Desk(NUMBERS), "/fork takes a number, not 'all'.", "For example /fork 2."),
    ],
)
def test_wrong_use_says_what_is_right(line, desk, message, hint):
    with pytest.raises(UsageError) as refused:
        REGISTRY.run(line, desk)
    assert (refused.value.message, refused.value.hint) == (message, hint)


def test_a_title_is_set_and_shown():
    assert REGISTRY.run("/title", Desk(NUMBERS)) == Say("title is not set (one)")
    assert REGISTRY.run("/title", Desk(LISBON)) == Say("title = Trip to Lisbon")
    named = replace(NUMBERS, title="Some numbers")
    assert REGISTRY.run("/title Some  numbers", Desk(NUMBERS)) == Become(named, "title → Some numbers")


def test_the_chats_that_can_be_resumed_are_offered_with_what_they_are_called():
    resume = REGISTRY.find("resume")
    assert not resume.when(Desk(NUMBERS))
    assert resume.when(DESK)
    offered = REGISTRY.complete("/resume ", DESK)
    assert [(each.text, each.help) for each in offered] == [("1", "Trip to Lisbon"), ("2", "one")]


def test_a_chat_is_left_and_found_again_as_it_was():
    talk = Talk("one", "/clear", "two", "/resume", "three", replies=(["1"], ["2"], ["3"]))
    assert [message.text for message in talk.session.messages] == ["one", "1", "three", "3"]
    assert [message.text for message in talk.model.requests[1].messages] == ["two"]


def test_a_fork_leaves_the_old_chat_as_it_is():
    talk = Talk("one", "two", "/fork 1", "three", replies=(["1"], ["2"], ["3"]))
    (old,) = talk.repl.desk.shelf
    assert [message.text for message in talk.session.messages] == ["one", "1", "three", "3"]
    assert [message.text for message in old.messages] == ["one", "1", "two", "2"]
