"""The composition root: chooses adapters, opens heavy libraries, and puts the program together.

Every import inside a function stands here: each opens one room that many a run never enters.
"""

import importlib.util
import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chatcli import __version__, oneshot
from chatcli.commands import COMMANDS
from chatcli.commands.registry import Registry
from chatcli.config import Config, Layer, Settings, config_file, resolve
from chatcli.config_text import show, template
from chatcli.core.attach import Attachment, decode
from chatcli.core.catalog import DEFAULT_MODEL, Catalog
from chatcli.core.events import ChatModel, Tokens
from chatcli.core.kinds import Value
from chatcli.core.readings import Entry
from chatcli.core.session import Session
from chatcli.deferred import Deferred, collect_garbage, warm
from chatcli.endpoint import Endpoint, endpoint
from chatcli.engine import Engine
from chatcli.env import Env
from chatcli.errors import AuthError, ConfigError, Unavailable, UsageError
from chatcli.models import LOCAL, LOCAL_CONTEXT, TOY, Models, is_local
from chatcli.pump import Pumped
from chatcli.repl import Repl
from chatcli.terminal.plain import PlainView, Voice

if TYPE_CHECKING:
    from chatcli.adapters.local_model import LocalModel
    from chatcli.adapters.openai_model import OpenAIModel

_DATA: Final = Path(__file__).parent / "data"
_NO_KEY: Final = "There is no API key."
_NO_KEY_HINT: Final = "Set OPENAI_API_KEY, or talk to the embedded model with --model local."
_NO_WEIGHTS: Final = "The embedded model's weights are not here."
_PULL_HINT: Final = "Fetch them (98 MB): chatcli local pull"


class App:
    """One run of the program in one world.

    ``flags`` holds the settings of the command line; ``consent`` that the embedded model's weights may be
    fetched without asking.
    """

    def __init__(self, env: Env, flags: Mapping[str, Value], *, consent: bool = False) -> None:
        self._env = env
        self._flags = flags
        self._consent = consent
        colour = env.stderr_tty and not env.dumb and not env.environ.get("NO_COLOR")
        self.voice = Voice(env.stderr, colour=colour)

    def chat(self) -> int:
        """The REPL, until its person leaves; returns the exit code."""
        with closing(self._models) as models:
            session = self._session()
            registry = Registry(COMMANDS, models)
            engine = self._engine(Pumped(models))
            read = self._keyboard(registry, session)
            self.voice.aside(f"chatcli {__version__} · {models.described(session)} · /help · Ctrl-D leaves")
            Repl(read, self.voice, registry, engine).run(session)
        return oneshot.OK

    def ask(self, question: str, files: Sequence[str]) -> int:
        """One question, with what is in files and on standard input; returns the exit code."""
        message = self._message(question, files)
        with closing(self._models) as models:
            return oneshot.answer(self._engine(models), self._session(), message)

    def pull_weights(self) -> int:
        """Fetch the embedded model's weights, unless they are here and sound."""
        self._pull()
        return oneshot.OK

    def show_weights(self) -> int:
        """Print where the embedded model's weights are."""
        if not _fetched(self._env):
            raise Unavailable(_NO_WEIGHTS, _PULL_HINT)
        self._env.stdout.write(f"{_weights(self._env)}\n")
        return oneshot.OK

    def remove_weights(self) -> int:
        """Remove the embedded model's weights."""
        from chatcli.adapters.weights import remove

        removed = remove(self._env.dirs.cache)
        self.voice.aside(f"removed {_weights(self._env)}" if removed else "there were no weights to remove")
        return oneshot.OK

    def show_config(self) -> int:
        """Print every setting, its value and where it came from."""
        self._env.stdout.write(show(self._config))
        self._tell(self._config.notices)
        return oneshot.OK

    def show_config_path(self) -> int:
        """Print where the config file is, or would be."""
        self._env.stdout.write(f"{config_file(self._env, self._flags)}\n")
        return oneshot.OK

    def edit_config(self) -> int:
        """Open the config file in the person's editor, and check what came of it."""
        path = config_file(self._env, self._flags)
        editor = self._env.environ.get("VISUAL") or self._env.environ.get("EDITOR") or "vi"
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                path.write_text(template(), encoding="utf-8")
            subprocess.run([*shlex.split(editor), str(path)], check=True)
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            raise ConfigError(
                f"{path} could not be edited: {error}.", "Set EDITOR to your editor."
            ) from error
        self._tell(self._config.notices)
        return oneshot.OK

    # What the runs above are made of.

    @cached_property
    def _config(self) -> Config:
        return resolve(self._env, self._flags, _read_dotenv, _read_toml)

    @cached_property
    def _settings(self) -> Settings:
        return self._config.settings

    @cached_property
    def _endpoint(self) -> Endpoint:
        from chatcli.adapters.key_sources import read_key_file, run_key_command

        reached = endpoint(
            self._config,
            self._env,
            read_key_file,
            lambda command: run_key_command(command, self._env.environ, self._env.cwd),
        )
        self._tell((*self._config.notices, *reached.notices))
        return reached

    @cached_property
    def _models(self) -> Models:
        return _openers(self._env, self._settings, lambda: self._endpoint)

    def _engine(self, model: ChatModel) -> Engine:
        view = PlainView(self._env.stdout, self.voice, watched=self._env.stdout_tty)
        return Engine(model, self._models.capacity, view, self._env.clock, stream=self._settings.stream)

    def _session(self) -> Session:
        """A new chat, with a model that can answer."""
        settings = self._settings
        return Session(self._model(), settings.system or "", settings.params, settings.context)

    def _model(self) -> str | None:
        """The model that was asked for, or the default one of wherever there is a key or a server."""
        model = self._settings.model
        if model is not None and is_local(model):
            if model != LOCAL and self._config.origin("model").layer is Layer.PROJECT:
                origin = self._config.origin("model")
                raise ConfigError(
                    f"{origin.named} names a file to run, which a .env must not.", "Use --model."
                )
            if model == LOCAL:
                self._need_weights(chosen=True)
            return model
        keyless = self._endpoint.is_openai and self._endpoint.api_key is None
        if keyless and model is not None:
            raise AuthError(_NO_KEY, _NO_KEY_HINT)
        if keyless:
            self._need_weights(chosen=False)
            return LOCAL
        return model or (DEFAULT_MODEL if self._endpoint.is_openai else None)

    def _need_weights(self, *, chosen: bool) -> None:
        """Have the embedded model's weights; ``chosen`` says that somebody asked for that model by name."""
        if importlib.util.find_spec("xllamacpp") is None:
            if not chosen:
                raise AuthError(_NO_KEY, "Set OPENAI_API_KEY, or name a server with --base-url.")
            raise Unavailable("The embedded model is not installed.", "pip install 'chatcli[local]'")
        if _fetched(self._env):
            return
        if not chosen:
            self.voice.aside("There is no API key and no server, so this is the embedded model:")
        self.voice.aside(f"{TOY} (135M parameters); 98 MB, fetched once into {_weights(self._env).parent}")
        if not self._consent and not self._agreed():
            if chosen:
                raise Unavailable(_NO_WEIGHTS, _PULL_HINT)
            hint = "Set OPENAI_API_KEY, name a server with --base-url, or run: chatcli local pull"
            raise Unavailable("There is no API key, no server and no embedded model.", hint)
        self._pull()

    def _agreed(self) -> bool:
        if not (self._env.stdin_tty and self._env.stderr_tty and self._env.stdin):
            return False
        self._env.stderr.write("Fetch it now? [Y/n] ")
        self._env.stderr.flush()
        answer = self._env.stdin.readline().decode("utf-8", "replace")
        return answer.strip().lower() in {"", "y", "yes"} and answer.endswith("\n")

    def _pull(self) -> None:
        from chatcli.adapters.weights import pull
        from chatcli.terminal.progress import download_bar

        with download_bar(self._env.stderr, "SmolLM2-135M-Instruct", tty=self._env.stderr_tty) as progress:
            path = pull(self._env.dirs.cache, progress)
        self.voice.aside(f"the weights are at {path}")

    def _keyboard(self, registry: Registry, session: Session) -> Callable[[], str]:
        from chatcli.terminal.prompt import Prompt

        prompt = Prompt(
            self._env.dirs.state / "history",
            lambda text: [(each.text, each.length, each.help) for each in registry.complete(text)],
            drawn=lambda: warm(lambda: self._models.warm(session), collect_garbage),
        )
        return prompt.read

    def _message(self, question: str, files: Sequence[str]) -> str:
        attachments = [Attachment(name, self._text(name, self._bytes(name))) for name in files]
        free = self._env.stdin is not None and not self._env.stdin_tty and "-" not in files
        piped = self._text("stdin", self._bytes("-")) if free else None
        asked = self._text("the question", question.encode("utf-8", "surrogateescape"), "utf-8")
        return oneshot.message_of(asked, piped, attachments)

    def _bytes(self, name: str) -> bytes:
        """All of a file; ``-`` is standard input."""
        try:
            if name != "-":
                return (self._env.cwd / name).read_bytes()
            return self._env.stdin.read() if self._env.stdin else b""
        except OSError as error:
            raise UsageError(
                f"{name} cannot be read: {error.strerror or error}.", "Check its name."
            ) from error

    def _text(self, name: str, data: bytes, encoding: str = "") -> str:
        return decode("stdin" if name == "-" else name, data, encoding or self._settings.encoding)

    def _tell(self, notices: Sequence[str]) -> None:
        for notice in notices:
            self.voice.aside(notice)


def _openers(env: Env, settings: Settings, reached: Callable[[], Endpoint]) -> Models:
    """Every model, each behind a door that is opened when it is first needed."""

    def speak(at: Endpoint) -> "OpenAIModel":
        from chatcli.adapters.openai_model import OpenAIModel
        from chatcli.adapters.refusals_file import RefusalsFile

        return OpenAIModel(
            base_url=at.base_url,
            api_key=at.api_key,
            organization=at.organization,
            project=at.project,
            timeout=settings.timeout,
            refusals=RefusalsFile(env.dirs.cache / "refusals.json"),
        )

    def open_remote() -> "OpenAIModel":
        if reached().is_openai and reached().api_key is None:
            raise AuthError(_NO_KEY, _NO_KEY_HINT)
        model = speak(reached())
        model.warm()
        collect_garbage()
        return model

    def open_local() -> "LocalModel":
        from chatcli.adapters.local_model import LocalModel

        return LocalModel(
            _weights(env), LOCAL_CONTEXT, settings.threads, lambda url, key: speak(Endpoint(f"{url}/v1", key))
        )

    def tokenizer(encoding: str) -> Tokens:
        from chatcli.adapters.tiktoken_count import TiktokenCount

        return TiktokenCount(encoding)

    def catalog() -> Catalog:
        return Catalog.parse((_DATA / "models.json").read_text(encoding="utf-8"))

    return Models(
        remote=Deferred(open_remote),
        local=Deferred(open_local),
        catalog=Deferred(catalog),
        tokenizers={name: Deferred(partial(tokenizer, name)) for name in ("o200k_base", "cl100k_base")},
        address=lambda: reached().base_url,
    )


def _read_dotenv(path: Path) -> Sequence[Entry]:
    from chatcli.adapters.dotenv_file import read_dotenv

    return read_dotenv(path)


def _read_toml(path: Path) -> Sequence[Entry]:
    from chatcli.adapters.toml_file import read_toml

    return read_toml(path)


def _weights(env: Env) -> Path:
    from chatcli.adapters.weights import weights_path

    return weights_path(env.dirs.cache)


def _fetched(env: Env) -> bool:
    from chatcli.adapters.weights import fetched

    return fetched(env.dirs.cache)
