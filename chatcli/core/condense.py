"""Asking the model itself for a summary of turns that leave the request."""

from collections.abc import Iterator, Sequence
from typing import Final

from chatcli.core.budget import PER_REPLY, Weights
from chatcli.core.messages import Message, Role

_TASK: Final = (
    "You condense conversations. Write down what somebody who continues this one must know: facts, names, "
    "numbers, decisions, open questions, and what the user wants. Be brief; add nothing; do not answer."
)


def request(earlier: str, turns: Sequence[Sequence[Message]], keep: str) -> tuple[Message, ...]:
    """The messages that ask for a summary of ``turns``, and of what an ``earlier`` summary says.

    ``keep`` is what the person wants to find in it again.
    """
    parts = [
        f"Summary of what was said before:\n{earlier}" if earlier else "",
        "\n\n".join(f"{message.role.value}: {message.text}" for turn in turns for message in turn),
        f"Above all keep: {keep}" if keep else "",
        "Condense this conversation.",
    ]
    asked = "\n\n".join(part for part in parts if part)
    return Message(Role.SYSTEM, _TASK), Message(Role.USER, asked)


def batches(
    turns: Sequence[tuple[Message, ...]], room: int, weights: Weights
) -> Iterator[list[tuple[Message, ...]]]:
    """The turns in portions of at most half the room: the other half is for the summary of those before.

    A message that is too long by itself is cut: its beginning says most.
    """
    most = room // 2 - PER_REPLY - weights.of(Message(Role.SYSTEM, _TASK))
    portion: list[tuple[Message, ...]] = []
    weight = 0
    for turn in turns:
        small = tuple(_cut(_in_words(message), most // len(turn), weights) for message in turn)
        cost = sum(map(weights.of, small))
        if portion and weight + cost > most:
            yield portion
            portion, weight = [], 0
        portion.append(small)
        weight += cost
    if portion:
        yield portion


def _in_words(message: Message) -> Message:
    """The message with the names of its images in their place."""
    names = "".join(f"[the picture {image.name}]\n" for image in message.images)
    return Message(message.role, names + message.text)


def _cut(message: Message, most: int, weights: Weights) -> Message:
    cost = weights.of(message)
    if cost <= most:
        return message
    return Message(message.role, message.text[: max(1, len(message.text) * most // cost)] + " ...")
