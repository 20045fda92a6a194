"""PARAMS: every parameter of a request, and LIMITS: how a chat is fitted into the window, declared once.

Flags, environment names, config keys, slash commands, completion and the documentation are grown from
these tables.
"""

import json
import re
from typing import Any, NamedTuple

from chatcli.core.kinds import Choice, Kind, Number, Schema, Texts, Value, Whole


class Param(NamedTuple):
    """One parameter: its name in the API, what it takes, and one line of help."""

    name: str
    kind: Kind
    help: str


PARAMS: dict[str, Param] = {
    param.name: param
    for param in (
        Param(
            "temperature",
            Number(0, 2, ("0", "0.2", "0.7", "1")),
            "sampling temperature: 0 is steady, 2 is wild",
        ),
        Param(
            "top_p",
            Number(0, 1, ("0.1", "0.5", "0.9", "1")),
            "nucleus sampling: keep the likeliest share of tokens",
        ),
        Param(
            "max_tokens",
            Whole(1, ("256", "1024", "4096")),
            "the most completion tokens that a reply may have",
        ),
        Param("stop", Texts(4, ("END", "###", r"\n\n")), "stop sequences: the reply ends before any of them"),
        Param("seed", Whole(-(2**63)), "seed for sampling, where the server honours one"),
        Param("presence_penalty", Number(-2, 2), "above 0: talk about new things"),
        Param("frequency_penalty", Number(-2, 2), "above 0: repeat words less often"),
        Param(
            "reasoning_effort",
            Choice(("none", "minimal", "low", "medium", "high", "xhigh")),
            "how long a reasoning model thinks",
        ),
        Param(
            "response_format", Choice(("text", "json_object")), "json_object: the reply is one JSON object"
        ),
        Param("json_schema", Schema(), "the JSON schema that the reply follows, to the letter"),
    )
}


LIMITS: dict[str, Param] = {
    limit.name: limit
    for limit in (
        Param("context", Whole(1), "the context window in tokens, where the model's own is not right"),
        Param("reserve", Whole(1), "how many tokens of the window are kept free for the reply"),
        Param(
            "trim",
            Choice(("turns", "summarize", "error", "off")),
            "when a chat outgrows the window: leave out old turns, summarize them, refuse, or send all",
        ),
        Param(
            "low_water",
            Number(0.1, 1, ("0.5", "0.7", "0.9")),
            "how full it is once old turns have left",
        ),
    )
}


class Params(NamedTuple):
    """The parameters of a session's requests. What is None is not sent."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    reasoning_effort: str | None = None
    response_format: str | None = None
    json_schema: str | None = None

    def having(self, name: str, value: Value | None) -> "Params":
        """The same with one value set, or unset by None; it comes from its own kind."""
        changed: dict[str, Any] = {name: value}
        return self._replace(**changed)

    def given(self) -> dict[str, Value]:
        """What is set, in the table's order."""
        return _given(self._asdict())

    def sent(self) -> dict[str, Any]:
        """What is set, in the API's own shape; a schema is a response format, and the stronger one."""
        body: dict[str, Any] = self.given()
        if self.response_format is not None:
            body["response_format"] = {"type": self.response_format}
        if (text := body.pop("json_schema", None)) is not None:
            schema = json.loads(text)
            named = {"name": _name(schema), "schema": schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        return body


class Limits(NamedTuple):
    """How a session is fitted into the context window. For what is None, ``core.budget`` decides."""

    context: int | None = None
    reserve: int | None = None
    trim: str | None = None
    low_water: float | None = None

    def having(self, name: str, value: Value | None) -> "Limits":
        """The same with one value set, or unset by None; it comes from its own kind."""
        changed: dict[str, Any] = {name: value}
        return self._replace(**changed)

    def given(self) -> dict[str, Value]:
        """What is set, in the table's order."""
        return _given(self._asdict())


def _given(values: dict[str, Any]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value is not None}


def _name(schema: dict[str, Any]) -> str:
    """What the API is told that the schema is called: its title, in the letters that a name may have."""
    return re.sub(r"[^a-zA-Z0-9_-]+", "_", str(schema.get("title", "")))[:64].strip("_") or "reply"
