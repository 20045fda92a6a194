"""Commands that show how things stand."""

from typing import Final

from chatcli.commands.outcomes import Outcome, Say
from chatcli.commands.registry import Arg, Call, Command, Offer
from chatcli.commands.settings import KNOBS
from chatcli.core.budget import PER_REPLY
from chatcli.core.kinds import as_text
from chatcli.core.messages import Message, Role
from chatcli.core.money import Spent, shown


def help_(call: Call) -> Outcome:
    """``/help`` lists the commands, ``/help name`` explains one."""
    if not call.argument:
        return Say(f"{call.registry.help()}\n\n{_KEYS}")
    command = call.registry.find(call.argument.removeprefix("/"))
    lines = [f"{command.usage}: {command.help}"]
    if command.aliases:
        lines.append(f"also: {', '.join('/' + alias for alias in command.aliases)}")
    if command.example:
        lines.append(f"example: {command.example}")
    return Say("\n".join(lines))


def info(call: Call) -> Outcome:
    """Model, endpoint, window, size of the chat, and what is set."""
    session, facts = call.session, call.facts
    questions = sum(message.role is Role.USER for message in session.messages)
    rows = [
        ("model", session.model or "the server's own"),
        ("endpoint", facts.where(session)),
        ("context window", f"{facts.window(session):,} tokens"),
        ("chat", f"{questions} question{'' if questions == 1 else 's'}, {len(session.messages)} messages"),
    ]
    given = ((knob.name, knob.of(session, call.look)) for knob in KNOBS.values() if knob.name != "model")
    rows += [(name, as_text(value)) for name, value in given if value is not None]
    width = max(len(name) for name, _ in rows)
    return Say("\n".join(f"{name:<{width}}  {value}" for name, value in rows))


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


_KEYS: Final = """\
  Enter           send; in a code fence that is not closed yet, go on
  Alt-Enter       make a new line (so do Ctrl-J and Shift-Enter); /multiline swaps the two
  Tab             complete; open a long paste, which Backspace takes away
  Up Down Ctrl-R  fetch, or find, what was typed before; Right takes what is suggested
  Ctrl-X Ctrl-E   open your editor on what is typed
  Ctrl-L Ctrl-Z   clear the screen; stop the program until fg
  Ctrl-C          clear what is typed, or stop a reply and keep its text
  Ctrl-D          leave

A line that begins with a blank is not remembered. /set keys vi gives you the keys of vi.
//text sends a line that begins with a slash."""

COMMANDS: Final = (
    Command(
        "help",
        "list the commands, or explain one",
        help_,
        Arg("[command]", lambda call: [Offer(each.name, each.help) for each in call.registry.commands]),
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
