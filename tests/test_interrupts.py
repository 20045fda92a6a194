"""Ctrl-C is let through only where it means something, and whatever ends or stops the program tidies up."""

import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from chatcli.interrupts import Ended, Interrupts, ended_by_signals


def receive(signum):
    os.kill(os.getpid(), signum)


def press_ctrl_c():
    receive(signal.SIGINT)


def test_it_interrupts_what_is_armed_and_nothing_else():
    interrupts = Interrupts()
    with interrupts.handled():
        press_ctrl_c()
        with pytest.raises(KeyboardInterrupt), interrupts.armed():
            press_ctrl_c()
        press_ctrl_c()


def test_the_second_one_does_not_disturb_what_the_first_began():
    interrupts = Interrupts()
    tidied = []
    with interrupts.handled():
        try:
            with interrupts.armed():
                try:
                    press_ctrl_c()
                finally:
                    press_ctrl_c()
                    tidied.append("up")
        except KeyboardInterrupt:
            pass
    assert tidied == ["up"]


def test_while_it_is_another_programs_business_it_interrupts_nothing_here():
    interrupts = Interrupts()
    done = []
    with interrupts.handled(), suppress(KeyboardInterrupt), interrupts.armed():
        with interrupts.disarmed():
            press_ctrl_c()
            done.append("the other program")
        press_ctrl_c()
        done.append("what follows")
    assert done == ["the other program"]


def test_afterwards_it_is_what_it_was_before():
    before = signal.getsignal(signal.SIGINT)
    with Interrupts().handled():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


def test_while_nothing_has_begun_it_ends_the_process_at_once():
    program = (
        "import os, signal\n"
        "from chatcli.interrupts import ending_all\n"
        "with ending_all():\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "print('went on')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_what_is_shielded_is_done_whole_before_it_is_interrupted():
    interrupts = Interrupts()
    done = []
    with interrupts.handled(), suppress(KeyboardInterrupt), interrupts.armed():
        with interrupts.shielded():
            press_ctrl_c()
            with interrupts.shielded():
                done.append("the inner part")
            done.append("the outer part")
        done.append("what follows")
    assert done == ["the inner part", "the outer part"]


def test_one_ctrl_c_more_in_a_shield_interrupts_nothing_later():
    interrupts = Interrupts()
    with interrupts.handled():
        with suppress(KeyboardInterrupt), interrupts.armed(), interrupts.shielded():
            press_ctrl_c()
            press_ctrl_c()
        with interrupts.armed(), interrupts.shielded():
            pass


@pytest.mark.parametrize(
    ("signum", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGQUIT, 131)]
)
def test_who_is_told_to_end_tidies_up_and_ends(heard, signum, status):
    with pytest.raises(Ended) as ended, ended_by_signals():
        receive(signum)
    assert (ended.value.status, ended.value.code) == (status, status)


@pytest.fixture
def heard():
    """SIGHUP, also when the tests run without a terminal."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def test_a_window_that_is_closed_says_so_twice_and_tidying_up_goes_on(heard):
    tidied = []
    with suppress(Ended), ended_by_signals():
        try:
            receive(signal.SIGHUP)
        finally:
            receive(signal.SIGHUP)
            tidied.append("up")
    assert tidied == ["up"]


def test_what_was_ignored_when_the_program_began_is_ignored_still(heard):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with ended_by_signals(), Interrupts().handled():
        receive(signal.SIGHUP)


def test_what_is_shielded_is_done_whole_before_the_program_ends():
    interrupts = Interrupts()
    done = []
    with suppress(Ended), ended_by_signals(), interrupts.handled(), interrupts.armed():
        with interrupts.shielded():
            press_ctrl_c()
            receive(signal.SIGTERM)
            done.append("this")
        done.append("what follows")
    assert done == ["this"]


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGQUIT])
def test_a_shield_that_is_stuck_can_be_broken(signum):
    interrupts = Interrupts()
    done = []
    with suppress(Ended), ended_by_signals(), interrupts.handled(), interrupts.shielded():
        receive(signum)
        done.append("so far")
        receive(signum)
        done.append("the rest")
    assert done == ["so far"]


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGQUIT])
def test_who_is_told_to_end_twice_ends_at_once(signum):
    program = (
        "import os, signal\n"
        "from chatcli.interrupts import ended_by_signals\n"
        "with ended_by_signals():\n"
        "    try:\n"
        f"        os.kill(os.getpid(), {signum:d})\n"
        "    finally:\n"
        f"        os.kill(os.getpid(), {signum:d})\n"
        "        print('went on')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (128 + signum, b"", b"")


STOPPING = """
import os, signal
from contextlib import contextmanager
from chatcli.interrupts import Interrupts

def say(text):
    print(text, flush=True)

@contextmanager
def away(name):
    say(f"{name} away")
    yield
    say(f"{name} back")

interrupts = Interrupts()
with interrupts.handled(), interrupts.stoppable(lambda: away("keyboard")):
    with interrupts.stoppable(lambda: away("screen")), interrupts.shielded():
        os.kill(os.getpid(), signal.SIGTSTP)
        say("the frame")
    os.kill(os.getpid(), signal.SIGTSTP)
os.kill(os.getpid(), signal.SIGTSTP)
"""


def test_ctrl_z_puts_the_terminal_away_stops_and_comes_back():
    # A group of its own, so that it is stopped as a shell's job is.
    with subprocess.Popen(
        [sys.executable, "-c", STOPPING], stdout=subprocess.PIPE, text=True, process_group=0
    ) as job:

        def until_stopped():
            _, status = os.waitpid(job.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(status)
            assert os.WSTOPSIG(status) == signal.SIGTSTP

        def lines(count):
            return [job.stdout.readline().strip() for _ in range(count)]

        until_stopped()
        assert lines(3) == ["the frame", "screen away", "keyboard away"]
        job.send_signal(signal.SIGCONT)
        assert lines(3) == ["keyboard back", "screen back", "keyboard away"]
        until_stopped()
        job.send_signal(signal.SIGCONT)
        assert lines(1) == ["keyboard back"]
        until_stopped()
        job.send_signal(signal.SIGCONT)
        assert (job.stdout.read(), job.wait()) == ("", 0)
