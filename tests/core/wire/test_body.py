"""The body of an answer: whatever came, as chunks."""

import json

import pytest

from chatcli.core.events import TextDelta
from chatcli.core.messages import Finish, Usage
from chatcli.core.wire.body import Body
from chatcli.errors import BrokenReply, Rejected


def event(**thing):
    return f"data: {json.dumps(thing)}\n\n".encode()


def delta(text):
    return event(choices=[{"delta": {"content": text}}])


STOP = event(choices=[{"delta": {}, "finish_reason": "stop"}])
DONE = b"data: [DONE]\n\n"
USAGE = event(choices=[], usage={"prompt_tokens": 3, "completion_tokens": 2})
WHOLE = json.dumps({"choices": [{"message": {"content": "Hé"}, "finish_reason": "stop"}]}).encode()


def chunks(*pieces):
    body = Body()
    fed = [chunk for piece in pieces for chunk in body.feed(piece)]
    return [*fed, *body.end()]


def heard(*pieces):
    """What came before the error, and the error."""
    body, came = Body(), []
    try:
        for piece in pieces:
            came += body.feed(piece)
        came += body.end()
    except (BrokenReply, Rejected) as error:
        return came, error
    return came, None


def test_neighbouring_texts_of_one_piece_are_one_chunk():
    assert chunks(delta("Hel") + delta("lo") + STOP + USAGE + DONE) == [
        TextDelta("Hello"),
        Finish.STOP,
        Usage(3, 2),
    ]


def test_a_stream_torn_anywhere_says_the_same():
    stream = b"\n\n" + delta("Hé") + delta("llo") + STOP + DONE
    for at in range(len(stream)):
        texts = [chunk.text for chunk in chunks(stream[:at], stream[at:]) if isinstance(chunk, TextDelta)]
        assert "".join(texts) == "Héllo"


def test_one_object_torn_anywhere_is_a_reply():
    for at in range(len(WHOLE)):
        assert chunks(WHOLE[:at], WHOLE[at:]) == [TextDelta("Hé"), Finish.STOP]


def test_done_is_known_at_once_and_what_follows_is_not_read():
    body = Body()
    assert list(body.feed(delta("Hi") + DONE + b"data: {oops\n\n")) == [TextDelta("Hi")]
    assert body.done
    assert not body.finished
    assert list(body.end()) == [Finish.STOP]


def test_a_finish_reason_is_enough():
    body = Body()
    list(body.feed(delta("Hi") + STOP))
    assert (body.finished, body.done) == (True, False)
    assert list(body.end()) == []


def test_a_last_event_without_its_blank_line_counts():
    assert chunks(delta("Hi"), STOP.rstrip()) == [TextDelta("Hi"), Finish.STOP]


@pytest.mark.parametrize(
    ("pieces", "kind"),
    [
        ((), BrokenReply),
        ((b"",), BrokenReply),
        ((b" \n", b"\n"), BrokenReply),
        ((b": ping\n\n",), BrokenReply),
        ((DONE,), BrokenReply),
        ((b"It works!",), BrokenReply),
        ((b" <!doc", b"type html>"), Rejected),
        ((b"{oops",), BrokenReply),
        ((b"[]",), BrokenReply),
        ((b'"text"',), BrokenReply),
        ((b"{}",), BrokenReply),
    ],
)
def test_what_is_no_reply_is_an_error(pieces, kind):
    came, error = heard(*pieces)
    assert (came, type(error)) == ([], kind)


@pytest.mark.parametrize("end", [b"", b"data: {oops\n\n", b"data: \xff\n\n", b'data: {"error": "Oops"}\n\n'])
def test_what_came_before_a_reply_broke_off_is_kept(end):
    assert heard(delta("Hel") + delta("lo") + end)[0] == [TextDelta("Hello")]
    came, error = heard(delta("Hel"), delta("lo"), end)
    assert came == [TextDelta("Hel"), TextDelta("lo")]
    assert isinstance(error, BrokenReply)
