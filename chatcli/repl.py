"""The REPL: a message, what it means, and what comes of it."""

from dataclasses import replace
from typing import Protocol, assert_never

from chatcli.commands.outcomes import (
    Arrange,
    Ask,
    Become,
    Compact,
    Copy,
    Draft,
    Edit,
    Outcome,
    Perform,
    Quit,
    Run,
    Say,
    Show,
    Write,
)
from chatcli.commands.registry import Completion, Registry
from chatcli.core.desk import Desk
from chatcli.core.events import Emit, Restyled, Shown
from chatcli.core.session import Session
from chatcli.engine import Engine
from chatcli.errors import ChatcliError, ContextError


class Speaker(Protocol):
    """Whoever tells the person what is not a reply."""

    def say(self, text: str) -> None:
        """Show what was asked for."""
        ...

    def aside(self, text: str) -> None:
        """Mention something in one line."""
        ...

    def error(self, error: ChatcliError) -> None:
        """Say what went wrong."""
        ...


class Hands(Protocol):
    """Whoever does what reaches beyond the chat. What cannot be done is a ChatcliError that says why."""

    def write(self, path: str, text: str) -> str:
        """Put the text into the file, if nobody minds; what was done, in words."""
        ...

    def run(self, command: str, given: str | None) -> str:
        """Run the command in the shell where the person sees it; what it printed."""
        ...

    def copy(self, text: str) -> str:
        """Put the text on the clipboard; by what means, in words."""
        ...

    def edit(self, text: str, suffix: str) -> str:
        """Have the person edit the text."""
        ...

    def agreed(self, question: str) -> bool:
        """Whether the person says yes; where nobody can be asked, no."""
        ...


class Repl:
    """Carries out one message after the other.

    ``desk`` is the chat as it now stands, with what lies around it; ``draft`` is what the next prompt begins
    with: a question that was too large, or what is to be edited. ``emit`` is the view of the engine: it shows
    again what it has shown.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - whom it speaks to, and for
        self, desk: Desk, voice: Speaker, registry: Registry, engine: Engine, emit: Emit, hands: Hands
    ) -> None:
        self.desk = desk
        self.draft = ""
        self._voice = voice
        self._registry = registry
        self._engine = engine
        self._emit = emit
        self._hands = hands

    @property
    def session(self) -> Session:
        """The chat as it now stands."""
        return self.desk.session

    def step(self, line: str) -> bool:
        """Do what a message means; False when it means to leave."""
        self.draft = ""
        if not line.strip():
            return True
        try:
            return self._carry_out(self._registry.run(line, self.desk))
        except ChatcliError as error:
            self._voice.error(error)
            return True

    def complete(self, text: str) -> list[Completion]:
        """What could follow ``text``, which ends where the cursor stands."""
        return self._registry.complete(text)

    def _carry_out(self, outcome: Outcome) -> bool:  # noqa: C901, PLR0912 - one case for each
        """Do it; False to leave."""
        match outcome:
            case Say(text):
                self._voice.say(text)
            case Become(session, text):
                self._go_on(session)
                self._voice.aside(text)
            case Arrange(desk, text):
                self._arrange(desk)
                self._voice.aside(text)
            case Ask(question, within):
                self._ask(question, within or self.session)
            case Compact(keep):
                self._compact(keep)
            case Show(text, rendered):
                self._emit(Shown(text, rendered))
            case Write(path, text):
                self._voice.aside(self._hands.write(path, text))
            case Run(command, given):
                self._hands.run(command, given)
            case Copy(text, what):
                self._voice.aside(f"{what} copied {self._hands.copy(text)}")
            case Edit(text, suffix, then):
                return self._carry_out(then(self._hands.edit(text, suffix)))
            case Draft(text):
                self.draft = text
            case Perform(lines):
                return all(self.step(line) for line in lines)
            case Quit():
                return False
            case _:
                assert_never(outcome)
        return True

    def _go_on(self, session: Session) -> None:
        self.desk = replace(self.desk, session=session)

    def _arrange(self, desk: Desk) -> None:
        if desk.look != self.desk.look:
            self._emit(Restyled(desk.look))  # first: a view that cannot look like this says so
        self.desk = desk

    def _ask(self, question: str, within: Session) -> None:
        turn = self._engine.turn(within, question)
        self.draft = question if isinstance(turn.error, ContextError) else ""
        own = self.session
        self._go_on(replace(turn.session, model=own.model, params=own.params))

    def _compact(self, keep: str) -> None:
        self._go_on(self._engine.compact(self.session, keep))
        if summary := self.session.summary:
            self._voice.say(summary.text)
