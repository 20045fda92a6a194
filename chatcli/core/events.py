"""The words that model, engine and view say to each other, and the shape of whoever says them.

A model yields **chunks**; the engine tells a view **events**. Both are closed unions: match them, and end
with ``assert_never``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from chatcli.core.budget import Fitted
from chatcli.core.look import Look
from chatcli.core.messages import Finish, Message, Reply, Usage
from chatcli.core.params import Params
from chatcli.core.session import Session
from chatcli.errors import ChatcliError


class Request(NamedTuple):
    """What is sent: ``messages`` begins with the system text if there is one; ``stream`` asks for pieces.

    ``context`` is the context window that the person set, for the one model that can be given one: our own.
    """

    model: str | None
    messages: tuple[Message, ...]
    params: Params = Params()
    stream: bool = True
    context: int | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the reply; never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """The next piece of what the model thinks before it answers; never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Answering:
    """The model that answers a request that named none; it is told before anything of the reply."""

    model: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One line that a person should know and need not act on."""

    text: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing has come, and the view wanted to be called by now."""


Chunk: TypeAlias = Answering | TextDelta | ReasoningDelta | Usage | Finish | Notice | Tick


class Started(NamedTuple):
    """A request is about to leave.

    Of the ``window``, ``fitted`` takes its part and ``reserve`` tokens are kept for the reply; ``exact`` says
    whether the counts are the model's own. ``max_tokens`` is the limit that is sent along, if any.
    """

    model: str | None
    fitted: Fitted
    window: int
    reserve: int
    exact: bool = True
    max_tokens: int | None = None


class Retrying(NamedTuple):
    """The attempt failed; try number ``tries`` of ``most`` follows in ``seconds``."""

    error: ChatcliError
    seconds: float
    tries: int
    most: int


class Ended(NamedTuple):
    """The turn is over: how, the error if one ended it, and what it cost in dollars (None: nobody knows).

    ``session`` is the chat as it now is.
    """

    reply: Reply
    error: ChatcliError | None = None
    cost: float | None = None
    session: Session = Session()


class Shown(NamedTuple):
    """A text of a model's is shown again: drawn (``rendered``), as it came, or, None, as replies are now.

    ``finish`` is how it ended, where it is a reply of which that is to be said.
    """

    text: str
    rendered: bool | None
    finish: Finish | None = None


class Restyled(NamedTuple):
    """From now on replies look like this."""

    look: Look


Event: TypeAlias = Started | TextDelta | ReasoningDelta | Notice | Tick | Retrying | Ended | Shown | Restyled
Emit: TypeAlias = Callable[[Event], None]


class Chunks(Protocol):
    """A reply on its way. A generator is one; so is anything that can be iterated and closed."""

    def __iter__(self) -> Iterator[Chunk]: ...

    def close(self) -> None:
        """Hang up at once. Safe to call twice, after the end and, for a model's own, from another thread."""
        ...


class ChatModel(Protocol):
    """Anything that answers."""

    def stream(self, request: Request) -> Chunks:
        """Begin to ask; nothing is sent until the chunks are iterated.

        The chunks hold at most one ``Finish``; none means that the reply was cut. Iterating raises
        ``ModelError`` and nothing else of its own.
        """
        ...


class CountingModel(ChatModel, Protocol):
    """A model that may be able to count."""

    def count(self, request: Request) -> int | None:
        """The tokens of a prompt, exactly; None if it cannot tell. Takes a moment, and raises nothing."""
        ...


class Tokens(Protocol):
    """A tokenizer."""

    def count(self, text: str) -> int:
        """How many tokens ``text`` is; never more than its length in UTF-8."""
        ...
