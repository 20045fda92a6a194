"""Tables: wide, folded, as records, and long ones that come row by row."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chatcli.terminal.reply.elements import Typesetter
from chatcli.terminal.reply.parser import parse
from chatcli.terminal.reply.pieces import TableBegins, TableEnds, TableRows
from chatcli.terminal.reply.settler import Settler
from chatcli.terminal.reply.tables import _raised
from chatcli.terminal.reply.themes import PLAIN
from tests.documents import chunked

ESCAPES = re.compile(r"\x1b\[[\d;]*m|\x1b\]8;[^\x1b]*\x1b\\")


def typesetter(width):
    return Typesetter(width, PLAIN, colours=None, hyperlinks=False)


def plain(rows):
    return [ESCAPES.sub("", row.ansi) for row in rows]


def drawn(source, width):
    return plain(typesetter(width).set(parse(source)))


def test_columns_are_as_wide_as_their_content_and_aligned():
    source = "| Name | Role | Age |\n|:--|:-:|--:|\n| Ada | a | 36 |\n| Grace Hopper | admiral | 8 |"
    assert drawn(source, 80) == [
        "Name         │  Role   │ Age",
        "─────────────┼─────────┼────",
        "Ada          │    a    │  36",
        "Grace Hopper │ admiral │   8",
    ]


def test_wide_signs_count_as_two():
    assert drawn("| a | b |\n|---|---|\n| 中文 | x |\n| ab | 👍🏽 |", 80) == [
        "a    │ b",
        "─────┼───",
        "中文 │ x",
        "ab   │ 👍🏽",
    ]


WIDE = """
| Option | What it does |
|---|---|
| retries | how often a request is sent again when the server is busy |
| timeout | seconds |
"""


def test_a_table_that_is_too_wide_is_folded_and_its_rows_are_ruled_apart():
    assert drawn(WIDE, 30) == [
        "Option  │ What it does",
        "────────┼─────────────────────",
        "retries │ how often a request",
        "        │ is sent again when",
        "        │ the server is busy",
        "────────┼─────────────────────",
        "timeout │ seconds",
    ]


def test_a_table_that_cannot_be_folded_becomes_records():
    assert drawn(WIDE, 17) == [
        "Option: retries",
        "What it does:",
        "  how often a",
        "  request is sent",
        "  again when the",
        "  server is busy",
        "",
        "Option: timeout",
        "What it does:",
        "  seconds",
    ]


def test_words_are_kept_whole_where_the_columns_leave_room_for_them():
    source = "| a | b |\n|---|---|\n| configuration_file | one two three four five six seven eight |"
    assert drawn(source, 40)[2:] == [
        "configuration_file │ one two three four",
        "                   │ five six seven",
        "                   │ eight",
    ]


def test_a_word_wider_than_its_column_is_broken_and_never_cut():
    source = f"| a | b |\n|---|---|\n| {'x' * 50} | {'y' * 50} |"
    rows = drawn(source, 40)
    assert "".join(rows).count("x") == "".join(rows).count("y") == 50
    assert max(map(len, rows)) <= 40


@pytest.mark.parametrize(
    ("source", "rows"),
    [
        ("| a | b |\n|---|---|", ["a │ b", "──┼──"]),
        ("| a |\n|---|\n| |\n| x |", ["a", "─", "", "x"]),
        ("| a | b |\n|---|---|\n| | x |\n| y | |", ["a │ b", "──┼──", "  │ x", "y │"]),
        ("| a |\n|---|\n| one<br>two |", ["a", "───", "one", "two"]),
        ("| a | b |\n|---|---|\n| x | y | z |", ["a │ b", "──┼──────", "x │ y | z"]),
        ("| a | b |\n|---|---|\n| `x | y` | z |", ["a     │ b", "──────┼──", "x | y │ z"]),
        ("> | a |\n> |---|\n> | x |", ["▌ a", "▌ ─", "▌ x"]),
    ],
)
def test_what_a_table_can_look_like(source, rows):
    assert drawn(source, 80) == rows


def test_records_without_rows_still_name_the_columns():
    source = "| " + " | ".join(f"column{n}" for n in range(9)) + " |\n" + "|---" * 9 + "|"
    assert drawn(source, 30) == [f"column{n}:" for n in range(9)]


def test_a_long_table_keeps_the_widths_that_it_began_with():
    head = "| a | b |\n|---|---|\n"
    first, more = parse(head + "| one | two |\n"), parse(head + "| three | 4 |\n| 5 | seventeen |\n")
    page = typesetter(80)
    page.set(parse("Before.\n"))
    assert plain(page.set([TableBegins(first[0].tokens)])) == ["", "a   │ b", "────┼────", "one │ two"]
    assert plain(page.preview([TableRows(more[0].tokens)])) == plain(page.set([TableRows(more[0].tokens)]))
    assert plain(page.set([TableRows(more[0].tokens), TableEnds(), *parse("After.\n")])) == [
        "thr │ 4",
        "ee  │",
        "5   │ sev",
        "    │ ent",
        "    │ een",
        "",
        "After.",
    ]


def test_a_long_table_that_comes_in_pieces_loses_no_cell():
    rows = "".join(f"| `{n} | x` | y | z{n} |\n" for n in range(300))
    settler, page, seen = Settler(), typesetter(80), []
    for chunk in chunked("| a | b |\n|---|---|\n" + rows, 1, 40):
        settler.feed(chunk)
        page.preview(settler.tail())
        seen += page.set(settler.take())
    seen += page.set(settler.finish())
    assert [line.split(" │ ") for line in plain(seen)[2:] if "─" not in line] == [
        [f"{n} | x".ljust(7), f"y | z{n}"] for n in range(300)
    ]


def test_a_long_table_of_records_goes_on_with_records():
    page = typesetter(17)
    page.set([TableBegins(parse(WIDE)[0].tokens)])
    assert plain(page.set([TableRows(parse(WIDE)[0].tokens)]))[:3] == ["", "Option: retries", "What it does:"]


def test_a_screen_that_becomes_narrower_ends_the_frozen_widths():
    page = typesetter(80)
    page.set([TableBegins(parse(WIDE)[0].tokens)])
    page.width = 30
    assert all(row.cells <= 30 for row in page.set([TableRows(parse(WIDE)[0].tokens)]))


@given(
    some.lists(some.tuples(some.integers(0, 9), some.integers(0, 60)), min_size=1, max_size=6), some.data()
)
def test_widths_fill_the_room_as_far_as_they_can(columns, data):
    least = [low for low, _ in columns]
    most = [max(pair) for pair in columns]
    room = data.draw(some.integers(sum(least), 200))
    widths = _raised(least, most, room)
    assert all(low <= width <= high for low, width, high in zip(least, widths, most, strict=True))
    assert sum(widths) == min(room, sum(most))
