"""Measures everything and prints it; ``--write`` also puts it into docs/performance.md.

``python -m benchmarks drawing typing`` measures these two and no more.
"""

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks.figures import Figure, table
from benchmarks.fitting import fitting
from benchmarks.keys import keying
from benchmarks.measures import asking, informing, prompting, streaming, typing
from benchmarks.store import storing, storing_little
from benchmarks.streaming import drawing
from benchmarks.world import world

_MEASURES = (informing, prompting, typing, keying, asking, streaming, fitting, storing, drawing)
_OTHERS = (storing_little,)  # only by name
_DOCUMENT = Path(__file__).parent.parent / "docs/performance.md"
_HEADING = "## The figures of one run\n"


def main() -> None:
    """Measure, print, and write if that is asked for."""
    chosen = [measure for measure in (*_MEASURES, *_OTHERS) if measure.__name__ in sys.argv] or _MEASURES
    figures: list[Figure] = []
    with world() as here:
        for measure in chosen:
            figures += measure(here)
            print(".", end="", flush=True, file=sys.stderr)
    print(file=sys.stderr)
    report = f"{_where()}\n\n{table(figures)}"
    print(report, end="")
    if sys.argv[1:] == ["--write"]:
        prose = _DOCUMENT.read_text(encoding="utf-8").partition(_HEADING)[0]
        _DOCUMENT.write_text(f"{prose}{_HEADING}\n{report}", encoding="utf-8")


def _where() -> str:
    libraries = ", ".join(
        f"{name} {version(name)}" for name in ("chatcli", "openai", "prompt_toolkit", "rich")
    )
    return f"Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} cores; {libraries}."


main()
