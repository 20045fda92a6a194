"""What a terminal can do."""

import os
import pty
import termios

import pytest

from chatcli.terminal.caps import Caps, caps, size


@pytest.mark.parametrize(
    ("environ", "colours"),
    [
        ({"TERM": "xterm"}, "standard"),
        ({"TERM": "linux"}, "standard"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "xterm-kitty"}, "256"),
        ({"TERM": "xterm-direct"}, "truecolor"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, "truecolor"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, None),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, "256"),
    ],
)
def test_a_terminal_has_the_colours_that_its_name_promises(environ, colours):
    assert caps(environ, tty=True, dumb=False, color="auto").colours == colours


@pytest.mark.parametrize(
    ("tty", "dumb"), [(False, False), (True, True)], ids=["no terminal", "dumb terminal"]
)
def test_without_a_terminal_that_understands_there_is_nothing(tty, dumb):
    nothing = Caps(colours=None, attributes=False, hyperlinks=False)
    assert caps({"TERM": "xterm"}, tty=tty, dumb=dumb, color="auto") == nothing


def test_what_the_person_wants_goes_before_what_was_found():
    everywhere = {"TERM": "xterm-256color", "NO_COLOR": "1"}
    assert caps(everywhere, tty=False, dumb=False, color="always").colours == "256"
    assert caps({"TERM": "xterm"}, tty=True, dumb=False, color="never").colours is None


@pytest.mark.parametrize(
    ("tty", "color", "bold"),
    [
        (True, "auto", True),
        (True, "never", True),
        (False, "auto", False),
        (False, "never", False),
        (False, "always", True),
    ],
)
def test_bold_is_for_terminals_and_for_whoever_wants_colours_everywhere(tty, color, bold):
    assert caps({"TERM": "xterm"}, tty=tty, dumb=False, color=color).attributes is bold


@pytest.mark.parametrize(("term", "linked"), [("xterm", True), ("tmux-256color", True), ("linux", False)])
def test_links_lead_somewhere_but_not_on_the_console(term, linked):
    assert caps({"TERM": term}, tty=True, dumb=False, color="never").hyperlinks is linked


@pytest.fixture
def window():
    """A terminal that can be resized."""
    person, program = pty.openpty()
    yield lambda columns, lines: termios.tcsetwinsize(program, (lines, columns)) or program
    os.close(person)
    os.close(program)


def test_the_size_is_that_of_this_moment(window):
    assert size(window(132, 50), {}) == (132, 50)
    assert size(window(40, 12), {}) == (40, 12)


@pytest.mark.parametrize(
    ("columns", "wide"), [("60", 60), ("200", 132), ("", 132), ("0", 132), ("wide", 132), ("-1", 132)]
)
def test_columns_narrows_what_is_drawn_and_never_widens_it(window, columns, wide):
    assert size(window(132, 50), {"COLUMNS": columns}) == (wide, 50)


def test_where_the_size_is_not_known_it_is_the_usual_one_or_what_columns_says(window):
    reader, writer = os.pipe()
    assert size(reader, {}) == (80, 24)
    assert size(reader, {"COLUMNS": "100"}) == (100, 24)
    assert size(window(0, 0), {}) == (80, 24)
    os.close(reader)
    os.close(writer)
