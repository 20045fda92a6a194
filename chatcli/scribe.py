"""Writes down what is said, as it is said; whatever happens to what it writes in, the chat goes on."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Final

from chatcli.core.archive import Archive, Meanwhile
from chatcli.core.messages import Reply, Role
from chatcli.core.session import Session
from chatcli.errors import StoreError

_OFTEN: Final = 1.0  # seconds between two times at which a growing reply is kept

FORKED: Final = "another program went on with this chat: from here on it is a branch of its own: /branch"
RESTORED: Final = "this chat was deleted by another program: it is kept again from here, whole"
_TOLD: Final = {Meanwhile.WENT_ON: FORKED, Meanwhile.DELETED: RESTORED}


class Scribe:
    """Keeps sessions in the archive that ``archive`` gives; in none, nothing is kept.

    ``tell`` says one line. An archive that fails is told of once, and tried again with the next message;
    ``advice`` says what else a person can do. Within ``shielded`` what is written is written whole. A growing
    reply is kept every ``often`` seconds.
    """

    def __init__(
        self,
        archive: Callable[[], Archive | None] = lambda: None,
        *,
        tell: Callable[[str], None] = lambda _line: None,
        advice: str = "",
        shielded: Callable[[], AbstractContextManager[None]] = nullcontext,
        often: float = _OFTEN,
    ) -> None:
        self._archive = archive
        self._tell = tell
        self._advice = advice
        self._shielded = shielded
        self._often = often
        self._behind: dict[
            str, tuple[int, int]
        ] = {}  # what could not be written: its turns and ways that were

    def asked(self, session: Session) -> None:
        """Keep the question that the session ends in: its request is about to leave."""

        def keep(archive: Archive) -> None:
            if line := _TOLD.get(archive.asked(session)):
                self._tell(line)

        self._write(session, keep)

    @contextmanager
    def hearing(self, session: Session, reply: Callable[[], Reply]) -> Iterator[None]:
        """Meanwhile what has come of the reply, which ``reply`` gives, is kept again and again.

        In a thread: whoever reads the reply may have to wait for its next piece, or to write the last one.
        """
        archive = self._archive()
        if archive is None:
            yield
            return
        over = threading.Event()
        work = (archive, session, reply, over)
        thread = threading.Thread(target=self._keep_up, args=work, name="scribe", daemon=True)
        try:
            thread.start()
            yield
        finally:
            with self._shielded():
                over.set()
                if thread.is_alive():  # not if Ctrl-C came before it began
                    thread.join()

    def answered(self, session: Session, reply: Reply, cost: float | None, left_out: Sequence[int]) -> None:
        """Keep the reply, however it ended, to the question that the session ends in."""
        self._write(session, lambda archive: archive.answered(session, reply, cost, left_out))

    def moved(self, session: Session) -> None:
        """Keep where the session now stands, and what it is like."""
        self._write(session, lambda archive: archive.moved(session))

    def catch_up(self, session: Session) -> int:
        """Try once more to keep what could not be; how many of the session's turns still are not."""
        if session.id in self._behind:
            self.moved(session)
        if session.id not in self._behind:
            return 0
        turns, ways = self._behind[session.id]
        undone = len(session.branches) > ways
        return max(len(session.turns) - turns, int(undone))

    def _keep_up(
        self, archive: Archive, session: Session, reply: Callable[[], Reply], over: threading.Event
    ) -> None:
        kept = 0
        while not over.wait(self._often):
            if len((so_far := reply()).text) > kept:
                with suppress(StoreError):  # it is tried again, at the latest with the whole reply
                    archive.heard(session, so_far)
                    kept = len(so_far.text)

    def _write(self, session: Session, how: Callable[[Archive], None]) -> None:
        archive = self._archive()
        if archive is None:
            return
        try:
            with self._shielded():
                how(archive)
        except StoreError as error:
            if session.id not in self._behind:
                self._behind[session.id] = _whole_turns(session), len(session.branches)
                self._tell(" ".join(filter(None, (error.message, error.hint, self._advice))))
        else:
            self._behind.pop(session.id, None)


def _whole_turns(session: Session) -> int:
    """How many turns there are without the question that it perhaps ends in."""
    unanswered = bool(session.messages) and session.messages[-1].role is Role.USER
    return len(session.turns) - unanswered
