"""What a person types, key by key."""

from pathlib import Path

import pytest
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from chatcli.terminal.prompt import Prompt


class Keyboard:
    """A prompt, and the keys that are pressed at it."""

    def __init__(self, pipe, history=None, offers=lambda _text: (), ahead=()):
        self.drawn = 0
        self._pipe = pipe
        ahead = iter(ahead)
        self._prompt = Prompt(
            history,
            complete=offers,
            drawn=self._draw,
            ahead=lambda: next(ahead, b""),
            keyboard=pipe,
            screen=DummyOutput(),
        )

    def _draw(self):
        self.drawn += 1

    def messages(self, keys, draft=str):
        self._pipe.send_text(keys)
        return list(self._prompt.messages(draft))

    def types(self, keys):
        self._pipe.send_text(keys)
        return self._prompt.read()


@pytest.fixture
def pipe():
    with create_pipe_input() as pipe:
        yield pipe


def test_enter_sends_what_was_typed(pipe):
    assert Keyboard(pipe).types("hello\r") == "hello"


@pytest.mark.parametrize("newline", ["\x1b\r", "\n"], ids=["Alt-Enter", "Ctrl-J"])
def test_a_message_may_have_several_lines(pipe, newline):
    assert Keyboard(pipe).types(f"one{newline}two\r") == "one\ntwo"


def test_a_paste_is_one_message_and_its_indentation_stays(pipe):
    pasted = "    def f():\n        return 1\n" * 250
    assert Keyboard(pipe).types(f"\x1b[200~{pasted}\x1b[201~\r") == pasted.strip("\n")


def test_ctrl_c_gives_up_what_was_typed_and_ctrl_d_on_an_empty_line_leaves(pipe):
    assert Keyboard(pipe).messages("never mind\x03one\rtwo\r\x03\x04") == ["one", "two"]


def test_a_draft_is_there_to_be_edited_and_ctrl_c_gives_it_up(pipe):
    drafts = iter(["a draft", "another", ""])
    assert Keyboard(pipe).messages("!\r\x03two\r\x04", lambda: next(drafts)) == ["a draft!", "two"]


def test_ctrl_d_in_a_line_is_not_the_end(pipe):
    assert Keyboard(pipe).types("hello\x01\x04\r") == "ello"


def test_earlier_messages_come_back_with_up_also_in_another_run(pipe, tmp_path):
    file = tmp_path / "state" / "history"
    keyboard = Keyboard(pipe, file)
    keyboard.types("first\r")
    keyboard.types("second\x1b\rline\r")
    assert file.stat().st_mode & 0o777 == 0o600
    assert Keyboard(pipe, file).types("\x1b[A\x1b[A\x1b[A\r") == "first"


def test_a_history_that_cannot_be_written_is_no_reason_to_stop(pipe):
    keyboard = Keyboard(pipe, Path("/dev/null/history"))
    assert keyboard.types("first\r") == "first"
    assert keyboard.types("\x1b[A\r") == "first"


def test_the_first_prompt_tells_that_it_is_drawn_and_the_next_does_not(pipe):
    keyboard = Keyboard(pipe)
    assert keyboard.drawn == 0
    keyboard.types("one\r")
    keyboard.types("two\r")
    assert keyboard.drawn == 1


def test_what_was_typed_ahead_comes_before_what_is_typed_now(pipe):
    keyboard = Keyboard(pipe, ahead=["caf\u00e9, plea".encode()])
    assert keyboard.types("se\r") == "caf\u00e9, please"


def test_messages_that_were_typed_ahead_are_sent_one_by_one(pipe):
    keyboard = Keyboard(pipe, ahead=[b"one\rtwo\rthr", b"", b"e"])
    assert keyboard.messages("e\r\x04") == ["one", "two", "three"]


def test_keys_that_were_typed_ahead_are_keys(pipe):
    assert Keyboard(pipe, ahead=[b"wor\x01\x1b[C\x7fb\x05d\x1b"]).types("\rs\r") == "bord\ns"


def test_bytes_that_are_no_text_break_nothing(pipe):
    assert Keyboard(pipe, ahead=[b"a\xffb"]).types("c\r") == "a\ufffdbc"
