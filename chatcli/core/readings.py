"""What the readers of files and commands hand back, before anybody judges it."""

from typing import NamedTuple


class Entry(NamedTuple):
    """One name in a settings file and what stands there: ``("profiles", "work", "model")``, on line 12.

    ``value`` is None where the file names something without a value that can be read. A table of a TOML
    file is an entry too, ahead of the names inside it.
    """

    names: tuple[str, ...]
    value: object
    line: int | None


class KeyFile(NamedTuple):
    """A file that holds a key; ``shared`` says that others than its owner may read it."""

    text: str
    shared: bool


class Ran(NamedTuple):
    """What a command printed, and the status with which it ended."""

    status: int
    output: str
    errors: str
