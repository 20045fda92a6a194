"""Which session a run goes on with."""

from typing import Final, NamedTuple


class Resume(NamedTuple):
    """The session of this name or id; else one that is ``chosen``; else the last."""

    name: str | None = None
    chosen: bool = False


LAST: Final = Resume()
CHOSEN: Final = Resume(chosen=True)
