"""Commands for what is prepared, or read by a program: scripts, JSON, a message in the editor, privacy."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from chatcli.commands.outcomes import Arrange, Ask, Become, Edit, Outcome, Perform, Say
from chatcli.commands.registry import Arg, Call, Command, Offer, paths
from chatcli.core.kinds import Schema, Switch
from chatcli.core.params import Params
from chatcli.core.script import messages
from chatcli.errors import UsageError


def load(call: Call) -> Outcome:
    """``/load FILE``: its lines are carried out as if they had been typed."""
    name = call.argument.strip('"')
    if not name:
        raise UsageError("/load needs the name of a file.", "For example /load questions.txt")
    return Perform(tuple(messages(call.world.files.text(name))))


def write_in_editor(call: Call) -> Outcome:
    """``/editor [text]``: the next message, written in the person's editor."""
    return Edit(call.argument, ".md", _asked)


def _asked(text: str) -> Outcome:
    return Ask(text.rstrip()) if text.strip() else Say("nothing was written, and nothing sent")


def reply_in_json(call: Call) -> Outcome:
    """``/json``, ``/json off``, ``/json schema.json``: what replies look like to a program."""
    match call.argument.strip('"'):
        case "":
            said = "replies are JSON objects; say in words, too, that you want JSON"
            return _formed(call, said, mode="json_object")
        case "off":
            return _formed(call, "replies are text")
        case name:
            return _formed(call, f"replies are JSON that follows {name}", schema=_schema(call, name))


def _formed(call: Call, text: str, *, mode: str | None = None, schema: str | None = None) -> Outcome:
    params: Params = call.session.params._replace(response_format=mode, json_schema=schema)
    return Become(replace(call.session, params=params), text)


def _schema(call: Call, name: str) -> str:
    text = call.world.files.text(name)
    try:
        return Schema().read(text)
    except ValueError as error:
        raise UsageError(f"{name} must be {error}.", 'It looks like {"type": "object", ...}') from None


def be_private(call: Call) -> Outcome:
    """``/incognito``, ``/incognito on``, ``/incognito off``."""
    try:
        private = Switch().read(call.argument or "on")
    except ValueError as error:
        hint = "/incognito alone means on."
        raise UsageError(f"/incognito must be {error}, not {call.argument!r}.", hint) from None
    desk = call.desk
    if private == desk.private:
        if not private and call.world.archive is None:
            return Say("this run keeps nothing (-n, or save = false): /save FILE writes this chat down")
        return Say(f"this chat is {'' if private else 'not '}private")
    used = bool(desk.session.messages or desk.session.branches)
    session = desk.session.cleared() if used else desk.session
    # A private chat is gone when it ends: on the shelf it would be kept as soon as it is taken up again.
    shelf = (desk.session, *desk.shelf) if used and private else desk.shelf
    text = "a private chat: nothing of it is kept" if private else "the private chat is gone; a new one"
    return Arrange(replace(desk, session=session, shelf=shelf, private=private, unanswered=""), text)


def _forms(call: Call) -> Iterable[Offer | str]:
    return [Offer("off", "replies are text again"), *paths(call)]


COMMANDS: Final = (
    Command(
        "json",
        "have replies in JSON, or by the JSON schema in a file",
        reply_in_json,
        Arg("[off | schema file]", _forms),
        example="/json",
    ),
    Command(
        "load",
        "carry out the lines of a file as if they were typed",
        load,
        Arg("FILE", paths),
        example="/load questions.txt",
    ),
    Command(
        "editor",
        "write the next message in your editor",
        write_in_editor,
        Arg("[text]"),
        example="/editor",
    ),
    Command(
        "incognito",
        "leave no trace of what you type, or do so again",
        be_private,
        Arg("[on | off]", lambda _call: Switch().choices),
        example="/incognito",
    ),
)
