from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcli.core.budget import PER_MESSAGE, PER_REPLY, Capacity, Fitted, Weights, fit, room
from chatcli.core.messages import Image, Message, Role
from chatcli.core.params import Limits, Params
from chatcli.core.session import Session, Summary
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


def chat(*said, system="", **fields):
    """A session in which these messages were said."""
    return Session("m", system, messages=tuple(said), **fields)


def turns(*sizes):
    """Answered turns of so many words, half of them the reply's; turn 1 is of a's, turn 2 of b's."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [
        message
        for letter, size in zip(letters, sizes, strict=False)
        for message in (user(f"{letter} " * (size // 2)), assistant(f"{letter} " * (size // 2)))
    ]


WORDS = Weights(words)


def sent(fitted):
    """The first letters of what is sent."""
    return "".join(message.text[:1] for message in fitted.messages)


def test_a_reserve_is_what_the_person_or_the_reply_wants():
    capacity = Capacity(1_000, WORDS)
    assert capacity.room(chat()) == 750
    assert capacity.room(chat(params=Params(max_tokens=100))) == 900
    assert capacity.room(chat(params=Params(max_tokens=100), limits=Limits(reserve=300))) == 700


def test_a_conversation_that_plainly_fits_is_sent_uncounted():
    assert fit(chat(user("Hi"), system="Be brief."), 1_000, Weights(never)) == Fitted(
        (system("Be brief."), user("Hi")), tokens=3 + (4 + 9) + (4 + 2), counted=False
    )


def test_without_a_system_text_none_is_sent():
    assert fit(chat(user("Hi")), 1_000, Weights(never)).messages == (user("Hi"),)


def test_nothing_at_all_fits():
    assert fit(chat(), 1_000, Weights(never)) == Fitted((), tokens=3, counted=False)


def test_a_conversation_that_fits_when_counted_is_sent_whole():
    said = [user("one two three"), assistant("four five six"), user("seven eight nine")]
    assert fit(chat(*said, system="ten eleven"), 30, WORDS) == Fitted(
        (system("ten eleven"), *said), tokens=3 + 3 * (4 + 3) + (4 + 2), counted=True
    )


def test_the_oldest_turns_leave_first_and_leave_whole():
    said = [*turns(40, 40, 40), user("d d")]
    fitted = fit(chat(*said), 120, WORDS)
    assert fitted == Fitted(tuple(said[2:]), tokens=105, counted=True, left_out=(1,), dropped=48)


def test_what_is_cut_is_cut_down_to_the_low_water_mark():
    said = [*turns(20, 20, 20, 20, 20), user("f")]
    assert fit(chat(*said), 140, WORDS).left_out == (1, 2)  # 148 are too many, 120 would do, 98 is the mark
    assert fit(chat(*said, limits=Limits(low_water=1)), 140, WORDS).left_out == (1,)
    assert fit(chat(*said, limits=Limits(low_water=0.5)), 140, WORDS).left_out == (1, 2, 3)


def test_the_beginning_of_the_request_then_stays_the_same_for_many_turns():
    session, beginnings = chat(), []
    for number in range(40):
        session = session.asked(f"{number} " * 5)
        beginnings.append(fit(session, 200, WORDS).messages[0])
        session = replace(session, messages=(*session.messages, assistant(f"{number} " * 5)))
    assert len(set(beginnings)) <= 40 / 3


def test_pinned_turns_stay_in_their_place():
    said = [*turns(40, 40, 40), user("d d")]
    fitted = fit(chat(*said, pins=frozenset({1})), 120, WORDS)
    assert sent(fitted) == "aaccd"
    assert fitted.left_out == (2,)


def test_dropped_turns_are_never_sent_and_not_said_to_be_left_out():
    said = [*turns(10, 10, 10), user("d d")]
    fitted = fit(chat(*said, dropped=frozenset({2})), 1_000, WORDS)
    assert (sent(fitted), fitted.left_out) == ("aaccd", ())


def test_an_unanswered_question_leaves_alone():
    said = [user("a a a a a"), user("b b b b b"), assistant("b b b b b"), user("c")]
    assert fit(chat(*said, limits=Limits(low_water=1)), 29, WORDS).messages == tuple(said[1:])


def test_a_middling_turn_is_not_skipped_for_an_older_small_one():
    said = [user("a"), assistant("a"), user("b " * 50), assistant("b"), user("c")]
    assert fit(chat(*said), 60, WORDS).messages == (user("c"),)


def test_between_two_questions_it_is_what_the_next_one_will_find():
    said = turns(40, 40, 40)
    assert sent(fit(chat(*said), 120, WORDS)) == "bbcc"
    assert fit(chat(*said), 1_000, WORDS).left_out == ()


def test_a_summary_stands_for_turns_that_do_not_fit():
    said = [*turns(40, 40, 40), user("d d")]
    session = chat(*said, system="Be brief.", summary=Summary("They said a and b.", frozenset({1, 2})))
    fitted = fit(session, 120, WORDS)
    assert fitted.messages[0].text == "Be brief.\n\nSummary of the conversation so far:\nThey said a and b."
    assert (sent(fitted), fitted.summarized, fitted.left_out) == ("Bccd", (1, 2), ())
    whole = fit(session, 1_000, WORDS)
    assert (sent(whole), whole.summarized) == ("Baabbccd", ())


def test_a_summary_that_was_asked_for_stands_even_where_everything_fits():
    said = [*turns(10, 10), user("c")]
    session = chat(
        *said, pins=frozenset({1}), summary=Summary("They said a and b.", frozenset({1, 2}), wanted=True)
    )
    assert sent(fit(session, 1_000, WORDS)) == "Saac"


def test_a_turn_of_which_a_summary_knows_nothing_is_sent():
    said = [*turns(10, 10), user("c")]
    session = chat(*said, summary=Summary("They said b.", frozenset({2}), wanted=True))
    assert sent(fit(session, 1_000, WORDS)) == "Saac"


def test_turns_leave_from_behind_a_summary_too():
    said = [*turns(40, 40, 40), user("d d")]
    fitted = fit(chat(*said, summary=Summary("They said a.", frozenset({1}))), 80, WORDS)
    assert (sent(fitted), fitted.summarized, fitted.left_out) == ("Sccd", (1,), (2,))


def test_trimming_can_be_refused():
    said = [*turns(40, 40, 40), user("d d")]
    with pytest.raises(ContextError) as refused:
        fit(chat(*said, limits=Limits(trim="error")), 120, WORDS)
    assert refused.value.message == "The chat needs 153 tokens, and a prompt may have 120."
    assert fit(chat(*said, limits=Limits(trim="error")), 153, WORDS).left_out == ()


def test_trimming_can_be_turned_off():
    said = [*turns(40, 40, 40), user("d d")]
    fitted = fit(chat(*said, limits=Limits(trim="off")), 120, WORDS)
    assert (fitted.messages, fitted.tokens) == (tuple(said), 153)


def test_a_question_that_is_too_large_is_refused_with_both_numbers():
    with pytest.raises(ContextError) as refused:
        fit(chat(user("earlier"), user("word " * 2_000)), 1_503, WORDS)
    assert (refused.value.tokens, refused.value.room) == (2_007, 1_503)
    assert refused.value.message == "The question needs 2,007 tokens, and a prompt may have 1,503."
    assert refused.value.hint == (
        "Shorten it by about 2,515 characters, "
        "or set the window if it is larger: --context N, in a chat /set context N."
    )


def test_what_goes_along_is_to_be_shortened_where_that_is_what_is_too_large():
    staged, asked = "word " * 2_000, "Why? " * 10
    with pytest.raises(ContextError) as refused:
        fit(chat(user(staged + asked)._replace(along=len(staged))), 1_503, WORDS)
    assert refused.value.hint.startswith("Shorten what goes along by about 2,565 characters, or ")


def test_what_stays_beside_the_question_is_named():
    with pytest.raises(ContextError, match="The question and the system text need 117 tokens"):
        fit(chat(user("word " * 100), system="be kind " * 3), 100, WORDS)
    with pytest.raises(ContextError, match="The question and the pinned turns need 118 tokens") as refused:
        fit(chat(*turns(100), user("b b b"), pins=frozenset({1})), 100, WORDS)
    assert refused.value.hint.startswith("Shorten what stays beside it")


def test_an_estimate_is_stretched():
    said = [user("a a a a a a"), user("b b b b b b")]
    assert len(fit(chat(*said), 23, WORDS).messages) == 2
    assert fit(chat(*said), 23, Weights(words, 1.25)) == Fitted(
        (said[1],), tokens=3 + 13, counted=True, left_out=(1,), dropped=13
    )


def test_an_estimate_is_never_stretched_beyond_the_length_of_the_text():
    said = [user("ab"), user("cd")]
    assert fit(chat(*said), 14, Weights(lambda text: 2, 9)) == Fitted(
        (said[1],), tokens=3 + 4 + 2, counted=True, left_out=(1,), dropped=4 + 2
    )


def test_a_message_is_counted_once_in_its_life():
    counted = []

    def count(text):
        counted.append(text)
        return words(text)

    weights = Weights(count)
    session = chat(*turns(20, 20, 20, 20))
    for number in range(5):
        session = session.asked(f"question {number}")
        fit(session, 90, weights)
        fit(session, 90, weights.scaled(1.5))
    assert len(counted) == len(set(counted))


def test_half_a_surrogate_pair_is_three_bytes_like_its_replacement():
    assert fit(chat(user("\ud800")), 1_000, Weights(never)).tokens == 3 + 4 + 3


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
    """What ``fit`` may be asked: with room for what must stay at least, and for everything at most."""
    told, said, scale = draw(texts), draw(conversations), draw(st.sampled_from(scales))
    number = len(Session(messages=tuple(said)).turns)
    marked = draw(st.dictionaries(st.integers(1, number), st.sampled_from(["pin", "drop"]), max_size=3))
    pins = frozenset(n for n, mark in marked.items() if mark == "pin")
    dropped = frozenset(n for n, mark in marked.items() if mark == "drop" and n != number)
    low_water = draw(st.sampled_from([0.3, 0.7, 1.0]))
    session = chat(*said, system=told, pins=pins, dropped=dropped, limits=Limits(low_water=low_water))
    weights = Weights(words, scale)
    everything = PER_REPLY + sum(weights.of(one) for one in [*([system(told)] if told else []), *said])
    least = PER_REPLY + sum(weights.of(one) for one in staying(session))
    return session, draw(st.integers(least, max(least, everything))), weights


def staying(session):
    """What must be sent: system text, pinned turns, the newest question."""
    pinned = [one for n, turn in enumerate(session.turns, 1) if n in session.pins for one in turn]
    newest = [] if len(session.turns) in session.pins else [session.messages[-1]]
    return [*([system(session.system)] if session.system else []), *pinned, *newest]


def numbers(fitted, session):
    """The numbers of the turns that are sent."""
    rest = list(fitted.messages[1 if session.system else 0 :])
    found = []
    for number, turn in enumerate(session.turns, 1):
        if (
            rest[: len(turn)] == list(turn)
            and number not in session.dropped
            and number not in fitted.left_out
        ):
            found.append(number)
            rest = rest[len(turn) :]
    assert rest == []
    return found


@given(cases())
def test_law_never_over_the_room(case):
    fitted = fit(*case)
    assert truly(fitted.messages) <= fitted.tokens <= case[1]


@given(cases())
def test_law_the_newest_question_is_whole_and_last(case):
    assert fit(*case).messages[-1] == case[0].messages[-1]


@given(cases())
def test_law_the_system_text_stays_and_is_first(case):
    session, fitted = case[0], fit(*case)
    assert [one for one in fitted.messages if one.role is Role.SYSTEM] == (
        [system(session.system)] if session.system else []
    )
    if session.system:
        assert fitted.messages[0].role is Role.SYSTEM


@given(cases())
def test_law_order_is_kept_and_turns_are_whole(case):
    session, fitted = case[0], fit(*case)
    kept = set(numbers(fitted, session))
    assert kept | set(fitted.left_out) | session.dropped == set(range(1, len(session.turns) + 1))


@given(cases())
def test_law_no_reply_without_its_question(case):
    fitted = fit(*case)
    before = None
    for message in fitted.messages:
        assert message.role is not Role.ASSISTANT or before is Role.USER
        before = message.role


@given(cases())
def test_law_pinned_turns_stay_and_dropped_ones_never_do(case):
    session, fitted = case[0], fit(*case)
    kept = set(numbers(fitted, session))
    assert session.pins <= kept
    assert not session.dropped & kept


@given(cases())
def test_law_only_the_oldest_leave(case):
    session, fitted = case[0], fit(*case)
    free = [n for n in range(1, len(session.turns) + 1) if n not in session.pins | session.dropped]
    assert list(fitted.left_out) == free[: len(fitted.left_out)]


@given(cases())
def test_law_nothing_leaves_where_everything_fits(case):
    session, _, weights = case
    plenty = PER_REPLY + sum(weights.bound(one) for one in [system(session.system), *session.messages])
    assert fit(session, plenty, weights).left_out == ()


@given(cases())
def test_law_what_was_fitted_fits(case):
    session, room, weights = case
    fitted = fit(*case)
    said = fitted.messages[1 if session.system else 0 :]
    again = fit(replace(session, messages=said, pins=frozenset(), dropped=frozenset()), room, weights)
    assert (again.messages, again.left_out) == (fitted.messages, ())


@given(cases())
def test_law_the_same_again_gives_the_same(case):
    assert fit(*case) == fit(*case)


@given(texts, conversations, st.integers(0, 100))
def test_law_refused_when_what_must_stay_is_over_and_only_then(told, said, room):
    session = chat(*said, system=told)
    if truly(staying(session)) <= room:
        assert fit(session, room, WORDS).messages[-1] == said[-1]
    else:
        with pytest.raises(ContextError):
            fit(session, room, WORDS)


@given(texts, conversations, st.integers(0, 20))
def test_law_nothing_is_counted_when_the_lengths_fit(told, said, spare):
    whole = [*([system(told)] if told else []), *said]
    lengths = PER_REPLY + sum(PER_MESSAGE + len(one.text.encode()) for one in whole)
    fitted = fit(chat(*said, system=told), lengths + spare, Weights(never))
    assert fitted == Fitted(tuple(whole), lengths, counted=False)


def shown(text, *sizes):
    return user(text)._replace(images=tuple(Image("shot", "image/png", b"", *size) for size in sizes))


def test_images_weigh_what_the_models_rule_says_or_else_what_is_usual():
    told = shown("one two", (512, 512), (1024, 1024))
    usual = Weights(words, 2.0)
    ruled = usual.seeing(lambda image: image.width)
    assert (usual.of(told), usual.images(told), usual.guesses([told])) == (11 + 255 + 765, 255 + 765, True)
    assert (ruled.of(told), ruled.bound(told)) == (11 + 1536, 11 + 1536)
    assert not ruled.guesses([told])
    assert not usual.guesses([user("one")])


def test_old_images_leave_with_their_turn():
    said = [shown("a", (1024, 1024)), assistant("a"), user("b")]
    assert fit(chat(*said), 100, WORDS).messages == (said[2],)
    assert fit(chat(*said), 1_000, WORDS).messages == tuple(said)


def test_a_question_whose_images_are_too_large_is_not_to_be_shortened():
    with pytest.raises(ContextError) as refused:
        fit(chat(shown("a", (1024, 1024))), 100, WORDS)
    assert (refused.value.tokens, refused.value.room) == (3 + 5 + 765, 100)
    assert refused.value.hint.startswith("Send fewer pictures, or set the window if it is larger: ")
