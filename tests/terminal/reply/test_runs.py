"""Runs of text in ink, and how they fold into rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from rich.cells import cell_len, get_character_cell_size
from rich.style import Style

from chatcli.terminal.reply.rows import Row
from chatcli.terminal.reply.runs import _NARROW, BARE, Ink, Inks, Run, chop, flat, fold, fold_on, whole

SIGNS = [*"abcde    -.,(é—中文。「」、ー한글", "👍🏽", "👩\u200d👧", "☺\ufe0f", "e\u0301", "\u00a0"]
TEXTS = some.lists(some.sampled_from(SIGNS), max_size=60).map("".join)


def folded(text, width):
    return [row.ansi for row in fold([Run(text, BARE)], width)]


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("hello world this is a test", 10, ["hello", "world this", "is a test"]),
        ("exactly ten", 11, ["exactly ten"]),
        ("two  blanks stay  where no row ends", 18, ["two  blanks stay", "where no row ends"]),
        ("a word-that-is-too-long here", 8, ["a", "word-tha", "t-is-too", "-long", "here"]),
        ("  indented text", 10, ["  indented", "text"]),
        ("         far", 6, ["far"]),
        ("a caf\u00e9 \u2014 it\u2019s open", 8, ["a caf\u00e9 \u2014", "it\u2019s", "open"]),
        ("", 5, [""]),
        ("    ", 3, [""]),
    ],
)
def test_a_line_is_broken_between_words_and_only_a_long_word_within(text, width, rows):
    assert folded(text, width) == rows


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("中文字符在这里换行", 10, ["中文字符在", "这里换行"]),
        ("中文字符、在这里", 8, ["中文字", "符、在这", "里"]),
        ("他说「你好」吧", 6, ["他说", "「你", "好」吧"]),
        ("日本語 and English", 10, ["日本語 and", "English"]),
        ("한국어 문장은 낱말로", 8, ["한국어", "문장은", "낱말로"]),
        ("👩\u200d👩\u200d👧👍🏽 ok", 4, ["👩\u200d👩\u200d👧👍🏽", "ok"]),
        ("e\u0301e\u0301e\u0301", 2, ["e\u0301e\u0301", "e\u0301"]),
        ("中", 1, ["中"]),
    ],
)
def test_wide_signs_may_part_but_not_from_what_clings_to_them(text, width, rows):
    assert folded(text, width) == rows


@given(TEXTS, some.integers(2, 30))
def test_folding_loses_nothing_but_blanks_and_keeps_to_the_width(text, width):
    rows = fold([Run(text, BARE)], width)
    assert "".join(row.ansi for row in rows).replace(" ", "") == text.replace(" ", "")
    for row in rows:
        assert row.cells == cell_len(row.ansi) <= width
        assert not row.ansi.endswith(" ")


@given(TEXTS, some.integers(2, 30))
def test_chopping_keeps_blanks_too_where_no_row_ends(text, width):
    rows = chop([Run(text, BARE)], width)
    assert "".join(row.ansi for row in rows).replace(" ", "") == text.replace(" ", "")
    assert all(row.cells == cell_len(row.ansi) <= width for row in rows)


@given(some.lists(TEXTS, min_size=1, max_size=5), some.integers(2, 30))
def test_runs_fold_as_their_joined_text_does(texts, width):
    rows = fold([Run(text, Ink("<", ">")) for text in texts], width)
    joined = fold([Run("".join(texts), BARE)], width)
    assert [Row(row.ansi.replace("<", "").replace(">", ""), row.cells) for row in rows] == joined


@given(some.lists(TEXTS, min_size=1, max_size=4), TEXTS, some.integers(2, 30))
def test_a_line_may_be_folded_up_to_its_last_row_and_the_rest_with_what_follows(texts, more, width):
    begun = [Run(text, Ink("<", ">")) for text in (*texts, "end")]
    rows, rest = fold_on(begun, width)
    following = Run(f" {more}", BARE)
    assert rows + fold([*rest, following], width) == fold([*begun, following], width)


def test_each_row_ends_the_ink_that_it_begins():
    bold = Inks(None, hyperlinks=False).of(Style(bold=True))
    rows = fold([Run("one ", BARE), Run("two three", bold), Run(".", BARE)], 8)
    assert rows == [Row("one \x1b[1mtwo\x1b[0m", 7), Row("\x1b[1mthree\x1b[0m.", 6)]


def test_a_whole_row_is_as_wide_as_it_is():
    assert whole([Run("中", BARE), Run("", Ink("<", ">")), Run("x" * 200, BARE)]) == Row(
        "中" + "x" * 200, 202
    )


def test_what_is_measured_by_its_length_takes_one_cell_for_each_character():
    narrow = [chr(code) for code in range(0x10000) if _NARROW.fullmatch(chr(code))]
    assert len(narrow) > 1000
    assert {get_character_cell_size(character) for character in narrow} == {1}


@pytest.mark.parametrize(
    ("colours", "codes"),
    [("truecolor", "1;38;2;130;170;255"), ("256", "1;38;5;111"), ("standard", "1;37"), (None, "1")],
)
def test_a_style_is_written_in_the_colours_that_a_terminal_has(colours, codes):
    ink = Inks(colours, hyperlinks=False).of(Style.parse("bold #82aaff"))
    assert ink == Ink(f"\x1b[{codes}m", "\x1b[0m")


def test_one_style_is_written_in_different_colours_on_different_terminals():
    style = Style.parse("red")
    assert Inks("truecolor", hyperlinks=False).of(style) != Inks(None, hyperlinks=False).of(style) == BARE


def test_a_link_has_the_same_id_wherever_it_stands():
    inks = Inks(None, hyperlinks=True)
    on, off = inks.of(Style.null(), "https://example.org/")
    assert (on, off) == ("\x1b]8;id=ccea97c5;https://example.org/\x1b\\", "\x1b]8;;\x1b\\")
    assert inks.of(Style(bold=True), "https://example.org/") == Ink(on + "\x1b[1m", "\x1b[0m" + off)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,hi",
        "/relative",
        "#anchor",
        "https://",
        "https://example.org/\x1b\\\x1b[31m",
        "https://example.org/\x07",
        "https://example.org/two words",
        "https://example.org/\u00e9",
    ],
)
def test_only_clean_web_and_mail_addresses_become_links(url):
    assert Inks(None, hyperlinks=True).of(Style.null(), url) == BARE


def test_without_hyperlinks_there_are_none():
    assert Inks(None, hyperlinks=False).of(Style.null(), "https://example.org/") == BARE


def test_text_within_a_line_is_safe_and_has_no_newlines():
    assert flat("a\tb\nc\x1b[31m\u202e") == "a b c␛[31m\ufffd"
