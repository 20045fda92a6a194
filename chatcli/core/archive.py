"""Where sessions are kept: what a chat says to its archive, and what it is told.

A session is kept as a tree of messages, and as the way through it that the chat goes. Each message is
committed before anything else happens: the question before its request leaves, what has come of the reply
while it comes, the reply when it ends. Going back moves the chat to another place in the tree and deletes
nothing. Two programs may hold one session open: each goes its own way from where they part.
"""

from collections.abc import Iterable, Sequence
from enum import Enum, auto
from typing import NamedTuple, Protocol

from chatcli.core.messages import Message, Reply, Role, Usage
from chatcli.core.params import Params
from chatcli.core.session import Session


class Record(NamedTuple):
    """A session in one line of a list. Times are in seconds since 1970.

    ``first`` are the first words of its first question; ``cost`` in dollars is None where nobody knows it.
    """

    id: str
    title: str
    model: str | None
    created: float
    updated: float
    turns: int
    first: str
    tokens: int
    cost: float | None

    @property
    def heading(self) -> str:
        """What it is called in a line."""
        return self.title or self.first


class Meanwhile(Enum):
    """What other programs have done with a session that is open here, since they were last told of."""

    NOTHING = auto()
    WENT_ON = auto()  # from here on ours is a way of its own
    DELETED = auto()  # it is kept again, whole


class Kept(NamedTuple):
    """What is kept with a reply: how it was asked for, what was left out of the request, what it took.

    ``left_out`` are turns by number; ``seconds`` and ``first`` are a reply's own.
    """

    params: Params = Params()
    usage: Usage | None = None
    cost: float | None = None
    seconds: float = 0.0
    first: float | None = None
    reasoning: str = ""
    left_out: tuple[int, ...] = ()


class Said(NamedTuple):
    """One message of a session's tree: when it was said, and by number the message that it follows."""

    number: int
    after: int | None
    at: float
    message: Message
    kept: Kept | None = None


class Whole(NamedTuple):
    """All that is kept of a session. ``origin`` says where it was before it was taken in; else it is empty.

    ``said`` holds every message, each behind the one that it follows; the last one of the way that the chat
    goes is number ``head``. Where ``said`` is empty, the session itself tells everything.
    """

    session: Session
    created: float
    updated: float
    origin: str = ""
    said: tuple[Said, ...] = ()
    head: int | None = None


class Hit(NamedTuple):
    """A message that was found: of which session and turn, and a piece of it around the words.

    ``marks`` are where the words stand in ``snippet``: the beginning and the end of each. Where ``role`` is
    None, it is the session's title that holds them.
    """

    session: str
    heading: str
    turn: int
    role: Role | None
    model: str | None
    at: float
    snippet: str
    marks: tuple[tuple[int, int], ...]


class ModelStats(NamedTuple):
    """What one model has said, by all that is kept. ``cost`` counts what has a known price."""

    model: str | None
    replies: int
    tokens: int
    cost: float


class Stats(NamedTuple):
    """What is kept, altogether. ``size`` in bytes; ``since`` is when the first message was said."""

    sessions: int
    messages: int
    size: int
    since: float | None
    models: tuple[ModelStats, ...]


class Archive(Protocol):
    """Keeps sessions; ``which`` is one's id. Every method raises StoreError if it cannot do what it says.

    What could not be kept is kept with the next message that can be. To look at it makes and changes nothing:
    one that is not there is empty. Of a session that is not there, ``open``, ``whole`` and ``rename`` raise
    UsageError.
    """

    def asked(self, session: Session) -> Meanwhile:
        """Keep a session that ends in a question, before the request leaves.

        What others did is told once. The title is what it was last given, here or there.
        """
        ...

    def heard(self, session: Session, reply: Reply) -> None:
        """Keep what has come so far of the reply to the question that the session ends in."""
        ...

    def answered(
        self, session: Session, reply: Reply, cost: float | None = None, left_out: Sequence[int] = ()
    ) -> None:
        """Keep the reply, however it ended, to the question that the session ends in.

        A reply without a word is no message, but what it took is kept.
        """
        ...

    def moved(self, session: Session) -> None:
        """Keep where a session now stands, and what it is like, when nothing was said.

        Of one in which nothing was ever asked, nothing is kept.
        """
        ...

    def open(self, which: str) -> Session:
        """The session with this id, with every way that it has gone, to be gone on with.

        A reply that never came to its end is an interrupted one. A session ends in its question where no
        word of a reply was kept.
        """
        ...

    def named(self, name: str) -> Record | None:
        """The session with this id; or else this title, or first question, and of several the last.

        Case is all the same. A blank name is nobody's.
        """
        ...

    def records(
        self, limit: int | None = None, *, since: float | None = None, model: str | None = None
    ) -> list[Record]:
        """The sessions, the last one first."""
        ...

    def search(
        self,
        text: str,
        *,
        since: float | None = None,
        model: str | None = None,
        role: Role | None = None,
        limit: int = 20,
    ) -> list[Hit]:
        """The titles that hold all these words, and then the messages, each the best first.

        ``"In quotation marks"`` they follow each other. Case and accents are all the same. Where a great many
        hold the words, the newest of them are looked at.

        Raises:
            UsageError: There is no word in the text.
        """
        ...

    def rename(self, which: str, title: str) -> None:
        """Give the session a title."""
        ...

    def remove(self, shown: Iterable[Record]) -> list[Record]:
        """Delete sessions, so that nothing of them is left in any file of the archive; those that are gone.

        One that is not as it was shown any more is left alone.
        """
        ...

    def whole(self, which: str) -> Whole:
        """All that is kept of a session, to be looked at."""
        ...

    def take(self, sessions: Iterable[Whole]) -> int:
        """Keep sessions from elsewhere, all of them or, after an error, none; how many were new.

        One whose id or origin is here already is passed over.
        """
        ...

    def check(self) -> list[str]:
        """What is damaged, in words; nothing, if the archive is sound."""
        ...

    def stats(self) -> Stats:
        """What is kept, altogether."""
        ...

    def close(self) -> None:
        """Let go of it. Nothing that was kept waits for this."""
        ...
