"""Somebody at a terminal of any width, who reads what the terminal breaks over two lines as one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Self

from tests.e2e.terminal import ENTER, Terminal, started
from tests.e2e.world import CHATCLI, World

ESCAPE, TAB, DOWN, RIGHT = "\x1b", "\t", "\x1b[B", "\x1b[C"
CTRL_A, CTRL_E, CTRL_L, CTRL_R, CTRL_X, CTRL_Z = "\x01", "\x05", "\x0c", "\x12", "\x18", "\x1a"


class Visitor(Terminal):
    """Looks only at what is new since the last line that was sent off. Blanks do not count."""

    _known = 0  # characters

    def say(self, text: str) -> Self:
        """Write a line at the prompt, and send it off."""
        self.prompt()
        self._known = len(_flat(self._above))
        return self.write(text).enter()

    def write(self, text: str) -> Self:
        """Type a text, and see it stand before the cursor."""
        return self.type(text).reads(text)

    def reads(self, text: str) -> Self:
        """Watch until this stands before the cursor."""
        return self.until(lambda: _flat(self._typed).endswith(_flat(text)), f"never saw {text!r} typed")

    def see(self, *texts: str) -> Self:
        """Watch until all of this stands there, or has scrolled off."""
        return self.until(lambda: all(_flat(text) in self._news for text in texts), f"never saw {texts}")

    def answer(self, question: str, text: str) -> Self:
        """Read a question, and answer it in a line."""
        return self.see(question).type(text + ENTER)

    def miss(self, text: str) -> Self:
        """Watch until this stands on the screen no longer."""
        return self.until(
            lambda: _flat(text) not in _flat("".join(self._screen.display)), f"still saw {text!r}"
        )

    def colour_of(self, word: str) -> str:
        """The colour in which a word stands on the screen, the last time that it stands there."""
        row = max(number for number, line in enumerate(self._screen.display) if word in line)
        return self._screen.buffer[row][self._screen.display[row].index(word)].fg

    @property
    def _above(self) -> str:
        """All that stands above the line with the cursor."""
        below = len(self._screen.display) - self._screen.cursor.y
        return "\n".join(self._rows[:-below])

    @property
    def _typed(self) -> str:
        """All that stands before the cursor; behind it there may be a suggestion."""
        return self._above + self._screen.display[self._screen.cursor.y][: self._screen.cursor.x]

    @property
    def _news(self) -> str:
        return _flat("\n".join(self._rows))[self._known :]

    @property
    def _rows(self) -> list[str]:
        gone = ["".join(row[x].data for x in range(self._screen.columns)) for row in self._screen.history.top]
        return [*gone, *self._screen.display]


@contextmanager
def visit(
    world: World, *args: str, lines: int, columns: int, command: Sequence[str] = CHATCLI
) -> Iterator[Visitor]:
    """A terminal of this size in which the program runs, until it is left."""
    with started(world, *args, command=command, lines=lines, columns=columns) as process:
        yield Visitor(process)


def _flat(text: str) -> str:
    return "".join(text.split())
