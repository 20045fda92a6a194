"""The chats of sgpt and aichat, which are lists of the API's messages."""

import json
from pathlib import Path

import pytest

from chatcli.adapters.yaml_file import parse_yaml
from chatcli.core.interchange.aichat import from_aichat
from chatcli.core.interchange.sgpt import from_sgpt
from chatcli.core.messages import Role
from chatcli.core.params import Params
from chatcli.errors import UsageError

SAMPLES = Path(__file__).parents[2] / "data" / "imports"
AICHAT = SAMPLES / "aichat-0.30.yaml"


def texts(session):
    return [message.text for message in session.messages]


def aichat(text):
    return from_aichat(parse_yaml(text, "talk.yaml"), "talk.yaml", 1.0)


def test_a_chat_of_sgpt_is_called_as_its_file_is():
    (chat,) = from_sgpt((SAMPLES / "sgpt-1.5.json").read_text(), "/cache/portugal", 99.5).chats
    assert chat.session.title == "portugal"
    assert chat.session.system.startswith("You are ShellGPT\n")
    assert [message.role for message in chat.session.messages] == [Role.USER, Role.ASSISTANT] * 2
    assert texts(chat.session)[-1] == "About 550,000 people."
    assert {chat.created, chat.updated, *(one.at for one in chat.said)} == {99.5}


def test_calls_of_tools_stay_behind():
    messages = [
        {"role": "user", "content": "What time is it?"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
        {"role": "tool", "content": "12:00", "tool_call_id": "1"},
        {"role": "assistant", "content": "Noon."},
    ]
    imported = from_sgpt(json.dumps(messages), "time", 0)
    assert texts(imported.chats[0].session) == ["What time is it?", "Noon."]
    assert imported.skipped == ("messages to and from tools: 2",)


@pytest.mark.parametrize("text", ["[]", '[{"role": "system", "content": "Be brief."}]'])
def test_a_file_in_which_nothing_is_said_is_no_chat(text):
    assert from_sgpt(text, "empty", 0).chats == ()


def test_a_session_of_aichat_comes_with_what_it_was_compressed_to():
    imported = from_aichat(parse_yaml(AICHAT.read_text(), "lisbon.yaml"), "sessions/lisbon.yaml", 99.5)
    session = imported.chats[0].session
    assert (session.title, session.model, session.system) == ("lisbon", "gpt-4o", "Be brief.")
    assert session.params == Params(temperature=0.2, top_p=0.9)
    assert texts(session) == [
        "What is the capital of Portugal?",
        "Lisbon.",
        "How many people live there?",
        "About 550,000.",
        "When does the ferry leave?",
        "12:30",
        "What is this?",
        "A red square:\n\n```\n##\n##\n```",
        "What time is it?",
        "It is noon.",
    ]
    assert session.summary is not None
    assert session.summary.turns == {1, 2}
    assert session.summary.text.endswith("Lisbon has 550,000 people.")
    assert {message.model for message in session.messages} == {None, "gpt-4o"}
    assert imported.skipped == ("messages to and from tools: 1",)


def test_a_picture_of_aichat_comes_along():
    session = aichat(AICHAT.read_text()).chats[0].session
    ((picture,),) = [message.images for message in session.messages if message.images]
    assert (picture.name, picture.mime, picture.width, picture.height) == ("picture.png", "image/png", 2, 2)


def test_a_picture_from_elsewhere_is_named():
    url = "{type: image_url, image_url: {url: https://example.com/cat.png}}"
    damaged = '{type: image_url, image_url: {url: "data:image/png;base64,AAAA"}}'
    imported = aichat(f"model: a:b\nmessages: [{{role: user, content: [{url}, {damaged}]}}]")
    assert texts(imported.chats[0].session) == ["[picture: https://example.com/cat.png]\n\n[picture]"]
    assert imported.skipped == ("pictures, which the file does not hold: 2",)


def test_a_value_that_cannot_be_is_left_out():
    imported = aichat("model: ollama:llama3:8b\ntemperature: hot\nmessages: [{role: user, content: hi}]")
    session = imported.chats[0].session
    assert (session.model, session.params) == ("llama3:8b", Params())
    assert imported.skipped == ("values of temperature, which cannot be hot: 1",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("model: x", "talk.yaml: it has no messages"),
        ("- one", "talk.yaml: should be an object"),
        ("messages: hi", "talk.yaml: messages should be a list"),
        ("messages: [hi]", "talk.yaml, messages, 1: should be an object"),
    ],
)
def test_a_broken_session_of_aichat_is_named_with_the_place(text, words):
    with pytest.raises(UsageError) as error:
        aichat(text)
    assert words in error.value.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello", "/cache/x, line 1, column 1"),
        ("{}", "/cache/x: should be a list of messages"),
        ("[1]", "/cache/x, message 1: should be an object"),
        ('[{"role": 1}]', "/cache/x, message 1: role should be a text"),
    ],
)
def test_a_broken_chat_of_sgpt_is_named_with_the_place(text, words):
    with pytest.raises(UsageError) as error:
        from_sgpt(text, "/cache/x", 0)
    assert words in error.value.message
