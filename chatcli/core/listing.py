"""The models that can be asked, as lines of text: one a line, in columns."""

from collections.abc import Iterable, Sequence

from chatcli.core.catalog import ModelInfo, Price
from chatcli.core.money import shown
from chatcli.core.wire.windows import Served


def catalog_lines(models: Iterable[ModelInfo], today: str) -> list[str]:
    """Name, window, dollars per million tokens, and the day of its shutdown; ``today`` is an ISO date."""
    return _columns([(model.name, model.window, _price(model.price), _end(model, today)) for model in models])


def served_lines(models: Iterable[Served]) -> list[str]:
    """Name, and the window where the server tells it."""
    return _columns([(model.name, model.window) for model in models])


def _columns(rows: Sequence[tuple[str, int | None, *tuple[str, ...]]]) -> list[str]:
    windows = ["" if window is None else f"{window:,}" for _, window, *_ in rows]
    widest_name = max((len(name) for name, *_ in rows), default=0)
    widest_window = max(map(len, windows), default=0)
    return [
        "  ".join((f"{name:<{widest_name}}", f"{window:>{widest_window}}", *notes)).rstrip()
        for (name, _, *notes), window in zip(rows, windows, strict=True)
    ]


def _price(price: Price | None) -> str:
    return f"{shown(price.prompt)} in, {shown(price.completion)} out" if price else "price unknown"


def _end(model: ModelInfo, today: str) -> str:
    if model.retires is None:
        return ""
    return f"{'retired' if model.retired(today) else 'retires'} {model.retires}"
