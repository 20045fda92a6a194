"""Commands in the person's shell."""

import subprocess
from collections.abc import Mapping
from pathlib import Path


def run(command: str, given: str | None, *, environ: Mapping[str, str], cwd: Path) -> str:
    """Run the command where the person sees it; what it printed."""
    done = subprocess.run(  # noqa: S602 - a shell is what was asked for
        command,
        shell=True,
        input=None if given is None else given.encode(),
        stdout=subprocess.PIPE,
        env=dict(environ),
        cwd=cwd,
        check=False,
    )
    return done.stdout.decode("utf-8", "replace")
