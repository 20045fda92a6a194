"""A figure: pairs of numbers, ours and the floor's, measured in turn, and the bar that they must not pass."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """``bar`` holds for the ratio, or for our own number where that is what a person feels (``absolute``)."""

    name: str
    pairs: Sequence[tuple[float, float]]
    unit: "Unit"
    bar: float
    absolute: bool = False

    @property
    def ours(self) -> float:
        """What the program needs."""
        return median(ours for ours, _ in self.pairs)

    @property
    def floor(self) -> float:
        """What the least program needs."""
        return median(floor for _, floor in self.pairs)

    @property
    def ratios(self) -> Sequence[float]:
        """Ours to the floor, pair by pair: what disturbs one run disturbs its neighbour as well."""
        return [ours / floor for ours, floor in self.pairs]

    @property
    def fine(self) -> bool:
        """Whether the bar is kept."""
        return (self.ours if self.absolute else median(self.ratios)) <= self.bar


@dataclass(frozen=True, slots=True)
class Unit:
    """How a number is written: ``Unit("ms", 0.001)`` for seconds."""

    name: str
    size: float

    def write(self, number: float) -> str:
        """The number in this unit."""
        return f"{number / self.size:.1f} {self.name}"


def in_turn(
    ours: Callable[[], Sequence[float]], floor: Callable[[], Sequence[float]], times: int
) -> list[list[tuple[float, float]]]:
    """Measure A B A B; the pairs of each number that a measurement gives.

    One round ahead fills the caches and is forgotten.
    """
    ours()
    floor()
    rounds = [(ours(), floor()) for _ in range(times)]
    return [[(a[kind], b[kind]) for a, b in rounds] for kind in range(len(rounds[0][0]))]


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table that can be read as it is."""
    rows = [("figure", "ours", "floor", "ratio", "least to most", "bar", "")]
    rows += [_row(figure) for figure in figures]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, tuple("-" * width for width in widths))
    lines = (" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "".join(f"| {line} |\n" for line in lines)


def _row(figure: Figure) -> tuple[str, ...]:
    ratios = figure.ratios
    return (
        figure.name,
        figure.unit.write(figure.ours),
        figure.unit.write(figure.floor),
        f"{median(ratios):.2f}",
        f"{min(ratios):.2f} to {max(ratios):.2f}",
        figure.unit.write(figure.bar) if figure.absolute else f"{figure.bar:g} x",
        "ok" if figure.fine else "OVER",
    )
