import socket

import pytest

from chatcli.adapters.memory_file import RefusalsFile
from chatcli.adapters.openai_api.model import OpenAIModel
from chatcli.core.events import Retrying
from chatcli.core.messages import Finish
from chatcli.core.params import Params
from chatcli.core.session import Session
from chatcli.engine import Engine
from chatcli.errors import BrokenReply, RateLimited, Rejected, Unreachable
from tests.fakes import FakeClock, holding
from tests.servers.scripted import (
    CLOSE,
    RESET,
    ScriptedServer,
    body,
    cut_after,
    data,
    delta,
    failure,
    no_answer,
    reply,
    silence,
    status,
)

BUSY = status(503, failure("Busy."))


@pytest.fixture
def ask(tmp_path):
    """Asks a server one question; answers with the turn, the seconds waited and the retries told."""
    models = []

    def once(url, clock=None, timeout=10.0, **params):
        clock = clock or FakeClock()
        refusals = RefusalsFile(tmp_path / "refusals.json")
        models.append(
            OpenAIModel(base_url=url, api_key="k", refusals=refusals, timeout=timeout, now=lambda: 100.0)
        )
        events = []
        engine = Engine(models[-1], holding(1000), events.append, clock)
        turn = engine.turn(Session("scripted", params=Params(**params)), "Hello")
        return turn, clock.slept, [event for event in events if isinstance(event, Retrying)]

    yield once
    for model in models:
        model.close()


def test_a_server_that_fails_is_asked_four_times(ask):
    with ScriptedServer(BUSY) as server:
        turn, slept, told = ask(server.url)

    assert len(server.questions) == 4
    assert slept == [0.5, 1.0, 2.0]
    assert [(each.seconds, each.tries, each.most) for each in told] == [(0.5, 2, 4), (1.0, 3, 4), (2.0, 4, 4)]
    assert {each.error.message for each in told} == {"The server failed (503): Busy."}
    assert isinstance(turn.error, Unreachable)
    assert turn.reply.finish is Finish.FAILED


@pytest.mark.parametrize(
    "first",
    [
        status(408),
        status(409),
        status(429),
        status(500),
        status(529),
        no_answer(CLOSE),
        no_answer(RESET),
        body(data({"error": {"message": "Slow.", "type": "rate_limit_error"}})),
        status(400, failure("Not now."), x_should_retry="true"),
    ],
)
def test_what_may_pass_is_tried_again_and_may_succeed(ask, first):
    with ScriptedServer(first, reply("Hello")) as server:
        turn, slept, told = ask(server.url)

    assert (turn.reply.text, turn.reply.finish, turn.error) == ("Hello", Finish.STOP, None)
    assert (slept, len(told)) == ([0.5], 1)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": "0"}, 0.0),
        ({"retry_after_ms": "1500"}, 1.5),
        ({"retry_after": "Thu, 01 Jan 1970 00:02:00 GMT"}, 20.0),
    ],
)
def test_the_server_says_how_long_to_wait(ask, headers, seconds):
    with ScriptedServer(status(429, None, **headers), reply("Hello")) as server:
        turn, slept, told = ask(server.url)

    assert turn.reply.text == "Hello"
    assert slept == [told[0].seconds] == [seconds]


def test_a_server_that_wants_to_rest_for_long_is_left_alone(ask):
    with ScriptedServer(status(429, failure("Tomorrow."), retry_after="3600")) as server:
        turn, slept, _ = ask(server.url)

    assert isinstance(turn.error, RateLimited)
    assert (len(server.questions), slept) == (1, [])


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (status(400, failure("No.")), Rejected),
        (status(429, failure("Pay.", code="insufficient_quota"), retry_after="1"), Rejected),
        (status(503, None, x_should_retry="false"), Unreachable),
        (body(data({"error": {"message": "Oops"}})), BrokenReply),
        (status(200, "<html>"), Rejected),
    ],
)
def test_what_stays_as_it_is_is_not_tried_again(ask, answer, kind):
    with ScriptedServer(answer) as server:
        turn, slept, _ = ask(server.url)

    assert isinstance(turn.error, kind)
    assert (len(server.questions), slept) == (1, [])


@pytest.mark.parametrize("by", [CLOSE, RESET])
@pytest.mark.parametrize("key", ["content", "reasoning_content"])
def test_nothing_is_tried_again_once_a_reply_has_begun(ask, key, by):
    with ScriptedServer(cut_after(delta(**{key: "Hel"}), by=by)) as server:
        turn, slept, _ = ask(server.url)

    assert (turn.reply.text or turn.reply.reasoning) == "Hel"
    assert turn.reply.finish is Finish.TRUNCATED
    assert (len(server.questions), slept) == (1, [])


def test_a_rate_limit_in_mid_reply_is_not_tried_again_either(ask):
    limit = data({"error": {"message": "Slow.", "type": "rate_limit_error"}})
    with ScriptedServer(body(delta(content="Hel") + limit)) as server:
        turn, slept, _ = ask(server.url)

    assert turn.reply.text == "Hel"
    assert isinstance(turn.error, RateLimited)
    assert (len(server.questions), slept) == (1, [])


def test_a_server_that_is_not_there_is_looked_for_again(ask):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    turn, slept, _ = ask(f"http://127.0.0.1:{port}/v1")

    assert isinstance(turn.error, Unreachable)
    assert slept == [0.5, 1.0, 2.0]


def test_a_server_that_was_waited_for_in_vain_is_not_waited_for_again(ask):
    with ScriptedServer(silence()) as server:
        turn, slept, _ = ask(server.url, timeout=0.2)

    assert isinstance(turn.error, Unreachable)
    assert (len(server.questions), slept) == (1, [])


def test_ctrl_c_ends_the_wait_and_the_tries(ask):
    def interrupt(_seconds):
        raise KeyboardInterrupt

    with ScriptedServer(BUSY) as server:
        turn, slept, told = ask(server.url, FakeClock(interrupt))

    assert (turn.reply.finish, turn.error) == (Finish.INTERRUPTED, None)
    assert (len(server.questions), slept, len(told)) == (1, [0.5], 1)


def test_a_refused_parameter_costs_no_try(ask):
    words = failure("Unsupported parameter: 'top_p'", code="unsupported_parameter", param="top_p")
    with ScriptedServer(status(400, words), BUSY, BUSY, BUSY, reply("Hello")) as server:
        turn, slept, _ = ask(server.url, top_p=0.5)

    assert turn.reply.text == "Hello"
    assert len(slept) == 3
    assert ["top_p" in asked.json for asked in server.questions] == [True, False, False, False, False]
