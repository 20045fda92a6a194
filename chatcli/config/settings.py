"""SETTINGS: every setting, declared once. Flags, variables, config keys and docs are grown from it."""

from typing import NamedTuple

from chatcli.core.kinds import Choice, Kind, Number, Switch, Text, Value, Whole
from chatcli.core.look import LOOK, USUAL, Look
from chatcli.core.params import LIMITS, PARAMS, Limits, Params


class Encoding(NamedTuple):
    """The name of a text encoding that Python knows."""

    takes: str = "a text encoding"
    choices: tuple[str, ...] = ("utf-8", "latin-1", "utf-16")

    def read(self, text: str) -> str:
        return self.check(text.strip())

    def check(self, raw: object) -> str:
        try:
            "a".encode(str(raw))
        except (LookupError, ValueError):
            raise ValueError(f"{self.takes}, such as {', '.join(self.choices)}") from None
        return str(raw)


class Setting(NamedTuple):
    """One setting. Flags, variables and config keys follow from its name; ``also`` adds older variables.

    ``opposite``: the flag that switches it off, where ``--no-`` and its name is not what a person would type.
    ``secret``: never shown, and no flag, because every process may read a command line. ``personal``: not
    taken from a working directory's .env, which a cloned repository may have brought along. ``filed``:
    may stand in a settings file. ``from_file``: its flag names a file that holds the value. ``bare``: the
    value that has a flag of its own.
    """

    name: str
    kind: Kind
    help: str
    default: Value | None = None
    example: Value | None = None
    short: str = ""
    opposite: str = ""
    also: tuple[str, ...] = ()
    secret: bool = False
    personal: bool = False
    filed: bool = True
    from_file: bool = False
    bare: str = ""

    @property
    def env(self) -> tuple[str, ...]:
        """Its variables, the strongest first."""
        return f"CHATCLI_{self.name.upper()}", *self.also

    @property
    def flags(self) -> tuple[str, ...]:
        """Its flags. A switch takes no value: ``--stream`` turns it on, ``--no-stream`` off."""
        if self.secret:
            return ()
        dashed = self.name.replace("_", "-")
        off = (self.opposite or f"--no-{dashed}",) if isinstance(self.kind, Switch) else ()
        return *((self.short,) if self.short else ()), f"--{dashed}", *off

    def flag(self, value: Value) -> str:
        """The flag that gives ``value``."""
        return self.flags[-1] if value is False else f"--{self.name.replace('_', '-')}"


SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting(
            "model",
            Text("a model's name"),
            "the model to talk to; local is the embedded one, local:FILE any GGUF file",
            example="gpt-6-luna",
            short="-m",
        ),
        Setting(
            "system", Text(), "the system text: how the model should behave", example="Be brief.", short="-s"
        ),
        Setting(
            "role",
            Text("a role's name"),
            "the role that the model plays: shell, code, commit, explain, or one of your own",
            example="explain",
            short="-r",
        ),
        Setting(
            "profile", Text("a profile's name"), "the [profiles.NAME] of the config file to use", short="-p"
        ),
        Setting(
            "base_url",
            Text("a URL"),
            "where the API is, if not at OpenAI",
            example="http://localhost:8080/v1",
            also=("OPENAI_BASE_URL",),
        ),
        Setting(
            "api_key",
            Text("a key"),
            "the key to the API",
            example="sk-...",
            also=("OPENAI_API_KEY",),
            secret=True,
        ),
        Setting(
            "key_env",
            Text("a variable's name"),
            "the environment variable that holds the key",
            example="WORK_API_KEY",
            personal=True,
        ),
        Setting(
            "key_file",
            Text("a file's name"),
            "the file that holds the key",
            example="~/.keys/work",
            personal=True,
        ),
        Setting(
            "key_command",
            Text("a shell command"),
            "the command that prints the key, such as a password manager's",
            example="pass show openai",
            personal=True,
        ),
        Setting(
            "organization",
            Text("an id"),
            "the OpenAI organization to bill",
            example="org-...",
            also=("OPENAI_ORG_ID",),
        ),
        Setting(
            "project",
            Text("an id"),
            "the OpenAI project to bill",
            example="proj_...",
            also=("OPENAI_PROJECT_ID",),
        ),
        Setting(
            "insecure",
            Switch(),
            "allow http:// to other machines: key and words travel in the clear",
            default=False,
            personal=True,
        ),
        Setting("stream", Switch(), "show the reply while it is written", default=True),
        Setting("save", Switch(), "keep chats in the database of sessions, and what is typed", default=True),
        Setting("render", LOOK["render"].kind, LOOK["render"].help, opposite="--raw"),
        Setting("theme", LOOK["theme"].kind, LOOK["theme"].help, default=USUAL.theme),
        Setting("multiline", LOOK["multiline"].kind, LOOK["multiline"].help, default=USUAL.multiline),
        Setting(
            "keys",
            LOOK["keys"].kind,
            f"{LOOK['keys'].help}; --vi is short for --keys vi",
            default=USUAL.keys,
            bare="vi",
        ),
        Setting("toolbar", LOOK["toolbar"].kind, LOOK["toolbar"].help, default=USUAL.toolbar),
        Setting(
            "color",
            Choice(("auto", "always", "never")),
            "colours: always, never, or auto: on a terminal, unless NO_COLOR is set",
            default="auto",
        ),
        Setting(
            "timeout",
            Number(0.1, 86_400),
            "how many seconds the server may stay silent",
            default=600.0,
        ),
        *(Setting(limit.name, limit.kind, limit.help) for limit in LIMITS.values()),
        Setting(
            "max_cost",
            Number(0, 100_000),
            "how many dollars a session may cost: a request that could pass that is not sent",
        ),
        Setting(
            "max_total_tokens",
            Whole(1),
            "how many tokens, of prompts and replies together, a session may use",
            example=100_000,
        ),
        Setting("threads", Whole(1), "how many threads the embedded model may use", example=4),
        Setting(
            "encoding", Encoding(), "how the bytes of files and of standard input are read", default="utf-8"
        ),
        Setting(
            "config",
            Text("a file's name"),
            "another config file than the usual one",
            personal=True,
            filed=False,
        ),
        *(
            Setting(
                param.name,
                param.kind,
                param.help,
                short={"temperature": "-t"}.get(param.name, ""),
                from_file=param.name == "json_schema",
            )
            for param in PARAMS.values()
        ),
    )
}

VARIABLES: dict[str, Setting] = {name: setting for setting in SETTINGS.values() for name in setting.env}
KEYS: tuple[str, ...] = tuple(name for name, setting in SETTINGS.items() if setting.filed)


class Settings(NamedTuple):
    """What holds, typed; None is "not set". Keys are not among them: ``endpoint`` says which one is sent."""

    model: str | None
    system: str | None
    role: str | None
    profile: str | None
    base_url: str | None
    key_env: str | None
    key_file: str | None
    key_command: str | None
    organization: str | None
    project: str | None
    insecure: bool
    stream: bool
    save: bool
    color: str
    timeout: float
    max_cost: float | None
    max_total_tokens: int | None
    threads: int | None
    encoding: str
    config: str | None
    params: Params
    limits: Limits
    look: Look
