"""The sessions of aichat: each a YAML file with the model, its parameters, and the messages.

Once a session is long, aichat moves its messages to ``compressed_messages``, and a system message with a
summary of them takes their place.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Final

from chatcli.core.archive import Whole
from chatcli.core.interchange.openai_list import content, listed
from chatcli.core.interchange.reader import Reader, broken
from chatcli.core.interchange.records import Imported, brought, told
from chatcli.core.params import PARAMS, Params
from chatcli.core.session import Session, Summary

_PARAMS: Final = ("temperature", "top_p")


def from_aichat(value: object, place: str, when: float) -> Imported:
    """The chat of one file, with the file's name; ``when`` is the file's time, for aichat writes none down.

    ``value`` is its YAML, each scalar as the text that it is.

    Raises:
        UsageError: It is not as it should be.
    """
    file = Reader(value, place)
    if "messages" not in file:
        raise broken(place, "it has no messages, as aichat's sessions have")
    skipped: Counter[str] = Counter()
    provider, _, model = file.text("model").partition(":")
    older, newer = list(file.inners("compressed_messages")), list(file.inners("messages"))
    said = listed([*older, *newer], skipped, when, model or provider or None)
    if not said:
        return Imported((), told(skipped))
    name = PurePath(place).stem
    like = Session(
        model or provider or None,
        next(_systems([*older, *newer]), ""),
        _params(file, skipped),
        title=name,
        summary=_summary(older, newer),
    )
    return Imported((brought(Whole(like, when, when, f"aichat:{name}"), said, len(said) - 1),), told(skipped))


def _systems(messages: Iterable[Reader]) -> Iterator[str]:
    return (content(message, Counter())[0] for message in messages if message.any("role") == "system")


def _summary(older: list[Reader], newer: list[Reader]) -> Summary | None:
    """What stands for the older messages."""
    text = next(_systems(newer), "")
    turns = sum(message.any("role") == "user" for message in older)
    return Summary(text, frozenset(range(1, turns + 1))) if text and turns else None


def _params(file: Reader, skipped: Counter[str]) -> Params:
    params = Params()
    for name in _PARAMS:
        if name in file:
            try:
                params = params.having(name, PARAMS[name].kind.read(file.text(name)))
            except ValueError:
                skipped[f"values of {name}, which cannot be {file.text(name)}"] += 1
    return params
