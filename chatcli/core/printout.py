"""What a command printed on a terminal: bytes that also say how it looks."""

import re
from typing import Final, NamedTuple

from chatcli.core.attach import decode

MOST: Final = 1_000_000  # bytes that are kept of what a command prints

_WHOLE_SCREEN: Final = re.compile(rb"\x1b\[\?(?:1049|1047|47)h")
_ESCAPES: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours, and where the cursor goes
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # titles, links
    r"|\x1b[PX^_].*?\x1b\\"  # messages to the terminal
    r"|\x1b[ -/]*[0-~]",  # one that has no parameters
    re.DOTALL,
)
_OVERSTRUCK: Final = re.compile(r"[^\n\x08]\x08")  # so old programs make bold letters
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Printout(NamedTuple):
    """The first ``MOST`` bytes of what a command printed, and its status; -N says that signal N ended it."""

    status: int
    printed: bytes = b""


def text_of(printed: bytes) -> str:
    """The lines as a person saw them in the end, without colours; nothing of what filled the whole screen.

    Raises:
        UsageError: It is no text.
    """
    if _WHOLE_SCREEN.search(printed):
        return ""
    if len(printed) < MOST:
        return _seen(decode("What it printed", printed))
    whole = printed[: printed.rfind(b"\n") + 1]  # a line that was cut may end within a character
    return f"{_seen(decode('What it printed', whole))}[cut off after {MOST:,} bytes]\n"


def leaves_line_open(printed: bytes) -> bool:
    """Whether the cursor was left behind what was printed last."""
    return bool(_seen(printed.decode("utf-8", "replace")).rpartition("\n")[2])


def _seen(text: str) -> str:
    lines = _ESCAPES.sub("", text).split("\n")
    return "\n".join(_CONTROLS.sub("", _last_writing(line)) for line in lines)


def _last_writing(line: str) -> str:
    """What a line shows when it was written more than once, as progress is."""
    writings = [writing for writing in line.split("\r") if writing]
    last = writings[-1] if writings else ""
    while (once := _OVERSTRUCK.sub("", last)) != last:
        last = once
    return last
