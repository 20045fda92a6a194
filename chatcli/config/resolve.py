"""Looks in every place where a setting may be given.

flag > role > environment > ./.env > .env of the config directory > profile > config file > default
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from chatcli.config.models import corrections
from chatcli.config.settings import KEYS, SETTINGS, VARIABLES, Setting
from chatcli.config.themes import themes
from chatcli.config.values import Config, Given, Layer, Origin, Source
from chatcli.core.catalog import Correction
from chatcli.core.kinds import Value
from chatcli.core.look import THEMES
from chatcli.core.nearest import nearest
from chatcli.core.readings import Entry
from chatcli.env import Env
from chatcli.errors import ConfigError

# Reads a settings file. Raises OSError, or ConfigError for a file that is not what its name says.
Reader: TypeAlias = Callable[[Path], Sequence[Entry]]


def resolve(env: Env, flags: Mapping[str, Value], read_dotenv: Reader, read_toml: Reader) -> Config:
    """Find out what is given where. A reader is called only for a file that exists."""
    file = config_file(env, flags)
    outside = (
        _flags(flags),
        _variables(Layer.ENVIRONMENT, [Entry((name,), text, None) for name, text in env.environ.items()]),
        _project(env, read_dotenv),
        _dotenv(Layer.PERSONAL, env.dirs.config / ".env", read_dotenv),
    )
    top, profiles, models, own_themes = _sections(file, read_toml)
    wanted = Config((*outside, top), file)
    config = Config((*outside, _profile(wanted, profiles), top), file, models, own_themes)
    _check_theme(config)
    return config


def config_file(env: Env, flags: Mapping[str, Value]) -> Path:
    """The config file: the usual one, or the one that a flag or the environment names, which must exist."""
    setting = SETTINGS["config"]
    named = str(flags.get("config") or env.environ.get(setting.env[0], ""))
    if not named:
        return env.dirs.config / "config.toml"
    file = env.cwd / expanded(named, env)
    if not _is_file(file):
        raise ConfigError(f"There is no config file {file}.", "It was named by --config or CHATCLI_CONFIG.")
    return file


def expanded(path: str, env: Env) -> Path:
    """The path, with a leading ``~`` as the home directory."""
    home = env.environ.get("HOME") or env.environ.get("USERPROFILE")
    if not home or not path.startswith("~/"):
        return Path(path)
    return Path(home) / path[2:]


def _flags(flags: Mapping[str, Value]) -> Source:
    given = {
        name: Given(value, Origin(Layer.FLAG, SETTINGS[name].flag(value))) for name, value in flags.items()
    }
    return Source(Layer.FLAG, given)


def _project(env: Env, read_dotenv: Reader) -> Source:
    """The nearest .env between the working directory and its repository's root."""
    above = env.cwd.parents
    depth = next((n for n, folder in enumerate((env.cwd, *above)) if _exists(folder / ".git")), 0)
    for climbed, folder in enumerate((env.cwd, *above[:depth])):
        file = folder / ".env"
        if folder != env.dirs.config and _is_file(file):
            return _dotenv(Layer.PROJECT, file, read_dotenv, f"{'../' * climbed or './'}.env")
    return Source(Layer.PROJECT)


def _dotenv(layer: Layer, file: Path, read_dotenv: Reader, place: str = "") -> Source:
    if not _is_file(file):
        return Source(layer)
    place = place or str(file)
    try:
        return _variables(layer, read_dotenv(file), place)
    except OSError as error:
        return Source(layer, notices=(f"{place} is left out: {error.strerror or error}.",))


def _variables(layer: Layer, entries: Iterable[Entry], place: str = "") -> Source:
    """What variables say, in the environment or in a .env file. An empty one says nothing."""
    last = {entry.names[0]: entry for entry in entries}
    said = {name: entry for name, entry in last.items() if entry.value != ""}
    given: dict[str, Given] = {}
    notices = [
        f"{Origin(layer, name, place, entry.line).named} is no setting. {meant(name, VARIABLES)}".strip()
        for name, entry in said.items()
        if name.startswith("CHATCLI_") and name not in VARIABLES
    ]
    for setting in SETTINGS.values():
        name = next((name for name in setting.env if name in said), None)
        if name is None:
            continue
        origin = Origin(layer, name, place, said[name].line)
        if refusal := _refusal(setting, layer):
            notices.append(f"{origin.named} is left out: {refusal}.")
            continue
        text = said[name].value
        if text is None:
            raise ConfigError(f"{origin.named} has no value that can be read.", "Are its quotes closed?")
        given[setting.name] = accepted(setting, text, setting.kind.read, origin)
    return Source(layer, given, tuple(notices))


def _refusal(setting: Setting, layer: Layer) -> str:
    """Why the setting may not be given in a .env file; empty where it may."""
    if layer is Layer.PROJECT and setting.personal:
        return "this .env may have come with the repository"
    if layer is Layer.PERSONAL and not setting.filed:
        return f"only {setting.flags[-1]} and the environment may set it"
    return ""


class _Sections(NamedTuple):
    """What a config file holds: settings of its own, those of its profiles, models and themes."""

    top: Source
    profiles: Mapping[str, Source]
    models: Mapping[str, Correction]
    themes: Mapping[str, Mapping[str, str]]


def _sections(file: Path, read_toml: Reader) -> _Sections:
    if not _is_file(file):
        return _Sections(Source(Layer.FILE), {}, {}, {})
    try:
        entries = read_toml(file)
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be read: {error.strerror or error}.", "Check its permissions."
        ) from error
    top: dict[str, Given] = {}
    profiles: dict[str, dict[str, Given]] = {}
    for entry in entries:
        match entry.names:
            case ("models" | "themes", *_):
                pass  # they are no settings: see below
            case ("profiles",):
                _table(entry, file)
            case ("profiles", profile):
                _table(entry, file)
                profiles.setdefault(profile, {})
            case ("profiles", profile, name):
                profiles[profile][name] = _key(entry, Origin(Layer.PROFILE, name, str(file), entry.line))
            case (name,):
                top[name] = _key(entry, Origin(Layer.FILE, name, str(file), entry.line))
            case _:
                pass  # inside a table that stands where a value should, and was refused before
    return _Sections(
        top=Source(Layer.FILE, top),
        profiles={name: Source(Layer.PROFILE, given) for name, given in profiles.items()},
        models=corrections((entry for entry in entries if entry.names[0] == "models"), file),
        themes=themes((entry for entry in entries if entry.names[0] == "themes"), file),
    )


def _table(entry: Entry, file: Path) -> None:
    if not isinstance(entry.value, dict):
        raise ConfigError(
            f"{'.'.join(entry.names)} must be a table ({file} line {entry.line}).",
            "A profile begins with a line such as [profiles.work].",
        )


def _key(entry: Entry, origin: Origin) -> Given:
    keys = tuple(key for key in KEYS if key != "profile" or origin.layer is Layer.FILE)
    if origin.name in keys:
        setting = SETTINGS[origin.name]
        return accepted(setting, entry.value, setting.kind.check, origin)
    what = "setting" if origin.layer is Layer.FILE else "setting of a profile"
    raise ConfigError(
        f"{origin.name} is no {what} ({origin.where}).",
        meant(origin.name, keys) or 'See "chatcli --help" for every setting.',
    )


def _profile(wanted: Config, profiles: Mapping[str, Source]) -> Source:
    """The chosen profile; nothing where none is chosen."""
    name = wanted.value("profile")
    if name is None:
        return Source(Layer.PROFILE)
    if found := profiles.get(str(name)):
        return found
    there = f"The profiles there are {', '.join(profiles)}." if profiles else "It has no profiles."
    raise ConfigError(
        f"There is no profile {name} in {wanted.file}, though {wanted.origin('profile')} asks for it.",
        meant(str(name), profiles) or there,
    )


def _check_theme(config: Config) -> None:
    name, there = str(config.value("theme")), (*THEMES, *config.themes)
    if name not in there:
        raise ConfigError(
            f"There is no theme {name}, though {config.origin('theme')} asks for it.",
            meant(name, there) or f"There are {', '.join(there)}.",
        )


def accepted(setting: Setting, raw: Any, judge: Callable[[Any], Value], origin: Origin) -> Given:
    """The value that ``judge``, one side of the setting's kind, makes of it. Raises ConfigError."""
    try:
        return Given(judge(raw), origin)
    except ValueError as error:
        now = "" if setting.secret else f"It is {repr(raw)[:60]} now."
        raise ConfigError(f"{origin.name} must be {error} ({origin.where}).", now) from None


def meant(name: str, names: Iterable[str]) -> str:
    """A sentence with the nearest name; empty if none comes close."""
    near = nearest(name, names)
    return f"Did you mean {near}?" if near else ""


def _is_file(path: Path) -> bool:
    """There is something to read. A directory, such as a virtual environment called .env, is not."""
    return _exists(path) and not path.is_dir()


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except OSError:
        return False
    return True
