import re
from io import StringIO

import pytest

from chatcli.adapters.dotenv_file import read_dotenv
from chatcli.adapters.toml_file import read_toml
from chatcli.config.resolve import resolve
from chatcli.config.settings import KEYS, SETTINGS
from chatcli.config.text import as_toml, example, mask, show, standing, template
from chatcli.config.values import Layer
from chatcli.core.catalog import Correction, Price
from chatcli.core.kinds import as_text
from chatcli.core.standing import Standing
from chatcli.env import Dirs, Env


@pytest.fixture
def env(tmp_path):
    dirs = Dirs(*(tmp_path / name for name in ("config", "cache", "data", "state")))
    dirs.config.mkdir()
    return Env(None, StringIO(), StringIO(), {}, tmp_path, dirs)


def config(env, flags=None):
    return resolve(env, flags or {}, read_dotenv, read_toml)


@pytest.mark.parametrize(
    ("key", "masked"),
    [
        ("", "…"),
        ("none", "…"),
        ("sk-1234567890ab", "…"),
        ("sk-1234567890abc", "sk-…0abc"),
        ("sk-proj-abcdefghijklmnopqrstuvwxyz", "sk-…wxyz"),
    ],
)
def test_a_mask_shows_the_ends_of_a_long_key_and_nothing_of_a_short_one(key, masked):
    assert mask(key) == masked


def test_every_setting_is_shown_with_its_value_and_its_place(env):
    (env.dirs.config / "config.toml").write_text("\nstop = ['END', \"\\n\"]\n")
    (env.cwd / ".env").write_text("OPENAI_API_KEY=sk-proj-abcdefghijklmnop\n")

    lines = show(config(env, {"temperature": 0.2, "stream": False, "system": "two\nlines"})).splitlines()

    shown = {name: tuple(rest) for name, *rest in (re.split(r"\s{2,}", line) for line in lines)}
    assert list(shown) == list(SETTINGS)
    assert shown["stop"] == ("END|\\n", f"{env.dirs.config}/config.toml line 2")
    assert shown["api_key"] == ("sk-…mnop", "./.env line 1")
    assert shown["temperature"] == ("0.2", "--temperature")
    assert shown["stream"] == ("off", "--no-stream")
    assert shown["system"] == ("two\\nlines", "--system")
    assert shown["timeout"] == ("600", "the default")
    assert shown["model"] == ("-", "not set")


def test_the_places_stand_in_one_column(env):
    lines = show(config(env, {"model": "gpt-6-luna"})).splitlines()

    assert {
        line.index(place)
        for line in lines
        for place in ("--model", "the default", "not set")
        if place in line
    } == {lines[0].index("--model")}


def test_a_long_text_is_cut(env):
    shown = show(config(env, {"system": "word " * 100}))

    assert f"  {'word ' * 11}word…  --system\n" in shown


def test_a_password_in_a_url_is_not_shown(env):
    shown = show(config(env, {"base_url": "https://me:hush@host/v1"}))

    assert "https://…@host/v1" in shown
    assert "hush" not in shown


def test_the_template_sets_nothing(env):
    (env.dirs.config / "config.toml").write_text(template())

    assert {config(env).origin(name).layer for name in SETTINGS} == {Layer.DEFAULT}


def test_every_line_of_the_template_works_once_its_hash_is_taken_away(env):
    live = re.sub(r"^# (?=\w+ = |\[)", "", template(), flags=re.MULTILINE).replace('profile = "work"', "", 1)
    (env.dirs.config / "config.toml").write_text(live)

    found = config(env)

    for name in KEYS:
        if name != "profile":
            assert found.value(name) == example(SETTINGS[name])
            assert found.origin(name).layer is Layer.FILE
    assert config(env, {"profile": "work"}).origin("model").layer is Layer.PROFILE
    assert found.models == {"house-model": Correction(window=32_768, price=Price(0.1, 0.5))}
    assert found.themes == {"mine": {"base": "dark", "h1": "bold magenta"}}


@pytest.mark.parametrize(
    ("value", "text", "toml"),
    [
        (True, "on", "true"),
        (False, "off", "false"),
        (0.2, "0.2", "0.2"),
        (600.0, "600", "600"),
        (8192, "8192", "8192"),
        ('say "hi"', 'say "hi"', r'"say \"hi\""'),
        ("a\\b\nc", "a\\b\nc", r'"a\\b\nc"'),
        (("END", "\n"), "END|\\n", r'["END", "\n"]'),
    ],
)
def test_a_value_is_written_as_its_readers_expect_it(value, text, toml):
    assert (as_text(value), as_toml(value)) == (text, toml)


def test_what_holds_in_a_chat_stands_there_with_its_place(env):
    (env.dirs.config / "config.toml").write_text('timeout = 9\nseed = 7\nsystem = "Be brief."\n')
    env = env._replace(environ={"OPENAI_API_KEY": "sk-1234567890abc"})
    file = env.dirs.config / "config.toml"
    now = {"model": "m", "temperature": 0.2, "seed": 8, "system": "Be brief.", "top_p": None}
    assert standing(config(env, {"temperature": 0.2}), "m", now) == [
        Standing("model", "m", "the default"),
        Standing("system", "Be brief.", f"{file} line 3"),
        Standing("api_key", "sk-…0abc", "the environment (OPENAI_API_KEY)"),
        Standing("timeout", "9", f"{file} line 1"),
        Standing("temperature", "0.2", "--temperature"),
        Standing("seed", "8", "set in this chat"),
    ]


def test_a_model_that_was_chosen_in_the_chat_is_not_the_default(env):
    assert standing(config(env), "m", {"model": "n"}) == [Standing("model", "n", "set in this chat")]


def test_what_was_taken_away_in_the_chat_stands_no_longer(env):
    assert standing(config(env, {"seed": 7}), None, {"model": None, "seed": None}) == []
