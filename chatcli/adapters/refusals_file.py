"""What each model refuses, kept in a small JSON file, so that no request fails twice for the same reason.

Losing it costs one refused request, so a disk that cannot be read or written is no error.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from chatcli.core.refusals import Refusal


class RefusalsFile:
    """A ``Refusals`` on disk. Two programs may write at once: each replaces the whole file by a sound one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, dict[str, str | None]] | None = None

    def of(self, base_url: str, model: str) -> Mapping[str, str | None]:
        return self._load().get(_name(base_url, model), {})

    def add(self, base_url: str, model: str, refusal: Refusal) -> None:
        here = self._load().setdefault(_name(base_url, model), {})
        on_disk = _read(self._path)
        here.update({refusal.param: refusal.instead})
        on_disk.setdefault(_name(base_url, model), {}).update(here)
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft = self._path.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps(on_disk, indent=1), encoding="utf-8")
            draft.replace(self._path)

    def _load(self) -> dict[str, dict[str, str | None]]:
        if self._known is None:
            self._known = _read(self._path)
        return self._known


def _read(path: Path) -> dict[str, dict[str, str | None]]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {name: _sound(refused) for name, refused in known.items() if isinstance(refused, dict)}


def _sound(refused: dict[str, object]) -> dict[str, str | None]:
    return {
        param: instead for param, instead in refused.items() if instead is None or isinstance(instead, str)
    }


def _name(base_url: str, model: str) -> str:
    return f"{base_url} {model}"
