"""What was typed is remembered, by this run and the next."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from prompt_toolkit.history import FileHistory

from chatcli.terminal.prompt.folds import Folds
from chatcli.terminal.prompt.history import Remembered, without
from tests.terminal.prompt.person import (
    CTRL_C,
    CTRL_E,
    CTRL_G,
    CTRL_J,
    CTRL_R,
    ENTER,
    LEFT,
    RIGHT,
    UP,
    Person,
    paste,
    reads,
    sees,
    sees_twice,
)


def remembering(file):
    return Remembered(file, private=lambda: False, folds=Folds())


def loaded(file):
    """What a new run remembers, the newest first."""

    folds = Folds()

    async def load():
        return [folds.whole(entry) async for entry in Remembered(file, lambda: False, folds).load()]

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


def test_a_long_entry_of_another_run_is_folded_but_for_its_first_and_last_line(pipe, tmp_path):
    file = tmp_path / "history"
    code = "".join(f"line {number}\n" for number in range(500))
    Person(pipe, file).types("What is this?\r")
    Person(pipe, file).types("Look: ", paste(code), "why?\r")
    person = Person(pipe, file)
    back = (UP, sees("> Look: line 0"), sees("[pasted 499 lines"), reads("  why?"), UP * 3)
    assert person.types(*back, reads("> What is this?"), ENTER) == "What is this?"
    assert person.types(UP * 2, sees("> Look: line 0"), ENTER) == f"Look: {code}why?"


def test_a_history_of_nothing_but_long_entries_leaves_folds_for_what_is_pasted(pipe, tmp_path):
    file = tmp_path / "history"
    entries = ("".join(f"+{number}\n" for _ in range(17)) for number in range(1_500))
    file.write_text("\n" + "\n".join(entries))
    pasted = "line\n" * 20
    person = Person(pipe, file)
    assert person.types("Look: ", paste(pasted), sees("[pasted 20 lines"), "?\r") == f"Look: {pasted}?"


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
        "import sys; from pathlib import Path\n"
        "from chatcli.terminal.prompt.folds import Folds\n"
        "from chatcli.terminal.prompt.history import Remembered\n"
        "history = Remembered(Path(sys.argv[1]), private=lambda: False, folds=Folds())\n"
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


def test_entries_can_be_taken_out_however_a_question_was_typed():
    content = (
        b"\n\n+one\n\n\n+two\n+lines\n\n# 2026-11-01 10:00:00\n+one\n"
        b"\n\n+//etc is full\n\n\n+ three \n\n\n+one more\n"
    )

    assert without(content, ["one", "/etc is full", "three"]) == b"\n\n+two\n+lines\n\n\n+one more\n"
    assert without(content, ["two"]) == content
    assert without(content, ["two\nlines", "one", "one more"]) == b"\n\n+//etc is full\n\n\n+ three \n"
    assert without(b"", ["one"]) == b""


SEARCHES = {"one": CTRL_R, "two": CTRL_R * 2, "three": CTRL_R * 3}


@pytest.mark.parametrize("given_up", [CTRL_G, CTRL_C], ids=["Ctrl-G", "Ctrl-C"])
@pytest.mark.parametrize("again", SEARCHES.values(), ids=SEARCHES)
def test_who_gives_a_search_up_is_back_where_it_began(pipe, again, given_up):
    person = Person(pipe)
    for message in ("hello one", "hello two", "hello three"):
        person.types(f"{message}\r")
    typed = ("typed", LEFT, CTRL_R, "hello", sees_twice("hello three"), again, given_up)
    assert person.types(*typed, reads("> typed"), "!\r") == "type!d"


def test_a_search_that_begins_at_an_earlier_message_is_given_up_there(pipe):
    person = Person(pipe)
    for message in ("hello one", "hello two", "other"):
        person.types(f"{message}\r")
    typed = (UP, reads("> other"), CTRL_R, "hello", CTRL_R, sees_twice("> hello one"), CTRL_G)
    assert person.types(*typed, reads("> other"), "!\r") == "other!"
