"""The REPL as a person meets it: a real process, a real pseudo-terminal, a server that does as it is told."""

from contextlib import contextmanager
from threading import Event

import pytest

from tests.e2e.terminal import ALT_ENTER, CTRL_C, CTRL_D, CTRL_J, ENTER, UP, terminal
from tests.servers.scripted import HANG, ScriptedServer, body, failure, reply, silence, status

DIM = b"\x1b[2m"


@contextmanager
def chatting(world, *script, flags=()):
    with ScriptedServer(*script) as server, terminal(world, "--base-url", server.url, *flags) as chat:
        yield chat, server


def asked(server):
    """The last message of each question that came."""
    return [question.json["messages"][-1]["content"] for question in server.questions]


def test_a_newcomer_is_greeted_asks_twice_and_leaves(world):
    with chatting(world, reply("Hello", " there."), reply("The sea is wide.")) as (chat, server):
        chat.see("chatcli 0.1.0", server.url, "/help")
        chat.say("Good morning").see("Hello there.").say("What is the sea?").see("The sea is wide.")

        assert chat.prompt().type(CTRL_D).ended() == 0
    assert server.questions[1].json["messages"] == [
        {"role": "user", "content": "Good morning"},
        {"role": "assistant", "content": "Hello there."},
        {"role": "user", "content": "What is the sea?"},
    ]


def test_a_reply_is_shown_while_it_comes(world):
    rest = Event()
    with chatting(world, reply("One, two,", rest, " three.")) as (chat, _):
        chat.say("Count").see("One, two,")
        assert "three" not in chat.text
        rest.set()
        chat.see("One, two, three.")


def test_commands_answer_and_never_reach_the_model(world):
    with chatting(world, reply("Yes.")) as (chat, server):
        chat.say("/help").see("/temperature [value]", "/help keys")
        chat.say("/help keys").see("Ctrl-D          leave")
        chat.say("/model gpt-6-luna").see("model → gpt-6-luna")
        chat.say("/temperature 3").see("temperature must be a number from 0 to 2, not '3'.")
        chat.say("/temprature 0.2").see("Did you mean /temperature?")
        chat.say("/frobnicate").see("There is no command /frobnicate.")
        chat.say("/temperature 0.2").see("temperature → 0.2")
        chat.prompt()
        assert server.questions == []

        chat.say("Are you there?").see("Yes.")
    assert (server.questions[0].json["model"], server.questions[0].json["temperature"]) == ("gpt-6-luna", 0.2)


def test_lines_that_begin_with_a_slash_can_be_sent(world):
    with chatting(world, reply("Yes.")) as (chat, server):
        chat.say("//help").see("Yes.").say("/etc/hosts is wrong").prompt()
    assert asked(server) == ["/help", "/etc/hosts is wrong"]


def test_a_paste_of_500_lines_is_one_message_and_arrives_whole(world):
    lines = "\n".join(f"{number}: größer\tis <|endoftext|> /exit" for number in range(500))
    with chatting(world, reply("All of it."), flags=("--context", "100000")) as (chat, server):
        chat.prompt().paste(lines).see("[pasted 500 lines").type(ENTER).see("All of it.")
    assert asked(server) == [lines]


def test_alt_enter_and_ctrl_j_make_lines(world):
    with chatting(world, reply("Three lines.")) as (chat, server):
        chat.prompt().type("one" + ALT_ENTER + "two" + CTRL_J + "three").see("three")
        chat.type(ENTER).see("Three lines.")
    assert asked(server) == ["one\ntwo\nthree"]


def test_ctrl_c_gives_up_what_was_typed_and_nothing_more(world):
    with chatting(world, reply("Yes.")) as (chat, server):
        chat.prompt().type("never mind").see("never mind").type(CTRL_C)
        chat.prompt().type(CTRL_C).say("Still there?").see("Yes.")
    assert asked(server) == ["Still there?"]


def test_ctrl_c_before_the_first_header_takes_the_question_back(world):
    with chatting(world, silence(), reply("Yes.")) as (chat, server):
        chat.say("Are you there?")
        server.until(lambda server: len(server.questions) == 1)
        chat.type(CTRL_C).see("[interrupted]")
        server.until(lambda server: server.questions[0].abandoned)
        chat.say("And now?").see("Yes.")
    assert server.questions[1].json["messages"] == [{"role": "user", "content": "And now?"}]


def test_ctrl_c_before_the_first_word_takes_the_question_back(world):
    with chatting(world, body(HANG), reply("Yes.")) as (chat, server):
        chat.say("Are you there?")
        server.until(lambda server: len(server.questions) == 1)
        chat.type(CTRL_C).see("[interrupted]")
        server.until(lambda server: server.questions[0].abandoned)
        chat.say("And now?").see("Yes.")
    assert server.questions[1].json["messages"] == [{"role": "user", "content": "And now?"}]


def test_ctrl_c_in_the_middle_of_a_reply_keeps_what_was_said(world):
    with chatting(world, reply("Once upon", HANG), reply("a time.")) as (chat, server):
        chat.say("A story!").see("Once upon").type(CTRL_C).see("[interrupted]")
        server.until(lambda server: server.questions[0].abandoned)
        chat.say("Go on.").see("a time.")
    assert [message["content"] for message in server.questions[1].json["messages"]] == [
        "A story!",
        "Once upon",
        "Go on.",
    ]


def test_ctrl_c_while_waiting_for_another_try_stops_the_trying(world):
    busy = status(429, failure("Slow down"), retry_after="60")
    with chatting(world, busy, reply("Yes.")) as (chat, server):
        chat.say("Are you there?").see("Trying again in 60 s (2 of 4)").type(CTRL_C).see("[interrupted]")
        chat.say("And now?").see("Yes.")
    assert asked(server) == ["Are you there?", "And now?"]


def test_ctrl_c_again_and_again_never_ends_the_program(world):
    with chatting(world, reply("Once upon", HANG), reply("Yes.")) as (chat, _):
        chat.say("A story!").see("Once upon").type(CTRL_C * 5).see("[interrupted]")
        chat.say("Still there?").see("Yes.")

        assert chat.prompt().type(CTRL_D).ended() == 0


def test_ctrl_c_at_any_moment_is_never_seen_as_a_crash(world):
    with chatting(world, reply("Yes.")) as (chat, _):
        chat.prompt()
        for number in range(300):
            chat.type(f"{number}?{ENTER}").see_anything().type(CTRL_C).see_anything().type(CTRL_C)
        chat.prompt()

        assert "Traceback" not in chat.text
        assert "Exception" not in chat.text


def test_an_error_is_a_line_and_a_hint_and_the_chat_goes_on(world):
    wrong = status(404, failure("The model 'x' does not exist."))
    with chatting(world, wrong, reply("Yes.")) as (chat, _):
        chat.say("Are you there?").see("error: The model 'x' does not exist.\n  Choose another model with")
        chat.say("And now?").see("Yes.").say("/exit")

        assert chat.ended() == 0


def test_what_was_typed_is_remembered_by_the_next_run(world):
    with ScriptedServer(reply("Yes.")) as server:
        for _ in range(2):
            with terminal(world, "--base-url", server.url) as chat:
                chat.prompt().type(UP) if server.questions else chat.prompt().type("Do you\nremember?")
                chat.see("remember?").type(ENTER).see("Yes.").prompt().type(CTRL_D).ended()
    assert asked(server) == ["Do you\nremember?", "Do you\nremember?"]


@pytest.mark.parametrize("home", ["/dev/null", "/proc/1"])
def test_a_home_that_cannot_be_written_costs_only_the_memory(world, home):
    with chatting(world.having(HOME=home), reply("Yes.")) as (chat, _):
        chat.say("Are you there?").see("Yes.").prompt().type(UP).see_twice("> Are you there?")

        assert "error" not in chat.text
        chat.type(CTRL_C).prompt().type(CTRL_D).see("not kept: the last turn").prompt()
        assert chat.type(CTRL_D).ended() == 0


@pytest.mark.parametrize("term", ["dumb", "", None, "no-such-terminal"])
def test_a_terminal_that_understands_nothing_will_do(world, term):
    with chatting(world.having(TERM=term), reply("Yes.")) as (chat, _):
        chat.say("Are you there?").see("Yes.")

        assert "error" not in chat.text
        assert DIM not in chat.raw or term == "no-such-terminal"
        assert chat.prompt().type(CTRL_D).ended() == 0


@pytest.mark.parametrize(("no_color", "colourful"), [(None, True), ("", True), ("1", False)])
def test_no_color_means_no_colour(world, no_color, colourful):
    with chatting(world.having(NO_COLOR=no_color), reply("Once", HANG)) as (chat, _):
        chat.say("Tell me").see("Once").type(CTRL_C).see("[interrupted]")

        assert (DIM + b"chatcli" in chat.raw) is colourful


def test_a_reply_cannot_steer_the_terminal(world):
    with chatting(world, reply("\x1b[2J\x1b]0;owned\x07gone", "\x9b2K")) as (chat, _):
        chat.say("Do your worst").see("␛[2J␛]0;owned␇gone")

        assert b"\x1b]0;" not in chat.raw


def test_a_chat_that_outgrows_the_window_says_what_it_leaves_out(world):
    flags = ("--context", "512", "--model", "gpt-4o")
    with chatting(world, reply("word " * 100), flags=flags) as (chat, server):
        for _ in range(5):
            chat.say("Say a hundred words.")
        chat.see("left out turn").prompt()

        assert chat.type(CTRL_D).ended() == 0
    assert len(server.questions[-1].json["messages"]) < 9
    assert server.questions[-1].json["messages"][-1]["content"] == "Say a hundred words."


def test_a_window_that_changes_its_size_disturbs_no_reply(world):
    rest = Event()
    with chatting(world, reply("One, two,", rest, " three.")) as (chat, _):
        chat.say("Count").see("One, two,").resize(24, 40)
        rest.set()
        chat.see("One, two, three.").say("Again").see_twice("One, two, three.")


def test_keys_typed_during_a_reply_wait_for_the_next_prompt(world):
    rest = Event()
    with chatting(world, reply("One, two,", rest, " three."), reply("Four.")) as (chat, server):
        chat.say("Count").see("One, two,").type(f"and then?{ENTER}")
        rest.set()
        chat.see("One, two, three.\n", "> and then?\nFour.")
    assert asked(server) == ["Count", "and then?"]
    assert server.questions[1].json["messages"][1]["content"] == "One, two, three."
