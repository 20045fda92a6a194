"""``chatcli sessions`` as a shell meets it: chats that were had, at a real terminal and in real pipes."""

import json

import pytest

from tests.e2e.terminal import CTRL_C, CTRL_D, ENTER, terminal
from tests.servers.scripted import ScriptedServer, reply


@pytest.fixture
def talked(world):
    """A home where two questions were asked."""
    with ScriptedServer(reply("It leaves at **noon**.")) as server:
        for question in ("When does the ferry leave?", "And the train?"):
            assert world.run("--base-url", server.url, question).status == 0
    return world


def listed(world):
    return [each["first"] for each in json.loads(world.run("sessions", "list", "--json").out)]


def bytes_below(folder):
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_what_was_asked_once_can_be_listed_found_and_shown(talked):
    which = json.loads(talked.run("sessions", "search", "ferry", "--json").out)[0]["session"]

    assert listed(talked) == ["And the train?", "When does the ferry leave?"]
    assert b"It leaves at **noon**.\n" in talked.run("sessions", "show", which).out
    assert talked.run("sessions", "check").status == 0


def test_a_pipe_that_is_closed_early_ends_the_list_without_a_word(talked):
    ran = talked.shell("for each in 1 2 3; do chatcli sessions list; done | head -1")

    assert ran.out.count(b"\n") == 1
    assert ran.err == ""


def test_sessions_go_from_one_home_to_another_through_a_pipe(talked):
    (talked.home / "other").mkdir()
    ran = talked.shell("chatcli sessions export --all | HOME=$HOME/other chatcli sessions import --yes -")

    assert (ran.status, ran.out) == (0, b"")
    assert ran.err.endswith("imported 2 sessions\n")
    assert listed(talked.having(HOME=f"{talked.home}/other")) == listed(talked)


def test_a_file_that_can_be_read_only_once_is_imported_too(talked):
    (talked.home / "other").mkdir()
    ran = talked.shell("HOME=$HOME/other chatcli sessions import -y <(chatcli sessions export --all)")

    assert (ran.status, ran.out) == (0, b"")
    assert ran.err.endswith("imported 2 sessions\n")


def test_what_is_exported_to_stdout_by_its_name_stands_where_stdout_has_got_to(talked):
    export = "chatcli sessions export --all --format md -o /dev/stdout"
    ran = talked.shell(f"(echo head; {export}; echo foot) > page.md; echo {{}} >> page.md; tail -n 2 page.md")

    assert (ran.status, ran.out) == (0, b"foot\n{}\n")
    assert (talked.home / "page.md").read_text().startswith("head\n# ")


def test_on_a_terminal_a_session_is_drawn(talked):
    with terminal(talked, "sessions", "show", "When does the ferry leave?") as screen:
        screen.see("1> When does the ferry leave?", "It leaves at noon.")
        assert screen.ended() == 0


def test_on_a_terminal_what_was_found_breaks_between_words(talked):
    with terminal(talked.having(COLUMNS="24"), "sessions", "search", "ferry") as screen:
        screen.see("    When does the ferry\n    leave?")
        assert screen.ended() == 0


def test_deleting_asks_and_what_is_deleted_is_nowhere_any_more(talked):
    with terminal(talked, "sessions", "rm", "When does the ferry leave?") as screen:
        screen.see("would go:", "Delete 1 session for good? [y/N]").type("y" + ENTER).see("deleted 1 session")
        assert screen.ended() == 0

    assert listed(talked) == ["And the train?"]
    assert b"train" in bytes_below(talked.home)
    assert b"ferry" not in bytes_below(talked.home)


def test_what_was_asked_in_a_chat_that_is_deleted_was_never_typed_either(world):
    noon = reply("At **noon**.")
    with ScriptedServer(noon) as server, terminal(world, "--base-url", server.url) as chat:
        chat.say("When does the ferry leave?").see("At noon.").prompt().type(CTRL_D)
        assert chat.ended() == 0
    assert b"ferry" in bytes_below(world.home / ".local" / "state")

    assert world.run("sessions", "rm", "--yes", "When does the ferry leave?").status == 0
    assert b"ferry" not in bytes_below(world.home)


def test_ctrl_c_at_the_question_deletes_nothing(talked):
    with terminal(talked, "sessions", "rm", "And the train?") as screen:
        screen.see("[y/N]").type(CTRL_C)
        assert screen.ended() == 130

    assert len(listed(talked)) == 2
