"""Context windows: what a server tells of them, and what its errors have taught.

Every kind of server tells in its own way, and many tell nothing. Any JSON in, tokens out.
"""

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, Protocol

# What Ollama and LM Studio give a model that they load for its first question, if nobody told them otherwise.
# Neither refuses a longer prompt: Ollama cuts it, and says nothing.
UNLOADED_WINDOW: Final = 4_096

_LEAST, _MOST = 64, 1_000_000_000  # tokens; any other number is no window
# In the listing of vLLM; of OpenRouter and Together; of Groq; of Mistral.
_NAMES: Final = ("max_model_len", "context_length", "context_window", "max_context_length")
_NUM_CTX: Final = r"(?m)^\s*num_ctx\s+(\d{1,10})\s*$"


class Told(NamedTuple):
    """A context window as a server tells it.

    ``settled`` is False while the model is not loaded: it may be given another window then.
    """

    window: int
    settled: bool = True


class Served(NamedTuple):
    """A model that a server offers; ``window`` is None where the listing does not tell it."""

    name: str
    window: int | None = None


class Windows(Protocol):
    """What overflow errors have taught of each endpoint and model."""

    def of(self, base_url: str, model: str) -> int | None:
        """The context window, if it was ever learnt."""
        ...

    def add(self, base_url: str, model: str, window: int) -> None:
        """Remember it."""
        ...


def plausible(window: object) -> int | None:
    """The number, if it can be a context window."""
    return window if isinstance(window, int) and _LEAST <= window <= _MOST else None


def served(listing: object) -> tuple[Served, ...]:
    """The models in the answer to ``GET /v1/models``, in its order."""
    return tuple(
        Served(entry["id"], _listed_window(entry))
        for entry in _entries(listing, "data")
        if _is_name(entry.get("id"))
    )


def answering(models: Sequence[Served], name: str | None) -> Served | None:
    """The one of a server's models that answers to ``name``, or the first when none is named.

    A server with a single model answers to any name.
    """
    if name is None or len(models) == 1:
        return models[0] if models else None
    return next((model for model in models if _means(name, model.name)), None)


def running_in_ollama(running: object, name: str) -> Told | None:
    """The window of a loaded model, from the answer to ``GET /api/ps``."""
    for entry in _entries(running, "models"):
        window = plausible(entry.get("context_length"))
        if window and (_means(name, entry.get("name")) or _means(name, entry.get("model"))):
            return Told(window)
    return None


def shown_by_ollama(shown: object) -> Told | None:
    """The window that a model will be loaded with, from the answer to ``POST /api/show``."""
    facts = _object(shown)
    if not {"modelfile", "model_info"} & facts.keys():
        return None
    own = [plausible(fact) for key, fact in _object(facts.get("model_info")).items() if _is_length(key)]
    most = min((window for window in own if window), default=_MOST)
    parameters = facts.get("parameters")
    chosen = re.search(_NUM_CTX, parameters) if isinstance(parameters, str) else None
    window = plausible(int(chosen[1])) if chosen else None
    return Told(min(window, most)) if window else Told(min(UNLOADED_WINDOW, most), settled=False)


def listed_by_lm_studio(listing: object, name: str) -> Told | None:
    """The window of a model, from the answer to ``GET /api/v0/models``."""
    for entry in _entries(listing, "data"):
        if not _means(name, entry.get("id")):
            continue
        loaded, most = (
            plausible(entry.get("loaded_context_length")),
            plausible(entry.get("max_context_length")),
        )
        if loaded:
            return Told(loaded)
        return Told(min(UNLOADED_WINDOW, most), settled=False) if most else None
    return None


def input_tokens(counted: object) -> int | None:
    """The tokens of a prompt, from the answer to ``POST /v1/chat/completions/input_tokens``."""
    tokens = _object(counted).get("input_tokens")
    return tokens if isinstance(tokens, int) and not isinstance(tokens, bool) and tokens > 0 else None


def _listed_window(entry: dict[str, Any]) -> int | None:
    told = (
        _object(entry.get("meta")).get("n_ctx"),
        *(entry.get(name) for name in _NAMES),
    )  # llama.cpp's first
    return next((window for window in map(plausible, told) if window), None)


def _means(name: str, listed: object) -> bool:
    """Whether a listed model answers to this name; Ollama adds a tag to one that has none."""
    return isinstance(listed, str) and listed in {name, f"{name}:latest"}


def _is_name(thing: object) -> bool:
    """Whether a person could read and type it; it will be shown."""
    return isinstance(thing, str) and thing != "" and thing.isprintable()


def _is_length(key: object) -> bool:
    return isinstance(key, str) and key.endswith(".context_length")


def _object(thing: object) -> dict[str, Any]:
    return thing if isinstance(thing, dict) else {}


def _entries(thing: object, key: str) -> list[dict[str, Any]]:
    entries = _object(thing).get(key)
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
