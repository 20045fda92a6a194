"""The line below the prompt: pure text."""

from chatcli.core.gauge import Glance
from chatcli.core.money import shown
from chatcli.core.session import Session
from chatcli.terminal.escape import one_line

_CHARACTERS = 4  # of a usual token: what is being typed is not worth counting


def toolbar(session: Session, glance: Glance, typed: str) -> str:
    """The model, how full the window is, what was spent, and about how many tokens are being typed."""
    about = "" if glance.exact else "~"
    spent = session.spent
    parts = [
        one_line(session.model or "the server's own model"),
        f"{about}{glance.used:,} of {glance.window:,} tokens ({glance.used / glance.window:.0%})",
        shown(spent.cost) if spent.tokens and spent.cost is not None else "",
        f"typing ~{len(typed) // _CHARACTERS + 1:,}" if typed else "",
    ]
    return " · ".join(part for part in parts if part)
