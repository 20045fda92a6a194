"""Commands for how the model should behave: its system text, and roles."""

import shlex
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from chatcli.commands.outcomes import Become, Edit, Outcome, Say, Write
from chatcli.commands.registry import Arg, Call, Command, Offer
from chatcli.core.nearest import nearest
from chatcli.core.roles import Persona, gist
from chatcli.core.session import first_words
from chatcli.errors import ChatcliError, UsageError


def system(call: Call) -> Outcome:
    """``/system``, ``/system text``, ``/system @file``, ``/system edit``."""
    text = call.argument
    if not text:
        now = call.session.system
        return Say(now or "system is not set (the system text: how the model should behave)")
    if text == "edit":
        return Edit(call.session.system, ".md", lambda edited: _behaving(call, edited.strip()))
    if text.startswith("@"):
        text = call.world.files.text(text[1:].strip('"'))
    return _behaving(call, text.strip())


def _behaving(call: Call, text: str) -> Outcome:
    said = f"system → {first_words(text)}" if text else "system is not set: the server's own value holds"
    return Become(replace(call.session, system=text), said)


def role(call: Call) -> Outcome:
    """``/role``, ``/role name``, ``/role name variable=value``, ``/role save name``."""
    if not call.argument:
        return Say(_listed(call))
    name, *given = _words(call.argument)
    if name == "save":
        return _saved(call, given)
    names = call.world.roles.names()
    if name not in names:
        near = nearest(name, names)
        there = f"There are {', '.join(names)}; /role save {name} makes it."
        raise UsageError(f"There is no role {name!r}.", f"Did you mean {near}?" if near else there)
    if wrong := [word for word in given if not word.partition("=")[1]]:
        raise UsageError(f"{wrong[0]!r} says nothing to a role.", f"For example /role {name} language=German")
    return _played(call, call.world.roles.role(name, dict(_pair(word) for word in given)))


def _words(argument: str) -> list[str]:
    try:
        return shlex.split(argument)
    except ValueError:
        hint = 'For example /role translate language="old Norse"'
        raise UsageError("A quote is not closed.", hint) from None


def _pair(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name, value


def _played(call: Call, played: Persona) -> Outcome:
    """What the role does not say stays as it is."""
    session = call.session
    params = session.params
    for name, value in played.params.given().items():
        params = params.having(name, value)
    system, model = played.system or session.system, played.model or session.model
    return Become(replace(session, system=system, model=model, params=params), f"role → {played.name}")


def _saved(call: Call, names: list[str]) -> Outcome:
    if len(names) != 1:
        raise UsageError("/role save needs one name.", "For example /role save reviewer")
    session = call.session
    made = Persona(names[0], session.system, session.model, session.params)
    path, text = call.world.roles.file_for(made)
    return Write(path, text, new_folder=True)


def _listed(call: Call) -> str:
    names = call.world.roles.names()
    width = max(map(len, names), default=0)
    return "\n".join(f"  {name:<{width}}  {_about(call, name)}" for name in names)


def _about(call: Call, name: str) -> str:
    try:
        return first_words(gist(call.world.roles.text(name)))
    except ChatcliError as error:
        return error.message


def _roles(call: Call) -> Iterable[Offer | str]:
    names = [Offer(name, _about(call, name)) for name in call.world.roles.names()]
    return [*names, Offer("save", "make a role of how things are set now")]


COMMANDS: Final = (
    Command(
        "system",
        "show the system text, or set it: a text, what is in a file, or in your editor",
        system,
        Arg("[text | @file | edit]", lambda _call: [Offer("edit", "change it in your editor")]),
        example="/system Answer in one sentence.",
    ),
    Command(
        "role",
        "list the roles, have the model play one, or make one of how things are set now",
        role,
        Arg("[name | save name]", _roles),
        example="/role explain",
    ),
)
