from pathlib import Path

import pytest

from chatcli.adapters.toml_file import read_toml
from chatcli.config.themes import themes
from chatcli.errors import ConfigError


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "config.toml"
        path.write_text(text)
        return themes(read_toml(path), Path("config.toml"))

    return read


@pytest.mark.parametrize(
    "text",
    [
        '[themes.mine]\nbase = "dark"\nh1 = "bold #82aaff"\n',
        'themes.mine.base = "dark"\nthemes.mine.h1 = "bold #82aaff"\n',
        'themes = { mine = { base = "dark", h1 = "bold #82aaff" } }\n',
    ],
)
def test_a_theme_is_read_however_its_table_is_written(read, text):
    assert read(text) == {"mine": {"base": "dark", "h1": "bold #82aaff"}}


def test_a_theme_may_say_nothing_and_there_may_be_several(read):
    assert read('[themes.one]\n[themes."Zwei!"]\nlink = "underline"\n') == {
        "one": {},
        "Zwei!": {"link": "underline"},
    }


A_THEME = 'A theme begins with a line such as [themes.mine], and has lines such as h1 = "bold cyan".'


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            '[themes.mine]\nbase = "drak"\n',
            "themes.mine.base (config.toml line 2) must be one of auto, dark, light, plain.",
            "Did you mean dark?",
        ),
        (
            '\n[themes.mine]\nbase = "zebra"\n',
            "themes.mine.base (config.toml line 3) must be one of auto, dark, light, plain.",
            "It is 'zebra' now.",
        ),
        (
            "[themes.mine]\nh1 = 1\n",
            "themes.mine.h1 (config.toml line 2) must be a text, in quotes.",
            A_THEME,
        ),
        (
            '[themes.mine.h1]\ncolor = "red"\n',
            "themes.mine.h1 (config.toml line 1) must be a text, in quotes.",
            A_THEME,
        ),
        (
            "[themes.dark]\n",
            "themes.dark (config.toml line 1) has the name of a theme that is there already.",
            'Give it a name of its own, and base = "dark".',
        ),
        ('[themes]\nmine = "dark"\n', "themes.mine (config.toml line 2) must be a table.", A_THEME),
        ('themes = "dark"\n', "themes (config.toml line 1) must be a table.", A_THEME),
        ("[[themes]]\n", "themes (config.toml line 1) must be a table.", A_THEME),
    ],
)
def test_a_wrong_table_names_its_line_and_what_is_right(read, text, message, hint):
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert (caught.value.message, caught.value.hint) == (message, hint)
