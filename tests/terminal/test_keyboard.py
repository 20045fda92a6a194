"""The keyboard between two prompts, on a real pseudo-terminal."""

import os
import pty
import termios
import tty
from contextlib import suppress

import pytest

from chatcli.terminal.keyboard import hushed


@pytest.fixture
def terminal():
    """The end that a person types at, and the end that the program reads."""
    person, program = pty.openpty()
    yield person, program
    os.close(person)
    os.close(program)


def test_what_is_typed_ahead_is_kept_as_it_was_typed_and_not_shown(terminal):
    person, program = terminal
    with hushed(program):
        os.write(person, b"hello\r\x04")
        assert os.read(program, 100) == b"hello\r\x04"
    os.set_blocking(person, False)
    with pytest.raises(BlockingIOError):
        os.read(person, 100)


def test_ctrl_c_still_interrupts_and_the_terminal_is_as_it_was_afterwards(terminal):
    _, program = terminal
    before = termios.tcgetattr(program)
    with suppress(KeyboardInterrupt), hushed(program):
        assert termios.tcgetattr(program)[3] & termios.ISIG
        raise KeyboardInterrupt
    assert termios.tcgetattr(program) == before


def test_ctrl_c_takes_nothing_with_it_of_what_was_typed_before(terminal):
    person, program = terminal
    with hushed(program):
        os.write(person, b"and five?\x03 six")
        assert os.read(program, 100) == b"and five? six"


def test_for_a_while_it_can_be_as_it_was_before_whatever_it_is_now(terminal):
    _, program = terminal
    before = termios.tcgetattr(program)
    with hushed(program) as as_before:
        tty.setraw(program)
        raw = termios.tcgetattr(program)
        with as_before():
            assert termios.tcgetattr(program) == before
        assert termios.tcgetattr(program) == raw
    assert termios.tcgetattr(program) == before


def test_what_is_no_terminal_is_left_alone():
    reader, writer = os.pipe()
    with hushed(reader) as as_before, as_before():
        os.write(writer, b"text\r")
    assert os.read(reader, 100) == b"text\r"
    os.close(reader)
    os.close(writer)
