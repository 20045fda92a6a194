"""Files that are written: whole, or left as they were."""

import os
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


def put(path: Path, pieces: Iterable[bytes], mode: int = USUAL) -> None:
    """Put all of it there, or leave what there is as it was; a new file gets this ``mode``.

    Behind a link the file is written that it leads to. A device or a pipe takes what comes, as it comes.
    """
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


def reason(error: Exception) -> str:
    """Why a file was not written, or not read, in words."""
    return (isinstance(error, OSError) and error.strerror) or str(error)
