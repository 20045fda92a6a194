import json
from io import StringIO

from chatcli.core.budget import Fitted
from chatcli.core.events import Ended, Notice, ReasoningDelta, Shown, Started, TextDelta, Tick
from chatcli.core.messages import Finish, Message, Reply, Role, Usage
from chatcli.core.session import Session
from chatcli.errors import RateLimited, UsageError
from chatcli.terminal.asides import Asides
from chatcli.terminal.jsonl import JsonLines
from chatcli.terminal.voice import Voice

KEPT = Session("m", messages=(Message(Role.USER, "hi"), Message(Role.ASSISTANT, "Hello")), id="s1")


def written(*events):
    out, err = StringIO(), StringIO()
    voice = Voice(err, colour=False)
    view = JsonLines(out, voice, Asides(voice, repl=False))
    for event in events:
        view.failed(event) if isinstance(event, UsageError) else view(event)
    return [json.loads(line) for line in out.getvalue().split("\n")[:-1]], err.getvalue()


def test_a_turn_is_one_line_when_it_has_ended_and_not_before():
    started = Started("m", Fitted((), 5, False, left_out=(1, 2)), 100, 25)
    pieces = (started, ReasoningDelta("hm"), TextDelta("Hel"), Tick(), TextDelta("lo"))
    assert written(*pieces)[0] == []
    [line], _ = written(*pieces, Ended(Reply("Hello", Finish.STOP, "hm", Usage(9, 2, 4, 1)), session=KEPT))
    assert line == {
        "session": "s1",
        "turn": 1,
        "text": "Hello",
        "finish_reason": "stop",
        "usage": {
            "prompt_tokens": 9,
            "completion_tokens": 2,
            "total_tokens": 11,
            "cached_tokens": 4,
            "reasoning_tokens": 1,
        },
        "left_out": [1, 2],
        "error": None,
    }


def test_what_was_left_out_of_one_request_is_not_said_of_the_next():
    started = Started("m", Fitted((), 5, False, left_out=(1,)), 100, 25)
    ended = Ended(Reply("Hello", Finish.STOP), session=KEPT)
    assert [line["left_out"] for line in written(started, ended, ended)[0]] == [[1], []]


def test_a_turn_that_failed_has_the_number_that_it_would_have_had():
    failed = Ended(Reply("", Finish.FAILED), RateLimited("Too many.", "Wait."), session=KEPT)
    [line], err = written(failed)
    assert (line["turn"], line["text"], line["finish_reason"], line["usage"]) == (2, "", "failed", None)
    assert line["error"] == {"message": "Too many.", "hint": "Wait.", "kind": "RateLimited"}
    assert err == "chatcli: error: Too many.\n  Wait.\n"


def test_a_line_that_came_to_no_turn_belongs_to_none():
    [line], _ = written(UsageError("No such command."))
    assert (line["session"], line["turn"], line["finish_reason"]) == (None, None, None)
    assert line["error"] == {"message": "No such command.", "hint": "", "kind": "UsageError"}


def test_whatever_is_no_turn_goes_to_stderr():
    assert written(Notice("m takes no seed"), Shown("**Hi**\nthere", rendered=True)) == (
        [],
        "m takes no seed\n**Hi**\nthere\n",
    )


def test_line_breaks_in_a_reply_break_no_line():
    [line], _ = written(Ended(Reply("a\n\u2028b\r\n", Finish.STOP), session=KEPT))
    assert line["text"] == "a\n\u2028b\r\n"
