"""Counts of tokens as ``wc`` would print them."""

from collections.abc import Sequence
from typing import NamedTuple

from chatcli.core.money import shown


class Tally(NamedTuple):
    """The tokens of one text, and what they cost; None where nobody asked or nobody knows."""

    name: str
    tokens: int
    dollars: float | None = None


def tally_lines(tallies: Sequence[Tally], *, exact: bool) -> str:
    """A line for each: tokens, with ~ before an estimate, dollars and name; under several, their total."""
    rows = [*tallies, _total(tallies)] if len(tallies) > 1 else tallies
    tokens = [f"{'' if exact else '~'}{row.tokens}" for row in rows]
    dollars = ["" if row.dollars is None else shown(row.dollars) for row in rows]
    names = ["".join(char if char.isprintable() else "?" for char in row.name) for row in rows]
    columns = [[cell.rjust(max(map(len, column))) for cell in column] for column in (tokens, dollars)]
    lines = zip(*(column for column in columns if any(column)), names, strict=True)
    return "".join(f"{' '.join(line).rstrip()}\n" for line in lines)


def _total(tallies: Sequence[Tally]) -> Tally:
    priced = [tally.dollars for tally in tallies if tally.dollars is not None]
    return Tally("total", sum(tally.tokens for tally in tallies), sum(priced) if priced else None)
