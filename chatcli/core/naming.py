"""Asking the model itself what a chat should be called."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from chatcli.core.budget import PER_REPLY, Weights
from chatcli.core.messages import Message, Role

_TASK: Final = (
    "You name conversations. Answer with a title of at most six words, in the language of the conversation. "
    "Write the title alone: no quotation marks, no full stop, no explanation."
)
_ASKED: Final = "What is the title of this conversation?"
_WORDS: Final = 6
_BEGINNING: Final = 2_000  # characters of a message that say what it is about
_MARKS: Final = " \t\"'`*#_.:«»“”„"


def request(messages: Sequence[Message], room: int, weights: Weights) -> tuple[Message, ...]:
    """The messages that ask for the title of a conversation; half the ``room`` is for what it is about."""
    task = Message(Role.SYSTEM, _TASK)
    most = room // 2 - PER_REPLY - weights.of(task)
    told = "\n\n".join([*_told(messages, most, weights), _ASKED])
    return task, Message(Role.USER, told)


def title_in(text: str) -> str:
    """The title that a model gave: it may have said more than it was asked for."""
    lines = (line.strip(_MARKS) for line in text.splitlines())
    line = re.sub(r"(?i)^title:\s*", "", next(filter(None, lines), ""))
    return " ".join(line.split()[:_WORDS]).strip(_MARKS)


def _told(messages: Sequence[Message], most: int, weights: Weights) -> Iterator[str]:
    """How the conversation begins, as far as there is room for it."""
    for message in messages:
        text = f"{message.role.value}: {(message.asked or message.text)[:_BEGINNING]}"
        cost = weights.of(Message(message.role, text))
        if cost > most:
            yield text[: max(0, len(text) * most // cost)]
            return
        most -= cost
        yield text
