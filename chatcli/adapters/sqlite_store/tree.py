"""The tree of a session's messages: where the session stands in it, and the ways that it has gone.

A message is known by its number in the database.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from chatcli.core.archive import Meanwhile
from chatcli.core.messages import Message, Role
from chatcli.core.money import Spent

Placed: TypeAlias = tuple[int, int | None, Message]
"""A message behind its number and that of its parent, which it follows; the first ones follow none."""


@dataclass(slots=True)
class Stand:
    """Where a session stands: behind ``messages``, which have these ``numbers``.

    ``key`` is the session's in the database; ``head`` the last message of its way there, ``spent`` what it
    had used up, and ``title`` what it was called, when we last wrote or read it. ``reply`` is the one that is
    coming, and ``new`` are those that are not in the index yet. ``parted`` says that another program has gone
    on with the session; ``tell`` is what the person does not know yet.
    """

    key: int
    head: int | None = None
    spent: Spent = Spent()
    title: str = ""
    messages: tuple[Message, ...] = ()
    numbers: tuple[int, ...] = ()
    reply: int | None = None
    new: list[int] = field(default_factory=list)
    parted: bool = False
    tell: Meanwhile = Meanwhile.NOTHING

    def known(self, messages: tuple[Message, ...]) -> tuple[int, ...]:
        """The numbers of these messages, as far as they are those behind which it stands.

        The same objects are found to be equal without a look inside, thousands of them in no time.
        """
        least = min(len(messages), len(self.messages))
        if messages[:least] == self.messages[:least]:
            return self.numbers[:least]
        pairs = enumerate(zip(messages, self.messages, strict=False))
        return self.numbers[: next(at for at, (new, old) in pairs if new != old)]


class Ways:
    """The ways through the messages of a session, of which the chat goes the one to ``head``.

    A reply without a word, with nothing behind it, is only the trace of a request, and on no way.
    """

    def __init__(self, messages: Iterable[Placed], head: int | None) -> None:
        self._head = head
        self._parents: dict[int, int | None] = {}
        self._messages: dict[int, Message] = {}
        for number, parent, message in messages:
            self._parents[number] = parent
            self._messages[number] = message

    def chosen(self) -> tuple[tuple[Message, ...], tuple[int, ...]]:
        """The way that the chat goes: its messages, and their numbers."""
        numbers = self._to(self._head)
        return self._along(numbers), tuple(numbers)

    def others(self) -> Iterator[tuple[Message, ...]]:
        """The ways to all other ends, the oldest end first."""
        for end in sorted(self._ends()):
            yield self._along(self._to(end))

    def _ends(self) -> set[int]:
        ends = self._parents.keys() - self._parents.values() - {self._head}
        traces = {end for end in ends if _wordless(self._messages[end])}
        if not traces:
            return ends
        followed = (parent for number, parent in self._parents.items() if number not in traces)
        return self._parents.keys() - traces - {*followed, self._head}

    def _to(self, number: int | None) -> list[int]:
        way = []
        while number is not None:
            way.append(number)
            number = self._parents[number]
        way.reverse()
        return way

    def _along(self, numbers: Iterable[int]) -> tuple[Message, ...]:
        return tuple(map(self._messages.__getitem__, numbers))


def _wordless(message: Message) -> bool:
    return message.role is Role.ASSISTANT and not message.text
