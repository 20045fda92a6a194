"""A chat as a file that a person reads, or a program."""

import json
from dataclasses import replace

from chatcli.core.messages import GO_ON, Finish, Image, Message, Role
from chatcli.core.session import Session
from chatcli.core.transcript import as_json, as_json_lines, as_markdown

CAT = Image("cat.png", "image/png", b"...", 2, 2)
CHAT = Session(
    "gpt-6-luna",
    "Be brief.",
    messages=(
        Message(Role.USER, "What is the größte sea?\n", images=(CAT,)),
        Message(Role.ASSISTANT, "```sh\nls\n```", Finish.STOP, model="gpt-6-luna"),
        Message(Role.USER, "And then?"),
        Message(Role.ASSISTANT, "Once upon", Finish.INTERRUPTED),
    ),
)


def test_markdown_has_a_heading_for_whoever_speaks():
    assert as_markdown(CHAT) == (
        "# What is the größte sea?\n\n"
        "## System\n\nBe brief.\n\n"
        "## You\n\n*[picture: cat.png]*\n\nWhat is the größte sea?\n\n"
        "## gpt-6-luna\n\n```sh\nls\n```\n\n"
        "## You\n\nAnd then?\n\n"
        "## Model\n\nOnce upon\n\n*[interrupted]*\n"
    )


def test_json_lines_are_the_messages_as_the_api_has_them():
    assert [json.loads(line) for line in as_json_lines(CHAT).splitlines()] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is the größte sea?\n", "images": ["cat.png"]},
        {
            "role": "assistant",
            "content": "```sh\nls\n```",
            "model": "gpt-6-luna",
            "finish_reason": "stop",
        },
        {"role": "user", "content": "And then?"},
        {"role": "assistant", "content": "Once upon", "finish_reason": "interrupted"},
    ]
    assert "größte" in as_json_lines(CHAT)


def test_json_is_one_object_with_the_same_messages():
    chat = json.loads(as_json(CHAT))
    assert (chat["title"], chat["model"]) == ("What is the größte sea?", "gpt-6-luna")
    assert chat["messages"] == [json.loads(line) for line in as_json_lines(CHAT).splitlines()]


def test_a_reply_that_was_continued_is_one_text():
    rest = (Message(Role.USER, GO_ON), Message(Role.ASSISTANT, " a time.", Finish.STOP))
    continued = replace(CHAT, messages=(*CHAT.messages, *rest))
    assert as_markdown(continued).endswith("## You\n\nAnd then?\n\n## Model\n\nOnce upon a time.\n")
    assert json.loads(as_json_lines(continued).splitlines()[-1]) == {
        "role": "assistant",
        "content": "Once upon a time.",
        "finish_reason": "stop",
    }


def test_an_empty_reply_is_still_a_message():
    failed = Session(messages=(Message(Role.USER, "hi"), Message(Role.ASSISTANT, "", Finish.FAILED)))
    assert json.loads(as_json_lines(failed).splitlines()[1]) == {
        "role": "assistant",
        "content": "",
        "finish_reason": "failed",
    }
