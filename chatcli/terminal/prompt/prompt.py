"""What a person types, message by message."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.application.current import get_app
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition
from prompt_toolkit.input import Input
from prompt_toolkit.input.typeahead import store_typeahead
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.key_binding import merge_key_bindings
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.key_binding.vi_state import InputMode
from prompt_toolkit.output import Output
from prompt_toolkit.styles import Style
from prompt_toolkit.utils import get_cwidth

from chatcli.core.look import USUAL, Look
from chatcli.terminal.prompt.completion import Offered, Offers, opens_menu
from chatcli.terminal.prompt.folds import Folds, ShowFolds
from chatcli.terminal.prompt.history import Remembered, Suggested
from chatcli.terminal.prompt.keys import bindings
from chatcli.terminal.prompt.parser import Parser
from chatcli.terminal.prompt.searching import Search

_STYLE = Style.from_dict(
    {
        "bottom-toolbar": "noreverse fg:ansibrightblack",
        "fold": "fg:ansicyan",
    }
)


class Prompt:
    """Reads messages of one or many lines.

    ``history`` is the file in which they are remembered, None for memory alone, unless ``private`` says that
    nothing may be; ``complete`` offers what could follow the text before the cursor, and may take its time;
    ``drawn`` is called once, when the first prompt is on the screen; ``toolbar`` gives the line below it, of
    the number of characters that are being typed, the columns of the screen, and the mode of vi's keys;
    ``look`` says how all this looks, and which keys there are; ``edit`` has the person change a text in their
    editor; ``ahead`` gives, once, what somebody else has read of the keyboard since the last prompt.
    """

    def __init__(  # noqa: PLR0913 - all that a prompt hears, shows and tells
        self,
        history: Path | None,
        *,
        complete: Callable[[str], Sequence[Offered]],
        drawn: Callable[[], object],
        toolbar: Callable[[int, int, str], str] = lambda _typed, _columns, _mode: "",
        look: Callable[[], Look] = lambda: USUAL,
        private: Callable[[], bool] = lambda: False,
        edit: Callable[[str], str] = lambda text: text,
        ahead: Callable[[], bytes] = bytes,
        keyboard: Input | None = None,
        screen: Output | None = None,
    ) -> None:
        self._folds = Folds()
        search = Search()
        remembered = Remembered(history, private, self._folds)
        self._session: PromptSession[str] = PromptSession(
            message="> ",
            prompt_continuation="  ",
            multiline=True,
            history=remembered,
            auto_suggest=Suggested(remembered),
            completer=Offers(complete),
            complete_in_thread=True,
            complete_while_typing=Condition(lambda: opens_menu(self._session.default_buffer.document)),
            input_processors=[ShowFolds(self._folds)],
            key_bindings=merge_key_bindings(
                [bindings(self._folds, lambda: look().multiline, edit), search.bindings()]
            ),
            enable_suspend=True,
            mouse_support=False,
            style=_STYLE,
            input=keyboard,
            output=screen,
        )
        self._look = look
        self._toolbar = toolbar
        self._ahead = ahead
        self._drawn = drawn
        self._session.app.after_render += self._first_draw
        self._session.app.key_processor.before_key_press += search.before_key
        source = self._session.app.input
        if isinstance(source, Vt100Input):
            source.vt100_parser = Parser(source.vt100_parser.feed_key_callback)

    def messages(
        self, draft: Callable[[], str] = str, leaves: Callable[[], bool] = lambda: True
    ) -> Iterator[str]:
        """Every message until the person leaves with Ctrl-D, and ``leaves`` says that nothing is in the way.

        ``draft`` gives the text that a prompt begins with. Ctrl-C gives up what is typed, and that too: an
        empty message.
        """
        while True:
            try:
                yield self.read(draft())
            except KeyboardInterrupt:
                yield ""
            except EOFError:
                if leaves():
                    return

    def read(self, draft: str = "") -> str:
        """The next message, whole, without the newlines around it.

        Raises:
            EOFError: Ctrl-D on an empty line, or the keyboard is gone.
            KeyboardInterrupt: Ctrl-C; what was typed is given up.
        """
        if typed := self._ahead():
            self._press(typed.decode("utf-8", "replace"))
        self._put_on(self._look())
        # In the editor Ctrl-C is a key. A signal would come before it is ready, or when it has done.
        message = self._session.prompt(default=self._folds.again(draft), handle_sigint=False)
        return self._folds.whole(message).strip("\n")

    def redraw(self) -> None:
        """Draw again: the toolbar has something new to say. Any thread may call it."""
        self._session.app.invalidate()

    def _put_on(self, look: Look) -> None:
        vi = look.keys == "vi"
        self._session.editing_mode = EditingMode.VI if vi else EditingMode.EMACS
        # Escape is a key of vi's, and the beginning of others: a person does not press two so quickly.
        self._session.app.ttimeoutlen = 0.05 if vi else 0.5
        self._session.app.timeoutlen = 0.1 if vi else 1.0
        self._session.bottom_toolbar = self._line_below if look.toolbar else None

    def _line_below(self) -> str:
        typed = self._folds.length(self._session.default_buffer.text)
        columns = get_app().output.get_size().columns
        return _cut(self._toolbar(typed, columns, self._mode()), columns)

    def _mode(self) -> str:
        if self._session.editing_mode is not EditingMode.VI:
            return ""
        return "normal" if self._session.app.vi_state.input_mode is InputMode.NAVIGATION else "insert"

    def _press(self, typed: str) -> None:
        """Let these keys, Enter among them, come before those that are still to be read."""
        keys: list[KeyPress] = []
        Parser(keys.append).feed_and_flush(typed)
        store_typeahead(self._session.app.input, keys)

    def _first_draw(self, _app: object) -> None:
        self._session.app.after_render -= self._first_draw
        self._drawn()


def _cut(line: str, columns: int) -> str:
    """As much of a line as there is room for."""
    if get_cwidth(line) <= columns:
        return line
    while line and get_cwidth(line) >= columns:
        line = line[:-1]
    return f"{line.rstrip()}…"
