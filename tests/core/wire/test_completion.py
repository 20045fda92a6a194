import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcli.core.events import ReasoningDelta, TextDelta
from chatcli.core.messages import Finish, Usage
from chatcli.core.wire.completion import Completion, usage_of
from chatcli.errors import BrokenReply, ModelError, Rejected, TooLong


def read(*things):
    completion = Completion()
    return [chunk for thing in things for chunk in completion.read(thing)] + list(completion.end())


def choice(finish=None, **delta):
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def text_of(*things):
    return "".join(chunk.text for chunk in read(*things) if isinstance(chunk, TextDelta))


def test_a_stream_becomes_text_finish_and_usage():
    counts = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2}}

    chunks = read(choice(role="assistant", content=""), choice(content="Hi"), choice("stop"), counts)

    assert chunks == [TextDelta("Hi"), Finish.STOP, Usage(prompt=9, completion=2)]


def test_a_whole_object_reads_like_a_stream_of_one_piece():
    message = {"role": "assistant", "content": "Hi", "reasoning_content": "Hm"}
    thing = {"choices": [{"index": 0, "message": message, "finish_reason": "length"}]}

    assert read(thing) == [ReasoningDelta("Hm"), TextDelta("Hi"), Finish.LENGTH]


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
def test_reasoning_is_read_under_both_of_its_names(key):
    assert read(choice(**{key: "Hm", "content": None})) == [ReasoningDelta("Hm"), Finish.STOP]


def test_a_refusal_is_text_like_any_other():
    assert read(choice(refusal="I must not.")) == [TextDelta("I must not."), Finish.STOP]


def test_content_may_be_a_list_of_parts():
    parts = [{"type": "text", "text": "a"}, {"type": "image"}, "x", {"text": 1}, {"text": "b"}]

    assert text_of(choice(content=parts)) == "ab"


def test_the_text_of_the_older_completions_is_read_too():
    assert text_of({"choices": [{"text": "Hi", "finish_reason": None}]}) == "Hi"


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("stop", Finish.STOP),
        ("eos", Finish.STOP),
        ("tool_calls", Finish.STOP),
        ("length", Finish.LENGTH),
        ("max_tokens", Finish.LENGTH),
        ("content_filter", Finish.FILTERED),
        ("error", Finish.FAILED),
    ],
)
def test_finish_reasons_have_four_meanings(reason, finish):
    assert read(choice(reason)) == [finish]


def test_only_the_first_finish_counts():
    assert read(choice("length"), choice("stop")) == [Finish.LENGTH]


def test_whether_a_reply_was_heard_and_finished_is_told():
    completion = Completion()
    assert (completion.heard, completion.finished) == (False, False)

    list(completion.read({"object": "chat.completion.chunk"}))
    assert not completion.heard

    list(completion.read(choice(content="Hi")))
    assert (completion.heard, completion.finished) == (True, False)

    list(completion.read(choice("stop")))
    assert completion.finished


def test_other_choices_than_the_first_are_left_alone():
    second = {"choices": [{"index": 1, "delta": {"content": "no"}, "finish_reason": "stop"}]}

    assert text_of(choice(content="yes"), second) == "yes"


@pytest.mark.parametrize(
    "thing",
    [
        {},
        {"choices": None},
        {"choices": []},
        {"choices": {}},
        {"choices": "x"},
        {"choices": [None]},
        {"choices": [[]]},
        {"choices": [{}]},
        {"choices": [{"index": []}]},
        {"choices": [{"index": {}}]},
        {"choices": [{"delta": None}]},
        {"choices": [{"delta": "x"}]},
        {"choices": [{"delta": {"content": None}}]},
        {"choices": [{"delta": {"content": 7}}]},
        {"choices": [{"delta": {"reasoning_content": ["x"]}}]},
        {"choices": [{"delta": {"tool_calls": [{}]}}]},
        {"choices": [{"finish_reason": 7}]},
        {"choices": [{"finish_reason": ""}]},
        {"choices": [], "error": None},
        {"usage": None},
        {"usage": []},
        {"id": "x", "object": "chat.completion.chunk"},
    ],
)
def test_a_field_of_the_wrong_shape_is_as_good_as_missing(thing):
    assert read(thing, choice(content="Hi")) == [TextDelta("Hi"), Finish.STOP]


@pytest.mark.parametrize("thing", ["text", ["list"], 7, None, True])
def test_what_is_no_object_is_no_completion(thing):
    with pytest.raises(BrokenReply) as caught:
        read(thing)

    assert caught.value.message == "The server sent something that is not a chat completion."
    assert "base URL" in caught.value.hint


@pytest.mark.parametrize(
    ("thing", "kind", "words"),
    [
        ({"error": {"message": "Overloaded"}}, BrokenReply, "Overloaded"),
        ({"error": "Overloaded"}, BrokenReply, "Overloaded"),
        ({"error": {"message": "No", "code": "insufficient_quota"}}, Rejected, "no credit"),
        ({"error": {"message": "x", "code": "context_length_exceeded"}}, TooLong, "context window"),
        ({"choices": [{"delta": {}}], "error": {"message": "Oops"}}, BrokenReply, "Oops"),
        ({"detail": "Not authenticated"}, BrokenReply, "Not authenticated"),
        ({"object": "error", "message": "Oops", "code": 50001}, BrokenReply, "Oops"),
    ],
)
def test_an_error_inside_the_stream_is_raised_in_its_own_words(thing, kind, words):
    with pytest.raises(kind) as caught:
        read(thing)

    assert words in caught.value.message


def test_usage_tells_what_was_cached_and_what_was_thought():
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 50,
        "prompt_tokens_details": {"cached_tokens": 64},
        "completion_tokens_details": {"reasoning_tokens": 32},
    }

    assert usage_of(usage) == Usage(prompt=100, completion=50, cached=64, reasoning=32)


@pytest.mark.parametrize("count", [None, "7", -1, [], {}, float("inf"), float("nan"), 10**40])
def test_a_count_that_is_none_is_nought(count):
    usage = {"prompt_tokens": count, "completion_tokens": 2, "prompt_tokens_details": count}

    assert usage_of(usage) == Usage(prompt=0, completion=2)


def test_a_surrogate_pair_torn_between_pieces_is_one_character():
    assert text_of(choice(content="a\ud83d"), choice(content="\ude00b")) == "a😀b"


def test_a_pair_may_be_torn_between_thoughts_too():
    chunks = read(choice(reasoning="\ud83d"), choice(reasoning="\ude00"))

    assert chunks == [ReasoningDelta("😀"), Finish.STOP]


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["a\ud83d"], "a\ufffd"),
        (["a\ud83d", "b"], "a\ufffdb"),
        (["\ude00b"], "\ufffdb"),
        (["\ud83d", "\ud83d", "\ude00"], "\ufffd😀"),
        (["\ud83d\ude00"], "😀"),
    ],
)
def test_half_a_character_becomes_a_replacement_character(pieces, text):
    assert text_of(*(choice(content=piece) for piece in pieces)) == text


@given(st.text(st.characters(exclude_categories=())), st.lists(st.integers(0, 50)))
def test_however_a_text_is_cut_into_utf_16_units_it_can_be_encoded_and_is_the_same(text, cuts):
    units = [chr(unit) for unit in memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")]
    borders = [0, *sorted(min(cut, len(units)) for cut in cuts), len(units)]
    pieces = ["".join(units[start:end]) for start, end in pairwise(borders)]

    heard = text_of(*(choice(content=piece) for piece in pieces))

    assert heard == text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


NAMES = [
    *("choices", "delta", "message", "content", "text", "index", "reasoning", "finish_reason"),
    *("usage", "prompt_tokens", "prompt_tokens_details", "cached_tokens", "error", "code", "detail"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=4))
def test_no_json_makes_it_raise_anything_but_a_model_error(things):
    try:
        chunks = read(*(json.loads(json.dumps(thing)) for thing in things))
    except ModelError:
        return
    assert sum(isinstance(chunk, Finish) for chunk in chunks) == 1
    assert all(chunk.text for chunk in chunks if isinstance(chunk, TextDelta | ReasoningDelta))
