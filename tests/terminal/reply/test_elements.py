"""Blocks of Markdown as rows."""

import os
import re
from pathlib import Path

import pytest

from chatcli.terminal.reply.elements import Typesetter
from chatcli.terminal.reply.parser import parse
from chatcli.terminal.reply.pieces import Blocks, CodeBegins, CodeEnds, CodeLines, Verbatim
from chatcli.terminal.reply.rows import Row
from chatcli.terminal.reply.settler import Settler
from chatcli.terminal.reply.themes import DARK, LIGHT, PLAIN
from tests.documents import COMMONMARK, GFM_TABLES, chunked, concatenations, fuzz, reply_like

ESCAPES = re.compile(r"\x1b\[[\d;]*m|\x1b\]8;[^\x1b]*\x1b\\")


def typesetter(width=80):
    return Typesetter(width, PLAIN, colours=None, hyperlinks=False)


def plain(rows):
    return [ESCAPES.sub("", row.ansi) for row in rows]


def drawn(source, width=80):
    return plain(typesetter(width).set(parse(source)))


@pytest.mark.parametrize(
    ("source", "rows"),
    [
        ("one\n\ntwo\n", ["one", "", "two"]),
        ("# One\ntext\n\n\n\n## Two ##\n", ["One", "", "text", "", "Two"]),
        ("Title\n=====\n***\ntext", ["Title", "", "─" * 80, "", "text"]),
        ("- a\n- b\n\n  c\n- d\n", ["• a", "• b", "", "  c", "• d"]),
        ("text\n- a\n", ["text", "• a"]),
        ("text\n\n- a\n", ["text", "", "• a"]),
        ("- a\n\n- b\n", ["• a", "", "• b"]),
        ("- a\n  - b\n    - c\n      - d\n", ["• a", "  ◦ b", "    ▪ c", "      ▪ d"]),
        ("- - a\n  - b\n", ["• ◦ a", "  ◦ b"]),
        ("-\n- a\n-", ["•", "• a", "•"]),
        ("9. a\n10. b\n", [" 9. a", "10. b"]),
        ("99) a\n100) b\n\n     c\n", ["99) a", "100) b", "", "     c"]),
        ("1. a\n   - b\n", [" 1. a", "    • b"]),
        ("- [ ] a\n- [x] b\n- [X] `c`\n- [y] d\n", ["☐ a", "☑ b", "☑ c", "• [y] d"]),
        ("1. [ ] a\n", [" 1. ☐ a"]),
        ("> a\n>\n> b\nc\n", ["▌ a", "▌", "▌ b", "▌ c"]),
        ("> - a\n>\n>   b\n> > c\n", ["▌ • a", "▌", "▌   b", "▌ ▌ c"]),
        ("- > a\n  > b\n", ["• ▌ a", "  ▌ b"]),
        ("- >\n", ["• ▌"]),
        ("> a\n\n> b\n", ["▌ a", "", "▌ b"]),
        ("```py\nx = 1\n\n```\n", ["py", "x = 1", ""]),
        ("```\n\ta\n  \tb\n```\n", ["    a", "    b"]),
        ("```\n```\n\na\n", ["a"]),
        ("a\n```\n```\nb\n", ["a", "", "b"]),
        ("    x = 1\n\n    y\n", ["x = 1", "", "y"]),
        ("- a\n  ```py\n  x\n  ```\n", ["• a", "  py", "  x"]),
        ("- ```\n  x\n  ```\n", ["• x"]),
        ("<div>\n  <b>hi</b>\n</div>\n", ["<div>", "  <b>hi</b>", "</div>"]),
        ("$$\na * b * c\n$$\n", ["$$", "a * b * c", "$$"]),
        ('[a]: /url\n[b]: <u v> "title"\n\n[c]: /c\n', ["[a]: /url", '[b]: u%20v "title"', "[c]: /c"]),
        ("Vec<String> <T> </kbd> [red]x[/red]", ["Vec<String> <T> </kbd> [red]x[/red]"]),
        ("a\nb  \nc", ["a", "b", "c"]),
        ("", []),
        ("\n\n", []),
    ],
)
def test_what_a_block_looks_like(source, rows):
    assert drawn(source) == rows


def test_what_is_folded_stays_within_its_margin():
    assert drawn("- one two three four\n  > five six seven\n", 14) == [
        "• one two",
        "  three four",
        "  ▌ five six",
        "  ▌ seven",
    ]


def test_a_line_of_code_is_left_whole_for_the_terminal_to_wrap():
    assert typesetter(10).set(parse("```\n" + "x" * 25 + "\n```\n")) == [Row("x" * 25, 25)]


def test_a_line_of_code_within_a_list_or_a_quote_is_left_whole_behind_its_margin():
    assert drawn("- a\n\n  ```\n  " + "x" * 12 + "\n  ```\n", 10) == ["• a", "", "  " + "x" * 12]
    assert typesetter(10).set(parse("> ```\n> " + "x" * 25 + "\n> ```\n"))[0].cells == 27


def test_a_line_of_code_is_folded_while_it_may_still_change():
    page = typesetter(10)
    in_a_list = parse("- ```\n  " + "x" * 12 + "\n  ```\n")
    assert plain(page.preview(in_a_list)) == ["• xxxxxxxx", "  xxxx"]
    page.set([CodeBegins("", spaced=False)])
    assert plain(page.preview([CodeLines(["x" * 25])])) == ["x" * 10, "x" * 10, "x" * 5]


def test_a_list_goes_on_in_a_later_piece():
    page = typesetter()
    [blocks] = parse("1. one\n\n2. two\n3. three\n")
    closing = [token.type for token in blocks.tokens].index("list_item_close")
    opening, end = blocks.tokens[0], blocks.tokens[-1]
    later = opening.copy(meta={**opening.meta, "continued": True}, attrs={"start": 2})
    first = page.set([Blocks([*blocks.tokens[: closing + 1], end])])
    rest = page.set([Blocks([later, *blocks.tokens[closing + 1 :]])])
    assert plain(first) == [" 1. one"]
    assert plain(rest) == ["", " 2. two", " 3. three"]


def test_a_fence_goes_on_in_later_pieces_with_its_colours():
    page = Typesetter(80, DARK, colours="truecolor", hyperlinks=False)
    whole = Typesetter(80, DARK, colours="truecolor", hyperlinks=False)
    rows = page.set([CodeBegins("python", spaced=False)])
    rows += page.set([CodeLines(['"""one'])])
    rows += page.set([CodeLines(["two", '"""'])])
    rows += page.set([CodeLines(["x = 1"]), CodeEnds()])
    assert rows == whole.set(parse('```python\n"""one\ntwo\n"""\nx = 1\n```\n'))


def test_a_preview_leaves_no_trace():
    page = typesetter()
    page.set([CodeBegins("python", spaced=False), CodeLines(['"""one'])])
    seen = page.preview([CodeLines(['two"""', "x"]), CodeEnds(), *parse("# After\n")])
    assert seen == page.preview([CodeLines(['two"""', "x"]), CodeEnds(), *parse("# After\n")])
    assert seen == page.set([CodeLines(['two"""', "x"]), CodeEnds(), *parse("# After\n")])


def test_source_that_is_too_long_to_be_parsed_is_shown_as_it_is():
    assert plain(typesetter(12).preview([Verbatim("**one** two\n\n  three four\n")])) == [
        "**one** two",
        "",
        "  three four",
    ]


def test_the_width_may_change_between_pieces():
    page = typesetter(40)
    assert plain(page.set(parse("one two three\n"))) == ["one two three"]
    page.width = 8
    assert plain(page.set(parse("one two three\n"))) == ["", "one two", "three"]


def test_deep_nesting_leaves_room_for_the_text():
    rows = typesetter(20).set(parse("> " * 18 + "word after word\n"))
    assert plain(rows) == ["▌ " * 6 + "word", "▌ " * 6 + "after", "▌ " * 6 + "word"]


def test_a_marker_without_room_beside_it_stands_alone():
    rows = drawn("- a\n  - b\n    - c\n      - d\n        - five six seven\n", 15)
    assert rows == [
        "• a",
        "  ◦ b",
        "    ▪ c",
        "      ▪",
        "      d",
        "      ▪",
        "      five six",
        "      seven",
    ]


HOSTILE = [
    "> " * 10_000 + "x",
    ">" * 10_000,
    "- " * 5_000 + "x",
    "[" * 10_000,
    "*a " * 5_000,
    "`" * 10_000,
    "x" * 50_000,
    "中" * 20_000,
    "e" + "\u0301" * 10_000,
    "\u200d" * 1_000,
    "\ufe0f" * 1_000 + "\u200d",
    "| a |\n|---|\n" + "| b |\n" * 1_000,
    "|" + " a |" * 500 + "\n|" + "---|" * 500,
    "</kbd>\n\n[red]\n\n<script>\nalert()\n</script>",
    "\x1b[2J\x1b]0;title\x07\x9b31m\x00\u202e",
    "&#27;]0;x&#7; &#x9b;2J &#8238; &#10; &#9; &Tab; &NewLine;",
    "```&#27;]0;x&#7;\n\x1b[2J\n```",
    "[x](<http://e.org/&#27;\\&#27;[2J>)",
    "[x](http://e.org/%1b%07)",
    "![&#27;[2J](<&#27;[2J>)",
    '[x]: <&#27;[2J> "&#27;[2J"',
    "1234567890. x\n\n999999999. y\n1. z",
]


@pytest.mark.parametrize("source", HOSTILE, ids=lambda source: repr(source[:20]))
@pytest.mark.parametrize("width", [1, 7, 80])
def test_nothing_breaks_the_screen(source, width):
    rows = Typesetter(width, DARK, colours="truecolor", hyperlinks=True).set(parse(source))
    for text in plain(rows):
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def test_what_could_steer_the_terminal_is_shown_instead():
    source = (
        "a \x1b[31mred\x07 \u202eb &#x9b;c\n\n[x](<http://e.org/\x1b]8;;>)\n\n"
        "```sh \x1b[5m\necho \x1b[2J\n```\n\n| \x1b[1m |\n|---|\n| [bold]x[/bold] |\n"
    )
    assert drawn(source) == [
        "a ␛[31mred␇ \ufffdb \ufffdc",
        "",
        "x (http://e.org/%E2%90%9B%5D8;;)",
        "",
        "sh ␛[5m",
        "echo ␛[2J",
        "",
        "␛[1m",
        "──────────────",
        "[bold]x[/bold]",
    ]


def documents(count):
    yield from COMMONMARK
    yield from GFM_TABLES
    yield from concatenations(7, count)
    yield from (fuzz(seed) for seed in range(count))
    yield from (reply_like(seed, 3_000) for seed in range(5))


@pytest.mark.parametrize("width", [3, 10, 20, 57, 120])
def test_rows_are_as_wide_as_they_say_and_no_wider_than_the_screen(width):
    for document in documents(40):
        code = re.search(r"```|~~~|^ {4}|\t", document, re.MULTILINE)
        for row in typesetter(width).set(parse(document)):
            assert row.cells <= width or code or width < 8, document
            assert not row.ansi.endswith(" "), document


@pytest.mark.parametrize("width", [20, 31, 80, 120])
def test_rows_do_not_depend_on_how_the_pieces_come(width):
    for seed, document in enumerate(documents(40)):
        settler, pieces, rows = Settler(), [], []
        page = Typesetter(width, DARK, colours="truecolor", hyperlinks=True)
        for chunk in chunked(document, seed, 40):
            settler.feed(chunk)
            page.preview(settler.tail())
            pieces += (taken := settler.take())
            rows += page.set(taken)
        pieces += (taken := settler.finish())
        rows += page.set(taken)
        assert rows == Typesetter(width, DARK, colours="truecolor", hyperlinks=True).set(pieces), document


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_every_word_is_on_the_screen(width):
    for seed in range(12):
        source = reply_like(seed, 5_000)
        rows = drawn(source, width)
        text = "\n".join(rows) + "".join(row.strip(" ▌") for row in rows)
        words = set(
            re.findall(r"(?<![^\s*`])[^\W\d_]{1,8}(?![^\s*`.,:])", re.sub(r"\]\([^)]*\)", "]", source))
        )
        assert len(words) > 20
        assert {word for word in words if word not in text} == set()


GOLDEN = Path(__file__).parent.parent.parent / "golden/replies"
THEMES = {"dark": (DARK, "truecolor", True), "light": (LIGHT, "256", True), "none": (PLAIN, None, False)}


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.md")), ids=lambda path: path.stem)
def test_replies_look_as_they_did(path):
    """With CHATCLI_GOLDEN=1 the looks are written anew: then read them."""
    source = path.read_text(encoding="utf-8")
    sections = []
    for width in (40, 80, 120):
        for name, (theme, colours, hyperlinks) in THEMES.items():
            rows = Typesetter(width, theme, colours=colours, hyperlinks=hyperlinks).set(parse(source))
            lines = [row.ansi.replace("\x1b\\", "⎋\\").replace("\x1b", "⎋") for row in rows]
            sections.append("\n".join([f"════ {width} columns, {name} ════", *lines]) + "\n")
    looks = "\n".join(sections)
    golden = path.with_suffix(".txt")
    if os.environ.get("CHATCLI_GOLDEN"):
        golden.write_text(looks, encoding="utf-8")
    assert looks == golden.read_text(encoding="utf-8")
