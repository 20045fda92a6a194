"""The models that a config file adds or corrects: its ``[models."name"]`` tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatcli.core.catalog import Correction, Price
from chatcli.core.kinds import Kind, Number, Whole
from chatcli.core.nearest import nearest
from chatcli.core.readings import Entry
from chatcli.errors import ConfigError

FACTS: dict[str, Kind] = {"window": Whole(1), "max_input": Whole(1), "max_output": Whole(1)}

# In dollars per million tokens; a model that costs nothing has prices of 0.
PRICES: dict[str, Kind] = dict.fromkeys(Price._fields, Number(0, 100_000))

_A_MODEL = 'A model begins with a line such as [models."llama3.2:3b"].'
_A_PRICE = "A price looks like: price = { prompt = 0.1, completion = 0.5 }"


@dataclass
class _Model:
    """What was read of one model; ``priced`` is where its price begins."""

    facts: dict[str, Any] = field(default_factory=dict)
    prices: dict[str, Any] = field(default_factory=dict)
    priced: Entry | None = None


def corrections(entries: Iterable[Entry], file: Path) -> dict[str, Correction]:
    """What the entries of ``models``, and those below it, say. Raises ConfigError with file and line."""
    models: dict[str, _Model] = {}
    for entry in entries:
        _, *below = entry.names
        if len(below) < 2:
            _table(entry, file, _A_MODEL)
            continue
        model = models.setdefault(below[0], _Model())
        match below[1:]:
            case ["price"]:
                _table(entry, file, _A_PRICE)
                model.priced = model.priced or entry
            case ["price", name]:
                model.prices[name] = _checked(entry, PRICES, file)
            case [name]:
                model.facts[name] = _checked(entry, FACTS, file)
            case _:
                pass  # inside a table that stands where a value should, and was refused before
    return {name: _correction(model, file) for name, model in models.items()}


def _correction(model: _Model, file: Path) -> Correction:
    if model.priced is None:
        return Correction(**model.facts)
    if missing := [name for name in ("prompt", "completion") if name not in model.prices]:
        raise ConfigError(
            f"{_place(model.priced, file)} lacks {' and '.join(missing)}.",
            f"{_A_PRICE}, in dollars per million tokens.",
        )
    return Correction(**model.facts, price=Price(**model.prices))


def _table(entry: Entry, file: Path, hint: str) -> None:
    if not isinstance(entry.value, dict):
        raise ConfigError(f"{_place(entry, file)} must be a table.", hint)


def _checked(entry: Entry, kinds: Mapping[str, Kind], file: Path) -> object:
    name = entry.names[-1]
    if name not in kinds:
        raise ConfigError(f"{_place(entry, file)} is nothing that is known of a model.", _meant(entry, kinds))
    try:
        return kinds[name].check(entry.value)
    except ValueError as error:
        now = f"It is {repr(entry.value)[:60]} now."
        raise ConfigError(f"{_place(entry, file)} must be {error}.", now) from None


def _meant(entry: Entry, kinds: Mapping[str, Kind]) -> str:
    *above, name = entry.names
    known = list(kinds) if kinds is PRICES else [*kinds, "price"]
    if near := nearest(name, known):
        return f"Did you mean {near}?"
    if isinstance(entry.value, dict):  # [models.gpt-4.1]
        return f'A name with a dot in it stands in quotes: [models."{above[-1]}.{name}"].'
    return f"There are {', '.join(known)}."


def _place(entry: Entry, file: Path) -> str:
    return f"{'.'.join(entry.names)} ({file} line {entry.line})"
