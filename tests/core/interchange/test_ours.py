"""Our own JSON lines: what goes out comes in again, whatever was said."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcli.core.archive import Kept, Said, Whole
from chatcli.core.interchange.ours import as_line, from_lines
from chatcli.core.messages import Finish, Image, Message, Role, Usage
from chatcli.core.money import Spent
from chatcli.core.params import Limits, Params
from chatcli.core.session import Session, Summary
from chatcli.errors import UsageError

ANY_TEXT = st.text(st.characters())  # halves of surrogate pairs too
COUNTS = st.integers(0, 2**40)
SECONDS = st.floats(0, 1e10)
NUMBERS = st.frozensets(st.integers(1, 50), max_size=3)

PARAMS = st.builds(
    Params()._replace,
    temperature=st.none() | st.floats(0, 2),
    stop=st.none() | st.lists(st.text(min_size=1), min_size=1, max_size=4).map(tuple),
    seed=st.none() | st.integers(-(2**63), 2**63 - 1),
    json_schema=st.none() | st.just('{"type":"object","title":"größte"}'),
)
IMAGES = st.builds(Image, st.text(), st.just("image/png"), st.binary(), COUNTS, COUNTS)
MESSAGES = st.builds(
    Message,
    role=st.sampled_from(Role),
    text=ANY_TEXT,
    finish=st.none() | st.sampled_from(Finish),
    images=st.lists(IMAGES, max_size=2).map(tuple),
    model=st.none() | ANY_TEXT,
    along=COUNTS,
)
USAGE = st.builds(Usage, COUNTS, COUNTS, COUNTS, COUNTS)
KEPT = st.builds(
    Kept,
    params=PARAMS,
    usage=st.none() | USAGE,
    cost=st.none() | SECONDS,
    seconds=SECONDS,
    first=st.none() | SECONDS,
    reasoning=ANY_TEXT,
    left_out=st.lists(st.integers(1, 50), max_size=3).map(tuple),
)
AMOUNTS = st.builds(Spent, COUNTS, COUNTS, SECONDS, COUNTS, st.none())


@st.composite
def chats(draw):
    """A chat with branches, as an archive holds it: every message follows any one before it, or none."""
    said = []
    for number in range(draw(st.integers(0, 8))):
        after = draw(st.none() | st.integers(0, number - 1)) if number else None
        said.append(Said(number, after, draw(SECONDS), draw(MESSAGES), draw(st.none() | KEPT)))
    ends = st.none() | st.integers(0, len(said) - 1) if said else st.none()

    def way(end):
        return () if end is None else (*way(said[end].after), said[end].message)

    head = draw(ends)
    session = Session(
        draw(st.none() | ANY_TEXT),
        draw(ANY_TEXT),
        draw(PARAMS),
        draw(
            st.builds(
                Limits()._replace,
                context=st.none() | st.integers(1, 2**40),
                trim=st.sampled_from([None, "off"]),
            )
        ),
        way(head),
        draw(NUMBERS),
        draw(NUMBERS),
        draw(st.none() | st.builds(Summary, ANY_TEXT, NUMBERS, st.booleans())),
        draw(AMOUNTS)._replace(last=draw(st.none() | AMOUNTS)),
        draw(ANY_TEXT),
        tuple(way(draw(ends)) for _ in range(draw(st.integers(0, 3)))),
        draw(ANY_TEXT),
    )
    return Whole(session, draw(SECONDS), draw(SECONDS), draw(ANY_TEXT), tuple(said), head)


@given(st.lists(chats(), max_size=3))
def test_what_goes_out_comes_in_again(written):
    file = "".join(map(as_line, written)).encode()
    assert from_lines(file.decode().split("\n"), "chats.jsonl").chats == tuple(written)


def test_a_session_alone_tells_everything():
    session = Session("m", messages=(Message(Role.USER, "hi"),)).back_to(0).asked("hello")
    (chat,) = from_lines([as_line(Whole(session, 1.0, 2.0))], "chats.jsonl").chats
    assert chat.session == session
    assert [(one.after, one.at, one.message.text) for one in chat.said] == [
        (None, 2, "hi"),
        (None, 2, "hello"),
    ]
    assert chat.head == 1


def test_messages_keep_their_order_whatever_their_numbers_were():
    hi, hello = Message(Role.USER, "hi"), Message(Role.ASSISTANT, "hello")
    said = (Said(170, None, 1.0, hi), Said(981, 170, 2.0, hello))
    line = as_line(Whole(Session(messages=(hi, hello)), 1.0, 2.0, "", said, 981))
    (chat,) = from_lines([line], "chats.jsonl").chats
    assert chat.said == (Said(0, None, 1.0, hi), Said(1, 0, 2.0, hello))


def test_of_two_equal_answers_the_one_that_stands_is_the_head():
    question, answer = Message(Role.USER, "hi"), Message(Role.ASSISTANT, "hello")
    said = tuple(
        Said(number, after, float(number), message)
        for number, (after, message) in enumerate([(None, question), (0, answer), (0, answer)])
    )
    for head in (1, 2):
        chat = Whole(Session(messages=(question, answer)), 0.0, 2.0, "", said, head)
        assert from_lines([as_line(chat)], "chats.jsonl").chats == (chat,)


def test_a_line_is_one_that_people_can_search():
    session = Session(messages=(Message(Role.USER, "größte\nSee"),), title="Seen")
    line = as_line(Whole(session, 1.0, 2.0))
    assert line.count("\n") == 1
    assert '"content":"größte\\nSee"' in line
    assert json.loads(line) == {
        "chatcli": 1,
        "title": "Seen",
        "created": 1,
        "updated": 2,
        "messages": [{"role": "user", "content": "größte\nSee", "at": 2}],
        "head": 0,
    }


def test_a_picture_in_two_messages_is_written_once():
    cat = Image("cat.png", "image/png", b"meow", 2, 2)
    session = Session(messages=tuple(Message(Role.USER, text, images=(cat,)) for text in ("one", "two")))
    assert as_line(Whole(session, 1.0, 2.0)).count("bWVvdw==") == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "chats.jsonl, line 2, line 1, column 2"),
        ("[]", "chats.jsonl, line 2: should be an object"),
        ("[" * 100_000, "chats.jsonl, line 2: this is no JSON that can be read"),
        ("{}", "chats.jsonl, line 2: this is no chat of ours"),
        ('{"chatcli": 2}', "chats.jsonl, line 2 was written by a newer chatcli"),
        ('{"chatcli": 1, "title": 3}', "chats.jsonl, line 2: title should be a text"),
        ('{"chatcli": 1, "created": true}', "created should be a number"),
        ('{"chatcli": 1, "created": NaN}', "created should be a number"),
        ('{"chatcli": 1, "messages": {}}', "messages should be a list"),
        ('{"chatcli": 1, "messages": [7]}', "chats.jsonl, line 2, messages, 1: should be an object"),
        ('{"chatcli": 1, "messages": [{"role": "pope"}]}', "role should be one of system, user, assistant"),
        ('{"chatcli": 1, "messages": [{"role": "user", "parent": 0}]}', "parent should be the place"),
        ('{"chatcli": 1, "messages": [{"role": "user", "parent": 0.5}]}', "parent should be a whole number"),
        ('{"chatcli": 1, "head": 0}', "head and branches should be places of messages"),
        ('{"chatcli": 1, "branches": [true]}', "head and branches should be places of messages"),
        ('{"chatcli": 1, "pins": ["one"]}', "pins should be whole numbers"),
        ('{"chatcli": 1, "params": {"temperature": 9}}', "temperature should be a number from 0 to 2"),
        ('{"chatcli": 1, "params": {"heat": 9}}', "there is no heat"),
        (
            '{"chatcli": 1, "messages": [{"role": "user", "images": [{"sha256": "no"}]}]}',
            "the picture is missing",
        ),
        (
            '{"chatcli":1,"images":{"x":"?"},"messages":[{"role":"user","images":[{"sha256":"x"}]}]}',
            "this is no base64",
        ),
    ],
)
def test_a_broken_line_is_named_and_nothing_is_imported(line, words):
    with pytest.raises(UsageError) as error:
        from_lines([as_line(Whole(Session(), 1.0, 1.0)), line], "chats.jsonl")
    assert words in error.value.message
    assert error.value.hint


def test_empty_lines_are_nothing():
    assert from_lines(["\n", "", "  \n"], "chats.jsonl").chats == ()
