"""A reply on a real terminal while it comes: nothing lost, nothing twice, and the terminal given back."""

import re
import sys
from collections import Counter
from contextlib import contextmanager
from random import Random
from signal import SIGHUP, SIGQUIT, SIGTERM, SIGUSR1
from threading import Event

import pytest

from tests.e2e.terminal import CTRL_C, CTRL_D, terminal
from tests.e2e.tmux import pane, words
from tests.e2e.world import Ran
from tests.servers.scripted import HANG, Pause, ScriptedServer, reply

CRASHES_ON_SIGUSR1 = (
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGUSR1, lambda *_: 1 / 0); from chatcli.__main__ import run; run()",
)
MARKDOWN = "# Title\n\n**bold** and `code`\n\n- one\n- two\n\n```python\nreturn 1\n```\n"
COLOUR = re.compile(rb"\x1b\[(?:[\d;]*;)?(?:[34][0-8]|9[0-7]|10[0-7])(?:;[\d;]*)?m")


@contextmanager
def streaming(world, *script, flags=(), **window):
    """A chat in tmux with a server that does as it is told."""
    with ScriptedServer(*script) as server, pane(world, "--base-url", server.url, *flags, **window) as chat:
        yield chat


@contextmanager
def watching(world, answer, *flags):
    """One question from the shell, its reply on a terminal of 80 by 24."""
    with ScriptedServer(answer) as server, terminal(world, "--base-url", server.url, *flags, "Go") as shell:
        yield shell


def slowly(text, each=7, seconds=0.001):
    """A reply in pieces that do not care where words end."""
    pieces = [text[at : at + each] for at in range(0, len(text), each)]
    return reply(*(act for piece in pieces for act in (piece, Pause(seconds))))


def page(numbers):
    """Prose, lists, code, a quote and a table of 400 numbered words; some blocks are taller than a screen."""
    some = (f"w{number:04}" for number in numbers)

    def take(many):
        return [next(some) for _ in range(many)]

    parts = [
        f"## {' '.join(take(3))}",
        "{} **{}** {} `{}` {} *{}* {}".format(*take(7)),
        "\n".join(f"{'  ' * (at % 2)}- {' '.join(take(5))}" for at in range(8)),
        "\n".join(f"{at}. {' '.join(take(3))}" for at in range(1, 6)),
        f"```python\ndef {next(some)}():\n    return [{', '.join(take(22))}]\n\n\n{next(some)}()\n```",
        "\n".join(f"> {' '.join(take(2))}" for _ in range(30)),
        "| a | b | c |\n|---|--:|---|\n" + "\n".join("| {} | {} | {} |".format(*take(3)) for _ in range(30)),
        " ".join(some),
    ]
    return "\n\n".join(parts) + "\n\n"


def lost_and_doubled(text, numbers):
    """The words that are not in the text, and those that are in it more than once."""
    times = Counter(words(text))
    assert times
    return (
        [word for word in (f"w{number:04}" for number in numbers) if word not in times],
        [word for word, often in times.items() if often > 1],
    )


def test_a_reply_taller_than_the_screen_is_there_once_from_its_first_word_to_its_last(world):
    with streaming(world, slowly(page(range(400)))) as chat:
        chat.say("Tell me").see("w0399").prompt()

        assert lost_and_doubled(chat.text, range(400)) == ([], [])


def test_nine_resizes_while_three_replies_come_lose_no_word_and_double_none(world):
    sizes = iter(
        [(40, 10), (120, 40), (63, 17), (100, 12), (47, 33), (80, 24), (120, 10), (55, 40), (90, 20)]
    )
    parts = [range(start, start + 400) for start in (0, 400, 800)]
    with streaming(world, *(slowly(page(part)) for part in parts)) as chat:
        for part in parts:
            chat.say("Go on")
            for seen in (80, 180, 280):
                chat.see(f"w{part[seen]:04}").resize(*next(sizes))
            chat.see(f"w{part[-1]:04}").prompt()

        assert lost_and_doubled(chat.text, range(1_200)) == ([], [])


PARAGRAPH = " ".join(f"w{number:04}" for number in range(400))
FILLER = "\n\n".join(["A screen that is full."] * 40)


@contextmanager
def in_a_long_paragraph(world, *rest, full, columns=80, lines=24):
    """A chat in the middle of one, on a screen that is full or was just opened; ``rest`` is yet to come."""
    before = [reply(FILLER)] if full else []
    first = PARAGRAPH[: PARAGRAPH.index("w0200")]
    with streaming(world, *before, reply(first, *rest), columns=columns, lines=lines) as chat:
        if full:
            chat.say("Fill the screen").see("A screen").prompt()
        yield chat.say("Tell me").see("w0199")


@pytest.mark.parametrize("full", [False, True], ids=["fresh screen", "full screen"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((80, 24), (40, 24)),
        ((80, 24), (20, 24)),
        ((200, 50), (100, 50)),
        ((80, 10), (40, 10)),
        ((80, 24), (60, 8)),
    ],
)
def test_a_window_made_smaller_in_a_long_paragraph_loses_no_word_and_doubles_none(world, before, after, full):
    rest = Event()
    columns, lines = before
    more = PARAGRAPH[PARAGRAPH.index("w0200") :]
    with in_a_long_paragraph(world, rest, more, full=full, columns=columns, lines=lines) as chat:
        chat.resize(*after)
        rest.set()
        chat.see("w0399").prompt()

        assert lost_and_doubled(chat.text, range(400)) == ([], [])


@pytest.mark.parametrize("full", [False, True], ids=["fresh screen", "full screen"])
def test_a_pane_opened_beside_a_long_paragraph_loses_no_word_and_doubles_none(world, full):
    rest = Event()
    with in_a_long_paragraph(world, rest, PARAGRAPH[PARAGRAPH.index("w0200") :], full=full) as chat:
        chat.split()
        rest.set()
        chat.see("w0399").prompt()

        assert lost_and_doubled(chat.text, range(400)) == ([], [])


@pytest.mark.parametrize("full", [False, True], ids=["fresh screen", "full screen"])
def test_an_edge_dragged_through_a_long_paragraph_loses_no_word_and_doubles_none(world, full):
    numbers = range(200, 400)
    pieces = [act for number in numbers for act in (f"w{number:04} ", Pause(0.01))]
    with in_a_long_paragraph(world, *pieces, full=full) as chat:
        for columns in range(78, 38, -2):
            chat.resize(columns, 24)
        chat.see("w0399").prompt()

        assert lost_and_doubled(chat.text, range(400)) == ([], [])


@pytest.mark.parametrize("seed", range(3))
def test_sizes_at_random_while_paragraphs_lists_and_tables_come_lose_no_word(world, seed):
    random = Random(seed)
    text = page(range(400)) + " ".join(f"w{number:04}" for number in range(400, 600)) + "\n"
    with streaming(world, slowly(text, seconds=0.005)) as chat:
        chat.say("Tell me")
        while "w0599" not in chat.text:
            chat.resize(random.randint(40, 120), random.randint(10, 50))
        chat.prompt()

        lost, doubled = lost_and_doubled(chat.text, range(600))
        assert lost == []
        assert len(doubled) < 20  # a jump to a third of the width, say, while a table is open: a row or two


DRAWN_WITHOUT_KNOWING_THE_SIZE = """
import os, sys, time
from chatcli.terminal.reply.painter import Painter
from chatcli.terminal.reply.rows import Row

def write(text):
    sys.stdout.write(text)
    sys.stdout.flush()

def wait_for(columns):
    while os.get_terminal_size().columns != columns:
        time.sleep(0.01)

print("above\\n" * 10)
painter = Painter(write, 60, 24)
live = [Row(letter * 60, 60) for letter in "abc"]
painter.frame([], live)
wait_for(25)
painter.frame([Row("one", 3), Row("two", 3)], live)
wait_for(90)
painter.frame([Row("three", 5)], [])
painter.close()
"""


def test_rows_drawn_before_a_resize_is_known_of_are_not_joined_by_the_next_one(world):
    command = (sys.executable, "-c", DRAWN_WITHOUT_KNOWING_THE_SIZE)
    with pane(world, columns=60, command=command) as shell:
        shell.see("b" * 60).resize(25, 24).see("two").resize(90, 24).see("status 0")

        assert shell.text.splitlines()[-4:] == ["one", "two", "three", "status 0"]


def test_a_line_of_code_that_the_terminal_folds_is_copied_as_one_line(world):
    line = "call(" + ", ".join(f"w{number:04}" for number in range(40)) + ")"
    with streaming(world, slowly(f"```python\nif True:\n    {line}\n```\n"), columns=50) as chat:
        chat.say("Show me").see("w0039").prompt()

        assert f"if True:\n    {line}\n" in chat.text


def test_ctrl_c_in_the_middle_keeps_what_came_and_gives_the_terminal_back(world):
    with streaming(world, reply("w0001\n\n- w0002\n- w0003", HANG), reply("w0004")) as chat:
        chat.say("Count").see("w0003").type(CTRL_C).see("[interrupted]").prompt()
        assert (chat.shows_its_cursor, chat.wraps) == (True, True)
        assert words(chat.text) == ["w0001", "w0002", "w0003"]

        chat.say("Go on").see("w0004").prompt().type(CTRL_D).see("status 0")
        assert (chat.shows_its_cursor, chat.wraps, chat.echoes) == (True, True, True)


def test_ctrl_c_gives_the_terminal_back_to_the_shell(world):
    with streaming(world, reply("w0001\n\n- w0002\n- w0003", HANG), flags=["Count"]) as shell:
        shell.see("w0003").type(CTRL_C).see("[interrupted]", "status 130")

        assert (shell.shows_its_cursor, shell.wraps, shell.echoes) == (True, True, True)
        assert words(shell.text) == ["w0001", "w0002", "w0003"]


@pytest.mark.parametrize("number", [SIGTERM, SIGHUP, SIGQUIT, SIGUSR1])
def test_whatever_ends_the_program_in_the_middle_what_came_stays_and_the_terminal_is_given_back(
    world, number
):
    answer = reply("w0001\n\nw0002\nw0003\nw0004", HANG)
    with streaming(world, answer, command=CRASHES_ON_SIGUSR1) as chat:
        chat.say("Count").see("w0004").kill(number).see("status ")

        assert chat.text.splitlines()[-1].startswith("status ")
        assert words(chat.text) == ["w0001", "w0002", "w0003", "w0004"]
        assert (chat.shows_its_cursor, chat.wraps, chat.echoes) == (True, True, True)


@pytest.mark.parametrize("number", [SIGTERM, SIGHUP, SIGQUIT, SIGUSR1])
def test_whatever_ends_a_question_from_the_shell_what_came_stays_and_the_terminal_is_given_back(
    world, number
):
    answer = reply("w0001\n\nw0002\nw0003\nw0004", HANG)
    with streaming(world, answer, flags=["Count"], command=CRASHES_ON_SIGUSR1) as shell:
        shell.see("w0004").kill(number).see("status ")

        assert shell.text.splitlines()[-1].startswith("status ")
        assert words(shell.text) == ["w0001", "w0002", "w0003", "w0004"]
        assert (shell.shows_its_cursor, shell.wraps, shell.echoes) == (True, True, True)


def test_what_is_typed_during_a_reply_stands_in_the_next_prompt_and_not_in_the_reply(world):
    rest = Event()
    with streaming(world, reply("One, **two", rest, "**, three.\n\n- four")) as chat:
        chat.say("Count").see("One, two").type("and five?\x7f")
        assert not chat.echoes
        rest.set()
        chat.see("One, two, three.", "• four")
        chat.until(lambda: chat.line == "> and five", "never saw what was typed")

        assert chat.text.count("and five") == 1


def test_what_is_typed_during_a_reply_stays_when_the_reply_is_stopped(world):
    with streaming(world, reply("One, two", HANG)) as chat:
        chat.say("Count").see("One, two").type(f"and five?{CTRL_C}").see("[interrupted]")
        chat.until(lambda: chat.line == "> and five?", "never saw what was typed")


def test_a_finished_reply_looks_like_what_it_means(world):
    with streaming(world, slowly(MARKDOWN), flags=["Draw"]) as shell:
        shell.see("status 0")

        assert "Title\n\nbold and code\n\n• one\n• two\n\npython\nreturn 1\n" in shell.text


def test_the_line_after_a_reply_says_what_it_cost_and_how_to_go_on(world):
    with streaming(world, reply("One, two", finish="length", usage=(9, 2))) as chat:
        chat.say("/max_tokens 512").say("Count").see("One, two", "9 + 2 tokens")
        chat.see("stopped at max_tokens 512: /continue")


def test_a_reply_that_ends_simply_is_not_told_how_to_go_on(world):
    with streaming(world, reply("One, two.", usage=(9, 2))) as chat:
        chat.say("Count").see("9 + 2 tokens").prompt()

        assert "/continue" not in chat.text


@pytest.mark.parametrize(
    "evil",
    [
        "\x1b[66;6H",
        "\x1b]0;owned\x07",
        "\x1b]52;c;b3duZWQ=\x1b\\",
        "\x1bPowned\x1b\\",
        "\x9b66;6H",
        "\u202eowned\u2066",
        "&#27;]0;owned&#7;",
        "&#x9b;66;6H&#x202e;",
    ],
    ids=["csi", "title", "clipboard", "dcs", "c1", "bidi", "entities", "more entities"],
)
def test_a_reply_cannot_steer_the_terminal_from_anywhere(world, evil):
    places = (
        "{}",
        "# {}",
        "- {}\n  1. {}",
        "> {}",
        "`{}`",
        "```{}\n{}\n```",
        "    {}",
        "| {} | b |\n|---|---|\n| {} | d |",
        '[{}](http://example.com/{} "{}") [{}](<http://example.com/{}>)',
        "<http://example.com/{}> http://example.com/{}",
        "![{}](<http://example.com/{}>)",
        "[{}]: <http://example.com/{}> '{}'",
        "<div>{}</div>",
        "$$\n{}\n$$",
    )
    text = "\n\n".join((*places, "The end.")).replace("{}", evil)
    with watching(world, slowly(text, each=1, seconds=0)) as shell:
        shell.see("The end.").ended()

        assert not re.search(rb"\x1b\]0;|\x1b\]52;|\x1bP|\x1b\[66;6H", shell.raw)
        assert not {"\x9b", "\u202e", "\u2066"} & set(shell.raw.decode())


def test_what_looks_like_markup_is_text(world):
    with watching(world, reply("[red]One[/red] [/] [bold], <T>, Vec<String>, </kbd>")) as shell:
        shell.see("[red]One[/red] [/] [bold], <T>, Vec<String>, </kbd>")

        assert shell.ended() == 0


@pytest.mark.parametrize(
    ("environ", "flags", "colourful"),
    [
        ({}, [], True),
        ({"NO_COLOR": "1"}, [], False),
        ({}, ["--color", "never"], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
    ],
)
def test_who_wants_no_colour_gets_none(world, environ, flags, colourful):
    with watching(world.having(**environ), reply(MARKDOWN), *flags) as shell:
        shell.see("return 1").ended()

        assert bool(COLOUR.search(shell.raw)) is colourful
        assert b"**" not in shell.raw


@pytest.mark.parametrize(
    ("term", "flags"), [("dumb", []), ("dumb", ["--render"]), ("xterm-256color", ["--raw"])]
)
def test_a_dumb_terminal_and_who_wants_it_raw_get_the_exact_text(world, term, flags):
    with watching(world.having(TERM=term), reply(MARKDOWN, "\n[red]\x1b[2J"), *flags) as shell:
        shell.see("[red]␛[2J").ended()

        assert shell.raw.startswith(MARKDOWN.replace("\n", "\r\n").encode() + b"\r\n[red]")
        assert b"\x1b" not in shell.raw or term != "dumb"


@pytest.mark.parametrize("flags", [[], ["--render"]])
def test_a_dumb_terminal_shows_each_piece_as_it_comes(world, flags):
    rest = Event()
    with watching(world.having(TERM="dumb"), reply("**One", rest, ", two**"), *flags) as shell:
        shell.see("**One")
        assert "two" not in shell.text
        rest.set()
        shell.see("**One, two**")


@pytest.mark.parametrize(("columns", "shown"), [(15, "**bold** and `code`"), (20, "bold and code")])
def test_a_very_narrow_screen_gets_the_raw_text(world, columns, shown):
    with streaming(world, reply(MARKDOWN), columns=columns, flags=["Draw"]) as shell:
        shell.see("status 0")

        assert shown in shell.text.splitlines()


@pytest.mark.parametrize(("columns", "wide"), [(None, 80), ("40", 40)])
def test_a_reply_is_as_wide_as_the_screen_or_as_columns_says(world, columns, wide):
    with watching(world.having(COLUMNS=columns), reply("One\n\n---\n\nTwo")) as shell:
        shell.see("Two").ended()

        assert "─" * wide in shell.text.splitlines()


def test_a_window_that_is_made_narrower_gets_narrower_rows(world):
    rest = Event()
    with watching(world, reply("One", rest, "\n\n---\n\nTwo")) as shell:
        shell.see("One").resize(24, 40)
        rest.set()
        shell.see("Two").ended()

        assert shell.text.splitlines().count("─" * 40) == 1


def test_a_pipe_gets_the_exact_text_and_nothing_else(world):
    with ScriptedServer(slowly(MARKDOWN, seconds=0)) as server:
        ran = world.run("--base-url", server.url, "Draw")

    assert ran == Ran(0, MARKDOWN.encode(), "")


@pytest.mark.parametrize(
    ("columns", "flags", "text"),
    [
        ("80", [], "Title\n\nbold and code\n\n• one\n• two\n\npython\nreturn 1\n"),
        ("80", ["--color", "never"], "Title\n\nbold and code\n\n• one\n• two\n\npython\nreturn 1\n"),
        ("19", [], MARKDOWN),
    ],
)
def test_a_file_that_is_to_hold_it_drawn_gets_the_layout_alone_where_there_is_room(
    world, columns, flags, text
):
    with ScriptedServer(slowly(MARKDOWN, seconds=0)) as server:
        ran = world.having(COLUMNS=columns).run("--base-url", server.url, "--render", *flags, "Draw")

    assert ran == Ran(0, text.encode(), "")


def test_a_file_that_is_to_hold_colours_gets_bold_too(world):
    with ScriptedServer(reply("**bold**")) as server:
        ran = world.run("--base-url", server.url, "--render", "--color", "always", "Draw")

    assert ran.out == b"\x1b[1mbold\x1b[0m\n"


def test_the_last_reply_is_drawn_on_request_where_replies_are_not(world):
    with streaming(world, reply("**bold**"), flags=["--raw"]) as chat:
        chat.say("Go").see("**bold**").say("/last").see("\nbold\n").prompt()


@pytest.mark.parametrize(("flags", "shown"), [([], "bold"), (["--raw"], "**bold**")])
def test_below_what_was_said_before_there_is_room_as_there_is_below_a_reply(world, flags, shown):
    with ScriptedServer(reply("**bold**")) as server:
        world.run("--base-url", server.url, "Go")
        with pane(world, "--base-url", server.url, "-c", *flags) as chat:
            chat.prompt()

            assert f"\n{shown}\n\n>" in chat.text
