"""The session that a run begins with: a new one, or one that goes on."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Final

from chatcli.core.archive import Archive, Record
from chatcli.core.params import LIMITS, PARAMS
from chatcli.core.resume import Resume
from chatcli.core.session import Session
from chatcli.errors import UsageError

_OFFERED: Final = 500  # sessions to choose from: the last ones


def begun(
    which: Resume | None,
    archive: Callable[[], Archive],
    fresh: Session,
    flags: Collection[str],
    choose: Callable[[Archive, Sequence[Record]], str],
) -> Session:
    """The session to begin with: ``fresh``, or the one that is meant, changed as the ``flags`` ask.

    A name that no session has is the title of a new one. ``choose`` gives an id.

    Raises:
        UsageError: There is none to go on with.
        StoreError: The archive cannot be read.
    """
    if which is None:
        return fresh
    found = _meant(which, archive(), choose)
    if found is None:
        return replace(fresh, title=which.name or "")
    return _changed(archive().open(found), fresh, flags)


def _meant(which: Resume, archive: Archive, choose: Callable[[Archive, Sequence[Record]], str]) -> str | None:
    if which.name is not None:
        if not which.name.strip():
            raise UsageError("A session cannot have a blank name.", "chatcli -S has you choose one.")
        record = archive.named(which.name)
        return record and record.id
    records = archive.records(_OFFERED if which.chosen else 1)
    if not records:
        raise UsageError("There is no session to go on with yet.", "chatcli begins one.")
    return choose(archive, records) if which.chosen else records[0].id


def _changed(session: Session, fresh: Session, flags: Collection[str]) -> Session:
    """The session, with what the command line says of it."""
    for name in flags:
        if name in {"model", "system"}:
            session = replace(session, **{name: getattr(fresh, name)})
        elif name in PARAMS:
            session = replace(session, params=session.params.having(name, fresh.params.given().get(name)))
        elif name in LIMITS:
            session = replace(session, limits=session.limits.having(name, fresh.limits.given().get(name)))
    return session
