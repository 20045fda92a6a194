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
    """About how much of the window is used; ``exact`` if nothing of it is estimated."""

    used: int
    window: int
    exact: bool


class _Anchor(NamedTuple):
    """What is sent, and the tokens that it was counted to have; ``exact`` by those who must know."""

    model: str | None
    messages: tuple[Message, ...]
    said: int  # messages of the session, when it was sent
    steered: tuple[object, ...]
    tokens: int
    exact: bool = True

    def holds_for(self, session: Session) -> bool:
        """What it ended with stands where it stood, and nobody has steered the chat since."""
        last = session.messages[self.said - 1 : self.said]
        stands = bool(last) and self.messages[-1:] == last
        return stands and self.model == session.model and self.steered == _steered(session)


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
        self._anchor: _Anchor | None = None  # by a server
        self._looked: _Anchor | None = None  # by a person who wanted to know
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
        if fitted.counted:
            told = self._told_by_server(session, fitted.messages, measure.weights)
            fitted = fitted if told is None else fitted._replace(tokens=told)
        return Measured(fitted, measure)

    def used(self, session: Session, sent: Measured) -> int:
        """The tokens of what is sent, by the server's own count as far as there is one; a glance agrees."""
        fitted, measure = sent.fitted, sent.measure
        tokens = self._told_by_server(session, fitted.messages, measure.weights)
        if tokens is None:
            tokens = _frame(fitted.messages) + sum(map(measure.weights.of, fitted.messages))
        self._glanced = None
        said, steered = len(session.messages), _steered(session)
        self._looked = _Anchor(session.model, fitted.messages, said, steered, tokens, measure.exact)
        return tokens

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
        measure = self.measure(session)
        counted = (each for each in (self._anchor, self._looked) if each and each.holds_for(session))
        last = max(counted, key=lambda each: each.said, default=None)
        new = session.messages[last.said :] if last else tuple(budget.everything(session))
        glances = [measure.weights.glance(message) for message in new]
        exact = not new or (measure.exact and all(known for _, known in glances))
        tokens = sum(about for about, _ in glances)
        if last:
            return Glance(last.tokens + tokens, measure.window, exact=last.exact and exact)
        return Glance(min(_frame(new) + tokens, measure.room), measure.window, exact=exact)

    def _rescale(self, session: Session, sent: Measured, tokens: int) -> None:
        if any(message.images for message in sent.fitted.messages):
            return  # nobody knows how many of them are the text's
        ours = budget.PER_REPLY + sum(map(sent.measure.weights.of, sent.fitted.messages))
        scale = ceil(sent.measure.weights.scale * tokens / ours / _STEP) * _STEP
        self._scales[session.model] = min(max(scale, _LEAST), _MOST)

    def _told_by_server(
        self, session: Session, messages: tuple[Message, ...], weights: Weights
    ) -> int | None:
        """The tokens of a request whose beginning the server has counted, by that count; else None."""
        anchor = self._anchor
        if anchor is None or anchor.model != session.model:
            return None
        known = len(anchor.messages)
        if messages[:known] != anchor.messages:
            return None
        return anchor.tokens + sum(map(weights.of, messages[known:]))


def _frame(messages: Sequence[Message]) -> int:
    """What a request takes beside its messages; where there is nothing to send, nothing."""
    return budget.PER_REPLY if messages else 0


def _steered(session: Session) -> tuple[object, ...]:
    return session.system, session.summary, session.pins, session.dropped
