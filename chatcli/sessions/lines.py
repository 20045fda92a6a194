"""Records, hits and figures as text: in columns for a person, as JSON for a program. Here, nothing steers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from chatcli.core.archive import Hit, ModelStats, Record, Stats
from chatcli.core.messages import Role
from chatcli.core.money import shown
from chatcli.core.when import ago
from chatcli.terminal.escape import clean, one_line

_BOLD, _OFF = "\x1b[1m", "\x1b[22m"
_SPEAKERS: Final = {Role.USER: "you", Role.SYSTEM: "system"}
_NO_MODEL: Final = "-"  # the server's own


def of_records(records: Iterable[Record], now: float) -> str:
    """A session a line: id, when it was last gone on with, turns, model, heading."""
    return _columns([_facts(each, now) for each in records])


def of_record(record: Record, now: float) -> str:
    """The same of one, without columns."""
    return " · ".join(_facts(record, now))


def of_hits(hits: Iterable[Hit], now: float, *, bold: bool) -> str:
    """Two lines for each: where the words stand, and a piece of the text with the words ``bold``."""
    return "".join(
        f"{_place(hit, now)}\n    {_marked(hit, _BOLD, _OFF) if bold else _marked(hit, '', '')}\n"
        for hit in hits
    )


def of_stats(stats: Stats, now: float) -> str:
    """What is kept altogether, and a line for each model."""
    since = f", the first of them {ago(stats.since, now)}" if stats.since else ""
    total = (
        f"{counted(stats.sessions, 'session')}, {counted(stats.messages, 'message')}{since};"
        f" {stats.size / 1e6:,.1f} MB on disk\n"
    )
    return total + _columns([_of_model(each) for each in stats.models])


def as_array(facts: Iterable[dict[str, Any]]) -> str:
    """A JSON array with an object on each line."""
    lines = [f"  {json.dumps(each, ensure_ascii=False)}" for each in facts]
    return "[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n"


def facts_of_hit(hit: Hit) -> dict[str, Any]:
    """Everything about it, by name; what stands in a title has no role."""
    return hit._asdict() | {"role": hit.role and hit.role.value}


def facts_of_stats(stats: Stats) -> dict[str, Any]:
    """Everything about them, by name."""
    return stats._asdict() | {"models": [each._asdict() for each in stats.models]}


def as_object(facts: Mapping[str, object]) -> str:
    """A JSON object."""
    return json.dumps(facts, ensure_ascii=False, indent=2) + "\n"


def counted(count: int, what: str) -> str:
    """So many of them, in words."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _facts(record: Record, now: float) -> tuple[str, ...]:
    turns = counted(record.turns, "turn")
    return record.id, ago(record.updated, now), turns, record.model or _NO_MODEL, record.heading


def _place(hit: Hit, now: float) -> str:
    speaker = hit.role and (_SPEAKERS.get(hit.role) or hit.model or "model")
    where = f"{speaker} in turn {hit.turn}" if speaker else "its title"
    return one_line(f"{hit.session} · {ago(hit.at, now)} · {where} · {hit.heading}")


def _marked(hit: Hit, begin: str, end: str) -> str:
    pieces, at = [], 0
    for start, stop in hit.marks:
        pieces += [clean(hit.snippet[at:start]), begin, clean(hit.snippet[start:stop]), end]
        at = stop
    return "".join((*pieces, clean(hit.snippet[at:])))


def _of_model(model: ModelStats) -> tuple[str, ...]:
    return (
        model.model or _NO_MODEL,
        f"{model.replies:,} {'reply' if model.replies == 1 else 'replies'}",
        counted(model.tokens, "token"),
        shown(model.cost) if model.cost else "",  # perhaps nobody knows it
    )


def _columns(rows: Sequence[tuple[str, ...]]) -> str:
    """The rows, all but their last cells as wide as the widest of the column."""
    cells = [tuple(map(one_line, row)) for row in rows]
    *widths, _ = [max(map(len, column)) for column in zip(*cells, strict=True)] or [0]
    return "".join(f"{'  '.join(map(str.ljust, row, (*widths, 0))).rstrip()}\n" for row in cells)
