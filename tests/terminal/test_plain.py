"""The plain view: the reply on stdout, every other word on stderr."""

from io import StringIO

import pytest

from chatcli.core.budget import Fitted
from chatcli.core.events import (
    Ended,
    Notice,
    ReasoningDelta,
    Restyled,
    Retrying,
    Shown,
    Started,
    TextDelta,
    Tick,
)
from chatcli.core.look import Look
from chatcli.core.messages import Finish, Reply
from chatcli.errors import AuthError, RateLimited
from chatcli.terminal.asides import Asides
from chatcli.terminal.plain import PlainView
from chatcli.terminal.voice import Voice


def shown(*events, watched=False, colour=False, repl=False):
    out, err = StringIO(), StringIO()
    voice = Voice(err, colour=colour)
    view = PlainView(out, voice, Asides(voice, repl=repl), watched=watched)
    for event in events:
        view(event)
    return out.getvalue(), err.getvalue()


HELLO = (
    Started("m", Fitted((), 5, False), 100, 25),
    TextDelta("Hel"),
    TextDelta("lo"),
    Ended(Reply("Hello", Finish.STOP)),
)


def test_a_pipe_gets_exactly_the_reply():
    assert shown(*HELLO) == ("Hello", "")


def test_a_pipe_gets_every_byte_of_the_reply_as_it_is():
    text = "\x1b[31m\r\n\x00 \u202e"
    assert shown(TextDelta(text), Ended(Reply(text, Finish.STOP)))[0] == text


def test_a_terminal_gets_a_newline_at_the_end_and_no_escape_codes_of_the_models():
    assert shown(*HELLO, watched=True) == ("Hello\n", "")
    assert (
        shown(TextDelta("a\x1b[2Jb\n"), Ended(Reply("a\x1b[2Jb\n", Finish.STOP)), watched=True)[0]
        == "a␛[2Jb\n"
    )


def test_reasoning_is_shown_to_a_person_apart_from_the_reply_and_kept_from_a_pipe():
    thinking = (ReasoningDelta("2 and"), ReasoningDelta(" 2"), TextDelta("4"), Ended(Reply("4", Finish.STOP)))
    assert shown(*thinking) == ("4", "")
    assert shown(*thinking, watched=True) == ("4\n", "2 and 2\n\n")


@pytest.mark.parametrize(
    ("reply", "line"),
    [
        (Reply("Hel", Finish.LENGTH), "[stopped at the length limit]\n"),
        (Reply("Hel", Finish.FILTERED), "[the provider's content filter withheld the rest]\n"),
        (Reply("Hel", Finish.INTERRUPTED), "[interrupted]\n"),
        (Reply("Hel", Finish.TRUNCATED), "[the reply was cut off]\n"),
        (Reply("Hel", Finish.FAILED), "[the reply was cut off]\n"),
        (Reply("", Finish.FAILED), ""),
        (Reply("", Finish.STOP), "[the reply is empty]\n"),
        (Reply("Hello", Finish.STOP), ""),
    ],
)
def test_how_a_reply_ended_is_said_on_stderr(reply, line):
    assert shown(Ended(reply)) == ("", line)


def test_the_limit_at_which_a_reply_stopped_is_said_and_in_a_chat_the_way_on():
    limited = HELLO[0]._replace(max_tokens=512)
    ended = Ended(Reply("Hel", Finish.LENGTH))
    assert shown(limited, ended)[1] == "[stopped at max_tokens 512]\n"
    assert shown(limited, ended, repl=True)[1] == "m · [stopped at max_tokens 512: /continue]\n\n"
    assert shown(limited, HELLO[0], ended)[1] == "[stopped at the length limit]\n"


def test_a_text_is_shown_again_with_a_newline_and_no_escape_codes():
    assert shown(Shown("a\x1b[2Jb", rendered=False), watched=True) == ("a␛[2Jb\n", "")
    assert shown(Shown("a\n", rendered=True)) == ("a\n", "")


def test_a_reply_that_is_shown_again_says_how_it_ended_as_it_did_at_first():
    half = Shown("Hel", rendered=True, finish=Finish.LENGTH)
    assert shown(half) == ("Hel\n", "[stopped at the length limit]\n")
    assert shown(half, repl=True) == ("Hel\n", "[stopped at the length limit: /continue]\n")
    assert shown(Shown("Hello", rendered=True, finish=Finish.STOP)) == ("Hello\n", "")
    assert shown(Shown("", rendered=False)) == ("\n", "")


def test_a_line_end_that_is_torn_between_two_pieces_is_one_on_a_terminal():
    pieces = (TextDelta("a\r"), TextDelta("\nb\rc"), TextDelta("\r"), TextDelta("\r\nd\r"))
    whole = Ended(Reply("a\r\nb\rc\r\r\nd\r", Finish.STOP))
    assert shown(*pieces, whole, watched=True)[0] == "a\nb␍c␍\nd␍\n"
    assert shown(*pieces, whole)[0] == "a\r\nb\rc\r\r\nd\r"


def test_ticks_and_looks_are_for_views_that_draw():
    assert shown(Tick(), Restyled(Look(theme="light")), watched=True) == ("", "")


def test_an_error_is_one_line_and_one_of_advice():
    error = AuthError("The server rejected\nthe API key \x1b[1m.", "Set OPENAI_API_KEY.")
    assert shown(Ended(Reply("", Finish.FAILED), error))[1] == (
        "chatcli: error: The server rejected the API key ␛[1m.\n  Set OPENAI_API_KEY.\n"
    )
    assert shown(Ended(Reply("", Finish.FAILED), AuthError("No.")))[1] == "chatcli: error: No.\n"


def test_markup_is_text():
    assert shown(Notice("[red]x[/red]"))[1] == "[red]x[/red]\n"


def started(left_out=(), dropped=0, summarized=(), exact=True):
    return Started("m", Fitted((), 6120, True, left_out, dropped, summarized), 8192, 1024, exact)


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (started(), ""),
        (
            started((1, 2), 1840),
            "left out turns 1-2 (1,840 tokens); 6,120 of 8,192 used, 1,024 kept for the reply\n",
        ),
        (
            started((3,), 900, exact=False),
            "left out turn 3 (~900 tokens); ~6,120 of 8,192 used, 1,024 kept for the reply\n",
        ),
        (
            started(summarized=(1, 2, 3, 4)),
            "a summary stands for turns 1-4; 6,120 of 8,192 used, 1,024 kept for the reply\n",
        ),
    ],
)
def test_what_is_left_out_is_said(event, line):
    assert shown(event)[1] == line


def test_what_is_left_out_is_said_once_and_not_with_every_question():
    assert shown(started((1,), 10), started((1,), 10))[1].count("left out") == 1
    assert shown(started((1,), 10), started((1, 2), 20))[1].count("left out") == 2


def test_another_try_says_why_and_when():
    assert shown(Retrying(RateLimited("Too many requests."), 1.5, 2, 4))[1] == (
        "Too many requests. Trying again in 1.5 s (2 of 4)\n"
    )


def test_colour_is_used_where_it_is_wanted():
    assert shown(Notice("dim"), colour=True)[1] == "\x1b[2mdim\x1b[0m\n"
