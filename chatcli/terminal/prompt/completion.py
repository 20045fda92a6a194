"""What could follow: the menu below the cursor."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

Offered = tuple[str, int, str]
"""A text, how many characters before the cursor it replaces, and what it is."""

_FILE: Final = re.compile(r'(?:^|\s)@("[^"]*|\S*)\Z')
_NEAR: Final = 500  # characters before the cursor, in which the name of a file begins


class Offers(Completer):
    """Offers what ``complete`` gives for the text before the cursor."""

    def __init__(self, complete: Callable[[str], Sequence[Offered]]) -> None:
        self._complete = complete

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002
        """All of them."""
        for text, length, help_ in self._complete(document.text_before_cursor):
            yield Completion(text, start_position=-length, display_meta=help_)


def opens_menu(document: Document) -> bool:
    """Whether the menu opens by itself: in a command, and in a file's name behind ``@``."""
    text, at = document.text, document.cursor_position
    bare = text.lstrip()
    in_command = bare.startswith("/") and not bare.startswith("//") and "\n" not in text
    return in_command or bool(_FILE.search(text, max(0, at - _NEAR), at))
