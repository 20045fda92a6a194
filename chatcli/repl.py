"""The REPL: a message, what it means, and what comes of it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol, assert_never

from chatcli.commands.files import described
from chatcli.commands.outcomes import (
    Arrange,
    Ask,
    Become,
    Compact,
    Confirm,
    Copy,
    Draft,
    Edit,
    Entitle,
    Outcome,
    Perform,
    Quit,
    Run,
    Say,
    Several,
    Show,
    Write,
)
from chatcli.commands.registry import Completion, Registry, as_typed
from chatcli.core.attach import mentioned, message
from chatcli.core.desk import Desk, Staged
from chatcli.core.events import Emit, Restyled, Shown
from chatcli.core.messages import Finish, Message
from chatcli.core.session import Session
from chatcli.engine import Engine
from chatcli.errors import ChatcliError, ContextError, Rejected, TooLong, UsageError
from chatcli.scribe import Scribe

_NO_DRAFT: Final = Draft("")
_DEEPEST: Final = 8  # files that load files


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

    def write(self, path: str, text: str, *, new_folder: bool = False, private: bool = False) -> str:
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

    def agreed(self, question: str, *, needed: bool = False) -> bool:
        """Whether the person says yes; where nobody can be asked, no, or if it is ``needed`` an error."""
        ...


class Repl:
    """Carries out one message after the other.

    ``desk`` is the chat as it now stands, with what lies around it; ``interrupted`` says that the person
    stopped the last reply. ``emit`` is the view of the engine: it shows again what it has shown. ``scribe``
    keeps what changes between two questions.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - whom it speaks to, and for
        self,
        desk: Desk,
        voice: Speaker,
        registry: Registry,
        engine: Engine,
        emit: Emit,
        hands: Hands,
        scribe: Scribe | None = None,
    ) -> None:
        self.desk = desk
        self.interrupted = False
        self._draft = _NO_DRAFT
        self._voice = voice
        self._registry = registry
        self._engine = engine
        self._emit = emit
        self._hands = hands
        self._scribe = scribe or Scribe()
        self._performing = 0  # files within files
        self._warned = ""  # of what it was said that it is not kept

    @property
    def session(self) -> Session:
        """The chat as it now stands."""
        return self.desk.session

    @property
    def draft(self) -> str:
        """What the next prompt begins with: a question that was too large, or what is to be edited."""
        return self._draft.text

    def step(self, line: str) -> bool:
        """Do what a message means; False when it means to leave."""
        drafted, self._draft = self._draft, _NO_DRAFT
        self.interrupted = False
        if not line.strip():
            return True
        try:
            return self._carry_out(self._registry.run(line, self.desk, drafted.then))
        except ChatcliError as error:
            self._voice.error(error)
            return True

    def unkept(self) -> str:
        """Which turns are not kept, in words, after one more try for every chat of this run."""
        last = self._scribe.catch_up(self.session)
        unkept = [f"the last {last} turns" if last > 1 else "the last turn"] if last else []
        for closed in self.desk.shelf:
            if last := self._scribe.catch_up(closed):
                turns = f"{last} turns" if last > 1 else "a turn"
                unkept.append(f"{turns} of {closed.heading}")
        return ", ".join(unkept)

    def leaves(self) -> bool:
        """Whether the person may go: everything is kept, or they know what is not, and how to keep it."""
        unkept = self.unkept()
        if unkept in {"", self._warned}:
            return True
        self._warned = unkept
        self._voice.aside(f"not kept: {unkept}. /export writes the chat to a file; Ctrl-D again leaves it.")
        return False

    def complete(self, text: str) -> list[Completion]:
        """What could follow ``text``, which ends where the cursor stands."""
        return self._registry.complete(text, self.desk)

    def _carry_out(self, outcome: Outcome) -> bool:  # noqa: C901, PLR0912 - one case for each
        """Do it; False to leave."""
        match outcome:
            case Say(text):
                self._voice.say(text)
            case Become(session, text):
                self._go_on(session)
                self._scribe.moved(session)
                self._voice.aside(text)
            case Arrange(desk, text):
                self._arrange(desk)
                self._voice.aside(text)
            case Ask():
                self._ask(outcome)
            case Compact(keep):
                self._compact(keep)
            case Entitle():
                self._entitle()
            case Show(text, rendered, finish):
                self._emit(Shown(text, rendered, finish))
            case Write(path, text, new_folder, private):
                self._voice.aside(self._hands.write(path, text, new_folder=new_folder, private=private))
            case Run():
                self._run(outcome)
            case Copy(text, what):
                self._voice.aside(f"{what} copied {self._hands.copy(text)}")
            case Edit(text, suffix, then):
                return self._edited(then(self._hands.edit(text, suffix)))
            case Confirm(question, then, otherwise):
                if self._hands.agreed(question, needed=True):
                    return self._carry_out(then)
                self._voice.aside(otherwise)
            case Draft():
                self._draft = outcome
            case Perform(lines):
                return self._perform(lines)
            case Several(outcomes):
                return all(self._carry_out(each) for each in outcomes)
            case Quit():
                return False
            case _:
                assert_never(outcome)
        return True

    def _edited(self, outcome: Outcome) -> bool:
        """Do what comes of an edited text; a message is shown first, as it would stand at the prompt."""
        if isinstance(outcome, Ask) and isinstance(outcome.question, str):
            first, _, rest = outcome.question.partition("\n")
            self._voice.aside(f"> {first}{' …' if rest else ''}")
        return self._carry_out(outcome)

    def _go_on(self, session: Session) -> None:
        self.desk = replace(self.desk, session=session)

    def _arrange(self, desk: Desk) -> None:
        if desk.look != self.desk.look:
            self._emit(Restyled(desk.look))  # first: a view that cannot look like this says so
        before, self.desk = self.desk.session, desk
        session = desk.session
        # Taking up another chat does not change it, nor does knowing more of its branches.
        if session.id == before.id and session != replace(before, branches=session.branches):
            self._scribe.moved(session)

    def _ask(self, asked: Ask) -> None:
        turn = self._engine.turn(asked.within or self.session, self._whole(asked))
        self.interrupted = turn.reply.finish is Finish.INTERRUPTED
        answered, own = bool(turn.reply.text), self.session
        kept = turn.session if answered or asked.within is None else replace(own, spent=turn.session.spent)
        self._go_on(replace(kept, model=own.model, params=own.params))
        if asked.within is not None:
            self._scribe.moved(self.session)
        if answered and isinstance(asked.question, str):
            self.desk = replace(self.desk, staged=())
        if isinstance(turn.error, Rejected | ContextError | TooLong) and self.desk.staged:
            self._voice.aside(_still(self.desk.staged))
        lost = "" if answered or isinstance(asked.question, Message) else asked.question
        self.desk = replace(self.desk, unanswered=lost)
        if lost and isinstance(turn.error, ContextError):
            self._draft = Draft(as_typed(lost))
        if asked.otherwise and not answered:
            self._draft = asked.otherwise

    def _whole(self, asked: Ask) -> Message:
        """The question with what is staged, and with the files that it names."""
        if isinstance(asked.question, Message):
            return asked.question
        files = self._registry.world.files
        try:
            named = [files.staged(name) for name in self._named(asked.question)]
        except (ChatcliError, KeyboardInterrupt):
            self._draft = asked.otherwise or Draft(as_typed(asked.question))
            raise
        along = (*self.desk.staged, *named)
        if along:
            world, session = self._registry.world, asked.within or self.session
            self._voice.aside(f"with {described(world, session, along)}")
        return message(asked.question, along)

    def _named(self, question: str) -> list[str]:
        """The files that go along because a question names them.

        Who pastes a text has not always read it: what lies elsewhere, or is hidden, goes if that is agreed.
        """
        files = self._registry.world.files
        names = mentioned(question, files.is_file)
        elsewhere = [name for name in names if not files.lies_here(name)]
        if not elsewhere or self._hands.agreed(f"Send {', '.join(elsewhere)} along?"):
            return names
        self._voice.aside(f"not sent along: {', '.join(elsewhere)}")
        return [name for name in names if name not in elsewhere]

    def _run(self, asked: Run) -> None:
        command = asked.command
        printed = self._hands.run(command, asked.given)
        if asked.attach and printed.strip() and self._hands.agreed("Send that along with the next message?"):
            staged = (*self.desk.staged, Staged(f"$ {command}", printed))
            self._arrange(replace(self.desk, staged=staged))
            self._voice.aside(f"staged $ {command}")

    def _perform(self, lines: Sequence[str]) -> bool:
        """Carry out each line; False to leave. Ctrl-C in a reply ends all of it."""
        if self._performing == _DEEPEST:
            raise UsageError("Files that load each other have no end.", "/load a file that loads none.")
        self._performing += 1
        try:
            for line in lines:
                self._voice.aside(f"> {line}")
                if not self.step(line):
                    return False
                if self.interrupted:
                    break
        finally:
            self._performing -= 1
        return True

    def _compact(self, keep: str) -> None:
        self._go_on(self._engine.compact(self.session, keep))
        self._scribe.moved(self.session)
        if summary := self.session.summary:
            self._voice.say(summary.text)

    def _entitle(self) -> None:
        self._go_on(self._engine.entitle(self.session))
        self._scribe.moved(self.session)
        self._voice.aside(f"title → {self.session.title}")


def _still(staged: Sequence[Staged]) -> str:
    """What goes along with the next message too, and how not to send it."""
    if len(staged) == 1:
        return f"still staged: {staged[0].name}; /file -1 takes it away"
    return f"still staged: {', '.join(each.name for each in staged)}; /file -N takes one away"
