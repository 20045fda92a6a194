"""Commands that adjust what is asked, and how, and how the replies look."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Final, NamedTuple

from chatcli.commands.outcomes import Arrange, Become, Outcome, Say
from chatcli.commands.registry import Arg, Call, Command, Offer, Offers
from chatcli.core.kinds import Kind, Names, Text, Value, as_text
from chatcli.core.look import LOOK, Look
from chatcli.core.nearest import nearest
from chatcli.core.params import LIMITS, PARAMS
from chatcli.core.session import Session, first_words
from chatcli.errors import UsageError


class Knob(NamedTuple):
    """One thing that ``/set`` can change: of the session, or of how its replies look."""

    name: str
    kind: Kind
    help: str

    def of(self, session: Session, look: Look) -> Value | None:
        """Its value; None is "not set"."""
        match self.name:
            case "model":
                return session.model
            case "system":
                return session.system or None
            case name if name in PARAMS:
                return session.params.given().get(name)
            case name if name in LOOK:
                return look.given().get(name)
            case name:
                return session.limits.given().get(name)

    def turned(self, call: Call, value: Value | None, text: str) -> Outcome:
        """The outcome in which it has this value, or none, and ``text`` says so."""
        if self.name in LOOK:
            return Arrange(replace(call.desk, look=call.look.having(self.name, value)), text)
        return Become(self._to(call.session, value), text)

    def _to(self, session: Session, value: Value | None) -> Session:
        match self.name:
            case "model":
                return replace(session, model=None if value is None else str(value))
            case "system":
                return replace(session, system="" if value is None else str(value))
            case name if name in PARAMS:
                return replace(session, params=session.params.having(name, value))
            case name:
                return replace(session, limits=session.limits.having(name, value))


KNOBS: Final[dict[str, Knob]] = {
    knob.name: knob
    for knob in (
        Knob("model", Text("a model's name"), "the model to talk to"),
        Knob("system", Text(), "the system text: how the model should behave"),
        *(Knob(*one) for one in (*PARAMS.values(), *LIMITS.values(), *LOOK.values())),
    )
}


def set_knob(call: Call) -> Outcome:
    """``/set``, ``/set key``, ``/set key value``."""
    name, _, text = call.argument.partition(" ")
    if not name:
        return Say("\n".join(_line(knob, call) for knob in KNOBS.values()))
    return _turned(_knob(name), text.strip(), call)


def unset_knob(call: Call) -> Outcome:
    """``/unset key``."""
    if not call.argument:
        raise UsageError("/unset needs a name.", f"Set now: {', '.join(_given(call)) or 'nothing'}.")
    knob = _knob(call.argument)
    return knob.turned(call, None, f"{knob.name} is not set: {_instead(knob)}")


def _given(call: Call) -> dict[str, Value]:
    """All that is set now."""
    values = {name: knob.of(call.session, call.look) for name, knob in KNOBS.items()}
    return {name: value for name, value in values.items() if value is not None}


def _instead(knob: Knob) -> str:
    if knob.name in {"render", "theme"}:
        return "the terminal decides"
    return "it is as usual" if knob.name in LOOK else "the server's own value holds"


def swap_enter(call: Call) -> Outcome:
    """``/multiline``: which key sends, and which makes a new line."""
    outcome = _turned(KNOBS["multiline"], call.argument or as_text(not call.look.multiline), call)
    assert isinstance(outcome, Arrange)
    if outcome.desk.look.multiline:
        return replace(outcome, text="Enter makes a new line, Alt-Enter sends")
    return replace(outcome, text="Enter sends, Alt-Enter makes a new line")


def choose_model(call: Call) -> Outcome:
    """``/model name``; whoever chooses one that is shut down is told."""
    outcome = turn_knob(call)
    advice = call.facts.advice(call.argument)
    if advice is None or not isinstance(outcome, Become):
        return outcome
    return replace(outcome, text=f"{outcome.text}: {advice}")


def turn_knob(call: Call) -> Outcome:
    """``/temperature 0.2`` and its like: the command's own name is the knob's."""
    return _turned(KNOBS[call.name], call.argument, call)


def _turned(knob: Knob, text: str, call: Call) -> Outcome:
    if not text:
        return Say(_line(knob, call))
    if knob.name == "theme" and text not in call.world.themes:
        near = nearest(text, call.world.themes)
        there = f"There are {', '.join(call.world.themes)}."
        raise UsageError(f"There is no theme {text!r}.", f"Did you mean {near}?" if near else there)
    try:
        value = knob.kind.read(text)
    except ValueError as error:
        near = nearest(text, knob.kind.choices) if not text[:1].isdigit() else None
        hint = f"Did you mean {near}?" if near else f"For example {_example(knob, call)}."
        raise UsageError(f"{knob.name} must be {error}, not {text!r}.", hint) from None
    return knob.turned(call, value, f"{knob.name} → {as_text(value)}")


def _example(knob: Knob, call: Call) -> str:
    """A right use of the command that was used wrongly; values from the middle are the usual ones."""
    choices = knob.kind.choices or ("1",)
    command = call.name if call.name == knob.name else f"{call.name} {knob.name}"
    return f"/{command} {choices[len(choices) // 2]}"


def _knob(name: str) -> Knob:
    knob = KNOBS.get(name.lower().replace("-", "_"))
    if knob is None:
        near = nearest(name.lower(), KNOBS)
        raise UsageError(
            f"There is nothing called {name!r} to set.",
            f"Did you mean {near}?" if near else f"There are {', '.join(KNOBS)}.",
        )
    return knob


def _line(knob: Knob, call: Call) -> str:
    value = knob.of(call.session, call.look)
    return f"{knob.name} = {as_text(value)}" if value is not None else f"{knob.name} is not set ({knob.help})"


def _names_then_values(call: Call) -> Iterable[Offer | str]:
    name, blank, _ = call.argument.partition(" ")
    if not blank:
        return [Offer(knob.name, knob.help) for knob in KNOBS.values()]
    return _values(name)(call) if name in KNOBS else ()


def _names_of_given(call: Call) -> Iterable[Offer]:
    return [Offer(name, f"now {first_words(as_text(value))}") for name, value in _given(call).items()]


def _values(name: str) -> Offers:
    if name == "model":
        return lambda call: call.facts.names()
    if name == "theme":
        return lambda call: call.world.themes
    kind = KNOBS[name].kind
    return partial(_more_of, kind) if isinstance(kind, Names) else lambda _call: kind.choices


def _more_of(kind: Names, call: Call) -> Iterable[str]:
    """What the last word could become: its names, and one more behind the last comma."""
    begun, comma, _ = call.last_word.rpartition(",")
    if not comma:
        return kind.choices
    return [f"{begun},{name}" for name in kind.names if name not in begun.split(",")]


COMMANDS: Final = (
    Command(
        "model",
        "show the model, or talk to another",
        choose_model,
        Arg("[name]", _values("model")),
        example="/model gpt-6-luna",
    ),
    *(
        Command(
            name,
            f"show or set {PARAMS[name].help}",
            turn_knob,
            Arg("[value]", _values(name)),
            example=example,
        )
        for name, example in (
            ("temperature", "/temperature 0.2"),
            ("top_p", "/top_p 0.9"),
            ("max_tokens", "/max_tokens 500"),
            ("stop", "/stop END|###"),
            ("seed", "/seed 7"),
        )
    ),
    Command(
        "theme",
        "show the theme of replies, or choose another",
        turn_knob,
        Arg("[name]", _values("theme")),
        example="/theme light",
    ),
    Command(
        "multiline",
        "swap Enter, which sends, and Alt-Enter, which makes a new line",
        swap_enter,
        Arg("[on|off]", _values("multiline")),
        example="/multiline",
    ),
    Command(
        "set",
        "show every setting of this chat, or change one",
        set_knob,
        Arg("[name [value]]", _names_then_values),
        example="/set presence_penalty 0.5",
    ),
    Command(
        "unset",
        "leave a setting to the server again",
        unset_knob,
        Arg("name", _names_of_given),
        example="/unset temperature",
    ),
)
