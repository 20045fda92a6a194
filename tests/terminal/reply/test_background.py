"""Dark or light, on a real pseudo-terminal whose other end answers."""

import os
import pty
import select
import threading
import tty

import pytest

from chatcli.terminal.reply.background import Background

WHITE, BLACK = b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\", b"\x1b]11;rgb:0000/0000/0000\x1b\\"
SENTINEL = b"\x1b[?62;22;52c"


class Asked:
    """A terminal and whoever asks it; the keyboard is hushed."""

    def __init__(self, environ=None):
        self._person, self._program = pty.openpty()
        tty.setraw(self._program)
        self.heard = []
        self.background = Background(self._program, self.heard.append, environ or {"TERM": "xterm"})
        self.background.ask()

    def says(self, *pieces):
        """Each piece arrives by itself, and is looked at by itself."""
        for piece in pieces:
            os.write(self._person, piece)
            select.select([self._program], [], [])
            self.background.poll()

    def has_unread(self):
        return os.read(self._program, 4096)

    def close(self):
        os.close(self._person)
        os.close(self._program)

    def hang_up(self):
        os.close(self._person)
        self._person = os.dup(self._program)


@pytest.fixture
def asked():
    asked = Asked()
    yield asked
    asked.close()


@pytest.mark.parametrize(
    ("colour", "light"),
    [
        (b"rgb:ffff/ffff/ffff", True),
        (b"rgb:fdfd/f6f6/e3e3", True),
        (b"rgb:0000/2b2b/3636", False),
        (b"rgb:1e/1e/2e", False),
        (b"rgb:FF/FF/FF", True),
        (b"rgb:f/f/e", True),
        (b"rgb:00/00/ff", False),
        (b"rgba:ffff/ffff/ffff/8000", True),
        (b"red", None),
        (b"", None),
    ],
)
@pytest.mark.parametrize("end", [b"\x07", b"\x1b\\"], ids=["BEL", "ST"])
def test_the_answer_is_read_however_it_is_written(asked, colour, light, end):
    asked.says(b"\x1b]11;" + colour + end + SENTINEL)
    assert (asked.background.light, asked.background.waiting) == (light, False)


def test_it_asks_once_and_waits_for_what_every_terminal_answers(asked):
    assert asked.heard == ["\x1b]11;?\x1b\\\x1b[c"]
    asked.says(WHITE)
    assert (asked.background.light, asked.background.waiting) == (True, True)
    asked.says(SENTINEL)
    assert not asked.background.waiting


def test_a_terminal_that_does_not_know_leaves_it_open(asked):
    asked.says(SENTINEL)
    assert (asked.background.light, asked.background.waiting) == (None, False)


def test_an_answer_may_come_byte_by_byte(asked):
    asked.says(*(bytes([byte]) for byte in BLACK + SENTINEL))
    assert (asked.background.light, asked.background.waiting) == (False, False)
    assert asked.background.typed() == b""


@pytest.mark.parametrize("cut", range(1, len(WHITE + SENTINEL)))
def test_what_is_typed_around_an_answer_is_kept_and_given_once(asked, cut):
    answers = WHITE + SENTINEL
    asked.says(b"what is \xc3\xa9?\r", answers[:cut], answers[cut:] + b"\x1b[A/help\r")
    assert asked.background.light is True
    assert asked.background.typed() == b"what is \xc3\xa9?\r\x1b[A/help\r"
    assert asked.background.typed() == b""


def test_what_is_typed_when_the_answer_is_there_is_left_to_the_prompt(asked):
    asked.says(WHITE + SENTINEL)
    asked.says(b"hello\r")
    assert asked.background.typed() == b""
    assert asked.has_unread() == b"hello\r"


def test_keys_that_begin_like_an_answer_are_keys_once_nothing_more_is_awaited(asked):
    asked.says(b"\x1b", b"\x1b]")
    asked.background.settle(0)
    assert asked.background.typed() == b"\x1b\x1b]"


def test_an_answer_that_is_late_is_waited_for(asked):
    late = threading.Timer(0.05, os.write, (asked._person, WHITE + SENTINEL + b"hi"))
    late.start()
    asked.background.settle(30)
    late.join()
    assert (asked.background.light, asked.background.waiting) == (True, False)
    assert asked.background.typed() == b"hi"


def test_an_answer_that_never_comes_is_waited_for_once(asked):
    asked.says(b"hello")
    asked.background.settle(0.01)
    assert (asked.background.light, asked.background.waiting) == (None, False)
    assert asked.background.typed() == b"hello"


def test_a_keyboard_that_is_gone_is_not_waited_for(asked):
    asked.hang_up()
    asked.background.settle(30)
    assert not asked.background.waiting


@pytest.mark.parametrize(
    ("colours", "light"),
    [("0;15", True), ("15;0", False), ("15;default;0", False), ("0;7", True), ("12;8", False)],
)
def test_a_terminal_that_says_it_in_the_environment_is_not_asked(colours, light):
    asked = Asked({"TERM": "xterm", "COLORFGBG": colours})
    assert (asked.background.light, asked.background.waiting, asked.heard) == (light, False, [])
    asked.close()


@pytest.mark.parametrize("colours", ["", "15;default", "0;255", "nonsense"])
def test_an_environment_that_does_not_say_it_is_no_answer(colours):
    asked = Asked({"TERM": "xterm", "COLORFGBG": colours})
    assert (asked.background.light, asked.background.waiting) == (None, True)
    asked.close()


@pytest.mark.parametrize("term", ["dumb", "linux", ""])
def test_a_terminal_that_would_print_the_question_is_not_asked(term):
    asked = Asked({"TERM": term})
    assert (asked.background.waiting, asked.heard) == (False, [])
    asked.close()


def test_a_pipe_is_not_asked():
    reader, writer = os.pipe()
    heard = []
    background = Background(reader, heard.append, {"TERM": "xterm"})
    background.ask()
    background.settle(30)
    assert (background.light, background.waiting, heard) == (None, False, [])
    os.close(reader)
    os.close(writer)


def test_what_was_typed_by_now_is_kept_for_later_whether_or_not_an_answer_is_due(asked):
    os.write(asked._person, b"y\r")
    select.select([asked._program], [], [])
    asked.background.hold()
    asked.says(SENTINEL)
    os.write(asked._person, b"no\r")
    select.select([asked._program], [], [])
    asked.background.hold()
    asked.background.hold()
    assert asked.background.typed() == b"y\rno\r"


def test_nothing_is_held_of_a_keyboard_that_is_gone_or_a_pipe(asked):
    asked.hang_up()
    asked.background.hold()
    reader, writer = os.pipe()
    os.write(writer, b"y\n")
    background = Background(reader, [].append, {})
    background.hold()
    assert (asked.background.typed(), background.typed()) == (b"", b"")
    assert os.read(reader, 9) == b"y\n"
    os.close(reader)
    os.close(writer)
