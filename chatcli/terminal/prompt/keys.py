"""What keys do here, beyond what they do in every prompt_toolkit."""

from collections.abc import Callable
from typing import Final

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.application.current import get_app
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, has_focus, has_selection, is_searching, vi_navigation_mode
from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.search import accept_search

from chatcli.core.code import in_fence
from chatcli.terminal.prompt.folds import Folds

# As terminals send them that tell these from Enter: in CSI-u, and with xterm's modifyOtherKeys.
_SHIFT_ENTER: Final = ("\x1b[13;2u", "\x1b[27;2;13~")
_ALT_ENTER: Final = ("\x1b[13;3u", "\x1b[27;3;13~")


def learn_enters() -> None:
    """Have prompt_toolkit know Shift-Enter, which is then Ctrl-J, and Alt-Enter in every spelling."""
    ANSI_SEQUENCES.update(dict.fromkeys(_SHIFT_ENTER, Keys.ControlJ))
    ANSI_SEQUENCES.update(dict.fromkeys(_ALT_ENTER, (Keys.Escape, Keys.ControlM)))


def bindings(  # noqa: C901 - one function for each key
    folds: Folds, swapped: Callable[[], bool], edit: Callable[[str], str]
) -> KeyBindings:
    """The keys. ``swapped``: Enter makes a line, and Alt-Enter sends; ``edit`` is the person's editor."""
    keys = KeyBindings()
    typing = has_focus(DEFAULT_BUFFER)

    @Condition
    def at_fold() -> bool:
        return folds.open(get_app().current_buffer.document) is not None

    @keys.add("enter", filter=typing)
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state and buffer.complete_state.current_completion:
            buffer.complete_state = None  # it is chosen, and stands in the text
        elif swapped() or in_fence(buffer.text):
            buffer.newline(copy_margin=False)
        else:
            buffer.validate_and_handle()

    @keys.add("escape", "enter", filter=typing)
    def _(event: KeyPressEvent) -> None:
        if swapped():
            event.current_buffer.validate_and_handle()
        else:
            event.current_buffer.newline(copy_margin=False)

    @keys.add("c-j", filter=typing)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.newline(copy_margin=False)

    @keys.add("enter", filter=is_searching)
    def _(event: KeyPressEvent) -> None:
        accept_search()
        event.current_buffer.validate_and_handle()

    def go_on_from_what_was_found(event: KeyPressEvent) -> None:
        accept_search()
        event.key_processor.feed_multiple(event.key_sequence, first=True)

    for key in ("left", "right", "home", "end", "c-a", "c-e", "tab"):
        keys.add(key, filter=is_searching)(go_on_from_what_was_found)

    @keys.add(Keys.BracketedPaste, filter=typing)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text(folds.fold(event.data))

    @keys.add("tab", filter=typing & at_fold)
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        buffer.document = folds.open(buffer.document) or buffer.document

    @keys.add("c-x", "c-e", filter=typing & ~has_selection)
    @keys.add("v", filter=typing & vi_navigation_mode)
    async def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        text = folds.whole(buffer.text)
        edited = await run_in_terminal(lambda: edit(text))
        buffer.document = Document(edited.removesuffix("\n"))

    return keys
