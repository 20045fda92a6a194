"""What a person types: prompt_toolkit's line editor with a shell's hands."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.input.typeahead import store_typeahead
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.output import Output
from prompt_toolkit.styles import Style


class Prompt:
    """Reads messages of one or many lines.

    ``history`` is the file in which they are remembered, None for memory alone; ``complete`` offers
    (text, length it replaces, help) for what stands before the cursor; ``drawn`` is called once, when the
    first prompt is on the screen; ``toolbar`` gives the line below it, from what is being typed; ``ahead``
    gives, once, what somebody else has read of the keyboard since the last prompt.
    """

    def __init__(  # noqa: PLR0913 - all that a prompt hears, shows and tells
        self,
        history: Path | None,
        *,
        complete: Callable[[str], Sequence[tuple[str, int, str]]],
        drawn: Callable[[], object],
        toolbar: Callable[[str], str] = lambda _typed: "",
        ahead: Callable[[], bytes] = bytes,
        keyboard: Input | None = None,
        screen: Output | None = None,
    ) -> None:
        self._session: PromptSession[str] = PromptSession(
            message="> ",
            prompt_continuation="  ",
            multiline=True,
            history=InMemoryHistory() if history is None else _history(history),
            completer=_Commands(complete),
            complete_while_typing=True,
            key_bindings=_keys(),
            mouse_support=False,
            bottom_toolbar=lambda: toolbar(self._session.default_buffer.text),
            style=Style.from_dict({"bottom-toolbar": "noreverse fg:ansibrightblack"}),
            input=keyboard,
            output=screen,
        )
        self._ahead = ahead
        self._drawn = drawn
        self._session.app.after_render += self._first_draw

    def messages(self, draft: Callable[[], str] = str) -> Iterator[str]:
        """Every message until the person leaves with Ctrl-D; Ctrl-C gives up what is typed, no more.

        ``draft`` gives the text that a prompt begins with; Ctrl-C gives that up too.
        """
        text = draft()
        while True:
            try:
                message = self.read(text)
            except KeyboardInterrupt:
                text = ""
                continue
            except EOFError:
                return
            yield message
            text = draft()

    def read(self, draft: str = "") -> str:
        """The next message, without the newlines around it.

        Raises:
            EOFError: Ctrl-D on an empty line, or the keyboard is gone.
            KeyboardInterrupt: Ctrl-C; what was typed is given up.
        """
        if typed := self._ahead():
            self._press(typed.decode("utf-8", "replace"))
        # In the editor Ctrl-C is a key. A signal would come before it is ready, or when it has done.
        return self._session.prompt(default=draft, handle_sigint=False).strip("\n")

    def redraw(self) -> None:
        """Draw again: the toolbar has something new to say. Any thread may call it."""
        self._session.app.invalidate()

    def _press(self, typed: str) -> None:
        """Let these keys, Enter among them, come before those that are still to be read."""
        keys: list[KeyPress] = []
        Vt100Parser(keys.append).feed_and_flush(typed)
        store_typeahead(self._session.app.input, keys)

    def _first_draw(self, _app: object) -> None:
        self._session.app.after_render -= self._first_draw
        self._drawn()


class _Commands(Completer):
    def __init__(self, complete: Callable[[str], Sequence[tuple[str, int, str]]]) -> None:
        self._complete = complete

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002
        for text, length, help_ in self._complete(document.text_before_cursor):
            yield Completion(text, start_position=-length, display_meta=help_)


class _Remembered(FileHistory):
    """History on disk that gives up quietly when the disk does: the chat is worth more."""

    def store_string(self, string: str) -> None:
        try:
            super().store_string(string)
        except OSError:
            return


def _history(path: Path) -> History:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return _Remembered(str(path))


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter")
    @keys.add("c-j")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys
