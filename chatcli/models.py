"""Every model of a run behind one ``ChatModel``, and what is known of each: window, tokens, address."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Protocol

from chatcli.core.budget import ESTIMATE_SCALE
from chatcli.core.catalog import LOCAL, UNKNOWN_WINDOW, Catalog, ModelInfo, encoding_for, is_local
from chatcli.core.events import Capacity, ChatModel, Chunks, Request, Tokens
from chatcli.core.session import Session
from chatcli.deferred import Deferred

LOCAL_CONTEXT: Final = 4_096
LOCAL_MOST: Final = 8_192  # what SmolLM2 was trained for; more would only take memory


class Closable(ChatModel, Protocol):
    """A model that holds connections."""

    def close(self) -> None:
        """Hang up, and end what was started."""
        ...


class Startable(Closable, Protocol):
    """A model that has to be started."""

    def warm(self, model: str, context: int | None) -> None:
        """Start it now, with this context window."""
        ...


class Models:
    """``remote`` answers at ``address``, ``local`` on this machine; all are opened when first needed."""

    def __init__(
        self,
        *,
        remote: Deferred[Closable],
        local: Deferred[Startable],
        catalog: Deferred[Catalog],
        tokenizers: Mapping[str, Deferred[Tokens]],
        address: Callable[[], str],
    ) -> None:
        self._remote = remote
        self._local = local
        self._catalog = catalog
        self._tokenizers = tokenizers
        self._address = address

    def stream(self, request: Request) -> Chunks:
        """The reply of whichever model the request names; see ``ChatModel``."""
        if is_local(request.model):
            request = request._replace(context=_local_window(request.model, request.context))
        return self.open(request.model).stream(request)

    def open(self, model: str | None) -> ChatModel:
        """The model that goes by this name, its libraries loaded."""
        return self._local.get() if is_local(model) else self._remote.get()

    def warm(self, session: Session) -> None:
        """Have ready what a session's first question needs: no tokenizer, while it plainly fits."""
        if session.model is not None and is_local(session.model):
            self._local.get().warm(session.model, self.window(session))
        else:
            self._remote.get()

    def close(self) -> None:
        """End what was started, and hang up."""
        for model in (self._local.built, self._remote.built):
            if model is not None:
                model.close()

    def capacity(self, session: Session) -> Capacity:
        """What fits into a session's model."""
        info = self._info(session)
        return Capacity(
            window=self.window(session),
            count=lambda text: self.count(session, text),
            scale=1.0 if self.exact(session) else ESTIMATE_SCALE,
            max_input=info.max_input if info else None,
            max_output=info.max_output if info else None,
        )

    # What the slash commands may ask: see commands.registry.Facts.

    def names(self) -> Sequence[str]:
        """Models that can be named, likeliest first."""
        return (LOCAL, *self._catalog.get().names(datetime.now(UTC).date().isoformat()))

    def where(self, session: Session) -> str:
        """The address of a session's model."""
        return "this machine (llama.cpp)" if is_local(session.model) else self._address()

    def window(self, session: Session) -> int:
        """The context window in tokens: the person's, the model's, or a guess."""
        if is_local(session.model):
            return _local_window(session.model, session.context)
        if session.context is not None:
            return session.context
        info = self._info(session)
        return (info.window if info else None) or UNKNOWN_WINDOW

    def count(self, session: Session, text: str) -> int:
        """Tokens of a text for this session's model."""
        return self._tokenizer(session).get().count(text)

    def exact(self, session: Session) -> bool:
        """Whether counts are the model's own, not another tokenizer's estimate."""
        return encoding_for(session.model).exact

    def _tokenizer(self, session: Session) -> Deferred[Tokens]:
        return self._tokenizers[encoding_for(session.model).name]

    def _info(self, session: Session) -> ModelInfo | None:
        return None if is_local(session.model) else self._catalog.get().find(session.model)


def _local_window(model: str | None, wanted: int | None) -> int:
    """The context window that the embedded model is started with."""
    window = wanted or LOCAL_CONTEXT
    return min(window, LOCAL_MOST) if model == LOCAL else window
