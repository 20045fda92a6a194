"""A reply in pieces is the reply: what is said of it does not depend on where it was torn."""

import os
from dataclasses import replace
from random import Random

import pytest

from chatcli.terminal.escape import clean
from chatcli.terminal.reply.parser import Parser, parse
from chatcli.terminal.reply.pieces import (
    Begun,
    Blocks,
    CodeBegins,
    CodeEnds,
    CodeLines,
    TableBegins,
    TableEnds,
    TableRows,
    Verbatim,
)
from chatcli.terminal.reply.settler import Settler
from tests.documents import (
    COMMONMARK,
    GFM_TABLES,
    USED_BEFORE_THEIR_DEFINITION,
    chunked,
    concatenations,
    fuzz,
    long_texts,
    reply_like,
)

# With CHATCLI_THOROUGH=1 the documents made at random are sixty times as many.
TIMES = 60 if os.environ.get("CHATCLI_THOROUGH") else 1

LIMIT = 8  # times the size of the reply


# ---------------------------------------------------------------- what the pieces say


def outline(pieces):  # noqa: C901 - a case for each kind of piece
    """What the pieces say, one line for a thing, however it was cut: to be compared with ==."""
    lines = []
    for piece in in_one(pieces):
        match piece:
            case Blocks(tokens):
                lines += told(tokens)
            case CodeBegins(info, spaced):
                lines.append((0, "fence", info, spaced))
            case CodeLines(code):
                lines += [(0, "code", line) for line in code]
            case TableBegins(tokens):
                lines += told(tokens[:-2])
            case TableRows(tokens):
                lines += told(tokens[first_row(tokens) : -2])
            case TableEnds():
                lines += [(1, "tbody_close"), (0, "table_close")]
            case CodeEnds():
                pass
            case Verbatim():
                pytest.fail("a final piece is never source")
            case Begun():
                pytest.fail("what has begun goes on")
    return joined_lists(lines)


def in_one(pieces):
    """The pieces, but the words of a paragraph that came before its end are where that is."""
    given = []
    for piece in pieces:
        if given or isinstance(piece, Begun):
            text = next(token for token in piece.tokens if token.type == "inline")
            given = text.children = with_texts_joined([*given, *text.children])
        if not isinstance(piece, Begun):
            given = []
            yield piece


def with_texts_joined(tokens):
    joined = []
    for token in tokens:
        if joined and joined[-1].type == token.type == "text":
            joined.append(replace(token, content=joined.pop().content + token.content))
        else:
            joined.append(token)
    return joined


def told(tokens):
    for token in tokens:
        match token.type:
            case "inline":
                yield (token.level, [inline(child) for child in token.children])
            case "fence":
                yield (token.level, "fence", token.info, token.meta["spaced"])
                if token.content:
                    yield from (
                        (token.level, "code", line) for line in token.content.removesuffix("\n").split("\n")
                    )
            case "bullet_list_open" | "ordered_list_open":
                first = token.attrs.get("start", 1) if token.tag == "ol" else None
                yield (
                    token.level,
                    token.type,
                    token.markup,
                    token.meta.get("continued", False),
                    first,
                    space(token),
                )
            case "definition":
                yield (token.level, "definition", token.meta)
            case _:
                style = token.attrs.get("style")
                yield (
                    token.level,
                    token.type,
                    token.tag,
                    token.content,
                    style,
                    token.nesting > 0 and space(token),
                )


def inline(token):
    return (token.type, token.content, token.attrs, [inline(child) for child in token.children or []])


def space(token):
    return token.meta["spaced"]


def first_row(tokens):
    return [at for at, token in enumerate(tokens) if token.type == "tr_open"][1]


def joined_lists(lines):
    """A list that came item by item is one list; its first item says where the list began."""
    joined, number = [], None
    for line in lines:
        if line[0] == 0 and line[1].endswith("_list_open"):
            _, kind, _, continued, first, _ = line
            if continued:
                assert joined.pop()[1] == kind.replace("_open", "_close")
                assert number == first
                continue
            number = first
        if line[:2] == (1, "list_item_open") and number is not None:
            number += 1
        joined.append(line)
    return joined


# ---------------------------------------------------------------- a reply in pieces is the reply


def streamed(document, random):
    """The pieces of a reply that comes in chunks of some size, taken and looked at now and then."""
    settler, pieces = Settler(), []
    longest, seldom = random.choice([1, 4, 30, 300]), random.choice([0, 0, 0.7])
    for chunk in chunked(document, random.random(), longest):
        settler.feed(chunk)
        if random.random() >= seldom:
            pieces += settler.take(random.choice([1, 40, 8_192]))
        if random.random() < 0.2:
            settler.tail()
    return pieces + settler.finish()


def read_in_order(document):
    """The whole document, but a link knows only the definitions that stand before it."""
    parser = Parser()
    tokens = parser.blocks(clean(document))
    parser.inlines(tokens, {})
    return [Blocks(tokens)]


def blocks_only(lines):
    return [line for line in lines if not isinstance(line[1], list)]


def corpora():
    yield "the examples of the CommonMark spec", COMMONMARK, 6
    yield "tables", GFM_TABLES, 6
    yield "examples one after the other", concatenations(seed=1, count=100 * TIMES), 3
    yield "markup at random", (fuzz(seed) for seed in range(350 * TIMES)), 3
    yield "long paragraphs", (long_texts(seed) for seed in range(60 * TIMES)), 2
    yield "replies", (reply_like(seed, 4_000) for seed in range(10 * TIMES)), 3
    yield "long replies", (reply_like(seed, 60_000) for seed in range(TIMES)), 1


@pytest.mark.parametrize(("documents", "times"), [pytest.param(*rest, id=name) for name, *rest in corpora()])
def test_a_reply_that_comes_in_pieces_is_the_reply(documents, times):
    random = Random(times)
    for document in documents:
        whole, in_order = outline(parse(document)), outline(read_in_order(document))

        assert blocks_only(in_order) == blocks_only(whole)
        if "]:" not in document:
            assert in_order == whole
        for _ in range(times):
            assert outline(streamed(document, random)) == in_order, document


def test_only_a_link_used_before_its_definition_differs_from_the_whole():
    """It has been printed when the definition comes; and nothing is held back for one that may come."""
    differing = [
        number
        for number, document in enumerate(COMMONMARK, 1)
        if outline(read_in_order(document)) != outline(parse(document))
    ]

    assert differing == USED_BEFORE_THEIR_DEFINITION


# ---------------------------------------------------------------- the rule, by example


def settled(*chunks):
    """What is final after each chunk, and after the last: as short words."""
    settler, steps = Settler(), []
    for chunk in chunks:
        settler.feed(chunk)
        steps.append(words(settler.take()))
    return [*steps, words(settler.finish())]


def tail(text):
    """How the open end looks after this text."""
    settler = Settler()
    settler.feed(text)
    while settler.backlog:
        settler.take()
    return words(settler.tail())


def words(pieces):
    """Pieces as a few words: the text of Blocks, and the name of the others with what is in them."""
    said = []
    for piece in pieces:
        match piece:
            case Blocks(tokens) | Begun(tokens) | TableBegins(tokens) | TableRows(tokens):
                text = [content(token) for token in tokens if token.content or token.type == "hr"]
                said += text if isinstance(piece, Blocks) else [f"{type(piece).__name__}: {' '.join(text)}"]
            case CodeBegins(info):
                said.append(f"CodeBegins: {info}")
            case CodeLines(lines):
                said.append(f"CodeLines: {lines}")
            case Verbatim(text):
                said.append(f"Verbatim: {text}")
            case _:
                said.append(type(piece).__name__)
    return said


def content(token):
    if token.type != "inline":
        return token.content or token.type
    marks = {"strong": "**", "em": "*", "s": "~~", "code_inline": "`", "softbreak": " ", "link": "@"}
    text = ""
    for child in token.children:
        mark = marks.get(child.type.removesuffix("_open").removesuffix("_close"), "")
        text += mark + child.content + mark if child.content else mark
    return text


def test_all_but_the_last_block_is_final():
    assert settled("One\n", "still one\n# Head\n") == [[], ["One still one", "Head"], []]


def test_a_blank_line_ends_a_paragraph_a_quote_and_a_table():
    assert settled("One\n\n") == [["One"], []]
    assert settled("> One\n", "\n") == [[], ["One"], []]
    assert settled("| A |\n|---|\n| b |\n", "\n") == [[], ["A", "b"], []]


def test_a_heading_and_a_rule_are_final_at_once():
    assert settled("# Head\n", "***\n", "Head\n---\n") == [["Head"], ["hr"], ["Head"], []]


def test_half_a_line_decides_nothing():
    assert settled("1. a\n2", ". b\n", "3") == [[], ["a"], [], ["b 3"]]
    assert settled("text\n--", "-\n") == [[], ["text"], []]


def test_a_list_is_given_item_by_item_and_keeps_its_numbers():
    settler = Settler()
    settler.feed("7. a\n8. b\n")
    first = settler.take()
    settler.feed("1. c\n\n   more\n\n1. d\n")
    second = settler.take()

    assert words(first) == ["a"]
    assert words(second) == ["b", "c", "more"]
    opening, item, *_ = second[0].tokens
    assert (opening.meta["continued"], opening.attrs["start"], item.info) == (True, 8, "8")


def test_a_table_rule_below_an_item_makes_no_table_of_it():
    assert settled("- x\n", "- a | b\n", "--- | ---\n") == [[], ["x"], [], ["a | b --- | ---"]]


def test_an_item_knows_whether_a_blank_line_came_before_it_wherever_the_list_was_torn():
    settler, spaced = Settler(), []
    for line in ("- a\n", "- b\n", "\n", "- c\n", "- d\n", "\n\n", "end\n"):
        settler.feed(line)
        pieces = settler.take()
        spaced += [
            token.meta["spaced"]
            for piece in pieces
            for token in piece.tokens
            if token.type == "list_item_open"
        ]

    assert spaced == [False, False, True, False]


def test_a_fence_is_given_line_by_line():
    assert settled("```py\nx", " = 1\ny\n", "``", "`\nend") == [
        ["CodeBegins: py"],
        ["CodeLines: ['x = 1', 'y']"],
        [],
        ["CodeEnds"],
        ["end"],
    ]


def test_a_fence_ends_with_the_reply():
    assert settled("~~~\na\n\n", "~~") == [
        ["CodeBegins: ", "CodeLines: ['a', '']"],
        [],
        ["CodeLines: ['~~']", "CodeEnds"],
    ]


def test_the_lines_of_an_indented_fence_move_with_it():
    assert settled("  ```\n   a\n b\n\tc\n  ```\n")[0] == [
        "CodeBegins: ",
        "CodeLines: [' a', 'b', '  c']",
        "CodeEnds",
    ]


@pytest.mark.parametrize("longest", [7, 500, 100_000])
def test_a_long_table_is_frozen_after_200_rows_wherever_it_was_torn(longest):
    document = "| A | B |\n|---|--:|\n" + "".join(f"| {row} | x |\n" for row in range(1, 251)) + "\nend\n"
    settler, pieces = Settler(), []
    for chunk in chunked(document, 1, longest):
        settler.feed(chunk)
        pieces += settler.take()
    pieces += settler.finish()

    begins, *rows, ends, end = pieces
    assert words([begins]) == ["TableBegins: A B " + " ".join(f"{row} x" for row in range(1, 201))]
    assert [
        content(token) for piece in rows for token in piece.tokens[first_row(piece.tokens) :] if token.content
    ] == [cell for row in range(201, 251) for cell in (str(row), "x")]
    assert (ends, words([end])) == (TableEnds(), ["end"])


LONG = "Some words of a paragraph that is far too long for a heading, so that nobody waits for its end, " * 2


def test_a_long_paragraph_is_given_word_by_word_up_to_what_may_change():
    assert settled(LONG[:100], f"{LONG[100:]}and **two", " words** or", " three\n\n") == [
        [],
        [f"Begun: {LONG}and"],
        ["Begun:  **two words**"],
        [" or three"],
        [],
    ]


@pytest.mark.parametrize("marker", ["> ", "- ", "7. ", "> - "])
def test_a_long_paragraph_in_quotes_and_items_is_given_word_by_word_too(marker):
    assert settled(f"{marker}{LONG}and", " so on\n\n---\n") == [
        [f"Begun: {LONG.rstrip()}"],
        [" and so on", "hr"],
        [],
    ]


def test_of_several_lines_of_a_paragraph_those_are_given_that_make_no_table():
    line = LONG.rstrip()
    assert settled(f"{line}\na | b", "\n---|", "---\nc | d\n\n") == [
        [f"Begun: {line}"],
        [],
        ["a", "b", "c", "d"],
        [],
    ]


def test_what_is_longer_than_any_heading_or_head_of_a_table_is_neither():
    assert settled(f"{LONG}a", " | b\n---|---\n\n")[1] == [" a | b ---|---"]
    (begun, *_), (underlined, *_), _ = settled(f"{LONG}\nand", "\n---\n")

    assert (begun, underlined) == (f"Begun: {LONG.rstrip()}", " and")


def test_a_list_goes_on_with_its_numbers_after_a_long_item():
    settler = Settler()
    settler.feed(f"7. {LONG}")
    settler.take()
    settler.feed("\n8. b\n9. c\n")
    first = settler.take()
    settler.feed("\n")
    (second,) = settler.finish()

    assert words(first) == [" end,", "b"]
    assert (second.tokens[0].attrs["start"], second.tokens[0].meta["continued"]) == (9, True)


@pytest.mark.parametrize("before", ["- a\n\n", "> a\n\n", "a\n\n"])
def test_a_long_line_that_begins_a_paragraph_ends_what_is_before_it(before):
    steps = settled(before, f"{LONG}and", " so on\n\n")

    assert [said for step in steps for said in step] == ["a", f"Begun: {LONG.rstrip()}", " and so on"]


def test_a_long_line_that_begins_an_item_ends_the_one_before_it():
    assert settled("- a\n", f"- {LONG}and", " so on\n- b\n") == [
        [],
        ["a", f"Begun: {LONG.rstrip()}"],
        [" and so on"],
        ["b"],
    ]


@pytest.mark.parametrize("opening", ["[a]: ", "<b ", "- a\n  - ", "> # "])
def test_what_may_turn_out_to_be_more_than_a_paragraph_is_not_given_before_its_end(opening):
    assert settled(opening + LONG)[0] == []


def test_the_title_of_a_definition_may_be_on_the_lines_after_it():
    settler, pieces = Settler(), []
    for line in ("[a]: /url\n", '"two\n', 'lines"\n', "[a]\n"):
        settler.feed(line)
        pieces += settler.take()
    pieces += settler.finish()

    definition, *_ = pieces[0].tokens
    assert definition.meta["title"] == "two\nlines"


def test_definitions_are_known_to_what_comes_after_them():
    assert settled("[a]: /url\n\nsee [a]\n\n", "and [a]\n") == [["see @a@"], [], ["and @a@"]]


def test_a_line_end_that_comes_in_two_halves_is_one():
    assert settled("# One\r", "\n# Two\r\n") == [[], ["One", "Two"], []]


def test_what_could_steer_a_terminal_is_made_visible_before_it_is_read():
    assert settled("\x1b[31m*red*\n\n") == [["␛[31m*red*"], []]


# ---------------------------------------------------------------- the open tail


def test_the_tail_shows_the_open_block_with_its_markup_closed():
    assert tail("A **bo") == ["A **bo**"]
    assert tail("- one\n- two\n  `co") == ["two `co`"]
    assert tail("> a\n> b *c") == ["a b *c*"]


@pytest.mark.parametrize(
    "marker",
    [
        *("-", "- ", "  - ", "* ", "+", "1", "12.", "1) ", "#", "### ", ">", "> - ", "- [", "- [x", "- [ ]"),
        *(
            "**",
            "***",
            "* *",
            "_ _",
            "---",
            "==",
            "`",
            "``",
            "```",
            "```py",
            "~~~",
            "|",
            "|--",
            "| :-: |",
            "   ",
        ),
    ],
)
def test_half_a_line_that_can_only_be_a_marker_is_not_shown(marker):
    assert tail(f"text\n{marker}") == ["text"]


@pytest.mark.parametrize("line", ["-x", "1st", "12 x", "#tag", "*em*", "=>", "~50", "[x", "|a|b"])
def test_half_a_line_that_is_more_than_a_marker_is_shown(line):
    assert tail(f"text\n{line}") != ["text"]


def test_the_head_of_a_table_is_a_table_before_its_rule_has_come():
    settler = Settler()
    for chunk in ("| Na", "me | Size |", "\n", "|", "--", "-|:", "--"):
        settler.feed(chunk)
        settler.take()
        (table,) = settler.tail()

        assert table.tokens[0].type == "table_open"


def test_the_tail_of_a_fence_is_its_half_line():
    assert tail("```\na\n  b") == ["CodeLines: ['  b']"]
    assert tail("```\na\n``") == []


def test_a_dash_within_a_line_that_has_begun_is_shown():
    settler = Settler()
    settler.feed(f"{LONG}and so -")
    settler.take()

    assert words(settler.tail()) == [" -"]


def test_looking_at_the_tail_changes_nothing():
    document = "".join(f"{example}\n" for example in COMMONMARK[:200])
    looked_at, not_looked_at = Settler(), Settler()
    for chunk in chunked(document, 1, 9):
        for settler in (looked_at, not_looked_at):
            settler.feed(chunk)

        assert looked_at.tail() == looked_at.tail()
        assert looked_at.take() == not_looked_at.take()


def test_a_tail_too_large_to_draw_is_the_end_of_its_source():
    assert tail("> long\n" * 2_000) == ["Verbatim: " + ("> long\n" * 2_000)[-4_096:]]
    assert tail("x" * 9_000) == ["Verbatim: " + "x" * 4_096]


# ---------------------------------------------------------------- what it costs


class CountingParser(Parser):
    characters = 0

    def blocks(self, text, *, spaced=False, begun=False):
        self.characters += len(text)
        return super().blocks(text, spaced=spaced, begun=begun)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(reply_like(1, 50_000), id="a reply"),
        pytest.param("plain words of a paragraph\n" * 2_000, id="a paragraph"),
        pytest.param("> words in a quote\n" * 2_500, id="a quote"),
        pytest.param("- an item of a list\n" * 2_500, id="a list"),
        pytest.param("- item\n" + "  - another in it\n" * 2_500, id="a nested list"),
        pytest.param("| a | b |\n|---|---|\n" + "| some | words |\n" * 3_000, id="a table"),
        pytest.param("```c\n" + "int line = 1;\n" * 3_500, id="a fence"),
        pytest.param("    code by indentation\n" * 2_000, id="indented code"),
        pytest.param("<!--\n" + "in a comment\n" * 3_500, id="a comment"),
        pytest.param("word " * 10_000, id="one line"),
    ],
)
def test_the_source_is_parsed_a_few_times_over_however_it_comes(document):
    parser = CountingParser()
    settler = Settler(parser)
    for line in chunked(document, 1, 30):
        settler.feed(line)
        settler.take()
    settler.finish()

    assert parser.characters <= LIMIT * len(document)


def test_a_backlog_is_read_in_slices():
    settler = Settler()
    settler.feed(reply_like(1, 200_000) + "\n# End\nhalf a line")
    takes = 0
    while (before := settler.backlog) > 0:
        settler.take(8_192)
        takes += 1

        assert 0 < before - settler.backlog <= 8_192
    assert 24 < takes < 30
    assert words(settler.tail()) == ["half a line"]


def test_half_a_line_is_no_backlog():
    settler = Settler()
    settler.feed("one\ntwo")

    assert settler.backlog == 4
    settler.take()
    assert settler.backlog == 0


def test_a_line_longer_than_a_slice_is_read_whole():
    settler = Settler()
    settler.feed("x" * 1_000 + "\n\n# next\n")

    assert words(settler.take(10)) == []
    assert words(settler.take(10)) == ["x" * 1_000, "next"]
