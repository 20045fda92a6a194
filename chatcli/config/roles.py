"""Roles: files in which the system text stands below what else goes with it.

+++
model = "gpt-6-luna"
temperature = 0.2
+++
You translate into {{language}}.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from chatcli.config.resolve import accepted, meant
from chatcli.config.settings import SETTINGS
from chatcli.config.text import as_toml
from chatcli.config.values import Config, Given, Layer, Origin, Source
from chatcli.core.params import PARAMS, Params
from chatcli.core.readings import Entry
from chatcli.core.roles import Persona, filled, variables
from chatcli.errors import ConfigError, UsageError

_FENCE: Final = "+++"
_KEYS: Final = ("model", *PARAMS)
_NAME: Final = r"\w[\w.-]*"
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class _Written(NamedTuple):
    """A role as it stands in its file: what its head gives, and its text, which begins at ``line``."""

    file: Path
    given: Mapping[str, Given]
    text: str
    line: int


class Roles:
    """The roles that there are: a person's ``own``, in front of those that are ``shipped``.

    ``parse`` reads TOML, and is told whose it is. ``facts`` are the variables that every role may use, each
    looked up when one does; ``given`` are those that the command line gives.
    """

    def __init__(
        self,
        own: Path,
        shipped: Path,
        parse: Callable[[str, str], Sequence[Entry]],
        facts: Mapping[str, Callable[[], str]],
        given: Mapping[str, str] = _NOTHING,
    ) -> None:
        self._own = own
        self._shipped = shipped
        self._parse = parse
        self._facts = facts
        self._given = given

    def names(self) -> list[str]:
        """Every role's name, in the order of the alphabet."""
        files = (file for folder in (self._own, self._shipped) for file in folder.glob("*.md"))
        return sorted({file.stem for file in files if re.fullmatch(_NAME, file.stem)})

    def text(self, name: str) -> str:
        """A role's system text as it is written. Raises ConfigError."""
        return self._read(name).text

    def role(self, name: str, given: Mapping[str, str] = _NOTHING) -> Persona:
        """The role of this name, with these variables ahead of all others. Raises ConfigError."""
        written = self._read(name)
        values: dict[str, Any] = {key: one.value for key, one in written.given.items()}
        system = self._filled(name, written.text, given)
        return Persona(name, system, values.pop("model", None) or None, Params(**values))

    def source(self, name: str) -> Source:
        """What the role gives, as one of the places that settings come from. Raises ConfigError."""
        written = self._read(name)
        given = dict(written.given)
        if system := self._filled(name, written.text, _NOTHING):
            given["system"] = Given(system, Origin(Layer.ROLE, "system", str(written.file), written.line))
        return Source(Layer.ROLE, given)

    def file_for(self, role: Persona) -> tuple[str, str]:
        """Where a role is kept that a person makes, and what stands there. Raises UsageError."""
        if not re.fullmatch(_NAME, role.name):
            raise UsageError(f"{role.name!r} is no name for a role.", "Letters, digits, - and _ make one.")
        given = ({"model": role.model} if role.model else {}) | role.params.given()
        head = "".join(f"{name} = {as_toml(value)}\n" for name, value in given.items())
        return str(self._own / f"{role.name}.md"), f"{_FENCE}\n{head}{_FENCE}\n{role.system.strip()}\n"

    def _read(self, name: str) -> _Written:
        file = self._found(name)
        try:
            text = file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise ConfigError(f"{file} is not UTF-8 (byte {error.start}).", "Save it as UTF-8.") from error
        except OSError as error:
            reason = error.strerror or error
            raise ConfigError(f"{file} cannot be read: {reason}.", "Check its permissions.") from error
        head, body = _parted(text.splitlines(keepends=True), file)
        entries = self._parse(head, str(file)) if head else ()
        given = {entry.names[0]: _accepted(entry, file) for entry in entries}
        above = head + body[: len(body) - len(body.lstrip())]
        return _Written(file, given, body.strip(), above.count("\n") + 1)

    def _found(self, name: str) -> Path:
        names = self.names()
        if name in names:
            return next(
                file for folder in (self._own, self._shipped) if (file := folder / f"{name}.md").exists()
            )
        raise ConfigError(
            f"There is no role {name}.", meant(name, names) or f"The roles there are: {', '.join(names)}."
        )

    def _filled(self, name: str, text: str, given: Mapping[str, str]) -> str:
        values = {**self._given, **given}
        for wanted in variables(text):
            if wanted not in values and wanted in self._facts:
                values[wanted] = self._facts[wanted]()
            if wanted not in values:
                raise ConfigError(
                    f"The role {name} does not know what {{{{{wanted}}}}} is.",
                    f"Say it: --var {wanted}=..., or in a chat /role {name} {wanted}=...",
                )
        return filled(text, values)


def with_role(config: Config, roles: Roles) -> Config:
    """The settings with the role that they ask for: it is weaker than flags, and stronger than all else."""
    name = config.value("role")
    if name is None:
        return config
    flags, *weaker = config.sources
    return config._replace(sources=(flags, roles.source(str(name)), *weaker))


def _parted(lines: Sequence[str], file: Path) -> tuple[str, str]:
    """The head between its ``+++``, blank lines in their place, so that it counts lines as the file does."""
    if not lines or lines[0].rstrip() != _FENCE:
        return "", "".join(lines)
    end = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() == _FENCE), None)
    if end is None:
        raise ConfigError(f"The head of {file} has no end.", f"It ends with a line {_FENCE}, as it begins.")
    return "".join(("\n", *lines[1:end], "\n")), "".join(lines[end + 1 :])


def _accepted(entry: Entry, file: Path) -> Given:
    name = entry.names[0]
    origin = Origin(Layer.ROLE, name, str(file), entry.line)
    if name not in _KEYS:
        hint = meant(name, _KEYS) or f"A role may set {', '.join(_KEYS)}."
        raise ConfigError(f"{origin.named} is nothing that a role can set.", hint)
    return accepted(SETTINGS[name], entry.value, SETTINGS[name].kind.check, origin)
