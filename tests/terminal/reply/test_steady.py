"""What is beyond change in a growing text: it reads as it does, however the text goes on."""

from random import Random

import pytest

from chatcli.terminal.reply.parser import Parser
from chatcli.terminal.reply.steady import steady

PIECES = [
    *(
        "word",
        "two",
        "a",
        "1",
        "é",
        "日本語",
        "，",
        "。",
        " ",
        " ",
        " ",
        " ",
        "  ",
        "\n",
        "  \n",
        "\\\n",
        "\\",
        "\\*",
        "|",
    ),
    *(
        "*",
        "**",
        "***",
        "_",
        "__",
        "~",
        "~~",
        "`",
        "``",
        "[",
        "]",
        "(",
        ")",
        "![",
        "](",
        "<",
        ">",
        "&amp;",
        "$",
        "$$",
    ),
    *(
        "\\(",
        "\\)",
        "\\[",
        "\\]",
        '"',
        ".",
        "!",
        "**bold**",
        "*em*",
        "`code`",
        "[a](/u)",
        "[a]",
        "[a_b](http://x.y/a_b*c)",
    ),
    *("<http://x.y>", "<T>", "snake_case", "$x$", "~~s~~", "https://x.y/z", "_u_", '"title")'),
]


def reading(text):
    """What the text says: its inline tokens, neighbouring words joined."""
    parser = Parser()
    (_, inline, _) = parser.blocks("x")
    inline.content = text
    parser.inlines([inline], {"A": {"href": "/a", "title": ""}})
    said = []
    for token in inline.children:
        if said and token.type == said[-1][0] == "text":
            said[-1] = ("text", said[-1][1] + token.content, {})
        elif token.type != "text" or token.content:
            said.append((token.type, token.content, token.attrs))
    return said


def joined(first, rest):
    if first and rest and first[-1][0] == rest[0][0] == "text":
        return [*first[:-1], ("text", first[-1][1] + rest[0][1], {}), *rest[1:]]
    return [*first, *rest]


@pytest.mark.parametrize("seed", range(40))
def test_what_is_steady_reads_alone_as_it_reads_in_the_whole(seed):
    random = Random(seed)
    for _ in range(60):
        text = "".join(random.choices(PIECES, k=random.randint(1, 25))).strip()
        more = "".join(random.choices(PIECES, k=random.randint(0, 25))).rstrip()
        end = steady(text)
        whole, rest = (text + more).rstrip(), (text + more).rstrip()[end:]

        assert reading(whole) == joined(reading(whole[:end]), reading(rest)), (text, more)


@pytest.mark.parametrize(
    ("text", "beyond_change"),
    [
        ("one two three", "one two"),
        ("one\ntwo", "one"),
        ("5 * 3 = 15, about ~5 of snake_case x", "5 * 3 = 15, about ~5 of snake_case"),
        (
            "**bold**, *em*, _under_, __both__ and ~~gone~~ x",
            "**bold**, *em*, _under_, __both__ and ~~gone~~",
        ),
        (
            "**bold with `code` and [a link](http://x.y/a_b)** x",
            "**bold with `code` and [a link](http://x.y/a_b)**",
        ),
        ("see [the docs](http://x.y/a_(b)) x", "see"),
        ("as [1] says x", "as [1] says"),
        ("`a * b` and ``c ` d`` x", "`a * b` and ``c ` d``"),
        ("where \\(x_1\\) and $a*b$ x", "where \\(x_1\\) and $a*b$"),
        ("Vec<T> & </kbd> x", "Vec<T> & </kbd>"),
        ("它是**重要**的，所以", "它是**重要**的，"),
    ],
)
def test_markup_that_is_closed_is_steady_to_the_last_word(text, beyond_change):
    assert text[: steady(text)] == beyond_change


@pytest.mark.parametrize(
    "opened",
    [
        "**two words",
        "*two words",
        "_two words",
        "~~two words",
        "`two words",
        "[two words",
        "![two words",
        "[two](words and",
        "$5 words",
    ],
)
def test_nothing_is_steady_from_a_marker_on_that_may_still_be_closed(opened):
    assert steady(f"one {opened}") == len("one")


def test_one_word_may_go_on():
    assert steady("word") == 0
