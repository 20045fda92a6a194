"""Files in which anything may be wrong: they are read, or refused with their place."""

import copy
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcli.adapters.yaml_file import parse_yaml
from chatcli.core.interchange.aichat import from_aichat
from chatcli.core.interchange.chatgpt import from_chatgpt
from chatcli.core.interchange.ours import as_line, from_lines
from chatcli.core.interchange.sgpt import from_sgpt
from chatcli.errors import UsageError

SAMPLES = Path(__file__).parents[2] / "data" / "imports"
CHATGPT = json.loads((SAMPLES / "conversations.json").read_text())
SGPT = json.loads((SAMPLES / "sgpt-1.5.json").read_text())
AICHAT = parse_yaml((SAMPLES / "aichat-0.30.yaml").read_text(), "aichat")
(LISBON,) = from_aichat(AICHAT, "lisbon.yaml", 1.0).chats
OURS = json.loads(as_line(LISBON))

WRONG = st.sampled_from([None, True, 0, -1, 10**400, 0.5, "", "x", [], [[]], [None], {}, {"x": {}}, "\ud800"])


def places(value, above=()):
    """Every place in a JSON value."""
    yield above
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        yield from places(inner, (*above, name))


@st.composite
def damaged(draw, value):
    """The value with something else in one or two of its places."""
    value = copy.deepcopy(value)
    for _ in range(draw(st.integers(1, 2))):
        *way, last = draw(st.sampled_from([place for place in places(value) if place] or [(None,)]))
        inner = value
        for name in way:
            inner = inner[name]
        if last is not None:
            inner[last] = copy.deepcopy(draw(WRONG))
    return value


def read(reader, value):
    with suppress(UsageError):
        for chat in reader(value).chats:
            as_line(chat)


@given(damaged(CHATGPT))
def test_a_damaged_export_of_chatgpt_is_read_or_refused(value):
    read(lambda value: from_chatgpt(json.dumps(value), "c.json", 1.0), value)


@given(damaged(SGPT))
def test_a_damaged_chat_of_sgpt_is_read_or_refused(value):
    read(lambda value: from_sgpt(json.dumps(value), "chat", 1.0), value)


@given(damaged(AICHAT))
def test_a_damaged_session_of_aichat_is_read_or_refused(value):
    read(lambda value: from_aichat(value, "chat.yaml", 1.0), value)


@given(damaged(OURS))
def test_a_damaged_line_of_ours_is_read_or_refused(value):
    read(lambda value: from_lines([json.dumps(value)], "chats.jsonl"), value)


@given(st.text())
@pytest.mark.parametrize("read_text", [from_chatgpt, from_sgpt])
def test_any_text_is_read_or_refused(read_text, text):
    with suppress(UsageError):
        read_text(text, "x", 1.0)


@given(st.text(st.sampled_from("ab:-[]{}&*!|>'\"%@#?, \n\t\0") | st.characters()))
def test_any_yaml_is_read_or_refused(text):
    with suppress(UsageError):
        from_aichat(parse_yaml(text, "x"), "x", 1.0)
