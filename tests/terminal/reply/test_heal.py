"""No raw markup flashes by while a paragraph is being written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcli.terminal.reply.heal import heal
from chatcli.terminal.reply.parser import Parser, parse
from tests.documents import reply_like


@pytest.mark.parametrize(
    ("half", "healed"),
    [
        ("some **bold", "some **bold**"),
        ("some **bold ", "some **bold**"),
        ("some **bold*", "some **bold**"),
        ("some *em", "some *em*"),
        ("_under", "_under_"),
        ("__dunder", "__dunder__"),
        ("~~gone", "~~gone~~"),
        ("~~gone~", "~~gone~~"),
        ("***both", "***both***"),
        ("***both**", "***both***"),
        ("**bold and *em", "**bold and *em***"),
        ("**bold and *em*", "**bold and *em***"),
        ("*em and **bold", "*em and **bold***"),
        ("**bold _em", "**bold _em_**"),
        ("`code", "`code`"),
        ("``co`de", "``co`de``"),
        ("``code`", "``code``"),
        ("**bold `code", "**bold `code`**"),
        ("**bold\nover lines", "**bold\nover lines**"),
        ("**it is (so", "**it is (so**"),
        ("(**so", "(**so**"),
        ("你好**世界", "你好**世界**"),
    ],
)
def test_what_is_open_is_closed(half, healed):
    assert heal(half) == healed


@pytest.mark.parametrize(
    ("half", "healed"),
    [
        ("some *", "some "),
        ("some **", "some "),
        ("some _", "some "),
        ("word**", "word"),
        ("some `", "some "),
        ("some ``", "some "),
        ("some ~~", "some "),
        ("[text", "text"),
        ("see [text", "see text"),
        ("[text](", "text"),
        ("[text](http://exa", "text"),
        ('[text](http://example.org "tit', "text"),
        ("[te**xt", "te**xt**"),
        ("**see [text](http://ex", "**see text**"),
        ("![", ""),
        ("![alt", "alt"),
        ("![alt](/im", "alt"),
        ("[a](/b) and [c](/d", "[a](/b) and c"),
        ("[a_b](http://x.y/c_(d)_e", "a_b"),
    ],
)
def test_half_a_marker_and_half_a_link_are_left_out(half, healed):
    assert heal(half) == healed


@pytest.mark.parametrize(
    "text",
    [
        "plain words",
        "2 * 3 * 4",
        "2 ** 3",
        "a_b",
        "snake_case_",
        "snake_case_name",
        "`**code` and more",
        "`a_b`",
        "**bold** and *em* and ~~gone~~",
        "***both*** done",
        r"\*not em",
        r"\`not code",
        "[text](http://x.y/a_b_c)",
        "[text](http://x.y/a_b 'ti_tle') more",
        "<http://x.y/*a>",
        "array[0",
        "see [1] and [x]",
        "an interval [0, 1) that is open to the right, and then many words that say why it is",
        "approx ~5",
        "a < b > c",
        "5 * 3 is 15",
    ],
)
def test_what_is_whole_or_cannot_be_markup_is_left_alone(text):
    assert heal(text) == text


@given(st.text(alphabet="ab *_`~[]()!\\<>\n", max_size=40))
def test_healing_only_adds_and_leaves_out_marks(text):
    def letters(some):
        return [char for char in some if char in "ab"]

    healed = letters(heal(text))

    assert healed == letters(text)[: len(healed)] or "](" in text


PARSER = Parser()


def shown(text):
    tokens = PARSER.blocks(text)
    PARSER.inlines(tokens, {})
    leaves = [child for token in tokens for child in token.children or [] if child.type == "text"]
    return "".join(leaf.content for leaf in leaves)


def test_hardly_a_mark_is_seen_while_a_paragraph_is_written():
    paragraphs = [text for text in reply_like(3, 20_000).split("\n\n") if text[:1].isalpha()]
    looks = raw = healed = 0
    for paragraph in paragraphs:
        for end in range(1, len(paragraph), 3):
            looks += 1
            raw += any(mark in shown(paragraph[:end]) for mark in ("**", "`", "](", "~~"))
            healed += any(mark in shown(heal(paragraph[:end])) for mark in ("**", "`", "](", "~~"))

    assert looks > 2_000
    assert raw > looks / 20
    assert healed == 0


@pytest.mark.parametrize(
    "mark", ["*a ", "_a ", "`a ", "``", "[", "![", "[a](", "~~a ", "<", "\\", "**", "*a**b"]
)
def test_a_paragraph_full_of_marks_is_healed_all_the_same(mark):
    assert parse(heal(mark * (8_000 // len(mark))))
