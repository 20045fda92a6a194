"""What was given where, and which of it holds: the strongest place wins."""

from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from chatcli.config.settings import SETTINGS, Settings
from chatcli.core.catalog import Correction
from chatcli.core.kinds import Value
from chatcli.core.look import Look
from chatcli.core.params import Limits, Params


class Layer(Enum):
    """The places where a setting may be given; the first that has it wins."""

    FLAG = "the command line"
    ROLE = "the role"
    ENVIRONMENT = "the environment"
    PROJECT = "the .env of the working directory"
    PERSONAL = "the .env of the config directory"
    PROFILE = "the profile"
    FILE = "the config file"
    DEFAULT = "the default"


class Origin(NamedTuple):
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


class Given(NamedTuple):
    """A value, and where it was given."""

    value: Value
    origin: Origin

    def __repr__(self) -> str:  # the value may be a key
        return f"Given(..., {self.origin!r})"


class Source(NamedTuple):
    """All that one place gives, and what to tell about what it does not."""

    layer: Layer
    given: Mapping[str, Given] = MappingProxyType({})
    notices: tuple[str, ...] = ()


class Config(NamedTuple):
    """What was given where, strongest first; ``file`` is the config file, which need not exist.

    An empty text in a flag or in the config file hides what weaker places say: the default holds.
    ``models`` are what the file adds to the catalog of models, or corrects there, by name; ``themes`` are the
    themes that it adds.
    """

    sources: tuple[Source, ...]
    file: Path
    models: Mapping[str, Correction] = MappingProxyType({})
    themes: Mapping[str, Mapping[str, str]] = MappingProxyType({})

    @property
    def notices(self) -> tuple[str, ...]:
        """What was left out, and why: a line each."""
        return tuple(notice for source in self.sources for notice in source.notices)

    @property
    def settings(self) -> Settings:
        """Every value, typed."""
        groups: dict[str, Any] = {"params": Params, "limits": Limits, "look": Look}
        values: dict[str, Any] = {
            name: groups[name](*map(self.value, groups[name]._fields)) if name in groups else self.value(name)
            for name in Settings._fields
        }
        return Settings(**values)

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
