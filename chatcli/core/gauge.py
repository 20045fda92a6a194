"""How much of the context window a session takes, corrected by what servers count themselves."""

from collections.abc import Callable, Sequence
from math import ceil
from typing import Final, NamedTuple

from chatcli.core import budget
from chatcli.core.budget import Capacity, Fitted, Weights
from chatcli.core.catalog import Price
from chatcli.core.messages import Message, Usage
from chatcli.core.session import Session
from chatcli.errors import TooLong

_STEP: Final = 0.05  # a scale that moved with every reply would cut elsewhere every time
_LEAST, _MOST = 0.5, 8.0
_CHARACTERS: Final = 4  # of a usual token, where nothing is counted


class Measure(NamedTuple):
    """The ``window``, its ``room`` for a prompt, how to weigh messages and whether exactly; the price."""

    window: int
    room: int
    weights: Weights
    exact: bool
    price: Price | None


class Measured(NamedTuple):
    """What is sent, and by which measure it was fitted."""

    fitted: Fitted
    measure: Measure


class Glance(NamedTuple):
    """About how much of the window is used; ``exact`` if a server has counted it."""

    used: int
    window: int
    exact: bool


class _Anchor(NamedTuple):
    """A request, and the prompt tokens that the server counted for it."""

    model: str | None
    messages: tuple[Message, ...]
    said: int  # messages of the session, when it was sent
    steered: tuple[object, ...]
    tokens: int

    def holds_for(self, session: Session) -> bool:
        """The request's question stands where it stood, and nobody has steered the chat since."""
        question = session.messages[self.said - 1 : self.said]
        return self.messages[-1:] == question and self.steered == _steered(session)


class Gauge:
    """Fits sessions, and learns from every answer.

    ``capacity`` tells what is known of a session's model; ``learn`` is told a window that was not known;
    ``count`` has a session's server count messages, if it can: it is asked when the room is nearly full and
    the tokenizer is not the model's own.
    """

    def __init__(
        self,
        capacity: Callable[[Session], Capacity],
        learn: Callable[[Session, int], None],
        count: Callable[[Session, Sequence[Message]], int | None] = lambda _session, _messages: None,
    ) -> None:
        self._capacity = capacity
        self._learn = learn
        self._count = count
        self._scales: dict[str | None, float] = {}
        self._windows: dict[str | None, int] = {}
        self._anchor: _Anchor | None = None
        self._glanced: tuple[Session, Glance] | None = None

    def measure(self, session: Session) -> Measure:
        """By what a session is measured."""
        known = self._capacity(session)
        capacity = known._replace(window=min(known.window, self._windows.get(session.model, known.window)))
        scale = self._scales.get(session.model)
        weights = capacity.weights if scale is None else capacity.weights.scaled(scale)
        exact = capacity.exact and not weights.guesses(session.messages)
        return Measure(capacity.window, capacity.room(session), weights, exact, capacity.price)

    def fit(self, session: Session) -> Measured:
        """What of a session is sent. Raises ``ContextError``."""
        measured = self._fitted(session)
        if measured.measure.exact or not measured.fitted.counted:
            return measured
        tokens = self._count(session, measured.fitted.messages)
        if tokens is None:
            return measured
        self._rescale(session, measured, tokens)
        if tokens > measured.measure.room:
            return self._fitted(session)
        return measured._replace(fitted=measured.fitted._replace(tokens=tokens))

    def _fitted(self, session: Session) -> Measured:
        measure = self.measure(session)
        fitted = budget.fit(session, measure.room, measure.weights)
        return Measured(self._told_by_server(session, fitted, measure.weights), measure)

    def glance(self, session: Session) -> Glance:
        """What a session takes, without counting anything: for a line that is drawn with every key."""
        if self._glanced is None or self._glanced[0] is not session:
            self._glanced = session, self._look(session)
        return self._glanced[1]

    def anchored(self, session: Session, sent: Measured, usage: Usage | None) -> None:
        """The server has counted what was sent: measure by that from now on."""
        if usage is None or not usage.prompt:
            return
        self._anchor = _Anchor(
            session.model, sent.fitted.messages, len(session.messages), _steered(session), usage.prompt
        )
        if sent.fitted.counted and not sent.measure.exact:
            self._rescale(session, sent, usage.prompt)

    def corrected(self, session: Session, sent: Measured, error: TooLong) -> bool:
        """Learn from a refusal; False if it told nothing."""
        if error.window is None:
            return False
        if error.window < sent.measure.window:
            self._windows[session.model] = error.window
            self._learn(session, error.window)
        if error.prompt_tokens:
            self._rescale(session, sent, error.prompt_tokens)
        return True

    def _look(self, session: Session) -> Glance:
        measure, anchor = self.measure(session), self._anchor
        if anchor and anchor.model == session.model and anchor.holds_for(session):
            rest = session.messages[anchor.said :]
            guess = sum(_guess(message, measure.weights) for message in rest)
            return Glance(anchor.tokens + guess, measure.window, exact=not rest)
        told = (session.system, session.summary.text if session.summary else "")
        absent = session.dropped | (session.summary.turns if session.summary else frozenset())
        turns = (turn for number, turn in enumerate(session.turns, 1) if number not in absent)
        said = (_guess(message, measure.weights) for turn in turns for message in turn)
        guess = sum(map(len, told)) // _CHARACTERS + sum(said)
        return Glance(min(guess, measure.room), measure.window, exact=False)

    def _rescale(self, session: Session, sent: Measured, tokens: int) -> None:
        if any(message.images for message in sent.fitted.messages):
            return  # nobody knows how many of them are the text's
        ours = budget.PER_REPLY + sum(map(sent.measure.weights.of, sent.fitted.messages))
        scale = ceil(sent.measure.weights.scale * tokens / ours / _STEP) * _STEP
        self._scales[session.model] = min(max(scale, _LEAST), _MOST)

    def _told_by_server(self, session: Session, fitted: Fitted, weights: Weights) -> Fitted:
        """The same with the server's own count, of as much of it as it has counted before."""
        anchor = self._anchor
        if anchor is None or anchor.model != session.model:
            return fitted
        known = len(anchor.messages)
        if fitted.messages[:known] != anchor.messages or not fitted.counted:
            return fitted
        return fitted._replace(tokens=anchor.tokens + sum(map(weights.of, fitted.messages[known:])))


def _guess(message: Message, weights: Weights) -> int:
    return budget.PER_MESSAGE + len(message.text) // _CHARACTERS + weights.images(message)


def _steered(session: Session) -> tuple[object, ...]:
    return session.system, session.summary, session.pins, session.dropped
