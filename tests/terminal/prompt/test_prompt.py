"""What a person types, key by key."""

import pytest
from prompt_toolkit.output import DummyOutput

from chatcli.core.look import Look
from chatcli.terminal.prompt.prompt import Prompt
from tests.terminal.prompt.person import (
    ALT_ENTER,
    CTRL_C,
    CTRL_D,
    CTRL_J,
    CTRL_L,
    DOWN,
    ENTER,
    ESCAPE,
    LEFT,
    UP,
    Person,
    misses,
    paste,
    sees,
)

CTRL_ENTERS = {"CSI-u": "\x1b[13;5u", "modifyOtherKeys": "\x1b[27;5;13~"}
SHIFT_ENTERS = {"CSI-u": "\x1b[13;2u", "modifyOtherKeys": "\x1b[27;2;13~"}


class Keyboard:
    """A prompt without a screen, and the keys that are pressed at it."""

    def __init__(self, pipe, ahead=(), **doors):
        self.drawn = 0
        self._pipe = pipe
        ahead = iter(ahead)
        self._prompt = Prompt(
            None,
            complete=lambda _text: (),
            drawn=self._draw,
            ahead=lambda: next(ahead, b""),
            keyboard=pipe,
            screen=DummyOutput(),
            **doors,
        )

    def _draw(self):
        self.drawn += 1

    def messages(self, keys, draft=str):
        self._pipe.send_text(keys)
        return list(self._prompt.messages(draft))

    def types(self, keys):
        self._pipe.send_text(keys)
        return self._prompt.read()


def test_enter_sends_what_was_typed(pipe):
    assert Keyboard(pipe).types("hello\r") == "hello"


@pytest.mark.parametrize(
    "newline",
    [ALT_ENTER, CTRL_J, *SHIFT_ENTERS.values(), "\x1b[13;3u"],
    ids=["Alt-Enter", "Ctrl-J", *SHIFT_ENTERS, "Alt-Enter in CSI-u"],
)
def test_a_message_may_have_several_lines(pipe, newline):
    assert Keyboard(pipe).types(f"one{newline}two\r") == "one\ntwo"


def test_enter_and_alt_enter_can_be_swapped(pipe):
    keyboard = Keyboard(pipe, look=lambda: Look(multiline=True))
    assert keyboard.types(f"one{ENTER}two{CTRL_J}three{ALT_ENTER}") == "one\ntwo\nthree"


@pytest.mark.parametrize("enter", CTRL_ENTERS.values(), ids=CTRL_ENTERS)
def test_ctrl_enter_is_alt_enter(pipe, enter):
    assert Keyboard(pipe).types(f"one{enter}two\r") == "one\ntwo"
    assert Keyboard(pipe, look=lambda: Look(multiline=True)).types(f"one\rtwo{enter}") == "one\ntwo"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("\x1b[32;2u", "two wor ds"),  # Shift-Space
        ("\x1b[27;2;32~", "two wor ds"),
        ("\x1b[127;2u", "two wods"),  # Shift-Backspace
        ("\x1b[127;5u", "two ds"),  # Ctrl-Backspace
        ("\x1b[27;3;127~", "two ds"),  # Alt-Backspace
        ("\x1b[97;5uX", "Xtwo words"),  # Ctrl-A
        ("\x1b[97;6uX", "Xtwo words"),  # Ctrl-Shift-A
        ("\x1b[27;5;97~X", "Xtwo words"),
        ("\x1b[98;3uX", "two Xwords"),  # Alt-B
        ("X\x1b[97;5u\x1b[47;5u", "two words"),  # Ctrl-/ undoes
        ("\x1b[65;2u", "two worAds"),  # Shift-A
        ("\x1b[97;2u", "two worAds"),
        ("\x1b[27;2;33~", "two wor!ds"),
        ("\x1b[120u", "two worxds"),
        ("\x1b[9;2u", "two words"),  # Shift-Tab
        ("\x1b[9;5u", "two words"),  # what is nothing elsewhere
        ("\x1b[27;5;9~", "two words"),
        ("\x1b[49;5u", "two words"),
        ("\x1b[1089;5u", "two words"),
        ("\x1b[57441;2u", "two words"),
        ("\x1b[13;133u", "two words"),
        ("\x1b[27;0;32~", "two words"),
        ("\x1b[0u", "two words"),
        ("\x1b[999999999;2u", "two words"),
    ],
)
def test_a_key_that_tells_what_is_held_down_with_it_is_what_it_is_elsewhere(pipe, key, text):
    assert Keyboard(pipe).types(f"two words\x1b[D\x1b[D{key}\r") == text


def test_such_a_key_is_one_too_when_it_was_typed_ahead_or_comes_in_pieces(pipe):
    assert Keyboard(pipe, ahead=[b"one\x1b[13;2utwo\x1b[32;2u"]).types("three\r") == "one\ntwo three"
    person = Person(pipe)
    assert person.types("one\x1b[13", ";2u", "two\r") == "one\ntwo"


def test_what_is_pasted_is_text_even_if_it_looks_like_such_a_key(pipe):
    assert Keyboard(pipe).types(paste("\x1b[13;2u") + ENTER) == "\x1b[13;2u"


@pytest.mark.parametrize("line", ["/multiline off", "/last", "!ls -l", " !ls"])
def test_a_command_of_one_line_is_sent_by_enter_even_when_it_is_swapped(pipe, line):
    assert Keyboard(pipe, look=lambda: Look(multiline=True)).types(f"{line}{ENTER}") == line


@pytest.mark.parametrize("line", ["//last", "/etc/hosts", "!!", "/", "/system Be brief.\nBe kind."])
def test_what_is_no_command_of_one_line_goes_on_when_enter_is_swapped(pipe, line):
    keyboard = Keyboard(pipe, look=lambda: Look(multiline=True))
    typed = line.replace("\n", CTRL_J)
    assert keyboard.types(f"{typed}{ENTER}more{ALT_ENTER}") == f"{line}\nmore"


def test_enter_goes_on_in_a_code_fence_until_it_is_closed(pipe):
    typed = "Why?\r" + CTRL_J.join(["See", "```python"]) + "\rprint(1)\r\r```\r"
    assert Keyboard(pipe).messages(typed + CTRL_D) == ["Why?", "See\n```python\nprint(1)\n\n```"]


def test_a_short_paste_is_one_message_and_its_indentation_stays(pipe):
    pasted = "    def f():\n        return 1\n" * 5
    assert Keyboard(pipe).types(paste(pasted) + ENTER) == pasted.strip("\n")


def test_a_paste_may_end_its_lines_as_it_likes(pipe):
    assert Keyboard(pipe).types(paste("one\rtwo\r\nthree\nfour") + ENTER) == "one\ntwo\nthree\nfour"


def test_ctrl_c_gives_up_what_was_typed_and_ctrl_d_on_an_empty_line_leaves(pipe):
    typed = f"never mind{CTRL_C}one\rtwo\r{CTRL_C}{CTRL_D}"
    assert Keyboard(pipe).messages(typed) == ["", "one", "two", ""]


def test_a_draft_is_there_to_be_edited_and_ctrl_c_gives_it_up(pipe):
    drafts = iter(["a draft", "another", "", ""])
    typed = f"!\r{CTRL_C}two\r{CTRL_D}"
    assert Keyboard(pipe).messages(typed, lambda: next(drafts)) == ["a draft!", "", "two"]


def test_ctrl_d_in_a_line_is_not_the_end(pipe):
    assert Keyboard(pipe).types("hello\x01\x04\r") == "ello"


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
    pipe.send_bytes(b"a\xffb\r")
    assert Keyboard(pipe).types("") == "a\ufffdb"


def test_vi_keys_edit_the_line_and_enter_sends_from_either_mode(pipe):
    vi = Keyboard(pipe, look=lambda: Look(keys="vi"))
    assert vi.types(f"one two{ESCAPE}bdw0iX\r") == "Xone "
    person = Person(pipe, look=lambda: Look(keys="vi"))
    back = len("> hello") - 1
    assert person.types(f"hello{ESCAPE}", lambda terminal: terminal.column == back, f"x{ENTER}") == "hell"
    assert person.types(f"again{ESCAPE}", lambda terminal: terminal.column == back, ENTER) == "again"


def test_keys_change_between_two_prompts(pipe):
    looks = [Look(), Look(keys="vi")]
    keyboard = Keyboard(pipe, look=lambda: looks[0])
    assert keyboard.types("ab\x01c\r") == "cab"
    looks.pop(0)
    assert keyboard.types(f"ab{ESCAPE}0ic\r") == "cab"


def test_up_and_down_go_through_the_lines_and_then_through_what_was_sent(pipe):
    keyboard = Keyboard(pipe)
    keyboard.types("first\r")
    keyboard.types(f"second{CTRL_J}message\r")
    assert keyboard.types(f"one{CTRL_J}two{UP}X\r") == "oneX\ntwo"
    assert keyboard.types(f"{UP}{UP}{UP}{UP}{UP}{DOWN}!\r") == "second!\nmessage"


def test_ctrl_l_clears_the_screen_and_keeps_what_is_typed(pipe):
    person = Person(pipe)
    person.types("before\r")
    assert person.types("text", sees("text"), CTRL_L, misses("before"), sees("> text"), "!\r") == "text!"


def test_ctrl_x_ctrl_e_opens_the_editor_on_the_whole_text(pipe):
    opened = []

    def edit(text):
        opened.append(text)
        return f"{text} and edited\n"

    person = Person(pipe, edit=edit)
    long = "line\n" * 20
    assert person.types("see " + paste(long) + "\x18\x05", sees("edited"), ENTER) == f"see {long} and edited"
    assert opened == [f"see {long}"]


@pytest.mark.parametrize("columns", [80, 40, 20])
def test_the_toolbar_is_one_line_cut_at_the_width_of_the_screen(pipe, columns):
    line = "a model with 漢字 · 1,234 of 8,192 tokens (15%) · typing ~3"
    person = Person(pipe, columns=columns, lines=12, toolbar=lambda *_: line)
    person.types(sees("a model"), sees("" if columns == 80 else "…"), ENTER)
    cut = {80: line, 40: "a model with 漢字 · 1,234 of 8,192 toke…", 20: "a model with 漢字 ·…"}
    assert person.seen.splitlines()[-1] == cut[columns]


def test_the_toolbar_is_told_how_much_is_typed_and_can_be_turned_off(pipe):
    person = Person(pipe, toolbar=lambda typed, *_: f"typing {typed}")
    assert person.types("four", sees("typing 4"), paste("line\n" * 100), sees("typing 504"), ENTER)
    looks = [Look(toolbar=()), Look()]
    person = Person(pipe, look=lambda: looks[0], toolbar=lambda *_: "here it is")
    assert person.types("text", sees("> text"), ENTER) == "text"
    assert "here it is" not in person.seen
    looks.pop(0)
    person.types("more", sees("here it is"), ENTER)


def test_the_toolbar_is_told_its_room_and_the_mode_of_vi(pipe):
    looks = [Look(keys="vi"), Look()]
    person = Person(pipe, columns=40, look=lambda: looks[0], toolbar=lambda *known: f"{known}")
    person.types("a", sees("(1, 40, 'insert')"), ESCAPE, sees("(1, 40, 'normal')"), ENTER)
    looks.pop(0)
    person.types("a", sees("(1, 40, '')"), ENTER)


def test_the_mouse_stays_the_terminals(pipe):
    person = Person(pipe)
    person.types("text", sees("text"), LEFT, ENTER)
    assert "\x1b[?1000h" not in person.drawn
