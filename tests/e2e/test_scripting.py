"""Roles, scripts, the editor and privacy, as a person meets them at a terminal."""

import stat

from tests.e2e.terminal import CTRL_D, terminal
from tests.servers.scripted import ScriptedServer, reply


def editor(world, line):
    """An editor that carries out a line of the shell on the file that it is given."""
    path = world.home / "editor"
    path.write_text(f'#!/bin/sh\n{line} "$1"\n')
    path.chmod(stat.S_IRWXU)
    return world.having(EDITOR=str(path))


def test_a_role_is_played_saved_and_played_again(world):
    with (
        ScriptedServer(reply("Yes.")) as server,
        terminal(world, "--base-url", server.url, "-m", "m") as chat,
    ):
        chat.say("/role").see("explain  explain things").say("/role explain").see("role → explain")
        chat.say("/temperature 0.5").see("temperature → 0.5")
        chat.say("/role save teacher").see("teacher.md").say("/system Other.").see("system → Other.")
        chat.say("/role teacher").see("role → teacher").say("Hello").see("Yes.")
        assert chat.prompt().type(CTRL_D).ended() == 0

    role = (world.home / ".config/chatcli/roles/teacher.md").read_text()
    assert role.startswith('+++\nmodel = "m"\ntemperature = 0.5\n+++\nYou explain things')
    assert server.questions[0].json["messages"][0]["content"].startswith("You explain things")


def test_the_next_message_and_the_system_text_are_written_in_the_editor(world):
    world = editor(world, "printf 'Written.\\n' >")
    with ScriptedServer(reply("Yes.")) as server, terminal(world, "--base-url", server.url) as chat:
        chat.say("/system edit").see("system → Written.").say("/editor").see("Yes.")
        assert chat.prompt().type(CTRL_D).ended() == 0

    assert [message["content"] for message in server.questions[0].json["messages"]] == ["Written."] * 2


def test_a_script_is_shown_while_it_is_carried_out(world):
    (world.home / "script").write_text("# a remark\n/temperature 0\nHello\\\nthere\n")
    with ScriptedServer(reply("Yes.")) as server, terminal(world, "--base-url", server.url) as chat:
        chat.say("/load script").see("> /temperature 0", "temperature → 0", "> Hello there", "Yes.")
        assert chat.prompt().type(CTRL_D).ended() == 0

    assert server.questions[0].json["messages"][-1]["content"] == "Hello\nthere"


def test_what_is_typed_in_private_is_not_remembered(world):
    with ScriptedServer(reply("Yes.")) as server, terminal(world, "--base-url", server.url) as chat:
        chat.say("first").see("Yes.").say("/incognito").see("nothing of it is kept")
        chat.say("secret").say("/incognito off").see("the private chat is gone").say("last")
        assert chat.prompt().type(CTRL_D).ended() == 0

    history = (world.home / ".local/state/chatcli/history").read_text()
    assert "first" in history
    assert "last" in history
    assert "secret" not in history
