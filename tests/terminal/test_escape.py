"""Untrusted text cannot steer a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcli.terminal.escape import clean, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("\x1b[31mred", "␛[31mred"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("a\rb", "a␍b"),
        ("a\r\nb", "a\nb"),
        ("a\x00b", "a␀b"),
        ("del\x7f", "del␡"),
        ("c1 \x9b31m", "c1 \ufffd31m"),
        ("bidi \u202e evil", "bidi \ufffd evil"),
        ("Ünïcode ✓ 日本 👩‍👩‍👧", "Ünïcode ✓ 日本 👩‍👩‍👧"),
    ],
)
def test_what_could_steer_a_terminal_is_shown_instead(text, shown):
    assert clean(text) == shown


@given(st.text())
def test_nothing_that_comes_out_steers(text):
    assert not any(ord(char) < 0x20 and char not in "\n\t" for char in clean(text))
    assert not any(0x7F <= ord(char) < 0xA0 for char in clean(text))


def test_a_line_is_one_line():
    assert one_line(" two\n lines\x1b ") == "two lines␛"
