"""Reads .env files: names and texts with their lines, and nothing expanded.

``${NAME}`` stays as it stands. A .env that came with a repository could otherwise put any variable of its
reader's into a URL.
"""

from pathlib import Path

from dotenv.parser import Binding, parse_stream

from chatcli.core.readings import Entry


def read_dotenv(path: Path) -> list[Entry]:
    """What the file names, in its order. Bytes that are not UTF-8 are kept as surrogates; raises OSError."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as stream:
        return [_entry(binding) for binding in parse_stream(stream) if binding.key or binding.error]


def _entry(binding: Binding) -> Entry:
    written = binding.original.string
    # The parser counts the blank lines ahead of a name to the name.
    blank = written[: len(written) - len(written.lstrip())].count("\n")
    name = binding.key or written.strip().removeprefix("export ").partition("=")[0].strip()
    return Entry((name,), binding.value, binding.original.line + blank)
