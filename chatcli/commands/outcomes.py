"""What a command answers. The REPL carries it out."""

from dataclasses import dataclass
from typing import TypeAlias

from chatcli.core.look import Look
from chatcli.core.session import Session


@dataclass(frozen=True, slots=True)
class Say:
    """Show this."""

    text: str


@dataclass(frozen=True, slots=True)
class Become:
    """Go on with this session, and say so."""

    session: Session
    text: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Send this to the model."""

    question: str


@dataclass(frozen=True, slots=True)
class Compact:
    """Have the model condense the chat; ``keep`` is what must stay."""

    keep: str


@dataclass(frozen=True, slots=True)
class Show:
    """Show a text of the model's again: drawn (``rendered``), or as it came."""

    text: str
    rendered: bool


@dataclass(frozen=True, slots=True)
class Restyle:
    """Have replies look like this from now on, and say so."""

    look: Look
    text: str


@dataclass(frozen=True, slots=True)
class Quit:
    """Leave the REPL."""


Outcome: TypeAlias = Say | Become | Ask | Compact | Show | Restyle | Quit
