"""Takes the picture of the README: the real REPL and the embedded model, seen through a terminal emulator.

``python docs/picture.py`` types ``LINES`` as a person would and writes what the screen then shows to
docs/picture.svg. The model is asked for its likeliest words, so the picture is the same each time.
"""

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from io import StringIO
from itertools import groupby
from pathlib import Path

import pexpect
import pyte
from pyte.screens import Char
from rich.console import CONSOLE_SVG_FORMAT, Console
from rich.text import Text

LINES = ("/temperature 0", "Name three programming languages.", "/context")
COLUMNS, ROWS = 82, 30  # the longest reply breaks between two words
PATIENCE = 60  # seconds

# The fonts of whoever looks at it: a picture fetches nothing.
FRAME = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)

RICH_COLOURS = {"default": "", "brightblack": "bright_black"}  # where pyte has other names
GREY_FOR_DIM = (b"\x1b[2m", b"\x1b[90m")  # pyte knows no dim


class Terminal:
    """A program in a pseudo-terminal, and the screen as it looks by now."""

    def __init__(self, program: pexpect.spawn) -> None:
        self._program = program
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)

    def type(self, line: str) -> None:
        """Write a line at the prompt, press Enter, and wait for the next prompt."""
        self.watch(lambda: self._at_cursor() == ">")
        self._program.send(line)
        self.watch(lambda: self._at_cursor() == f"> {line}")
        self._program.send("\r")
        self.watch(lambda: self._at_cursor() == ">")

    def watch(self, seen: Callable[[], bool] = lambda: False) -> None:
        """Follow the screen until it shows what is waited for, or until the program ends."""
        try:
            while not seen():
                self._stream.feed(self._program.read_nonblocking(1 << 16).replace(*GREY_FOR_DIM))
        except pexpect.EOF:
            return

    def text(self) -> Text:
        """All that is on the screen, in its colours."""
        rows = [[self._screen.buffer[y][x] for x in range(COLUMNS)] for y in range(ROWS)]
        lines = [Text.assemble(*_pieces(row)) for row in rows]
        for line in lines:
            line.rstrip()
        text = Text("\n").join(lines)
        text.rstrip()
        return text

    def _at_cursor(self) -> str:
        return self._screen.display[self._screen.cursor.y].rstrip()


def _pieces(row: list[Char]) -> Iterator[tuple[str, str]]:
    """The row's text, cut where its colour changes, each piece with what rich calls its colour."""
    for colour, chars in groupby(row, key=lambda char: char.fg):
        yield "".join(char.data for char in chars), RICH_COLOURS.get(colour, colour)


def main() -> None:
    """Take the picture."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "CHATCLI_"))}
    with tempfile.TemporaryDirectory() as nowhere:
        world = {"XDG_CONFIG_HOME": nowhere, "XDG_STATE_HOME": nowhere}
        terminal = {"TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"}
        program = pexpect.spawn(
            sys.executable,
            ["-m", "chatcli", "--yes", "--model", "local", "--seed", "7"],
            timeout=PATIENCE,
            cwd=nowhere,
            env={**mine, **world, **terminal, "PYTHONPATH": str(Path(__file__).parent.parent)},
            dimensions=(ROWS, COLUMNS),
        )
        screen = Terminal(program)
        for line in LINES:
            screen.type(line)
        program.sendeof()
        screen.watch()
    console = Console(record=True, file=StringIO(), width=COLUMNS, force_terminal=True)
    console.print(screen.text())
    console.save_svg(str(Path(__file__).with_suffix(".svg")), title="chatcli", code_format=FRAME)


if __name__ == "__main__":
    main()
