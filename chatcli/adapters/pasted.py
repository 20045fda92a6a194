"""What is on the clipboard, by one of the tools that there are."""

import shutil
import subprocess
from collections.abc import Mapping
from typing import Final

from chatcli.errors import ChatcliError

# Each, and the variable without which there is no clipboard that it could look at.
_TOOLS: Final = (
    (("pbpaste",), "PATH"),
    (("wl-paste", "--no-newline"), "WAYLAND_DISPLAY"),
    (("xclip", "-selection", "clipboard", "-o"), "DISPLAY"),
    (("xclip", "-selection", "clipboard", "-t", "image/png", "-o"), "DISPLAY"),  # where there is no text
    (("xsel", "--clipboard", "--output"), "DISPLAY"),
    (("termux-clipboard-get",), "PATH"),
    (("tmux", "save-buffer", "-"), "TMUX"),
)
_PATIENCE: Final = 2.0  # seconds


def pasted(environ: Mapping[str, str]) -> bytes:
    """What is there; never nothing. Raises ChatcliError."""
    known = [command for command, needs in _TOOLS if environ.get(needs)]
    there = [command for command in known if shutil.which(command[0], path=environ.get("PATH", ""))]
    for command in there:
        if found := _given_by(command, environ):
            return found
    if there:
        raise ChatcliError("The clipboard is empty.", "Copy something first.")
    raise ChatcliError(
        "There is no program that reads the clipboard.",
        "Install wl-clipboard or xclip, or paste with the terminal's own key.",
    )


def _given_by(command: tuple[str, ...], environ: Mapping[str, str]) -> bytes:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return done.stdout if done.returncode == 0 else b""
