import pytest

from chatcli.core.roles import filled, variables


def test_variables_are_named_once_each_in_their_order():
    assert variables("{{b}} {{a}} {{b}}") == ["b", "a"]


@pytest.mark.parametrize("text", ["{{ github.ref }}", "{{}}", "{a}", "{{a b}}", "{{#if a}}", "$a"])
def test_what_only_looks_like_a_variable_is_text(text):
    assert variables(text) == []
    assert filled(text, {}) == text


def test_every_variable_gets_its_value_and_no_value_is_looked_into():
    assert filled("{{a}}-{{b}}-{{a}}", {"a": "{{b}}", "b": r"\1"}) == r"{{b}}-\1-{{b}}"
