"""The Markdown that a reply is read as: what is on, what is off, and what is ours."""

import pytest

from chatcli.terminal.reply.parser import parse


def tokens(text):
    (piece,) = parse(text)
    return piece.tokens


def types(text):
    return [token.type for token in tokens(text) if token.nesting >= 0 and token.type != "inline"]


def inline(text):
    """The inline tokens of a text that is one block: types, and content where there is any."""
    (block,) = [token for token in tokens(text) if token.type == "inline"]
    return [child.content or child.type for child in block.children]


def spaced(text):
    """The types of the blocks with a blank line before them."""
    return [token.type for token in tokens(text) if token.meta.get("spaced")]


def test_tables_and_strikethrough_are_read():
    assert types("| a |\n|---|\n") == ["table_open", "thead_open", "tr_open", "th_open"]
    assert inline("~~gone~~") == ["s_open", "gone", "s_close"]


@pytest.mark.parametrize("text", ["Vec<String>", "a <b>c</b>", "a </kbd>", "x <!-- y --> z"])
def test_html_within_text_is_text(text):
    assert inline(text) == [text]


def test_a_block_of_html_is_kept_as_it_is():
    (block,) = tokens("<div>\n  <T>\n</div>\n")

    assert (block.type, block.content) == ("html_block", "<div>\n  <T>\n</div>\n")


@pytest.mark.parametrize(
    "math",
    [
        r"$a*b*c$",
        r"$x_1 + x_2_$",
        r"$$a*b*c$$",
        r"\(a_1_\)",
        r"\[a*b*c\]",
        r"$\frac{a}{b}$",
        r"$a\$b$",
        "$x$",
    ],
)
def test_math_stays_as_it_was_written(math):
    assert inline(f"so {math}, *then*") == [f"so {math}, ", "em_open", "then", "em_close"]


def test_math_over_two_lines_keeps_its_lines():
    assert inline("$$a\n  *b*$$") == ["$$a", "softbreak", "*b*$$"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("from $5 *to* $10", ["from $5 ", "em_open", "to", "em_close", " $10"]),
        ("$5 *or* 10$", ["$5 *or* 10$"]),
        ("a $ *b* $ c", ["a $ ", "em_open", "b", "em_close", " $ c"]),
        (r"\$a *b* c$", ["$a ", "em_open", "b", "em_close", " c$"]),
        ("`$` *b* $c", ["$", " ", "em_open", "b", "em_close", " $c"]),
        (r"\\(a *b*", ["\\(a ", "em_open", "b", "em_close"]),
    ],
)
def test_money_is_not_math(text, read):
    assert inline(text) == read


@pytest.mark.parametrize(("begins", "ends"), [("$$", "$$"), (r"\[", r"\]")])
def test_a_block_of_math_ends_at_its_mark_or_at_a_blank_line(begins, ends):
    whole = f"{begins}\na*b*c\n# x\n{ends}\n"

    assert [token.content for token in tokens(f"text\n{whole}text\n") if token.type == "math_block"] == [
        whole
    ]
    assert types(f"{begins}\nx\n\n# y\n") == ["math_block", "heading_open"]
    assert types(f"- {begins}\n  x\n  {ends}\n- y\n").count("list_item_open") == 2


def test_definitions_are_shown_and_known_to_all_of_the_text():
    definition, *_ = tokens("[a]: /url 'title'\n")

    assert (definition.type, definition.meta["label"], definition.meta["url"]) == ("definition", "a", "/url")
    assert inline("[a]\n\n[a]: /url\n") == ["link_open", "a", "link_close"]


def test_the_first_definition_of_a_label_counts():
    (block,) = [token for token in tokens("[a]\n\n[a]: /one\n[A]: /two\n") if token.type == "inline"]

    assert block.children[0].attrs["href"] == "/one"


@pytest.mark.parametrize("head", ["# a | b", "> a | b", "- a | b", "1. a | b", "``` a | b", "<div> a | b"])
def test_what_begins_something_else_is_not_the_head_of_a_table(head):
    assert "table_open" not in types(f"{head}\n--- | ---\n")


def row(line, columns=2):
    """What is in the cells of this row of a table."""
    head = "| a " * columns + "|\n" + "|---" * columns + "|\n"
    return [token.content for token in tokens(head + line) if token.type == "inline"][columns:]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("| `ls | wc -l` | counts the files |", ["`ls | wc -l`", "counts the files"]),
        ("| or | `a || b` |", ["or", "`a || b`"]),
        ("`a|b` | x", ["`a|b`", "x"]),
        ("| ``a ` | b`` | x |", ["``a ` | b``", "x"]),
        (r"| `a | b \| c` | x |", ["`a | b | c`", "x"]),
        ("| $|x|$ | the norm |", ["$|x|$", "the norm"]),
        ("| `x|y` | b | |", ["`x|y`", "b"]),
    ],
)
def test_a_border_within_code_or_math_is_none_where_the_row_would_have_too_many_cells(line, cells):
    assert row(line) == cells


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("| 1 | 2 | 3 | 4 |", ["1", "2 | 3 | 4"]),
        ("| or | a || b |", ["or", "a || b"]),
        (r"| 1 | 2 \| 3 | 4", ["1", "2 | 3 | 4"]),
        ("| 1 | `2|3` | 4 |", ["1", "`2|3` | 4"]),
        ("| `1 | 2` |  |", ["`1 | 2`", ""]),
        ("| tick ` | tick ` | x |", ["tick ` | tick `", "x"]),
        ("| 1 ` | ` |", ["1 `", "`"]),
        ("| 1 | 2 | | |", ["1", "2"]),
        ("| 1 | 2 ||", ["1", "2"]),
        ("| 1 | | 3 |", ["1", "| 3"]),
        ("| 1 |", ["1", ""]),
        ("1", ["1", ""]),
    ],
)
def test_cells_beyond_the_last_column_are_joined_to_it(line, cells):
    assert row(line) == cells


def test_code_that_would_leave_too_few_cells_is_torn_at_its_borders():
    assert row("| ` | 2 | 3 | ` |", columns=3) == ["`", "2", "3 | `"]


def test_a_row_keeps_its_words_wherever_the_table_stands():
    assert "counts" in text_of("> - | a | b |\n>   |---|---|\n>   | `ls | wc` | counts |\n")


def test_a_block_says_whether_a_blank_line_comes_before_it():
    assert spaced("a\n# b\n\nc\n") == ["paragraph_open"]
    assert spaced("\n\na\n") == ["paragraph_open"]
    assert spaced("```\n\n```\n***\n\n***\n") == ["hr"]


def test_spacing_is_said_at_every_depth():
    assert spaced("- a\n- b\n\n- c\n\n  d\n") == ["list_item_open", "paragraph_open"]
    assert spaced("> a\n>\n> - b\n") == ["bullet_list_open"]
    assert spaced("- a\n\n  > b\n  >\n  > c\n") == ["blockquote_open", "paragraph_open"]


def test_control_characters_are_made_visible():
    assert inline("\x1b[31mred\x07") == ["␛[31mred␇"]
    assert inline("a\r\nb") == ["a", "softbreak", "b"]


def text_of(text):
    return " ".join(token.content for token in tokens(text))


@pytest.mark.parametrize("nest", ["> ", "- ", "1. ", "> - "])
def test_what_is_nested_too_deeply_is_text(nest):
    assert "the end" in text_of(nest * 60 + "the end")
    assert "the end" in text_of("".join("  " * depth + "- item\n" for depth in range(60)) + "\nthe end")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(">" * 10_000 + "x", id="quotes"),
        pytest.param("[" * 10_000, id="brackets"),
        pytest.param("[a](" * 10_000, id="links"),
        pytest.param("![" * 10_000, id="images"),
        pytest.param("*a " * 33_000, id="stars"),
        pytest.param("*a_ " * 10_000, id="stars and underscores"),
        pytest.param("$x " * 33_000, id="dollars"),
        pytest.param("\\(x " * 25_000, id="tex"),
        pytest.param("".join("`" * length + " " for length in range(400)), id="ticks"),
        pytest.param("<a " * 30_000, id="tags"),
        pytest.param("|" * 50_000 + "\n" + "|-" * 50_000, id="borders"),
        pytest.param("|a|\n|-|\n" + "|" * 50_000, id="cells"),
        pytest.param("|a|\n|-|\n|" + "|".join("`" * length for length in range(400)), id="cells of ticks"),
        pytest.param("|a|\n|-|\n" + "|$x " * 10_000, id="cells of dollars"),
        pytest.param("- " * 5_000, id="items"),
        pytest.param("word " * 20_000, id="one line"),
        pytest.param("</kbd>\ud800[red]", id="odd ones"),
    ],
)
def test_no_text_is_too_much(text):
    assert parse(text)
