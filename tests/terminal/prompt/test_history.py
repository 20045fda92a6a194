"""What was typed is remembered, by this run and the next."""

import asyncio
import subprocess
import sys
from pathlib import Path

from prompt_toolkit.history import FileHistory

from chatcli.terminal.prompt.history import Remembered
from tests.terminal.prompt.person import (
    CTRL_E,
    CTRL_J,
    CTRL_R,
    ENTER,
    RIGHT,
    UP,
    Person,
    paste,
    reads,
    sees,
    sees_twice,
)


def remembering(file):
    return Remembered(file, private=lambda: False, whole=str)


def loaded(file):
    """What a new run remembers, the newest first."""

    async def load():
        return [entry async for entry in remembering(file).load()]

    return asyncio.run(load())


def test_earlier_messages_come_back_with_up_also_in_another_run(pipe, tmp_path):
    file = tmp_path / "state" / "history"
    person = Person(pipe, file)
    person.types("first\r")
    person.types(f"second{CTRL_J}line\r")
    assert file.stat().st_mode & 0o777 == 0o600
    assert Person(pipe, file).types(UP, sees("line"), UP * 2, sees("> first"), ENTER) == "first"


def test_a_history_that_cannot_be_written_is_no_reason_to_stop(pipe):
    person = Person(pipe, Path("/dev/null/history"))
    assert person.types("first\r") == "first"
    assert person.types(UP, sees("first"), ENTER) == "first"


def test_a_line_that_begins_with_a_blank_is_kept_nowhere(pipe, tmp_path):
    file = tmp_path / "history"
    person = Person(pipe, file)
    person.types("first\r")
    assert person.types(" a secret\r") == " a secret"
    assert person.types(UP, sees("> first"), ENTER) == "first"
    assert "secret" not in file.read_text()


def test_nothing_is_kept_while_the_chat_is_private(pipe, tmp_path):
    file = tmp_path / "history"
    person = Person(pipe, file, private=lambda: True)
    person.types("a secret\r")
    assert person.types("again\r") == "again"
    assert not file.exists()


def test_the_file_holds_the_whole_of_what_was_folded(pipe, tmp_path):
    file = tmp_path / "history"
    code = "".join(f"line {number}\n" for number in range(100))
    Person(pipe, file).types("Look: ", paste(code), sees("[pasted"), "why?\r")
    assert loaded(file) == [f"Look: {code}why?"]


def test_entries_are_read_as_they_were_written_whatever_is_in_them(tmp_path):
    entries = [
        "plain",
        "two\nlines",
        "\n\nempty lines\n\n",
        "+plus\n# hash",
        "größer 漢字 \u2028 \x85 \r|",
        "x" * 9000,
    ]
    history = remembering(tmp_path / "history")
    for entry in entries:
        history.append_string(entry)
    assert loaded(tmp_path / "history") == entries[::-1]


def test_a_file_of_prompt_toolkits_own_is_understood(tmp_path):
    for entry in ("first", "second\nline"):
        FileHistory(tmp_path / "history").store_string(entry)
    assert loaded(tmp_path / "history") == ["second\nline", "first"]


def test_a_damaged_file_gives_what_is_left_of_it(tmp_path):
    file = tmp_path / "history"
    file.write_bytes(b"\x00\xff garbage\n+first\n\nnot an entry\n\xfe\n+sec\xffond\n+line\n\n+cut o")
    assert loaded(file) == ["cut o", "sec\ufffdond\nline", "first"]
    remembering(file).append_string("third")
    assert loaded(file)[0] == "third"


def test_of_a_very_large_file_the_end_is_read(tmp_path):
    file = tmp_path / "history"
    file.write_bytes(b"".join(b"\n+entry %d\n+its second line\n" % number for number in range(100_000)))
    entries = loaded(file)
    assert entries[0] == "entry 99999\nits second line"
    assert 10_000 < len(entries) < 100_000
    assert all(entry.endswith("its second line") for entry in entries)


def test_several_processes_write_at_once_and_no_entry_is_torn(tmp_path):
    file = tmp_path / "history"
    program = (
        "import sys; from pathlib import Path; from chatcli.terminal.prompt.history import Remembered\n"
        "history = Remembered(Path(sys.argv[1]), private=lambda: False, whole=str)\n"
        "for number in range(100): history.append_string(f'{sys.argv[2]}\\n' * 5000)"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, file, name]) for name in "ab"]
    assert [writer.wait() for writer in writers] == [0, 0]
    entries = file.read_text().strip("\n").split("\n\n\n")
    assert sorted(set(entries)) == [("+a\n" * 5000) + "+", ("+b\n" * 5000) + "+"]
    assert len(entries) == 200


def test_the_rest_of_an_earlier_message_is_suggested_and_right_takes_it(pipe):
    person = Person(pipe)
    person.types(f"Why is the sky blue?{CTRL_J}In one line.\r")
    assert person.types("Why is", reads("> Why is the sky blue?"), RIGHT, ENTER) == "Why is the sky blue?"
    assert person.seen.count("In one line.") == 1


def test_a_suggestion_that_is_not_taken_is_not_sent(pipe):
    person = Person(pipe)
    person.types("Why is the sky blue?\r")
    assert person.types("Why", reads("> Why is the sky blue?"), ENTER) == "Why"


def test_ctrl_r_finds_what_was_typed_before_and_enter_sends_it(pipe):
    person = Person(pipe)
    person.types("Why is the sky blue?\r")
    person.types("Something else\r")
    assert person.types(CTRL_R, "sky", sees_twice("> Why is the sky blue?"), ENTER) == "Why is the sky blue?"


def test_what_ctrl_r_found_can_be_edited(pipe):
    person = Person(pipe)
    person.types("Why is the sky blue?\r")
    found = (
        CTRL_R,
        "sky",
        sees_twice("> Why is the sky blue?"),
        CTRL_E,
        " Tell me.",
        sees("Tell me."),
        ENTER,
    )
    assert person.types(*found) == "Why is the sky blue? Tell me."
