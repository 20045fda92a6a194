"""What keys do here, beyond what they do in every prompt_toolkit."""

import re
from collections.abc import Callable
from typing import Final

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.application.current import get_app
from prompt_toolkit.buffer import Buffer, CompletionState
from prompt_toolkit.completion import CompleteEvent, get_common_complete_suffix
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import (
    Condition,
    emacs_insert_mode,
    has_focus,
    has_selection,
    is_searching,
    vi_insert_mode,
    vi_navigation_mode,
)
from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.search import accept_search

from chatcli.core.code import in_fence
from chatcli.terminal.prompt.folds import Folds

# As terminals send them that tell these from Enter: in CSI-u, and with xterm's modifyOtherKeys.
_SHIFT_ENTER: Final = ("\x1b[13;2u", "\x1b[27;2;13~")
_ALT_ENTER: Final = ("\x1b[13;3u", "\x1b[27;3;13~")

# One line that can only be a command: nobody has to say that it ends.
_COMMAND: Final = re.compile(r"/[^\W\d]+(?: .*)?|!(?!!).*")


def learn_enters() -> None:
    """Have prompt_toolkit know Shift-Enter, which is then Ctrl-J, and Alt-Enter in every spelling."""
    ANSI_SEQUENCES.update(dict.fromkeys(_SHIFT_ENTER, Keys.ControlJ))
    ANSI_SEQUENCES.update(dict.fromkeys(_ALT_ENTER, (Keys.Escape, Keys.ControlM)))


def bindings(  # noqa: C901 - one function for each key
    folds: Folds, swapped: Callable[[], bool], edit: Callable[[str], str]
) -> KeyBindings:
    """The keys. ``swapped``: Enter makes a line, and Alt-Enter sends; ``edit`` is the person's editor.

    A command of one line is sent by either.
    """
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
        elif (swapped() and not _COMMAND.fullmatch(buffer.text)) or in_fence(buffer.text):
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

    @keys.add("tab", filter=typing & (emacs_insert_mode | vi_insert_mode) & ~at_fold)
    def _(event: KeyPressEvent) -> None:
        _complete(event.current_buffer)

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


def _complete(buffer: Buffer) -> None:
    """Choose the next of the menu. If there is none yet, type what all that could follow has in common.

    It does not wait for a menu that is on its way: prompt_toolkit, which looks for one thing at a time, would
    have forgotten the key by then.
    """
    if buffer.complete_state and buffer.complete_state.completions:
        buffer.complete_next()
        return
    document = buffer.document
    offers = list(buffer.completer.get_completions(document, CompleteEvent(completion_requested=True)))
    if len(offers) > 1 and (common := get_common_complete_suffix(document, offers)):
        buffer.insert_text(common)
    elif offers:
        buffer.complete_state = CompletionState(document, offers)
        if len(offers) == 1:
            buffer.go_to_completion(0)
