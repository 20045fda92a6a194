"""What servers have taught us, kept in small JSON files, so that no request fails twice for the same reason.

Losing one costs a refused request, so a disk that cannot be read or written is no error.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

from chatcli.core.wire.refusals import Refusal
from chatcli.core.wire.windows import plausible

_Facts: TypeAlias = dict[str, Any]  # as JSON gives them: whoever reads one judges it


class RefusalsFile:
    """A ``Refusals`` on disk."""

    def __init__(self, path: Path) -> None:
        self._memory = _Memory(path)

    def of(self, base_url: str, model: str) -> Mapping[str, str | None]:
        known = self._memory.of(base_url, model)
        return {
            param: instead for param, instead in known.items() if instead is None or isinstance(instead, str)
        }

    def add(self, base_url: str, model: str, refusal: Refusal) -> None:
        self._memory.add(base_url, model, {refusal.param: refusal.instead})


class WindowsFile:
    """A ``Windows`` on disk."""

    def __init__(self, path: Path) -> None:
        self._memory = _Memory(path)

    def of(self, base_url: str, model: str) -> int | None:
        return plausible(self._memory.of(base_url, model).get("window"))

    def add(self, base_url: str, model: str, window: int) -> None:
        self._memory.add(base_url, model, {"window": window})


class _Memory:
    """Facts of each endpoint and model. Two programs may write at once: each replaces the whole file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, _Facts] | None = None

    def of(self, base_url: str, model: str) -> _Facts:
        return self._load().get(_name(base_url, model), {})

    def add(self, base_url: str, model: str, facts: _Facts) -> None:
        here = self._load().setdefault(_name(base_url, model), {})
        on_disk = _read(self._path)
        here.update(facts)
        on_disk.setdefault(_name(base_url, model), {}).update(here)
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft = self._path.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps(on_disk, indent=1), encoding="utf-8")
            draft.replace(self._path)

    def _load(self) -> dict[str, _Facts]:
        if self._known is None:
            self._known = _read(self._path)
        return self._known


def _read(path: Path) -> dict[str, _Facts]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {name: facts for name, facts in known.items() if isinstance(facts, dict)}


def _name(base_url: str, model: str) -> str:
    return f"{base_url} {model}"
