"""Moments: how long ago, and which day."""

import time

import pytest

from chatcli.core.when import ago, moment

NOON = time.mktime((2026, 11, 20, 12, 0, 0, 0, 0, -1))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("12h", 43_200), ("90d", 7_776_000), ("2w", 1_209_600), (" 1 D ", 86_400), ("2 d ago", 172_800)],
)
def test_a_length_of_time_is_counted_back_from_now(text, seconds):
    assert moment(text, NOON) == NOON - seconds


def test_a_date_is_where_that_day_begins_here():
    assert time.localtime(moment("2026-11-01", NOON))[:6] == (2026, 11, 1, 0, 0, 0)


@pytest.mark.parametrize(
    "text", ["", "90", "d", "-1d", "ago", "1dago", "3 months", "2026-13-01", "0001-01-01", "٣d"]
)
def test_what_is_neither_is_refused_with_the_words_for_what_is(text):
    with pytest.raises(ValueError, match="a length of time such as 12h, 90d or 2w, or a date"):
        moment(text, NOON)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (3_599, "59 min ago"),
        (3_600, "1 h ago"),
        (86_399, "23 h ago"),
        (86_400, "1 d ago"),
        (7 * 86_400 - 1, "6 d ago"),
        (7 * 86_400, "2026-11-13"),
    ],
)
def test_how_long_ago_it_was_is_told_in_the_unit_that_fits_and_after_a_week_as_a_date(seconds, words):
    assert ago(NOON - seconds, NOON) == words
