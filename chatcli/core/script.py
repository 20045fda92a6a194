"""Files of messages and commands: which of their lines make one message."""

import re
from collections.abc import Iterator
from typing import Final

_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


def messages(text: str) -> Iterator[str]:
    r"""What a script says, message by message: each line is one, but for these.

    A line that ends in a backslash goes on with the next one; a fence of code goes on until it is closed.
    Empty lines between messages, and those that begin with ``#``, are for people. Lines end where those of
    standard input do: what else Unicode calls an end may stand in a message.
    """
    begun: list[str] = []
    fence = ""
    for ended in text.removesuffix("\n").split("\n"):
        line = ended.removesuffix("\r")
        if not begun and (not line.strip() or line.startswith("#")):
            continue
        fence = _fence_after(line, fence)
        goes_on = not fence and line.endswith("\\")
        begun.append(line[:-1] if goes_on else line)
        if not fence and not goes_on:
            yield "\n".join(begun)
            begun = []
    if begun:
        yield "\n".join(begun)


def _fence_after(line: str, fence: str) -> str:
    """The fence that is open behind this line, given the one that is open before it."""
    found = _FENCE.match(line)
    if not found:
        return fence
    marks, rest = found.groups()
    if fence:
        return "" if marks.startswith(fence) and not rest.strip() else fence
    return "" if marks[0] == "`" and "`" in rest else marks
