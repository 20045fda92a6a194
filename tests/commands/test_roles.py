"""How the model should behave: /system and /role."""

import pytest

from chatcli.commands import COMMANDS
from chatcli.commands.outcomes import Become, Edit, Say, Write
from chatcli.commands.registry import Registry
from chatcli.core.desk import Desk
from chatcli.core.params import Params
from chatcli.core.roles import Persona
from chatcli.core.session import Session
from chatcli.errors import ConfigError, UsageError
from tests.commands.test_registry import WORLD
from tests.fakes import Files, Roles

ROLES = Roles(
    Persona("explain", "Explain it to somebody who is bright and new to the subject, whoever that may be."),
    Persona("translate", "Translate into {{language}}."),
    Persona("cold", model="ice", params=Params(temperature=0.0)),
)
FILES = Files({"brief.md": "Be brief.\n", "a b.md": "Be kind."})
REGISTRY = Registry(COMMANDS, WORLD._replace(roles=ROLES, files=FILES))
SESSION = Session("m", "Be old.", Params(temperature=1.0, top_p=0.5))


def run(line, session=SESSION):
    return REGISTRY.run(line, Desk(session))


def refused(line):
    with pytest.raises(UsageError) as caught:
        run(line)
    return caught.value.message, caught.value.hint


def test_the_system_text_is_shown_or_told_not_to_be_set():
    assert run("/system") == Say("Be old.")
    assert run("/system", Session()) == Say(
        "system is not set (the system text: how the model should behave)"
    )


@pytest.mark.parametrize(
    ("line", "system"),
    [
        ("/system Be new.", "Be new."),
        ("/system\nBe\nnew.", "Be\nnew."),
        ("/system @brief.md", "Be brief."),
        ('/system @"a b.md"', "Be kind."),
        ("/system edit yourself", "edit yourself"),
    ],
)
def test_the_system_text_comes_from_the_line_or_from_a_file(line, system):
    assert run(line).session == Session("m", system, SESSION.params)


def test_a_system_text_is_told_in_one_short_line():
    assert run("/system " + "word " * 50).text == "system → word word word word word word word word wor…"


def test_a_file_that_cannot_be_read_changes_nothing():
    assert refused("/system @none.md")[0] == "none.md cannot be read: No such file."


def test_the_system_text_is_edited_and_becomes_what_was_left():
    edit = run("/system edit")

    assert (edit.text, edit.suffix) == ("Be old.", ".md")
    assert isinstance(edit, Edit)
    assert edit.then("Be new.\n") == Become(Session("m", "Be new.", SESSION.params), "system → Be new.")
    assert edit.then("\n") == Become(
        Session("m", "", SESSION.params), "system is not set: the server's own value holds"
    )


def test_roles_are_listed_with_the_beginning_of_their_texts():
    assert run("/role") == Say(
        "  explain    Explain it to somebody who is bright and ne…\n"
        "  translate  Translate into {{language}}\n"
        "  cold       "
    )


def test_a_role_that_is_played_changes_what_it_says_and_nothing_else():
    assert run("/role explain") == Become(
        Session("m", ROLES.text("explain"), SESSION.params), "role → explain"
    )
    assert run("/role cold") == Become(
        Session("ice", "Be old.", Params(temperature=0.0, top_p=0.5)), "role → cold"
    )


def test_what_a_role_wants_to_know_is_said_behind_its_name():
    assert run("/role translate language=German").session.system == "Translate into German."
    assert run('/role translate language="old Norse" x=y').session.system == "Translate into old Norse."
    with pytest.raises(ConfigError, match="language"):
        run("/role translate")


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("/role explian", "There is no role 'explian'.", "Did you mean explain?"),
        (
            "/role zebra",
            "There is no role 'zebra'.",
            "There are explain, translate, cold; /role save zebra makes it.",
        ),
        (
            "/role translate German",
            "'German' says nothing to a role.",
            "For example /role translate language=German",
        ),
        ('/role translate language="old', "A quote is not closed.", None),
        ("/role save", "/role save needs one name.", "For example /role save reviewer"),
        ("/role save a b", "/role save needs one name.", "For example /role save reviewer"),
    ],
)
def test_wrong_use_says_what_is_right(line, message, hint):
    told = refused(line)
    assert told[0] == message
    assert hint in {None, told[1]}


def test_how_things_are_set_now_is_saved_as_a_role_in_a_folder_that_may_be_new():
    made = Persona("reviewer", "Be old.", "m", SESSION.params)
    assert run("/role save reviewer") == Write(*ROLES.file_for(made), new_folder=True)


def test_roles_are_offered_with_what_they_say():
    offered = REGISTRY.complete("/role t", Desk(SESSION))
    assert [(each.text, each.help) for each in offered] == [("translate", "Translate into {{language}}")]
    assert "save" in [each.text for each in REGISTRY.complete("/role ", Desk(SESSION))]
