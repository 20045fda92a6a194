"""Roles: what stands in their files, and what a person is told of one that is wrong."""

from io import StringIO
from pathlib import Path

import pytest

import chatcli
from chatcli.adapters.dotenv_file import read_dotenv
from chatcli.adapters.toml_file import parse_toml, read_toml
from chatcli.config.resolve import resolve
from chatcli.config.roles import Roles, with_role
from chatcli.core.params import Params
from chatcli.core.roles import Persona
from chatcli.env import Dirs, Env
from chatcli.errors import ConfigError, UsageError

SHIPPED = Path(chatcli.__file__).parent / "data/roles"
FACTS = {
    "date": lambda: "2026-11-20",
    "os": lambda: "Debian",
    "shell": lambda: "fish",
    "cwd": lambda: "/work",
}


@pytest.fixture
def own(tmp_path):
    folder = tmp_path / "roles"
    folder.mkdir()
    return folder


def roles(own, **given):
    return Roles(own, SHIPPED, parse_toml, FACTS, given)


def refused(own, name="mine"):
    with pytest.raises(ConfigError) as caught:
        roles(own).role(name)
    return caught.value.message.replace(str(own), "~"), caught.value.hint


def test_four_roles_are_shipped_and_each_is_ready_to_be_played(tmp_path):
    shipped = roles(tmp_path / "none")

    assert shipped.names() == ["code", "commit", "explain", "shell"]
    assert all(shipped.role(name).system for name in shipped.names())
    assert shipped.role("shell").system.startswith(
        "You turn what somebody wants into a command for fish on Debian."
    )


def test_a_role_is_a_text_below_what_else_goes_with_it(own):
    (own / "mine.md").write_text(
        '+++\nmodel = "gpt-6-luna"\ntemperature = 0\nstop = ["END"]\n+++\n\nBe brief.\n\n+++\n  Be kind.\n\n'
    )

    assert roles(own).role("mine") == Persona(
        "mine", "Be brief.\n\n+++\n  Be kind.", "gpt-6-luna", Params(temperature=0.0, stop=("END",))
    )


@pytest.mark.parametrize(
    "text", ["Be brief.", "\ufeffBe brief.\r\n", "+++\n+++\nBe brief.", "\n\nBe brief.\n"]
)
def test_a_role_may_be_a_text_alone(own, text):
    (own / "mine.md").write_text(text, encoding="utf-8", newline="")

    assert roles(own).role("mine") == Persona("mine", "Be brief.")


def test_a_role_of_ones_own_takes_the_place_of_a_shipped_one(own):
    (own / "shell.md").write_text("Mine.")

    assert roles(own).names() == ["code", "commit", "explain", "shell"]
    assert roles(own).role("shell").system == "Mine."


def test_variables_come_from_the_call_then_the_command_line_then_the_machine(own):
    (own / "mine.md").write_text("{{date}} {{os}} {{language}}")
    mine = roles(own, language="Latin", os="Plan 9")

    assert mine.text("mine") == "{{date}} {{os}} {{language}}"
    assert mine.role("mine").system == "2026-11-20 Plan 9 Latin"
    assert mine.role("mine", {"language": "Greek"}).system == "2026-11-20 Plan 9 Greek"


def test_facts_are_looked_up_only_for_a_role_that_wants_them(own):
    def forbidden():
        raise AssertionError

    (own / "mine.md").write_text("Plain.")
    facts = dict.fromkeys(FACTS, forbidden)

    assert Roles(own, SHIPPED, forbidden, facts).role("mine") == Persona("mine", "Plain.")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "You translate into {{language}}.",
            "The role mine does not know what {{language}} is.",
            "Say it: --var language=..., or in a chat /role mine language=...",
        ),
        (
            "+++\nmodel = 'm'\n",
            "The head of ~/mine.md has no end.",
            "It ends with a line +++, as it begins.",
        ),
        (
            "+++\n\ntemprature = 1\n+++\n",
            "temprature (~/mine.md line 3) is nothing that a role can set.",
            "Did you mean temperature?",
        ),
        (
            '+++\nbase_url = "http://x"\n+++\n',
            "base_url (~/mine.md line 2) is nothing that a role can set.",
            "A role may set model, temperature, ",
        ),
        (
            "+++\nmodel = 'm'\ntemperature = 3\n+++\n",
            "temperature must be a number from 0 to 2 (~/mine.md line 3).",
            "It is 3 now.",
        ),
        ("+++\nmodel = \n+++\n", "~/mine.md line 2 is not TOML: invalid value.", ""),
        (b"Gr\xfc\xdfe", "~/mine.md is not UTF-8 (byte 2).", "Save it as UTF-8."),
    ],
)
def test_a_role_that_is_wrong_says_where(own, text, message, hint):
    (own / "mine.md").write_bytes(text if isinstance(text, bytes) else text.encode())

    told, advice = refused(own)
    assert (told, advice[: len(hint)]) == (message, hint)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("comit", "Did you mean commit?"),
        ("zebra", "The roles there are: code, commit, explain, shell."),
        ("../roles/shell", "The roles there are: code, commit, explain, shell."),
    ],
)
def test_a_role_that_is_not_there_is_an_error_that_names_those_that_are(own, name, hint):
    assert refused(own, name) == (f"There is no role {name}.", hint)


def test_a_role_that_was_saved_is_played_again_as_it_was(own):
    made = Persona(
        "mine",
        'Say "{{date}}".\n+++\nEnd.',
        "local",
        Params(temperature=0.5, stop=("\n\t\r", 'a"b\\'), json_schema='{"type":"object"}'),
    )
    path, text = roles(own).file_for(made)
    Path(path).write_text(text, encoding="utf-8")

    assert path == str(own / "mine.md")
    assert roles(own).role("mine") == made._replace(system='Say "2026-11-20".\n+++\nEnd.')


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "../a", "a b", "-r"])
def test_a_name_that_would_be_no_file_of_its_own_is_refused(own, name):
    with pytest.raises(UsageError, match="is no name for a role"):
        roles(own).file_for(Persona(name))


# Among the settings.


@pytest.fixture
def env(tmp_path):
    (tmp_path / "config").mkdir()
    dirs = Dirs(*(tmp_path / name for name in ("config", "cache", "data", "state")))
    return Env(None, StringIO(), StringIO(), {}, tmp_path, dirs)


def config(env, own, flags, environ=None):
    world = env._replace(environ=environ or {})
    return with_role(resolve(world, flags, read_dotenv, read_toml), roles(own))


def test_a_flag_beats_the_role_and_the_role_beats_everything_else(env, own):
    (own / "mine.md").write_text('+++\nmodel = "role"\ntop_p = 0.5\n+++\n\nThe role.')
    (env.dirs.config / "config.toml").write_text('model = "file"\nsystem = "The file."\nseed = 7\n')
    environ = {"CHATCLI_TOP_P": "0.1", "CHATCLI_SYSTEM": "The environment."}

    found = config(env, own, {"role": "mine", "model": "flag"}, environ)

    assert (found.settings.model, found.settings.system) == ("flag", "The role.")
    assert found.settings.params == Params(top_p=0.5, seed=7)
    assert str(found.origin("top_p")) == f"{own / 'mine.md'} line 3"
    assert str(found.origin("system")) == f"{own / 'mine.md'} line 6"


def test_a_role_without_a_text_leaves_the_system_text_as_it_is(env, own):
    (own / "mine.md").write_text("+++\ntop_p = 0.5\n+++\n")
    (env.dirs.config / "config.toml").write_text('role = "mine"\nsystem = "The file."\n')

    assert config(env, own, {}).settings.system == "The file."
    assert config(env, own, {}).settings.params == Params(top_p=0.5)
    assert config(env, own, {"role": ""}).settings.params == Params()
