"""The themes, and a person's own."""

import re

import pytest
from rich.style import Style

from chatcli.core.look import THEMES as NAMES
from chatcli.terminal.reply.themes import AUTO, DARK, LIGHT, PLAIN, THEMES, in_few_colours, named


def test_every_theme_that_a_setting_may_name_is_there():
    assert set(THEMES) == set(NAMES)


@pytest.mark.parametrize(("name", "theme"), THEMES.items())
def test_a_theme_is_found_by_its_name(name, theme):
    assert named(name, {}) == theme


def test_the_plain_theme_has_no_colours():
    styles = [style for style in PLAIN if isinstance(style, Style)]
    assert all(style.color is None and style.bgcolor is None for style in styles)


@pytest.mark.parametrize("theme", [DARK, LIGHT, AUTO, PLAIN])
def test_no_theme_paints_a_background(theme):
    assert not [style for style in theme if isinstance(style, Style) and style.bgcolor]


def test_a_theme_of_ones_own_begins_from_another():
    own = named("mine", {"base": "light", "h1": "bold magenta", "syntax": "monokai"})
    assert own == LIGHT._replace(h1=Style.parse("bold magenta"), syntax="monokai")


def test_without_a_base_it_begins_from_the_theme_for_any_background():
    assert named("mine", {"code": "red"}) == AUTO._replace(code=Style.parse("red"))


def test_a_theme_of_ours_can_be_adjusted():
    assert named("dark", {"code": "red"}) == DARK._replace(code=Style.parse("red"))


@pytest.mark.parametrize(
    ("name", "adjustments", "words"),
    [
        ("drak", {}, "there is no theme 'drak': dark, light, auto, plain, or one of your own"),
        ("mine", {"base": "drak"}, "base must be one of dark, light, auto, plain, not 'drak'"),
        ("mine", {"h7": "bold"}, "there is nothing named 'h7' to style: base, h1, h2"),
        ("mine", {"h1": "purplish"}, 'h1 must be a style such as "bold magenta"'),
        ("mine", {"syntax": "nope"}, 'syntax must be terminal or a style of pygments such as "monokai"'),
    ],
)
def test_what_is_wrong_with_a_theme_is_said_in_words(name, adjustments, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        named(name, adjustments)


@pytest.mark.parametrize(("tag", "field"), [("h1", DARK.h1), ("h3", DARK.h3), ("h6", DARK.h6)])
def test_a_heading_is_styled_by_its_level(tag, field):
    assert DARK.heading(tag) == field


def test_a_terminal_of_few_colours_shows_its_own():
    assert in_few_colours(DARK) == in_few_colours(LIGHT) == AUTO
    assert in_few_colours(PLAIN) == PLAIN
    assert in_few_colours(own := named("mine", {"base": "dark", "h1": "red"})) == own
