"""The commands, declared once: parsing, completion, help and docs/commands.md come from here."""

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol, TypeAlias

from chatcli.commands.outcomes import Ask, Outcome
from chatcli.core.archive import Archive
from chatcli.core.code import CodeBlock
from chatcli.core.desk import Desk, Staged
from chatcli.core.gauge import Gauge
from chatcli.core.kinds import Value
from chatcli.core.look import THEMES, Look
from chatcli.core.messages import Image
from chatcli.core.nearest import alike, matching, nearest
from chatcli.core.roles import Persona
from chatcli.core.session import Session
from chatcli.core.standing import Standing, given_here
from chatcli.errors import UsageError

# A word at the end: up to the last blank, or from a quote that is open or has just been closed.
_LAST_WORD: Final = re.compile(r'(?:^|\s)("[^"]*"?|[^\s"]*)\Z')
_AT_NAME: Final = re.compile(r'(?:^|\s)@("[^"]*"?|[^\s"]*)\Z')


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

    def sees(self, session: Session) -> bool | None:
        """Whether this session's model can look at pictures; None where nobody knows."""
        ...


class Files(Protocol):
    """The files that a command may read. Whatever cannot be read is a ChatcliError that says why."""

    def found(self, pattern: str, most: int) -> Sequence[str]:
        """The files that a name, a pattern or a directory stands for, but no more than ``most`` of them.

        None: there is no such file.
        """
        ...

    def is_file(self, name: str) -> bool:
        """Whether this names a file that can be read."""
        ...

    def lies_here(self, name: str) -> bool:
        """Whether a file lies in the working directory or below it, and nothing on its path is hidden."""
        ...

    def size(self, name: str) -> int:
        """How many bytes a file has."""
        ...

    def text(self, name: str) -> str:
        """What is in a file, every byte of it known to be text."""
        ...

    def staged(self, name: str) -> Staged:
        """A file as it goes along with a message: the picture or the text that it is."""
        ...

    def image(self, name: str) -> Image:
        """The picture that a file is."""
        ...

    def clipboard(self) -> Staged:
        """What is on the clipboard: a picture or a text."""
        ...

    def offers(self, typed: str) -> Sequence[str]:
        """Paths that begin like this, without those that the repository ignores."""
        ...


class Roles(Protocol):
    """The roles that a model can play. What is wrong with one is a ChatcliError that says so."""

    def names(self) -> Sequence[str]:
        """Every role's name."""
        ...

    def text(self, name: str) -> str:
        """A role's system text as it is written."""
        ...

    def role(self, name: str, given: Mapping[str, str]) -> Persona:
        """The role of this name, its variables filled in, with those that are given ahead of all others."""
        ...

    def file_for(self, role: Persona) -> tuple[str, str]:
        """Where a role is kept that a person makes, and what stands there."""
        ...


class World(NamedTuple):
    """What commands may ask: of models, the context window, files, code in replies, roles, themes.

    ``archive`` holds the chats of other times, None where nothing is kept; ``now`` tells the seconds since
    1970. ``settings`` is told what the chat has set, and says what holds, in words, and where each was given;
    ``columns`` is how wide an answer may be.
    """

    facts: Facts
    gauge: Gauge
    files: Files
    blocks: Callable[[str], Sequence[CodeBlock]]
    roles: Roles
    themes: Sequence[str] = THEMES
    archive: Archive | None = None
    now: Callable[[], float] = time.time
    settings: Callable[[Mapping[str, Value | None]], Sequence[Standing]] = given_here
    columns: Callable[[], int] = lambda: 80


class Call(NamedTuple):
    """One use of a command: its name as declared, its argument (all that follows, trimmed), the moment."""

    name: str
    argument: str
    desk: Desk
    registry: "Registry"

    @property
    def last_word(self) -> str:
        """The word with which the argument ends; one that begins with a quote may have blanks in it."""
        found = _LAST_WORD.search(self.argument)
        return found[1] if found else ""

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


class Offer(NamedTuple):
    """What could be typed in place of the last word, and what it is."""

    text: str
    help: str = ""


Offers: TypeAlias = Callable[[Call], Iterable[Offer | str]]
"""What could be typed, given the call as it has been typed so far. Whoever asks chooses what matches."""


def paths(call: Call) -> Iterable[str]:
    """The files and directories that the last word could become."""
    return map(in_quotes, call.world.files.offers(call.last_word.removeprefix('"')))


def in_quotes(path: str) -> str:
    """A path as it is typed: one with a blank in it in quotes; those of a directory stay open."""
    if " " not in path:
        return path
    return f'"{path}' if path.endswith("/") else f'"{path}"'


class Arg(NamedTuple):
    """The argument of a command, for its help (``shown``) and its completion (``offers``)."""

    shown: str
    offers: Offers = lambda _call: ()


NO_ARGUMENT = Arg("")


class Command(NamedTuple):
    """``run`` is given a ``Call`` and answers with an outcome, or raises ``UsageError``.

    ``when`` says whether it can work now; where it cannot, it is not offered.
    """

    name: str
    help: str
    run: Callable[[Call], Outcome]
    arg: Arg = NO_ARGUMENT
    aliases: tuple[str, ...] = ()
    example: str = ""
    when: Callable[[Desk], bool] = lambda _desk: True

    @property
    def usage(self) -> str:
        """How it is typed."""
        return f"/{self.name} {self.arg.shown}".strip()


class Completion(NamedTuple):
    """One thing that could stand in place of the last ``length`` characters typed, and what it is."""

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

    def run(self, line: str, desk: Desk, ask: Callable[[str], Outcome] = Ask) -> Outcome:
        """What a line means: a command's answer, or a question, of which ``ask`` makes an outcome.

        A command is a first line that begins with one slash and a word, and nothing but letters up to the
        first blank: ``/etc/hosts is wrong`` is a question, and so is what follows ``//``, less one slash.
        ``!CMD``, alone on its line, is ``/run CMD``; ``!!`` begins a question with one ``!``. Blanks before a
        command of one line make no difference: they keep it out of the history.

        Raises:
            UsageError: No such command, or it was used wrongly. Nothing of the line goes to the model.
        """
        blanks, bare = _apart(line)
        if bare.startswith(("//", "!!")):
            return ask(blanks + bare[1:])
        name, argument = _split(bare)
        if not name:
            return ask(line)
        command = self.find(name)
        if argument and command.arg is NO_ARGUMENT:
            raise UsageError(f"/{command.name} takes no argument.", f"Type {command.usage} alone.")
        return command.run(Call(command.name, argument, desk, self))

    def complete(self, text: str, desk: Desk) -> list[Completion]:
        """What could follow ``text``, which ends where the cursor stands."""
        _, text = _apart(text)
        if text.startswith("!") and not text.startswith("!!"):
            text = f"/run {text[1:]}"
        line = text[text.rfind("\n") + 1 :]
        if line != text or not line.startswith("/") or line.startswith("//"):
            return self._files(line)
        name, blank, argument = line[1:].partition(" ")
        if not blank:
            offered = (command for command in self.commands if command.when(desk))
            meant = matching(name, offered, lambda each: (each.name, *each.aliases))
            return [Completion(f"/{each.name}", len(line), each.help) for each in meant]
        command = self._by_name.get(name.lower())
        if command is None:
            return []
        call = Call(command.name, argument.lstrip(), desk, self)
        return _offered(command, call) or self._files(line)

    def _files(self, line: str) -> list[Completion]:
        """The files that may be meant where a line ends in ``@`` and the beginning of a name."""
        found = _AT_NAME.search(line)
        if found is None:
            return []
        offers = self.world.files.offers(found[1].removeprefix('"'))
        return [Completion(f"@{in_quotes(each)}", len(found[1]) + 1) for each in offers]


def as_typed(question: str) -> str:
    """A question as somebody types it who does not mean a command."""
    blanks, bare = _apart(question)
    return f"{blanks}{bare[0]}{bare}" if bare.startswith(("/", "!")) else question


def markdown(commands: Iterable[Command]) -> str:
    """The table of docs/commands.md."""
    rows = ["| command | also | what it does | example |", "|---|---|---|---|"]
    for command in commands:
        also = " ".join(f"`/{alias}`" for alias in command.aliases)
        usage, example = (text.replace("|", "\\|") for text in (command.usage, command.example))
        rows.append(f"| `{usage}` | {also} | {command.help} | `{example}` |")
    return "\n".join(rows)


def _offered(command: Command, call: Call) -> list[Completion]:
    word = call.last_word
    offers = [Offer(each) if isinstance(each, str) else each for each in command.arg.offers(call)]
    begun = word.strip('"')
    meant = matching(begun, offers, lambda each: (_bare(each),)) or alike(begun, offers, _bare)
    return [Completion(text, len(word), help_) for text, help_ in meant]


def _bare(offer: Offer) -> str:
    return offer.text.strip('"')


def _apart(line: str) -> tuple[str, str]:
    """The blanks that a line begins with, and the rest. Those of several lines are a part of the text."""
    bare = line if "\n" in line else line.lstrip()
    return line[: len(line) - len(bare)], bare


def _split(line: str) -> tuple[str, str]:
    """The name and argument of a command line; no name if it is not one."""
    if line.startswith("!") and "\n" not in line:  # a pasted text may begin with an image: ![so](here)
        return "run", line[1:].strip()
    found = re.match(r"/(\S+)(.*)", line, re.DOTALL)
    if found and found[1].replace("_", "").isalpha():
        return found[1], found[2].strip()
    return "", ""
