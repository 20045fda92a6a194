"""An emulated terminal with what has scrolled off it, and the painter that draws on it."""

from contextlib import contextmanager

import pyte
from pyte.modes import DECAWM, DECTCEM

from chatcli.terminal.reply.painter import Painter

PROMPT = "question"


class Screen(pyte.HistoryScreen):
    """More like real terminals: the cursor behind a full row is on its last cell, and erases that too.

    And who erases everything from the very first cell on means to clear the screen; a copy is kept.
    """

    def erase_in_line(self, *args, **kwargs):
        with self._on_the_screen():
            super().erase_in_line(*args, **kwargs)

    def erase_in_display(self, *args, **kwargs):
        if (self.cursor.x, self.cursor.y) == (0, 0):
            self.history.top.extend(self.buffer[y].copy() for y in range(self.lines))
        with self._on_the_screen():
            super().erase_in_display(*args, **kwargs)

    @contextmanager
    def _on_the_screen(self):
        column = self.cursor.x
        self.cursor.x = min(column, self.columns - 1)
        yield
        self.cursor.x = column


class Window:
    """A terminal that scrolls, with a question on its first line, and the painter that draws below it."""

    def __init__(self, columns, lines):
        self.screen = Screen(columns, lines, history=10_000)
        self.writes = []
        self._stream = pyte.Stream(self.screen)
        self._stream.feed(f"{PROMPT[:columns]}\r\n")
        self.columns, self.rows = columns, lines
        self.painter = Painter(self.write, columns, lines)

    def write(self, text):
        self.writes.append(text)
        self._stream.feed(text)

    def somebody_writes(self, text):
        self._stream.feed(text)

    def resize(self, columns, lines):
        self.columns, self.rows = columns, lines
        self.screen.resize(lines, columns)
        self.painter.resized(columns, lines)

    @property
    def most_live(self):
        """How many rows may be live, if none of them is wider than 20 cells."""
        return max(1, min(10, self.rows // 2))

    @property
    def lines(self):
        screen = self.screen
        lines = [*screen.history.top, *(screen.buffer[y] for y in range(screen.lines))]
        texts = ["".join(line[x].data for x in range(screen.columns)).rstrip() for line in lines]
        while texts and not texts[-1]:
            texts.pop()
        return texts

    @property
    def below(self):
        """What stands below the question."""
        return self.lines[1:]

    @property
    def place(self):
        """The column and the line at which the cursor stands, counted from the question."""
        return self.screen.cursor.x, len(self.screen.history.top) + self.screen.cursor.y

    @property
    def wraps(self):
        return DECAWM in self.screen.mode

    @property
    def cursor_shown(self):
        return DECTCEM in self.screen.mode
