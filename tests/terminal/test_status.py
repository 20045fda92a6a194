"""The line below the prompt, and the line below a reply."""

from dataclasses import replace

import pytest

from chatcli.core.desk import Desk, Staged
from chatcli.core.gauge import Glance
from chatcli.core.look import TOOLBAR, Look
from chatcli.core.messages import Finish, Reply, Usage
from chatcli.core.money import Spent
from chatcli.core.params import Params
from chatcli.core.session import Session
from chatcli.terminal.status import ending, reply_line, toolbar

PAID = Spent(1000, 200, 0.0012)
FREE = Spent(1000, 200, 0.0, unpriced=1200)
GLANCE = Glance(5, 10, exact=True)
OWN = Reply("Hi", Finish.STOP, model="llama")


WARM = Params(temperature=0.7)
FILES = tuple(Staged(name) for name in ("main.py", "shot.png", "notes.md", "more.md"))


@pytest.mark.parametrize(
    ("desk", "glance", "typed", "line"),
    [
        (
            Desk(Session("gpt-6-luna")),
            Glance(0, 1000, exact=False),
            0,
            "gpt-6-luna · ~0 of 1,000 tokens (0%)",
        ),
        (
            Desk(Session("m", params=WARM, title="Rome", spent=PAID), staged=FILES[:2]),
            Glance(1234, 8192, exact=True),
            11,
            (
                "m · temperature 0.7 · 1,234 of 8,192 tokens (15%) · typing ~3 · "
                "with main.py, shot.png · Rome · $0.0012"
            ),
        ),
        (Desk(Session("m"), staged=FILES), GLANCE, 0, "m · 5 of 10 tokens (50%) · with 4 things"),
        (Desk(Session("m", spent=FREE)), GLANCE, 0, "m · 5 of 10 tokens (50%)"),
        (Desk(Session(None)), GLANCE, 0, "server's own · 5 of 10 tokens (50%)"),
        (Desk(Session(None).answered(OWN)), GLANCE, 0, "llama · 5 of 10 tokens (50%)"),
        (Desk(Session("m", spent=Spent(1000, 200, 0.0))), GLANCE, 0, "m · 5 of 10 tokens (50%)"),
        (
            Desk(Session("m"), Look(multiline=True), private=True),
            GLANCE,
            0,
            "m · 5 of 10 tokens (50%) · incognito multiline",
        ),
        (Desk(Session("\x1b[2J", title="a\nb")), GLANCE, 0, "␛[2J · 5 of 10 tokens (50%) · a b"),
        (Desk(Session("m"), staged=(Staged("\x1b[2J"),)), GLANCE, 0, "m · 5 of 10 tokens (50%) · with ␛[2J"),
    ],
)
def test_the_toolbar_shows_how_things_stand(desk, glance, typed, line):
    assert toolbar(desk, glance, typed, 200) == line


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (84, "m · temperature 0.7 · 5 of 10 tokens (50%) · with main.py · normal · $0.0012"),
        (70, "m · temperature 0.7 · 5 of 10 tokens (50%) · with main.py · normal"),
        (60, "m · 5 of 10 tokens (50%) · with main.py · normal"),
        (45, "m · 5 of 10 tokens (50%) · normal"),
        (30, "5 of 10 tokens (50%) · normal"),
        (22, "5 of 10 tokens (50%)"),
        (9, "5 of 10 tokens (50%)"),
    ],
)
def test_what_the_toolbar_has_no_room_for_is_left_out_whole(columns, line):
    desk = Desk(Session("m", params=WARM, title="Rome", spent=PAID), staged=FILES[:1])
    assert toolbar(desk, GLANCE, 1, columns, "normal") == line


@pytest.mark.parametrize(
    ("parts", "line"), [(("cost", "model"), "$0.0012 · m"), (("typing",), "typing ~1"), ((), "")]
)
def test_the_toolbar_shows_the_parts_that_are_wanted(parts, line):
    assert toolbar(Desk(Session("m", spent=PAID), Look(toolbar=parts)), GLANCE, 1, 80) == line


def test_every_part_of_the_toolbar_can_be_shown():
    desk = Desk(Session("m", params=WARM, title="Rome", spent=PAID), staged=FILES[:1], private=True)
    shown = [toolbar(replace(desk, look=Look(toolbar=(part,))), GLANCE, 1, 80) for part in TOOLBAR]
    assert all(shown)
    assert len(set(shown)) == len(TOOLBAR)


LUNA = "gpt-6-luna"
WHOLE = Reply("Hi", Finish.STOP, usage=Usage(1234, 513), seconds=4.0, first=0.8)
CUT = WHOLE._replace(finish=Finish.LENGTH)


@pytest.mark.parametrize(
    ("model", "reply", "cost", "line"),
    [
        (LUNA, WHOLE, 0.0012, "gpt-6-luna · 1,234 + 513 tokens · $0.0012 · 4.0 s · 160 tok/s"),
        (LUNA, WHOLE, None, "gpt-6-luna · 1,234 + 513 tokens · 4.0 s · 160 tok/s"),
        (None, WHOLE._replace(usage=None), None, "4.0 s"),
        (
            LUNA,
            WHOLE._replace(seconds=754.4),
            0.0,
            "gpt-6-luna · 1,234 + 513 tokens · 12 min 34 s · 1 tok/s",
        ),
        ("\x1b[2J\nm", WHOLE._replace(usage=None), None, "␛[2J m · 4.0 s"),
    ],
)
def test_a_reply_is_followed_by_what_it_took_as_far_as_that_is_known(model, reply, cost, line):
    assert reply_line(model, reply, cost, limit=None) == line


@pytest.mark.parametrize(
    "reply",
    [
        WHOLE._replace(first=None),
        WHOLE._replace(first=4.0),  # in one piece
        WHOLE._replace(usage=Usage(9, 1)),
        WHOLE._replace(usage=Usage(9, 500, reasoning=500)),  # thought about, and not told
    ],
)
def test_no_speed_is_claimed_that_was_not_measured(reply):
    assert "tok/s" not in reply_line(LUNA, reply, None, limit=None)


def test_thoughts_that_were_told_count_as_tokens_that_came():
    thought = WHOLE._replace(usage=Usage(9, 321, reasoning=300), reasoning="hm", seconds=2.8)
    assert "160 tok/s" in reply_line(LUNA, thought, None, limit=None)


def test_the_line_below_a_reply_says_why_it_stopped():
    line = reply_line(LUNA, CUT, 0.0012, limit=512)
    assert line.endswith("160 tok/s · [stopped at max_tokens 512: /continue]")


@pytest.mark.parametrize(
    ("reply", "limit", "words"),
    [
        (Reply("Hel", Finish.LENGTH), 512, "[stopped at max_tokens 512: /continue]"),
        (Reply("Hel", Finish.LENGTH), None, "[stopped at the length limit: /continue]"),
        (Reply("", Finish.LENGTH), 512, "[stopped at max_tokens 512]"),
        (Reply("Hel", Finish.FILTERED), None, "[the provider's content filter withheld the rest]"),
        (Reply("Hel", Finish.INTERRUPTED), None, "[interrupted]"),
        (Reply("Hel", Finish.TRUNCATED), None, "[the reply was cut off: /continue]"),
        (Reply("Hel", Finish.FAILED), None, "[the reply was cut off: /continue]"),
        (Reply("", Finish.FAILED), None, ""),
        (Reply("", Finish.STOP), None, "[the reply is empty]"),
        (Reply("Hel", Finish.STOP), 512, ""),
    ],
)
def test_how_a_reply_ended_is_said_and_what_can_be_done(reply, limit, words):
    assert ending(reply, limit=limit, repl=True) == words
    assert ending(reply, limit=limit, repl=False) == words.replace(": /continue", "")
