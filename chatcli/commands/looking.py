"""Commands that show how things stand."""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from chatcli.commands.files import described
from chatcli.commands.outcomes import Outcome, Say
from chatcli.commands.registry import Arg, Call, Command, Offer
from chatcli.commands.settings import KNOBS
from chatcli.core.budget import PER_REPLY
from chatcli.core.messages import Message, Role
from chatcli.core.money import Spent, shown
from chatcli.core.roles import plays
from chatcli.core.session import first_words
from chatcli.errors import ChatcliError

_USAGE: Final = 20  # characters of a list, in which a command and its argument stand
_ROOMY: Final = 70  # columns, on which there is room for more than names

_LONG: Final = ("system", "json_schema")  # settings of which the first words are shown

# What is needed first stands first. A command that is not named here is listed last.
_FIRST: Final = (
    ("to begin with", "help exit clear model role system"),
    ("with the next message", "file image paste run editor"),
    ("the last reply", "retry continue copy code last raw diff"),
    ("this chat", "history undo edit branch fork title save export"),
    ("other chats", "sessions resume incognito"),
    ("the context window", "context compact pin unpin drop undrop tokens usage"),
    ("settings", "info set unset temperature top_p max_tokens stop seed json theme multiline"),
)
KEYS: Final = {
    "Enter": "send; in a code fence that is not closed yet, go on",
    "Alt-Enter": "make a new line (so do Ctrl-J and Shift-Enter); /multiline swaps the two",
    "Tab": "complete; open a long paste, which Backspace takes away",
    "Up Down Ctrl-R": "fetch, or find, what was typed before; Right takes what is suggested",
    "Ctrl-X Ctrl-E": "open your editor on what is typed",
    "Ctrl-L Ctrl-Z": "clear the screen; stop the program until fg",
    "Ctrl-C": "clear what is typed, or stop a reply and keep its text",
    "Ctrl-D": "leave, on an empty line",
}
_OF_LINES: Final = (
    "A line that begins with a blank is not remembered. /set keys vi gives you the keys of vi.\n"
    "//text sends a line that begins with a slash."
)
_HINT: Final = (
    "/help NAME says more of one, /help keys what keys do. //text sends a line that begins with a slash."
)


def help_(call: Call) -> Outcome:
    """``/help`` lists the commands, ``/help name`` explains one, ``/help keys`` lists the keys."""
    match call.argument.removeprefix("/"):
        case "":
            return Say(_listing(call))
        case "keys":
            width = max(map(len, KEYS))
            rows = (f"{keys:<{width}}  {what}" for keys, what in KEYS.items())
            return Say("\n".join((*rows, "", _OF_LINES)))
        case name:
            return Say(_explained(call.registry.find(name)))


def _explained(command: Command) -> str:
    lines = [f"{command.usage}: {command.help}"]
    if command.aliases:
        lines.append(f"also: {', '.join('/' + alias for alias in command.aliases)}")
    if command.example:
        lines.append(f"example: {command.example}")
    return "\n".join(lines)


def _listing(call: Call) -> str:
    """Every command in a line of its own, what a person needs first at the top; on little room, the names."""
    named = {command.name: command for command in call.registry.commands}
    groups = [
        (title, [named.pop(name) for name in names.split() if name in named]) for title, names in _FIRST
    ]
    groups.append(("more", list(named.values())))
    columns = call.world.columns()
    drawn = _line_by_line if columns >= _ROOMY else _by_name
    return "\n".join((*(drawn(title, group, columns) for title, group in groups if group), _HINT))


def _by_name(title: str, group: Sequence[Command], _columns: int) -> str:
    return f"{title}: {' '.join('/' + command.name for command in group)}"


def _line_by_line(title: str, group: Sequence[Command], columns: int) -> str:
    room = columns - _USAGE - 4
    lines = (f"  {_short(command):<{_USAGE}}  {_brief(command.help, room)}" for command in group)
    return "\n".join((title, *lines))


def _short(command: Command) -> str:
    return command.usage if len(command.usage) <= _USAGE else f"/{command.name} …"


def _brief(text: str, room: int) -> str:
    """A help in a line: all of it, or what it says first."""
    if len(text) > room:
        text = re.split("[;:]", text)[0]
    while len(text) > room and "," in text:
        text = text.rpartition(",")[0]
    return text if len(text) <= room else f"{text[: room - 1].rpartition(' ')[0]}…"


def info(call: Call) -> Outcome:
    """Model, endpoint, window, size of the chat, and what is set, with the place where it was set."""
    desk, session, facts = call.desk, call.session, call.facts
    now = {knob.name: knob.of(session, call.look) for knob in KNOBS.values()} | {"role": _role(call)}
    given = {
        name: f"{first_words(text) if name in _LONG else text} ({origin})"
        for name, text, origin in call.world.settings(now)
    }
    where = facts.where(session)
    if given.get("base_url", "").startswith(f"{where} "):
        where = given.pop("base_url")
    questions = sum(message.role is Role.USER for message in session.messages)
    whose = f"{session.answering}, the server's own" if session.answering else "the server's own"
    rows = {
        "model": given.pop("model", whose),
        "endpoint": where,
        "context window": f"{facts.window(session):,} tokens",
        "chat": f"{questions} question{'' if questions == 1 else 's'}, {len(session.messages)} messages",
        "title": session.title,
        "staged": described(call.world, session, desk.staged) if desk.staged else "",
        "private": "nothing of this chat is kept" if desk.private else "",
        **given,
    }
    width = max(len(name) for name, told in rows.items() if told)
    return Say("\n".join(f"{name:<{width}}  {told}" for name, told in rows.items() if told))


def _role(call: Call) -> str | None:
    """The role that is played: the one whose text is the system text."""
    system, roles = call.session.system, call.world.roles
    if not system:
        return None
    with suppress(ChatcliError):  # a file that cannot be read
        return next((name for name in roles.names() if plays(system, roles.text(name))), None)
    return None


def usage(call: Call) -> Outcome:
    """What the chat has used up, as the servers counted it."""
    spent = call.session.spent
    if spent.last is None:
        return Say("nothing yet")
    return Say(f"last reply  {_used_up(spent.last)}\nthis chat   {_used_up(spent)}")


def _used_up(spent: Spent) -> str:
    counted = f"{spent.prompt:,} prompt + {spent.completion:,} completion = {spent.tokens:,} tokens"
    if spent.cost is not None:
        return f"{counted}, {shown(spent.cost)}"
    known = f"; {shown(spent.dollars)} for the rest" if spent.dollars else ""
    return f"{counted}; the price of {spent.unpriced:,} is unknown{known}"


def tokens(call: Call) -> Outcome:
    """What the chat costs in tokens; ``/tokens text`` counts a text."""
    session, facts = call.session, call.facts
    exact = facts.exact(session)

    def told(tokens: int) -> str:
        return f"{tokens:,}" if exact or not tokens else f"~{tokens:,}"

    if call.argument:
        return Say(f"{told(facts.count(session, call.argument))} tokens")
    weights = call.world.gauge.measure(session).weights
    system = weights.of(Message(Role.SYSTEM, session.system)) if session.system else 0
    chat = sum(map(weights.of, session.messages))
    window = facts.window(session)
    total = system + chat + PER_REPLY
    parts = f"system {told(system)} + chat {told(chat)} + frame {PER_REPLY}"
    return Say(f"{parts} = {told(total)} of {window:,} tokens ({total / window:.0%})")


def _topics(call: Call) -> Sequence[Offer]:
    commands = [Offer(each.name, each.help) for each in call.registry.commands]
    return [*commands, Offer("keys", "what keys do at the prompt")]


COMMANDS: Final = (
    Command(
        "help",
        "list the commands, explain one, or list the keys",
        help_,
        Arg("[command | keys]", _topics),
        aliases=("h",),
        example="/help set",
    ),
    Command("info", "show model, endpoint, context window and settings", info, example="/info"),
    Command(
        "usage",
        "show the tokens and dollars that the chat has used up",
        usage,
        aliases=("cost",),
        example="/usage",
    ),
    Command(
        "tokens",
        "count the tokens of the chat, or of a text",
        tokens,
        Arg("[text]"),
        example="/tokens how many are these?",
    ),
)
