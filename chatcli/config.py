"""Every setting, and where its value comes from.

    flag > environment > ./.env > .env of the config directory > profile > config file > default

``SETTINGS`` is the one table: flags, variables, config keys and the documentation are grown from it.
``resolve`` finds out what was given where; ``Config`` answers what holds, and why.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from pathlib import Path
from typing import Any, TypeAlias

from chatcli.core.kinds import Kind, Number, Switch, Text, Value, Whole
from chatcli.core.nearest import nearest
from chatcli.core.params import PARAMS, Params
from chatcli.core.readings import Entry
from chatcli.env import Env
from chatcli.errors import ConfigError

# Reads a settings file. Raises OSError, or ConfigError for a file that is not what its name says.
Reader: TypeAlias = Callable[[Path], Sequence[Entry]]


class Layer(Enum):
    """The places where a setting may be given; the first that has it wins."""

    FLAG = "the command line"
    ENVIRONMENT = "the environment"
    PROJECT = "the .env of the working directory"
    PERSONAL = "the .env of the config directory"
    PROFILE = "the profile"
    FILE = "the config file"
    DEFAULT = "the default"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was given, and ``name``, how the setting is called there; ``place`` is a file's name."""

    layer: Layer
    name: str
    place: str = ""
    line: int | None = None

    @property
    def where(self) -> str:
        """The place alone: "the environment", "./.env line 3"."""
        return f"{self.place} line {self.line}" if self.place else self.layer.value

    @property
    def named(self) -> str:
        """The name, then the place: "OPENAI_API_KEY (the environment)"."""
        return self.name if self.layer is Layer.FLAG else f"{self.name} ({self.where})"

    def __str__(self) -> str:
        match self.layer:
            case Layer.FLAG:
                return self.name
            case Layer.ENVIRONMENT:
                return f"{self.where} ({self.name})"
            case _:
                return self.where


@dataclass(frozen=True, slots=True)
class Encoding:
    """The name of a text encoding that Python knows."""

    takes: str = "a text encoding"
    choices: tuple[str, ...] = ("utf-8", "latin-1", "utf-16")

    def read(self, text: str) -> str:
        return self.check(text.strip())

    def check(self, raw: object) -> str:
        try:
            "a".encode(str(raw))
        except (LookupError, ValueError):
            raise ValueError(f"{self.takes}, such as {', '.join(self.choices)}") from None
        return str(raw)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. Flags, variables and config keys follow from its name; ``also`` adds older variables.

    ``secret``: never shown, and no flag, because every process may read a command line. ``personal``: not
    taken from a working directory's .env, which a cloned repository may have brought along. ``filed``:
    may stand in a settings file.
    """

    name: str
    kind: Kind
    help: str
    default: Value | None = None
    example: Value | None = None
    short: str = ""
    also: tuple[str, ...] = ()
    secret: bool = False
    personal: bool = False
    filed: bool = True

    @property
    def env(self) -> tuple[str, ...]:
        """Its variables, the strongest first."""
        return f"CHATCLI_{self.name.upper()}", *self.also

    @property
    def flags(self) -> tuple[str, ...]:
        """Its flags. A switch takes no value: ``--stream`` turns it on, ``--no-stream`` off."""
        if self.secret:
            return ()
        dashed = self.name.replace("_", "-")
        opposite = (f"--no-{dashed}",) if isinstance(self.kind, Switch) else ()
        return *((self.short,) if self.short else ()), f"--{dashed}", *opposite

    def flag(self, value: Value) -> str:
        """The flag that gives ``value``."""
        dashed = self.name.replace("_", "-")
        return f"--no-{dashed}" if value is False else f"--{dashed}"


SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting(
            "model",
            Text("a model's name"),
            "the model to talk to; local is the embedded one, local:FILE any GGUF file",
            example="gpt-6-luna",
            short="-m",
        ),
        Setting(
            "system", Text(), "the system text: how the model should behave", example="Be brief.", short="-s"
        ),
        Setting(
            "profile", Text("a profile's name"), "the [profiles.NAME] of the config file to use", short="-p"
        ),
        Setting(
            "base_url",
            Text("a URL"),
            "where the API is, if not at OpenAI",
            example="http://localhost:8080/v1",
            also=("OPENAI_BASE_URL",),
        ),
        Setting(
            "api_key",
            Text("a key"),
            "the key to the API",
            example="sk-...",
            also=("OPENAI_API_KEY",),
            secret=True,
        ),
        Setting(
            "key_env",
            Text("a variable's name"),
            "the environment variable that holds the key",
            example="WORK_API_KEY",
            personal=True,
        ),
        Setting(
            "key_file",
            Text("a file's name"),
            "the file that holds the key",
            example="~/.keys/work",
            personal=True,
        ),
        Setting(
            "key_command",
            Text("a shell command"),
            "the command that prints the key, such as a password manager's",
            example="pass show openai",
            personal=True,
        ),
        Setting(
            "organization",
            Text("an id"),
            "the OpenAI organization to bill",
            example="org-...",
            also=("OPENAI_ORG_ID",),
        ),
        Setting(
            "project",
            Text("an id"),
            "the OpenAI project to bill",
            example="proj_...",
            also=("OPENAI_PROJECT_ID",),
        ),
        Setting(
            "insecure",
            Switch(),
            "allow http:// to other machines: key and words travel in the clear",
            default=False,
            personal=True,
        ),
        Setting("stream", Switch(), "show the reply while it is written", default=True),
        Setting(
            "timeout",
            Number(0.1, 86_400),
            "how many seconds the server may stay silent",
            default=600.0,
        ),
        Setting(
            "context",
            Whole(1),
            "the context window in tokens, where the model's own is unknown or too large",
            example=8192,
        ),
        Setting("threads", Whole(1), "how many threads the embedded model may use", example=4),
        Setting(
            "encoding", Encoding(), "how the bytes of files and of standard input are read", default="utf-8"
        ),
        Setting(
            "config",
            Text("a file's name"),
            "another config file than the usual one",
            personal=True,
            filed=False,
        ),
        *(
            Setting(param.name, param.kind, param.help, short={"temperature": "-t"}.get(param.name, ""))
            for param in PARAMS.values()
        ),
    )
}

VARIABLES: dict[str, Setting] = {name: setting for setting in SETTINGS.values() for name in setting.env}
KEYS: tuple[str, ...] = tuple(name for name, setting in SETTINGS.items() if setting.filed)


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds, typed; None is "not set". Keys are not among them: ``endpoint`` says which one is sent."""

    model: str | None
    system: str | None
    profile: str | None
    base_url: str | None
    key_env: str | None
    key_file: str | None
    key_command: str | None
    organization: str | None
    project: str | None
    insecure: bool
    stream: bool
    timeout: float
    context: int | None
    threads: int | None
    encoding: str
    config: str | None
    params: Params


@dataclass(frozen=True, slots=True)
class Given:
    """A value, and where it was given."""

    value: Value = field(repr=False)
    origin: Origin


@dataclass(frozen=True, slots=True)
class Source:
    """All that one place gives, and what to tell about what it does not."""

    layer: Layer
    given: Mapping[str, Given] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """What was given where, strongest first; ``file`` is the config file, which need not exist.

    An empty text in a flag or in the config file hides what weaker places say: the default holds.
    """

    sources: tuple[Source, ...]
    file: Path

    @property
    def notices(self) -> tuple[str, ...]:
        """What was left out, and why: a line each."""
        return tuple(notice for source in self.sources for notice in source.notices)

    @property
    def settings(self) -> Settings:
        """Every value, typed."""
        values: dict[str, Any] = {
            each.name: self.value(each.name) for each in fields(Settings) if each.name != "params"
        }
        params: dict[str, Any] = {name: self.value(name) for name in PARAMS}
        return Settings(**values, params=Params(**params))

    def value(self, name: str) -> Value | None:
        """What holds; None is "not set"."""
        given = self._given(name)
        return given.value if given else SETTINGS[name].default

    def origin(self, name: str) -> Origin:
        """Where it comes from."""
        given = self._given(name)
        return given.origin if given else Origin(Layer.DEFAULT, name)

    def _given(self, name: str) -> Given | None:
        given = next((source.given[name] for source in self.sources if name in source.given), None)
        return given if given and given.value != "" else None


def resolve(env: Env, flags: Mapping[str, Value], read_dotenv: Reader, read_toml: Reader) -> Config:
    """Find out what is given where. A reader is called only for a file that exists."""
    file = config_file(env, flags)
    outside = (
        _flags(flags),
        _variables(Layer.ENVIRONMENT, [Entry((name,), text, None) for name, text in env.environ.items()]),
        _project(env, read_dotenv),
        _dotenv(Layer.PERSONAL, env.dirs.config / ".env", read_dotenv),
    )
    top, profiles = _sections(file, read_toml)
    wanted = Config((*outside, top), file)
    return Config((*outside, _profile(wanted, profiles), top), file)


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
        f"{Origin(layer, name, place, entry.line).named} is no setting. {_meant(name, VARIABLES)}".strip()
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
        given[setting.name] = _accepted(setting, text, setting.kind.read, origin)
    return Source(layer, given, tuple(notices))


def _refusal(setting: Setting, layer: Layer) -> str:
    """Why the setting may not be given in a .env file; empty where it may."""
    if layer is Layer.PROJECT and setting.personal:
        return "this .env may have come with the repository"
    if layer is Layer.PERSONAL and not setting.filed:
        return f"only {setting.flags[-1]} and the environment may set it"
    return ""


def _sections(file: Path, read_toml: Reader) -> tuple[Source, dict[str, Source]]:
    """The config file's own settings, and those of its profiles."""
    if not _is_file(file):
        return Source(Layer.FILE), {}
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
    return Source(Layer.FILE, top), {name: Source(Layer.PROFILE, given) for name, given in profiles.items()}


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
        return _accepted(setting, entry.value, setting.kind.check, origin)
    what = "setting" if origin.layer is Layer.FILE else "setting of a profile"
    raise ConfigError(
        f"{origin.name} is no {what} ({origin.where}).",
        _meant(origin.name, keys) or 'See "chatcli --help" for every setting.',
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
        _meant(str(name), profiles) or there,
    )


def _accepted(setting: Setting, raw: Any, judge: Callable[[Any], Value], origin: Origin) -> Given:
    try:
        return Given(judge(raw), origin)
    except ValueError as error:
        now = "" if setting.secret else f"It is {repr(raw)[:60]} now."
        raise ConfigError(f"{origin.name} must be {error} ({origin.where}).", now) from None


def _meant(name: str, names: Iterable[str]) -> str:
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
