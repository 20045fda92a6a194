"""What a value may be. One kind serves the flag, the variable, the config file, the command and the docs.

A kind turns text (a flag, a variable, ``/set``) or a TOML value into the value that the program uses, and
raises ``ValueError`` with the words that finish the sentence "temperature must be ...".
"""

import json
from typing import NamedTuple, Protocol, TypeAlias

Value: TypeAlias = str | int | float | bool | tuple[str, ...]


class Kind(Protocol):
    """How one sort of value is written, checked and described."""

    @property
    def takes(self) -> str:
        """What it must be, in words: "a number from 0 to 2"."""
        ...

    @property
    def choices(self) -> tuple[str, ...]:
        """Every value there is, or a few good ones; empty when there is nothing to offer."""
        ...

    def read(self, text: str) -> Value:
        """The value that a person typed."""
        ...

    def check(self, raw: object) -> Value:
        """The value that a TOML file holds."""
        ...


class Number(NamedTuple):
    """A real number within bounds, both included."""

    low: float
    high: float
    choices: tuple[str, ...] = ()

    @property
    def takes(self) -> str:
        return f"a number from {self.low:g} to {self.high:g}"

    def read(self, text: str) -> float:
        try:
            return self._within(float(text))
        except ValueError:
            raise ValueError(self.takes) from None

    def check(self, raw: object) -> float:
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            raise ValueError(self.takes)
        return self._within(raw)

    def _within(self, value: float) -> float:
        if not self.low <= value <= self.high:  # also refuses NaN
            raise ValueError(self.takes)
        return float(value)


class Whole(NamedTuple):
    """A whole number, at least ``low``."""

    low: int = 0
    choices: tuple[str, ...] = ()

    @property
    def takes(self) -> str:
        return f"a whole number, {self.low} or more" if self.low > -(2**31) else "a whole number"

    def read(self, text: str) -> int:
        try:
            return self.check(int(text.replace(",", "").replace("_", "")))
        except ValueError:
            raise ValueError(self.takes) from None

    def check(self, raw: object) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or not self.low <= raw < 2**63:
            raise ValueError(self.takes)
        return raw


class Choice(NamedTuple):
    """One of a few names."""

    choices: tuple[str, ...]

    @property
    def takes(self) -> str:
        return f"one of {', '.join(self.choices)}"

    def read(self, text: str) -> str:
        return self.check(text.strip().lower())

    def check(self, raw: object) -> str:
        if raw not in self.choices:
            raise ValueError(self.takes)
        return str(raw)


class Switch(NamedTuple):
    """On or off."""

    takes: str = "on or off"
    choices: tuple[str, ...] = ("on", "off")

    def read(self, text: str) -> bool:
        match text.strip().lower():
            case "on" | "true" | "yes" | "1":
                return True
            case "off" | "false" | "no" | "0":
                return False
            case _:
                raise ValueError(self.takes)

    def check(self, raw: object) -> bool:
        if not isinstance(raw, bool):
            raise ValueError("true or false")
        return raw


class Text(NamedTuple):
    """Any text; ``takes`` says what it is the text of."""

    takes: str = "a text"
    choices: tuple[str, ...] = ()

    def read(self, text: str) -> str:
        return text

    def check(self, raw: object) -> str:
        if not isinstance(raw, str):
            raise ValueError(f"{self.takes}, in quotes")
        return raw


class Texts(NamedTuple):
    r"""Up to ``most`` texts: typed with ``|`` between them, ``\n`` and ``\t`` for what cannot be typed."""

    most: int
    choices: tuple[str, ...] = ()

    @property
    def takes(self) -> str:
        return f"1 to {self.most} texts with | between them"

    def read(self, text: str) -> tuple[str, ...]:
        texts = [part.replace("\\n", "\n").replace("\\t", "\t") for part in text.split("|")]
        return self._sound(texts, self.takes)

    def check(self, raw: object) -> tuple[str, ...]:
        texts = [raw] if isinstance(raw, str) else raw
        return self._sound(texts, f"a list of 1 to {self.most} texts")

    def _sound(self, texts: object, must_be: str) -> tuple[str, ...]:
        if not isinstance(texts, list) or not 1 <= len(texts) <= self.most:
            raise ValueError(must_be)
        if not all(isinstance(text, str) and text for text in texts):
            raise ValueError(must_be)
        return tuple(texts)


class Chosen(tuple[str, ...]):
    """Names, none of which has a comma, so that one can stand between them."""

    __slots__ = ()


class Names(NamedTuple):
    """Some of a few names, in any order; ``off`` for none of them."""

    names: tuple[str, ...]

    @property
    def takes(self) -> str:
        return f"off, or some of {', '.join(self.names)}"

    @property
    def choices(self) -> tuple[str, ...]:
        return (*self.names, "off")

    def read(self, text: str) -> Chosen:
        chosen = text.lower().replace("|", " ").replace(",", " ").split()
        return Chosen() if chosen == ["off"] else self.check(chosen or [text])

    def check(self, raw: object) -> Chosen:
        if isinstance(raw, str):
            return self.read(raw)
        if not isinstance(raw, list | tuple) or not all(name in self.names for name in raw):
            raise ValueError(self.takes)
        return Chosen(raw)


class Schema(NamedTuple):
    """A JSON schema, as text; kept without the blanks that only people need."""

    takes: str = "a JSON schema"
    choices: tuple[str, ...] = ('{"type":"object"}',)

    def read(self, text: str) -> str:
        try:
            schema = json.loads(text)
            compact = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
            compact.encode()  # half a character, written as an escape, could not be sent
        except (ValueError, RecursionError):
            raise ValueError(self.takes) from None
        if not isinstance(schema, dict):
            raise ValueError(f"{self.takes}, which is an object")
        return compact

    def check(self, raw: object) -> str:
        if not isinstance(raw, str):
            raise ValueError(f"{self.takes}, in quotes")
        return self.read(raw)


def as_text(value: Value) -> str:
    """The value as a flag or a variable gives it."""
    match value:
        case bool():
            return "on" if value else "off"
        case ():
            return "off"
        case Chosen():
            return ",".join(value)
        case tuple():
            return "|".join(value).replace("\n", "\\n").replace("\t", "\\t")
        case float():
            return f"{value:g}"
        case _:
            return str(value)
