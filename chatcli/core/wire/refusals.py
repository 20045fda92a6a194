"""What a model refuses: a parameter, which one, and what takes its place; or images.

No table of model names keeps up with this, so the server's own words decide: the parameter is dropped or
renamed, and that is remembered for this endpoint and model.
"""

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple, Protocol

from chatcli.core.wire.faults import Said

_NEVER = {"model", "messages"}
_INSTEAD = r"use '(\w+)' instead"
_REFUSED = (
    r"^unsupported |not supported|does not support|must be verified to stream"
    r"|unrecognized request argument|unknown (parameter|name|field)"
    r"|extra inputs are not permitted|unexpected keyword"
)
_NO_IMAGES = (
    r"image_url is only supported by"  # OpenAI
    r"|image input is not (supported|enabled)|unsupported content part"  # llama.cpp
    r"|not support (images?|vision)|data required for image input"  # Ollama, LM Studio
    r"|no endpoints found that support image"  # OpenRouter
    r"|is not a multimodal model|at most 0 image"  # vLLM
    r"|unknown variant .image_url"  # DeepSeek
    r"|content.* must be a string"  # Groq
)
_CODES = {"unsupported_parameter", "unsupported_value", "unknown_parameter"}


class Refusal(NamedTuple):
    """``param`` is refused; ``instead`` is the name that is wanted, or None to leave it out."""

    param: str
    instead: str | None = None


def refusal(
    status: int | None, body: object, sent: Collection[str], gone: Collection[str] = ()
) -> Refusal | None:
    """Which of the parameters ``sent`` this answer refuses, or None if it complains of something else.

    What was refused before, and so is ``gone``, never takes another's place: two names cannot alternate.
    """
    if status not in {400, 404, 422}:
        return None
    said = Said.of(body)
    if said.code not in _CODES and not re.search(_REFUSED, said.message, re.IGNORECASE):
        return None
    param = _named(said, sent)
    if param is None:
        return None
    instead = re.search(_INSTEAD, said.message, re.IGNORECASE)
    if instead and instead[1] not in {*sent, *gone}:
        return Refusal(param, instead[1])
    return Refusal(param)


def refuses_images(body: object) -> bool:
    """Whether the answer to a request with images says that there must be none.

    llama.cpp says so with a status of its own failures, OpenRouter with one of unknown addresses.
    """
    return bool(re.search(_NO_IMAGES, Said.of(body).message, re.IGNORECASE))


def _named(said: Said, sent: Collection[str]) -> str | None:
    candidates = [name for name in sent if name not in _NEVER]
    if said.param:
        top = said.param.partition(".")[0]
        return top if top in candidates else None
    found = [name for name in candidates if re.search(rf"\b{name}\b", said.message)]
    return max(found, key=len, default=None)


class Refusals(Protocol):
    """What is known of each endpoint and model; kept as long as whoever implements it can."""

    def of(self, base_url: str, model: str) -> Mapping[str, str | None]:
        """The refused parameters: name to new name, or to None for what is left out."""
        ...

    def add(self, base_url: str, model: str, refusal: Refusal) -> None:
        """Remember one more."""
        ...
