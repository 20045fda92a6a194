"""The line below the prompt, and the line below a reply."""

import pytest

from chatcli.core.gauge import Glance
from chatcli.core.messages import Finish, Reply, Usage
from chatcli.core.money import Spent
from chatcli.core.session import Session
from chatcli.terminal.status import ending, reply_line, toolbar

PAID = Spent(1000, 200, 0.0012)
FREE = Spent(1000, 200, 0.0, unpriced=1200)


@pytest.mark.parametrize(
    ("session", "glance", "typed", "line"),
    [
        (Session("gpt-6-luna"), Glance(0, 1000, exact=False), "", "gpt-6-luna · ~0 of 1,000 tokens (0%)"),
        (
            Session("m", spent=PAID),
            Glance(1234, 8192, exact=True),
            "hello there",
            "m · 1,234 of 8,192 tokens (15%) · $0.0012 · typing ~3",
        ),
        (Session("m", spent=FREE), Glance(5, 10, exact=True), "", "m · 5 of 10 tokens (50%)"),
        (Session(None), Glance(1, 10, exact=True), "", "the server's own model · 1 of 10 tokens (10%)"),
        (Session("\x1b[2J"), Glance(1, 10, exact=True), "", "␛[2J · 1 of 10 tokens (10%)"),
    ],
)
def test_the_toolbar_shows_model_window_cost_and_what_is_typed(session, glance, typed, line):
    assert toolbar(session, glance, typed) == line


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
