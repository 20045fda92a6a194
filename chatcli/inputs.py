"""What files and standard input hold: texts, every byte of them known to be text, and pictures."""

from pathlib import Path
from typing import Final

from chatcli.core.attach import decode, staged
from chatcli.core.desk import Staged
from chatcli.core.messages import Image
from chatcli.core.picture import KINDS, picture
from chatcli.env import Env
from chatcli.errors import UsageError

STDIN: Final = "-"  # as the name of a file

_MOST: Final = 64_000_000  # bytes: no model reads more


def staged_of(name: str, env: Env, encoding: str) -> Staged:
    """What is in a file of this name, or on standard input: a picture, or else a text.

    Raises:
        UsageError: It cannot be read, or is no text in this encoding.
    """
    return staged(title_of(name), _bytes_to_send(name, env), encoding)


def image_of(name: str, env: Env) -> Image:
    """The picture that a file is. Raises UsageError."""
    image = picture(title_of(name), _bytes_to_send(name, env))
    if image is None:
        raise UsageError(f"{name} is no picture that models read.", f"They read {KINDS}.")
    return image


def text_of(name: str, env: Env, encoding: str) -> str:
    """What is in a file of this name, or on standard input.

    Raises:
        UsageError: It cannot be read, or is no text in this encoding.
    """
    return decode(title_of(name), _bytes_of(name, env), encoding)


def size_of(name: str, env: Env) -> int:
    """How many bytes a file has; 0 where nobody can say."""
    try:
        return path_of(name, env).stat().st_size
    except (OSError, ValueError):
        return 0


def path_of(name: str, env: Env) -> Path:
    """Where a file of this name lies: from the working directory on, or where ~ is the home directory."""
    home, slash, rest = name.partition("/")
    if home == "~" and "HOME" in env.environ:
        name = f"{env.environ['HOME']}{slash}{rest}"
    return env.cwd / name


def title_of(name: str) -> str:
    """What a person, or a model, is told that it is."""
    return "stdin" if name == STDIN else name


def _bytes_to_send(name: str, env: Env) -> bytes:
    if name != STDIN and (size := size_of(name, env)) > _MOST:
        raise UsageError(f"{name} has {size / 1e6:,.0f} MB: no model reads that much.", "Take a part of it.")
    return _bytes_of(name, env)


def _bytes_of(name: str, env: Env) -> bytes:
    try:
        if name != STDIN:
            return path_of(name, env).read_bytes()
        return env.stdin.read() if env.stdin else b""
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{name} cannot be read: {reason}.", "Check its name.") from error
