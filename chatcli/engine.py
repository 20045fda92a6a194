"""One turn: ask, fit, send, show, keep. The REPL, one-shot and the tests all drive this one.

A turn that fails, is interrupted or is cut is a value like any other; only what a view raises itself (a
closed pipe, say) leaves as an exception.
"""

import io
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from typing import Final, NamedTuple, assert_never

from chatcli.core import condense, naming
from chatcli.core.budget import PER_REPLY
from chatcli.core.clock import Clock
from chatcli.core.events import (
    Answering,
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
    Tick,
)
from chatcli.core.gauge import Gauge, Measure, Measured
from chatcli.core.messages import Finish, Message, Reply, Usage
from chatcli.core.money import NO_CAPS, Caps, Spent, would_pass
from chatcli.core.session import Session, Summary, turns_named
from chatcli.errors import BrokenReply, ChatcliError, ContextError, ModelError, OverBudget, TooLong
from chatcli.scribe import Scribe

TRIES: Final = 4
_FIRST_WAIT: Final = 0.5  # seconds; doubled at each try
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

    ``gauge`` says what fits into a session's model; ``emit`` is told everything as it happens; ``caps`` is
    what a session may use up; ``stream`` False asks for each reply in one piece; ``new_id`` names a session
    in which nothing was asked before; ``scribe`` writes down what is said, as it is said.
    """

    def __init__(  # noqa: PLR0913 - here all of them meet
        self,
        model: ChatModel,
        gauge: Gauge,
        emit: Emit,
        clock: Clock,
        *,
        caps: Caps = NO_CAPS,
        stream: bool = True,
        new_id: Callable[[], str] = str,
        scribe: Scribe | None = None,
    ) -> None:
        self._model = model
        self._gauge = gauge
        self._emit = emit
        self._clock = clock
        self._caps = caps
        self._stream = stream
        self._new_id = new_id
        self._scribe = scribe or Scribe()

    def turn(self, session: Session, question: str | Message) -> Turn:
        """Ask one question. Raises nothing of a model's."""
        asked = session.asked(question)
        if not asked.id:
            asked = replace(asked, id=self._new_id())
        heard = _Heard(self._clock)
        error: ChatcliError | None = None
        try:
            self._scribe.asked(asked)
            asked = self._condensed(asked)
            with self._scribe.hearing(asked, heard.reply):
                self._converse(asked, heard)
        except KeyboardInterrupt:
            heard.finish = Finish.INTERRUPTED
        except (ModelError, ContextError, OverBudget) as caught:
            error = caught
            cut = isinstance(caught, BrokenReply) and heard.anything
            heard.finish = Finish.TRUNCATED if cut else Finish.FAILED
        except BaseException:  # nobody reads any more, or the program is told to end
            heard.finish = Finish.INTERRUPTED
            if heard.text_came:
                self._scribe.answered(asked, heard.reply(), None, heard.left_out)
            raise
        reply = heard.reply()
        asked = self._paid(asked, reply.usage)
        cost = _cost(reply, session.spent, asked.spent)
        kept = asked.answered(reply) if reply.text else replace(asked, messages=session.messages)
        with suppress(KeyboardInterrupt):  # nothing is left to stop, and what was said must be kept
            self._scribe.answered(asked, reply, cost, heard.left_out)
            if not reply.text:
                self._scribe.moved(kept)
        with suppress(KeyboardInterrupt):
            self._emit(Ended(reply, error, cost, kept))
        return Turn(kept, reply, error)

    def compact(self, session: Session, keep: str = "") -> Session:
        """The session with a summary in the place of all its turns but the pinned ones.

        ``keep`` is what the summary must hold.

        Raises:
            ModelError: The model gave none.
        """
        return self._summarized(session, len(session.turns), keep, wanted=True)

    def entitle(self, session: Session) -> Session:
        """The session with the title that its model finds for it.

        Raises:
            ModelError: The model gave none.
        """
        measure = self._gauge.measure(session)
        asked = naming.request(session.messages, measure.room, measure.weights)
        self._afford(session, asked, measure)
        self._emit(Notice("finding a title ..."))
        heard = _Heard(self._clock)
        self._read(Request(session.model, asked, context=session.limits.context), heard)
        title = naming.title_in(heard.text())
        if not title:
            raise BrokenReply("The model gave no title.", "Give one yourself: /title Lisbon in May")
        return replace(self._paid(session, heard.usage), title=title)

    def _condensed(self, asked: Session) -> Session:
        """Where turns must leave and a summary is to stand for them: the session with that summary."""
        if asked.limits.trim != "summarize":
            return asked
        left_out = self._gauge.fit(asked).fitted.left_out
        if not left_out:
            return asked
        try:
            return self._summarized(asked, left_out[-1], "", wanted=False)
        except ModelError as error:
            self._emit(Notice(f"no summary: {error.message}"))
            return asked

    def _summarized(self, session: Session, through: int, keep: str, *, wanted: bool) -> Session:
        """The session with a summary of its turns ``through`` this one, but for those that are steered."""
        old = session.summary or Summary("", frozenset())
        spared = old.turns | session.pins | session.dropped
        leaving = {n: turn for n, turn in enumerate(session.turns[:through], 1) if n not in spared}
        if not leaving:
            return replace(session, summary=old._replace(wanted=wanted)) if old.text else session
        self._emit(Notice(f"condensing {turns_named(leaving)} ..."))
        measure = self._gauge.measure(session)
        text = old.text
        for portion in condense.batches(list(leaving.values()), measure.room, measure.weights):
            heard = _Heard(self._clock)
            asked = condense.request(text, portion, keep)
            self._afford(session, asked, measure)
            self._read(Request(session.model, asked, context=session.limits.context), heard)
            session = self._paid(session, heard.usage)
            text = heard.reply().text.strip() or text
        if not text:
            raise BrokenReply("The model gave no summary.", "Try again, or another model.")
        return replace(session, summary=Summary(text, old.turns.union(leaving), wanted))

    def _converse(self, asked: Session, heard: "_Heard") -> None:
        """Fit and send; if the server counts more tokens than we did, fit into what it told us, once."""
        sent = self._gauge.fit(asked)
        try:
            self._send(asked, sent, heard)
        except TooLong as error:
            if heard.anything or not self._gauge.corrected(asked, sent, error):
                raise
            try:
                fewer = self._gauge.fit(asked)
            except ContextError:
                raise error from None
            if len(fewer.fitted.messages) == len(sent.fitted.messages):
                raise
            self._send(asked, fewer, heard)

    def _send(self, asked: Session, sent: Measured, heard: "_Heard") -> None:
        """Send, and send again while the server says "later" and nothing of a reply has come."""
        measure = sent.measure
        self._afford(asked, sent.fitted.messages, measure)
        reserve = measure.window - measure.room
        limit = asked.params.max_tokens
        self._emit(Started(asked.model, sent.fitted, measure.window, reserve, measure.exact, limit))
        request = Request(asked.model, sent.fitted.messages, asked.params, self._stream, asked.limits.context)
        heard.left_out = sent.fitted.left_out
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
                self._gauge.anchored(asked, sent, heard.usage)
                return

    def _afford(self, session: Session, messages: Sequence[Message], measure: Measure) -> None:
        """Refuse what could cost more than the person allows."""
        if self._caps == NO_CAPS:
            return
        tokens = PER_REPLY + sum(map(measure.weights.of, messages))
        reserve = measure.window - measure.room
        if reason := would_pass(session.spent, self._caps, measure.price, tokens, reserve):
            hint = "Nothing was sent. Raise --max-cost or --max-total-tokens, or begin anew with /clear."
            raise OverBudget(reason, hint)

    def _paid(self, session: Session, usage: Usage | None) -> Session:
        if usage is None:
            return session
        price = self._gauge.measure(session).price
        return replace(session, spent=session.spent.add(price, usage))

    def _listen(self, request: Request, heard: "_Heard") -> None:
        # Kept first, then shown: Ctrl-C while the view draws loses no word.
        with closing(self._model.stream(request)) as chunks:
            for chunk in chunks:
                heard.keep(chunk)
                if isinstance(chunk, TextDelta | ReasoningDelta | Notice | Tick):
                    self._emit(chunk)

    def _read(self, request: Request, heard: "_Heard") -> None:
        """Listen without a word to the view; only the ticks that it waits for reach it."""
        with closing(self._model.stream(request)) as chunks:
            for chunk in chunks:
                heard.keep(chunk)
                if isinstance(chunk, Tick):
                    self._emit(chunk)


class _Heard:
    """What has come so far, and when."""

    def __init__(self, clock: Clock) -> None:
        self.finish = Finish.TRUNCATED  # until the model says otherwise
        self._model: str | None = None
        self._clock = clock
        self._began = clock.now()
        self._first: float | None = None
        self._text = io.BytesIO()  # grows by the text alone, however small the pieces
        self._reasoning = io.BytesIO()
        self.usage: Usage | None = None
        self.left_out: tuple[int, ...] = ()

    def keep(self, chunk: Chunk) -> None:
        match chunk:
            case TextDelta(text):
                self._note_the_first()
                self._text.write(text.encode())
            case ReasoningDelta(text):
                self._note_the_first()
                self._reasoning.write(text.encode())
            case Answering(model):
                self._model = model
            case Usage():
                self.usage = chunk
            case Finish():
                self.finish = chunk
            case Notice() | Tick():
                pass
            case _:
                assert_never(chunk)

    @property
    def anything(self) -> bool:
        return self._first is not None

    @property
    def text_came(self) -> bool:
        return self._text.tell() > 0

    def text(self) -> str:
        return self._text.getvalue().decode()

    def reply(self) -> Reply:
        reasoning = self._reasoning.getvalue().decode()
        seconds = self._clock.now() - self._began
        return Reply(self.text(), self.finish, reasoning, self.usage, seconds, self._first, self._model)

    def _note_the_first(self) -> None:
        if self._first is None:
            self._first = self._clock.now() - self._began


def _cost(reply: Reply, before: Spent, after: Spent) -> float | None:
    """Dollars of a turn, its summaries included; None where a part was not counted, or has no known price."""
    if reply.usage is None or after.unpriced > before.unpriced:
        return None
    return after.dollars - before.dollars


def _wait(error: ModelError, tries: int) -> float | None:
    """Seconds until the next try, or None when there is to be none."""
    if not error.retryable or tries >= TRIES:
        return None
    wait = _FIRST_WAIT * 2 ** (tries - 1) if error.retry_after is None else error.retry_after
    return wait if wait <= _LONGEST_WAIT else None
