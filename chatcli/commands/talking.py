"""Commands about the conversation itself."""

from typing import Final

from chatcli.commands.outcomes import Ask, Become, Outcome, Quit, Show
from chatcli.commands.registry import Call, Command
from chatcli.core.messages import Finish, Message, Role
from chatcli.errors import UsageError

_GO_ON: Final = (
    "Go on exactly where your last reply broke off, without a remark and without repeating any of it."
)
_CUT: Final = {Finish.LENGTH, Finish.INTERRUPTED, Finish.TRUNCATED, Finish.FAILED}


def clear(call: Call) -> Outcome:
    """A new conversation; model, system text and settings stay."""
    return Become(call.session.cleared(), "a new chat")


def go_on(call: Call) -> Outcome:
    """``/continue``: the model is asked for the rest of a reply that did not come to its end."""
    if _last_reply(call).finish not in _CUT:
        raise UsageError("The last reply was not cut off.", "Ask for more in your own words.")
    return Ask(_GO_ON)


def show_last(call: Call) -> Outcome:
    """``/last``: drawn anew, as wide as the terminal is now."""
    return Show(_last_reply(call).text, rendered=True)


def show_source(call: Call) -> Outcome:
    """``/raw``: the Markdown that the model wrote."""
    return Show(_last_reply(call).text, rendered=False)


def leave(_call: Call) -> Outcome:
    """The end."""
    return Quit()


def _last_reply(call: Call) -> Message:
    replies = (message for message in reversed(call.session.messages) if message.role is Role.ASSISTANT)
    if reply := next(replies, None):
        return reply
    raise UsageError("There is no reply yet.", "Ask something first.")


COMMANDS: Final = (
    Command("clear", "begin a new chat with the same settings", clear, aliases=("new",), example="/clear"),
    Command("continue", "have the model go on with a reply that was cut off", go_on, example="/continue"),
    Command("last", "draw the last reply again, as wide as the terminal is now", show_last, example="/last"),
    Command("raw", "show the last reply as the model wrote it", show_source, example="/raw"),
    Command("exit", "leave (so does Ctrl-D)", leave, aliases=("quit", "q"), example="/exit"),
)
