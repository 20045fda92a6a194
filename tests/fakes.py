"""Small honest stand-ins for what lies outside: a model with a script, a clock that waits for nobody."""

from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatch

from chatcli.core.budget import Capacity, Weights
from chatcli.core.desk import Staged
from chatcli.core.events import Chunk, Request, TextDelta
from chatcli.core.gauge import Gauge
from chatcli.core.messages import Finish, Image
from chatcli.core.roles import Persona, filled
from chatcli.errors import ConfigError, UsageError


class ScriptedModel:
    """A reply is a list: a str is a piece of text, an exception is raised, a call made, the rest are chunks.

    A reply that names no finish ends with STOP, unless it ends in ``...``.
    """

    def __init__(self, *replies: Sequence[object]) -> None:
        self._replies = list(replies)
        self.requests: list[Request] = []
        self.hung_up = 0

    def stream(self, request: Request) -> Iterator[Chunk]:
        self.requests.append(request)
        return self._play(self._replies.pop(0))

    def _play(self, script: Sequence[object]) -> Iterator[Chunk]:
        try:
            for step in script:
                match step:
                    case str():
                        yield TextDelta(step)
                    case BaseException():
                        raise step
                    case _ if step is ...:
                        return
                    case _ if callable(step):
                        step()
                    case _:
                        yield step
            if not any(isinstance(step, Finish) for step in script):
                yield Finish.STOP
        except GeneratorExit:
            self.hung_up += 1
            raise


class FakeClock:
    """Every look takes a second; sleeping takes no time and is written down."""

    def __init__(self, sleep: Callable[[float], None] = lambda _: None) -> None:
        self.slept: list[float] = []
        self._now = 0.0
        self._sleep = sleep

    def now(self) -> float:
        self._now += 1
        return self._now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._sleep(seconds)


def words(text: str) -> int:
    """A tokenizer for people: a word is a token."""
    return len(text.split())


def holding(window: int, *, exact: bool = True) -> Gauge:
    """The gauge of a model with this window, counting words; perhaps they are only estimates."""
    capacity = Capacity(window, Weights(words), exact)
    return Gauge(lambda _session: capacity, learn=lambda _session, _window: None)


class Files:
    """Files that are nowhere but here, by their names: a str is a text, an Image a picture."""

    def __init__(self, files: dict[str, object]) -> None:
        self._files = files

    def found(self, pattern: str, most: int) -> list[str]:
        meant = (name for name in self._files if fnmatch(name, pattern) or name.startswith(f"{pattern}/"))
        return list(meant)[:most]

    def is_file(self, name: str) -> bool:
        return name in self._files

    def lies_here(self, name: str) -> bool:
        return not name.startswith((".", "/", "~"))

    def size(self, name: str) -> int:
        return len(self._files[name])

    def staged(self, name: str) -> Staged:
        image = self._files.get(name)
        return Staged(name, image=image) if isinstance(image, Image) else Staged(name, self.text(name))

    def clipboard(self) -> Staged:
        return self.staged("clipboard")

    def text(self, name: str) -> str:
        if isinstance(text := self._files.get(name), str):
            return text
        raise UsageError(f"{name} cannot be read: No such file.")

    def image(self, name: str) -> Image:
        if isinstance(image := self._files.get(name), Image):
            return image
        raise UsageError(f"{name} is no picture.")

    def offers(self, typed: str) -> list[str]:
        return [name for name in self._files if name.startswith(typed)]


class Roles:
    """Roles that are nowhere but here; their texts may hold variables, and ``date`` is known."""

    def __init__(self, *roles: Persona) -> None:
        self._roles = {role.name: role for role in roles}

    def names(self) -> list[str]:
        return list(self._roles)

    def text(self, name: str) -> str:
        return self._roles[name].system

    def role(self, name: str, given: dict[str, str]) -> Persona:
        role = self._roles[name]
        try:
            return role._replace(system=filled(role.system, {"date": "2026-11-20", **given}))
        except KeyError as error:
            raise ConfigError(f"Nobody knows {error}.") from error

    def file_for(self, role: Persona) -> tuple[str, str]:
        return f"roles/{role.name}.md", f"{role}"


class Hands:
    """Hands that note what they did; ``edited`` is what a person makes of a text."""

    def __init__(self, *, agrees: bool = True, prints: str = "", edited: str = "") -> None:
        self.done: list[tuple[str, ...]] = []
        self._agrees = agrees
        self._prints = prints
        self._edited = edited

    def write(self, path: str, text: str, *, new_folder: bool = False, private: bool = False) -> str:
        self.done.append(("write", path, text))
        return f"wrote {path}"

    def run(self, command: str, given: str | None) -> str:
        self.done.append(("run", command, given or ""))
        return self._prints

    def copy(self, text: str) -> str:
        self.done.append(("copy", text))
        return "by hand"

    def edit(self, text: str, suffix: str) -> str:
        self.done.append(("edit", text, suffix))
        return self._edited

    def agreed(self, question: str, *, needed: bool = False) -> bool:
        self.done.append(("ask", question))
        return self._agrees
