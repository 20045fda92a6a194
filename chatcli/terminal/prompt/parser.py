"""Keys as terminals send them that tell what is held down with them: in CSI-u, or xterm's modifyOtherKeys."""

import re
from collections.abc import Callable
from typing import Final

from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys

_HELD: Final = re.compile(
    r"\x1b\[(?:27;(?P<with>\d{1,9});(?P<key>\d{1,9})~|(?P<code>\d{1,9})(?:;(?P<and>\d{1,9}))?u)"
)
_SHIFT, _ALT, _CTRL = 1, 2, 4
_WITH_CTRL: Final = {" ": "\0", "/": "\x1f", "\x1b": "\x1b", "\x7f": "\x17"}  # beside the letters


class Parser(Vt100Parser):
    """Calls ``press`` with each key; with those of :data:`_HELD` as with what they are on other terminals.

    What would be nothing there, or is unknown, is nothing: the rest of its spelling must not be typed.
    """

    def __init__(self, press: Callable[[KeyPress], None]) -> None:
        super().__init__(self._pass_on)
        self._press = press
        self._usual = Vt100Parser(press)

    def _get_match(self, prefix: str) -> Keys | tuple[Keys, ...] | None:
        return Keys.Ignore if _HELD.fullmatch(prefix) else super()._get_match(prefix)

    def _pass_on(self, pressed: KeyPress) -> None:
        held = _HELD.fullmatch(pressed.data) if pressed.key is Keys.Ignore else None
        if held is None:
            self._press(pressed)
        else:
            key, modifiers = held["key"] or held["code"], held["with"] or held["and"] or "1"
            self._usual.feed_and_flush(_usually(int(key), int(modifiers) - 1))


def _usually(code: int, held: int) -> str:
    """What most terminals send for a key. Enter is told apart: with Shift it is Ctrl-J, or else Alt-Enter."""
    if not (0 < code < 128 and 0 <= held <= _SHIFT | _ALT | _CTRL):
        return ""
    key = chr(code)
    if key == "\r" and held:
        return "\n" if held & _SHIFT else "\x1b\r"
    if key == "\t" and held:
        return "\x1b[Z" if held == _SHIFT else ""
    if held & _CTRL:
        key = _with_ctrl(key)
    elif held & _SHIFT:
        key = key.upper()
    return f"\x1b{key}" if held & _ALT and key else key


def _with_ctrl(key: str) -> str:
    letter = key.upper()
    return chr(ord(letter) & 0x1F) if "@" <= letter <= "_" else _WITH_CTRL.get(key, "")
