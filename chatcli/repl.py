"""The REPL: a line, what it means, and the next line. Nothing but Ctrl-D and /exit ends it."""

from collections.abc import Callable
from typing import Protocol, assert_never

from chatcli.commands.outcomes import Ask, Become, Outcome, Quit, Say
from chatcli.commands.registry import Registry
from chatcli.core.session import Session
from chatcli.engine import Engine
from chatcli.errors import ChatcliError


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
    """``read`` gives the next message; it raises EOFError at the end, KeyboardInterrupt for one given up."""

    def __init__(self, read: Callable[[], str], voice: Speaker, registry: Registry, engine: Engine) -> None:
        self._read = read
        self._voice = voice
        self._registry = registry
        self._engine = engine

    def run(self, session: Session) -> Session:
        """Talk until the person leaves; returns the session as it then is."""
        after: Session | None = session
        while after is not None:
            session = after
            try:
                line = self._read()
            except KeyboardInterrupt:
                continue
            except EOFError:
                break
            try:
                after = self.step(line, session)
            except KeyboardInterrupt:  # it came where nothing was under way
                continue
        return session

    def step(self, line: str, session: Session) -> Session | None:
        """The session after this line, or None when the person leaves."""
        if not line.strip():
            return session
        try:
            return self._carry_out(self._registry.run(line, session), session)
        except ChatcliError as error:
            self._voice.error(error)
            return session

    def _carry_out(self, outcome: Outcome, session: Session) -> Session | None:
        match outcome:
            case Say(text):
                self._voice.say(text)
                return session
            case Become(new, text):
                self._voice.aside(text)
                return new
            case Ask(question):
                return self._engine.turn(session, question).session
            case Quit():
                return None
            case _:
                assert_never(outcome)
