"""Emphasis, code, links and images within a line."""

import pytest
from rich.style import Style

from chatcli.terminal.reply.inline import Inline
from chatcli.terminal.reply.parser import parse
from chatcli.terminal.reply.runs import Inks, whole
from chatcli.terminal.reply.themes import PLAIN


def drawn(source, *, hyperlinks=False):
    """The lines of the first paragraph, with «codes» where its ink changes and » where that ends."""
    [blocks] = parse(source)
    words = next(token for token in blocks.tokens if token.type == "inline")
    lines = Inline(PLAIN, Inks(None, hyperlinks=hyperlinks)).lines(words.children, Style.null())
    rows = [whole(line).ansi for line in lines]
    return [row.replace("\x1b[0m", "»").replace("\x1b[", "«").replace("\x1b\\", "¦") for row in rows]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("plain", "plain"),
        ("a **bold** b", "a «1mbold» b"),
        ("*em* and ~~gone~~", "«3mem» and «9mgone»"),
        ("**bold *and* `code`**", "«1mbold »«1;3mand»«1m »«1mcode»"),
        ("`Vec<String>` <T> </kbd> [red]", "«1mVec<String>» <T> </kbd> [red]"),
        ("$a*b*c$ and \\(x_1_\\)", "$a*b*c$ and \\(x_1_\\)"),
        ("&#27;[31m &#8238;x &lt;", "\ufffd[31m \ufffdx <"),
        ("`a&#27;b`", "«1ma&#27;b»"),
    ],
)
def test_words_are_drawn_in_the_style_around_them(source, line):
    assert drawn(source) == [line]


def test_every_line_break_of_the_source_is_one():
    assert drawn("one\ntwo  \nthree\\\n*four\nfive*") == ["one", "two", "three", "«3mfour»", "«3mfive»"]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("[the docs](https://e.org/d)", "«4mthe docs» «2m(https://e.org/d)»"),
        ("[**the** `docs`](/d)!", "«1;4mthe»«4m »«1;4mdocs» «2m(/d)»!"),
        ("[https://e.org/d](https://e.org/d)", "«4mhttps://e.org/d»"),
        ("<https://e.org/ä>", "«4mhttps://e.org/ä»"),
        ("<me@e.org>", "«4mme@e.org»"),
        ("[me@e.org](mailto:me@e.org)", "«4mme@e.org»"),
        ("[nowhere]()", "«4mnowhere»"),
        ("![A sunset](s.png)", "«1m🌆 A sunset» «2m(s.png)»"),
        ("![two\nlines](s.png)", "«1m🌆 two lines» «2m(s.png)»"),
        ("[](/url)", "«2m(/url)»"),
        ("![](s.png)", "«1m🌆» «2m(s.png)»"),
        ("[![b *c*](s.png)](https://e.org)", "«1;4m🌆 b c»«4m »«2;4m(s.png)» «2m(https://e.org)»"),
    ],
)
def test_where_a_link_leads_is_shown_once_unless_its_text_says_so(source, line):
    assert drawn(source) == [line]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("see https://e.org/a_b_c.", "see «4mhttps://e.org/a_b_c»."),
        ("(https://e.org/x)", "(«4mhttps://e.org/x»)"),
        ("https://e.org/A_(b), yes", "«4mhttps://e.org/A_(b)», yes"),
        ("http://e.org,然后", "«4mhttp://e.org»,然后"),
        ("**https://e.org**", "«1;4mhttps://e.org»"),
        ("a://b and http:// alone", "a://b and http:// alone"),
    ],
)
def test_a_bare_address_is_a_link_without_the_punctuation_around_it(source, line):
    assert drawn(source) == [line]


def test_a_terminal_with_hyperlinks_can_open_the_text_and_the_address():
    on, off = "\x1b]8;id=b988f5b6;https://e.org/d¦", "\x1b]8;;¦"
    line = f"{on}«4mdocs»{off} {on}«2m(https://e.org/d)»{off}"
    assert drawn("[docs](https://e.org/d)", hyperlinks=True) == [line]


@pytest.mark.parametrize("source", ["[x](javascript:alert)", "[x](file:///etc/passwd)", "[x](#part)"])
def test_what_a_browser_should_not_open_is_only_text(source):
    assert "]8;" not in drawn(source, hyperlinks=True)[0]


def test_a_line_break_in_a_cell_is_one():
    [blocks] = parse("| a |\n|---|\n| one<br>`two<br>` <BR/> three |")
    words = [token for token in blocks.tokens if token.type == "inline"][1]
    lines = Inline(PLAIN, Inks(None, hyperlinks=False)).cell(words.children, Style.null())
    assert [[run.text for run in line] for line in lines] == [["one"], ["two<br>"], ["three"]]
