"""What is known of OpenAI's models: windows, prices, retirement. The facts themselves are data/models.json.

None means that nobody told us; it never means zero.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

DEFAULT_MODEL = "gpt-6-luna"

# The embedded model's name here; ``local:FILE`` runs any other.
LOCAL = "local"

# For a model of which nothing is known: few have less, and a guess that is too large means a refused request.
UNKNOWN_WINDOW = 8_192


def is_local(model: str | None) -> bool:
    """Whether this names the embedded model, or a GGUF file for it to run."""
    return model is not None and (model == LOCAL or model.startswith(f"{LOCAL}:"))


class Price(NamedTuple):
    """Dollars per million tokens; ``long_*`` hold instead once the prompt has more than 272,000 of them."""

    prompt: float
    completion: float
    cached: float | None = None
    cache_write: float | None = None
    long_prompt: float | None = None
    long_completion: float | None = None


ENCODINGS = ("o200k_base", "cl100k_base")


class Encoding(NamedTuple):
    """A tokenizer's name; ``exact`` is False where it only estimates what the model itself would count."""

    name: str
    exact: bool


class ModelInfo(NamedTuple):
    """One model. Prompt and reply share the ``window``; ``max_input`` and ``max_output`` bound each of them.

    ``supports`` holds some of "vision", "reasoning", "schema", "tools" and "effort none"; ``endpoints`` are
    the paths that serve the model, empty when unknown; ``retires`` is the ISO date of its shutdown, and
    ``successor`` the model to use instead: what OpenAI recommends or, where that will not last either, the
    model of its kind that does.
    """

    name: str
    window: int | None = None
    max_input: int | None = None
    max_output: int | None = None
    price: Price | None = None
    supports: frozenset[str] = frozenset()
    endpoints: frozenset[str] = frozenset()
    retires: str | None = None
    successor: str | None = None

    @property
    def chats(self) -> bool:
        """Chat Completions serves it, as far as is known."""
        return not self.endpoints or "chat/completions" in self.endpoints

    def retired(self, today: str) -> bool:
        """It has been shut down by ``today``, an ISO date."""
        return self.retires is not None and self.retires <= today


class Correction(NamedTuple):
    """What a person knows better of a model; None leaves it as it is, a price is replaced as a whole."""

    window: int | None = None
    max_input: int | None = None
    max_output: int | None = None
    price: Price | None = None


class Catalog(NamedTuple):
    """Every model we know of, by the name that OpenAI gives it, or the one that a person gives it."""

    models: Mapping[str, ModelInfo]

    @classmethod
    def parse(cls, text: str) -> Self:
        """The catalog that the text of data/models.json holds."""
        return cls({name: _model(name, facts) for name, facts in json.loads(text).items()})

    def with_(self, corrections: Mapping[str, Correction]) -> Self:
        """The catalog with models corrected, and those added of which it knew nothing."""
        corrected = {name: self._corrected(name, correction) for name, correction in corrections.items()}
        return self._replace(models={**self.models, **corrected})

    def find(self, name: str | None) -> ModelInfo | None:
        """The model that ``name`` means, whoever serves it: ``openai/GPT-4o:free`` is gpt-4o.

        A dated name falls back to the undated one, and a fine-tuned model to its base, but for the price.
        """
        plain = _plain(name)
        found = self.models.get(name or "") or self._listed(plain)
        if found or not plain.startswith(_TUNED):
            return found
        base = self._listed(plain.removeprefix(_TUNED))
        return base and base._replace(price=None)

    def advice(self, name: str | None, today: str) -> str | None:
        """One line for a person who asks for a model that was or will be shut down; None for any other."""
        model = self.find(name)
        if model is None or model.retires is None:
            return None
        done = "was" if model.retired(today) else "will be"
        instead = f"; try {model.successor}" if model.successor else ""
        return f"{name} {done} shut down on {model.retires}{instead}"

    def names(self, today: str) -> tuple[str, ...]:
        """Every name, likeliest first: plain ones that answer here on ``today``, an ISO date."""

        def unlikely(model: ModelInfo) -> tuple[bool, bool]:
            special = model.name.startswith(_TUNED) or bool(re.search(_DATE, model.name))
            return model.retired(today) or not model.chats, special

        return tuple(model.name for model in sorted(self.models.values(), key=unlikely))

    def _corrected(self, name: str, correction: Correction) -> ModelInfo:
        known = {fact: value for fact, value in correction._asdict().items() if value is not None}
        return (self.find(name) or ModelInfo(name))._replace(name=name, **known)

    def _listed(self, name: str) -> ModelInfo | None:
        return self.models.get(name) or self.models.get(re.sub(_DATE, "", name))


def undated(name: str | None) -> str:
    """What OpenAI calls the model that ``name`` means, whoever serves it, without its date."""
    return re.sub(_DATE, "", _plain(name).removeprefix(_TUNED))


def encoding_for(name: str | None) -> Encoding:
    """The tokenizer to count with for the model that ``name`` means, whoever serves it."""
    plain = _plain(name).removeprefix(_TUNED)
    if re.match(_O200K, plain):
        return Encoding("o200k_base", exact=True)
    if re.match(_CL100K, plain):
        return Encoding("cl100k_base", exact=True)
    return Encoding("o200k_base", exact=False)


_TUNED = "ft:"
# Patterns are compiled when they are first needed: a run that asks nothing pays nothing.
_DATE = r"-\d{4}-\d{2}-\d{2}$"
_O200K = r"gpt-(4o|4\.1|4\.5|5|6|oss)|o[134](-|$)|chatgpt-"
_CL100K = r"gpt-4(-|$)|gpt-3\.5"


def _plain(name: str | None) -> str:
    """In lower case, without the provider in front and the tag behind: ``ft:BASE:ORG::ID`` is ``ft:BASE``."""
    model = (name or "").lower().rpartition("/")[2]
    tuned = _TUNED if model.startswith(_TUNED) else ""
    return tuned + model.removeprefix(tuned).partition(":")[0]


def _model(name: str, facts: dict[str, Any]) -> ModelInfo:
    return ModelInfo(
        name,
        window=facts.get("window"),
        max_input=facts.get("max_input"),
        max_output=facts.get("max_output"),
        price=Price(**facts["price"]),
        supports=frozenset(facts["supports"]),
        endpoints=frozenset(facts.get("endpoints", ())),
        retires=facts.get("retires"),
        successor=facts.get("successor"),
    )
