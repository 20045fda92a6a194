"""The menu below the cursor: it opens by itself for commands and files, and never takes Enter away."""

from threading import Event

import pytest
from prompt_toolkit.document import Document

from chatcli.terminal.prompt.completion import opens_menu
from tests.terminal.prompt.person import DOWN, ENTER, PATIENCE, TAB, UP, Person, misses, reads, sees

COMMANDS = {"/temperature": "sampling temperature", "/theme": "the theme", "/top_p": "the cut-off"}


def offers(text):
    if text.startswith("/"):
        return [(name, len(text), help_) for name, help_ in COMMANDS.items() if name.startswith(text)]
    if "@" in text:
        typed = text[text.rindex("@") :]
        names = ("src/main.py",) if typed.startswith("@src/") else ("main.py", "src/")
        return [(f"@{name}", len(typed), "") for name in names if f"@{name}".startswith(typed)]
    return [("never", 0, "offered")]


def test_a_slash_opens_the_menu_with_a_line_of_help_for_each(pipe):
    person = Person(pipe, complete=offers)
    assert person.types("/t", sees("sampling temperature"), sees("the cut-off"), ENTER) == "/t"


def test_the_menu_narrows_while_one_types(pipe):
    person = Person(pipe, complete=offers)
    assert person.types("/t", sees("/top_p"), "h", misses("/top_p"), sees("the theme"), ENTER) == "/th"


def test_enter_takes_what_is_chosen_and_sends_it_the_next_time(pipe):
    person = Person(pipe, complete=offers)
    chosen = ("/t", sees("/theme"), DOWN * 2, sees("> /theme"), ENTER, misses("the cut-off"), " dark\r")
    assert person.types(*chosen) == "/theme dark"


def test_tab_completes_as_far_as_it_is_clear(pipe):
    person = Person(pipe, complete=offers)
    assert person.types("/te", sees("sampling"), TAB, sees("> /temperature"), ENTER) == "/temperature"


def test_tab_goes_on_into_a_directory_that_was_the_only_thing_in_the_menu(pipe):
    person = Person(pipe, complete=offers)
    typed = (
        "see @s",
        sees("@src/"),
        misses("@main.py"),
        TAB,
        sees("@src/main.py"),
        TAB,
        reads("> see @src/main.py"),
    )
    assert person.types(*typed, ENTER) == "see @src/main.py"


def test_an_at_sign_opens_the_menu_in_the_middle_of_a_message(pipe):
    person = Person(pipe, complete=offers)
    typed = ("explain @", sees("@main.py"), "m", misses("@src/"), DOWN, sees("@main.py"), ENTER, " please\r")
    assert person.types(*typed) == "explain @main.py please"


def test_words_open_no_menu_and_up_and_down_stay_the_historys(pipe):
    person = Person(pipe, complete=offers)
    person.types("first\r")
    assert person.types("words", sees("words"), UP, sees("> first"), DOWN, sees("> words"), ENTER) == "words"
    assert "offered" not in person.drawn


@pytest.mark.parametrize(
    ("text", "opens"),
    [
        ("/", True),
        ("/model g", True),
        (" /model g", True),
        ("//", False),
        ("/usr\nmore", False),
        ("text", False),
        ("text /mo", False),
        ("@", True),
        ("see @ma", True),
        ("two\nlines @ma", True),
        ('see @"a pa', True),
        ("me@example", False),
        ("see @main.py and", False),
        ("word " * 20_000 + "@ma", True),
    ],
)
def test_the_menu_opens_for_commands_and_files(text, opens):
    assert opens_menu(Document(text)) is opens


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("/te\t 0.2\r", "/temperature 0.2"),
        ("/te\t\r", "/temperature"),
        ("explain @s\t\t\r", "explain @src/main.py"),
        ("explain @ma\t please\r", "explain @main.py please"),
        ("/t\t\tmore\r", "/temperaturemore"),
        ("words\t\r", "words"),
    ],
)
def test_tab_completes_in_a_burst_of_keys_too(pipe, keys, message):
    person = Person(pipe, complete=lambda text: offers(text) if text.startswith(("/", "explain")) else ())
    assert person.types(keys) == message


def test_tab_does_not_wait_for_the_menu(pipe):
    asked, ready = [], Event()

    def complete(text):
        asked.append(text)
        if len(asked) == 1:
            ready.wait(PATIENCE)
        return offers(text)

    def is_ready(_terminal):
        ready.set()
        return True

    person = Person(pipe, complete=complete)
    typed = ("/", lambda _terminal: asked, "te\t", sees("> /temperature"), is_ready, " 0\r")
    assert person.types(*typed) == "/temperature 0"


def test_tab_types_what_all_that_could_follow_has_in_common(pipe):
    names = ("!cat src/local.py", "!cat src/locator.py")
    person = Person(
        pipe, complete=lambda text: [(each, len(text), "") for each in names if each.startswith(text)]
    )
    assert person.types("!cat s\t", sees("> !cat src/loca"), "l\t\r") == "!cat src/local.py"
