"""Whole chats: begun, branched off, named, laid aside and taken up again."""

from dataclasses import replace

import pytest

from chatcli.adapters.sqlite_store.store import SqliteStore
from chatcli.commands import COMMANDS
from chatcli.commands.outcomes import Arrange, Become, Entitle, Say, Show
from chatcli.commands.registry import Registry
from chatcli.core.desk import Desk, Staged
from chatcli.core.events import Notice
from chatcli.core.messages import Finish, Reply, Usage
from chatcli.core.params import Params
from chatcli.core.session import Session
from chatcli.errors import StoreError, UsageError
from tests.commands.test_registry import WORLD
from tests.core.test_session import chat
from tests.test_repl import Talk

REGISTRY = Registry(COMMANDS, WORLD)

LISBON = chat("Where? Lisbon", "When? May", title="Trip to Lisbon")
NUMBERS = chat("one 1")
DESK = Desk(chat("now? yes"), shelf=(LISBON, NUMBERS))
NOW = 1_795_000_000.0


def resumed(line, desk=DESK, registry=REGISTRY):
    """The desk after ``/resume``, what is told, and what is shown."""
    arranged, *shown = registry.run(line, desk).outcomes
    return arranged.desk, arranged.text, [each.text for each in shown]


class Kept:
    """Commands with a real archive: these chats were kept in it one after the other, a minute apart."""

    def __init__(self, path, *sessions):
        self.at = NOW - 3600
        self.archive = SqliteStore(path / "sessions.db", lambda: self.at)
        for session in sessions:
            self.at += 60
            self.archive.moved(session)
        self.registry = Registry(COMMANDS, WORLD._replace(archive=self.archive, now=lambda: NOW))

    def run(self, line, desk):
        return self.registry.run(line, desk)

    def resumed(self, line, desk):
        return resumed(line, desk, self.registry)


FERRY = chat("Ferry? Cacilhas", "When? Hourly", title="Trip to Lisbon", id="f0")
PORTS = chat("Port? Rotterdam", id="b0")
HERE = Desk(chat("now? yes", id="a0"))


@pytest.fixture
def kept(tmp_path):
    return Kept(tmp_path, PORTS, FERRY, HERE.session)


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
    desk, _, _ = resumed(line)
    assert (desk.session, desk.shelf) == (taken, (DESK.session, other))


def test_whoever_resumes_is_told_what_and_sees_its_last_turns():
    assert resumed("/resume 1")[1:] == (
        "Trip to Lisbon, 2 turns",
        ["\n1> Where?", "Lisbon", "\n2> When?", "May"],
    )
    assert REGISTRY.run("/resume 2", DESK).outcomes[-1] == Show("1", rendered=None, finish=Finish.STOP)


def test_of_a_long_chat_the_last_three_turns_are_shown():
    long = replace(chat("1? a", "2? b", "3? c", "4? d"), model="other")
    _, told, shown = resumed("/resume", Desk(Session("m"), shelf=(long,)))
    assert told == "1?, 4 turns; of other; /history shows all of them"
    assert shown == ["\n2> 2?", "b", "\n3> 3?", "c", "\n4> 4?", "d"]


def test_resuming_twice_comes_back():
    assert resumed("/resume", resumed("/resume")[0])[0] == DESK


def test_a_title_goes_before_a_longer_one_that_begins_with_it():
    desk = Desk(Session(), shelf=(LISBON.forked(1), LISBON))
    assert resumed("/resume trip to lisbon", desk)[0].session == LISBON


def test_a_private_chat_is_gone_when_another_is_opened():
    private = replace(DESK, private=True)
    assert REGISTRY.run("/clear", private).desk.shelf == DESK.shelf
    assert REGISTRY.run("/clear", private).text == "a new chat"
    assert resumed("/resume 1", private)[0].shelf == (NUMBERS,)


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


def test_a_title_is_asked_of_the_model_when_there_is_something_to_be_named():
    assert REGISTRY.run("/title auto", Desk(NUMBERS)) == Entitle()
    with pytest.raises(UsageError, match="Nothing has been said yet"):
        REGISTRY.run("/title auto", Desk(Session("m")))


def test_the_model_finds_a_title_beside_the_chat():
    talk = Talk("Which ferry?", "/title auto", replies=(["Cacilhas"], ['"Ferries of Lisbon."\nIt fits.']))
    assert talk.session.title == "Ferries of Lisbon"
    assert talk.heard == ["title → Ferries of Lisbon"]
    assert [message.text for message in talk.session.messages] == ["Which ferry?", "Cacilhas"]
    assert talk.model.requests[1].messages[1].text == (
        "user: Which ferry?\n\nassistant: Cacilhas\n\nWhat is the title of this conversation?"
    )


def test_finding_a_title_is_paid_for_by_the_chat():
    talk = Talk("Ferry?", "/title auto", replies=(["Cacilhas", Usage(9, 2)], ["Ferries", Usage(40, 3)]))
    assert (talk.session.spent.prompt, talk.session.spent.completion) == (49, 5)
    assert talk.events[-1] == Notice("finding a title ...")


def test_a_model_that_finds_no_title_changes_nothing():
    talk = Talk("Which ferry?", "/title Ferries", "/title auto", replies=(["Cacilhas"], ["..."]))
    assert (talk.session.title, talk.heard[-1]) == ("Ferries", "The model gave no title.")


def test_the_chats_that_can_be_resumed_are_offered_by_number_and_by_what_they_are_called():
    offered = REGISTRY.complete("/resume ", DESK)
    assert [(each.text, each.help) for each in offered] == [("1", "Trip to Lisbon"), ("2", "one")]
    called = REGISTRY.complete("/resume tri", DESK)
    assert [(each.text, each.length, each.help) for each in called] == [('"Trip to Lisbon"', 3, "2 turns")]
    assert resumed('/resume "Trip to Lisbon"')[0].session == LISBON


def test_sessions_lists_what_was_kept_the_last_one_first_and_the_open_one_once(kept):
    assert kept.run("/sessions", HERE) == Say(
        "open              1 turn     now?\n"
        "   1  58 min ago  2 turns    Trip to Lisbon\n"
        "   2  59 min ago  1 turn     Port?"
    )


def test_chats_of_this_run_stand_first_and_once(kept):
    desk = replace(HERE, shelf=(PORTS, NUMBERS))
    assert kept.run("/sessions", desk) == Say(
        "open              1 turn     now?\n"
        "   1  59 min ago  1 turn     Port?\n"
        "   2              1 turn     one\n"
        "   3  58 min ago  2 turns    Trip to Lisbon"
    )


def test_of_many_chats_the_last_twenty_are_listed(tmp_path):
    many = Kept(tmp_path, *(chat(f"Number-{number}? Yes", id=f"n{number}") for number in range(30)))
    *rows, hint = many.run("/sessions", HERE).text.splitlines()
    assert (len(rows), rows[1][-10:], rows[-1][-10:]) == (21, "Number-29?", "Number-10?")
    assert hint == "/sessions WORDS finds those in which they were said"
    assert many.resumed("/resume 30", HERE)[0].session.heading == "Number-0?"


def test_words_find_the_chats_in_which_they_were_said_and_those_that_are_called_so(kept):
    assert kept.run("/sessions cacilhas", HERE).text == (
        "   1  58 min ago  2 turns    Trip to Lisbon\n      1> Cacilhas"
    )
    assert kept.run("/sessions lisbon", HERE).text == "   1  58 min ago  2 turns    Trip to Lisbon"
    assert kept.run("/sessions lisbon trip", HERE).text == "   1  58 min ago  2 turns    Trip to Lisbon"
    assert kept.run("/sessions yes", HERE).text == "open  1 turn     now?\n      1> yes"
    assert kept.run("/sessions nowhere", HERE) == Say("'nowhere' was said in no chat")


def test_where_nothing_is_kept_words_find_chats_by_what_they_are_called():
    assert REGISTRY.run("/sessions lis", DESK) == Say("   1  2 turns    Trip to Lisbon")


@pytest.mark.parametrize("name", ["", "1", "f0", "Trip to Lisbon", "lisbon", '"Trip to Lisbon"'])
def test_a_chat_is_opened_from_the_archive(kept, name):
    desk, told, shown = kept.resumed(f"/resume {name}", HERE)
    assert (desk.session, desk.shelf) == (FERRY, (HERE.session,))
    assert told == "Trip to Lisbon, 2 turns"
    assert shown == ["\n1> Ferry?", "Cacilhas", "\n2> When?", "Hourly"]


def test_a_chat_whose_last_question_got_no_answer_can_be_asked_again(kept):
    kept.archive.asked(PORTS.asked("And the smallest?"))
    desk, told, _ = kept.resumed("/resume b0", HERE)
    assert (desk.session.messages, desk.unanswered) == (PORTS.messages, "And the smallest?")
    assert told == "Port?, 1 turn; no answer came to 'And the smallest?', which /retry asks again"


def test_a_chat_goes_on_in_the_archive_where_it_was_taken_up(kept):
    session = kept.resumed("/resume b0", HERE)[0].session.asked("Why?")
    kept.archive.asked(session)
    kept.archive.answered(session, Reply("Ships.", Finish.STOP))
    assert [message.text for message in kept.archive.open("b0").messages[2:]] == ["Why?", "Ships."]


def test_kept_chats_are_offered_too(kept):
    assert [(each.text, each.help) for each in kept.registry.complete("/resume ", HERE)] == [
        ("1", "Trip to Lisbon"),
        ("2", "Port?"),
    ]


def test_an_archive_that_fails_leaves_the_chats_of_this_run(tmp_path):
    (tmp_path / "sessions.db").write_text("This is no database. " * 100)
    broken = Kept(tmp_path)
    assert broken.resumed("/resume one", DESK)[0].session == NUMBERS
    assert broken.registry.complete("/resume ", HERE) == []
    with pytest.raises(StoreError):
        broken.run("/sessions", HERE)


def test_a_chat_is_left_and_found_again_as_it_was():
    talk = Talk("one", "/clear", "two", "/resume", "three", replies=(["1"], ["2"], ["3"]))
    assert [message.text for message in talk.session.messages] == ["one", "1", "three", "3"]
    assert [message.text for message in talk.model.requests[1].messages] == ["two"]


def test_a_fork_leaves_the_old_chat_as_it_is():
    talk = Talk("one", "two", "/fork 1", "three", replies=(["1"], ["2"], ["3"]))
    (old,) = talk.repl.desk.shelf
    assert [message.text for message in talk.session.messages] == ["one", "1", "three", "3"]
    assert [message.text for message in old.messages] == ["one", "1", "two", "2"]
