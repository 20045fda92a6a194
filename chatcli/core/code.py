"""Code that a model or a person wrote."""

import re
from typing import Final, NamedTuple

_FENCE: Final = re.compile(r"^ {0,3}(`{3,}(?=[^`\n]*$)|~{3,})(.*)$", re.MULTILINE)


class CodeBlock(NamedTuple):
    """A block of code in a reply: its language as it is named there, and its source, exactly."""

    language: str
    source: str


def in_fence(text: str) -> bool:
    """Whether the text ends inside a block of code whose fence has not been closed."""
    opened = ""
    for fence, rest in _FENCE.findall(text):
        if not opened:
            opened = fence
        elif fence.startswith(opened) and not rest.strip():
            opened = ""
    return bool(opened)
