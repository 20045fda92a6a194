"""Frames on an emulated terminal: whatever comes, the screen and what has scrolled off it say it once."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcli.terminal.reply.painter import Painter
from chatcli.terminal.reply.rows import Row
from tests.window import PROMPT, Window


def width_of(text):
    return sum(2 if char in "漢字" else 1 for char in text)


def row(text):
    return Row(f"\x1b[1m{text}\x1b[0m" if text else "", width_of(text))


def rows(*texts):
    return [row(text) for text in texts]


def wrapped(text, columns):
    """The lines into which a terminal breaks a row."""
    lines, line = [], ""
    for char in text:
        if width_of(line) >= columns:
            lines.append(line)
            line = ""
        line += char
    return [*lines, line]


@pytest.fixture
def window():
    return Window(20, 10)


@st.composite
def replies(draw):
    """A window's size, and frames for it: rows that are finished, and rows that are live."""
    columns, lines = draw(st.integers(4, 20)), draw(st.integers(1, 14))
    letters = st.text("abc漢字", max_size=columns)
    exact = st.integers(0, columns // 2).map(lambda wide: "字" * wide + "x" * (columns - 2 * wide))
    code = st.text("abcxyz字", min_size=columns, max_size=5 * columns)
    fitting = letters.map(lambda text: next(t for t in prefixes(text) if width_of(t) <= columns)) | exact
    frame = st.tuples(
        st.lists(fitting | code, max_size=4), st.lists(fitting, max_size=2 * lines), st.booleans()
    )
    return columns, lines, draw(st.lists(frame, max_size=12))


def prefixes(text):
    return reversed(list(accumulate(text, initial="")))


def stripped(texts):
    """Without the empty lines at the end, which nobody sees."""
    texts = list(texts)
    while texts and not texts[-1]:
        texts.pop()
    return texts


@given(replies())
def test_after_every_frame_the_terminal_shows_what_is_finished_and_what_is_live_and_nothing_else(reply):
    columns, lines, frames = reply
    window = Window(columns, lines)
    finished = [PROMPT[:columns]]
    for committed, live, whole in frames:
        written = len(window.writes)
        window.painter.frame(rows(*committed), rows(*live), whole=whole)
        finished += [line for text in committed for line in wrapped(text, columns)]
        shown = live[-window.most_live :]
        assert window.lines == stripped([*finished, *shown])
        assert window.place == (0, len(finished))
        assert window.wraps
        assert len(window.writes) - written <= 1


@given(replies())
def test_a_frame_that_changes_nothing_writes_nothing(reply):
    columns, lines, frames = reply
    window = Window(columns, lines)
    for committed, live, _ in frames:
        window.painter.frame(rows(*committed), rows(*live))
        written = len(window.writes)
        window.painter.frame([], rows(*live))
        assert len(window.writes) == written


@given(
    st.lists(
        st.tuples(
            st.integers(20, 40),
            st.integers(0, 3),
            st.lists(st.text("abc字", max_size=10), max_size=3),
            st.lists(st.text("xyz漢", max_size=10), max_size=8),
        ),
        max_size=8,
    )
)
def test_a_resize_between_two_frames_loses_nothing_and_doubles_nothing(frames):
    window = Window(30, 6)
    lines = 6
    finished = [PROMPT]
    for columns, more, committed, live in frames:
        lines += more
        window.resize(columns, lines)
        window.painter.frame(rows(*committed), rows(*live, "x" * 20))
        finished += committed
        assert window.lines == stripped([*finished, *[*live, "x" * 20][-window.most_live :]])


def test_of_wide_rows_fewer_are_live_so_that_none_is_pushed_off_the_screen_when_a_resize_wraps_them():
    window = Window(80, 24)
    live = rows(*(letter * 80 for letter in "abcdefghij"))
    window.painter.frame([], live)
    assert window.below == [letter * 80 for letter in "efghij"]
    window.painter.frame([], rows(*(letter * 40 for letter in "abcdefghij")))
    assert window.below == [letter * 40 for letter in "abcdefghij"]
    window.painter.frame(rows(*["done"] * 30), live)
    assert window.below[30:] == [letter * 80 for letter in "abcdefghij"]


def test_what_a_resize_has_pushed_off_the_screen_does_not_stand_above_any_more():
    window = Window(80, 24)
    window.painter.frame([], rows("a" * 80, "b" * 80))
    window.resize(40, 24)
    window.painter.frame([], rows(*(letter * 40 for letter in "abcdef")))
    assert window.below == [letter * 40 for letter in "cdef"]


def test_what_a_resize_made_of_the_live_rows_is_drawn_over(window):
    window.painter.frame(rows("done"), rows("one", "two"))
    window.somebody_writes("on\r\ne\r\ntw\r\no\x1b[3A")  # as terminals do that fold long lines anew
    window.resize(19, 10)
    window.painter.frame([], rows("one", "two"))
    assert window.below == ["done", "one", "two"]


def test_a_frame_is_held_back_by_the_terminal_until_it_is_whole(window):
    window.painter.frame(rows("one"), rows("two"))
    window.painter.frame([], rows("three"))
    assert [text.startswith("\x1b[?2026h") and text.endswith("\x1b[?2026l") for text in window.writes] == [
        True,
        True,
    ]


def test_of_rows_that_change_only_those_are_written(window):
    window.painter.frame([], rows("one", "two", "three"))
    window.painter.frame([], rows("one", "TWO", "three", "four"))
    assert window.below == ["one", "TWO", "three", "four"]
    assert "TWO" in window.writes[-1]
    assert "one" not in window.writes[-1]
    assert "three" not in window.writes[-1]


def test_a_long_line_of_code_is_wrapped_by_the_terminal_over_what_was_live(window):
    window.painter.frame([], rows("x" * 20, "y" * 20, "z" * 20))
    window.painter.frame(rows("print('a long line of code')"), rows("next"))
    assert window.below == ["print('a long line o", "f code')", "next"]


def test_a_live_row_wider_than_it_was_said_to_be_is_clipped_and_moves_nothing(window):
    window.painter.frame(rows("done"), [Row("wider than anyone thought", 5), Row("last", 4)])
    window.painter.frame([], rows("short", "last"))
    assert window.below == ["done", "short", "last"]


def test_drawing_the_whole_mends_what_others_wrote_into_it(window):
    window.painter.frame(rows("done"), rows("one", "x" * 20))
    window.somebody_writes("Broadcast message!\r\nGoing down now.\r\n\nSoon.\x1b[3A\r")
    window.painter.frame([], rows("one", "x" * 20), whole=True)
    assert window.below == ["done", "one", "x" * 20]


def test_others_may_write_whole_lines_once_the_live_rows_are_lifted(window):
    window.painter.frame(rows("done"), rows("live", "too"))
    window.painter.lift()
    assert window.below == ["done"]
    window.somebody_writes("an aside\r\n")
    window.painter.frame([], rows("live", "too"))
    assert window.below == ["done", "an aside", "live", "too"]


def test_the_cursor_is_hidden_while_frames_are_drawn_and_back_when_it_is_closed(window):
    assert window.cursor_shown
    window.painter.frame(rows("done"), rows("live"))
    assert not window.cursor_shown
    window.painter.lift()
    assert not window.cursor_shown
    window.painter.close()
    assert (window.cursor_shown, window.wraps, window.below) == (True, True, ["done"])


def test_closing_takes_the_live_rows_away_and_a_frame_may_come_again(window):
    window.painter.frame(rows("done"), rows("live"))
    window.painter.close()
    window.somebody_writes("[1]+  Stopped\r\n")
    window.painter.frame([], rows("live"))
    assert (window.cursor_shown, window.below) == (False, ["done", "[1]+  Stopped", "live"])


def test_what_was_never_begun_or_is_closed_already_is_closed_without_a_word(window):
    window.painter.close()
    window.painter.frame([], [])
    assert window.writes == []
    window.painter.frame([], rows("live"))
    window.painter.close()
    written = len(window.writes)
    window.painter.close()
    assert len(window.writes) == written


def test_it_can_be_closed_when_the_terminal_is_gone():
    gone = False

    def write(_text):
        if gone:
            raise OSError(5, "Input/output error")

    painter = Painter(write, 20, 10)
    painter.frame([], rows("live"))
    gone = True
    painter.close()
