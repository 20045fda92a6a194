"""Text in the columns of a terminal."""

import pytest

from chatcli.terminal.columns import width, wrapped


@pytest.mark.parametrize(
    ("text", "columns"),
    [("", 0), ("abc", 3), ("漢字", 4), ("e\u0301a", 2), ("…·", 2), ("\x1b[1mab\x1b[22m", 2)],
)
def test_a_text_is_as_wide_as_it_is_drawn(text, columns):
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "columns", "rows"),
    [
        ("", 40, [""]),
        ("short enough", 40, ["short enough"]),
        ("exactly so", 10, ["exactly so"]),
        ("one two three four", 9, ["one two", "three", "four"]),
        ("two\nlines that are long", 12, ["two", "lines that", "are long"]),
        ("  indented and too long", 30, ["  indented and too long"]),
        ("  the hint is longer than this", 25, ["  the hint is longer than", "  this"]),
        ("漢字 漢字 漢字", 9, ["漢字 漢字", "漢字"]),
        (
            "  /help   list the commands, or explain one",
            34,
            ["  /help   list the commands, or", "          explain one"],
        ),
        (
            "  /compact                        have the model condense it",
            40,
            ["  /compact                        have", "    the model condense it"],
        ),
        (
            "see https://example.com/a/very/long/address now",
            20,
            ["see", "https://example.com/a/very/long/address", "now"],
        ),
        (
            "endpoint  https://example.com/a/very/long/address (--base-url)",
            30,
            ["endpoint  https://example.com/a/very/long/address", "          (--base-url)"],
        ),
        (
            "a\ttab, and more than fits behind it",
            28,
            ["a       tab, and more than", "        fits behind it"],
        ),
    ],
)
def test_lines_break_between_words_and_what_is_broken_off_stands_below_its_column(text, columns, rows):
    assert wrapped(text, columns) == "\n".join(rows)
