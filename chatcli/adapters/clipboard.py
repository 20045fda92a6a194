"""The clipboard: by one of the tools that there are, else by asking the terminal (OSC 52)."""

import base64
import shutil
import subprocess
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from chatcli.errors import ChatcliError


class _Tool(NamedTuple):
    """A command that takes the text. Where the variable that it ``needs`` is not set it fails, or hangs."""

    command: tuple[str, ...]
    needs: str = ""
    encoding: str = "utf-8"


_TOOLS: Final = (
    _Tool(("pbcopy",)),
    _Tool(("wl-copy",), "WAYLAND_DISPLAY"),
    _Tool(("xclip", "-selection", "clipboard"), "DISPLAY"),
    _Tool(("xsel", "--clipboard", "--input"), "DISPLAY"),
    _Tool(("clip.exe",), "WSL_DISTRO_NAME", "utf-16"),
    _Tool(("termux-clipboard-set",)),
    _Tool(("tmux", "load-buffer", "-w", "-"), "TMUX"),  # it asks its terminal in turn, where it may
)
_PATIENCE: Final = 2.0  # seconds
_LONGEST: Final = 100_000  # characters of a request to the terminal; many drop a longer one without a word


def copy(text: str, *, environ: Mapping[str, str], write: Callable[[str], object] | None) -> str:
    """Put the text there; by what means, in words. ``write`` reaches the terminal, None where there is none.

    Raises ChatcliError where there is no way.
    """
    for tool in _TOOLS:
        if (not tool.needs or environ.get(tool.needs)) and _taken_by(tool, text, environ):
            return f"with {tool.command[0]}"
    if write is None:
        raise ChatcliError("There is no clipboard here.", "A file will do: /last > FILE.")
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode()
    if len(encoded) > _LONGEST:
        most = f"{_LONGEST * 3 // 4:,} bytes at most"
        raise ChatcliError(
            f"That is too long for the terminal's clipboard, which takes {most}.",
            "Install wl-copy or xclip, or write a file: /last > FILE.",
        )
    write(f"\x1b]52;c;{encoded}\x1b\\")
    return "through the terminal, if it lets programs copy"


def _taken_by(tool: _Tool, text: str, environ: Mapping[str, str]) -> bool:
    program, *words = tool.command
    found = shutil.which(program, path=environ.get("PATH", ""))
    if found is None:
        return False
    try:
        done = subprocess.run(
            [found, *words],
            input=text.encode(tool.encoding, "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            timeout=_PATIENCE,
            check=False,
            start_new_session=True,  # some stay to hand the text out: Ctrl-C is not meant for them
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
