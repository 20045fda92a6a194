"""A chat that a program drives: lines in, replies or JSON lines out."""

import json
import signal
import subprocess
from contextlib import contextmanager

import pytest

from tests.e2e.terminal import CTRL_D, terminal
from tests.e2e.world import CHATCLI, PATIENCE, Ran, interrupted
from tests.servers.scripted import HANG, ScriptedServer, failure, reply, status

PYTHON = "Here:\n\n```python\nprint('Größe')\n```\n"


@contextmanager
def driven(world, server, *args):
    """A chat whose standard input is ours."""
    with subprocess.Popen(
        [*CHATCLI, "--repl", "--base-url", server.url, *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=world.environ,
        cwd=world.home,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def say(process, line):
    process.stdin.write(f"{line}\n".encode())
    process.stdin.flush()


def told(ran):
    """The objects on stdout."""
    return [json.loads(line) for line in ran.out.splitlines()]


def asked(server):
    """The messages of each question that came."""
    return [[message["content"] for message in question.json["messages"]] for question in server.questions]


def test_each_line_is_a_turn_and_stdout_holds_the_replies_each_ending_in_a_newline(world):
    with ScriptedServer(reply("Hello", " Ann."), reply("You are Ann.\n")) as server:
        ran = world.run("--repl", "--base-url", server.url, stdin=b"I am Ann\n\nWho am I?")

    assert ran == Ran(0, b"Hello Ann.\nYou are Ann.\n", "")
    assert asked(server) == [["I am Ann"], ["I am Ann", "Hello Ann.", "Who am I?"]]


def test_commands_work_and_are_answered_on_stderr(world):
    with ScriptedServer(reply("Yes.")) as server:
        lines = b"/temperature 0.5\n//help\n/set temperature\n/exit\nnever asked\n"
        ran = world.run("--repl", "--base-url", server.url, stdin=lines)

    assert ran == Ran(0, b"Yes.\n", "temperature → 0.5\ntemperature = 0.5\n")
    assert asked(server) == [["/help"]]
    assert server.questions[0].json["temperature"] == 0.5


def test_a_program_can_wait_for_each_reply_before_it_goes_on(world):
    with (
        ScriptedServer(*(reply(f"{number}.") for number in range(5))) as server,
        driven(world, server) as chat,
    ):
        heard = []
        for number in range(5):
            say(chat, f"Question {number}")
            heard.append(chat.stdout.readline())
        rest, err = chat.communicate(timeout=PATIENCE)

    assert heard == [f"{number}.\n".encode() for number in range(5)]
    assert (chat.returncode, rest, err) == (0, b"", b"")


@pytest.mark.parametrize(
    "line", ["a" + " " * 1_000_000 + "b", "Größe 😀\u2028\x85", "```", "ends in \\", "# not a remark"]
)
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_line_is_sent_as_it_is_however_long_and_whatever_is_in_it(world, line, end):
    with ScriptedServer(reply("Yes.")) as server:
        ran = world.run(
            "--repl", "--base-url", server.url, "--context", "100000", stdin=f"{line}{end}".encode()
        )

    assert ran == Ran(0, b"Yes.\n", "")
    assert asked(server) == [[line]]


def test_a_line_that_is_no_text_is_named_and_the_next_one_is_asked(world):
    with ScriptedServer(reply("Yes.")) as server:
        ran = world.run("--repl", "--base-url", server.url, stdin=b"/set\nGr\xfc\xdfe\nWhy?\n")

    assert (ran.status, ran.out) == (2, b"Yes.\n")
    assert "chatcli: error: Line 2 is not valid utf-8: byte 0xfc at offset 2.\n" in ran.err
    assert asked(server) == [["Why?"]]


def test_the_exit_code_is_that_of_the_first_line_that_went_wrong(world):
    with ScriptedServer(reply("Fine."), reply("Cut", finish="length"), status(400, failure("No."))) as server:
        ran = world.run("--repl", "--base-url", server.url, stdin=b"a\nb\nc\n/nonsense\n")

    assert (ran.status, ran.out) == (5, b"Fine.\nCut\n")
    assert "chatcli: error: No.\n" in ran.err


def test_nothing_to_say_is_no_mistake(world):
    assert world.run("--repl", "--base-url", "http://localhost:1/v1", "-m", "m") == Ran(0, b"", "")
    assert world.shell("chatcli --repl --base-url http://localhost:1/v1 -m m <&-") == Ran(0, b"", "")


def test_a_reader_who_has_had_enough_ends_it_quietly(world):
    with ScriptedServer(reply(*["0123456789" * 1_000] * 50)) as server:
        chat = f"chatcli --repl --base-url {server.url} --context 1000000"
        ran = world.shell(f"yes Count | head -n 40 | {chat} | head -c 1 > /dev/null; exit ${{PIPESTATUS[2]}}")

    assert ran == Ran(141, b"", "")


def test_ctrl_c_ends_it_and_what_came_is_there(world):
    with ScriptedServer(reply("Once upon", HANG)) as server, driven(world, server) as chat:
        say(chat, "A story!\nAnother one!")
        came = chat.stdout.read(9)
        ran = interrupted(chat)

    assert (came, ran) == (b"Once upon", Ran(130, b"\n", "[interrupted]\n"))
    assert len(server.questions) == 1


def test_sigterm_while_it_waits_for_a_line_ends_it(world):
    with ScriptedServer(reply("Yes.")) as server, driven(world, server) as chat:
        say(chat, "Hello")
        assert chat.stdout.readline() == b"Yes.\n"
        assert interrupted(chat, signal.SIGTERM) == Ran(128 + signal.SIGTERM, b"", "")


def test_code_is_written_to_a_file_but_never_over_one(world):
    (world.home / "old.py").write_text("old\n")
    with ScriptedServer(reply(PYTHON)) as server:
        ran = world.run(
            "--repl", "--base-url", server.url, stdin=b"Print it\n/code > new.py\n/code > old.py\n"
        )

    assert (world.home / "new.py").read_text() == "print('Größe')\n"
    assert (world.home / "old.py").read_text() == "old\n"
    assert ran.out.decode() == PYTHON


@pytest.mark.parametrize("line", ["/editor", "/system edit"])
def test_an_editor_reads_none_of_the_lines_and_prints_nothing_on_stdout(world, line):
    editor = world.home / "ed.sh"
    editor.write_text('#!/bin/sh\ncat\necho edited > "$1"\n')
    editor.chmod(0o755)
    with ScriptedServer(reply("Yes.")) as server:
        edited = world.having(EDITOR=str(editor))
        ran = edited.run("--repl", "--jsonl", "--base-url", server.url, stdin=f"{line}\nHello\n".encode())

    assert ran.status == 2
    assert [each["error"] and each["error"]["message"] for each in told(ran)] == [
        "There is no terminal for an editor.",
        None,
    ]
    assert asked(server) == [["Hello"]]


def test_a_command_of_the_shell_reads_none_of_the_lines_and_prints_nothing_on_stdout(world):
    with ScriptedServer(reply("Yes.")) as server:
        ran = world.run("--repl", "--base-url", server.url, stdin=b"/run cat; echo done\nHello\n")

    assert ran == Ran(0, b"Yes.\n", "done\n")
    assert asked(server) == [["Hello"]]


def test_a_file_of_lines_is_carried_out_and_files_that_load_each_other_come_to_an_end(world):
    (world.home / "script").write_text("# two\n/temperature 0\nWhy?\\\nWhere?\n")
    (world.home / "loop").write_text("/load loop\n")
    with ScriptedServer(reply("Yes.")) as server:
        ran = world.run("--repl", "--base-url", server.url, stdin=b"/load script\n/load loop\nHow?\n")

    assert (ran.status, ran.out) == (2, b"Yes.\nYes.\n")
    assert [each[-1] for each in asked(server)] == ["Why?\nWhere?", "How?"]
    assert ran.err.splitlines()[:3] == ["> /temperature 0", "temperature → 0", "> Why? Where?"]
    assert ran.err.count("chatcli: error: Files that load each other have no end.") == 1


def test_at_a_terminal_it_is_the_repl(world):
    with ScriptedServer(reply("Yes.")) as server, terminal(world, "--repl", "--base-url", server.url) as chat:
        chat.see("/help").say("Hello").see("Yes.").prompt()
        assert chat.type(CTRL_D).ended() == 0


# JSON lines.


def test_each_turn_is_an_object(world):
    with ScriptedServer(reply("Größe\n"), reply("Cut", finish="length", usage=None)) as server:
        ran = world.run("--repl", "--jsonl", "--base-url", server.url, stdin=b"a\n/temperature 0\nb\n/last\n")

    first, second = told(ran)
    assert ran.status == 5
    assert "Größe" in ran.out.decode()
    assert first == {
        "session": first["session"],
        "turn": 1,
        "text": "Größe\n",
        "finish_reason": "stop",
        "usage": {
            "prompt_tokens": 9,
            "completion_tokens": 2,
            "total_tokens": 11,
            "cached_tokens": 0,
            "reasoning_tokens": 0,
        },
        "left_out": [],
        "error": None,
    }
    assert second == first | {"turn": 2, "text": "Cut", "finish_reason": "length", "usage": None}
    assert first["session"]


def test_every_line_that_goes_wrong_is_an_object_too(world):
    with ScriptedServer(status(400, failure("Bad temperature.")), reply("Yes.")) as server:
        ran = world.run("--repl", "--jsonl", "--base-url", server.url, stdin=b"a\n\xff\n/nonsense\nb\n")

    objects = told(ran)
    assert [(each["turn"], each["text"], each["finish_reason"]) for each in objects] == [
        (1, "", "failed"),
        (None, "", None),
        (None, "", None),
        (1, "Yes.", "stop"),
    ]
    assert [each["error"] and each["error"]["kind"] for each in objects] == [
        "Rejected",
        "UsageError",
        "UsageError",
        None,
    ]
    assert objects[0]["error"] == {"message": "Bad temperature.", "hint": "", "kind": "Rejected"}
    assert (ran.status, objects[0]["session"]) == (1, objects[3]["session"])


def test_what_nobody_agrees_to_and_what_fails_in_the_shell_is_an_object_too(world):
    (world.home / "old.md").write_text("old\n")
    (world.home / "notes").mkdir()
    (world.home / "notes" / "a.txt").write_text("a\n")
    lines = b"Hi\n/last > old.md\n/export\n/export\n/file notes\n/last | false\n!exit 3\n!true\n"
    with ScriptedServer(reply("Yes.")) as server:
        ran = world.run("--repl", "--jsonl", "--base-url", server.url, stdin=lines)

    answered, *failed = told(ran)
    assert (ran.status, answered["error"]) == (1, None)
    assert [each["error"]["message"] for each in failed] == [
        "There is nobody to ask: old.md exists. Write over it?",
        "There is nobody to ask: hi.md exists. Write over it?",
        "There is nobody to ask: Send notes/a.txt (~14 tokens) along with the next message?",
        "false: the command ended with status 1.",
        "exit 3: the command ended with status 3.",
    ]
    assert (world.home / "old.md").read_text() == "old\n"


def test_a_new_chat_has_another_session_and_an_old_one_its_own(world):
    with ScriptedServer(reply("Yes.")) as server:
        lines = b"a\nb\n/clear\nc\n/undo\nd\n"
        objects = told(world.run("--repl", "--jsonl", "--base-url", server.url, stdin=lines))

    assert [each["turn"] for each in objects] == [1, 2, 1, 1]
    sessions = [each["session"] for each in objects]
    assert (sessions[0], sessions[2]) == (sessions[1], sessions[3])
    assert sessions[0] != sessions[2]


def test_turns_that_are_left_out_are_named(world):
    with ScriptedServer(reply("word " * 100, usage=None)) as server:
        lines = b"The sea is wide. " * 20 + b"\n"
        ran = world.run("--repl", "--jsonl", "--base-url", server.url, "--context", "512", stdin=lines * 3)

    assert [each["left_out"] for each in told(ran)] == [[], [1], [1, 2]]


def test_one_question_is_one_object(world):
    with ScriptedServer(reply("Yes.")) as server:
        ran = world.run("--jsonl", "--base-url", server.url, "Hello")
        piped = world.run("--jsonl", "--base-url", server.url, stdin=b"Two\nlines")

    assert (ran.status, ran.err) == (0, "")
    assert [each["text"] for each in told(ran) + told(piped)] == ["Yes.", "Yes."]
    assert asked(server) == [["Hello"], ["Two\nlines"]]


def test_an_object_comes_as_soon_as_its_turn_has_ended(world):
    with ScriptedServer(reply("Yes.")) as server, driven(world, server, "--jsonl") as chat:
        say(chat, "Hello")
        assert json.loads(chat.stdout.readline())["text"] == "Yes."


def test_ctrl_c_in_a_reply_is_told_as_such(world):
    with ScriptedServer(reply("Once upon", HANG)) as server, driven(world, server, "--jsonl") as chat:
        say(chat, "A story!")
        server.until(lambda server: server.questions)
        ran = interrupted(chat)

    assert ran.status == 130
    assert [(each["finish_reason"], each["error"]) for each in told(ran)] == [("interrupted", None)]
