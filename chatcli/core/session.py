"""The conversation as a value: it is never changed, only replaced."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from chatcli.core.messages import Message, Reply, Role
from chatcli.core.money import Spent
from chatcli.core.params import Limits, Params


class Summary(NamedTuple):
    """What the model made of the ``turns`` with these numbers, in their place.

    ``wanted`` says that the person asked for it; else it stands in for them only when they do not fit.
    """

    text: str
    turns: frozenset[int]
    wanted: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """Who is asked (``model``; None: whatever the server serves), how, and all that was said, oldest first.

    ``limits`` say how it is fitted into the context window. The system text is kept apart from the messages,
    so that nothing can push it out. Of the turns, by number, ``pins`` always stay in the request, and
    ``dropped`` ones are never in it. Nothing of this takes anything out of the session. ``spent`` is what all
    its requests have used up.
    """

    model: str | None = None
    system: str = ""
    params: Params = Params()
    limits: Limits = Limits()
    messages: tuple[Message, ...] = ()
    pins: frozenset[int] = frozenset()
    dropped: frozenset[int] = frozenset()
    summary: Summary | None = None
    spent: Spent = Spent()

    @property
    def turns(self) -> list[tuple[Message, ...]]:
        """The messages as turns: a question, and all up to the next question. The first has number 1."""
        starts = [at for at, message in enumerate(self.messages) if at == 0 or message.role is Role.USER]
        return [self.messages[start:end] for start, end in pairwise([*starts, len(self.messages)])]

    def asked(self, text: str) -> "Session":
        """The session with one more question."""
        return replace(self, messages=(*self.messages, Message(Role.USER, text)))

    def answered(self, reply: Reply) -> "Session":
        """The session with the reply to its last question, whole or as much as came."""
        return replace(self, messages=(*self.messages, Message(Role.ASSISTANT, reply.text, reply.finish)))

    def cleared(self) -> "Session":
        """A new conversation with the same model, system text and parameters, and nothing spent."""
        return Session(self.model, self.system, self.params, self.limits)

    def pinned(self, turns: Iterable[int]) -> "Session":
        """The session in which these turns always stay in the request."""
        return replace(self, pins=self.pins.union(turns), dropped=self.dropped.difference(turns))

    def unpinned(self, turns: Iterable[int]) -> "Session":
        """The session in which these turns may leave the request again."""
        return replace(self, pins=self.pins.difference(turns))

    def dropping(self, turns: Iterable[int]) -> "Session":
        """The session in which these turns are in no request."""
        return replace(self, dropped=self.dropped.union(turns), pins=self.pins.difference(turns))

    def restoring(self, turns: Iterable[int]) -> "Session":
        """The session in which these turns are sent again while they fit."""
        return replace(self, dropped=self.dropped.difference(turns))


def turns_named(numbers: Iterable[int]) -> str:
    """Turns by their numbers, in words: "turn 3", "turns 1-2, 5"."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][-1] == number - 1:
            runs[-1][-1] = number
        else:
            runs.append([number, number])
    ranges = [f"{first}" if first == last else f"{first}-{last}" for first, last in runs]
    alone = len(runs) == 1 and runs[0][0] == runs[0][1]
    return f"{'turn' if alone else 'turns'} {', '.join(ranges)}"
