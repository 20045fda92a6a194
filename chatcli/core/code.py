"""Code that a model wrote."""

from typing import NamedTuple


class CodeBlock(NamedTuple):
    """A block of code in a reply: its language as it is named there, and its source, exactly."""

    language: str
    source: str
