"""One question, with files and standard input: one turn, one exit code."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from chatcli.core.attach import Attachment, compose, decode
from chatcli.core.messages import Finish
from chatcli.core.session import Session
from chatcli.engine import Engine, Turn
from chatcli.env import Env
from chatcli.errors import UsageError
from chatcli.inputs import STDIN, text_of, title_of
from chatcli.interrupts import INTERRUPTED

OK: Final = 0
FAILED: Final = 1
CUT: Final = 5


class OneShot:
    """Reads what is to be asked from ``env``, in ``encoding``, and has ``engine`` ask it."""

    def __init__(self, env: Env, encoding: str, engine: Engine) -> None:
        self._env = env
        self._read = partial(text_of, env=env, encoding=encoding)
        self._engine = engine

    def message(self, question: str, files: Sequence[str]) -> str:
        """The one message that is sent, every byte of it known to be text.

        Files and standard input come first, each fenced, then the question. Standard input that comes
        without a question *is* the question, unchanged.

        Raises:
            UsageError: Something cannot be read, or is no text, or there is nothing to ask.
        """
        attachments = [Attachment(title_of(name), self._read(name)) for name in files]
        piped = "" if self._env.stdin_tty or STDIN in files else self._read(STDIN)
        asked = _typed(question)
        if not asked.strip():
            asked, piped = piped, ""
        if not asked.strip():
            raise UsageError("There is no question.", 'Try: chatcli "Why is the sky blue?"')
        if piped.strip():
            attachments.append(Attachment(title_of(STDIN), piped))
        return compose(asked, attachments)

    def answer(self, session: Session, message: str) -> int:
        """Ask; the engine's view shows everything. Returns the exit code."""
        return status_of(self._engine.turn(session, message))


def _typed(question: str) -> str:
    """The question, if the bytes of the command line are text: Python passes on others as lone surrogates."""
    try:
        return decode("The question", question.encode("utf-8", "surrogateescape"))
    except (UsageError, UnicodeEncodeError) as error:
        reason = error.message if isinstance(error, UsageError) else "The question holds half a character."
        raise UsageError(reason, "Put it into a file, and name that with -f and --encoding.") from error


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
