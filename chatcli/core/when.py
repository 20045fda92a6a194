"""Moments, as a person names and reads them. Days are those of the place where the program runs."""

import re
from datetime import datetime
from typing import Final

_SECONDS: Final = {"h": 3_600, "d": 86_400, "w": 604_800}
_TAKES: Final = "a length of time such as 12h, 90d or 2w, or a date such as 2026-11-01"


def moment(text: str, now: float) -> float:
    """The moment that is meant: so long ago, or the beginning of a day. Raises ValueError, in words."""
    if length := re.fullmatch(r"(\d{1,6}) ?([hdw])(?: ago)?", text.strip(), re.ASCII | re.IGNORECASE):
        return now - int(length[1]) * _SECONDS[length[2].lower()]
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except (ValueError, OverflowError, OSError):
        raise ValueError(_TAKES) from None


def ago(at: float, now: float) -> str:
    """How long ago a moment was, or after a week its date."""
    seconds = max(0, now - at)
    if seconds < 60:
        return "just now"
    if seconds < 3_600:
        return f"{seconds // 60:.0f} min ago"
    if seconds < 86_400:
        return f"{seconds // 3_600:.0f} h ago"
    if seconds < 7 * 86_400:
        return f"{seconds // 86_400:.0f} d ago"
    return datetime.fromtimestamp(at).astimezone().date().isoformat()
