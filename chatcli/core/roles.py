"""Roles that a model can play: how it should behave, and what else goes with that."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from chatcli.core.params import Params

# No blanks inside: what templates of other programs look like, `{{ github.ref }}` say, is text.
_VARIABLE: Final = re.compile(r"\{\{(\w+)\}\}")
_END: Final = re.compile(r"[.!?:](?:\s|\Z)|\n")  # of a sentence


class Persona(NamedTuple):
    """A role, ready to be played. What it does not say (``model`` None, parameters that are None) stays."""

    name: str
    system: str = ""
    model: str | None = None
    params: Params = Params()


def variables(text: str) -> list[str]:
    """The names of the ``{{variables}}`` in it, each once, in their order."""
    return list(dict.fromkeys(_VARIABLE.findall(text)))


def plays(system: str, text: str) -> bool:
    """Whether a system text is what this text of a role becomes, whatever its variables stand for."""
    fixed = _VARIABLE.split(text)[::2]  # between the names
    return re.fullmatch(".*?".join(map(re.escape, fixed)), system, re.DOTALL) is not None


def gist(text: str) -> str:
    """What a role is told in its first sentence: "write poems" for "You write poems. They rhyme."."""
    first = re.split(_END, text.strip(), maxsplit=1)[0]
    return first.removeprefix("You ").removeprefix("are ")


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with each ``{{variable}}`` replaced by its value. Raises KeyError for one without."""
    return _VARIABLE.sub(lambda found: values[found[1]], text)
