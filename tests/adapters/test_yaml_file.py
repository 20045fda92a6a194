"""YAML, taken by its words."""

import pytest

from chatcli.adapters.yaml_file import parse_yaml
from chatcli.errors import UsageError


def test_words_that_look_like_values_stay_words():
    content = "[no, 12:30, 2024-12-07, 1e3, ~, 0x10]"
    assert parse_yaml(content, "x.yaml") == ["no", "12:30", "2024-12-07", "1e3", "~", "0x10"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("model: a\nmessages: ]", "x.yaml, line 2: this is no YAML: "),
        ("model: \x00", "x.yaml: this is no YAML that can be read"),
        ("[" * 20_000 + "]" * 20_000, "x.yaml: this is no YAML that can be read"),
    ],
)
def test_what_is_no_yaml_is_named_with_the_line(text, words):
    with pytest.raises(UsageError) as error:
        parse_yaml(text, "x.yaml")
    assert words in error.value.message
