"""The composition root: chooses adapters, opens heavy libraries, and puts the program together.

Every import inside a function stands here: each opens one room that many a run never enters.
"""

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from chatcli.config.endpoint import Endpoint, endpoint
from chatcli.config.resolve import resolve
from chatcli.config.roles import Roles, with_role
from chatcli.config.settings import SETTINGS, Setting, Settings
from chatcli.config.text import standing
from chatcli.config.values import Config
from chatcli.core.catalog import DEFAULT_MODEL, ENCODINGS, Catalog
from chatcli.core.kinds import Value
from chatcli.core.readings import Entry, KeyFile, Ran
from chatcli.deferred import Deferred, collect_garbage, warm
from chatcli.env import Env
from chatcli.errors import AuthError, ChatcliError, ConfigError, UsageError
from chatcli.stage import Stage

if TYPE_CHECKING:
    from chatcli.adapters.local_model import LocalModel
    from chatcli.adapters.memory_file import WindowsFile
    from chatcli.adapters.openai_api.model import OpenAIModel
    from chatcli.adapters.weights import Weights
    from chatcli.commands.registry import World
    from chatcli.core.archive import Archive, Record
    from chatcli.core.events import Emit, Tokens
    from chatcli.core.gauge import Gauge
    from chatcli.core.interchange.records import Imported
    from chatcli.core.messages import Message
    from chatcli.core.resume import Resume
    from chatcli.core.session import Session
    from chatcli.counter import Counter
    from chatcli.engine import Engine
    from chatcli.models import Models
    from chatcli.oneshot import OneShot
    from chatcli.repl import Repl, Speaker
    from chatcli.scribe import Scribe
    from chatcli.sessions.errands import Sessions
    from chatcli.terminal.prompt.prompt import Prompt
    from chatcli.terminal.reply.themes import Theme

_DATA: Final = Path(__file__).parent / "data"


class App:
    """What one run is made of, each part opened when it is first asked for.

    ``flags`` holds the settings of the command line, ``variables`` what it says to roles; ``consent`` says
    that the embedded model's weights may be fetched without asking, ``jsonl`` that turns are told as JSON
    lines.
    """

    def __init__(  # noqa: PLR0913 - all that a command line can say
        self,
        env: Env,
        flags: Mapping[str, Value],
        *,
        variables: Mapping[str, str] = MappingProxyType({}),
        consent: bool = False,
        jsonl: bool = False,
        resume: "Resume | None" = None,
    ) -> None:
        self.env = env
        self.flags = _with_files_read(flags, env)
        self.variables = variables
        self.consent = consent
        self.jsonl = jsonl
        self.resume = resume
        # It may have to speak of the settings before they are read.
        self.stage = Stage(env, str(flags.get("color") or env.environ.get("CHATCLI_COLOR", "auto")))
        self.voice = self.stage.voice

    @cached_property
    def config(self) -> Config:
        """Every setting, from every place; what was left out is told."""
        config = resolve(self.env, self.flags, _read_dotenv, _read_toml)
        self.stage.recolour(str(config.value("color")))
        self._tell(config.notices)
        return with_role(config, self.roles)

    @cached_property
    def roles(self) -> Roles:
        """The roles that a model can play."""
        facts: dict[str, Callable[[], str]] = {
            "date": partial(time.strftime, "%Y-%m-%d"),
            "os": _operating_system,
            "shell": lambda: Path(self.env.environ.get("SHELL") or "sh").name,
            "cwd": lambda: str(self.env.cwd),
        }
        return Roles(self.env.dirs.config / "roles", _DATA / "roles", _parse_toml, facts, self.variables)

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
            is_catalogued=lambda: self.endpoint.is_openai,
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

    @cached_property
    def archive(self) -> "Deferred[Archive]":
        """Where sessions are kept."""
        return Deferred(self._open_archive)

    @cached_property
    def begun(self) -> "Session | None":
        """The session that the run goes on with; None if it begins a new one."""
        if self.resume is None:
            return None
        from chatcli.resuming import begun

        return begun(self.resume, self.archive.get, self._fresh(None), self.flags, self._choose)

    def is_kept(self, session: "Session") -> bool:
        """Whether this chat can be gone on with another time."""
        archive = self.archive.built if session.id and self.settings.save else None
        try:
            record = archive.named(session.id) if archive else None
        except ChatcliError:
            return False
        return record is not None and record.id == session.id

    def session(self, model: str | None) -> "Session":
        """The chat that the run begins with, as a model of this name is asked."""
        return replace(self.begun, model=model) if self.begun else self._fresh(model)

    def _fresh(self, model: str | None) -> "Session":
        from chatcli.core.session import Session

        return Session(model, self.settings.system or "", self.settings.params, self.settings.limits)

    def counter(self, model: str) -> "Counter":
        """What counts the tokens of files, as a model would."""
        from chatcli.counter import Counter

        priced = self.settings.model is not None
        return Counter(self.env, self.settings.encoding, self.models, self.session(model), priced=priced)

    def sessions(self) -> "Sessions":
        """What tends the sessions that are kept."""
        from chatcli.sessions.errands import Sessions
        from chatcli.sessions.incoming import Incoming

        def view() -> "Emit | None":
            drawn = self.env.stdout_tty or self.settings.look.render
            return self._view(repl=False) if drawn else None

        return Sessions(
            self.env,
            self.archive.get(),
            self.voice,
            now=time.time,
            agreed=lambda question: self.stage.hands(self.edit).agreed(question),
            view=view,
            page=_as_page,
            incoming=Incoming(self.env, time.time, _read_llm_logs, _parse_yaml),
            untyped=_untyped,
            bar=self.stage.counting_bar,
            columns=self.stage.columns,
        )

    def one_shot(self) -> "OneShot":
        """What answers once."""
        from chatcli.oneshot import OneShot

        view = self._view(repl=False)
        scribe = self._scribe(view, lambda: False, "With -n nothing is kept, and nothing said.")
        return OneShot(self.env, self.settings.encoding, self._engine(view, scribe))

    def repl(self, model: str | None) -> "Repl":
        """What carries out the messages of a chat."""
        view = self._view(repl=True)
        return self._repl(model, self.voice, view)

    def driven(self, model: str | None) -> Callable[[], int]:
        """What carries out the lines of standard input, and gives the exit code."""
        from chatcli.driven import Score, drive

        view = self._view(repl=False, whole_lines=True)
        score = Score(view, self.voice, self.stage.lines.failed if self.jsonl else lambda _error: None)
        repl = self._repl(model, score, score)
        lines = iter(self.env.stdin.readline, b"") if self.env.stdin else ()
        return partial(drive, repl, lines, self.settings.encoding, score)

    def _repl(self, model: str | None, voice: "Speaker", emit: "Emit") -> "Repl":
        from chatcli.commands import COMMANDS
        from chatcli.commands.registry import Registry
        from chatcli.core.desk import Desk
        from chatcli.repl import Repl

        repl: Repl
        scribe = self._scribe(emit, lambda: repl.desk.private, "The chat goes on; /export keeps it.")
        engine = self._engine(emit, scribe)
        desk = Desk(self._fresh(model), self.settings.look).with_open(self.session(model))
        world = self._world(None if self.begun else model)
        hands = self.stage.hands(self.edit)
        repl = Repl(desk, voice, Registry(COMMANDS, world), engine, emit, hands, scribe)
        return repl

    def _world(self, model: str | None) -> "World":
        """What commands may ask; ``model`` is the usual one."""
        from chatcli.adapters.code_blocks import code_blocks
        from chatcli.commands.registry import World
        from chatcli.core.look import THEMES
        from chatcli.files import LocalFiles

        paste = partial(_pasted, self.env.environ)
        files = LocalFiles(self.env, self.settings.encoding, _ignored, paste)
        archive = self.archive.get() if self.settings.save else None
        themes = (*THEMES, *self.config.themes)
        return World(
            self.models,
            self.gauge,
            files,
            code_blocks,
            self.roles,
            themes,
            archive,
            time.time,
            settings=partial(standing, self.config, model),
            columns=self.stage.columns,
        )

    def prompt(self, repl: "Deferred[Repl]") -> "Prompt":
        """The keyboard. Once it has drawn its first prompt, the ``repl`` and its model are warmed."""
        from chatcli.terminal.prompt.prompt import Prompt

        def complete(text: str) -> list[tuple[str, int, str]]:
            return [(each.text, each.length, each.help) for each in repl.get().complete(text)]

        def toolbar(typed: int, columns: int, mode: str) -> str:
            if (ready := repl.built) is None:
                return ""
            from chatcli.terminal import status  # not before the first prompt is drawn

            glance = self.gauge.glance(ready.session)
            told = self.models.window(ready.session)  # perhaps since it was first looked at
            return status.toolbar(ready.desk, glance._replace(window=told), typed, columns, mode)

        def edit(text: str) -> str:
            try:
                return self.stage.hands(self.edit).edit(text, ".md")
            except ChatcliError as error:
                self.voice.error(error)
                return text

        def get_ready() -> None:
            session = repl.get().session  # whoever asks first builds it, and the models with it
            prompt.redraw()
            self.models.warm(session)
            prompt.redraw()

        prompt = Prompt(
            self.env.dirs.history,
            complete=complete,
            drawn=partial(warm, get_ready, collect_garbage),
            toolbar=toolbar,
            look=lambda: repl.built.desk.look if repl.built else self.settings.look,
            private=lambda: not self.settings.save or (repl.built is not None and repl.built.desk.private),
            edit=edit,
            ahead=self.stage.background.typed,
        )
        return prompt

    @cached_property
    def weights(self) -> "Weights":
        """The embedded model's weights."""
        from chatcli.adapters.weights import Weights

        return Weights(self.env.dirs.cache)

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
        if "archive" in vars(self) and self.archive.built:
            self.archive.built.close()

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

    def _view(self, *, repl: bool, whole_lines: bool = False) -> "Emit":
        if self.jsonl:
            return self.stage.lines
        return self.stage.view(self.settings.look, self._theme, repl=repl, whole_lines=whole_lines)

    def _scribe(self, view: "Emit", private: Callable[[], bool], advice: str) -> "Scribe":
        """Who writes down what is said."""
        from chatcli.core.events import Notice
        from chatcli.scribe import Scribe

        def archive() -> "Archive | None":
            return self.archive.get() if self.settings.save and not private() else None

        def tell(line: str) -> None:
            view(Notice(line))

        return Scribe(archive, tell=tell, advice=advice, shielded=self.stage.interrupts.shielded)

    def _open_archive(self) -> "Archive":
        from chatcli.adapters.sqlite_store.store import SqliteStore

        return SqliteStore(self.env.dirs.data / "sessions.db", time.time)

    def _choose(self, archive: "Archive", records: "Sequence[Record]") -> str:
        """The id of the session that the person chooses from a list. KeyboardInterrupt, if they give up."""
        if not (self.env.stdin_tty and self.env.stdout_tty) or self.env.dumb:
            raise UsageError("There is nobody to choose a session.", "Name one: chatcli -S NAME.")
        from chatcli.terminal.picker import pick

        def last_turn(which: str) -> "Sequence[Message]":
            return next(reversed(archive.whole(which).session.turns), ())

        chosen = pick(records, last_turn, now=time.time())
        if chosen is None:
            raise KeyboardInterrupt  # Esc and Ctrl-D too: whoever wants none of them asked for nothing else
        return chosen

    def _engine(self, view: "Emit", scribe: "Scribe") -> "Engine":
        from chatcli.core.money import Caps
        from chatcli.engine import Engine

        settings = self.settings
        caps = Caps(settings.max_cost, settings.max_total_tokens)
        return Engine(
            self.stage.read_by(view, self.models),
            self.gauge,
            view,
            self.env.clock,
            caps=caps,
            stream=settings.stream,
            new_id=lambda: os.urandom(6).hex(),
            scribe=scribe,
        )

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


def _with_files_read(flags: Mapping[str, Value], env: Env) -> Mapping[str, Value]:
    """The flags, with what is in a file where a flag names the file that holds its value."""
    return {
        name: _read_from(str(value), SETTINGS[name], env) if SETTINGS[name].from_file else value
        for name, value in flags.items()
    }


def _read_from(file: str, setting: Setting, env: Env) -> Value:
    from chatcli.inputs import text_of

    try:
        return setting.kind.read(text_of(file, env, "utf-8"))
    except ValueError as error:
        raise UsageError(f"{file} must be {error}.", f"It was named by {setting.flag(file)}.") from None


def _open_tokenizer(encoding: str) -> "Tokens":
    from chatcli.adapters.tiktoken_count import TiktokenCount

    return TiktokenCount(encoding)


def _read_key_file(path: Path) -> KeyFile:
    from chatcli.adapters.key_sources import read_key_file

    return read_key_file(path)


def _run_key_command(env: Env, command: str) -> Ran:
    from chatcli.adapters.key_sources import run_key_command

    return run_key_command(command, env.environ, env.cwd)


def _ignored(folder: Path) -> Callable[[str], bool]:
    from chatcli.adapters.gitignore import ignored

    return ignored(folder)


def _pasted(environ: Mapping[str, str]) -> bytes:
    from chatcli.adapters.pasted import pasted

    return pasted(environ)


def _read_dotenv(path: Path) -> Sequence[Entry]:
    from chatcli.adapters.dotenv_file import read_dotenv

    return read_dotenv(path)


def _operating_system() -> str:
    from chatcli.adapters.machine import operating_system

    return operating_system()


def _parse_toml(text: str, place: str) -> Sequence[Entry]:
    from chatcli.adapters.toml_file import parse_toml

    return parse_toml(text, place)


def _as_page(session: "Session") -> str:
    from chatcli.adapters.page import as_page

    return as_page(session)


def _read_llm_logs(path: Path) -> "Imported":
    from chatcli.adapters.llm_logs import read_llm_logs

    return read_llm_logs(path)


def _untyped(typed: bytes, entries: Collection[str]) -> bytes:
    from chatcli.terminal.prompt.history import without

    return without(typed, entries)


def _parse_yaml(text: str, place: str) -> object:
    from chatcli.adapters.yaml_file import parse_yaml

    return parse_yaml(text, place)


def _read_toml(path: Path) -> Sequence[Entry]:
    from chatcli.adapters.toml_file import read_toml

    return read_toml(path)
