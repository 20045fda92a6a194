"""What is drawn: rows of a terminal."""

from typing import NamedTuple


class Row(NamedTuple):
    r"""One line as it is written: ``ansi`` with its escape codes and without a newline, ``cells`` wide.

    It begins and ends in the terminal's default style. Only a line of code may be wider than the screen: the
    terminal wraps it, so that it is copied as one line.
    """

    ansi: str
    cells: int
