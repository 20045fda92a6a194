"""The composition root: chooses adapters, opens heavy libraries, and puts the program together.

Every import inside a function stands here: each opens one room that many a run never enters.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import cached_property, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TextIO

from chatcli.config.endpoint import Endpoint, endpoint
from chatcli.config.resolve import resolve
from chatcli.config.settings import Settings
from chatcli.config.values import Config
from chatcli.core.catalog import DEFAULT_MODEL, ENCODINGS, Catalog
from chatcli.core.kinds import Value
from chatcli.core.readings import Entry, KeyFile, Ran
from chatcli.deferred import Deferred, collect_garbage, warm
from chatcli.env import Env
from chatcli.errors import AuthError, ConfigError
from chatcli.interrupts import Interrupts
from chatcli.terminal.caps import Caps, caps, size
from chatcli.terminal.reply.background import Background
from chatcli.terminal.voice import Voice

if TYPE_CHECKING:
    from chatcli.adapters.local_model import LocalModel
    from chatcli.adapters.memory_file import WindowsFile
    from chatcli.adapters.openai_api.model import OpenAIModel
    from chatcli.adapters.weights import Weights
    from chatcli.commands.registry import World
    from chatcli.core.events import ChatModel, Emit, Tokens
    from chatcli.core.gauge import Gauge
    from chatcli.core.session import Session
    from chatcli.counter import Counter
    from chatcli.engine import Engine
    from chatcli.hands import SystemHands
    from chatcli.models import Models
    from chatcli.oneshot import OneShot
    from chatcli.repl import Repl
    from chatcli.terminal.asides import Asides
    from chatcli.terminal.plain import PlainView
    from chatcli.terminal.prompt import Prompt
    from chatcli.terminal.reply.themes import Theme
    from chatcli.terminal.reply.view import ScreenView

_DATA: Final = Path(__file__).parent / "data"


class App:
    """What one run is made of, each part opened when it is first asked for.

    ``flags`` holds the settings of the command line; ``consent`` that the embedded model's weights may be
    fetched without asking.
    """

    def __init__(self, env: Env, flags: Mapping[str, Value], *, consent: bool = False) -> None:
        self.env = env
        self.flags = flags
        self.consent = consent
        self.interrupts = Interrupts()
        color = flags.get("color") or env.environ.get("CHATCLI_COLOR", "auto")  # it may speak of the settings
        self.voice = Voice(env.stderr, colour=self._caps(color, tty=env.stderr_tty).colours is not None)
        self._screen: ScreenView | None = None
        self._lent: Callable[[], AbstractContextManager[None]] = nullcontext

    @cached_property
    def config(self) -> Config:
        """Every setting, from every place; what was left out is told."""
        config = resolve(self.env, self.flags, _read_dotenv, _read_toml)
        color = config.value("color")
        self.voice.colour = self._caps(color, tty=self.env.stderr_tty).colours is not None
        self._tell(config.notices)
        return config

    @cached_property
    def settings(self) -> Settings:
        """What holds."""
        return self.config.settings

    @cached_property
    def endpoint(self) -> Endpoint:
        """The API, and the key that may go there; a key that may not is told."""
        run = partial(_run_key_command, self.env)
        reached = endpoint(self.config, self.env, _read_key_file, run)
        self._tell(reached.notices)
        return reached

    @property
    def keyless(self) -> bool:
        """There is no server that would answer: nobody named one, and there is no key to OpenAI."""
        return self.endpoint.is_openai and self.endpoint.api_key is None

    @cached_property
    def models(self) -> "Models":
        """Every model, the API's and the embedded one; each is opened when it is first needed."""
        from chatcli.models import Models

        return Models(
            remote=Deferred(self._open_remote),
            local=Deferred(self._open_local),
            catalog=Deferred(self._open_catalog),
            tokenizers={name: Deferred(partial(_open_tokenizer, name)) for name in ENCODINGS},
            windows=Deferred(self._open_windows),
            address=lambda: self.endpoint.base_url,
        )

    @cached_property
    def gauge(self) -> "Gauge":
        """How much of the context window a session takes."""
        from chatcli.core.gauge import Gauge

        return Gauge(self.models.capacity, self.models.learn, self.models.count_prompt)

    def listing(self) -> Sequence[str]:
        """The models that can be asked, one a line: the catalog's, or with a server those that it lists."""
        from chatcli.core.listing import catalog_lines, served_lines
        from chatcli.models import today

        if self.endpoint.is_openai:
            return catalog_lines(self.models.listed(), today())
        return served_lines(self.models.served())

    def session(self, model: str | None) -> "Session":
        """A new chat."""
        from chatcli.core.session import Session

        return Session(model, self.settings.system or "", self.settings.params, self.settings.limits)

    def counter(self, model: str) -> "Counter":
        """What counts the tokens of files, as a model would."""
        from chatcli.counter import Counter

        priced = self.settings.model is not None
        return Counter(self.env, self.settings.encoding, self.models, self.session(model), priced=priced)

    def one_shot(self) -> "OneShot":
        """What answers once."""
        from chatcli.oneshot import OneShot

        view = self._view(repl=False)
        return OneShot(self.env, self.settings.encoding, self._engine(self._read_by(view), view))

    def repl(self, model: str | None) -> "Repl":
        """What carries out the messages of a chat."""
        from chatcli.commands import COMMANDS
        from chatcli.commands.registry import Registry
        from chatcli.core.desk import Desk
        from chatcli.repl import Repl

        view = self._view(repl=True)
        engine = self._engine(self._read_by(view), view)
        desk = Desk(self.session(model), self.settings.look)
        return Repl(desk, self.voice, Registry(COMMANDS, self._world()), engine, view, self._hands())

    def _world(self) -> "World":
        from chatcli.adapters.code_blocks import code_blocks
        from chatcli.commands.registry import World
        from chatcli.core.look import THEMES
        from chatcli.files import LocalFiles

        files = LocalFiles(self.env, self.settings.encoding)
        return World(self.models, self.gauge, files, code_blocks, (*THEMES, *self.config.themes))

    def _hands(self) -> "SystemHands":
        from chatcli.adapters.clipboard import copy
        from chatcli.adapters.shell import run
        from chatcli.hands import SystemHands

        return SystemHands(
            self.env,
            run=partial(run, environ=self.env.environ, cwd=self.env.cwd),
            copy=partial(copy, environ=self.env.environ, write=self._write),
            edit=self.edit,
            answer=self._answer,
            lent=lambda: self._lent(),  # noqa: PLW0108 - it changes
        )

    def _answer(self, question: str) -> str:
        """What the person answers to a question; nothing where nobody can be asked."""
        if not (self.env.stdin and self.env.stdin_tty):
            return ""
        self.env.stderr.write(question)
        self.env.stderr.flush()
        return self.env.stdin.readline().decode("utf-8", "replace")

    def prompt(self, repl: "Deferred[Repl]") -> "Prompt":
        """The keyboard. Once it has drawn its first prompt, the ``repl`` and its model are warmed."""
        from chatcli.terminal import status
        from chatcli.terminal.prompt import Prompt

        def complete(text: str) -> list[tuple[str, int, str]]:
            return [(each.text, each.length, each.help) for each in repl.get().complete(text)]

        def toolbar(typed: str) -> str:
            if (ready := repl.built) is None:
                return ""
            return status.toolbar(ready.session, self.gauge.glance(ready.session), typed)

        def get_ready() -> None:
            session = repl.get().session  # whoever asks first builds it, and the models with it
            prompt.redraw()
            self.models.warm(session)

        history = self.env.dirs.state / "history"
        drawn = partial(warm, get_ready, collect_garbage)
        ahead = self.background.typed
        prompt = Prompt(history, complete=complete, drawn=drawn, toolbar=toolbar, ahead=ahead)
        return prompt

    @property
    def watched(self) -> bool:
        """Replies are drawn on a terminal."""
        return self._screen is not None

    @contextmanager
    def at_the_terminal(self) -> Iterator[None]:
        """Meanwhile the terminal is ours, and is given back as it was, however this ends.

        What is typed while nobody reads is kept; Ctrl-C interrupts what is armed; Ctrl-Z stops the program.
        """
        from chatcli.terminal.keyboard import hushed

        with ExitStack() as stack:
            keyboard = _descriptor(self.env.stdin if self.env.stdin_tty else self.env.stdout)
            self._lent = stack.enter_context(hushed(keyboard))
            stack.enter_context(self.interrupts.handled())
            stack.enter_context(self.interrupts.stoppable(self._lent))
            stack.enter_context(self.interrupts.stoppable(self._screen_away))
            stack.callback(self._close_screen)
            yield

    @cached_property
    def weights(self) -> "Weights":
        """The embedded model's weights."""
        from chatcli.adapters.weights import Weights

        return Weights(self.env.dirs.cache)

    def download_bar(self, title: str) -> AbstractContextManager[Callable[[int, int], None]]:
        """Shows how far a download is."""
        from chatcli.terminal.progress import download_bar

        return download_bar(self.env.stderr, title, tty=self.env.stderr_tty and not self.env.dumb)

    def edit(self, path: Path) -> None:
        """Have the person edit a file. Raises OSError."""
        from chatcli.adapters.editor import edit

        environ = self.env.environ
        edit(environ.get("VISUAL") or environ.get("EDITOR") or "vi", path)

    def can_embed(self) -> bool:
        """Whether the extra that runs the embedded model is installed."""
        return find_spec("xllamacpp") is not None

    def close(self) -> None:
        """End what was started, and hang up."""
        if "models" in vars(self):
            self.models.close()

    @cached_property
    def background(self) -> Background:
        """Whether the terminal is dark or light. In a chat it is asked: there the answer is read."""
        return Background(_descriptor(self.env.stdin), self._write, self.env.environ)

    def _view(self, *, repl: bool) -> "Emit":
        """Who shows what happens: on a terminal drawn as it streams, elsewhere as it comes."""
        from chatcli.terminal.asides import Asides
        from chatcli.terminal.plain import PlainView

        asides = Asides(self.voice, repl=repl)
        plain = PlainView(self.env.stdout, self.voice, asides, watched=self.env.stdout_tty)
        if self.env.stdout_tty and not self.env.dumb:
            self._screen = self._screen_view(plain, asides, asks=repl)
            return self._screen
        return self._drawn_at_the_end(plain) if self.settings.look.render else plain

    def _screen_view(self, plain: "PlainView", asides: "Asides", *, asks: bool) -> "ScreenView":
        from chatcli.terminal.reply.view import Screen, ScreenView

        look = self.settings.look
        self._theme(look.theme, None)  # raises for one that cannot be used
        return ScreenView(
            Screen(
                self._write,
                self._size,
                self._caps(self.settings.color, tty=True),
                self.background if asks else None,
            ),
            plain,
            asides,
            look,
            theme=self._theme,
            clock=self.env.clock,
            shielded=self.interrupts.shielded,
        )

    def _drawn_at_the_end(self, plain: "PlainView") -> "Emit":
        from chatcli.terminal.reply.elements import Typesetter
        from chatcli.terminal.reply.view import DrawnAtTheEnd

        able = self._caps(self.settings.color, tty=False)
        theme = self._theme(self.settings.look.theme, None)
        width, _ = self._size()
        typesetter = Typesetter(width, theme, colours=able.colours, hyperlinks=able.hyperlinks)
        return DrawnAtTheEnd(self.env.stdout, plain, typesetter)

    def _read_by(self, view: "Emit") -> "ChatModel":
        """The model; where it is watched on a screen, read by a worker."""
        if view is not self._screen or self._screen is None:
            return self.models
        from chatcli.pump import Pumped

        return Pumped(self.models, self._screen.due)

    def _theme(self, name: str, light: bool | None) -> "Theme":
        from chatcli.terminal.reply.themes import named

        if name == "auto" and light is not None:
            name = "light" if light else "dark"
        try:
            return named(name, self.config.themes.get(name, {}))
        except ValueError as error:
            raise ConfigError(
                f"The theme {name} cannot be used: {error}.", f"It stands in {self.config.file}."
            ) from None

    def _caps(self, color: object, *, tty: bool) -> Caps:
        return caps(self.env.environ, tty=tty, dumb=self.env.dumb, color=str(color))

    def _size(self) -> tuple[int, int]:
        return size(_descriptor(self.env.stdout), self.env.environ)

    def _write(self, text: str) -> None:
        self.env.stdout.write(text)
        self.env.stdout.flush()

    def _screen_away(self) -> AbstractContextManager[None]:
        return self._screen.away() if self._screen else nullcontext()

    def _close_screen(self) -> None:
        if self._screen:
            self._screen.close()

    def _engine(self, model: "ChatModel", view: "Emit") -> "Engine":
        from chatcli.core.money import Caps
        from chatcli.engine import Engine

        settings = self.settings
        caps = Caps(settings.max_cost, settings.max_total_tokens)
        return Engine(model, self.gauge, view, self.env.clock, caps=caps, stream=settings.stream)

    def _open_remote(self) -> "OpenAIModel":
        if self.keyless:
            hint = "Set OPENAI_API_KEY, or talk to the embedded model with --model local."
            raise AuthError("There is no API key.", hint)
        model = self._speak(self.endpoint)
        model.warm()
        collect_garbage()
        return model

    def _open_local(self) -> "LocalModel":
        from chatcli.adapters.local_model import LocalModel
        from chatcli.models import LOCAL_CONTEXT

        def speak(url: str, key: str) -> "OpenAIModel":
            return self._speak(Endpoint(f"{url}/v1", key))

        return LocalModel(self.weights.path, LOCAL_CONTEXT, self.settings.threads, speak)

    def _open_catalog(self) -> Catalog:
        text = (_DATA / "models.json").read_text(encoding="utf-8")
        return Catalog.parse(text).with_(self.config.models)

    def _open_windows(self) -> "WindowsFile":
        from chatcli.adapters.memory_file import WindowsFile

        return WindowsFile(self.env.dirs.cache / "windows.json")

    def _speak(self, at: Endpoint) -> "OpenAIModel":
        from chatcli.adapters.memory_file import RefusalsFile
        from chatcli.adapters.openai_api.model import OpenAIModel

        return OpenAIModel(
            base_url=at.base_url,
            api_key=at.api_key,
            organization=at.organization,
            project=at.project,
            default_model=DEFAULT_MODEL if at.is_openai else None,
            timeout=self.settings.timeout,
            refusals=RefusalsFile(self.env.dirs.cache / "refusals.json"),
        )

    def _tell(self, notices: Sequence[str]) -> None:
        for notice in notices:
            self.voice.aside(notice)


def _descriptor(stream: BinaryIO | TextIO | None) -> int:
    """The number of the stream's file; -1 where it has none."""
    try:
        return stream.fileno() if stream else -1
    except OSError:
        return -1


def _open_tokenizer(encoding: str) -> "Tokens":
    from chatcli.adapters.tiktoken_count import TiktokenCount

    return TiktokenCount(encoding)


def _read_key_file(path: Path) -> KeyFile:
    from chatcli.adapters.key_sources import read_key_file

    return read_key_file(path)


def _run_key_command(env: Env, command: str) -> Ran:
    from chatcli.adapters.key_sources import run_key_command

    return run_key_command(command, env.environ, env.cwd)


def _read_dotenv(path: Path) -> Sequence[Entry]:
    from chatcli.adapters.dotenv_file import read_dotenv

    return read_dotenv(path)


def _read_toml(path: Path) -> Sequence[Entry]:
    from chatcli.adapters.toml_file import read_toml

    return read_toml(path)
