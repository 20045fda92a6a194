"""What people look for, which text answers best, and the piece of it that is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcli.core.finding import Score, Snippet, phrases, snippet, spaced


@pytest.mark.parametrize(
    ("text", "sought"),
    [
        ("old harbour", [("old",), ("harbour",)]),
        ('"old harbour" fire', [("old", "harbour"), ("fire",)]),
        ("old old", [("old",)]),
        ("no-one's", [("no", "one", "s")]),
        ("snake_case", [("snake", "case")]),
        ("日本 test", [("日", "本"), ("test",)]),
        ("한국어", [("한", "국", "어")]),
        ("Straße", [("strasse",)]),
        ("OLD Élan", [("old",), ("elan",)]),
        ("20°C — 30", [("20", "°", "c"), ("30",)]),
        ("👍🏽", [("👍",)]),
        ("👩‍💻 ❤️ 🇵🇹", [("👩", "💻"), ("❤",), ("🇵", "🇹")]),
        ("— “…”", []),
        ('" ?! "', []),
        ('half "quoted', [("half",), ("quoted",)]),
        ("", []),
    ],
)
def test_words_are_looked_for_one_by_one_and_those_in_quotation_marks_together(text, sought):
    assert phrases(text) == sought


def test_signs_that_are_written_without_blanks_are_words_of_their_own():
    assert spaced("東京 and 서울").split() == ["東", "京", "and", "서", "울"]
    assert spaced("20°C, “fine”😀!").split() == ["20", "°", "c,", "“fine”", "😀", "!"]
    assert spaced("plain text") == "plain text"


def best(text, *candidates):
    score = Score(phrases(text))
    return max(candidates, key=score.of)


def test_a_text_that_holds_a_word_oftener_answers_better():
    assert best("fire", "fire and water", "fire, fire and fire") == "fire, fire and fire"


def test_a_short_text_about_it_answers_better_than_a_long_one_that_mentions_it():
    assert best("fire", "fire " + "and water " * 200, "a fire") == "a fire"


def test_a_text_that_holds_all_words_answers_better_than_one_that_repeats_some():
    assert best("fire water", "fire fire fire fire fire", "fire and water") == "fire and water"


@pytest.mark.parametrize(
    ("text", "candidate"),
    [
        ("fire", "Fire!"),
        ("Élan", "elan"),
        ("elan", "ÉLAN"),
        ("京", "東京都"),
        ('"東京"', "東京都"),
        ("a b", "B, A"),
        ("strasse", "die Straße"),
        ("STRAßE", "die Strasse"),
        ("viet", "Việt Nam"),
        ("한국", "한국어"),
        ("กิน", "ฉันกินข้าว"),
        ("😀", "ha😀ha"),
        ("👍", "👍🏽!"),
        ("👍🏽", "👍"),
        ("c", "20°C"),
    ],
)
def test_case_and_accents_are_all_the_same(text, candidate):
    assert Score(phrases(text)).of(candidate) > 0


def test_a_text_holds_what_is_sought_if_every_phrase_stands_in_it():
    score = Score(phrases('"old harbour" FIRE'))

    assert score.is_held("A fire in the old harbour")
    assert not score.is_held("A fire in the harbour is old")
    assert not score.is_held("Fires in the old harbour")


@pytest.mark.parametrize(("text", "other"), [("fire", "fireplace"), ("place", "fireplace"), ('"a b"', "b a")])
def test_a_part_of_a_word_is_not_that_word(text, other):
    assert Score(phrases(text)).of(other) == 0
    assert snippet(other, phrases(text)).marks == ()


def test_a_snippet_shows_the_words_in_one_line():
    assert snippet("The old\nharbour burned.", phrases("harbour OLD")) == Snippet(
        "The old harbour burned.", ((4, 7), (8, 15))
    )


def test_of_a_long_text_a_snippet_shows_where_most_of_the_words_stand():
    text = "harbour " + "nothing " * 200 + "the old harbour burned " + "nothing " * 200

    piece = snippet(text, phrases("old harbour burned"))

    assert piece.text.startswith("…")
    assert piece.text.endswith("…")
    assert [piece.text[start:end] for start, end in piece.marks] == ["old", "harbour", "burned"]


def test_a_snippet_of_a_text_without_the_words_is_its_beginning():
    assert snippet("Nothing of that.", phrases("harbour")) == Snippet("Nothing of that.", ())


@given(
    st.lists(st.sampled_from(["fire", "Fire", "é", "東京", "\n", "water", "x" * 50]), max_size=80), st.data()
)
def test_every_mark_is_a_word_that_was_sought(words, data):
    text = " ".join(words)
    piece = snippet(text, phrases("FIRE e 東"))

    assert len(piece.text) <= 162
    assert "\n" not in piece.text
    assert {piece.text[start:end].lower() for start, end in piece.marks} <= {"fire", "é", "東"}
    assert bool(piece.marks) == any(word.lower() in {"fire", "é", "東京"} for word in words)
