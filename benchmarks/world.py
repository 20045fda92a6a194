"""Where the measured programs run: an empty home, a server, no variable that the person has set."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from compileall import compile_dir
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

PYTHON = (sys.executable,)
CHATCLI = (str(Path(sys.executable).with_name("chatcli")),)
PROMPT_SCRIPT = (sys.executable, str(Path(__file__).with_name("prompt_script.py")))
STREAM_SCRIPT = (sys.executable, str(Path(__file__).with_name("stream_script.py")))
_PACKAGE = Path(__file__).parent.parent / "chatcli"
_SERVER = (sys.executable, str(Path(__file__).with_name("server.py")))


@dataclass(frozen=True, slots=True)
class World:
    """``asked`` is read for the moments at which requests reached the server."""

    home: Path
    environ: Mapping[str, str]
    asked: TextIO

    def asked_at(self) -> float:
        """When the next request's first byte reached the server; waits for it."""
        return float(self.asked.readline())


@contextmanager
def world() -> Iterator[World]:
    """A world, for as long as it is used."""
    compile_dir(_PACKAGE, quiet=1)  # as an installed package is
    with (
        TemporaryDirectory() as home,
        subprocess.Popen(_SERVER, stdout=subprocess.PIPE, text=True) as server,
    ):
        assert server.stdout
        port = int(server.stdout.readline())
        environ = {
            "HOME": home,
            "PATH": os.defpath,
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "OPENAI_API_KEY": "x",
            "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1",
        }
        try:
            yield World(Path(home), environ, server.stdout)
        finally:
            server.kill()
