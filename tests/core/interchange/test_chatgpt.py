"""ChatGPT's conversations.json: what was said, with every branch, and what stays behind."""

import json
from pathlib import Path

import pytest

from chatcli.core.interchange.chatgpt import from_chatgpt
from chatcli.core.messages import Finish, Role
from chatcli.errors import UsageError

SAMPLE = (Path(__file__).parents[2] / "data" / "imports" / "conversations.json").read_text()


def texts(messages):
    return [message.text for message in messages]


def chat(*nodes, current=None, **facts):
    """A file with one chat; a node is its name, its parent's, a role and a text."""
    mapping = {
        name: {
            "parent": parent,
            "message": {"author": {"role": role}, "content": {"content_type": "text", "parts": [text]}},
        }
        for name, parent, role, text in nodes
    }
    return json.dumps([{"id": "1", "mapping": mapping, "current_node": current} | facts])


def test_the_way_to_the_current_node_is_the_chat_and_the_others_are_branches():
    session = from_chatgpt(SAMPLE, "conversations.json", 0).chats[0].session
    question = "What is the capital of Portugal?"
    assert texts(session.messages) == [question, "Lisbon.", "How many people live there?", "About 550,000."]
    assert [texts(branch) for branch in session.branches] == [
        [question, "Porto."],
        [question, "Lisbon.", "And its river?", "The Te"],
    ]


def test_who_answered_how_it_ended_and_when_comes_along():
    chat = from_chatgpt(SAMPLE, "conversations.json", 0).chats[0]
    porto, river = (branch[-1] for branch in chat.session.branches)
    assert (porto.model, porto.finish, river.finish) == ("gpt-4o-mini", Finish.STOP, Finish.INTERRUPTED)
    assert (chat.session.title, chat.session.model) == ("Lisbon", "gpt-4o")
    assert (chat.created, chat.updated) == (1733590000, 1733590100)
    assert {one.message.text: one.at for one in chat.said}["Porto."] == 1733590002.5


def test_what_stays_behind_is_told():
    assert from_chatgpt(SAMPLE, "conversations.json", 0).skipped == (
        "messages to and from ChatGPT's tools: 2",
        "notes of a model's thoughts: 1",
        "pictures, which the file names but does not hold: 1",
        "chats in which nothing is said: 1",
    )


def test_where_a_picture_was_stands_a_word():
    session = from_chatgpt(SAMPLE, "conversations.json", 0).chats[1].session
    assert texts(session.messages) == ["[picture]\nWhat is this?", "A red square."]
    assert session.messages[-1].finish is Finish.LENGTH


def test_a_chat_that_is_imported_again_is_the_same_one_until_more_is_said_in_it():
    short = chat(("a", None, "user", "hi"), current="a")
    longer = chat(("a", None, "user", "hi"), ("b", "a", "assistant", "hello"), current="b")
    once, again, more = (from_chatgpt(text, "c.json", 0).chats[0] for text in (short, short, longer))
    assert (once.session.id, once.origin) == (again.session.id, again.origin)
    assert once.session.id != more.session.id
    assert once.origin != more.origin


def test_parents_may_stand_behind_their_children():
    nodes = [("b", "a", "assistant", "hello"), ("a", None, "user", "hi")]
    assert texts(from_chatgpt(chat(*nodes, current="b"), "c.json", 0).chats[0].session.messages) == [
        "hi",
        "hello",
    ]


def test_a_chat_that_names_no_current_node_goes_to_its_last_message():
    nodes = [("a", None, "user", "hi"), ("b", "a", "assistant", "hello")]
    assert len(from_chatgpt(chat(*nodes), "c.json", 0).chats[0].session.messages) == 2


def test_a_chat_without_a_time_has_that_of_the_file():
    found = from_chatgpt(chat(("a", None, "user", "hi")), "c.json", 99.5).chats[0]
    assert (found.created, found.updated, found.said[0].at) == (99.5, 99.5, 99.5)


def test_code_for_the_person_is_a_block_of_code():
    message = {
        "author": {"role": "assistant"},
        "content": {"content_type": "code", "language": "python", "text": "1"},
    }
    text = json.dumps([{"mapping": {"a": {"message": message}}}])
    (said,) = from_chatgpt(text, "c.json", 0).chats[0].said
    assert (said.message.role, said.message.text) == (Role.ASSISTANT, "```python\n1\n```")


def test_what_was_spoken_comes_along_as_its_transcript():
    part = {"content_type": "audio_transcription", "text": "hello"}
    content = {"content_type": "multimodal_text", "parts": [part, {"content_type": "audio_asset_pointer"}]}
    text = json.dumps([{"mapping": {"a": {"message": {"author": {"role": "user"}, "content": content}}}}])
    imported = from_chatgpt(text, "c.json", 0)
    assert imported.chats[0].said[0].message.text == "hello"
    assert imported.skipped == ("messages of a kind that is not known: 1",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[{", "c.json, line 1, column"),
        ("{}", "c.json: should be a list of chats"),
        ('[{"title": "x"}]', "c.json, chat 1: it has no mapping"),
        ('[{"mapping": []}]', "c.json, chat 1: mapping should be an object"),
        (
            '[{"mapping": {"a": {"message": {"author": "me"}}}}]',
            "mapping, a, message: author should be an object",
        ),
        (chat(("a", "b", "user", "hi"), ("b", "a", "user", "hi")), "follow each other in a circle"),
        (chat(("a", None, "user", "hi"), create_time="noon"), "create_time should be a number"),
        (chat(("a", None, "user", "hi"), create_time=1e18), "create_time should be a time in seconds"),
        (chat(("a", None, "user", 7)), "content, parts, 1: should be an object"),
    ],
)
def test_a_broken_file_is_named_with_the_place(text, words):
    with pytest.raises(UsageError) as error:
        from_chatgpt(text, "c.json", 0)
    assert words in error.value.message
