"""One turn: ask, fit, send, show, keep. The REPL, one-shot and the tests all drive this one.

A turn that fails, is interrupted or is cut is a value like any other; only what a view raises itself (a
closed pipe, say) leaves as an exception.
"""

import io
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from typing import Final, NamedTuple, assert_never

from chatcli.core import budget
from chatcli.core.budget import Fitted
from chatcli.core.clock import Clock
from chatcli.core.events import (
    Capacity,
    ChatModel,
    Chunk,
    Emit,
    Ended,
    Notice,
    ReasoningDelta,
    Request,
    Retrying,
    Started,
    TextDelta,
)
from chatcli.core.messages import Finish, Reply, Usage
from chatcli.core.session import Session
from chatcli.errors import BrokenReply, ChatcliError, ContextError, ModelError, TooLong

TRIES: Final = 4
_FIRST_WAIT: Final = 0.5  # seconds; doubled at each try
_SAFELY: Final = 0.95  # a corrected estimate is still an estimate
_LONGEST_WAIT: Final = 120.0  # a server that asks for more is not waited for


class Turn(NamedTuple):
    """How it went: the session as it now is, the reply, and the error if one ended it.

    ``session`` holds the question and the reply if anything of a reply came; else it is as it was before.
    """

    session: Session
    reply: Reply
    error: ChatcliError | None = None


class Engine:
    """Where model, session and view meet.

    ``capacity`` says what fits into a session's model; ``emit`` is told everything as it happens; ``stream``
    False asks for each reply in one piece.
    """

    def __init__(
        self,
        model: ChatModel,
        capacity: Callable[[Session], Capacity],
        emit: Emit,
        clock: Clock,
        *,
        stream: bool = True,
    ) -> None:
        self._model = model
        self._capacity = capacity
        self._emit = emit
        self._clock = clock
        self._stream = stream

    def turn(self, session: Session, question: str) -> Turn:
        """Ask one question. Raises nothing of a model's."""
        asked = session.asked(question)
        heard = _Heard()
        error: ChatcliError | None = None
        began = self._clock.now()
        try:
            self._converse(asked, heard)
        except KeyboardInterrupt:
            heard.finish = Finish.INTERRUPTED
        except (ModelError, ContextError) as caught:
            error = caught
            cut = isinstance(caught, BrokenReply) and heard.anything
            heard.finish = Finish.TRUNCATED if cut else Finish.FAILED
        reply = heard.reply(self._clock.now() - began)
        kept = asked.answered(reply) if reply.text else session
        with suppress(KeyboardInterrupt):  # nothing is left to stop, and what was said must be kept
            self._emit(Ended(reply, error))
        return Turn(kept, reply, error)

    def _converse(self, asked: Session, heard: "_Heard") -> None:
        """Fit and send; if the server counts more tokens than we did, fit into what it told us, once."""
        capacity = self._capacity(asked)
        fitted = self._fit(asked, capacity)
        try:
            self._send(asked, fitted, capacity, heard)
        except TooLong as error:
            less = _corrected(capacity, fitted, error)
            if heard.anything or less is None:
                raise
            try:
                fewer = self._fit(asked, less)
            except ContextError:
                raise error from None
            if len(fewer.messages) == len(fitted.messages):
                raise
            self._send(asked, fewer, less, heard)

    def _fit(self, asked: Session, capacity: Capacity) -> Fitted:
        room = budget.room(capacity.window, asked.params.max_tokens, capacity.max_output, capacity.max_input)
        return budget.fit(asked.system, asked.messages, room, capacity.count, capacity.scale)

    def _send(self, asked: Session, fitted: Fitted, capacity: Capacity, heard: "_Heard") -> None:
        """Send, and send again while the server says "later" and nothing of a reply has come."""
        self._emit(Started(asked.model, fitted.tokens, capacity.window, fitted.left_out, fitted.dropped))
        request = Request(asked.model, fitted.messages, asked.params, self._stream, asked.context)
        for tries in range(1, TRIES + 1):
            try:
                self._listen(request, heard)
            except ModelError as error:
                wait = _wait(error, tries)
                if heard.anything or wait is None:
                    raise
                self._emit(Retrying(error, wait, tries + 1, TRIES))
                self._clock.sleep(wait)
            else:
                return

    def _listen(self, request: Request, heard: "_Heard") -> None:
        # Kept first, then shown: Ctrl-C while the view draws loses no word.
        with closing(self._model.stream(request)) as chunks:
            for chunk in chunks:
                heard.keep(chunk)
                if isinstance(chunk, TextDelta | ReasoningDelta | Notice):
                    self._emit(chunk)


class _Heard:
    """What has come so far."""

    def __init__(self) -> None:
        self.finish = Finish.TRUNCATED  # until the model says otherwise
        self.anything = False
        self._text = io.BytesIO()  # grows by the text alone, however small the pieces
        self._reasoning = io.BytesIO()
        self._usage: Usage | None = None

    def keep(self, chunk: Chunk) -> None:
        match chunk:
            case TextDelta(text):
                self.anything = True
                self._text.write(text.encode())
            case ReasoningDelta(text):
                self.anything = True
                self._reasoning.write(text.encode())
            case Usage():
                self._usage = chunk
            case Finish():
                self.finish = chunk
            case Notice():
                pass
            case _:
                assert_never(chunk)

    def reply(self, seconds: float) -> Reply:
        text, reasoning = self._text.getvalue().decode(), self._reasoning.getvalue().decode()
        return Reply(text, self.finish, reasoning, self._usage, seconds)


def _wait(error: ModelError, tries: int) -> float | None:
    """Seconds until the next try, or None when there is to be none."""
    if not error.retryable or tries >= TRIES:
        return None
    wait = _FIRST_WAIT * 2 ** (tries - 1) if error.retry_after is None else error.retry_after
    return wait if wait <= _LONGEST_WAIT else None


def _corrected(capacity: Capacity, fitted: Fitted, error: TooLong) -> Capacity | None:
    """The capacity as the server's numbers show it in our own count's terms, or None if they show nothing."""
    if error.window is None:
        return None
    window = min(error.window, capacity.window)
    if error.prompt_tokens:
        ours = budget.PER_REPLY + budget.weight(fitted.messages, capacity.count, capacity.scale)
        window = int(_SAFELY * window * min(1.0, ours / error.prompt_tokens))
    return replace(capacity, window=window)
