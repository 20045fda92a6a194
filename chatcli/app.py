"""The composition root: chooses adapters, opens heavy libraries, and puts the program together.

Every import inside a function stands here: each opens one room that many a run never enters.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chatcli.commands import COMMANDS
from chatcli.commands.registry import Registry
from chatcli.config.endpoint import Endpoint, endpoint
from chatcli.config.resolve import resolve
from chatcli.config.settings import Settings
from chatcli.config.values import Config
from chatcli.core.catalog import DEFAULT_MODEL, ENCODINGS, Catalog
from chatcli.core.events import ChatModel, Tokens
from chatcli.core.kinds import Value
from chatcli.core.readings import Entry
from chatcli.core.session import Session
from chatcli.deferred import Deferred, collect_garbage, warm
from chatcli.engine import Engine
from chatcli.env import Env
from chatcli.errors import AuthError
from chatcli.models import LOCAL_CONTEXT, Models
from chatcli.pump import Pumped
from chatcli.repl import Repl
from chatcli.terminal.plain import PlainView, Voice

if TYPE_CHECKING:
    from chatcli.adapters.local_model import LocalModel
    from chatcli.adapters.openai_model import OpenAIModel
    from chatcli.adapters.weights import Weights

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
        colour = env.stderr_tty and not env.dumb and not env.environ.get("NO_COLOR")
        self.voice = Voice(env.stderr, colour=colour)

    @cached_property
    def config(self) -> Config:
        """Every setting, from every place; what was left out is told."""
        config = resolve(self.env, self.flags, _read_dotenv, _read_toml)
        self._tell(config.notices)
        return config

    @cached_property
    def settings(self) -> Settings:
        """What holds."""
        return self.config.settings

    @cached_property
    def endpoint(self) -> Endpoint:
        """The API, and the key that may go there; a key that may not is told."""
        from chatcli.adapters.key_sources import read_key_file, run_key_command

        run = partial(run_key_command, environ=self.env.environ, folder=self.env.cwd)
        reached = endpoint(self.config, self.env, read_key_file, run)
        self._tell(reached.notices)
        return reached

    @property
    def keyless(self) -> bool:
        """There is no server that would answer: nobody named one, and there is no key to OpenAI."""
        return self.endpoint.is_openai and self.endpoint.api_key is None

    @cached_property
    def models(self) -> Models:
        """Every model, the API's and the embedded one."""
        return Models(
            remote=Deferred(self._open_remote),
            local=Deferred(self._open_local),
            catalog=Deferred(_open_catalog),
            tokenizers={name: Deferred(partial(_open_tokenizer, name)) for name in ENCODINGS},
            address=lambda: self.endpoint.base_url,
        )

    def hushed_keyboard(self) -> AbstractContextManager[None]:
        """Keeps what is typed while a reply comes for the next prompt."""
        from chatcli.terminal.keyboard import hushed

        return hushed(self.env.stdin.fileno()) if self.env.stdin else nullcontext()

    def engine(self, *, pumped: bool) -> Engine:
        """What takes turns; ``pumped`` leaves the main thread free for the keyboard."""
        model: ChatModel = Pumped(self.models) if pumped else self.models
        view = PlainView(self.env.stdout, self.voice, watched=self.env.stdout_tty)
        return Engine(model, self.models.capacity, view, self.env.clock, stream=self.settings.stream)

    def repl(self, session: Session) -> Repl:
        """Keyboard, commands and engine; what the session needs is warmed once a prompt is drawn."""
        from chatcli.terminal.prompt import Prompt

        registry = Registry(COMMANDS, self.models)
        prompt = Prompt(
            self.env.dirs.state / "history",
            lambda text: [(each.text, each.length, each.help) for each in registry.complete(text)],
            drawn=lambda: warm(partial(self.models.warm, session), collect_garbage),
        )
        return Repl(prompt.read, self.voice, registry, self.engine(pumped=True))

    @cached_property
    def weights(self) -> "Weights":
        """The embedded model's weights."""
        from chatcli.adapters.weights import Weights

        return Weights(self.env.dirs.cache)

    def download_bar(self, title: str) -> AbstractContextManager[Callable[[int, int], None]]:
        """Shows how far a download is."""
        from chatcli.terminal.progress import download_bar

        return download_bar(self.env.stderr, title, tty=self.env.stderr_tty and not self.env.dumb)

    def can_embed(self) -> bool:
        """Whether the extra that runs the embedded model is installed."""
        return find_spec("xllamacpp") is not None

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

        def speak(url: str, key: str) -> ChatModel:
            return self._speak(Endpoint(f"{url}/v1", key))

        return LocalModel(self.weights.path, LOCAL_CONTEXT, self.settings.threads, speak)

    def _speak(self, at: Endpoint) -> "OpenAIModel":
        from chatcli.adapters.openai_model import OpenAIModel
        from chatcli.adapters.refusals_file import RefusalsFile

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


def _open_catalog() -> Catalog:
    return Catalog.parse((_DATA / "models.json").read_text(encoding="utf-8"))


def _open_tokenizer(encoding: str) -> Tokens:
    from chatcli.adapters.tiktoken_count import TiktokenCount

    return TiktokenCount(encoding)


def _read_dotenv(path: Path) -> Sequence[Entry]:
    from chatcli.adapters.dotenv_file import read_dotenv

    return read_dotenv(path)


def _read_toml(path: Path) -> Sequence[Entry]:
    from chatcli.adapters.toml_file import read_toml

    return read_toml(path)
