"""What a command printed on a terminal, as text that a model can read."""

import pytest

from chatcli.core.printout import MOST, leaves_line_open, text_of
from chatcli.errors import UsageError


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        (b"", ""),
        (b"one\r\ntwo\r\n", "one\ntwo\n"),
        ("größer\tis 👍\r\n".encode(), "größer\tis 👍\n"),
        (b"\x1b[1;31mred\x1b[0m\x1b[K\r\n", "red\n"),
        (b"\x1b]0;title\x07\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\r\n", "link\n"),
        (b"\x1bP1$r0m\x1b\\\x1b(Bplain\x1b=\x07", "plain"),
        (b" 10%\r 50%\r100%\r\ndone\r\n", "100%\ndone\n"),
        (b"dos\r\r\n", "dos\n"),
        (b"N\bNA\bAM\bME\bE _\bo_\bn_\be\r\n", "NAME one\n"),
        (b"abc\b\b\bxyz", "xyz"),
        (b"a\r\n\r\n\r\nb", "a\n\n\nb"),
        (b"\x1b[?1049h\x1b[2J\x1b[Hvim\x1b[?1049l", ""),
    ],
)
def test_what_was_seen_in_the_end_is_the_text(printed, text):
    assert text_of(printed) == text


@pytest.mark.parametrize("printed", [b"\x7fELF\x02\x01\0\0", b"\x89PNG\r\n\x1a\n", b"gr\xf6\xdfer\n"])
def test_what_is_no_text_is_refused(printed):
    with pytest.raises(UsageError, match="What it printed"):
        text_of(printed)


def test_a_flood_is_cut_after_a_whole_line_and_says_so():
    text = text_of(("größer\n".encode() * MOST)[:MOST])
    assert text.endswith("größer\n[cut off after 1,000,000 bytes]\n")
    assert "�" not in text


@pytest.mark.parametrize(
    ("printed", "open_"),
    [
        (b"", False),
        (b"half", True),
        (b"a line\r\n", False),
        (b"\x1b[31mred\r\n\x1b[0m", False),
        (b"one\r\nhalf\x1b[0m", True),
        (b"1049\x1b[?1049l", True),
        (b"status\r\x1b[K", True),
        (b"\xff\xfe", True),
    ],
)
def test_where_the_cursor_was_left(printed, open_):
    assert leaves_line_open(printed) is open_
