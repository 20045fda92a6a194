"""Commands that lay things ready for the next message."""

from dataclasses import replace

import pytest

from chatcli.commands import COMMANDS
from chatcli.commands.files import described
from chatcli.commands.outcomes import Arrange, Confirm, Say
from chatcli.commands.registry import Registry
from chatcli.core.desk import Desk, Staged
from chatcli.core.messages import Image
from chatcli.core.session import Session
from chatcli.errors import UsageError
from tests.commands.test_registry import WORLD
from tests.fakes import Files, holding

SHOT = Image("shot.png", "image/png", b"", 1024, 1024)
MANY = {f"many/{number}": "x" for number in range(51)}
HERE = Files(
    {
        "a.py": "one two three",
        "b.py": "one",
        "my notes.txt": "one two",
        "it's.txt": "one",
        "shot.png": SHOT,
        "src/c.py": "one two",
        "src/deep/d.py": "one",
        "src/e.bin": b"\0",
        "bin/f.bin": b"\0",
        "huge/g.txt": "x" * 600_000,
        "huge/h.txt": "x" * 600_000,
        "clipboard": "one two three",
        **MANY,
    }
)
# Each block has a heading, two fences and its words; a word is a token.
A, B, NOTES = Staged("a.py", "one two three"), Staged("b.py", "one"), Staged("my notes.txt", "one two")
PICTURE = Staged("shot.png", image=SHOT)
REGISTRY = Registry(COMMANDS, WORLD._replace(files=HERE))
DESK = Desk(Session("gpt-6-luna"))


def run(line, desk=DESK):
    return REGISTRY.run(line, desk)


def staged(*things):
    return replace(DESK, staged=things)


@pytest.mark.parametrize(
    ("line", "things", "said"),
    [
        ("/file a.py", (A,), "staged a.py (~6 tokens)"),
        ("/file a.py b.py", (A, B), "staged a.py (~6 tokens), b.py (~4 tokens)"),
        ("/file ?.py", (A, B), "staged a.py (~6 tokens), b.py (~4 tokens)"),
        ('/file "my notes.txt" b.py', (NOTES, B), "staged my notes.txt (~6 tokens), b.py (~4 tokens)"),
        ("/file 'my notes.txt'", (NOTES,), "staged my notes.txt (~6 tokens)"),
        ("/file my\\ notes.txt", (NOTES,), "staged my notes.txt (~6 tokens)"),
        ("/file my notes.txt", (NOTES,), "staged my notes.txt (~6 tokens)"),
        ("/file it's.txt", (Staged("it's.txt", "one"),), "staged it's.txt (~4 tokens)"),
        ("/file shot.png", (PICTURE,), "staged shot.png (~765 tokens)"),
        ("/image shot.png", (PICTURE,), "staged shot.png (~765 tokens)"),
        ("/paste", (Staged("clipboard", "one two three"),), "staged clipboard (~6 tokens)"),
    ],
)
def test_what_is_named_is_staged_and_shown_with_its_tokens(line, things, said):
    assert run(line) == Arrange(staged(*things), said)


def test_what_is_staged_already_stays_and_what_is_staged_again_is_new():
    old = Staged("a.py", "old")
    assert run("/file b.py", staged(old)).desk.staged == (old, B)
    assert run("/file a.py", staged(old, B)).desk.staged == (B, A)


def test_a_directory_asks_and_says_what_it_left_out():
    things = (Staged("src/c.py", "one two"), Staged("src/deep/d.py", "one"))
    what = "src/c.py (~5 tokens), src/deep/d.py (~4 tokens)"
    assert run("/file src") == Confirm(
        f"Send {what} along with the next message?",
        Arrange(staged(*things), f"staged {what}; left out, being no text: src/e.bin"),
        "nothing was staged",
    )


def test_many_files_are_counted_and_not_named():
    things = [Staged(str(number), "one") for number in range(6)]
    assert described(WORLD, DESK.session, things) == "6 files (~24 tokens)"


def test_a_count_that_is_the_models_own_has_no_tilde_and_a_guess_has():
    exact = WORLD._replace(gauge=holding(1000))
    assert described(exact, DESK.session, [A]) == "a.py (6 tokens)"
    assert described(exact, DESK.session, [A, PICTURE]) == "a.py (~6 tokens), shot.png (~765 tokens)"


def test_a_model_that_is_known_not_to_see_is_told_of():
    blind = Desk(Session("local"))
    advice = "local cannot look at pictures: choose another with /model"
    assert run("/image shot.png", blind).text == f"staged shot.png (~765 tokens); {advice}"
    assert run("/file a.py", blind).text == "staged a.py (~6 tokens)"


def test_what_is_staged_is_listed_with_its_number():
    assert run("/file", staged(A, PICTURE)) == Say(" 1  a.py (~6 tokens)\n 2  shot.png (~765 tokens)")
    assert run("/file") == Say("nothing is staged")


@pytest.mark.parametrize(
    ("line", "things", "said"),
    [
        ("/file -1", (B, PICTURE), "no longer staged: a.py"),
        ("/file -3", (A, B), "no longer staged: shot.png"),
        ("/file -3 -1", (B,), "no longer staged: a.py, shot.png"),
    ],
)
def test_what_is_staged_is_taken_away_by_its_number(line, things, said):
    assert run(line, staged(A, B, PICTURE)) == Arrange(staged(*things), said)


NONE = "Tab completes a name; in a directory, what is hidden or ignored does not count."
FEWER = "Name fewer: 50 files and 1 MB at once are the most."


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("/file none.py", "There is no file none.py.", NONE),
        ("/file *.rs", "There is no file *.rs.", NONE),
        ("/file many", "many stands for more than 50 files.", FEWER),
        ("/file many/*", "many/* stands for more than 50 files.", FEWER),
        ("/file huge", "huge stands for 2 files of 1.2 MB.", FEWER),
        ("/file bin", "bin holds no text and no picture.", ""),
        ("/file -1", "Nothing that is staged has the number 1.", "Nothing is staged."),
        ("/image", "/image needs the path of a picture.", "For example /image shot.png."),
        ("/image a.py", "a.py is no picture.", ""),
        ("/paste x", "/paste takes no argument.", "Type /paste alone."),
    ],
)
def test_wrong_use_says_what_is_right(line, message, hint):
    with pytest.raises(UsageError) as refused:
        run(line)
    assert (refused.value.message, refused.value.hint) == (message, hint)


@pytest.mark.parametrize(
    ("things", "hint"),
    [
        ((A,), "/file lists what is staged: there is one thing."),
        ((A, B), "/file lists what is staged: there are 2 things."),
    ],
)
def test_a_number_that_nothing_has_is_refused(things, hint):
    for line in ("/file -9", "/file -0"):
        with pytest.raises(UsageError) as refused:
            run(line, staged(*things))
        assert refused.value.hint == hint


def test_one_large_file_that_is_named_is_taken():
    assert len(run("/file huge/g.txt").desk.staged) == 1


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("/file a", ["a.py"]),
        ("/file a.py b", ["b.py"]),
        ('/file "my', ['"my notes.txt"']),
        ("/image s", ["shot.png"]),
    ],
)
def test_paths_are_offered(typed, offered):
    texts = [each.text for each in REGISTRY.complete(typed, DESK)]
    assert texts[: len(offered)] == offered
    assert "a.py" not in texts or not typed.startswith("/image")
