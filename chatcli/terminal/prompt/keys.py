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
    vi_insert_mode,
    vi_navigation_mode,
)
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from chatcli.core.code import in_fence
from chatcli.terminal.prompt.folds import Folds

# One line that can only be a command: nobody has to say that it ends.
_COMMAND: Final = re.compile(r"\s*(?:/[^\W\d]+(?: .*)?|!(?!!).*)")


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
        buffer.document = Document(folds.again(edited.removesuffix("\n")))

    return keys


def _complete(buffer: Buffer) -> None:
    """Choose the next of the menu, or type the only one, so that the next key goes on from there.

    If there is no menu yet, type what all that could follow has in common. It does not wait for a menu on its
    way: prompt_toolkit, which looks for one thing at a time, would have forgotten the key by then.
    """
    document = buffer.document
    menu = buffer.complete_state.completions if buffer.complete_state else []
    asked = CompleteEvent(completion_requested=True)
    offers = menu or list(buffer.completer.get_completions(document, asked))
    if len(offers) == 1:
        buffer.apply_completion(offers[0])
    elif menu:
        buffer.complete_next()
    elif common := get_common_complete_suffix(document, offers):
        buffer.insert_text(common)
    elif offers:
        buffer.complete_state = CompletionState(document, offers)
