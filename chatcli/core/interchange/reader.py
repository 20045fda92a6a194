"""Reads the JSON of others: what is absent is empty, and what is of another shape is told with its place."""

import json
from collections.abc import Iterator
from typing import Any, Final

from chatcli.errors import UsageError

_LAST_DAY: Final = 253_402_300_799  # of the year 9999
_WORDS: Final[dict[type, str]] = {str: "a text", dict: "an object", list: "a list"}


def parse(text: str, place: str) -> Any:
    """What the JSON says. Raises UsageError, which names the place."""
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise broken(f"{place}, line {error.lineno}, column {error.colno}", "JSON ends or breaks") from error
    except (RecursionError, ValueError) as error:  # nested deeper, or a number longer, than anyone writes
        raise broken(place, "this is no JSON that can be read") from error


def broken(place: str, what: str) -> UsageError:
    """The error for a file that is not what it should be; nothing of it is imported."""
    return UsageError(
        f"{place}: {what}.", "Nothing was imported. Export the chats again, or repair the file."
    )


class Reader:
    """One JSON object, and the place where it stands."""

    def __init__(self, value: object, place: str) -> None:
        if not isinstance(value, dict):
            raise broken(place, "should be an object")
        self.place = place
        self._value = value

    def __contains__(self, name: str) -> bool:
        """Whether anything stands there."""
        return self._value.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._value)

    def has(self, name: str) -> bool:
        """Whether the name is there, even if nothing stands there."""
        return name in self._value

    def any(self, name: str) -> Any:
        """What stands there, whatever it is."""
        return self._value.get(name)

    def text(self, name: str) -> str:
        text: str = self._of(str, name, "")
        return text

    def number(self, name: str) -> float | None:
        """A number, or None."""
        value = self._value.get(name)
        if value is None:
            return None
        # This refuses infinity and NaN too.
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 2**63:
            raise self._not("a number", name)
        return value

    def time(self, name: str) -> float | None:
        """Seconds since 1970, or None."""
        value = self.number(name)
        if value is None or 0 <= value <= _LAST_DAY:
            return value
        raise self._not("a time in seconds since 1970", name)

    def whole(self, name: str) -> int | None:
        """A whole number, or None."""
        value = self.number(name)
        if value is None or isinstance(value, int):
            return value
        raise self._not("a whole number", name)

    def items(self, name: str) -> list[Any]:
        """A list of whatever."""
        items: list[Any] = self._of(list, name, [])
        return items

    def inner(self, name: str) -> "Reader":
        """An object."""
        return Reader(self._of(dict, name, {}), f"{self.place}, {name}")

    def inners(self, name: str) -> Iterator["Reader"]:
        """The objects of a list."""
        for number, item in enumerate(self.items(name), 1):
            yield Reader(item, f"{self.place}, {name}, {number}")

    def _of(self, kind: type, name: str, absent: object) -> Any:
        value = self._value.get(name)
        if value is None:
            return absent
        if not isinstance(value, kind):
            raise self._not(_WORDS[kind], name)
        return value

    def _not(self, what: str, name: str) -> UsageError:
        return broken(self.place, f"{name} should be {what}")
