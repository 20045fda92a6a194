import pytest

from chatcli.core.nearest import alike, matching, nearest

NAMES = ("model", "temperature", "top_p", "max_tokens", "stop", "system")


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("modle", "model"),
        ("temprature", "temperature"),
        ("TEMPERATURE", "temperature"),
        ("top-p", "top_p"),
        ("topp", "top_p"),
        ("maxtoken", "max_tokens"),
        ("sotp", "stop"),
        ("sys", "system"),
        ("temp", "temperature"),
        ("max", "max_tokens"),
    ],
)
def test_a_misspelling_or_a_beginning_finds_its_name(word, name):
    assert nearest(word, NAMES) == name


@pytest.mark.parametrize("word", ["", "xyz", "colour", "m0d3l", "perature"])
def test_a_word_that_is_far_from_every_name_finds_none(word):
    assert nearest(word, NAMES) is None


def test_the_closest_of_two_near_names_is_found():
    assert nearest("stap", ("step", "stop", "stab", "stap2", "stapl")) == "stab"
    assert nearest("forks", ("fork", "work")) == "fork"


def test_where_there_are_no_names_none_is_near():
    assert nearest("model", ()) is None


def test_a_swap_of_neighbours_counts_as_one_slip():
    assert nearest("ab", ("ba",)) == "ba"
    assert nearest("ab", ("bx",)) is None


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("", ["/set", "/unset", "/context"]),
        ("s", ["/set"]),
        ("SE", ["/set"]),
        ("set", ["/set"]),
        ("nse", ["/unset"]),
        ("ctx", ["/context"]),
        ("ttt", []),
    ],
)
def test_names_that_begin_so_come_before_those_that_only_hold_it(word, meant):
    assert matching(word, ["/set", "/unset", "/context"], lambda name: [name[1:]]) == meant


def test_the_beginning_of_any_word_comes_before_letters_within_one():
    assert matching("mini", ["gemini", "gpt-mini", "o1"], lambda name: [name]) == ["gpt-mini"]
    assert matching("emi", ["gemini", "gpt-mini", "o1"], lambda name: [name]) == ["gemini"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("mt", ["max_tokens"]),
        ("MT", ["max_tokens"]),
        ("tok", ["max_tokens"]),
        ("mtok", ["max_tokens"]),
        ("maxto", ["max_tokens"]),
        ("te", ["temperature"]),
        ("tmp", ["temperature"]),
        ("tp", ["top_p"]),
    ],
)
def test_initials_come_before_letters_where_words_begin_and_these_before_any_letters(word, meant):
    names = ["temperature", "multiline", "max_tokens", "top_p", "fmt", "presence"]
    assert matching(word, names, lambda name: [name]) == meant


@pytest.mark.parametrize(
    ("word", "like"),
    [("lite", ["light"]), ("LITE", ["light"]), ("dune", []), ("l", []), ("lx", []), ("", [])],
)
def test_a_name_is_like_a_word_if_half_of_it_begins_it(word, like):
    assert alike(word, ["auto", "dark", "light", "plain"], str) == like


def test_only_the_names_that_are_likest_are_like_a_word():
    assert alike("greyish", ["green", "grey", "greybeard"], str) == ["grey", "greybeard"]
