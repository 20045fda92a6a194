"""Which program a file of chats comes from, known by how it begins."""

import re
from enum import Enum
from typing import Final

from chatcli.core.interchange.ours import MARK


class Format(Enum):
    """A format that can be imported, by the name of the program that writes it."""

    OURS = "chatcli"
    CHATGPT = "ChatGPT"
    LLM = "llm"
    AICHAT = "aichat"
    SGPT = "sgpt"


ENOUGH: Final = 4096  # bytes of a file's beginning that tell what it is

_BEGINNINGS: Final = (
    (Format.LLM, rb"SQLite format 3\0"),
    (Format.OURS, rb'\{\s*"%s"\s*:' % MARK.encode()),
    (Format.SGPT, rb'\[\s*\{\s*"role"\s*:'),
    (Format.CHATGPT, rb"\[\s*[\{\]]"),
    (Format.AICHAT, rb"(?:---\s*\n)?model\s*:"),
)


def format_of(beginning: bytes) -> Format | None:
    """The format of a file that begins like this; None if it is none of them."""
    start = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((found for found, pattern in _BEGINNINGS if re.match(pattern, start)), None)
