"""Help for every command, and how things stand."""

from chatcli.commands import COMMANDS
from chatcli.commands.outcomes import Say
from chatcli.commands.registry import Registry
from chatcli.core.desk import Desk, Staged
from chatcli.core.look import Look
from chatcli.core.messages import Message, Role
from chatcli.core.params import Params
from chatcli.core.session import Session
from chatcli.core.standing import Standing, given_here
from tests.commands.test_registry import WORLD

CHAT = Session("m", messages=(Message(Role.USER, "one two"), Message(Role.ASSISTANT, "three")))


def told(line, desk=None, **world):
    outcome = Registry(COMMANDS, WORLD._replace(**world)).run(line, desk or Desk(CHAT))
    assert isinstance(outcome, Say)
    return outcome.text


def test_help_lists_every_command_once_and_what_is_needed_first_at_the_top():
    lines = told("/help").splitlines()
    named = [line.split()[0].removeprefix("/") for line in lines if line.startswith("  /")]
    assert sorted(named) == sorted(command.name for command in COMMANDS)
    assert lines[:2] == [
        "to begin with",
        "  /help …               list the commands, explain one, or list the keys",
    ]


def test_help_has_a_line_of_the_terminal_for_each_command():
    *lines, _hint = told("/help").splitlines()
    assert max(map(len, lines)) <= 80
    assert "  /temperature [value]  show or set sampling temperature: 0 is steady, 2 is wild" in lines
    assert "  /retry …              ask the last question again" in lines
    assert "  /save FILE            write the chat to a file" in lines
    wide = told("/help", columns=lambda: 200).splitlines()
    assert any("as Markdown, or as JSON where the name ends in .json or .jsonl" in line for line in wide)


def test_help_on_a_narrow_terminal_names_the_commands():
    lines = told("/help", columns=lambda: 40).splitlines()
    assert lines[0] == "to begin with: /help /exit /clear /model /role /system"
    assert all(f"/{command.name}" in " ".join(lines).split() for command in COMMANDS)


def test_help_explains_a_command_in_full():
    for command in COMMANDS:
        explained = told(f"/help {command.name}")
        assert explained == told(f"/help /{command.name}")
        assert f"{command.usage}: {command.help}" in explained


def test_the_keys_have_a_page_of_their_own():
    assert "Ctrl-D          leave, on an empty line" in told("/help keys").splitlines()
    assert "Ctrl-C" not in told("/help")
    offered = Registry(COMMANDS, WORLD).complete("/help key", Desk(CHAT))
    assert "keys" in [completion.text for completion in offered]


def test_info_shows_how_things_stand_and_where_what_is_set_was_set():
    session = Session("local", "Be brief.", Params(top_p=0.5), messages=CHAT.messages)
    assert told("/info", Desk(session)).splitlines() == [
        "model           local (set in this chat)",
        "endpoint        http://localhost:8080/v1",
        "context window  1,000 tokens",
        "chat            1 question, 2 messages",
        "system          Be brief. (set in this chat)",
        "top_p           0.5 (set in this chat)",
    ]


def test_info_tells_of_title_role_looks_and_what_is_staged_only_where_there_are_any():
    session = Session(None, "You translate into Old Norse.", title="Rome")
    desk = Desk(session, Look(theme="Mine"), (Staged("main.py", "x = 1\n"),), private=True)
    lines = told("/info", desk).splitlines()
    assert lines[0].split(maxsplit=1) == ["model", "the server's own"]
    rows = [line.split(maxsplit=1) for line in lines[4:]]
    assert ["title", "Rome"] in rows
    assert ["role", "translate (set in this chat)"] in rows
    assert ["theme", "Mine (set in this chat)"] in rows
    assert ["private", "nothing of this chat is kept"] in rows
    assert any(row[0] == "staged" and row[1].startswith("main.py (") for row in rows)


def test_info_shows_the_first_words_of_a_long_text():
    text = told("/info", Desk(Session("m", "You are careful.\n" * 40)))
    assert "You are careful. You are careful. You are c… (set in this chat)" in text


def test_info_says_who_named_the_endpoint():
    def given(now):
        yield from given_here(now)
        yield Standing("base_url", "http://localhost:8080/v1", "--base-url")
        yield Standing("key_file", "~/keys/of-the-server-that-we-have-at-work/mine.txt", "the default")

    lines = told("/info", settings=given).splitlines()
    assert "endpoint        http://localhost:8080/v1 (--base-url)" in lines
    assert not any(line.startswith("base_url") for line in lines)
    assert lines[-1] == "key_file        ~/keys/of-the-server-that-we-have-at-work/mine.txt (the default)"
