"""What the terminal can do, by its name and the person's wishes; and how large it is."""

import os
from collections.abc import Mapping
from typing import Final, NamedTuple

_UNKNOWN: Final = 80, 24


class Caps(NamedTuple):
    """``colours`` is "truecolor", "256", "standard" (16) or None for none.

    ``attributes`` says that there are bold and the like, ``hyperlinks`` that a text can carry the address to
    which it leads (OSC 8).
    """

    colours: str | None
    attributes: bool
    hyperlinks: bool


def caps(environ: Mapping[str, str], *, tty: bool, dumb: bool, color: str) -> Caps:
    """What can be used, where ``color`` is what the person wants: "auto", "always" or "never"."""
    able = tty and not dumb
    wanted = able and not environ.get("NO_COLOR") if color == "auto" else color == "always"
    return Caps(
        colours=_depth(environ) if wanted else None,
        attributes=able or wanted,
        hyperlinks=able and environ.get("TERM") != "linux",  # the console of Linux would print them
    )


def size(descriptor: int, environ: Mapping[str, str]) -> tuple[int, int]:
    """Columns and rows at this moment; never more columns than ``COLUMNS`` where that is set."""
    try:
        columns, rows = os.get_terminal_size(descriptor)
    except OSError:
        columns, rows = 0, 0
    wanted = environ.get("COLUMNS", "")
    limit = int(wanted) if wanted.isdecimal() else 0
    if limit:
        columns = min(columns or limit, limit)
    return columns or _UNKNOWN[0], rows or _UNKNOWN[1]


def _depth(environ: Mapping[str, str]) -> str:
    term = environ.get("TERM", "")
    if environ.get("COLORTERM", "").lower() in {"truecolor", "24bit"} or term.endswith("-direct"):
        return "truecolor"
    if term.endswith(("-256color", "-kitty", "-ghostty")) or term in {"alacritty", "foot"}:
        return "256"
    return "standard"
