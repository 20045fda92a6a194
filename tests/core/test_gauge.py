"""How much of the window a session takes, corrected by what servers count."""

from dataclasses import replace

from chatcli.core.budget import Capacity, Weights
from chatcli.core.gauge import Gauge, Glance
from chatcli.core.messages import Image, Message, Role, Usage
from chatcli.core.session import Session
from chatcli.errors import TooLong
from tests.fakes import words


class Window:
    """A gauge of a model with this window, and what it has told."""

    def __init__(self, window, *, exact=False, count=lambda _messages: None):
        self.learnt, self.counted = [], 0
        capacity = Capacity(window, Weights(words), exact)
        self._count = count
        self.gauge = Gauge(lambda _session: capacity, self.learn, self.count)

    def learn(self, _session, window):
        self.learnt.append(window)

    def count(self, _session, messages):
        self.counted += 1
        return self._count(messages)


def asked(*texts):
    session = Session("m")
    for text in texts[:-1]:
        session = session.asked(text)
        session = Session("m", messages=(*session.messages, Message(Role.ASSISTANT, "ok")))
    return session.asked(texts[-1])


LONG = "word " * 30


def test_an_estimate_grows_to_what_the_server_counted():
    gauge = Window(120).gauge
    sent = gauge.fit(asked(LONG, "hi"))
    assert (sent.fitted.tokens, sent.fitted.counted) == (3 + 34 + 5 + 5, True)
    gauge.anchored(asked(LONG, "hi"), sent, Usage(prompt=94, completion=1))
    assert gauge.measure(asked("hi")).weights.scale == 2.0


def test_a_tokenizer_that_is_the_models_own_is_not_doubted():
    gauge = Window(120, exact=True).gauge
    gauge.anchored(asked(LONG, "hi"), gauge.fit(asked(LONG, "hi")), Usage(prompt=94, completion=1))
    assert gauge.measure(asked("hi")).weights.scale == 1.0


def test_what_the_server_has_counted_is_not_estimated_again():
    gauge = Window(200, exact=True).gauge
    first = asked(LONG, LONG)
    gauge.anchored(first, gauge.fit(first), Usage(prompt=90, completion=1))
    second = Session("m", messages=(*first.messages, Message(Role.ASSISTANT, "ok"))).asked(LONG)
    assert gauge.fit(second).fitted.tokens == 90 + 5 + 34


def test_a_refusal_teaches_window_and_scale():
    window = Window(4096)
    session = asked("word " * 400)
    sent = window.gauge.fit(session)
    assert window.gauge.corrected(session, sent, TooLong("too long", prompt_tokens=814, window=512))
    measure = window.gauge.measure(session)
    assert (measure.window, measure.weights.scale) == (512, 2.0)
    assert window.learnt == [512]


def test_a_refusal_without_numbers_teaches_nothing():
    window = Window(4096)
    assert not window.gauge.corrected(asked("hi"), window.gauge.fit(asked("hi")), TooLong("too long"))
    assert window.learnt == []


def test_what_is_learnt_of_one_model_is_not_believed_of_another():
    window = Window(4096)
    session = asked("word " * 400)
    window.gauge.corrected(session, window.gauge.fit(session), TooLong("", prompt_tokens=814, window=512))
    assert window.gauge.measure(Session("other")).window == 4096


def test_a_glance_guesses_until_a_server_has_counted():
    gauge = Window(200, exact=True).gauge
    session = Session("m", "x" * 40, messages=(Message(Role.USER, "y" * 40),))
    assert gauge.glance(session) == Glance(3 + 4 + 10 + 4 + 10, 200, exact=False)
    gauge.anchored(session, gauge.fit(session), Usage(prompt=90, completion=10))
    assert gauge.glance(replace(session)) == Glance(90, 200, exact=True)
    answered = replace(session, messages=(*session.messages, Message(Role.ASSISTANT, "z" * 40)))
    assert gauge.glance(answered) == Glance(90 + 4 + 10, 200, exact=False)


def test_a_glance_at_another_chat_is_not_misled_by_the_last_one():
    gauge = Window(200, exact=True).gauge
    session = asked("hi")
    gauge.anchored(session, gauge.fit(session), Usage(prompt=90, completion=10))
    assert gauge.glance(Session("m")).used == 0
    assert gauge.glance(asked("ho")).used == 3 + 4


def test_a_glance_agrees_with_what_somebody_was_told_who_looked():
    gauge = Window(8000, exact=True).gauge
    session = Session("m", "Be brief.", messages=(Message(Role.USER, LONG), Message(Role.ASSISTANT, "ok")))
    assert gauge.used(session, gauge.fit(session)) == 3 + 6 + 34 + 5
    assert gauge.glance(session) == Glance(48, 8000, exact=True)
    assert gauge.glance(session.asked("z" * 40)) == Glance(48 + 4 + 10, 8000, exact=False)
    steered = replace(session, system="Be kind, please.")
    assert gauge.glance(steered) == Glance(3 + 4 + 4 + 34 + 5, 8000, exact=False)


def test_whoever_looks_after_a_reply_is_told_what_the_server_counted():
    gauge = Window(8000, exact=True).gauge
    first = asked("hi")
    gauge.anchored(first, gauge.fit(first), Usage(prompt=90, completion=1))
    answered = Session("m", messages=(*first.messages, Message(Role.ASSISTANT, "ok")))
    assert gauge.used(answered, gauge.fit(answered)) == 90 + 5
    assert gauge.glance(answered) == Glance(95, 8000, exact=True)


def test_where_nothing_is_to_be_sent_nothing_is_used():
    gauge = Window(8000).gauge
    assert gauge.glance(Session("m")) == Glance(0, 8000, exact=True)
    assert gauge.used(Session("m"), gauge.fit(Session("m"))) == 0


def test_a_glance_at_estimates_is_stretched_as_they_are():
    gauge = Window(120).gauge
    gauge.anchored(asked(LONG, "hi"), gauge.fit(asked(LONG, "hi")), Usage(prompt=94, completion=1))
    assert gauge.glance(Session("m").asked("y" * 40)).used == 3 + 2 * (4 + 10)


def test_a_server_that_counts_is_asked_when_the_room_is_nearly_full():
    window = Window(120, count=lambda _messages: 60)
    assert window.gauge.fit(asked("hi")).fitted.counted is False
    assert window.counted == 0
    assert window.gauge.fit(asked(LONG, "hi")).fitted.tokens == 60


def test_what_a_server_counts_to_be_too_much_is_cut_before_it_is_sent():
    window = Window(120, count=lambda messages: 40 * len(messages))
    assert len(window.gauge.fit(asked(LONG, "hi")).fitted.messages) == 1


def test_nobody_is_asked_where_the_tokenizer_is_the_models_own():
    window = Window(60, exact=True, count=lambda _messages: 40)
    window.gauge.fit(asked(LONG, "hi"))
    assert window.counted == 0


SHOT = Image("shot.png", "image/png", b"", 512, 512)
SEEN = Session("m").asked(Message(Role.USER, "What is this?", images=(SHOT,)))


def test_an_image_of_which_no_rule_is_known_makes_an_estimate_of_exact_counts():
    gauge = Window(4096, exact=True).gauge
    assert gauge.measure(asked("hi")).exact
    assert not gauge.measure(SEEN).exact
    assert gauge.glance(SEEN).used == 3 + 4 + 3 + 255


def test_a_prompt_with_images_teaches_nothing_about_text():
    gauge = Window(400).gauge
    sent = gauge.fit(SEEN)
    gauge.anchored(SEEN, sent, Usage(prompt=2000, completion=1))
    assert gauge.measure(asked("hi")).weights.scale == 1.0
    assert gauge.glance(SEEN).used == 2000
