"""One turn: ask, fit, send, show, keep."""

from dataclasses import replace

import pytest

from chatcli.core.budget import Capacity, Weights
from chatcli.core.catalog import Price
from chatcli.core.events import Ended, Notice, ReasoningDelta, Retrying, Started, TextDelta, Tick
from chatcli.core.gauge import Gauge
from chatcli.core.messages import Finish, Message, Reply, Role, Usage
from chatcli.core.money import Caps, Spent
from chatcli.core.params import Limits, Params
from chatcli.core.session import Session, Summary
from chatcli.engine import Engine
from chatcli.errors import BrokenReply, ContextError, OverBudget, RateLimited, Rejected, TooLong, Unreachable
from tests.fakes import FakeClock, ScriptedModel, holding, words


class Stage:
    """An engine with a scripted model, and all that its view was told."""

    def __init__(self, *replies, window=8192, clock=None, **options):
        self.model = ScriptedModel(*replies)
        self.events = []
        self.clock = clock or FakeClock()
        self.engine = Engine(self.model, holding(window), self.events.append, self.clock, **options)

    def turn(self, session=None, question="hi"):
        return self.engine.turn(session or Session("m"), question)


def said(*texts):
    return tuple(
        Message(Role.ASSISTANT, text, Finish.STOP, model="m") if at % 2 else Message(Role.USER, text)
        for at, text in enumerate(texts)
    )


def test_a_complete_turn_is_told_kept_and_measured():
    stage = Stage(["Hel", "lo", Finish.STOP, Usage(9, 2)])
    turn = stage.turn()
    assert turn.reply == Reply("Hello", Finish.STOP, usage=Usage(9, 2), seconds=2, first=1)
    assert turn.error is None
    assert turn.session.messages == said("hi", "Hello")
    assert stage.events[1:] == [TextDelta("Hel"), TextDelta("lo"), Ended(turn.reply, session=turn.session)]


def test_the_first_piece_is_a_thought_or_a_word_and_nothing_else():
    assert Stage([Notice("a moment"), Tick(), ReasoningDelta("hm"), "Hi"]).turn().reply.first == 1
    assert Stage([Notice("a moment"), Tick(), Usage(9, 0)]).turn().reply.first is None


def test_ticks_reach_the_view_and_leave_no_trace():
    stage = Stage([Tick(), "Hel", Tick(), "lo"])
    turn = stage.turn()
    assert stage.events[1:-1] == [Tick(), TextDelta("Hel"), Tick(), TextDelta("lo")]
    assert turn.session.messages == said("hi", "Hello")


def test_the_view_is_told_the_limit_that_is_sent_along():
    stage = Stage(["ok"], ["ok"])
    stage.turn(Session("m", params=Params(max_tokens=512)))
    stage.turn(Session("m"))
    assert [event.max_tokens for event in stage.events if isinstance(event, Started)] == [512, None]


def test_the_request_holds_system_text_history_parameters_and_the_question():
    stage = Stage(["ok"], stream=False)
    session = Session("m", "Be brief.", Params(temperature=0.5), Limits(context=4096), said("one", "two"))
    stage.turn(session, "three")
    (request,) = stage.model.requests
    assert [(message.role.value, message.text) for message in request.messages] == [
        ("system", "Be brief."),
        ("user", "one"),
        ("assistant", "two"),
        ("user", "three"),
    ]
    assert (request.model, request.params, request.context) == ("m", Params(temperature=0.5), 4096)
    assert request.stream is False


def test_the_turn_before_is_part_of_the_next_request():
    stage = Stage(["Ann"], ["You are Ann"])
    first = stage.turn(question="I am Ann")
    second = stage.turn(first.session, "Who am I?")
    assert [message.text for message in stage.model.requests[1].messages] == ["I am Ann", "Ann", "Who am I?"]
    assert len(second.session.messages) == 4


def test_ctrl_c_keeps_the_words_that_arrived():
    stage = Stage(["Hel", "lo", KeyboardInterrupt()])
    turn = stage.turn()
    assert (turn.reply.text, turn.reply.finish, turn.error) == ("Hello", Finish.INTERRUPTED, None)
    assert turn.session.messages[-1] == Message(Role.ASSISTANT, "Hello", Finish.INTERRUPTED, model="m")
    assert stage.events[-1] == Ended(turn.reply, session=turn.session)


def test_ctrl_c_while_the_view_draws_keeps_the_word_being_drawn_and_hangs_up():
    model = ScriptedModel(["Hel", "lo"])

    def draw(event):
        if event == TextDelta("Hel"):
            raise KeyboardInterrupt

    turn = Engine(model, holding(8192), draw, FakeClock()).turn(Session("m"), "hi")
    assert (turn.reply.text, turn.reply.finish) == ("Hel", Finish.INTERRUPTED)
    assert model.hung_up == 1


def test_ctrl_c_at_the_very_end_takes_nothing_away():
    model = ScriptedModel(["Hello"])

    def draw(event):
        if isinstance(event, Ended):
            raise KeyboardInterrupt

    turn = Engine(model, holding(8192), draw, FakeClock()).turn(Session("m"), "hi")
    assert (turn.reply.text, turn.reply.finish) == ("Hello", Finish.STOP)
    assert turn.session.messages == said("hi", "Hello")


def test_a_turn_interrupted_before_the_first_word_leaves_the_session_as_it_was():
    before = Session("m", messages=said("one", "two"))
    turn = Stage([KeyboardInterrupt()]).turn(before)
    assert turn.session == before
    assert turn.reply.finish is Finish.INTERRUPTED


def test_a_stream_that_breaks_off_is_truncated_and_its_text_kept():
    error = BrokenReply("The connection was cut.")
    turn = Stage(["Hel", error]).turn()
    assert (turn.reply.text, turn.reply.finish, turn.error) == ("Hel", Finish.TRUNCATED, error)
    assert turn.session.messages[-1].text == "Hel"


def test_a_stream_that_ends_without_a_finish_is_truncated():
    assert Stage(["Hel", ...]).turn().reply.finish is Finish.TRUNCATED


def test_an_error_in_the_middle_fails_the_turn_and_keeps_the_text():
    error = Rejected("no more")
    turn = Stage(["Hel", error]).turn()
    assert (turn.reply.text, turn.reply.finish, turn.error) == ("Hel", Finish.FAILED, error)


def test_a_failed_turn_without_a_word_leaves_the_session_as_it_was():
    before = Session("m", messages=said("one", "two"))
    stage = Stage([Rejected("no such model")])
    turn = stage.turn(before)
    assert turn.session == before
    assert turn.error.message == "no such model"
    assert stage.events[-1] == Ended(turn.reply, turn.error, session=turn.session)


@pytest.mark.parametrize("finish", [Finish.LENGTH, Finish.FILTERED])
def test_the_models_own_finish_reason_is_reported(finish):
    assert Stage(["Hel", finish]).turn().reply.finish is finish


def test_reasoning_is_shown_and_kept_apart_from_the_text():
    stage = Stage([ReasoningDelta("2 and 2"), "4"])
    turn = stage.turn()
    assert (turn.reply.reasoning, turn.reply.text) == ("2 and 2", "4")
    assert stage.events[1] == ReasoningDelta("2 and 2")
    assert "2 and 2" not in turn.session.messages[-1].text


def test_a_notice_of_the_models_reaches_the_view():
    stage = Stage([Notice("m takes no top_p"), "ok"])
    stage.turn()
    assert Notice("m takes no top_p") in stage.events


def test_a_busy_server_is_asked_again_after_longer_and_longer_waits():
    busy = Unreachable("busy", retryable=True)
    stage = Stage([busy], [busy], [busy], ["Hello"])
    turn = stage.turn()
    assert turn.reply.text == "Hello"
    assert stage.clock.slept == [0.5, 1, 2]
    assert [event for event in stage.events if isinstance(event, Retrying)] == [
        Retrying(busy, 0.5, 2, 4),
        Retrying(busy, 1, 3, 4),
        Retrying(busy, 2, 4, 4),
    ]


def test_after_four_tries_the_error_is_told():
    busy = Unreachable("busy", retryable=True)
    stage = Stage([busy], [busy], [busy], [busy])
    assert stage.turn().error is busy
    assert len(stage.model.requests) == 4


def test_the_wait_that_the_server_asks_for_is_kept():
    stage = Stage([RateLimited("slow down", retryable=True, retry_after=17)], ["Hello"])
    stage.turn()
    assert stage.clock.slept == [17]


def test_a_wait_of_more_than_two_minutes_is_left_to_the_person():
    stage = Stage([RateLimited("slow down", retryable=True, retry_after=121)])
    assert isinstance(stage.turn().error, RateLimited)
    assert stage.clock.slept == []


def test_nothing_is_sent_again_once_a_word_has_come():
    stage = Stage(["Hel", Unreachable("gone", retryable=True)])
    assert stage.turn().reply.text == "Hel"
    assert len(stage.model.requests) == 1


def test_what_is_refused_for_good_is_not_sent_again():
    stage = Stage([Rejected("no credit left")])
    stage.turn()
    assert stage.clock.slept == []


def test_ctrl_c_ends_the_wait_for_another_try():
    def interrupt(_seconds):
        raise KeyboardInterrupt

    stage = Stage([Unreachable("busy", retryable=True)], clock=FakeClock(interrupt))
    assert stage.turn().reply.finish is Finish.INTERRUPTED
    assert len(stage.model.requests) == 1


LONG = "word " * 100


def test_what_does_not_fit_is_left_out_of_the_request_and_stays_in_the_session():
    stage = Stage(["ok"], window=300)
    session = Session("m", "Be brief.", messages=said(LONG, "one", LONG, "two"))
    turn = stage.turn(session, "and now?")
    sent = [message.text for message in stage.model.requests[0].messages]
    assert sent == ["Be brief.", LONG, "two", "and now?"]
    assert len(turn.session.messages) == 6
    started = stage.events[0]
    assert isinstance(started, Started)
    assert (started.fitted.left_out, started.window, started.reserve) == ((1,), 300, 75)


def test_a_question_that_cannot_fit_is_not_sent():
    stage = Stage(window=64)
    turn = stage.turn(question=LONG)
    assert isinstance(turn.error, ContextError)
    assert (turn.error.tokens, turn.error.room) == (107, 48)
    assert stage.model.requests == []


def test_when_the_server_counts_more_than_we_did_the_oldest_leave_and_it_is_asked_once_more():
    session = Session("m", messages=said(LONG, "one", LONG, "two"))
    stage = Stage([TooLong("too long", prompt_tokens=600, window=512)], ["ok"], window=512)
    turn = stage.turn(session, "and now?")
    assert turn.reply.text == "ok"
    assert [len(request.messages) for request in stage.model.requests] == [5, 3]


def test_a_prompt_that_stays_too_long_is_told():
    error = TooLong("too long", prompt_tokens=600, window=512)
    stage = Stage([error], window=512)
    assert stage.turn(question="hi").error is error
    assert len(stage.model.requests) == 1


def test_what_a_view_raises_leaves_the_engine_and_hangs_up():
    model = ScriptedModel(["Hel", "lo"])

    def draw(event):
        if isinstance(event, TextDelta):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        Engine(model, holding(8192), draw, FakeClock()).turn(Session("m"), "hi")
    assert model.hung_up == 1


def test_a_prompt_is_refitted_by_the_servers_numbers_only_once():
    session = Session("m", messages=said(LONG, "one", LONG, "two"))
    error = TooLong("too long", prompt_tokens=600, window=512)
    stage = Stage([error], [error], window=512)
    assert stage.turn(session, "and now?").error is error
    assert len(stage.model.requests) == 2


def summarizing(session):
    return replace(session, limits=Limits(trim="summarize"))


def test_turns_that_leave_are_condensed_by_the_model_and_the_summary_is_sent():
    stage = Stage(["They ", Tick(), "talked."], ["ok"], window=300)
    session = summarizing(Session("m", "Be brief.", messages=said(LONG, "one", LONG, "two")))
    turn = stage.turn(session, "and now?")
    asked, sent = stage.model.requests
    assert "word word" in asked.messages[1].text
    assert [message.text for message in sent.messages] == [
        "Be brief.\n\nSummary of the conversation so far:\nThey talked.",
        LONG,
        "two",
        "and now?",
    ]
    assert stage.events[:2] == [Notice("condensing turn 1 ..."), Tick()]
    assert turn.session.summary == Summary("They talked.", frozenset({1}))
    assert len(turn.session.messages) == 6


def test_a_summary_that_cannot_be_had_is_no_reason_not_to_answer():
    stage = Stage([Rejected("no")], ["ok"], window=300)
    turn = stage.turn(summarizing(Session("m", messages=said(LONG, "one", LONG, "two"))), "and now?")
    assert turn.reply.text == "ok"
    assert Notice("no summary: no") in stage.events


def test_ctrl_c_while_a_summary_is_made_ends_the_turn():
    stage = Stage(["They", KeyboardInterrupt()], window=300)
    before = summarizing(Session("m", messages=said(LONG, "one", LONG, "two")))
    turn = stage.turn(before, "and now?")
    assert (turn.reply.finish, turn.session) == (Finish.INTERRUPTED, before)


def test_compacting_puts_a_summary_in_the_place_of_all_turns():
    stage = Stage(["They talked."], ["ok"])
    session = stage.engine.compact(Session("m", messages=said("a", "b", "c", "d")), "the names")
    assert session.summary == Summary("They talked.", frozenset({1, 2}), wanted=True)
    assert "Above all keep: the names" in stage.model.requests[0].messages[1].text
    stage.turn(session, "e")
    assert [message.text for message in stage.model.requests[1].messages] == [
        "Summary of the conversation so far:\nThey talked.",
        "e",
    ]


def test_compacting_again_builds_on_the_summary_before():
    stage = Stage(["They talked more."])
    before = Session(
        "m", messages=said("a", "b", "c", "d"), summary=Summary("They talked.", frozenset({1}), wanted=True)
    )
    session = stage.engine.compact(before)
    assert session.summary == Summary("They talked more.", frozenset({1, 2}), wanted=True)
    asked = stage.model.requests[0].messages[1].text
    assert "They talked." in asked
    assert "user: a" not in asked


def test_an_empty_summary_is_an_error_and_changes_nothing():
    with pytest.raises(BrokenReply, match="no summary"):
        Stage([]).engine.compact(Session("m", messages=said("a", "b")))


PRICE = Price(prompt=1.0, completion=2.0)


class Shop(Stage):
    """A stage on which tokens cost money."""

    def __init__(self, *replies, window=1000, **options):
        super().__init__(*replies, **options)
        capacity = Capacity(window, Weights(words), price=PRICE)
        gauge = Gauge(lambda _session: capacity, learn=lambda _session, _window: None)
        self.engine = Engine(self.model, gauge, self.events.append, self.clock, **options)


def test_what_a_session_has_spent_is_added_up():
    shop = Shop(["a", Usage(1000, 500)], ["b", Usage(2000, 500)])
    first = shop.turn()
    second = shop.turn(first.session)
    assert (first.session.spent.tokens, first.session.spent.cost) == (1500, 0.002)
    assert (second.session.spent.tokens, second.session.spent.cost) == (4000, 0.005)


def test_each_turn_tells_what_it_cost():
    shop = Shop(["a", Usage(1000, 500)], ["b", Usage(2000, 500)])
    shop.turn(shop.turn().session)
    costs = [event.cost for event in shop.events if isinstance(event, Ended)]
    assert costs == pytest.approx([0.002, 0.003])


def test_the_summary_that_a_turn_needed_is_part_of_its_cost():
    shop = Shop(["They talked.", Usage(1000, 500)], ["ok", Usage(1000, 500)], window=300)
    shop.turn(summarizing(Session("m", messages=said(LONG, "one", LONG, "two"))), "and now?")
    assert shop.events[-1].cost == pytest.approx(0.004)


def test_what_nobody_counted_or_priced_has_no_cost():
    uncounted, unpriced = Shop(["a", KeyboardInterrupt()]), Stage(["a", Usage(1000, 500)])
    for stage in (uncounted, unpriced):
        stage.turn(Session("m", spent=Spent(5, 5, 0.5)))
        assert stage.events[-1].cost is None


def test_a_failed_turn_is_paid_for_if_the_server_counted_it():
    session = Shop([Usage(1000, 500), Finish.LENGTH]).turn().session
    assert session == Session("m", spent=Spent().add(PRICE, Usage(1000, 500)))


def test_a_request_that_could_cost_too_much_is_not_sent():
    shop = Shop(caps=Caps(max_cost=0.0005))
    turn = shop.turn()
    assert isinstance(turn.error, OverBudget)
    assert shop.model.requests == []
    assert Shop(["a"], caps=Caps(max_cost=0.001)).turn().error is None


def test_a_session_that_could_take_too_many_tokens_is_stopped():
    session = Session("m", spent=Spent(5000, 1000))
    turn = Shop(caps=Caps(max_total_tokens=6200)).turn(session)
    assert turn.error.message == (
        "The session could come to 6,258 tokens with this, and max_total_tokens is 6,200."
    )


def test_a_summary_is_paid_for_and_may_not_cost_too_much_either():
    session = Session("m", messages=said("a", "b", "c", "d"))
    paid = Shop(["They talked.", Usage(1000, 500)]).engine.compact(session)
    assert paid.spent.cost == 0.002
    with pytest.raises(OverBudget):
        Shop(caps=Caps(max_cost=0.0005)).engine.compact(session)
