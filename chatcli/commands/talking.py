"""Commands about the conversation itself."""

from typing import Final

from chatcli.commands.outcomes import Become, Outcome, Quit
from chatcli.commands.registry import Call, Command


def clear(call: Call) -> Outcome:
    """A new conversation; model, system text and settings stay."""
    return Become(call.session.cleared(), "a new chat")


def leave(_call: Call) -> Outcome:
    """The end."""
    return Quit()


COMMANDS: Final = (
    Command("clear", "begin a new chat with the same settings", clear, aliases=("new",), example="/clear"),
    Command("exit", "leave (so does Ctrl-D)", leave, aliases=("quit", "q"), example="/exit"),
)
