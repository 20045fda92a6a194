"""The conversation as a value: it is never changed, only replaced; and what leaves it is kept."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise, takewhile
from typing import Final, NamedTuple, TypeAlias

from chatcli.core.messages import Message, Reply, Role
from chatcli.core.money import Spent
from chatcli.core.params import Limits, Params

_WORDS: Final = 44  # characters of a text that stand for it in a line
_LOOKED_AT: Final = 1_000  # characters in which they are found

Way: TypeAlias = tuple[Message, ...]
"""What was said one after the other, from the beginning."""


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
    its requests have used up. ``branches`` are the ways that the chat has gone before and left again, in the
    order in which they were first left: going back deletes nothing. The one that it goes now may be among
    them, as far as it was gone when it was left. ``title`` is the one it was given. ``id`` tells it from
    every other, once something was asked in it.
    """

    model: str | None = None
    system: str = ""
    params: Params = Params()
    limits: Limits = Limits()
    messages: Way = ()
    pins: frozenset[int] = frozenset()
    dropped: frozenset[int] = frozenset()
    summary: Summary | None = None
    spent: Spent = Spent()
    title: str = ""
    branches: tuple[Way, ...] = ()
    id: str = ""

    @property
    def turns(self) -> list[tuple[Message, ...]]:
        """The messages as turns: a question, and all up to the next question. The first has number 1."""
        starts = [at for at, message in enumerate(self.messages) if at == 0 or message.role is Role.USER]
        return [self.messages[start:end] for start, end in pairwise([*starts, len(self.messages)])]

    @property
    def ways(self) -> tuple[Way, ...]:
        """Every way that the chat has gone, to its end; the one that it goes now is where it stands in it.

        A way keeps its place, however often it is left and gone on with; none is the beginning of another.
        """
        return reduce(_with, (*self.branches, self.messages), ())

    @property
    def heading(self) -> str:
        """What it is called in a line: its title, or else the first words of its first question."""
        if self.title:
            return self.title
        first = next((message for message in self.messages if message.role is Role.USER), None)
        return first_words(first.asked) if first else ""

    @property
    def answering(self) -> str | None:
        """Who answers in it: the model that is asked by name, or else the one that was the last to answer."""
        return self.model or next((each.model for each in reversed(self.messages) if each.model), None)

    @property
    def answers(self) -> tuple[Message, ...]:
        """The different answers that were given to its last question, the one that stands last."""
        ends = [at for at, message in enumerate(self.messages, 1) if message.role is Role.USER]
        asked = self.messages[: ends[-1]] if ends else ()
        ways = (way for way in (*self.branches, self.messages) if way[: len(asked)] == asked)
        given = [message for way in ways for message in way[len(asked) : len(asked) + 1]]
        answers = [message for message in reversed(given) if message.role is Role.ASSISTANT]
        return tuple(reversed(dict.fromkeys(answers)))

    @property
    def last_reply(self) -> Message | None:
        """The last thing that the model said; with what came before it, where it went on with that."""
        replies = [at for at, message in enumerate(self.messages) if message.role is Role.ASSISTANT]
        if not replies:
            return None
        at = replies[-1]
        whole = self.messages[at]
        while at > 1 and self.messages[at - 1].goes_on:
            at -= 2
            whole = whole._replace(text=self.messages[at].text + whole.text)
        return whole

    def asked(self, question: str | Message) -> "Session":
        """The session with one more question."""
        message = Message(Role.USER, question) if isinstance(question, str) else question
        return replace(self, messages=(*self.messages, message))

    def answered(self, reply: Reply) -> "Session":
        """The session with the reply to its last question, whole or as much as came."""
        answer = Message(Role.ASSISTANT, reply.text, reply.finish, model=reply.model or self.model)
        return replace(self, messages=(*self.messages, answer))

    def back_to(self, turns: int) -> "Session":
        """The session as if only so many turns had been; the way that it leaves is kept.

        What is said of turns that leave, leaves with them: pins, drops, and a summary that tells of them.
        """
        stays = tuple(message for turn in self.turns[:turns] for message in turn)
        staying = frozenset(range(1, turns + 1))
        return replace(
            self,
            messages=stays,
            pins=self.pins & staying,
            dropped=self.dropped & staying,
            summary=self.summary if self.summary and self.summary.turns <= staying else None,
            branches=self.branches if stays == self.messages else self.ways,
        )

    def gone(self, way: Way) -> "Session":
        """The session on another of its ways; the one that it leaves is kept.

        What is said of turns stays with those that both have.
        """
        there = replace(self, messages=way)
        alike = takewhile(lambda turns: turns[0] == turns[1], zip(self.turns, there.turns, strict=False))
        return replace(self.back_to(len(list(alike))), messages=way)

    def joined(self, others: Iterable[Way]) -> "Session":
        """The session with the ways that others have gone in it."""
        ways = reduce(_with, others, self.ways)
        return self if ways == self.ways else replace(self, branches=ways)

    def shared(self, way: Way) -> int:
        """How many messages this way has in common with the one that the chat goes."""
        same, most = 0, min(len(way), len(self.messages))
        while same < most:  # each time half of what is left: thousands of messages take no time
            middle = (same + most + 1) // 2
            if way[same:middle] == self.messages[same:middle]:
                same = middle
            else:
                most = middle - 1
        return same

    def reopened(self, turn: int) -> "Session":
        """The session in which this turn is asked anew: as it was before it; a pin of it stays."""
        return replace(self.back_to(turn - 1), pins=self.pins & frozenset(range(1, turn + 1)))

    def forked(self, turns: int) -> "Session":
        """A new chat, with nothing spent, that begins with so many turns of this one."""
        title = f"{self.heading} (fork)"
        return replace(self.back_to(turns), title=title, branches=(), spent=Spent(), id="")

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


def _with(ways: tuple[Way, ...], way: Way) -> tuple[Way, ...]:
    """The ways with this one too, in the place of the one that it goes on with."""
    if not way or any(_begins(way, each) for each in ways):
        return ways
    at = next((at for at, each in enumerate(ways) if _begins(each, way)), len(ways))
    return *ways[:at], way, *ways[at + 1 :]


def _begins(beginning: Way, way: Way) -> bool:
    """Whether one way goes on with another. Two that part mostly differ where the shorter one ends."""
    end = len(beginning)
    return beginning[-2:] == way[max(end - 2, 0) : end] and beginning == way[:end]


def first_words(text: str) -> str:
    """The beginning of a text, in a line."""
    line = " ".join(text[:_LOOKED_AT].split())
    return line if len(line) <= _WORDS else line[: _WORDS - 1] + "…"


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
