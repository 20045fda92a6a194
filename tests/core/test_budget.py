from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcli.core.budget import PER_MESSAGE, PER_REPLY, Fitted, fit, room
from chatcli.core.messages import Message, Role
from chatcli.errors import ContextError


def system(text):
    return Message(Role.SYSTEM, text)


def user(text):
    return Message(Role.USER, text)


def assistant(text):
    return Message(Role.ASSISTANT, text)


def words(text):
    """A tokenizer that is easy to follow: one token for each word."""
    return len(text.split())


def never(text):
    raise AssertionError(f"counted {text!r}")


@pytest.mark.parametrize(
    ("window", "max_tokens", "max_output", "max_input", "expected"),
    [
        (512, None, None, None, 384),  # a quarter for the reply
        (128_000, None, 16_384, None, 123_904),  # or 4,096
        (128_000, None, 1_024, None, 126_976),  # or all that the model ever writes
        (128_000, 30_000, 16_384, None, 98_000),  # or what was asked for
        (4_096, 4_000, None, None, 1_024),  # but the prompt keeps a quarter
        (4_096, 100_000, None, None, 1_024),
        (1_050_000, None, 128_000, 922_000, 922_000),  # a bound on the prompt of its own
        (1_050_000, 200_000, 128_000, 922_000, 850_000),
    ],
)
def test_a_prompt_may_have_the_window_less_the_reply(window, max_tokens, max_output, max_input, expected):
    assert room(window, max_tokens, max_output, max_input) == expected


def test_a_conversation_that_plainly_fits_is_sent_uncounted():
    assert fit("Be brief.", [user("Hi")], 1_000, never) == Fitted(
        (system("Be brief."), user("Hi")), tokens=3 + (4 + 9) + (4 + 2), counted=False
    )


def test_without_a_system_text_none_is_sent():
    assert fit("", [user("Hi")], 1_000, never).messages == (user("Hi"),)


def test_nothing_at_all_fits():
    assert fit("", [], 1_000, never) == Fitted((), tokens=3, counted=False)


def test_a_conversation_that_fits_when_counted_is_sent_whole():
    said = [user("one two three"), assistant("four five six"), user("seven eight nine")]
    assert fit("ten eleven", said, 30, words) == Fitted(
        (system("ten eleven"), *said), tokens=3 + 3 * (4 + 3) + (4 + 2), counted=True
    )


def test_the_oldest_exchanges_leave_first_and_leave_whole():
    said = [
        *(user("a a a a"), assistant("a a a a a a")),
        *(user("b b b b"), assistant("b b b b b b")),
        user("c c c c"),
    ]
    fitted = fit("", said, 40, words)
    assert fitted == Fitted(tuple(said[2:]), tokens=3 + 8 + 10 + 8, counted=True, left_out=2, dropped=8 + 10)


def test_an_unanswered_question_leaves_alone():
    said = [user("a a a a a"), user("b b b b b"), assistant("b b b b b"), user("c")]
    assert fit("", said, 29, words).messages == tuple(said[1:])


def test_a_middling_exchange_is_not_skipped_for_an_older_small_one():
    said = [user("a"), assistant("a"), user("b " * 50), assistant("b"), user("c")]
    assert fit("", said, 40, words).messages == (user("c"),)


def test_a_question_that_is_too_large_is_refused_with_both_numbers():
    with pytest.raises(ContextError) as refused:
        fit("", [user("earlier"), user("word " * 2_000)], 1_503, words)
    assert (refused.value.tokens, refused.value.room) == (2_007, 1_503)
    assert refused.value.message == "The question needs 2,007 tokens, and a prompt may have 1,503."
    assert refused.value.hint == (
        "Shorten it to about 7,485 characters, or set the context window, if it is larger: --context."
    )


def test_the_system_text_is_named_when_it_takes_part():
    with pytest.raises(ContextError, match="The question and the system text need 117 tokens"):
        fit("be kind " * 3, [user("word " * 100)], 100, words)


def test_a_system_text_that_is_too_large_is_named_alone():
    with pytest.raises(ContextError) as refused:
        fit("word " * 2_000, [user("Hi")], 1_000, words)
    assert refused.value.message == "The system text alone needs 2,007 tokens, and a prompt may have 1,000."
    assert refused.value.hint == "Shorten it, or choose a model with a larger context window."


def test_an_estimate_is_stretched():
    said = [user("a a a a a a"), user("b b b b b b")]
    assert len(fit("", said, 23, words).messages) == 2
    assert fit("", said, 23, words, scale=1.25) == Fitted(
        (said[1],), tokens=3 + 13, counted=True, left_out=1, dropped=13
    )


def test_an_estimate_is_never_stretched_beyond_the_length_of_the_text():
    said = [user("ab"), user("cd")]
    assert fit("", said, 14, lambda text: 2, scale=9) == Fitted(
        (said[1],), tokens=3 + 4 + 2, counted=True, left_out=1, dropped=4 + 2
    )


def test_nothing_older_is_counted_once_the_room_is_full():
    counted = []

    def count(text):
        counted.append(text)
        return words(text)

    said = [user("a " * 9), user("b " * 9), user("c " * 9), user("d " * 9)]
    assert fit("", said, 30, count).messages == tuple(said[2:])
    assert counted == ["d " * 9, "c " * 9, "b " * 9]


def test_nothing_older_is_counted_once_the_rest_plainly_fits():
    said = [user("a a a"), user("b b b"), user("c " * 100)]
    fitted = fit("", said, 130, lambda text: words(text) if "c" in text else never(text))
    assert fitted == Fitted(tuple(said), tokens=3 + 104 + 2 * (4 + 5), counted=False)


def test_half_a_surrogate_pair_is_three_bytes_like_its_replacement():
    assert fit("", [user("\ud800")], 1_000, never).tokens == 3 + 4 + 3


texts = st.text(alphabet="ab é漢", max_size=40)
exchanges = st.tuples(texts.map(user)) | st.tuples(texts.map(user), texts.map(assistant))
conversations = st.builds(
    lambda older, newest: [*(message for exchange in older for message in exchange), newest],
    st.lists(exchanges, max_size=8),
    texts.map(user),
)


def truly(messages):
    return PER_REPLY + sum(PER_MESSAGE + words(message.text) for message in messages)


@st.composite
def cases(draw, scales=(1.0, 1.25, 2.0)):
    """What ``fit`` may be asked: with room for the newest question at least, and for everything at most."""
    told, said, scale = draw(texts), draw(conversations), draw(st.sampled_from(scales))
    head = [system(told)] if told else []
    least, all_of_it = truly([*head, said[-1]]), truly([*head, *said])
    room = draw(st.integers(ceil(scale * least), ceil(scale * all_of_it) + len(said)))
    return told, said, room, words, scale


@given(cases())
def test_law_never_over_the_room(case):
    fitted = fit(*case)
    assert truly(fitted.messages) <= fitted.tokens <= case[2]


@given(cases())
def test_law_the_system_text_stays_first_and_the_newest_question_last(case):
    told, said, *_ = case
    fitted = fit(*case)
    assert fitted.messages[-1] == said[-1]
    assert [one for one in fitted.messages if one.role is Role.SYSTEM] == ([system(told)] if told else [])
    assert fitted.messages[0] == (system(told) if told else said[fitted.left_out])


@given(cases())
def test_law_only_the_oldest_leave_and_nothing_is_reordered(case):
    told, said, *_ = case
    fitted = fit(*case)
    assert fitted.messages[1 if told else 0 :] == tuple(said[fitted.left_out :])


@given(cases())
def test_law_no_reply_without_its_question(case):
    told, *_ = case
    assert fit(*case).messages[1 if told else 0].role is Role.USER


@given(cases(scales=[1.0]))
def test_law_no_more_leaves_than_must(case):
    _, said, room, *_ = case
    fitted = fit(*case)
    if not fitted.left_out:
        return
    last = max(at for at in range(fitted.left_out) if said[at].role is Role.USER)
    assert truly([*fitted.messages, *said[last : fitted.left_out]]) > room


@given(texts, conversations, st.integers(0, 100))
def test_law_refused_when_the_newest_question_is_over_and_only_then(told, said, room):
    needed = truly([*([system(told)] if told else []), said[-1]])
    if needed <= room:
        assert fit(told, said, room, words).messages[-1] == said[-1]
    else:
        with pytest.raises(ContextError):
            fit(told, said, room, words)


@given(cases())
def test_law_what_was_fitted_fits(case):
    told, _, *rest = case
    fitted = fit(*case)
    again = fit(told, fitted.messages[1 if told else 0 :], *rest)
    assert (again.messages, again.left_out) == (fitted.messages, 0)


@given(cases())
def test_law_the_same_again_gives_the_same(case):
    assert fit(*case) == fit(*case)


@given(texts, conversations, st.integers(0, 20))
def test_law_nothing_is_counted_when_the_lengths_fit(told, said, spare):
    sent = [*([system(told)] if told else []), *said]
    lengths = PER_REPLY + sum(PER_MESSAGE + len(one.text.encode()) for one in sent)
    assert fit(told, said, lengths + spare, never) == Fitted(tuple(sent), lengths, counted=False)


@given(cases(scales=[1.0]))
def test_law_no_message_is_counted_twice(case):
    told, said, room, *_ = case
    unlike = [Message(one.role, f"{at}{one.text}") for at, one in enumerate(said)]
    counted = []

    def count(text):
        counted.append(text)
        return words(text)

    fit(told, unlike, room + PER_MESSAGE, count)
    assert len(counted) == len(set(counted))
