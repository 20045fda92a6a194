"""A person at a prompt: on an emulated terminal, where they see what is drawn before they go on typing."""

import time
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread

import pyte
from prompt_toolkit.data_structures import Size
from prompt_toolkit.output.vt100 import Vt100_Output

from chatcli.terminal.prompt.prompt import Prompt

PATIENCE = 20.0  # seconds until a test gives up; no test is meant to need a hundredth of it

ENTER, ALT_ENTER, TAB, BACKSPACE, ESCAPE = "\r", "\x1b\r", "\t", "\x7f", "\x1b"
CTRL_C, CTRL_D, CTRL_E, CTRL_G, CTRL_J = "\x03", "\x04", "\x05", "\x07", "\n"
CTRL_L, CTRL_R, CTRL_U, CTRL_Y = "\x0c", "\x12", "\x15", "\x19"
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"


def paste(text: str) -> str:
    """What a terminal sends when something is pasted."""
    return f"\x1b[200~{text}\x1b[201~"


def sees(text: str) -> Callable[["Terminal"], bool]:
    """Until this stands on the screen."""
    return lambda terminal: text in terminal.text


def sees_twice(text: str) -> Callable[["Terminal"], bool]:
    """Until this stands there in two places."""
    return lambda terminal: terminal.text.count(text) == 2


def misses(text: str) -> Callable[["Terminal"], bool]:
    """Until this no longer stands on the screen."""
    return lambda terminal: text not in terminal.text


def reads(line: str) -> Callable[["Terminal"], bool]:
    """Until this is the line on which the cursor stands."""
    return lambda terminal: terminal.line == line


class Terminal:
    """The stream on which the prompt draws, and the terminal behind it, which answers into ``keyboard``."""

    encoding = "utf-8"

    def __init__(self, keyboard, columns, lines):
        self.lock = Lock()
        self.screen = pyte.Screen(columns, lines)
        self.screen.write_process_input = keyboard.send_text
        self._stream = pyte.Stream(self.screen)
        self.drawn = ""

    def write(self, text):
        with self.lock:
            self._stream.feed(text)
            self.drawn += text

    def flush(self):
        """Nothing is kept back."""

    def isatty(self):
        return True

    @property
    def column(self):
        """Where the cursor stands in its line."""
        return self.screen.cursor.x

    @property
    def line(self):
        """The line on which it stands."""
        with self.lock:
            return self.screen.display[self.screen.cursor.y].rstrip()

    @property
    def text(self):
        """All the lines."""
        with self.lock:
            return "\n".join(line.rstrip() for line in self.screen.display).rstrip()


class Person:
    """``doors`` are those of the prompt that the test is about."""

    def __init__(self, keyboard, history=None, columns=80, lines=24, **doors):
        self.seen = ""  # what stood on the screen before the last key
        self._keyboard = keyboard
        self._terminal = Terminal(keyboard, columns, lines)
        doors = {"complete": lambda _text: (), "drawn": lambda: None} | doors
        self.prompt = Prompt(
            history,
            **doors,
            keyboard=keyboard,
            screen=Vt100_Output(self._terminal, lambda: Size(rows=lines, columns=columns), term="xterm"),
        )

    @property
    def drawn(self):
        """All that the prompt ever wrote."""
        return self._terminal.drawn

    def types(self, *steps, draft=""):
        """Do these steps, which press keys or wait for what they want to see; the message that is sent."""
        failures = []
        typing = Thread(target=self._do, args=(steps, failures), daemon=True)
        typing.start()
        with suppress(KeyboardInterrupt):
            message = self.prompt.read(draft)
        typing.join()
        assert not failures, failures[0]
        return message

    def _do(self, steps, failures):
        for step in steps:
            self.seen = self._terminal.text
            if isinstance(step, str):
                self._keyboard.send_text(step)
                continue
            deadline = time.monotonic() + PATIENCE
            while not step(self._terminal):
                if time.monotonic() > deadline:
                    failures.append(f"step {steps.index(step)} is still waiting:\n{self._terminal.text}")
                    self._keyboard.send_text(CTRL_C * 2)
                    return
                time.sleep(0.002)
