"""The turns of a chat: asked again, taken back, changed, looked at."""

from dataclasses import replace

import pytest

from chatcli.commands import COMMANDS
from chatcli.commands.outcomes import Ask, Become, Say, Several, Show
from chatcli.commands.registry import Registry
from chatcli.core.attach import message
from chatcli.core.desk import Desk, Staged
from chatcli.core.events import Shown
from chatcli.core.messages import Finish, Image, Message, Reply, Role
from chatcli.core.params import Params
from chatcli.core.session import Session
from chatcli.errors import Rejected, UsageError
from tests.commands.test_registry import WORLD
from tests.core.test_session import chat
from tests.test_repl import Talk

REGISTRY = Registry(COMMANDS, WORLD)


def run(line, session, **desk):
    return REGISTRY.run(line, Desk(session, **desk))


def texts(session):
    return [each.text for each in session.messages]


@pytest.mark.parametrize(
    ("line", "left", "text"),
    [
        ("/undo", ["one", "1", "two", "2"], "undone turn 3: three; /branch 1 brings it back"),
        ("/undo 1", ["one", "1", "two", "2"], "undone turn 3: three; /branch 1 brings it back"),
        ("/undo 2", ["one", "1"], "undone turns 2-3: two; /branch 1 brings them back"),
        ("/undo 3", [], "undone turns 1-3: one; /branch 1 brings them back"),
    ],
)
def test_undo_takes_back_the_last_turns_and_keeps_them(line, left, text):
    session = chat("one 1", "two 2", "three 3")
    undone = run(line, session)
    assert undone == Become(session.back_to(len(left) // 2), text)
    assert texts(undone.session) == left
    assert undone.session.branches == (session.messages,)


def test_the_last_question_is_asked_again_in_its_place():
    session = chat("one 1", "two 2")
    assert run("/retry", session) == Ask(session.messages[2], within=session.reopened(2))


def test_a_question_is_asked_again_with_its_images():
    image = Image("shot.png", "image/png", b"...", 640, 480)
    question = Message(Role.USER, "What is this?", images=(image,))
    session = Session("m").asked(question).answered(Reply("A cat.", Finish.STOP))
    assert run("/retry", session).question == question


def test_a_question_is_asked_again_of_another_model_at_another_temperature():
    session = chat("one 1", params=Params(top_p=0.5))
    again = run("/retry -m gpt-6-luna -t 0.2", session).within
    assert (again.model, again.params) == ("gpt-6-luna", Params(temperature=0.2, top_p=0.5))
    assert run("/retry -t 0.2 -m gpt-6-luna", session).within == again


def test_a_question_that_got_no_answer_is_the_one_that_is_asked_again():
    session = chat("one 1")
    assert run("/retry", session, unanswered="two") == Ask("two", within=session)
    assert run("/retry -m x", session, unanswered="two") == Ask("two", within=replace(session, model="x"))


def test_the_answers_to_the_last_question_are_compared_line_by_line():
    first = Session("gpt-6-luna").asked("Capitals?").answered(Reply("Lisbon\nMadrid\nParis", Finish.STOP))
    other = replace(first.back_to(0), model="local").asked("Capitals?")
    both = other.answered(Reply("Lisbon\nMadrid\nRome", Finish.STOP))
    assert run("/diff", both) == Show(
        "```diff\n--- answer 1 (gpt-6-luna)\n+++ answer 2 (local)\n"
        "@@ -1,3 +1,3 @@\n Lisbon\n Madrid\n-Paris\n+Rome\n```",
        rendered=None,
    )


def test_answers_of_one_model_are_told_apart_by_their_numbers():
    session = chat("one 1").back_to(0).asked("one").answered(Reply("2", Finish.STOP))
    assert run("/diff", session).text.splitlines()[1:3] == ["--- answer 1 (m)", "+++ answer 2 (m)"]


def test_a_paragraph_is_compared_sentence_by_sentence():
    first = Session("m").asked("Why?").answered(Reply("1. It rains. I stay. Nobody minds!", Finish.STOP))
    both = first.back_to(0).asked("Why?").answered(Reply("1. It rains. We go? Nobody minds!", Finish.STOP))
    assert run("/diff", both).text.splitlines()[4:-1] == [
        " 1. It rains.",
        "-I stay.",
        "+We go?",
        " Nobody minds!",
    ]


def test_each_earlier_answer_is_compared_with_the_one_that_stands():
    session = chat("one 1")
    for answer in ("2", "3"):
        session = session.back_to(0).asked("one").answered(Reply(answer, Finish.STOP))
    assert [line for line in run("/diff", session).text.splitlines() if line[1:] in {"1", "2", "3"}] == [
        "-1",
        "+3",
        "-2",
        "+3",
    ]


def test_code_in_answers_does_not_end_the_block_of_their_difference():
    session = chat("one ````").back_to(0).asked("one").answered(Reply("```", Finish.STOP))
    lines = run("/diff", session).text.splitlines()
    assert (lines[0], lines[-1]) == ("`````diff", "`````")


def test_two_models_that_said_the_same_are_told():
    session = replace(chat("one 1").back_to(0), model="local").asked("one").answered(Reply("1", Finish.STOP))
    assert run("/diff", session).text == "```diff\nanswer 1 (m) and answer 2 (local) are the same\n```"


@pytest.mark.parametrize(
    ("line", "number", "question", "note"),
    [
        ("/edit", 3, "three", "Sent, it takes the place of turn 3."),
        ("/edit 2", 2, "two", "Sent, it takes the place of turns 2-3."),
    ],
)
def test_a_question_is_edited_in_the_prompt_and_takes_its_old_place(line, number, question, note):
    session = chat("one 1", "two 2", "three 3")
    told, draft = run(line, session).outcomes
    assert told == Say(f"{note} Ctrl-C or a command leaves the chat as it is.")
    assert draft.text == question
    asked = draft.then("uno")
    assert asked.question == Message(Role.USER, "uno")
    assert asked.within == session.reopened(number)
    assert (asked.otherwise.text, asked.otherwise.then) == ("uno", draft.then)


def test_an_edited_question_keeps_its_images():
    image = Image("shot.png", "image/png", b"...", 640, 480)
    question = Message(Role.USER, "What is this?", images=(image,))
    session = Session("m").asked(question).answered(Reply("A cat.", Finish.STOP))
    _, draft = run("/edit", session).outcomes
    assert draft.then("Which breed?").question == Message(Role.USER, "Which breed?", images=(image,))


def test_what_came_along_with_a_question_stays_with_it_and_out_of_the_prompt():
    question = message("What does it do?", [Staged("fix.py", "print('hi')")])
    session = Session("m").asked(question).answered(Reply("It greets.", Finish.STOP))
    _, draft = run("/edit", session).outcomes
    assert draft.text == "What does it do?"
    assert draft.then("Is it right?").question == message("Is it right?", [Staged("fix.py", "print('hi')")])
    assert run("/undo", session).text == "undone turn 1: What does it do?; /branch 1 brings it back"


def test_a_question_that_begins_with_a_slash_is_edited_as_it_is_typed():
    session = Session("m").asked("/help").answered(Reply("With what?", Finish.STOP))
    _, draft = run("/edit", session).outcomes
    assert draft.text == "//help"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "/history",
            (
                Say("\n1> one"),
                Show("1", rendered=None, finish=Finish.STOP),
                Say("\n2> two"),
                Show("2", rendered=None, finish=Finish.STOP),
                Say("\n3> three"),
                Show("3", rendered=None, finish=Finish.STOP),
            ),
        ),
        ("/history 1", (Say("\n3> three"), Show("3", rendered=None, finish=Finish.STOP))),
    ],
)
def test_history_shows_the_last_turns_with_their_numbers(line, shown):
    assert run(line, chat("one 1", "two 2", "three 3")) == Several(shown)


def test_history_of_more_turns_than_there_are_shows_all():
    session = chat("one 1", "two 2")
    assert run("/history 9", session) == run("/history", session)


def test_history_shows_every_line_of_a_question_and_what_came_along():
    image = Image("shot.png", "image/png", b"...", 640, 480)
    along = [Staged("fix.py", "print('hi')"), Staged("shot.png", image=image)]
    shown = "\n1> two\n   lines\n   [31 characters came along]\n   [shot.png]"
    session = Session("m").asked(message("two\nlines", along))
    assert run("/history", session) == Several((Say(shown),))


def test_a_message_without_a_question_is_shown_as_it_is():
    session = Session("m").asked(message("", [Staged("fix.py", "print('hi')")]))
    assert run("/history", session) == Several((Say("\n1> fix.py:\n   ```py\n   print('hi')\n   ```"),))


NOTHING = ("Nothing has been said yet.", "Ask something first.")


@pytest.mark.parametrize(
    ("line", "turns", "wrong", "hint"),
    [
        ("/undo", [], *NOTHING),
        ("/retry", [], *NOTHING),
        ("/edit", [], *NOTHING),
        ("/history", [], *NOTHING),
        ("/undo 2", ["one 1"], "There are no 2 turns: this chat has 1.", "/undo takes the last."),
        ("/undo 0", ["one 1"], "/undo takes a number, not '0'.", "For example /undo 2."),
        ("/undo it", ["one 1"], "/undo takes a number, not 'it'.", "For example /undo 2."),
        ("/edit 2", ["one 1"], "There is no turn 2: this chat has 1.", "/history shows them."),
        ("/edit me", ["one 1"], "/edit takes a number, not 'me'.", "For example /edit 2."),
        ("/history all", ["one 1"], "/history takes a number, not 'all'.", "For example /history 2."),
        (
            "/diff",
            ["one 1"],
            "There are no two different answers to the last question.",
            "/retry asks it again.",
        ),
        ("/diff", [], "There are no two different answers to the last question.", "/retry asks it again."),
        (
            "/retry -t 9",
            ["one 1"],
            "temperature must be a number from 0 to 2, not '9'.",
            "For example /retry -t 1.2.",
        ),
        (
            "/retry -m",
            ["one 1"],
            "/retry takes -m model and -t temperature, not '-m'.",
            "For example /retry -t 1.2.",
        ),
        (
            "/retry warmer",
            ["one 1"],
            "/retry takes -m model and -t temperature, not 'warmer'.",
            "For example /retry -t 1.2.",
        ),
    ],
)
def test_wrong_use_says_what_is_right(line, turns, wrong, hint):
    with pytest.raises(UsageError) as refused:
        run(line, chat(*turns))
    assert (refused.value.message, refused.value.hint) == (wrong, hint)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("/retry ", ["-m", "-t"]),
        ("/retry -m ", ["local", "gpt-6-luna"]),
        ("/retry -m gpt", ["gpt-6-luna"]),
        ("/retry -m local -t 0.", ["0.2", "0.7"]),
        ("/retry -m local -", ["-m", "-t"]),
    ],
)
def test_how_to_ask_again_is_offered(line, offered):
    assert [each.text for each in REGISTRY.complete(line, Desk(chat("one 1")))] == offered


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("/undo ", [("1", "three"), ("2", "two"), ("3", "one")]),
        ("/edit ", [("3", "three"), ("2", "two"), ("1", "one")]),
        ("/fork 2", [("2", "two")]),
    ],
)
def test_turns_are_offered_with_their_first_words(line, offered):
    completions = REGISTRY.complete(line, Desk(chat("one 1", "two 2", "three 3")))
    assert [(each.text, each.help) for each in completions] == offered


@pytest.mark.parametrize("name", ["retry", "undo", "edit", "fork", "history"])
def test_what_needs_a_turn_is_offered_once_there_is_one(name):
    command = REGISTRY.find(name)
    assert not command.when(Desk(Session("m")))
    assert command.when(Desk(chat("one 1")))


def test_what_cannot_work_now_is_not_offered():
    whole, cut = chat("one 1"), Session("m").asked("one").answered(Reply("1", Finish.LENGTH))
    again = whole.back_to(0).asked("one").answered(Reply("2", Finish.STOP))
    assert [REGISTRY.find("continue").when(Desk(each)) for each in (whole, cut)] == [False, True]
    assert [REGISTRY.find("diff").when(Desk(each)) for each in (whole, again)] == [False, True]
    assert REGISTRY.find("retry").when(Desk(Session("m"), unanswered="one"))


def test_that_a_reply_went_on_is_shown_as_that_and_not_as_a_question():
    talk = Talk("one", "/continue", "/history", "/undo", replies=(["1,", Finish.LENGTH], [" 2"]))
    assert talk.heard == ["\n1> one", "\n2> (go on)", "undone turn 2: (go on); /branch 1 brings it back"]


def test_both_answers_are_kept_when_a_question_is_asked_again():
    talk = Talk("one", "/retry -m other -t 0.2", replies=(["1"], ["2"]))
    first, second = talk.model.requests
    assert first.messages == second.messages
    assert (second.model, second.params) == ("other", Params(temperature=0.2))
    assert (talk.session.model, talk.session.params) == ("m", Params())
    assert [(answer.text, answer.model) for answer in talk.session.answers] == [("1", "m"), ("2", "other")]
    assert texts(talk.session) == ["one", "2"]


def test_an_answer_stays_when_another_cannot_be_had():
    talk = Talk("one", "/retry", "two", replies=(["1"], [Rejected("no such model")], ["2"]))
    assert texts(talk.session) == ["one", "1", "two", "2"]
    assert talk.session.branches == ()


def test_a_question_that_failed_is_asked_again_until_it_is_answered():
    failed = [Rejected("busy")]
    talk = Talk("one", "two", "/retry", "/retry", "/retry", replies=(["1"], failed, failed, ["2"], ["3"]))
    assert texts(talk.session) == ["one", "1", "two", "3"]
    assert [answer.text for answer in talk.session.answers] == ["2", "3"]


def test_a_question_is_sent_in_the_place_of_the_one_that_was_edited():
    talk = Talk("one", "two", "/edit 1", replies=(["1"], ["2"], ["eins"]))
    assert talk.repl.draft == "one"
    assert texts(talk.session) == ["one", "1", "two", "2"]
    talk.repl.step("uno")
    assert texts(talk.session) == ["uno", "eins"]
    assert [each.text for each in talk.session.branches[0]] == ["one", "1", "two", "2"]
    assert talk.repl.draft == ""


@pytest.mark.parametrize("line", ["", "/title Numbers", "/nonsense"])
def test_an_edit_is_given_up_by_an_empty_line_or_a_command(line):
    talk = Talk("one", "/edit", line, "two", replies=(["1"], ["2"]))
    assert texts(talk.session) == ["one", "1", "two", "2"]


def test_an_edited_question_that_fails_stands_in_the_prompt_again_and_the_chat_as_it_was():
    talk = Talk("one", "/edit", "uno", replies=(["1"], [Rejected("busy")], ["eins"]))
    assert talk.repl.draft == "uno"
    assert texts(talk.session) == ["one", "1"]
    talk.repl.step("uno")
    assert texts(talk.session) == ["uno", "eins"]


def test_history_is_drawn_turn_by_turn():
    talk = Talk("one", "/history", replies=(["**1**"],))
    assert talk.heard == ["\n1> one"]
    assert talk.events[-1] == Shown("**1**", rendered=None, finish=Finish.STOP)


def test_an_undone_turn_is_asked_no_more():
    talk = Talk("one", "two", "/undo", "three", replies=(["1"], ["2"], ["3"]))
    assert [each.text for each in talk.model.requests[2].messages] == ["one", "1", "three"]


def test_a_draft_that_is_sent_unchanged_is_one_more_answer():
    talk = Talk("one", "/edit", "one", "/diff", replies=(["1"], ["2"]))
    assert [answer.text for answer in talk.session.answers] == ["1", "2"]
