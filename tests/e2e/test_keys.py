"""The keys of the prompt, in a real process on a real pseudo-terminal, large and small."""

import sys
import threading
from contextlib import contextmanager

import pytest

from tests.e2e.terminal import CTRL_C, CTRL_D, CTRL_J, ENTER, UP, terminal
from tests.servers.scripted import HANG, ScriptedServer, reply

SHIFT_ENTER, ALT_ENTER = "\x1b[13;2u", "\x1b\r"
CTRL_L, CTRL_R, CTRL_Z, TAB, BACKSPACE, DOWN, RIGHT = "\x0c", "\x12", "\x1a", "\t", "\x7f", "\x1b[B", "\x1b[C"
CTRL_BACKSLASH, EDIT = "\x1c", "\x18\x05"
SIZES = pytest.mark.parametrize("size", [(24, 80), (12, 40)], ids=["80x24", "40x12"])


@contextmanager
def chatting(world, *script, flags=(), size=(24, 80)):
    with ScriptedServer(*script) as server, terminal(world, "--base-url", server.url, *flags) as chat:
        yield chat.resize(*size), server


def asked(server):
    return [question.json["messages"][-1]["content"] for question in server.questions]


@SIZES
def test_a_long_paste_is_folded_and_can_be_opened(world, size):
    code = "\n".join(f"line {number}" for number in range(240))
    with chatting(world, reply("Yes."), reply("Again."), size=size) as (chat, server):
        chat.prompt().paste(code).see("> [pasted 240 lines, ~510 tokens]").type(" why?").see("] why?")
        chat.type(ENTER).see("Yes.")

        assert "line 7" not in chat.text
        chat.prompt().paste(code).see_twice("[pasted 240 lines").type(TAB).see("line 239").type("!" + ENTER)
        chat.see("Again.")
    assert asked(server) == [f"{code} why?", f"{code}!"]


@SIZES
def test_the_menu_completes_commands_their_values_and_files(world, size):
    (world.home / "notes.md").write_text("secret")
    with chatting(world, reply("Yes."), size=size) as (chat, server):
        chat.prompt().type("/tempera").see("show or set").type(TAB).see("> /temperature").type(" 0.")
        chat.see("0.7").type(DOWN + ENTER + ENTER).see("temperature → 0.2")
        chat.prompt().type("see @no").see("@notes.md").type(DOWN).see("> see @notes.md").type(ENTER + ENTER)
        chat.see("Yes.")
    assert "see @notes.md" in asked(server)[0]


@SIZES
def test_what_was_typed_is_suggested_found_and_fetched_back(world, size):
    with chatting(world, reply("Yes."), reply("Two."), reply("Three."), size=size) as (chat, server):
        chat.say("Why is the sky blue?").see("Yes.")
        chat.prompt().type("Why").until(lambda: chat.line == "> Why is the sky blue?", "never saw the ghost")
        chat.type(RIGHT + ENTER).see("Two.")
        chat.prompt().type(CTRL_R + "sky").see("I-search").type(ENTER).see("Three.")
    assert asked(server) == ["Why is the sky blue?"] * 3


@SIZES
def test_the_toolbar_is_one_line_and_can_be_turned_off(world, size):
    with chatting(world, size=size, flags=("-m", "a-model-with-a-name", "-t", "0.7")) as (chat, _):
        whole = "a-model-with-a-name · temperature 0.7 · " if size[1] == 80 else ""
        chat.prompt().type("hi").see(f"\n{whole}0 of 8,192 tokens (0%)")

        chat.type(CTRL_C).say("/set toolbar off").see("toolbar → off").prompt().type("hi" + CTRL_L)
        chat.until(lambda: chat.text == "> hi", "never saw the prompt alone")


def test_shift_enter_makes_a_line_and_a_fence_goes_on_until_it_is_closed(world):
    with chatting(world, reply("Yes."), reply("Two.")) as (chat, server):
        chat.prompt().type(f"one{SHIFT_ENTER}```{ENTER}code{ENTER}```").see("code").type(ENTER).see("Yes.")
        chat.say("/multiline").see("Enter makes a new line")
        chat.prompt().type(f"one{ENTER}two").see("two").type(ALT_ENTER).see("Two.")
    assert asked(server) == ["one\n```\ncode\n```", "one\ntwo"]


def test_up_goes_through_the_lines_first(world):
    with chatting(world, reply("Yes."), reply("Two.")) as (chat, server):
        chat.say("before").see("Yes.").prompt().type(f"one{CTRL_J}two").see("two").type(f"{UP}X")
        chat.see("oneX").type(ENTER).see("Two.")
    assert asked(server) == ["before", "oneX\ntwo"]


def test_the_editor_opens_on_what_is_typed(world):
    with chatting(world.having(EDITOR="sed -i s/cat/dog/"), reply("Yes.")) as (chat, server):
        chat.prompt().type("my cat").see("my cat").type(EDIT).see("> my dog").type(" barks").see("barks")
        chat.type(ENTER).see("Yes.")
    assert asked(server) == ["my dog barks"]


def test_an_editor_that_fails_costs_nothing(world):
    with chatting(world.having(EDITOR="no-such-editor"), reply("Yes.")) as (chat, server):
        chat.prompt().type("my cat").see("my cat").type(EDIT).see("error:").type("!").see("> my cat!")
        chat.type(ENTER).see("Yes.")
    assert asked(server) == ["my cat!"]


def test_vi_keys_by_flag_or_by_command(world):
    with chatting(world, reply("Yes."), reply("Two."), flags=("--vi",)) as (chat, server):
        chat.prompt().type("one two\x1bbD").until(lambda: chat.line == "> one", "never saw it cut")
        chat.type("Athree").see("> one three").type(ENTER).see("Yes.")
        chat.say("/set keys emacs").see("keys → emacs").prompt().type("two\x01one ").see("> one two")
        chat.type(ENTER).see("Two.")
    assert asked(server) == ["one three", "one two"]


def test_ctrl_z_gives_the_terminal_to_the_shell_and_comes_back_clean(world):
    bash = ("bash", "--norc", "--noediting", "-i")
    with ScriptedServer(reply("Yes.")) as server, terminal(world.having(PS1="$ "), command=bash) as shell:
        shell.see("$").type(f"{sys.executable} -m chatcli --base-url {server.url}{ENTER}")
        shell.prompt().type("half a").see("> half a").type(CTRL_Z).see("Stopped")
        shell.until(lambda: shell.line == "$", "never stopped")
        shell.type(f"echo $((6*7)){ENTER}").see("\n42\n").type(f"fg{ENTER}")
        shell.until(lambda: shell.line == "> half a", "never came back")
        shell.type(" question").see("> half a question").type(ENTER).see("Yes.").prompt().type(CTRL_D)
        shell.until(lambda: shell.line == "$", "never left").type(f"echo status $?{ENTER}").see("status 0")
    assert asked(server) == ["half a question"]


def test_what_is_typed_during_a_reply_is_not_the_shells_when_ctrl_z_stops_it(world):
    bash, go_on = ("bash", "--norc", "--noediting", "-i"), threading.Event()
    with (
        ScriptedServer(reply("Once", go_on, " more.")) as server,
        terminal(world.having(PS1="$ "), command=bash) as shell,
    ):
        shell.see("$").type(f"{sys.executable} -m chatcli --base-url {server.url}{ENTER}")
        shell.say("Hello").see("Once").type(f"touch mine{ENTER}").type(CTRL_Z).see("Stopped")
        shell.until(lambda: shell.line == "$", "never stopped")
        shell.type(f"echo $((6*7)){ENTER}").see("\n42\n").type(f"fg{ENTER}")
        go_on.set()
        shell.see("Once more.").prompt().type(CTRL_D)
        shell.until(lambda: shell.line == "$", "never left")
    assert asked(server) == ["Hello", "touch mine"]
    assert not (world.home / "mine").exists()


def test_what_is_typed_during_a_reply_is_not_the_shells_when_a_signal_ends_the_chat(world):
    bash = ("bash", "--norc", "--noediting", "-i")
    with (
        ScriptedServer(reply("Once", HANG)) as server,
        terminal(world.having(PS1="$ "), command=bash) as shell,
    ):
        shell.see("$").type(f"{sys.executable} -m chatcli --base-url {server.url}{ENTER}")
        shell.say("Hello").see("Once").type(f"touch mine{ENTER}").type(CTRL_BACKSLASH)
        shell.until(lambda: shell.line == "$", "never left").type(f"echo status $?{ENTER}").see("status 131")
    assert not (world.home / "mine").exists()


def test_whoever_comes_back_to_a_question_sees_it_again(world):
    (world.home / "old.md").write_text("old")
    bash = ("bash", "--norc", "--noediting", "-i")
    with ScriptedServer(reply("Yes.")) as server, terminal(world.having(PS1="$ "), command=bash) as shell:
        shell.see("$").type(f"{sys.executable} -m chatcli --base-url {server.url}{ENTER}")
        shell.say("Hello").see("Yes.").say("/last > old.md").see("[y/N]").type(CTRL_Z).see("Stopped")
        shell.type(f"fg{ENTER}").until(
            lambda: shell.line.endswith("Write over it? [y/N]"), "never asked again"
        )
        shell.type(f"y{ENTER}").see("wrote 1 line").prompt().type(CTRL_D)
        shell.until(lambda: shell.line == "$", "never left")
    assert (world.home / "old.md").read_text() == "Yes."
