"""Every model of a run behind one ``ChatModel``, and what is known of each: window, tokens, address."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Final, Protocol

from chatcli.core.budget import ESTIMATE_SCALE, Capacity, Weights
from chatcli.core.catalog import (
    LOCAL,
    UNKNOWN_WINDOW,
    Catalog,
    ModelInfo,
    Price,
    encoding_for,
    is_local,
    undated,
)
from chatcli.core.counting import image_tokens
from chatcli.core.events import Chunks, CountingModel, Request, Tokens
from chatcli.core.messages import Image, Message, Role
from chatcli.core.session import Session
from chatcli.core.wire.windows import Served, Told, Windows, plausible
from chatcli.deferred import Deferred
from chatcli.errors import ModelError

LOCAL_CONTEXT: Final = 4_096
FREE: Final = Price(0.0, 0.0)  # what runs here costs nothing
LOCAL_MOST: Final = 8_192  # what SmolLM2 was trained for; more would only take memory
SMALL: Final = UNKNOWN_WINDOW // 4  # a prompt of so few tokens is sent before its window is known
_MOMENT: Final = 3.0  # seconds, for which somebody who types will wait for a menu


class Closable(CountingModel, Protocol):
    """A model that holds connections."""

    def close(self) -> None:
        """Hang up, and end what was started."""
        ...


class Remote(Closable, Protocol):
    """A model whose server may tell something of it."""

    def window(self, model: str | None) -> Told | None:
        """The context window as the server tells it. Takes a moment, and raises ``ModelError`` alone."""
        ...

    def served(self) -> Sequence[Served]:
        """The models that the server lists. Raises ``ModelError``."""
        ...


class Startable(Closable, Protocol):
    """A model that has to be started."""

    def warm(self, model: str, context: int | None) -> None:
        """Start it now, with this context window."""
        ...


class Models:
    """``remote`` answers at ``address``, ``local`` on this machine; all are opened when first needed.

    ``windows`` holds what servers taught in earlier runs; ``is_catalogued`` says that the catalog is of the
    server's own models.
    """

    def __init__(  # noqa: PLR0913 - a run is made of all of this
        self,
        *,
        remote: Deferred[Remote],
        local: Deferred[Startable],
        catalog: Deferred[Catalog],
        tokenizers: Mapping[str, Deferred[Tokens]],
        windows: Deferred[Windows],
        address: Callable[[], str],
        is_catalogued: Callable[[], bool] = lambda: False,
    ) -> None:
        self._remote = remote
        self._local = local
        self._catalog = catalog
        self._tokenizers = tokenizers
        self._weights = {name: Weights(partial(_count, each)) for name, each in tokenizers.items()}
        self._windows = windows
        self._address = address
        self._is_catalogued = is_catalogued
        self._offered = Deferred(self._ask_offered)
        self._told: dict[str | None, Told | None] = {}  # what servers said when they were asked
        self._asking = threading.Lock()

    def stream(self, request: Request) -> Chunks:
        """The reply of whichever model the request names; see ``ChatModel``."""
        return self.open(request.model).stream(_placed(request))

    def count_prompt(self, session: Session, messages: Sequence[Message]) -> int | None:
        """The tokens of a prompt as the session's server counts them; None where it cannot."""
        request = Request(session.model, tuple(messages), context=session.limits.context)
        return self.open(session.model).count(_placed(request))

    def open(self, model: str | None) -> CountingModel:
        """The model that goes by this name, its libraries loaded."""
        return self._local.get() if is_local(model) else self._remote.get()

    def warm(self, session: Session) -> None:
        """Have ready what a session's first question needs: no tokenizer, while it plainly fits.

        The server is asked for the names of its models as well, before somebody begins to type one.
        """
        if session.model is not None and is_local(session.model):
            self._local.get().warm(session.model, self.window(session))
        else:
            self._remote.get()
            if not self._is_catalogued():
                self._offered.soon()
            if session.limits.context is None:
                self._ask_window(session.model)

    def close(self) -> None:
        """End what was started, and hang up."""
        for model in (self._local.built, self._remote.built):
            if model is not None:
                model.close()

    def capacity(self, session: Session) -> Capacity:
        """What fits into a session's model.

        Where a question is about to be sent that may be too long, and nobody has told the window yet, the
        server is asked for it; else nothing is waited for.
        """
        info = self._info(session)
        encoding = encoding_for(session.model)
        weights = self._weights[encoding.name].seeing(partial(_image_tokens, undated(session.model)))
        if session.limits.context is None and _is_long_question(session, weights):
            self._ask_window(session.model)
        return Capacity(
            window=self.window(session),
            weights=weights if encoding.exact else weights.scaled(ESTIMATE_SCALE),
            exact=encoding.exact,
            max_input=info.max_input if info else None,
            max_output=info.max_output if info else None,
            price=FREE if is_local(session.model) else info.price if info else None,
        )

    def learn(self, session: Session, window: int) -> None:
        """Remember the window that a server told when it refused a prompt for its length."""
        if is_local(session.model) or plausible(window) is None:
            return
        self._told[session.model] = Told(window)
        self._windows.get().add(self._address(), session.model or "", window)

    def listed(self) -> Sequence[ModelInfo]:
        """The catalog, likeliest first."""
        catalog = self._catalog.get()
        return [catalog.models[name] for name in catalog.names(today())]

    def served(self) -> Sequence[Served]:
        """What the server offers, each with its window where the server tells it. Raises ``ModelError``."""
        remote = self._remote.get()
        models: list[Served] = []
        for model in remote.served():
            told = None  # a server that does not tell the window of one tells none
            if model.window is None and (not models or models[-1].window is not None):
                told = remote.window(model.name)
            models.append(model._replace(window=told.window) if told else model)
        return models

    # What the slash commands may ask: see commands.registry.Facts.

    def names(self) -> Sequence[str]:
        """Models that can be named: the catalog's, or the server's own as soon as it has told them.

        It is asked in the background, and waited for a moment; if it did not answer, it is asked again.
        """
        if self._is_catalogued():
            return (LOCAL, *self._catalog.get().names(today()))
        return (LOCAL, *(self._offered.soon(_MOMENT) or ()))

    def advice(self, model: str) -> str | None:
        """What somebody who asks OpenAI for this model should know: when it is shut down, and what then."""
        return None if is_local(model) else self._catalog.get().advice(model, today())

    def where(self, session: Session) -> str:
        """The address of a session's model."""
        return "this machine (llama.cpp)" if is_local(session.model) else self._address()

    def window(self, session: Session) -> int:
        """The context window in tokens, as far as is known by now.

        From the person, the server, the catalog, what an error taught us, or a guess, in this order.
        """
        if is_local(session.model):
            return _local_window(session.model, session.limits.context)
        if session.limits.context is not None:
            return session.limits.context
        told, info = self._told.get(session.model), self._info(session)
        if told is not None:
            return told.window
        if info is not None and info.window is not None:
            return info.window
        return self._windows.get().of(self._address(), session.model or "") or UNKNOWN_WINDOW

    def count(self, session: Session, text: str) -> int:
        """Tokens of a text for this session's model."""
        return self._tokenizer(session).get().count(text)

    def exact(self, session: Session) -> bool:
        """Whether counts are the model's own, not another tokenizer's estimate."""
        return encoding_for(session.model).exact

    def sees(self, session: Session) -> bool | None:
        """Whether a session's model can look at pictures; None where nobody knows."""
        if is_local(session.model):
            return False
        info = self._info(session)
        return "vision" in info.supports if info and info.supports else None

    def _ask_offered(self) -> Sequence[str]:
        return [model.name for model in self._remote.get().served()]

    def _ask_window(self, model: str | None) -> None:
        """Have the server asked, unless it has told all that it will."""
        with self._asking, suppress(ModelError):  # whoever sends the request meets the error again
            told = self._told.get(model)
            if model not in self._told or (told is not None and not told.settled):
                self._told[model] = self._remote.get().window(model)

    def _tokenizer(self, session: Session) -> Deferred[Tokens]:
        return self._tokenizers[encoding_for(session.model).name]

    def _info(self, session: Session) -> ModelInfo | None:
        return None if is_local(session.model) else self._catalog.get().find(session.model)


def _count(tokenizer: Deferred[Tokens], text: str) -> int:
    return tokenizer.get().count(text)


def _image_tokens(model: str, image: Image) -> int | None:
    return image_tokens(model, image.width, image.height)


def _is_long_question(session: Session, weights: Weights) -> bool:
    """Whether a question ends the session that may not fit into just any window."""
    if is_local(session.model) or not session.messages or session.messages[-1].role is not Role.USER:
        return False
    everything = (Message(Role.SYSTEM, session.system), *session.messages)
    return sum(map(weights.bound, everything)) > SMALL


def today() -> str:
    """The date, in ISO's form."""
    return datetime.now(UTC).date().isoformat()


def _placed(request: Request) -> Request:
    """The request, with the window that the embedded model is to have."""
    if not is_local(request.model):
        return request
    return request._replace(context=_local_window(request.model, request.context))


def _local_window(model: str | None, wanted: int | None) -> int:
    """The context window that the embedded model is started with."""
    window = wanted or LOCAL_CONTEXT
    return min(window, LOCAL_MOST) if model == LOCAL else window
