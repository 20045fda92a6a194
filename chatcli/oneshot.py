"""One question, with files and standard input: one turn, one exit code."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from chatcli.core.attach import decode, message
from chatcli.core.desk import Staged
from chatcli.core.messages import Finish, Message, Reply
from chatcli.core.session import Session
from chatcli.engine import Engine
from chatcli.env import Env
from chatcli.errors import ChatcliError, UsageError
from chatcli.inputs import STDIN, staged_of
from chatcli.interrupts import INTERRUPTED

OK: Final = 0
FAILED: Final = 1
CUT: Final = 5


class OneShot:
    """Reads what is to be asked from ``env``, in ``encoding``, and has ``engine`` ask it."""

    def __init__(self, env: Env, encoding: str, engine: Engine) -> None:
        self._env = env
        self._read = partial(staged_of, env=env, encoding=encoding)
        self._engine = engine

    def message(self, question: str, files: Sequence[str]) -> Message:
        """The one message that is sent, every byte of it known to be text or a picture's.

        Files and standard input come first, each text fenced, then the question. Text on standard input
        that comes without a question *is* the question, unchanged.

        Raises:
            UsageError: Something cannot be read, or is no text, or there is nothing to ask.
        """
        staged = [self._read(name) for name in files]
        piped = Staged("") if self._env.stdin_tty or STDIN in files else self._read(STDIN)
        asked = _typed(question)
        if not asked.strip():
            asked, piped = piped.text, piped._replace(text="")
        if not asked.strip():
            raise UsageError("There is no question.", 'Try: chatcli "Why is the sky blue?"')
        if piped.text.strip() or piped.image:
            staged.append(piped)
        return message(asked, staged)

    def answer(self, session: Session, asked: Message) -> int:
        """Ask; the engine's view shows everything. Returns the exit code."""
        turn = self._engine.turn(session, asked)
        return status_of(turn.reply, turn.error)


def _typed(question: str) -> str:
    """The question, if the bytes of the command line are text: Python passes on others as lone surrogates."""
    try:
        return decode("The question", question.encode("utf-8", "surrogateescape"))
    except (UsageError, UnicodeEncodeError) as error:
        reason = error.message if isinstance(error, UsageError) else "The question holds half a character."
        raise UsageError(reason, "Put it into a file, and name that with -f and --encoding.") from error


def status_of(reply: Reply, error: ChatcliError | None) -> int:
    """The exit code that says how a turn went."""
    match reply.finish:
        case Finish.STOP:
            return OK
        case Finish.INTERRUPTED:
            return INTERRUPTED
        case Finish.LENGTH | Finish.FILTERED | Finish.TRUNCATED:
            return CUT
        case Finish.FAILED if reply.text:
            return CUT
        case Finish.FAILED:
            return error.status if error else FAILED
