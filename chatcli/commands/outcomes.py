"""What a command answers. The REPL carries it out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from chatcli.core.desk import Desk
from chatcli.core.messages import Finish, Message
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
class Arrange:
    """Go on at this desk, and say so."""

    desk: Desk
    text: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Send this to the model: a text with what is staged, a message as it stands.

    ``within`` is the session in which it is asked, where that is not the one at hand: what it changes of the
    model and the parameters holds for this question alone. ``otherwise`` is what the next prompt begins with
    if no answer comes; the chat is then as it was.
    """

    question: str | Message
    within: Session | None = None
    otherwise: "Draft | None" = None


@dataclass(frozen=True, slots=True)
class Compact:
    """Have the model condense the chat; ``keep`` is what must stay."""

    keep: str


@dataclass(frozen=True, slots=True)
class Entitle:
    """Have the model find a title for the chat."""


@dataclass(frozen=True, slots=True)
class Show:
    """Show a text of the model's again, and how it ended, if given.

    Drawn (``rendered``), as it came, or, None, as replies are now.
    """

    text: str
    rendered: bool | None
    finish: Finish | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """Put the text into the file; whoever would write over one is asked first.

    ``new_folder``: the folder that it lies in is made where it is not there; ``private``: a new file is for
    its owner alone.
    """

    path: str
    text: str
    new_folder: bool = False
    private: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Run the command in the shell, with ``given`` on its standard input, or else the keyboard.

    ``attach``: what it prints may go along with the next message.
    """

    command: str
    given: str | None = None
    attach: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """Put the text on the clipboard; ``what`` says in words what it is."""

    text: str
    what: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Have the person edit the text, in a file with this suffix; ``then`` says what comes of it."""

    text: str
    suffix: str
    then: Callable[[str], "Outcome"]


@dataclass(frozen=True, slots=True)
class Confirm:
    """Ask the person; after a yes carry out ``then``, else say ``otherwise``."""

    question: str
    then: "Outcome"
    otherwise: str


@dataclass(frozen=True, slots=True)
class Draft:
    """Begin the next prompt with this text.

    ``then`` says what the question means that comes of it; whoever types a command, or nothing, gives it up.
    """

    text: str
    then: Callable[[str], "Outcome"] = Ask


@dataclass(frozen=True, slots=True)
class Perform:
    """Carry out these lines, one after the other, as if they had been typed."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Several:
    """Carry out these, one after the other."""

    outcomes: tuple["Outcome", ...]


@dataclass(frozen=True, slots=True)
class Quit:
    """Leave the REPL."""


Outcome: TypeAlias = (
    Say
    | Become
    | Arrange
    | Ask
    | Compact
    | Entitle
    | Show
    | Write
    | Run
    | Copy
    | Edit
    | Confirm
    | Draft
    | Perform
    | Several
    | Quit
)
