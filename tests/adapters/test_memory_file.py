"""What servers have taught, on disk: refused parameters, and windows."""

import pytest

from chatcli.adapters.memory_file import RefusalsFile, WindowsFile
from chatcli.core.wire.refusals import Refusal

URL = "https://host/v1"


def test_what_was_refused_is_known_the_next_time(tmp_path):
    first = RefusalsFile(tmp_path / "cache" / "refusals.json")
    first.add(URL, "m", Refusal("max_tokens", "max_completion_tokens"))
    first.add(URL, "m", Refusal("temperature"))

    again = RefusalsFile(tmp_path / "cache" / "refusals.json")

    known = {"max_tokens": "max_completion_tokens", "temperature": None}
    assert again.of(URL, "m") == known == first.of(URL, "m")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["refusals.json"]


def test_each_endpoint_and_model_is_known_by_itself(tmp_path):
    refusals = RefusalsFile(tmp_path / "refusals.json")
    refusals.add(URL, "m", Refusal("temperature"))

    assert refusals.of(URL, "other") == {}
    assert refusals.of("https://other/v1", "m") == {}


def test_two_programs_do_not_forget_each_others_lessons(tmp_path):
    one, other = RefusalsFile(tmp_path / "refusals.json"), RefusalsFile(tmp_path / "refusals.json")
    assert one.of(URL, "m") == other.of(URL, "m") == {}

    one.add(URL, "m", Refusal("temperature"))
    other.add(URL, "m", Refusal("top_p"))
    one.add(URL, "n", Refusal("stop"))

    after = RefusalsFile(tmp_path / "refusals.json")
    assert after.of(URL, "m") == {"temperature": None, "top_p": None}
    assert after.of(URL, "n") == {"stop": None}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{oops",
        b"\xff\xfe",
        b"[]",
        b"7",
        b'{"https://host/v1 m": 7}',
        b'{"https://host/v1 m": {"a": 7}}',
    ],
)
def test_a_damaged_file_knows_nothing_and_is_mended_by_the_next_lesson(tmp_path, content):
    path = tmp_path / "refusals.json"
    path.write_bytes(content)

    refusals = RefusalsFile(path)
    assert refusals.of(URL, "m") == {}
    refusals.add(URL, "m", Refusal("temperature"))

    assert RefusalsFile(path).of(URL, "m") == {"temperature": None}


def test_a_disk_that_takes_nothing_costs_only_the_memory(tmp_path):
    (tmp_path / "file").write_text("no folder")
    refusals = RefusalsFile(tmp_path / "file" / "refusals.json")

    refusals.add(URL, "m", Refusal("temperature"))

    assert refusals.of(URL, "m") == {"temperature": None}


def test_a_window_that_was_learnt_is_known_the_next_time_for_that_endpoint_and_model(tmp_path):
    first = WindowsFile(tmp_path / "cache" / "windows.json")
    assert first.of(URL, "m") is None
    first.add(URL, "m", 8192)
    first.add(URL, "m", 4096)

    again = WindowsFile(tmp_path / "cache" / "windows.json")

    assert again.of(URL, "m") == first.of(URL, "m") == 4096
    assert again.of(URL, "other") is None
    assert again.of("https://other/v1", "m") is None


@pytest.mark.parametrize("window", ["7", "true", "-1", '"8192"', "1e99", "null", "[]", "9" * 40])
def test_what_can_be_no_window_was_never_learnt(tmp_path, window):
    path = tmp_path / "windows.json"
    path.write_text(f'{{"{URL} m": {{"window": {window}}}, "{URL} n": {{"window": 512}}}}')

    assert WindowsFile(path).of(URL, "m") is None
    assert WindowsFile(path).of(URL, "n") == 512
