"""A reply as it streams: at its end the terminal shows what it would show had it come at once."""

import os
from itertools import pairwise
from random import Random

import pytest

from chatcli.terminal.escape import clean
from chatcli.terminal.reply.elements import Typesetter
from chatcli.terminal.reply.painter import Painter
from chatcli.terminal.reply.parser import parse
from chatcli.terminal.reply.stream import Stream
from chatcli.terminal.reply.themes import DARK
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
from tests.window import Window

# With CHATCLI_THOROUGH=1 there are twenty times as many documents.
TIMES = 20 if os.environ.get("CHATCLI_THOROUGH") else 1


class Hourglass:
    """A clock that stands still until somebody turns it."""

    def __init__(self):
        self.seconds = 0.0

    def now(self):
        return self.seconds

    def sleep(self, seconds):
        self.seconds += seconds


class Watched(Painter):
    """A painter that remembers what it was given, and has it looked at after every frame."""

    def __init__(self, window, look=lambda: None):
        super().__init__(window.write, window.columns, window.rows)
        self.committed, self.live = [], []
        self._look = look

    def frame(self, committed, live, *, whole=False):
        super().frame(committed, live, whole=whole)
        self.committed += committed
        self.live = live
        self._look()


def typesetter(width):
    return Typesetter(width, DARK, colours="truecolor", hyperlinks=True)


def streamed(document, window, seed, longest=30, painter=None):
    """The document in random pieces at random moments."""
    random, clock = Random(seed), Hourglass()
    stream = Stream(painter or Watched(window), typesetter(window.columns), clock)
    for chunk in chunked(document, seed, longest):
        stream.feed(chunk)
        clock.sleep(random.choice([0.0, 0.005, 0.05]))
        if random.random() < 0.2:
            stream.tick()
    stream.finish()
    return window.lines


def at_once(document, columns, rows):
    """What a terminal shows where the whole of it is drawn in one go."""
    window = Window(columns, rows)
    for row in typesetter(columns).set(parse(clean(document))):
        window.write(f"{row.ansi}\r\n")
    return window.lines


def with_definitions_first(document):
    """The same, and before it all its link definitions: no link is used before it is defined."""
    (blocks,) = parse(clean(document))
    facts = [token.meta for token in blocks.tokens if token.type == "definition"]
    return "".join(f"[{fact['label']}]: <{fact['url']}>\n" for fact in facts) + "\n" + document


def check(document, seed):
    random = Random(seed)
    columns, rows = random.randint(20, 120), random.randint(5, 50)
    assert streamed(document, Window(columns, rows), seed) == at_once(document, columns, rows)


# ---------------------------------------------------------------- what is seen at the end


@pytest.mark.parametrize("number", range(1, 653))
def test_every_example_of_commonmark(number):
    """A link that is used before its definition is the one thing that is drawn as it was written."""
    example = COMMONMARK[number - 1]
    if number in USED_BEFORE_THEIR_DEFINITION:
        example = with_definitions_first(example)
    for time in range(TIMES):
        check(example, seed=number + 652 * time)


@pytest.mark.parametrize("seed", range(60 * TIMES))
def test_examples_one_after_the_other(seed):
    for document in concatenations(seed, 1):
        check(with_definitions_first(document), seed)


@pytest.mark.parametrize("number", range(len(GFM_TABLES)))
def test_tables_as_github_has_them(number):
    check(GFM_TABLES[number], seed=number)


@pytest.mark.parametrize("seed", range(250 * TIMES))
def test_what_no_one_writes(seed):
    document = fuzz(seed).replace("🏽", "")  # the emulator gives a skin tone cells of its own
    check(with_definitions_first(document), seed)


@pytest.mark.parametrize("seed", range(60 * TIMES))
def test_paragraphs_that_are_long(seed):
    document = long_texts(seed).replace("🏽", "")
    check(with_definitions_first(document), seed)


@pytest.mark.parametrize("seed", range(12 * TIMES))
def test_replies_with_code_nested_lists_tables_and_chinese(seed):
    check(reply_like(seed, 4_000), seed)


def test_a_table_of_more_than_200_rows_keeps_the_widths_that_it_had_by_then():
    rows = [f"| {n} | one of many rows |\n" for n in range(1, 300)]
    document = "| n | what |\n|---|---|\n" + "".join([*rows, "| 300 | wider than all the others |\n"])
    seen = streamed(document, Window(60, 20), seed=1)
    assert [line.split("│")[0].strip() for line in seen if line[:1].isdecimal()] == [
        str(n) for n in range(1, 301)
    ]
    assert [line.split("│")[1].strip() for line in seen[-2:]] == ["wider than all", "the others"]


# ---------------------------------------------------------------- what is seen meanwhile


@pytest.mark.parametrize("seed", range(10 * TIMES))
def test_after_every_frame_the_terminal_shows_what_is_finished_and_below_it_what_is_open(seed):
    random = Random(seed)
    window = Window(random.randint(20, 100), random.randint(8, 40))

    def look():
        expected = Window(window.columns, window.rows)
        for row in painter.committed:
            expected.write(f"{row.ansi}\r\n")
        finished = expected.lines
        for row in painter.live:
            expected.write(f"{row.ansi}\r\n")
        seen = window.lines
        live = expected.lines[len(finished) :]
        assert seen[: len(finished)] == finished
        assert seen[len(finished) :] == live[len(live) - len(seen) + len(finished) :]
        assert len(seen) > len(finished) or not "".join(live).strip()

    painter = Watched(window, look)
    streamed(reply_like(seed, 1_500), window, seed, painter=painter)
    assert painter.live == ()


@pytest.mark.parametrize("seed", range(6))
def test_a_reply_that_is_cut_anywhere_ends_as_that_part_would_have_if_it_were_all(seed):
    document = reply_like(seed, 700)
    for end in range(0, len(document), 7):
        part = document[:end]
        assert streamed(part, Window(60, 20), seed) == at_once(part, 60, 20)


def test_of_a_paragraph_that_grows_the_full_rows_are_printed_for_good():
    window, clock = Window(40, 20), Hourglass()
    painter = Watched(window)
    stream = Stream(painter, typesetter(40), clock)
    most = 0
    for number in range(300):
        stream.feed(f"word{number} " if number % 10 else f"**bold{number}** ")
        clock.sleep(1)
        most = max(most, len(painter.live))
    assert len(painter.committed) > 50
    assert most <= 128 / 40 + 1
    assert [row for row in painter.committed if row.cells < 30] == []


@pytest.mark.parametrize(
    ("begins", "goes_on", "below"),
    [
        (
            "- ",
            "\n- last",
            ["• " + "word " * 11 + "word", "  " + "word " * 11 + "word", "  " + "word " * 6, "• last"],
        ),
        (
            "> ",
            "\n> last",
            ["▌ " + "word " * 11 + "word", "▌ " + "word " * 11 + "word", "▌ " + "word " * 6, "▌ last"],
        ),
        ("", "\n- last", ["word " * 11 + "word", "word " * 11 + "word", "word " * 6, "• last"]),
        ("", "\n===\nlast", ["word " * 11 + "word", "word " * 11 + "word", "word " * 6, "", "last"]),
    ],
)
def test_what_follows_a_long_paragraph_stands_where_it_belongs(begins, goes_on, below):
    window, clock = Window(61, 20), Hourglass()
    stream = Stream(window.painter, typesetter(61), clock)
    for text in (begins + "word " * 27, "word " * 3, goes_on):
        stream.feed(text)
        clock.sleep(1)
    stream.finish()
    assert window.below == [row.rstrip() for row in below]


def test_a_long_item_that_does_not_fill_a_row_has_one_marker():
    window, clock = Window(300, 20), Hourglass()
    stream = Stream(window.painter, typesetter(300), clock)
    for text in ("1. " + "word " * 30, "word " * 9, "end\n2. two"):
        stream.feed(text)
        clock.sleep(1)
    stream.finish()
    assert window.below == [" 1. " + "word " * 39 + "end", " 2. two"]


# ---------------------------------------------------------------- when


def test_the_first_words_are_on_the_screen_at_once_and_the_next_a_frame_later():
    window, clock = Window(40, 10), Hourglass()
    stream = Stream(window.painter, typesetter(40), clock)
    stream.feed("Once upon ")
    assert window.below == ["Once upon"]
    stream.feed("a time")
    stream.tick()
    assert window.below == ["Once upon"]
    assert 0 < stream.due() <= 1 / 30
    clock.sleep(stream.due())
    stream.tick()
    assert window.below == ["Once upon a time"]


def test_there_are_at_most_thirty_frames_a_second():
    window, clock = Window(40, 10), Hourglass()
    stream = Stream(window.painter, typesetter(40), clock)
    for number in range(2_000):
        stream.feed(f"word {number} ")
        clock.sleep(0.001)
    assert 30 < len(window.writes) <= 2 * 30 + 1


def test_a_long_backlog_is_drawn_in_slices_so_that_a_key_is_heard_between_two():
    window = Window(80, 24)
    painter = Watched(window)
    stream = Stream(painter, typesetter(80), Hourglass())
    stream.feed(reply_like(1, 60_000))
    sizes = [len(painter.committed)]
    while stream.due() == 0:
        stream.tick()
        sizes.append(len(painter.committed))
    assert len(sizes) > 5
    assert all(0 < after - before < 600 for before, after in pairwise(sizes[:-1]))


def test_a_new_width_is_taken_in_with_the_next_frame():
    window, clock, size = Window(40, 10), Hourglass(), [40, 10]
    stream = Stream(window.painter, typesetter(40), clock, lambda: (size[0], size[1]))
    stream.feed("one two three four five six seven")
    size[0] = 20
    window.screen.resize(10, 20)
    clock.sleep(1)
    stream.tick()
    assert window.below == ["one two three four", "five six seven"]
