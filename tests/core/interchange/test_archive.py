"""Chats of every program through a real archive: nothing changes on the way in, out, and in again."""

import json
from pathlib import Path

import pytest

from chatcli.adapters.llm_logs import read_llm_logs
from chatcli.adapters.sqlite_store.store import SqliteStore
from chatcli.adapters.yaml_file import parse_yaml
from chatcli.core.interchange.aichat import from_aichat
from chatcli.core.interchange.chatgpt import from_chatgpt
from chatcli.core.interchange.ours import as_line, from_lines
from chatcli.core.interchange.sgpt import from_sgpt

SAMPLES = Path(__file__).parents[2] / "data" / "imports"


def read(name):
    path = SAMPLES / name
    match path.suffix:
        case ".db":
            return read_llm_logs(path)
        case ".yaml":
            return from_aichat(parse_yaml(path.read_text(), name), name, 1.0)
        case _ if name.startswith("sgpt"):
            return from_sgpt(path.read_text(), name, 1.0)
        case _:
            return from_chatgpt(path.read_text(), name, 1.0)


FILES = ["llm-0.27.db", "llm-0.36.db", "conversations.json", "sgpt-1.5.json", "aichat-0.30.yaml"]


@pytest.mark.parametrize("name", FILES)
def test_what_is_imported_is_exported_and_imported_again(name, tmp_path):
    imported = read(name)
    first, second = (SqliteStore(tmp_path / name, lambda: 2e9) for name in ("first.db", "second.db"))
    assert first.take(imported.chats) == len(imported.chats)
    assert [first.whole(chat.session.id).session for chat in imported.chats] == [
        chat.session for chat in imported.chats
    ]
    lines = [as_line(first.whole(chat.session.id)) for chat in imported.chats]
    assert second.take(from_lines(lines, "chats.jsonl").chats) == len(lines)
    # The numbers of messages are places in the lines: what else is known of a message is all there.
    assert [as_line(second.whole(json.loads(line)["id"])) for line in lines] == lines


@pytest.mark.parametrize("name", FILES)
def test_what_is_imported_twice_is_there_once(name, tmp_path):
    archive = SqliteStore(tmp_path / "sessions.db", lambda: 2e9)
    assert archive.take(read(name).chats) > 0
    assert archive.take(read(name).chats) == 0


def test_a_chat_that_went_on_since_is_imported_once_more(tmp_path):
    archive = SqliteStore(tmp_path / "sessions.db", lambda: 2e9)
    assert archive.take(read("llm-0.27.db").chats) == 3
    assert archive.take(read("llm-0.36.db").chats) == 4  # of its six, two are as they were
