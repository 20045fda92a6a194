"""Reads TOML files, and remembers on which line everything stands.

The standard parser keeps no lines. But a TOML file is a list of statements, each a ``[header]`` or a
``key = value`` that is valid TOML by itself: the fewest lines that parse are one statement.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chatcli.core.readings import Entry
from chatcli.errors import ConfigError

_CLOSING = re.compile(r"""\"{3}|'{3}|\]""")


def read_toml(path: Path) -> list[Entry]:
    """Every name there, tables ahead of what they hold. Raises OSError; ConfigError if it is no TOML."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 (byte {error.start}).", "Save it as UTF-8.") from error
    return parse_toml(text, str(path))


def parse_toml(text: str, place: str) -> list[Entry]:
    """Every name in the text, tables ahead of what they hold. Raises ConfigError, which names the place."""
    try:
        tomllib.loads(text)  # statements alone would let a name that stands twice pass
    except tomllib.TOMLDecodeError as error:
        reason, line = _reason(str(error), text)
        raise ConfigError(
            f"{place} line {line} is not TOML: {reason}.", 'A line looks like: name = "value"'
        ) from error
    return list(_entries(text))


def _reason(message: str, text: str) -> tuple[str, int]:
    """What the parser says, apart from the line that it says."""
    reason, _, place = message.partition(" (at ")
    found = re.match(r"line (\d+)", place)
    return reason[:1].lower() + reason[1:], int(found[1]) if found else len(text.splitlines())


def _entries(text: str) -> Iterator[Entry]:
    header: tuple[str, ...] = ()
    for line, statement in _statements(text):
        tree = tomllib.loads(statement)
        names = list(_walk(tree, ()))
        if statement.lstrip().startswith("["):
            header = names[-1][0]
            yield from (Entry(name, value, line) for name, value in names)
        else:
            yield from (Entry(header + name, value, line) for name, value in names)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each statement with the number of its first line."""
    begun, lines = 1, list[str]()
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        lines.append(line)
        # Only these end a statement of several lines; a long text is not parsed again at each of its lines.
        if len(lines) > 1 and not _CLOSING.search(line):
            continue
        statement = "\n".join(lines)
        if _is_toml(statement):
            yield begun, statement
            begun, lines = number + 1, []


def _is_toml(statement: str) -> bool:
    try:
        tomllib.loads(statement)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _walk(tree: dict[str, Any], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    for name, value in tree.items():
        yield (*above, name), value
        if isinstance(value, dict):
            yield from _walk(value, (*above, name))
