"""The REPL: a message, what it means, and what comes of it."""

from typing import Protocol, assert_never

from chatcli.commands.outcomes import Ask, Become, Compact, Outcome, Quit, Restyle, Say, Show
from chatcli.commands.registry import Completion, Registry
from chatcli.core.events import Emit, Restyled, Shown
from chatcli.core.look import USUAL, Look
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


class Repl:
    """Carries out one message after the other.

    ``session`` is the chat as it now stands, ``look`` how its replies look; ``draft`` is a question that was
    too large, to be edited. ``emit`` is the view of the engine: it shows again what it has shown.
    """

    def __init__(  # noqa: PLR0913 - whom it speaks to, and for
        self,
        session: Session,
        voice: Speaker,
        registry: Registry,
        engine: Engine,
        emit: Emit,
        *,
        look: Look = USUAL,
    ) -> None:
        self.session = session
        self.look = look
        self.draft = ""
        self._voice = voice
        self._registry = registry
        self._engine = engine
        self._emit = emit

    def step(self, line: str) -> bool:
        """Do what a message means; False when it means to leave."""
        self.draft = ""
        if not line.strip():
            return True
        try:
            after = self._carry_out(self._registry.run(line, self.session, self.look), self.session)
        except ChatcliError as error:
            self._voice.error(error)
            return True
        self.session = after or self.session
        return after is not None

    def complete(self, text: str) -> list[Completion]:
        """What could follow ``text``, which ends where the cursor stands."""
        return self._registry.complete(text)

    def _carry_out(self, outcome: Outcome, session: Session) -> Session | None:
        """The session afterwards, or None to leave."""
        match outcome:
            case Say(text):
                self._voice.say(text)
                return session
            case Become(new, text):
                self._voice.aside(text)
                return new
            case Ask(question):
                turn = self._engine.turn(session, question)
                self.draft = question if isinstance(turn.error, ContextError) else ""
                return turn.session
            case Compact(keep):
                return self._compacted(session, keep)
            case Show(text, rendered):
                self._emit(Shown(text, rendered))
                return session
            case Restyle(look, text):
                self._emit(Restyled(look))  # first: a view that cannot look like this says so
                self.look = look
                self._voice.aside(text)
                return session
            case Quit():
                return None
            case _:
                assert_never(outcome)

    def _compacted(self, session: Session, keep: str) -> Session:
        compacted = self._engine.compact(session, keep)
        if compacted.summary:
            self._voice.say(compacted.summary.text)
        return compacted
