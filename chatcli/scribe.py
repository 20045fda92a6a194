"""Writes down what is said, as it is said; whatever happens to what it writes in, the chat goes on."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from chatcli.core.archive import Archive
from chatcli.core.messages import Reply
from chatcli.core.session import Session
from chatcli.errors import StoreError

_OFTEN: Final = 1.0  # seconds between two times at which a growing reply is kept

FORKED: Final = "another program went on with this chat: from here on it is a branch of its own"


class Scribe:
    """Keeps sessions in the archive that ``archive`` gives; in none, nothing is kept.

    ``now`` tells seconds, and ``tell`` says one line. An archive that fails is told of once, and tried again
    with the next message; ``advice`` says what a person can do. Within ``shielded`` what is written is
    written whole.
    """

    def __init__(
        self,
        archive: Callable[[], Archive | None] = lambda: None,
        *,
        now: Callable[[], float] = time.monotonic,
        tell: Callable[[str], None] = lambda _line: None,
        advice: str = "",
        shielded: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._archive = archive
        self._now = now
        self._tell = tell
        self._advice = advice
        self._shielded = shielded
        self._failed = False
        self._next = 0.0

    def asked(self, session: Session) -> None:
        """Keep the question that the session ends in: its request is about to leave."""
        self._next = self._now() + _OFTEN

        def keep(archive: Archive) -> None:
            if archive.asked(session):
                self._tell(FORKED)

        self._write(keep)

    def heard(self, session: Session, text: Callable[[], str]) -> None:
        """Keep what has come of the reply, now and then; ``text`` gives it."""
        if (now := self._now()) < self._next:
            return
        self._next = now + _OFTEN
        self._write(lambda archive: archive.heard(session, text()))

    def answered(self, session: Session, reply: Reply, cost: float | None, left_out: Sequence[int]) -> None:
        """Keep the reply, however it ended, to the question that the session ends in."""
        self._write(lambda archive: archive.answered(session, reply, cost, left_out))

    def moved(self, session: Session) -> None:
        """Keep where the session now stands, and what it is like."""
        self._write(lambda archive: archive.moved(session))

    def _write(self, how: Callable[[Archive], None]) -> None:
        archive = self._archive()
        if archive is None:
            return
        try:
            with self._shielded():
                how(archive)
        except StoreError as error:
            if not self._failed:
                self._tell(f"{error.message} {self._advice}".strip())
            self._failed = True
        else:
            self._failed = False
