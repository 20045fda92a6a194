"""Files that are written: whole, or left as they were."""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Final

USUAL: Final = 0o666  # less what the umask takes away
PRIVATE: Final = 0o600

NOT_WRITTEN: Final = (OSError, ValueError, RuntimeError)
"""What ``put`` raises; the last two for a name with a NUL in it, and for a circle of links."""

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_OPEN_HERE: Final = re.compile(r"/dev/(stdout|stderr)|/(?:dev|proc/self)/fd/(\d+)")


def replaces(path: Path) -> bool:
    """Whether to write there would take the place of a file."""
    return _descriptor(path) is None and path.is_file()


def put(path: Path, pieces: Iterable[bytes], mode: int = USUAL) -> None:
    """Put all of it there, or leave what there is as it was; a new file gets this ``mode``.

    Behind a link the file is written that it leads to. A device or a pipe takes what comes, as it comes, and
    so does what the program was given open: /dev/stdout is the redirected file, from where it has got to.
    """
    if (descriptor := _descriptor(path)) is not None:
        with os.fdopen(os.dup(descriptor), "wb") as stream:
            stream.writelines(pieces)
        return
    if path.exists() and not path.is_file():  # a folder raises
        with path.open("wb") as stream:
            stream.writelines(pieces)
        return
    file = path.resolve()
    old = file.stat() if file.exists() else None
    if old and not os.access(file, os.W_OK):
        raise PermissionError("it is read-only")
    draft = file.with_name(f".chatcli-{token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, _NEW, mode), "wb") as stream:
            stream.writelines(pieces)
            if old:
                os.fchmod(stream.fileno(), old.st_mode & 0o7777)
        draft.replace(file)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def _descriptor(path: Path) -> int | None:
    """What this is a name for, if it is one for something that the program has open."""
    found = _OPEN_HERE.fullmatch(str(path))
    if found is None:
        return None
    return int(found[2]) if found[2] else {"stdout": 1, "stderr": 2}[found[1]]


def reason(error: Exception) -> str:
    """Why a file was not written, or not read, in words."""
    return (isinstance(error, OSError) and error.strerror) or str(error)
