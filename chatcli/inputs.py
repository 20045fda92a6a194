"""Texts from files and from standard input, every byte of them known to be text."""

from typing import Final

from chatcli.core.attach import decode
from chatcli.env import Env
from chatcli.errors import UsageError

STDIN: Final = "-"  # as the name of a file


def text_of(name: str, env: Env, encoding: str) -> str:
    """What is in a file of this name, or on standard input.

    Raises:
        UsageError: It cannot be read, or is no text in this encoding.
    """
    try:
        data = _bytes_of(name, env)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror or error}.", "Check its name.") from error
    return decode(title_of(name), data, encoding)


def _bytes_of(name: str, env: Env) -> bytes:
    if name != STDIN:
        return (env.cwd / name).read_bytes()
    return env.stdin.read() if env.stdin else b""


def title_of(name: str) -> str:
    """What a person, or a model, is told that it is."""
    return "stdin" if name == STDIN else name
