import pytest

from chatcli.core.roles import filled, gist, plays, variables


def test_variables_are_named_once_each_in_their_order():
    assert variables("{{b}} {{a}} {{b}}") == ["b", "a"]


@pytest.mark.parametrize("text", ["{{ github.ref }}", "{{}}", "{a}", "{{a b}}", "{{#if a}}", "$a"])
def test_what_only_looks_like_a_variable_is_text(text):
    assert variables(text) == []
    assert filled(text, {}) == text


def test_every_variable_gets_its_value_and_no_value_is_looked_into():
    assert filled("{{a}}-{{b}}-{{a}}", {"a": "{{b}}", "b": r"\1"}) == r"{{b}}-\1-{{b}}"


@pytest.mark.parametrize(
    ("system", "text", "played"),
    [
        ("Be brief.", "Be brief.", True),
        ("Be brief, please.", "Be brief.", False),
        ("Say it in Old\nNorse.", "Say it in {{language}}.", True),
        ("In Rome, on Monday", "In {{city}}, on {{day}}", True),
        ("In Rome", "In {{city}}, on {{day}}", False),
    ],
)
def test_a_system_text_is_known_by_the_text_of_its_role(system, text, played):
    assert plays(system, text) is played


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("You are an experienced programmer. You write code.", "an experienced programmer"),
        ("You write commit messages.\n\nBe brief.", "write commit messages"),
        ("Translate into {{language}}", "Translate into {{language}}"),
        ("Use v1.2: it is newer", "Use v1.2"),
        ("Answer in verse\nAnd be kind.", "Answer in verse"),
        ("", ""),
    ],
)
def test_the_gist_of_a_role_is_what_it_is_told_first(text, said):
    assert gist(text) == said
