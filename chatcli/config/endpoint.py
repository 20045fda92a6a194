"""Where requests go, and which key goes there.

A key goes only to the endpoint that it was given with:

- to OpenAI: the key of the strongest place that gives one;
- to a URL from a flag: a key that a flag names;
- to a URL from the .env of a working directory, which may have come with the repository: a key from that
  very file and no other;
- to any other URL: a key that a flag names, or one from the same place as the URL.

Organization and project go where keys go.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, TypeAlias
from urllib.parse import SplitResult, urlsplit

from chatcli.config.resolve import expanded
from chatcli.config.values import Config, Given, Layer, Origin, Source
from chatcli.core.readings import KeyFile, Ran
from chatcli.env import Env
from chatcli.errors import ConfigError

OPENAI = "https://api.openai.com/v1"
_SCHEMES = ("http", "https")

# In one place, the first of these that is given names the key.
_KEYS = ("key_env", "key_file", "key_command", "api_key")

ReadFile: TypeAlias = Callable[[Path], KeyFile]
RunCommand: TypeAlias = Callable[[str], Ran]


class Endpoint(NamedTuple):
    """An API and what to show it. ``api_key`` is None where none may or need be sent."""

    base_url: str
    api_key: str | None
    organization: str | None = None
    project: str | None = None
    notices: tuple[str, ...] = ()

    def __repr__(self) -> str:  # without the key
        return f"Endpoint({self.base_url!r}, ...)"

    @property
    def is_openai(self) -> bool:
        """It is the default endpoint."""
        return self.base_url == OPENAI


class _Key(NamedTuple):
    text: str
    notices: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "_Key(...)"


def endpoint(config: Config, env: Env, read_file: ReadFile, run_command: RunCommand) -> Endpoint:
    """Decide. ``read_file`` and ``run_command`` are called for the one key that is sent, if at all.

    Raises ConfigError for a URL that is none or is not safe, and for a key that cannot be had or sent.
    """
    origin = config.origin("base_url")
    base_url = _base_url(config, origin)
    trusted = config.sources if base_url == OPENAI else _companions(config.sources, origin.layer)
    key = next((key for source in trusted if (key := _key(source, env, read_file, run_command))), None)
    unsent = None if key else _named_key(source for source in config.sources if source not in trusted)
    return Endpoint(
        base_url=base_url,
        api_key=key.text if key else None,
        organization=_first(trusted, "organization"),
        project=_first(trusted, "project"),
        notices=key.notices if key else (_not_sent(*unsent, base_url, origin),) if unsent else (),
    )


def _companions(sources: tuple[Source, ...], layer: Layer) -> tuple[Source, ...]:
    """The places whose keys may go to a URL from ``layer``."""
    layers = {layer} if layer is Layer.PROJECT else {layer, Layer.FLAG}
    return tuple(source for source in sources if source.layer in layers)


def _base_url(config: Config, origin: Origin) -> str:
    url = str(config.value("base_url") or "").strip().rstrip("/")
    if url in {"", OPENAI}:
        return OPENAI
    parts = _parts(url, origin)
    if parts.scheme == "http" and not _is_loopback(str(parts.hostname)) and not config.value("insecure"):
        raise ConfigError(
            f"{origin.named} is {url}: over plain http anybody on the way can read the key and every word.",
            "Use https, or add --insecure if you trust every network on the way.",
        )
    return url


def _parts(url: str, origin: Origin) -> SplitResult:
    """The parts of a URL that leaves no doubt about its host."""
    try:
        parts = urlsplit(url)
        legible = parts.port != 0 and not re.search(r"[\s\\\x00-\x1f\x7f]", url)
    except ValueError:
        legible = False
    if not legible:
        raise ConfigError(f"{origin.named} is not a URL.", "A URL looks like https://host/v1.")
    if "@" in (parts.netloc or url):
        raise ConfigError(
            f"{origin.named} holds a user name or a password.",
            "Leave them out of the URL; a key is given by OPENAI_API_KEY, key_file or key_command.",
        )
    if "://" not in url and parts.scheme not in _SCHEMES:
        raise ConfigError(f"{origin.named} is {url}, which is not a URL.", f"Did you mean {_completed(url)}?")
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ConfigError(
            f"{origin.named} is {url}, which names no web server.", "A URL looks like https://host/v1."
        )
    return parts


def _completed(text: str) -> str:
    """The URL that somebody meant who wrote only ``host:port``."""
    host, slash, path = text.lstrip("/:").partition("/")
    scheme = "http" if _is_loopback(host.rpartition(":")[0] or host) else "https"
    return f"{scheme}://{host}/{path if slash else 'v1'}"


def _is_loopback(host: str) -> bool:
    """The host is this machine, whatever any name server says."""
    return bool(re.fullmatch(r"(?:[a-z0-9-]+\.)*localhost|127(?:\.[0-9]{1,3}){3}|\[?::1\]?", host.lower()))


def _key(source: Source, env: Env, read_file: ReadFile, run_command: RunCommand) -> _Key | None:
    """The key that a place gives; None if it gives none."""
    found = _named_key((source,))
    if not found:
        return None
    setting, given = found
    value, origin = str(given.value).strip(), given.origin
    match setting:
        case "key_env":
            return _Key(_sendable(_variable(value, origin, env), origin))
        case "key_file":
            return _filed_key(value, origin, env, read_file)
        case "key_command":
            return _Key(_sendable(_printed(value, origin, run_command), origin))
        case _:
            return _Key(_sendable(value, origin))


def _named_key(sources: Iterable[Source]) -> tuple[str, Given] | None:
    """The first key that one of the places names: by which setting, and what it says."""
    named = ((name, source.given[name]) for source in sources for name in _KEYS if name in source.given)
    return next(((name, given) for name, given in named if str(given.value).strip()), None)


def _variable(name: str, origin: Origin, env: Env) -> str:
    if text := env.environ.get(name, "").strip():
        return text
    raise ConfigError(f"{origin.named} names a variable that is not set: {name}.", f"Try: export {name}=...")


def _filed_key(name: str, origin: Origin, env: Env, read_file: ReadFile) -> _Key:
    beside_config = origin.layer in {Layer.PERSONAL, Layer.PROFILE, Layer.FILE}
    path = (Path(origin.place).parent if beside_config else env.cwd) / expanded(name, env)
    try:
        file = read_file(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigError(
            f"The key file {path} cannot be read: {reason}.", f"It was named by {origin.named}."
        ) from error
    if not (text := file.text.strip()):
        raise ConfigError(f"The key file {path} is empty.", f"It was named by {origin.named}.")
    warning = f"Others can read the key file {path}. Try: chmod 600 {path}"
    return _Key(_sendable(text, origin), (warning,) if file.shared else ())


def _printed(command: str, origin: Origin, run_command: RunCommand) -> str:
    """The first line that the command prints."""
    try:
        ran = run_command(command)
    except OSError as error:
        raise ConfigError(f"{origin.named} cannot be run: {error.strerror}.") from error
    last_words = (ran.errors.strip().splitlines() or [""])[-1]
    if ran.status != 0:
        raise ConfigError(f"{origin.named} failed with status {ran.status}.", last_words)
    if text := ran.output.strip().partition("\n")[0].strip():
        return text
    raise ConfigError(f"{origin.named} printed no key.", last_words)


def _sendable(text: str, origin: Origin) -> str:
    """The text, if it can stand in a header."""
    if text.isascii() and text.isprintable():
        return text
    raise ConfigError(
        f"{origin.named} gives a text with a character that cannot be sent.", "Copy it once more, by itself."
    )


def _first(sources: Iterable[Source], name: str) -> str | None:
    """What the strongest place gives for an id that travels beside the key."""
    found = (source.given[name] for source in sources if name in source.given)
    texts = (_sendable(str(given.value).strip(), given.origin) for given in found)
    return next((text for text in texts if text), None)


def _not_sent(setting: str, key: Given, base_url: str, origin: Origin) -> str:
    in_environment = setting == "api_key" and key.origin.layer is Layer.ENVIRONMENT
    flags = f"--key-env {key.origin.name}" if in_environment else "--key-env, --key-file or --key-command"
    if origin.layer is Layer.PROJECT:
        flags = f"--base-url {base_url} and {flags}"
    return (
        f"{key.origin.named} is not sent to {base_url} ({origin.where}): a key goes only to the endpoint "
        f"it was given with. To send it, add {flags}."
    )
