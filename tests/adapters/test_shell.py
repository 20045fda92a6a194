"""Commands in a real shell: on a terminal, with somebody who watches and types, and without one."""

import os
import select
import signal
import termios
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatcli.adapters.shell import Seat, run, run_watched
from chatcli.core.printout import MOST

PATIENCE = 30.0
ENVIRON = {"PATH": os.environ["PATH"], "SHELL": "/bin/sh", "TERM": "xterm-256color"}


class Person:
    """Sits at a terminal: sees what comes, and types an answer when a text is there."""

    def __init__(self, window):
        self.saw = b""
        self.answers = []
        self._window = window
        self._gone = threading.Event()
        self._watching = threading.Thread(target=self._watch)
        self._watching.start()

    def _watch(self):
        while not self._gone.is_set():
            self._read(patience=0.01)
        while self._read(patience=0):
            pass

    def _read(self, patience):
        if not select.select([self._window], [], [], patience)[0]:
            return False
        self.saw += os.read(self._window, 65_536)
        while self.answers and self.answers[0][0] in self.saw:
            _, answer = self.answers.pop(0)
            answer() if callable(answer) else os.write(self._window, answer)
        return True

    def leave(self):
        self._gone.set()
        self._watching.join(PATIENCE)


@contextmanager
def sitting():
    """A seat at a terminal of 24 by 80, and the person on it."""
    window, terminal = os.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    person = Person(window)
    try:
        yield Seat(terminal, terminal), person
    finally:
        person.leave()
        os.close(window)
        os.close(terminal)


def watched(command, given=None, cwd=Path("/"), answers=(), unread=bytes):
    """What came of a command, and what the person saw."""
    with sitting() as (seat, person):
        person.answers += answers
        before = termios.tcgetattr(seat.keyboard)
        done = run_watched(command, given, environ=ENVIRON, cwd=cwd, seat=seat, unread=unread)
        assert termios.tcgetattr(seat.keyboard) == before
    return done, person.saw


def test_what_a_command_prints_is_seen_and_kept_errors_too():
    done, saw = watched("echo out; echo err >&2; exit 3")
    assert done == (3, b"out\r\nerr\r\n")
    assert saw.replace(b"\r\r", b"\r") == b"out\r\nerr\r\n"


def test_a_command_runs_in_the_working_directory(tmp_path):
    assert watched("pwd", cwd=tmp_path)[0].printed.decode().strip() == str(tmp_path)


def test_a_command_sits_at_a_terminal_of_the_same_size():
    done, _ = watched("test -t 0 && test -t 1 && test -t 2 && stty size")
    assert done == (0, b"24 80\r\n")


def test_the_person_answers_what_a_command_asks():
    done, _ = watched('printf "name? "; read name; echo "hello $name"', answers=[(b"name? ", b"Ann\n")])
    assert done == (0, b"name? Ann\r\nhello Ann\r\n")


def test_ctrl_c_ends_the_command_and_nothing_else():
    done, _ = watched("echo ready; exec sleep 100", answers=[(b"ready", b"\x03")])
    assert done.status == -signal.SIGINT


def test_ctrl_d_ends_what_a_command_reads():
    done, _ = watched("echo ready; cat; echo over", answers=[(b"ready", b"\x04")])
    assert done.printed.endswith(b"over\r\n")


def typed_ahead(tmp_path, keys, seen, reading=""):
    """What is left of keys that are typed, and seen there, while a command runs."""
    left = []
    command = f"echo ready; {reading} until [ -e over ]; do sleep 0.01; done"
    answers = [(b"ready", keys), (seen, (tmp_path / "over").touch)]
    watched(command, cwd=tmp_path, answers=answers, unread=left.append)
    return b"".join(left)


def test_keys_that_a_command_does_not_read_are_left_as_they_were_typed(tmp_path):
    assert typed_ahead(tmp_path, b"ls\rgr\xc3\xb6\xc3\x9fer", "größer".encode()) == "ls\rgrößer".encode()


def test_keys_that_a_command_has_read_are_not_typed_again(tmp_path):
    assert typed_ahead(tmp_path, b"Ann\rls -l", b"ls -l", reading="read name;") == b"ls -l"


def test_ctrl_d_at_a_command_that_does_not_read_is_no_key_for_whoever_reads_next(tmp_path):
    assert typed_ahead(tmp_path, b"\x04ls", b"ls") == b"ls"


def test_a_window_that_changes_its_size_changes_the_commands():
    with sitting() as (seat, person):

        def smaller():
            termios.tcsetwinsize(seat.screen, (12, 40))

        person.answers.append((b"ready", smaller))
        command = "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.01; done"
        done = run_watched(command, None, environ=ENVIRON, cwd=Path("/"), seat=seat, unread=bytes)
    assert done == (0, b"ready\r\n12 40\r\n")


def test_a_given_text_is_the_standard_input_and_the_terminal_is_still_there():
    done, _ = watched("cat; read key < /dev/tty; echo got $key", "one\ntwo\n", answers=[(b"two", b"it\n")])
    assert done.printed == b"one\r\ntwo\r\nit\r\ngot it\r\n"


@pytest.mark.parametrize("given", ["", "x", "größer\n" * 200_000], ids=["none", "some", "much"])
def test_a_text_arrives_whole_however_large(given):
    done, _ = watched("wc -c", given)
    assert done == (0, f"{len(given.encode())}\r\n".encode())


def test_a_command_that_has_read_enough_is_no_error():
    assert watched("head -n 1", "line\n" * 200_000)[0] == (0, b"line\r\n")


def test_a_command_that_reads_nothing_holds_nobody_up():
    assert watched("echo done", "line\n" * 200_000)[0] == (0, b"done\r\n")


def test_of_a_flood_the_beginning_is_kept_and_all_is_shown():
    done, saw = watched("yes | head -c 3000000; echo; echo the end")
    assert len(done.printed) == MOST
    assert saw.rstrip().endswith(b"the end")


def test_an_open_line_is_ended_so_that_the_next_begins_on_its_own():
    assert watched("printf half")[1] == b"half\r\n"
    assert watched(r"printf '\033[31mred\n\033[0m'")[1].count(b"\n") == 1


def test_what_is_left_in_the_background_is_not_waited_for_and_lives_on(tmp_path):
    done, _ = watched("(sleep 0.2; echo alive > here) & echo gone", cwd=tmp_path)
    assert done == (0, b"gone\r\n")
    deadline = time.monotonic() + PATIENCE
    while not (tmp_path / "here").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_shell_that_there_is_not_is_a_status():
    with sitting() as (seat, person):
        environ = {**ENVIRON, "SHELL": "/no/such/shell"}
        assert (
            run_watched("echo", None, environ=environ, cwd=Path("/"), seat=seat, unread=bytes).status == 127
        )
    assert b"/no/such/shell" in person.saw


def test_where_nobody_watches_a_command_has_no_keyboard_and_prints_to_what_it_is_given(tmp_path):
    with (tmp_path / "out").open("wb") as out:
        done = run("cat; echo err >&2; exit 2", None, environ=ENVIRON, cwd=tmp_path, out=out.fileno())
        given = run("cat", "größer\n", environ=ENVIRON, cwd=tmp_path, out=out.fileno())
        enough = run("head -n 1", "line\n" * 200_000, environ=ENVIRON, cwd=tmp_path, out=out.fileno())
    assert [done, given, enough] == [(2, b""), (0, b""), (0, b"")]
    assert (tmp_path / "out").read_text() == "err\ngrößer\nline\n"
