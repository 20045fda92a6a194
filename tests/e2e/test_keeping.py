"""What was said is kept, whatever happens: real processes that are killed, real pipes, disks without room."""

import json
import re
import resource
import sys
import threading

import pytest

from chatcli.adapters.sqlite_store.store import SqliteStore
from chatcli.core.messages import Finish
from tests.e2e.terminal import CTRL_C, CTRL_D, ENTER, Terminal, started, terminal
from tests.e2e.world import eventually
from tests.servers.scripted import HANG, ScriptedServer, reply

LIMITED = pytest.mark.skipif(
    sys.platform != "linux", reason="a running process is given its limits on Linux alone"
)


def last_kept(world):
    """The last message that is kept, as another program finds it; None while there is none."""
    store = SqliteStore(next(world.home.rglob("sessions.db")), lambda: 1.0)
    try:
        records = store.records(1)
        messages = store.open(records[0].id).messages if records else ()
    finally:
        store.close()
    return messages[-1] if messages else None


def limited(process, size):
    """From now on no file of the process grows beyond this size."""
    _, most = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, most))


def test_what_came_into_a_pipe_is_kept_though_the_server_falls_silent_and_the_program_is_killed(world):
    with (
        ScriptedServer(reply("begin more ", HANG)) as server,
        world.running("--base-url", server.url, "stall now") as process,
    ):
        assert process.stdout.read(11) == b"begin more "
        eventually(lambda: last_kept(world).text == "begin more ")
        process.kill()
    assert last_kept(world)[1:3] == ("begin more ", Finish.INTERRUPTED)


def test_what_came_before_the_reader_left_is_kept(world):
    left = threading.Event()
    with (
        ScriptedServer(reply("One ", left, "two ", "three")) as server,
        world.running("--base-url", server.url, "Count") as process,
    ):
        assert process.stdout.read(4) == b"One "
        process.stdout.close()
        left.set()
        process.wait()
    kept = last_kept(world)
    assert (kept.text, kept.finish) == ("One two ", Finish.INTERRUPTED)


def test_past_replies_show_how_they_ended(world):
    script = reply("The whole."), reply("Only half", finish="length"), reply("Hel", HANG)
    with ScriptedServer(*script) as server:
        flags = "--base-url", server.url
        with terminal(world, *flags) as chat:
            chat.say("one").see("The whole.").say("two").see("stopped at the length limit: /continue")
            chat.say("three").see("Hel").type(CTRL_C).see("[interrupted]").prompt().type(CTRL_D)
            assert chat.ended() == 0

        with terminal(world, *flags, "-c") as chat:
            chat.see("1> one\nThe whole.\n\n2> two\nOnly half\n[stopped at the length limit: /continue]\n")
            chat.see("3> three\nHel\n[interrupted]\n")


def test_the_servers_own_model_is_named_wherever_its_replies_are_told_of(world):
    with ScriptedServer(reply("From Cacilhas.")) as server, terminal(world, "--base-url", server.url) as chat:
        chat.prompt().see("server's own").say("Which ferry?").see("From Cacilhas.", "scripted · 9 + 2 tokens")
        chat.say("/info").see("scripted, the server's own").prompt()
        assert chat.type(CTRL_D).ended() == 0

    listed = json.loads(world.run("sessions", "list", "--json", "--model", "scripted").out)
    found = json.loads(world.run("sessions", "search", "cacilhas", "--model", "scripted", "--json").out)
    assert ([each["model"] for each in listed], len(found)) == (["scripted"], 1)
    assert b"scripted" in world.run("sessions", "stats").out


@LIMITED
@pytest.mark.parametrize("leave", [CTRL_D, f"/exit{ENTER}"], ids=["Ctrl-D", "/exit"])
def test_whoever_leaves_while_turns_cannot_be_kept_is_told_which_and_stays_once(world, leave):
    with (
        ScriptedServer(reply("One."), reply("Two."), reply("Three.")) as server,
        started(world, "--base-url", server.url) as process,
    ):
        chat = Terminal(process)
        chat.say("one").see("One.").prompt()
        limited(process, 0)
        chat.say("two").see("Two.", "The chat goes on; /export keeps it.").say("three").see("Three.").prompt()
        chat.type(leave).see("not kept: the last 2 turns. /export writes the chat to a file").prompt()
        assert chat.type(leave).ended() == 0
    assert re.search(r"to go on with this chat, without the last 2 turns: chatcli -S \w+", chat.text)
    assert last_kept(world).text == "One."


@LIMITED
def test_turns_of_a_chat_that_was_put_aside_or_undone_are_kept_when_there_is_room_and_told_of_before(world):
    with (
        ScriptedServer(reply("One."), reply("Two.")) as server,
        started(world, "--base-url", server.url) as process,
    ):
        chat = Terminal(process)
        chat.say("one").see("One.").prompt()
        limited(process, 0)
        chat.say("two").see("Two.", "/export keeps it.").say("/undo").see("undone turn 2").prompt()
        chat.type(CTRL_D).see("not kept: the last turn.").say("/clear").see("a new chat").prompt()
        chat.type(CTRL_D).see("not kept: a turn of one.").prompt()
        limited(process, resource.RLIM_INFINITY)
        chat.say("/resume 1").see("one, 1 turn").prompt()
        assert chat.type(CTRL_D).ended() == 0
    assert b"Two." in world.run("sessions", "export", "--all").out


@LIMITED
def test_whoever_made_room_leaves_with_everything_kept(world):
    with (
        ScriptedServer(reply("One."), reply("Two.")) as server,
        started(world, "--base-url", server.url) as process,
    ):
        chat = Terminal(process)
        chat.say("one").see("One.").prompt()
        limited(process, 0)
        chat.say("two").see("Two.", "/export keeps it.").prompt()
        limited(process, resource.RLIM_INFINITY)
        assert chat.type(CTRL_D).ended() == 0
    assert "to go on with this chat: chatcli -S" in chat.text
    assert last_kept(world).text == "Two."


def test_a_question_that_cannot_be_kept_is_answered_and_the_warning_says_what_to_do(world):
    (world.home / "nowhere").write_text("a file where a folder should be")
    with ScriptedServer(reply("From Cacilhas.")) as server:
        hindered = world.having(XDG_DATA_HOME=str(world.home / "nowhere"))
        ran = hindered.run("--base-url", server.url, "Which ferry?")
    assert (ran.status, ran.out) == (0, b"From Cacilhas.")
    assert "Look at its folder: may you write there, and is there room?" in ran.err
    assert "With -n nothing is kept, and nothing said." in ran.err
