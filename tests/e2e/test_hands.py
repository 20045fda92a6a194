"""The hands at work: real files, a real shell on a real terminal, real interactive programs."""

import base64
import shutil
import signal
from contextlib import contextmanager

import pytest

from tests.e2e.terminal import CTRL_C, CTRL_D, ENTER, terminal
from tests.e2e.tmux import pane, tmux
from tests.e2e.world import eventually, lives
from tests.servers.scripted import ScriptedServer, reply

CODE = reply("So:\n\n```sh\nprintf '%s\\n' größer\n```\n")


@contextmanager
def chatting(world, *script):
    with ScriptedServer(*script) as server, terminal(world, "--base-url", server.url) as chat:
        yield chat, server


def test_a_block_of_code_is_written_and_writing_over_it_is_asked(world):
    with chatting(world, CODE) as (chat, _):
        chat.say("How?").see("größer").say("/code > fix.sh").see("wrote 1 line, 23 bytes, to fix.sh")
        written = (world.home / "fix.sh").read_text()

        chat.say("/last > fix.sh").see("fix.sh exists. Write over it? [y/N]").type(ENTER)
        chat.see("fix.sh exists, and is as it was")
        assert (world.home / "fix.sh").read_text() == written == "printf '%s\\n' größer\n"

        chat.say("/last > fix.sh").see_twice("[y/N]").type(f"y{ENTER}").see("wrote 5 lines")
        assert (world.home / "fix.sh").read_text() == "So:\n\n```sh\nprintf '%s\\n' größer\n```\n"

        chat.say("/last > fix.sh").until(lambda: chat.text.count("[y/N]") == 3, "was not asked")
        chat.type(CTRL_C).see("[interrupted]").prompt()


def test_a_block_of_code_is_handed_to_a_command(world):
    with chatting(world, CODE) as (chat, _):
        chat.say("How?").see("größer").say("/code | sh").see("\ngrößer\n").prompt()
        chat.say("/code | wc -c").see("\n23\n").prompt()


def test_what_a_command_prints_goes_along_with_the_next_message_alone(world):
    with chatting(world, reply("Two."), reply("Three.")) as (chat, server):
        chat.say("!printf '\\033[31mred\\033[0m\\n' && test -t 1 && echo fine").see("\nred\nfine\n", "[y/N]")
        assert b"\x1b[31mred" in chat.raw
        chat.type(f"y{ENTER}").see("staged $ printf").say("What is that?").see("Two.")
        chat.say("And now?").see("Three.").say("!echo no").see("\nno\nSend that").type(ENTER).prompt()
    first, second = (question.json["messages"][-1]["content"] for question in server.questions)
    assert first.endswith("fine\n```\n\nWhat is that?")
    assert "\nred\nfine\n" in first
    assert second == "And now?"


def test_ctrl_c_ends_the_command_and_not_the_chat(world):
    with chatting(world, reply("Yes.")) as (chat, _):
        chat.say("!echo ready; exec sleep 1000").see("\nready")
        chat.type(CTRL_C).see("[SIGINT ended the command]").say("Still there?").see("Yes.")
        assert "[y/N]" not in chat.text
        assert chat.prompt().type(CTRL_D).ended() == 0


def test_what_is_typed_while_a_command_runs_stands_in_the_next_prompt(world):
    with chatting(world, reply("Yes.")) as (chat, _):
        chat.say("!echo ready; until [ -e over ]; do sleep 0.01; done").see("\nready")
        chat.type("Still there?").see("\nStill there?")
        (world.home / "over").touch()
        chat.see("[y/N]").type(ENTER).until(lambda: chat.line == "> Still there?", "it is lost")
        chat.enter().see("Yes.")


def test_who_is_told_to_end_ends_the_command_too_and_gives_the_terminal_back(world):
    with ScriptedServer() as server, pane(world, "--base-url", server.url) as chat:
        chat.say("!echo $$ > pid; echo ready; exec sleep 1000").see("\nready")
        assert not chat.echoes

        chat.kill(signal.SIGTERM).see("status 143")
        assert chat.echoes
        eventually(lambda: not lives((world.home / "pid").read_text().strip()))


def test_a_script_has_its_commands_run_and_only_replies_on_stdout(world):
    with ScriptedServer(CODE) as server:
        script = b"How?\n/run cat; echo beside; exit 3\n/code | sh\n/copy\n/code > fix.sh\n/code > fix.sh\n"
        done = world.run("--repl", "--base-url", server.url, stdin=script)
    assert done.out.decode() == "So:\n\n```sh\nprintf '%s\\n' größer\n```\n"
    assert "beside\n" in done.err
    assert "status 3" in done.err
    assert "\ngrößer\n" in done.err
    assert "There is no clipboard here." in done.err
    assert "There is nobody to ask: fix.sh exists. Write over it?" in done.err


def test_a_command_that_fails_says_how(world):
    with chatting(world) as (chat, _):
        chat.say("!exit 3").see("[the command ended with status 3]").prompt()
        chat.say("!no-such-program").see("not found", "[the command ended with status 127]", "[y/N]")


@pytest.mark.skipif(not shutil.which("less"), reason="less is not installed")
def test_programs_that_fill_the_screen_have_the_keyboard_and_give_it_back(world):
    lines = "\n".join(f"line {number}" for number in range(1, 101))
    with chatting(world, reply(lines), reply("Yes.")) as (chat, _):
        chat.say("Count").see("line 100").say("/last | less").until(lambda: chat.line == ":", "no less")
        chat.type("G").see("(END)").type("q").prompt().say("!less .bashrc").see("No such file", "[y/N]")
        chat.type(ENTER).say("Still there?").see("Yes.")


def test_a_program_in_the_shell_sees_the_window_change(world):
    command = "!trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.01; done"
    with chatting(world) as (chat, _):
        chat.say(command).see("\nready").resize(30, 100).see("30 100")


def test_without_a_tool_the_terminal_takes_the_copy(world):
    with chatting(world, CODE) as (chat, _):
        chat.say("How?").see("größer").say("/copy 1").see("block 1 (sh, 1 line) copied through the terminal")
        copied = base64.b64encode("printf '%s\\n' größer\n".encode())
        assert b"\x1b]52;c;" + copied + b"\x1b\\" in chat.raw


def test_in_tmux_the_copy_is_in_its_buffer(world):
    with ScriptedServer(CODE) as server, pane(world, "--base-url", server.url) as chat:
        chat.say("How?").see("größer").say("/copy 1").see("block 1 (sh, 1 line) copied with tmux")
        assert tmux(world.home / "tmux", "show-buffer") == "printf '%s\\n' größer\n"


def test_in_tmux_its_buffer_is_pasted(world):
    with ScriptedServer(reply("A list.")) as server, pane(world, "--base-url", server.url) as chat:
        chat.prompt()
        tmux(world.home / "tmux", "set-buffer", "bread and butter")
        chat.say("/paste").see("staged clipboard").say("What is that?").see("A list.")
    assert "bread and butter" in server.questions[0].json["messages"][-1]["content"]


def test_a_file_elsewhere_that_a_pasted_text_names_is_asked_about(world):
    (world.home / ".netrc").write_text("password\n")
    text = "> see @.netrc\nWhy?"
    with chatting(world, reply("No."), reply("Yes.")) as (chat, server):
        chat.prompt().type(f"\x1b[200~{text}\x1b[201~").see("Why?").type(ENTER)
        chat.see("Send .netrc along? [y/N]").type(ENTER).see("not sent along: .netrc", "No.")
        chat.say("See @.netrc").see_twice("[y/N]").type(f"y{ENTER}").see("with .netrc", "Yes.").prompt()
        script = world.run("--repl", "--base-url", server.url, stdin=b"See @.netrc\n")
    asked = [question.json["messages"][-1]["content"] for question in server.questions]
    assert (asked[0], asked[1].startswith(".netrc:"), asked[2]) == (text, True, "See @.netrc")
    assert "not sent along: .netrc" in script.err


def test_the_chat_is_saved_as_it_was_said(world):
    with chatting(world, CODE) as (chat, _):
        chat.say("How?").see("größer").say("/export").see("to how.md").say("/save ~/chat.jsonl").see(
            "2 lines"
        )
    assert (world.home / "how.md").read_text().startswith("# How?\n\n## You\n\nHow?\n")
    assert (world.home / "chat.jsonl").read_text().count("\n") == 2
