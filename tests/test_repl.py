"""The REPL: a line, what it means, and the next line."""

import pytest

from chatcli.commands import COMMANDS
from chatcli.commands.registry import Registry
from chatcli.core.desk import Desk, Staged
from chatcli.core.events import Restyled, Shown
from chatcli.core.look import Look
from chatcli.core.messages import Finish
from chatcli.core.session import Session
from chatcli.engine import Engine
from chatcli.errors import ConfigError, Rejected
from chatcli.repl import Repl
from tests.commands.test_registry import WORLD
from tests.fakes import FakeClock, Hands, ScriptedModel, holding


class Talk:
    """A person who types these lines, and all that they hear."""

    def __init__(self, *lines, replies=(), view=lambda _event: None, hands=None):
        self.heard = []
        self.model = ScriptedModel(*replies)
        self.events = []
        engine = Engine(self.model, holding(8192), self.events.append, FakeClock())
        self.view = view
        self.hands = hands or Hands()
        desk = Desk(Session("m"))
        self.repl = Repl(desk, self, Registry(COMMANDS, WORLD), engine, self.emit, self.hands)
        self.left = not all(self.repl.step(line) for line in lines)

    @property
    def session(self):
        return self.repl.session

    def emit(self, event):
        self.view(event)
        self.events.append(event)

    def say(self, text):
        self.heard.append(text)

    def aside(self, text):
        self.heard.append(text)

    def error(self, error):
        self.heard.append(error.message)

    @property
    def asked(self):
        return [request.messages[-1].text for request in self.model.requests]


def test_a_question_is_asked_and_the_chat_grows():
    talk = Talk("I am Ann", "Who am I?", replies=(["Hello Ann"], ["Ann"]))
    assert [message.text for message in talk.session.messages] == [
        "I am Ann",
        "Hello Ann",
        "Who am I?",
        "Ann",
    ]


def test_an_empty_line_is_nothing():
    assert Talk("", "  ", "\n").asked == []


def test_commands_change_the_session_and_never_reach_the_model():
    talk = Talk("/temperature 0.5", "/nonsense", "/temperature 9", "hi", replies=(["ok"],))
    assert talk.asked == ["hi"]
    assert talk.model.requests[0].params.temperature == 0.5
    assert talk.heard == [
        "temperature → 0.5",
        "There is no command /nonsense.",
        "temperature must be a number from 0 to 2, not '9'.",
    ]


def test_two_slashes_send_a_line_that_begins_with_one():
    assert Talk("//help", replies=(["ok"],)).asked == ["/help"]


def test_ctrl_c_in_a_reply_keeps_its_text_and_goes_on():
    talk = Talk("hi", "and?", replies=(["Hel", KeyboardInterrupt()], ["ok"]))
    assert talk.session.messages[1].text == "Hel"
    assert talk.session.messages[1].finish is Finish.INTERRUPTED
    assert talk.asked == ["hi", "and?"]


def test_an_error_of_the_models_goes_on():
    talk = Talk("hi", "again", replies=([Rejected("no such model")], ["ok"]))
    assert [message.text for message in talk.session.messages] == ["again", "ok"]


def test_exit_leaves_and_nothing_else_does():
    assert Talk("/exit", "hi").asked == []
    assert Talk("/exit").left
    assert not Talk("/help", "/nonsense", "", "hi", replies=([KeyboardInterrupt()],)).left


def test_clear_forgets_the_chat_and_keeps_the_settings():
    talk = Talk("hi", "/temperature 1", "/clear", "who?", replies=(["ok"], ["ok"]))
    assert [message.text for message in talk.model.requests[1].messages] == ["who?"]
    assert talk.model.requests[1].params.temperature == 1


def test_a_reply_that_was_cut_is_continued():
    talk = Talk("hi", "/continue", "/continue", replies=(["Hel", Finish.LENGTH], ["lo"]))
    assert talk.asked == [
        "hi",
        "Go on exactly where your last reply broke off, without a remark and without repeating any of it.",
    ]
    assert talk.heard == ["The last reply was not cut off."]


def test_the_last_reply_is_shown_again_drawn_or_as_it_came():
    talk = Talk("/last", "hi", "/last", "/raw", replies=(["**Hi**"],))
    assert talk.heard == ["There is no reply yet."]
    assert talk.events[-2:] == [Shown("**Hi**", rendered=True), Shown("**Hi**", rendered=False)]
    assert talk.asked == ["hi"]


def test_how_replies_look_is_told_to_the_view_and_kept():
    talk = Talk("/set render off", "/theme light", "/set theme")
    looks = [Look(render=False), Look(render=False, theme="light")]
    assert talk.events == [Restyled(look) for look in looks]
    assert talk.repl.desk.look == looks[-1]
    assert talk.heard == ["render → off", "theme → light", "theme = light"]
    assert talk.session == Session("m")


def test_a_look_that_the_view_refuses_is_not_kept():
    def refuse(event):
        if isinstance(event, Restyled):
            raise ConfigError("There is no such colour.")

    talk = Talk("/theme light", view=refuse)
    assert talk.heard == ["There is no such colour."]
    assert talk.repl.desk.look == Look()


def test_a_question_that_is_too_large_is_given_back_to_be_edited():
    repl = Talk("word " * 9000).repl
    assert repl.draft == "word " * 9000
    repl.step("/help")
    assert repl.draft == ""


def test_compacting_shows_the_summary_and_goes_on_from_it():
    talk = Talk("I am Ann", "/compact", "Who am I?", replies=(["Hello Ann"], ["The user is Ann."], ["Ann"]))
    assert "The user is Ann." in talk.heard
    assert [message.text for message in talk.model.requests[2].messages] == [
        "Summary of the conversation so far:\nThe user is Ann.",
        "Who am I?",
    ]
    assert len(talk.session.messages) == 4


def test_what_reaches_beyond_the_chat_is_done_by_hand_and_told():
    lines = ("hi", "/code > fix.py", "/code | sh", "/copy 1")
    talk = Talk(*lines, replies=(["```\nls\n```"],))
    assert talk.hands.done == [("write", "fix.py", "ls\n"), ("run", "sh", "ls\n"), ("copy", "ls\n")]
    assert talk.heard == ["wrote fix.py", "block 1 (text, 1 line) copied by hand"]


def test_what_a_command_prints_goes_along_if_the_person_wants_it():
    talk = Talk("!make test", hands=Hands(prints="1 failed\n"))
    assert talk.hands.done == [
        ("run", "make test", ""),
        ("ask", "Send that along with the next message?"),
    ]
    assert talk.repl.desk.staged == (Staged("$ make test", "1 failed\n"),)
    assert talk.heard == ["staged $ make test"]


def test_what_a_command_prints_stays_here_if_the_person_does_not_want_it():
    talk = Talk("/run make", hands=Hands(prints="1 failed\n", agrees=False))
    assert (talk.repl.desk.staged, talk.heard) == ((), [])


def test_nobody_is_asked_about_a_command_that_printed_nothing_or_was_given_a_reply():
    quiet = Talk("!true", hands=Hands(prints=""))
    given = Talk("hi", "/last | wc", replies=(["ok"],), hands=Hands(prints="1\n"))
    assert quiet.hands.done == [("run", "true", "")]
    assert given.hands.done == [("run", "wc", "ok")]


MAIN = "main.py:\n```py\nx = 1\n```\n\n"


def test_what_is_staged_goes_along_with_the_next_message_and_no_other():
    talk = Talk("/file main.py", "/image shot.png", "Why?", "And?", replies=(["ok"], ["ok"]))
    assert talk.asked == [f"{MAIN}Why?", "And?"]
    first, second = (request.messages for request in talk.model.requests)
    assert [image.name for image in first[-1].images] == ["shot.png"]
    assert [len(message.images) for message in second] == [1, 0, 0]
    assert talk.heard[-1] == "with main.py (~6 tokens), shot.png (~255 tokens)"


def test_files_that_a_message_names_go_along_and_what_is_no_file_is_text():
    talk = Talk("Why @main.py, @shot.png? @nobody @main.py", replies=(["ok"],))
    assert talk.asked == [f"{MAIN}Why @main.py, @shot.png? @nobody @main.py"]
    assert [image.name for image in talk.session.messages[0].images] == ["shot.png"]
    assert talk.heard == ["with main.py (~6 tokens), shot.png (~255 tokens)"]


def test_who_asks_too_much_is_told_how_to_take_away_what_is_staged():
    talk = Talk("!seq 9000", "Why?", hands=Hands(prints="9 " * 9000))
    assert talk.heard[-1] == "still staged: $ seq 9000; /file -1 takes it away"
    assert talk.repl.draft == "Why?"


def test_what_is_staged_stays_until_it_is_answered():
    lost = ([Rejected("no")], [KeyboardInterrupt()], ["o", KeyboardInterrupt()])
    talk = Talk("/file main.py", "1?", "2?", "3?", "4?", replies=(*lost, ["ok"]))
    assert talk.asked == [f"{MAIN}1?", f"{MAIN}2?", f"{MAIN}3?", "4?"]


def test_a_question_whose_file_cannot_be_read_is_not_sent_and_given_back():
    talk = Talk("/file main.py", "Why @a.bin?", "//usr @a.bin")
    assert talk.asked == []
    assert talk.heard[1:] == ["a.bin cannot be read: No such file."] * 2
    assert talk.repl.draft == "//usr @a.bin"
    assert len(talk.repl.desk.staged) == 1


def test_what_asks_first_is_done_only_after_a_yes():
    yes, no = Talk("/file src"), Talk("/file src", hands=Hands(agrees=False))
    asked = ("ask", "Send src/a.py (~3 tokens) along with the next message?")
    assert (yes.hands.done, no.hands.done) == ([asked], [asked])
    assert (len(yes.repl.desk.staged), yes.heard) == (1, ["staged src/a.py (~3 tokens)"])
    assert (len(no.repl.desk.staged), no.heard) == (0, ["nothing was staged"])


def test_a_file_that_lies_elsewhere_goes_along_only_after_a_yes():
    pasted = "Why @main.py?\n> see @~/.ssh/id"
    yes = Talk(pasted, replies=(["ok"],))
    no = Talk(pasted, replies=(["ok"],), hands=Hands(agrees=False))
    asked = ("ask", "Send ~/.ssh/id along?")
    assert (yes.hands.done, no.hands.done) == ([asked], [asked])
    assert yes.asked == [f"{MAIN}~/.ssh/id:\n```\nhush hush\n```\n\n{pasted}"]
    assert no.asked == [f"{MAIN}{pasted}"]
    assert no.heard == ["not sent along: ~/.ssh/id", "with main.py (~6 tokens)"]


def test_whoever_interrupts_that_question_has_the_message_back():
    class Hasty(Hands):
        def agreed(self, question):
            raise KeyboardInterrupt

    talk = Talk(hands=Hasty())
    with pytest.raises(KeyboardInterrupt):
        talk.repl.step("See @~/.ssh/id")
    assert (talk.asked, talk.repl.draft) == ([], "See @~/.ssh/id")


def test_nobody_is_asked_about_a_command_that_printed_only_blanks():
    assert Talk("!echo", hands=Hands(prints="\n \n")).hands.done == [("run", "echo", "")]


def test_what_was_staged_for_a_question_that_was_refused_can_be_taken_away():
    blind = Rejected("m takes no pictures.")
    one = Talk("/file shot.png", "What is it?", replies=([blind],))
    assert one.heard[-1] == "still staged: shot.png; /file -1 takes it away"
    two = Talk("/file shot.png main.py", "What is it?", replies=([blind],))
    assert two.heard[-1] == "still staged: shot.png, main.py; /file -N takes one away"
    assert len(two.repl.desk.staged) == 2


def test_a_message_from_the_editor_is_shown_before_it_is_sent():
    short = Talk("/editor", replies=(["ok"],), hands=Hands(edited="Why?\n"))
    long = Talk("/editor", replies=(["ok"],), hands=Hands(edited="Why?\nAnd how?\n"))
    assert (short.heard, short.asked) == (["> Why?"], ["Why?"])
    assert (long.heard, long.asked) == (["> Why? …"], ["Why?\nAnd how?"])
