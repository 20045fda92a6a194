"""One question, one turn, one exit code."""

from collections.abc import Sequence
from typing import Final

from chatcli.core.attach import Attachment, compose
from chatcli.core.messages import Finish
from chatcli.core.session import Session
from chatcli.engine import Engine, Turn
from chatcli.errors import UsageError

OK: Final = 0
FAILED: Final = 1
CUT: Final = 5
INTERRUPTED: Final = 130


def answer(engine: Engine, session: Session, message: str) -> int:
    """Ask; the engine's view shows everything. Returns the exit code."""
    return status_of(engine.turn(session, message))


def message_of(question: str, piped: str | None, files: Sequence[Attachment]) -> str:
    """The one message that is sent: files and standard input first, each fenced, then the question.

    Standard input that comes without a question *is* the question, unchanged.

    Raises:
        UsageError: There is nothing to ask.
    """
    if not question.strip():
        question, piped = piped or "", None
    if not question.strip():
        raise UsageError("There is no question.", 'Try: chatcli "Why is the sky blue?"')
    stdin = [Attachment("stdin", piped)] if piped and piped.strip() else []
    return compose(question, [*files, *stdin])


def status_of(turn: Turn) -> int:
    """The exit code that says how a turn went."""
    match turn.reply.finish:
        case Finish.STOP:
            return OK
        case Finish.INTERRUPTED:
            return INTERRUPTED
        case Finish.LENGTH | Finish.FILTERED | Finish.TRUNCATED:
            return CUT
        case Finish.FAILED if turn.reply.text:
            return CUT
        case Finish.FAILED:
            return turn.error.status if turn.error else FAILED
