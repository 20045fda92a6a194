"""A file of chats is known by its beginning."""

from pathlib import Path

import pytest

from chatcli.core.archive import Whole
from chatcli.core.interchange.formats import ENOUGH, Format, format_of
from chatcli.core.interchange.ours import as_line
from chatcli.core.session import Session

SAMPLES = Path(__file__).parents[2] / "data" / "imports"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("llm-0.27.db", Format.LLM),
        ("llm-0.36.db", Format.LLM),
        ("conversations.json", Format.CHATGPT),
        ("sgpt-1.5.json", Format.SGPT),
        ("aichat-0.30.yaml", Format.AICHAT),
        ("README.md", None),
    ],
)
def test_each_program_writes_files_of_its_own(name, found):
    assert format_of((SAMPLES / name).read_bytes()[:ENOUGH]) is found


def test_our_own_lines_are_known():
    assert format_of(as_line(Whole(Session(), 1.0, 1.0)).encode()) is Format.OURS


@pytest.mark.parametrize("beginning", [b"", b"%PDF-1.7", b"{}", b"\xff\xfe", b"[1, 2]"])
def test_other_files_are_none_of_them(beginning):
    assert format_of(beginning) is None
