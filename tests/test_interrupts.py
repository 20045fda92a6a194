"""Ctrl-C is let through only where it means something."""

import os
import signal
import subprocess
import sys

import pytest

from chatcli.interrupts import Interrupts


def press_ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)


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
