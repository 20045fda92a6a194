"""Fetches a key from where a person keeps it: a file, or a command such as a password manager's."""

import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

from chatcli.core.readings import KeyFile, Ran


def read_key_file(path: Path) -> KeyFile:
    """What the file holds. Raises OSError, UnicodeDecodeError."""
    with path.open(encoding="utf-8") as stream:
        mode = path.stat().st_mode
        return KeyFile(stream.read(), shared=bool(mode & (stat.S_IRGRP | stat.S_IROTH)))


def run_key_command(command: str, environ: Mapping[str, str], folder: Path) -> Ran:
    """What the shell makes of the command, which does not read the program's own input. Raises OSError."""
    ran = subprocess.run(  # noqa: S602 - the person wrote this very line for the shell
        command,
        shell=True,
        check=False,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",
        env=dict(environ),
        cwd=folder,
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)
