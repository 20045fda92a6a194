"""Settings as text: what ``config show`` prints, and the file that ``config edit`` begins with."""

import json
import re
from collections.abc import Mapping
from typing import Final

from chatcli.config.settings import KEYS, SETTINGS, Setting
from chatcli.config.values import Config, Layer
from chatcli.core.kinds import Number, Value, Whole, as_text
from chatcli.core.standing import HERE, Standing

_LONGEST: Final = 60  # characters of a value that are shown: the text of a role has hundreds


def show(config: Config) -> str:
    """Every setting, its value and where it comes from, one to a line; keys are masked, long texts cut."""
    rows = [(name, *_shown(setting, config)) for name, setting in SETTINGS.items()]
    name_width = max(len(name) for name, _, _ in rows)
    value_width = max(len(value) for _, value, _ in rows)
    return "".join(f"{name:{name_width}}  {value:{value_width}}  {place}\n" for name, value, place in rows)


def standing(config: Config, model: str | None, now: Mapping[str, Value | None]) -> list[Standing]:
    """Every setting that is given somewhere, and where; ``now`` is what a chat has of those that it can set.

    ``model`` is the one that is asked where nobody names one.
    """
    rows = []
    for name, setting in SETTINGS.items():
        origin, first = config.origin(name), config.value(name)
        if name == "model" and first is None:
            first = model
        value = now.get(name, first)
        if value is None or (name not in now and origin.layer is Layer.DEFAULT):
            continue
        rows.append(Standing(name, _told(setting, value), str(origin) if value == first else HERE))
    return rows


def mask(key: str) -> str:
    """Enough of a key to know it again: its first three and last four characters, if it is a long one."""
    return f"{key[:3]}…{key[-4:]}" if len(key) >= 16 else "…"


def template() -> str:
    """A config file in which every setting stands as a comment with its help."""
    return "".join(
        (
            "# What chatcli does when nothing else says otherwise. Take away a # to set something.\n",
            "# Flags and environment variables are stronger than this file.\n",
            *(_commented(SETTINGS[name]) for name in KEYS),
            "\n# A profile is a set of settings with a name: chatcli --profile work\n",
            "\n# [profiles.work]\n",
            '# base_url = "https://llm.example.com/v1"\n',
            '# key_command = "pass show work/llm"\n',
            '# model = "gpt-6-luna"\n',
            "\n# A model that is not known, or not rightly: prices are dollars per million tokens.\n",
            '\n# [models."house-model"]\n',
            "# window = 32768\n",
            "# price = { prompt = 0.1, completion = 0.5 }\n",
            "\n# A theme for replies: chatcli --theme mine\n",
            "\n# [themes.mine]\n",
            '# base = "dark"\n',
            '# h1 = "bold magenta"\n',
        )
    )


def example(setting: Setting) -> Value:
    """A value that the setting may well have."""
    if setting.example is not None:
        return setting.example
    if setting.default is not None:
        return setting.default
    if setting.kind.choices:
        return setting.kind.read(setting.kind.choices[0])
    match setting.kind:
        case Number():
            return setting.kind.read("0.5")
        case Whole():
            return setting.kind.read("42")
        case _:
            return "work"


def as_toml(value: Value) -> str:
    """The value as a config file gives it."""
    match value:
        case bool():
            return "true" if value else "false"
        case tuple():
            return f"[{', '.join(map(as_toml, value))}]"
        case str():
            return json.dumps(value, ensure_ascii=False)  # a text of JSON is one of TOML
        case _:
            return as_text(value)


def _commented(setting: Setting) -> str:
    return f"\n# {setting.help} ({setting.kind.takes})\n# {setting.name} = {as_toml(example(setting))}\n"


def _shown(setting: Setting, config: Config) -> tuple[str, str]:
    value = config.value(setting.name)
    if value is None:
        return "-", "not set"
    text = _told(setting, value).replace("\n", "\\n")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…", str(config.origin(setting.name))


def _told(setting: Setting, value: Value) -> str:
    """The value in words, without what nobody else should read: a key, or a password in a URL."""
    return mask(str(value)) if setting.secret else re.sub(r"//[^/]*@", "//…@", as_text(value))
