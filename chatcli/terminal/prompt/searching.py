"""Ctrl-R: what keys do in a search of what was typed, beyond what they do in every prompt_toolkit."""

from prompt_toolkit.application.current import get_app
from prompt_toolkit.filters import is_searching
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.search import accept_search, stop_search


class Search:
    """The keys of a search. Who gives it up is where it began; ``before_key`` is to be told of every key."""

    def __init__(self) -> None:
        self._began = (0, 0)

    def before_key(self, _sender: object) -> None:
        """Note where the cursor is: the key may begin a search."""
        if not is_searching():
            buffer = get_app().current_buffer
            self._began = buffer.working_index, buffer.cursor_position

    def bindings(self) -> KeyBindings:
        """The keys."""
        keys = KeyBindings()

        @keys.add("enter", filter=is_searching)
        def _(event: KeyPressEvent) -> None:
            accept_search()
            event.current_buffer.validate_and_handle()

        @keys.add("c-c", filter=is_searching)
        @keys.add("c-g", filter=is_searching)
        def _(event: KeyPressEvent) -> None:
            stop_search()
            buffer = event.current_buffer
            buffer.working_index, buffer.cursor_position = self._began

        def go_on_from_what_was_found(event: KeyPressEvent) -> None:
            accept_search()
            event.key_processor.feed_multiple(event.key_sequence, first=True)

        for key in ("left", "right", "home", "end", "c-a", "c-e", "tab"):
            keys.add(key, filter=is_searching)(go_on_from_what_was_found)

        return keys
