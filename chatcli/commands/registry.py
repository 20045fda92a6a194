"""The commands, declared once: parsing, completion, help and docs/commands.md come from here."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from chatcli.commands.outcomes import Ask, Outcome
from chatcli.core.code import CodeBlock
from chatcli.core.desk import Desk
from chatcli.core.gauge import Gauge
from chatcli.core.look import THEMES, Look
from chatcli.core.messages import Image
from chatcli.core.nearest import nearest
from chatcli.core.session import Session
from chatcli.errors import UsageError


class Facts(Protocol):
    """What a command may want to know of the world; asked only when it is needed."""

    def names(self) -> Sequence[str]:
        """Models that can be named, likeliest first."""
        ...

    def where(self, session: Session) -> str:
        """The address of this session's model."""
        ...

    def advice(self, model: str) -> str | None:
        """What somebody who asks for this model should know: when it is shut down, and what then."""
        ...

    def window(self, session: Session) -> int:
        """The context window in tokens."""
        ...

    def count(self, session: Session, text: str) -> int:
        """Tokens of a text for this session's model."""
        ...

    def exact(self, session: Session) -> bool:
        """Whether counts are the model's own, not another tokenizer's estimate."""
        ...


class Files(Protocol):
    """The files that a command may read. Whatever cannot be read is a UsageError that says why."""

    def found(self, pattern: str) -> Sequence[str]:
        """The files that a name, a pattern or a directory stands for; none: there is no such file."""
        ...

    def text(self, name: str) -> str:
        """What is in a file, every byte of it known to be text."""
        ...

    def image(self, name: str) -> Image:
        """The picture that a file is."""
        ...

    def offers(self, typed: str) -> Sequence[str]:
        """Paths that begin like this, without those that the repository ignores."""
        ...


class World(NamedTuple):
    """What commands may ask: of models, of the context window, of files, of code in replies, of themes."""

    facts: Facts
    gauge: Gauge
    files: Files
    blocks: Callable[[str], Sequence[CodeBlock]]
    themes: Sequence[str] = THEMES


class Call(NamedTuple):
    """One use of a command: its name as declared, its argument (all that follows, trimmed), the moment."""

    name: str
    argument: str
    desk: Desk
    registry: "Registry"

    @property
    def session(self) -> Session:
        """The open chat."""
        return self.desk.session

    @property
    def look(self) -> Look:
        """How things look."""
        return self.desk.look

    @property
    def world(self) -> World:
        """What can be asked."""
        return self.registry.world

    @property
    def facts(self) -> Facts:
        """What is known of models."""
        return self.registry.world.facts


Offers: TypeAlias = Callable[["Registry", str], Iterable[str]]
"""What could be typed, given what has been typed of the argument so far."""


class Arg(NamedTuple):
    """The argument of a command, for its help (``shown``) and its completion (``offers``)."""

    shown: str
    offers: Offers = lambda _registry, _typed: ()


NO_ARGUMENT = Arg("")


class Command(NamedTuple):
    """``run`` is given a ``Call`` and answers with an outcome, or raises ``UsageError``."""

    name: str
    help: str
    run: Callable[[Call], Outcome]
    arg: Arg = NO_ARGUMENT
    aliases: tuple[str, ...] = ()
    example: str = ""

    @property
    def usage(self) -> str:
        """How it is typed."""
        return f"/{self.name} {self.arg.shown}".strip()


class Completion(NamedTuple):
    """One thing that could stand in place of the last ``length`` characters typed."""

    text: str
    length: int
    help: str = ""


class Registry:
    """All the commands, and the world that they may ask."""

    def __init__(self, commands: Iterable[Command], world: World) -> None:
        self.commands = tuple(commands)
        self.world = world
        self._by_name = {
            name: command for command in self.commands for name in (command.name, *command.aliases)
        }

    def find(self, name: str) -> Command:
        """The command of this name or alias.

        Raises:
            UsageError: There is none; the hint offers the nearest.
        """
        command = self._by_name.get(name.lower())
        if command is None:
            near = nearest(name.lower(), self._by_name)
            hint = f"Did you mean /{near}? " if near else ""
            raise UsageError(
                f"There is no command /{name}.",
                f"{hint}/help lists them all; //{name} sends the line to the model.",
            )
        return command

    def run(self, line: str, desk: Desk) -> Outcome:
        """What a line means: a command's answer, or a question.

        A command is a first line that begins with one slash and a word, and nothing but letters up to the
        first blank: ``/etc/hosts is wrong`` is a question, and so is what follows ``//``, less one slash.

        Raises:
            UsageError: No such command, or it was used wrongly. Nothing of the line goes to the model.
        """
        if line.startswith("//"):
            return Ask(line[1:])
        name, argument = _split(line)
        if not name:
            return Ask(line)
        command = self.find(name)
        if argument and command.arg is NO_ARGUMENT:
            raise UsageError(f"/{command.name} takes no argument.", f"Type {command.usage} alone.")
        return command.run(Call(command.name, argument, desk, self))

    def complete(self, text: str) -> list[Completion]:
        """What could follow ``text``, which ends where the cursor stands."""
        if not text.startswith("/") or text.startswith("//") or "\n" in text:
            return []
        name, blank, argument = text[1:].partition(" ")
        if not blank:
            return [
                Completion(f"/{command.name}", len(text), command.help)
                for command in self.commands
                if any(each.startswith(name.lower()) for each in (command.name, *command.aliases))
            ]
        command = self._by_name.get(name.lower())
        if command is None:
            return []
        typed = argument.lstrip()
        return [
            Completion(offer, len(typed.rpartition(" ")[2]))
            for offer in command.arg.offers(self, typed)
            if offer.startswith(typed.rpartition(" ")[2])
        ]

    def help(self) -> str:
        """One line for each command."""
        width = max(len(command.usage) for command in self.commands)
        return "\n".join(f"  {command.usage:<{width}}  {command.help}" for command in self.commands)


def markdown(commands: Iterable[Command]) -> str:
    """The table of docs/commands.md."""
    rows = ["| command | also | what it does | example |", "|---|---|---|---|"]
    for command in commands:
        also = " ".join(f"`/{alias}`" for alias in command.aliases)
        example = f"`{command.example}`" if command.example else ""
        usage = command.usage.replace("|", "\\|")
        rows.append(f"| `{usage}` | {also} | {command.help} | {example} |")
    return "\n".join(rows)


def _split(line: str) -> tuple[str, str]:
    """The name and argument of a command line; no name if it is not one."""
    if not line.startswith("/"):
        return "", ""
    word, _, argument = line[1:].replace("\n", " \n", 1).partition(" ")
    return (word, argument.strip()) if word.replace("_", "").isalpha() else ("", "")
