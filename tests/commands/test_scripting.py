"""What is prepared, or read by a program: /json, /load, /editor, /incognito."""

import time

import pytest

from chatcli.adapters.sqlite_store.store import SqliteStore
from chatcli.commands import COMMANDS
from chatcli.commands.outcomes import Arrange, Ask, Become, Edit, Perform, Say
from chatcli.commands.registry import Registry
from chatcli.core.desk import Desk
from chatcli.core.params import Params
from chatcli.core.session import Session
from chatcli.errors import UsageError
from tests.commands.test_registry import WORLD
from tests.fakes import Files

FILES = Files(
    {
        "city.json": '{"type": "object"}\n',
        "list.json": "[]",
        "questions.txt": "# two\n/temperature 0\nWhy?\\\nWhere?\n",
        "none.txt": "\n",
        "my notes.txt": "Hello",
    }
)
REGISTRY = Registry(COMMANDS, WORLD._replace(files=FILES))


SESSION = Session("m", params=Params(seed=7))


def run(line, desk=None):
    return REGISTRY.run(line, desk or Desk(SESSION))


def refused(line):
    with pytest.raises(UsageError) as caught:
        run(line)
    return caught.value.message


@pytest.mark.parametrize(
    ("line", "params"),
    [
        ("/json", Params(seed=7, response_format="json_object")),
        ("/json city.json", Params(seed=7, json_schema='{"type":"object"}')),
        ("/json off", Params(seed=7)),
    ],
)
def test_json_is_one_object_or_follows_a_schema_or_is_off(line, params):
    for before in (Params(seed=7), Params(seed=7, response_format="json_object", json_schema="{}")):
        outcome = run(line, Desk(Session("m", params=before)))
        assert isinstance(outcome, Become)
        assert outcome.session == Session("m", params=params)


def test_a_schema_that_is_none_is_refused_by_name():
    assert refused("/json list.json") == "list.json must be a JSON schema, which is an object."
    assert refused("/json questions.txt") == "questions.txt must be a JSON schema."
    assert refused("/json zebra.json") == "zebra.json cannot be read: No such file."


def test_the_lines_of_a_file_are_carried_out_as_messages():
    assert run("/load questions.txt") == Perform(("/temperature 0", "Why?\nWhere?"))
    assert run('/load "my notes.txt"') == Perform(("Hello",))
    assert run("/load none.txt") == Perform(())


def test_load_needs_a_file_that_can_be_read():
    assert refused("/load") == "/load needs the name of a file."
    assert refused("/load zebra.txt") == "zebra.txt cannot be read: No such file."


def test_what_is_written_in_the_editor_is_asked_unless_it_is_nothing():
    edit = run("/editor Dear model,")

    assert isinstance(edit, Edit)
    assert edit.text == "Dear model,"
    assert edit.then("/help\nis this\n") == Ask("/help\nis this")
    assert edit.then(" \n") == Say("nothing was written, and nothing sent")
    assert run("/editor").text == ""


@pytest.mark.parametrize(
    ("line", "private"), [("/incognito", True), ("/incognito on", True), ("/incognito off", False)]
)
def test_incognito_is_a_property_of_the_desk(line, private):
    outcome = run(line, Desk(Session("m"), private=not private))
    assert isinstance(outcome, Arrange)
    assert outcome.desk == Desk(Session("m"), private=private)


def test_a_run_that_keeps_nothing_says_so_when_it_is_told_to_keep():
    told = "this run keeps nothing (-n, or save = false): /save FILE writes this chat down"
    assert run("/incognito off") == Say(told)


def test_a_chat_that_is_private_already_or_not_at_all_is_told_to_be(tmp_path):
    archive = SqliteStore(tmp_path / "sessions.db", time.time)
    registry = Registry(COMMANDS, WORLD._replace(archive=archive))
    assert registry.run("/incognito off", Desk(SESSION)) == Say("this chat is not private")
    assert registry.run("/incognito on", Desk(SESSION, private=True)) == Say("this chat is private")


def test_incognito_is_on_or_off():
    assert refused("/incognito maybe") == "/incognito must be on or off, not 'maybe'."


def test_what_could_follow_is_offered():
    assert [each.text for each in REGISTRY.complete("/json ci", Desk(Session()))] == ["city.json"]
    assert "off" in [each.text for each in REGISTRY.complete("/json ", Desk(Session()))]
    assert [each.text for each in REGISTRY.complete("/load my", Desk(Session()))] == ['"my notes.txt"']
    assert [each.text for each in REGISTRY.complete("/incognito ", Desk(Session()))] == ["on", "off"]
