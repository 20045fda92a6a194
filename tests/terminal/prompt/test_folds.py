"""Long pastes: a label on the screen, whole when they are sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.document import Document

from chatcli.terminal.prompt.folds import Folds
from tests.terminal.prompt.person import (
    BACKSPACE,
    CTRL_J,
    CTRL_U,
    CTRL_Y,
    ENTER,
    LEFT,
    TAB,
    UP,
    Person,
    misses,
    paste,
    reads,
    sees,
)

CODE = "".join(f"    line {number}\n" for number in range(240))
LABEL = "[pasted 240 lines, ~750 tokens]"


def test_a_long_paste_is_folded_on_the_screen_and_whole_when_it_is_sent(pipe):
    person = Person(pipe)
    sent = person.types("Look: ", paste(CODE), sees(f"> Look: {LABEL}"), " why?\r")
    assert sent == f"Look: {CODE} why?"
    assert "line 7" not in person.seen


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("x\n" * 14 + "x", None),
        ("x\n" * 15 + "x", "[pasted 16 lines, ~7 tokens]"),
        ("a" * 10_000, None),
        ("a" * 10_001, "[pasted 1 line, ~2,500 tokens]"),
        ("0123456789ab\r\n" * 1_000, "[pasted 1,000 lines, ~3,200 tokens]"),
    ],
)
def test_what_has_more_than_fifteen_lines_is_folded_or_is_very_long(text, label):
    folds = Folds()
    folded = folds.fold(text)
    assert (folds.label(folded) if len(folded) == 1 else None) == label
    assert folds.whole(folded) == text.replace("\r\n", "\n")


def test_several_folds_stand_in_one_message_and_each_is_its_own(pipe):
    other = CODE.replace("line", "other")
    person = Person(pipe)
    sent = person.types(paste(CODE), " and ", paste(other), sees(LABEL), CTRL_J, "which?\r")
    assert sent == f"{CODE} and {other}\nwhich?"


def test_backspace_takes_a_fold_away_as_a_whole(pipe):
    person = Person(pipe)
    typed = ("a", paste(CODE), sees(f"a{LABEL}"), BACKSPACE, misses(LABEL), "b\r")
    assert person.types(*typed) == "ab"


def test_tab_opens_the_fold_at_the_cursor(pipe):
    person = Person(pipe, lines=40)
    behind = (paste("one\n" * 20), sees("[pasted 20"), TAB, misses("[pasted"), "two\r")
    assert person.types(*behind) == "one\n" * 20 + "two"
    upon = (paste("one\n" * 20), sees("[pasted 20"), LEFT, TAB, misses("[pasted"), "two\r")
    assert person.types(*upon) == "one\n" * 20 + "two"


def test_a_message_that_comes_back_is_folded_as_it_was(pipe):
    person = Person(pipe)
    person.types("Look: ", paste(CODE), ENTER)
    sent = person.types(UP, reads(f"> Look: {LABEL}"), "!\r")
    assert sent == f"Look: {CODE}!"


def test_a_draft_is_folded_as_it_was_when_it_was_sent(pipe):
    person = Person(pipe)
    typed = ("Look: ", paste(CODE), " and ", paste(CODE * 2), ENTER)
    sent = person.types(*typed)
    folded = sees(f"> Look: {LABEL} and [pasted 480 lines, ~1,500 tokens]")
    assert person.types(folded, "!\r", draft=sent) == f"{sent}\n!"


def test_a_long_draft_that_was_never_pasted_is_folded_but_for_its_first_and_last_line(pipe):
    person = Person(pipe)
    draft = f"Look:\n{CODE}why?"
    assert person.types(sees("> Look:"), sees(LABEL), reads("  why?"), "!\r", draft=draft) == f"{draft}!"
    assert "line 7" not in person.drawn


@pytest.mark.parametrize("draft", ["x" * 10_001, f"x\n{'y' * 10_000}", f"{'x' * 2_000}{CODE}"])
def test_lines_that_are_long_themselves_are_folded_too(draft):
    folds = Folds()
    folded = folds.again(draft)
    assert len(folded) == 1
    assert folds.whole(folded) == draft


@given(
    st.lists(st.text("ab\n", max_size=40), max_size=3),
    st.lists(st.integers(0, 2) | st.text("ab\n\ud800", max_size=40), max_size=6),
)
def test_a_text_that_is_folded_again_is_still_the_same(pastes, parts):
    folds = Folds()
    marks = [folds.fold(paste) for paste in pastes]
    texts = [marks[part % len(marks)] if isinstance(part, int) and marks else str(part) for part in parts]
    text = folds.whole("".join(texts)).strip("\n")
    assert folds.whole(folds.again(text)).strip("\n") == text


def test_a_fold_within_what_is_folded_is_whole_too():
    folds = Folds()
    paste = folds.fold(CODE)
    more = "more\n" * 20
    text = f"first\n{folds.whole(paste)}\n{more}last"
    assert folds.again(text).count("\n") == 2
    assert folds.whole(folds.again(text)) == text


def test_what_is_killed_can_be_yanked_in_the_next_message(pipe):
    person = Person(pipe)
    person.types(paste(CODE), sees(LABEL), CTRL_U, "nothing\r")
    assert person.types(CTRL_Y, sees(LABEL), "!\r") == f"{CODE}!"


def test_the_cursor_moves_over_a_fold_as_over_one_character(pipe):
    person = Person(pipe)
    end = len(f"> {LABEL}")
    sent = person.types(
        paste(CODE),
        lambda terminal: terminal.column == end,
        "xy" + LEFT * 2,
        lambda terminal: terminal.column == end,
        LEFT,
        lambda terminal: terminal.column == 2,
        "^\r",
    )
    assert sent == f"^{CODE}xy"


def test_the_length_of_a_text_is_that_of_the_whole():
    folds = Folds()
    text = f"ä {folds.fold(CODE)} and {folds.fold(CODE * 2)}"
    assert folds.length(text) == len(folds.whole(text)) == len(CODE) * 3 + 7
    assert folds.length("plain") == 5


def test_half_characters_never_leave_the_prompt():
    folds = Folds()
    assert folds.whole("a\udcffb\ud800c") == "a\ufffdb\ufffdc"
    assert folds.whole(folds.fold("\ud800\n" * 20)) == "\ufffd\n" * 20


def test_only_a_fold_can_be_opened():
    assert Folds().open(Document("text")) is None
    assert Folds().open(Document("\ud800")) is None
