"""What is set, in words, and where it was given."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from chatcli.core.kinds import Value, as_text

HERE: Final = "set in this chat"


class Standing(NamedTuple):
    """A setting that holds: its name, its value in words, and the place that gave it."""

    name: str
    text: str
    origin: str


def given_here(now: Mapping[str, Value | None]) -> Sequence[Standing]:
    """What a chat has set that had nothing to begin with."""
    return [Standing(name, as_text(value), HERE) for name, value in now.items() if value is not None]
