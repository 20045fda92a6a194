"""The person's own editor, on a file."""

import shlex
import subprocess
from pathlib import Path


def edit(editor: str, path: Path) -> None:
    """Have the person edit the file; ``editor`` is a command line. Raises OSError if it fails."""
    try:
        status = subprocess.run([*shlex.split(editor), str(path)], check=False).returncode
    except FileNotFoundError as error:
        raise FileNotFoundError(f"there is no editor {editor!r}") from error
    except ValueError as error:  # a quote that is not closed
        raise OSError(f"{editor}: {error}") from error
    if status != 0:
        raise OSError(f"{editor} ended with status {status}")
