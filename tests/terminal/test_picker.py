"""A session is chosen from a list."""

import time
from threading import Thread

import pytest
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from chatcli.core.archive import Record
from chatcli.core.messages import Finish, Message, Role
from chatcli.errors import StoreError
from chatcli.terminal.picker import fitting, pick
from tests.terminal.prompt.person import (
    CTRL_C,
    CTRL_D,
    CTRL_U,
    DOWN,
    ENTER,
    ESCAPE,
    PATIENCE,
    UP,
    Terminal,
    misses,
    sees,
)

NOW = 1_795_000_000.0
PAGE_DOWN = "\x1b[6~"


def record(id_, title, turns=1, updated=NOW, first=""):
    return Record(id_, title, "m", updated, updated, turns, first, 0, None)


LISBON = record("a1", "Trip to Lisbon", 2, NOW - 120)
MAY = record("b2", "", 12, NOW - 7_200, first="Lisbon in May?")
PORTS = record("c3", "Ports of Europe")
RECORDS = [LISBON, MAY, PORTS]

TURNS = {
    "a1": ("Which ferry?", "From Cacilhas.\n\nEvery\x1b[2J hour."),
    "b2": ("Is it warm?", "Yes."),
    "c3": ("The largest?", "Rotterdam."),
}


def last_turn(which):
    question, reply = TURNS[which]
    return Message(Role.USER, question), Message(Role.ASSISTANT, reply, Finish.STOP)


def choose(*steps, records=RECORDS, preview=last_turn, columns=60, lines=24):
    """What comes of these steps, which press keys or wait for what they want to see; and the terminal."""
    failures = []

    def do(keyboard, terminal):
        for step in steps:
            if isinstance(step, str):
                keyboard.send_text(step)
                continue
            deadline = time.monotonic() + PATIENCE
            while not step(terminal):
                if time.monotonic() > deadline:
                    failures.append(f"step {steps.index(step)} is still waiting:\n{terminal.text}")
                    keyboard.send_text(CTRL_C)
                    return
                time.sleep(0.002)

    with create_pipe_input() as keyboard:
        terminal = Terminal(keyboard, columns, lines)
        screen = Vt100_Output(terminal, lambda: Size(rows=lines, columns=columns), term="xterm")
        typing = Thread(target=do, args=(keyboard, terminal), daemon=True)
        typing.start()
        chosen = pick(records, preview, now=NOW, keyboard=keyboard, screen=screen)
        typing.join()
    assert not failures, failures[0]
    return chosen, terminal


def test_the_newest_stands_first_and_enter_takes_it():
    chosen, terminal = choose(
        sees("> 2 min ago  2 turns    Trip to Lisbon"),
        sees("  2 h ago    12 turns   Lisbon in May?"),
        ENTER,
    )
    assert chosen == "a1"
    assert terminal.text == ""  # nothing is left of it


def test_the_last_exchange_of_the_chosen_one_is_seen_and_steers_nothing():
    choose(sees("  > Which ferry?\n  From Cacilhas.\n  Every␛[2J hour.\n"), ESCAPE)


def test_arrows_go_down_and_up_and_no_further():
    assert choose(sees("Ports"), DOWN, sees("Is it warm?"), DOWN * 4, sees("Rotterdam."), ENTER)[0] == "c3"
    assert choose(sees("Ports"), DOWN * 2, sees("Rotterdam."), UP * 4, sees("Cacilhas"), ENTER)[0] == "a1"


def test_a_list_that_is_longer_than_its_window_scrolls():
    many = [record(f"{number:02}", f"Session {number}.") for number in range(50)]
    preview = lambda which: [Message(Role.USER, f"{which}?")]  # noqa: E731
    seen = [
        sees("Session 9."),
        misses("Session 10."),
        PAGE_DOWN * 2,
        sees("Session 20."),
        misses("Session 9."),
    ]
    assert choose(*seen, ENTER, records=many, preview=preview)[0] == "20"


def test_what_is_typed_leaves_those_that_are_called_so():
    steps = (sees("Ports"), "lisbon", misses("Ports"), sees("Trip"), " may", misses("Trip"), sees("warm"))
    assert choose(*steps, ENTER)[0] == "b2"


def test_whoever_takes_back_what_they_typed_sees_all_again():
    steps = (sees("Ports"), "may", misses("Ports"), CTRL_U, sees("Ports"), sees("Cacilhas"))
    assert choose(*steps, ENTER)[0] == "a1"


def test_where_nothing_fits_enter_takes_nothing():
    assert choose("zzz", sees("(no session is called so)"), ENTER, CTRL_U, sees("Ports"), ENTER)[0] == "a1"


@pytest.mark.parametrize("key", [ESCAPE, CTRL_C, CTRL_D], ids=["Esc", "Ctrl-C", "Ctrl-D"])
def test_whoever_gives_up_takes_none_and_nothing_is_left_on_the_screen(key):
    chosen, terminal = choose(sees("Trip"), "li", key)
    assert (chosen, terminal.text) == (None, "")


def test_a_session_that_cannot_be_read_says_so_and_can_be_passed_over():
    def preview(which):
        if which == "a1":
            raise StoreError("sessions.db is damaged.")
        return last_turn(which)

    assert (
        choose(sees("sessions.db is damaged."), DOWN, sees("Is it warm?"), ENTER, preview=preview)[0] == "b2"
    )


def test_a_heading_steers_nothing():
    evil = [record("a1", "\x1b[2Jtwo\nlines")]
    choose(sees("1 turn     ␛[2Jtwo lines\n"), ENTER, records=evil)


def test_there_is_room_for_it_in_a_small_window():
    assert choose(sees("Trip t"), DOWN, sees("> 2 h"), ENTER, columns=30, lines=5)[0] == "b2"


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        (40, "> 2 min ago  2 turns    Trip to Lisbon"),
        (39, "> 2 min ago  Trip to Lisbon"),
        (29, "> 2 min ago  Trip to Lisbon"),
        (28, "> Trip to Lisbon"),
        (16, "> Trip to Lisbon"),
    ],
)
def test_in_a_narrow_window_the_name_of_a_session_is_the_last_that_goes(columns, row):
    choose(sees(f"\n{row}\n"), ESCAPE, columns=columns)


@pytest.mark.parametrize("typed", ["münchen", "MUNCHEN", "munch", "mnchn"])
def test_a_name_is_found_whatever_its_case_and_accents(typed):
    munich = record("d4", "Reise nach München")
    assert fitting([LISBON, munich], typed) == [munich]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", RECORDS),
        ("LISBON", [LISBON, MAY]),
        ("may lis", [MAY]),
        ("o", RECORDS),
        ("ttl", [LISBON]),
        ("lbn", [LISBON, MAY]),
        ("xyz", []),
    ],
)
def test_words_are_looked_for_first_and_then_letters(typed, found):
    assert fitting(RECORDS, typed) == found
