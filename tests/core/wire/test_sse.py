from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcli.core.wire.sse import SseDecoder, SseEvent


def decoded(*pieces):
    decoder = SseDecoder()
    return [event for piece in pieces for event in decoder.feed(piece)] + decoder.flush()


def texts(*pieces):
    return [event.data for event in decoded(*pieces)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_an_event_ends_at_an_empty_line_however_lines_end(end):
    stream = end.join([b"data: one", b"", b"data: two", b"", b""])

    assert texts(stream) == [b"one", b"two"]


def test_an_event_comes_out_as_soon_as_its_empty_line_is_in():
    decoder = SseDecoder()

    assert decoder.feed(b"data: o") == []
    assert decoder.feed(b"ne\n") == []
    assert decoder.feed(b"\n") == [SseEvent(b"", b"one")]
    assert decoder.feed(b"data: two\r\n\r") == [SseEvent(b"", b"two")]
    assert decoder.feed(b"\ndata: three\n\n") == [SseEvent(b"", b"three")]


def test_a_line_feed_torn_off_its_carriage_return_ends_no_second_line():
    assert texts(b"data: a\r", b"\n", b"data: b\r", b"", b"\n", b"\r\n") == [b"a\nb"]


def test_line_ends_may_be_mixed():
    assert texts(b"data: a\r", b"\n", b"\n", b"data: b\n", b"\r", b"\n") == [b"a", b"b"]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data:no space\n\n", [SseEvent(b"", b"no space")]),
        (b"data:  two spaces\n\n", [SseEvent(b"", b" two spaces")]),
        (b"data: a: b\n\n", [SseEvent(b"", b"a: b")]),
        (b"data: one\ndata: more\n\n", [SseEvent(b"", b"one\nmore")]),
        (b"data\n\n", [SseEvent(b"", b"")]),
        (b"event: error\ndata: x\n\ndata: y\n\n", [SseEvent(b"error", b"x"), SseEvent(b"", b"y")]),
        (b": ping\n\n", []),
        (b"retry: 3000\n\n", []),
        (b"id: 7\n\n", []),
        (b"event: ping\n\n", []),
        (b"tomorrow: x\ndata: y\n\n", [SseEvent(b"", b"y")]),
        (b"Data: x\n\n", []),
        (b"\n\n\n", []),
        (b"", []),
    ],
)
def test_fields_mean_what_the_standard_says(stream, events):
    assert decoded(stream) == events


@pytest.mark.parametrize("stream", [b"data: x", b"data: x\n", b"data: x\r", b"data: x\r\n"])
def test_the_end_of_the_stream_completes_the_last_event(stream):
    assert texts(stream) == [b"x"]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_only_cr_and_lf_end_a_line(separator):
    text = f"one{separator}two".encode()

    assert texts(b"data: " + text + b"\n\n") == [text]


def test_a_long_line_in_many_pieces_is_one_line():
    assert texts(b"data: ", *[b"x" * 1000] * 500, b"\n\n") == [b"x" * 500_000]


LINES = st.sampled_from([b"data: \xf0\x9f\x98\x80", b"data:", b"event: error", b": ping", b"id: 1", b""])
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


@given(lines=st.lists(st.tuples(LINES, ENDS)), cuts=st.lists(st.integers(0, 200)))
def test_how_the_bytes_are_cut_changes_nothing(lines, cuts):
    stream = b"".join(line + end for line, end in lines)
    borders = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(borders)]

    assert decoded(*pieces) == decoded(stream)
