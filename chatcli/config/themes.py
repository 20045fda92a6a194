"""The themes that a config file adds: its ``[themes.NAME]`` tables."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from chatcli.core.look import THEMES
from chatcli.core.nearest import nearest
from chatcli.core.readings import Entry
from chatcli.errors import ConfigError

_A_THEME: Final = 'A theme begins with a line such as [themes.mine], and has lines such as h1 = "bold cyan".'


def themes(entries: Iterable[Entry], file: Path) -> dict[str, dict[str, str]]:
    """What the entries of ``themes``, and those below it, say. Raises ConfigError with file and line.

    ``base`` is the theme that one begins from; whoever draws knows what else there is, and judges it.
    """
    found: dict[str, dict[str, str]] = {}
    for entry in entries:
        match entry.names:
            case (_,):
                _table(entry, file)
            case (_, name):
                _table(entry, file)
                found.setdefault(_new(name, entry, file), {})
            case (_, name, key):
                found[name][key] = _text(entry, file)
            case _:
                pass  # inside a table that stands where a text should, and was refused before
    return found


def _table(entry: Entry, file: Path) -> None:
    if not isinstance(entry.value, dict):
        raise ConfigError(f"{_place(entry, file)} must be a table.", _A_THEME)


def _new(name: str, entry: Entry, file: Path) -> str:
    if name in THEMES:
        raise ConfigError(
            f"{_place(entry, file)} has the name of a theme that is there already.",
            f'Give it a name of its own, and base = "{name}".',
        )
    return name


def _text(entry: Entry, file: Path) -> str:
    text, key = entry.value, entry.names[-1]
    if not isinstance(text, str):
        raise ConfigError(f"{_place(entry, file)} must be a text, in quotes.", _A_THEME)
    if key == "base" and text not in THEMES:
        near = nearest(text, THEMES)
        hint = f"Did you mean {near}?" if near else f"It is {text!r} now."
        raise ConfigError(f"{_place(entry, file)} must be one of {', '.join(THEMES)}.", hint)
    return text


def _place(entry: Entry, file: Path) -> str:
    return f"{'.'.join(entry.names)} ({file} line {entry.line})"
