"""One of many sessions is chosen: from a list below the cursor, of which less is left as one types."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.data_structures import Point
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import BufferControl, Dimension, FormattedTextControl, HSplit, Layout, Window
from prompt_toolkit.layout.processors import BeforeInput
from prompt_toolkit.output import Output
from prompt_toolkit.styles import Style

from chatcli.core.archive import Record
from chatcli.core.finding import folded
from chatcli.core.messages import Message, Role
from chatcli.core.when import ago
from chatcli.errors import ChatcliError
from chatcli.terminal.escape import clean, one_line

Preview = Callable[[str], Sequence[Message]]
"""The last turn of the session with this id."""

_ROWS: Final = 10  # of the list
_LINES: Final = 6  # of the preview
_NAMED: Final = 16  # columns of its name that must be left beside what else is told of a session
_LOOKED_AT: Final = 600  # characters of a message: more has no room in these lines

_STYLE: Final = Style.from_dict(
    {"chosen": "bold fg:ansicyan", "preview": "fg:ansibrightblack", "keys": "fg:ansibrightblack italic"}
)


def pick(
    records: Sequence[Record],
    preview: Preview,
    *,
    now: float,
    keyboard: Input | None = None,
    screen: Output | None = None,
) -> str | None:
    """The id of the session that the person chooses; None if they give up. The list then is gone again.

    ``records`` are shown in their order, with the beginning of what ``preview`` gives for the chosen one;
    ``now`` is in seconds since 1970.
    """
    return _Picker(records, preview, now, keyboard, screen).run()


def fitting(records: Sequence[Record], typed: str) -> list[Record]:
    """The sessions whose heading holds every word that is typed; if none does, all the letters in order.

    Case and accents are all the same.
    """
    words = folded(typed).split()
    named = [(each, folded(each.heading)) for each in records]
    if found := [each for each, name in named if all(word in name for word in words)]:
        return found
    return [each for each, name in named if _in_order("".join(words), name)]


class _Picker:
    def __init__(
        self,
        records: Sequence[Record],
        preview: Preview,
        now: float,
        keyboard: Input | None,
        screen: Output | None,
    ) -> None:
        self._records = records
        self._left: Sequence[Record] = records
        self._chosen = 0
        self._preview = cache(preview)
        self._times = {each.id: ago(each.updated, now) for each in records}
        self._width = max(map(len, self._times.values()), default=0)
        self._typed = Buffer(multiline=False, on_text_changed=self._look_again)
        self._application: Application[str | None] = Application(
            Layout(self._drawn()),
            style=_STYLE,
            key_bindings=self._keys(),
            erase_when_done=True,
            input=keyboard,
            output=screen,
        )
        self._application.ttimeoutlen = 0.05  # Escape is a key here, and no person's arrows come in pieces

    def run(self) -> str | None:
        try:
            return self._application.run(handle_sigint=False)
        except EOFError:  # the keyboard is gone
            return None

    def _drawn(self) -> HSplit:
        rows = min(_ROWS, len(self._records))
        listed = FormattedTextControl(
            self._list, get_cursor_position=lambda: Point(0, self._chosen), show_cursor=False
        )
        asks = BufferControl(self._typed, input_processors=[BeforeInput("Which session? ")])
        return HSplit(
            [
                Window(asks, height=1),
                Window(listed, height=Dimension(min=1, preferred=rows, max=rows)),
                Window(
                    FormattedTextControl(self._exchange),
                    height=Dimension(min=0, preferred=_LINES, max=_LINES),
                    wrap_lines=True,
                    style="class:preview",
                ),
                Window(
                    FormattedTextControl("Enter goes on with it · type to find another · Esc gives up"),
                    height=Dimension(min=0, preferred=1, max=1),
                    style="class:keys",
                ),
            ]
        )

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        steps = {"up": -1, "c-p": -1, "down": 1, "c-n": 1, "pageup": -_ROWS, "pagedown": _ROWS}
        for key, step in steps.items():
            keys.add(key)(self._moving(step))

        @keys.add("enter")
        def _(event: KeyPressEvent) -> None:
            if self._left:
                event.app.exit(result=self._left[self._chosen].id)

        @keys.add("escape", eager=True)
        @keys.add("c-c")
        @keys.add("c-d")
        def _(event: KeyPressEvent) -> None:
            event.app.exit(result=None)

        return keys

    def _moving(self, step: int) -> Callable[[KeyPressEvent], None]:
        def move(_event: KeyPressEvent) -> None:
            self._chosen = max(0, min(self._chosen + step, len(self._left) - 1))

        return move

    def _look_again(self, typed: Buffer) -> None:
        self._left = fitting(self._records, typed.text)
        self._chosen = 0

    def _list(self) -> StyleAndTextTuples:
        if not self._left:
            return [("class:preview", "  (no session is called so)")]
        return [
            ("class:chosen" if at == self._chosen else "", f"{self._row(at, each)}\n")
            for at, each in enumerate(self._left)
        ]

    def _row(self, at: int, record: Record) -> str:
        """A line of the list. Where there is little room, how long it is goes first, then when it was."""
        when = f"{self._times[record.id]:<{self._width}}  "
        size = f"{record.turns:,} turn{'' if record.turns == 1 else 's'}"
        room = self._application.output.get_size().columns - len("> ") - _NAMED
        told = next(facts for facts in (f"{when}{size:<9}  ", when, "") if len(facts) <= room or not facts)
        return f"{'>' if at == self._chosen else ' '} {told}{one_line(record.heading)}"

    def _exchange(self) -> str:
        if not self._left:
            return ""
        try:
            messages = self._preview(self._left[self._chosen].id)
        except ChatcliError as error:
            return one_line(error.message)
        return "\n".join(map(_beginning, messages))


def _beginning(message: Message) -> str:
    """A question in a line, or a reply without its empty lines."""
    if message.role is Role.USER:
        return f"  > {one_line(message.asked[:_LOOKED_AT])}"
    lines = clean(message.text[:_LOOKED_AT]).splitlines()
    return "\n".join(f"  {line}" for line in lines if line.strip())


def _in_order(letters: str, name: str) -> bool:
    rest = iter(name)
    return all(letter in rest for letter in letters)
