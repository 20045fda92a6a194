"""argv to a run: the flags, grown from SETTINGS, the subcommands, and the one place where errors end."""

import argparse
import re
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple, NoReturn

from chatcli import __version__, runs
from chatcli.app import App
from chatcli.config.settings import SETTINGS, Setting
from chatcli.core.kinds import Switch, Value
from chatcli.core.nearest import nearest
from chatcli.core.params import PARAMS
from chatcli.core.resume import CHOSEN, LAST, Resume
from chatcli.env import Env
from chatcli.errors import ChatcliError, UsageError
from chatcli.interrupts import INTERRUPTED, Ended, ended_by_signals
from chatcli.sessions.flags import ERRANDS, reader

PIPE_CLOSED: Final = 141

_PROGRAM: Final = "chatcli"

_CHORES: Final[dict[str, dict[str, tuple[str, Callable[[App], int]]]]] = {
    "local": {
        "pull": ("fetch the embedded model's weights (98 MB, once)", runs.pull_weights),
        "path": ("print where they are", runs.show_weights),
        "rm": ("remove them", runs.remove_weights),
    },
    "models": {
        "": ("list OpenAI's models, or with a server those that it offers", runs.list_models),
    },
    "config": {
        "show": ("print every setting, its value and where it comes from", runs.show_config),
        "path": ("print where the config file is", runs.show_config_path),
        "edit": ("open it in $VISUAL or $EDITOR", runs.edit_config),
    },
}

_EXAMPLES: Final = """\
examples:
  chatcli                                     open the REPL
  chatcli "Why is the sky blue?"              ask once
  git diff | chatcli "Write a commit message"
  chatcli -f main.py -f error.log "What is wrong here?"
  git diff --staged | chatcli -r commit       have a role answer; chatcli -r shell "..."
  chatcli --base-url http://localhost:8080/v1 "Hello"

commands:
  chatcli local pull|path|rm                  the embedded model's weights
  chatcli models                              OpenAI's models, or those of the server
  chatcli sessions list|show|search|...       the chats that are kept; chatcli sessions --help
  chatcli tokens [FILE ...]                   how many tokens files have; --model prices them
  chatcli config show|path|edit               the settings, and where each comes from
"""


class Options(NamedTuple):
    """What the command line asks for: the settings that it gives, and a chore, a question or a chat.

    ``variables`` are for roles; ``jsonl`` asks for turns as JSON lines, ``repl`` for a chat wherever lines
    come from. ``resume`` is the session to go on with.
    """

    flags: dict[str, Value]
    question: str = ""
    files: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    consent: bool = False
    repl: bool = False
    jsonl: bool = False
    resume: Resume | None = None
    chore: Callable[[App], int] | None = None


def main(argv: Sequence[str], env: Env) -> int:
    """Run the program; returns the exit code. Every error ends here, as a line and a hint."""
    debug = "--debug" in argv
    app = App(env, {})
    try:
        options = _parse(argv)
        app = App(
            env,
            options.flags,
            variables=dict(options.variables),
            consent=options.consent,
            jsonl=options.jsonl,
            resume=options.resume,
        )
        with ended_by_signals():
            return _run(app, options)
    except _Printed as printed:
        env.stdout.write(printed.text)
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except Ended as ended:
        return ended.status
    except BrokenPipeError:
        return PIPE_CLOSED  # whoever read the reply has had enough
    except Exception as error:  # noqa: BLE001 - the boundary
        if debug:
            traceback.print_exception(error, file=env.stderr)
        known = error if isinstance(error, ChatcliError) else _unforeseen(error)
        app.voice.error(known)
        return known.status


def _run(app: App, options: Options) -> int:
    alone = not options.question and not options.files
    try:
        if options.chore is not None:
            return options.chore(app)
        if alone and app.env.stdin_tty and app.env.stdout_tty and not app.jsonl:
            return runs.chat(app)
        if options.repl:
            return runs.drive(app)
        return runs.ask(app, options.question, options.files)
    finally:
        app.close()


def _unforeseen(error: Exception) -> ChatcliError:
    if isinstance(error, OSError):
        return ChatcliError(f"The system refused: {error.strerror or error}.")
    return ChatcliError(
        f"This should not have happened: {type(error).__name__}: {error}",
        "Please report it, with what --debug shows.",
    )


class _Printed(Exception):
    """--help and --version: a text for stdout."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


# What argparse says of a flag, and how we say it.
_IN_OUR_WORDS: Final = (
    (r"argument (?:-\w/)?(--?[\w-]+)(?:/\S+)*: ", r"\1 "),
    (r"expected one argument", "needs a value"),
    (r"ignored explicit argument", "takes no value, not"),
)


class _Parser(argparse.ArgumentParser):
    """argparse with our manners: it raises, and offers the nearest flag."""

    def error(self, message: str) -> NoReturn:
        for theirs, ours in _IN_OUR_WORDS:
            message = re.sub(theirs, ours, message)
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", f"{self.prog} --help lists every flag.")

    def print_help(self, file: Any = None) -> None:  # noqa: ARG002 - argparse's signature
        raise _Printed(self.format_help())

    def read(self, argv: Sequence[str]) -> argparse.Namespace:
        """Parse; flags and words may be mixed, and whatever follows ``--`` is a word."""
        end = argv.index("--") if "--" in argv else len(argv)
        options, unknown = self.parse_known_intermixed_args(argv[:end])
        for word in unknown:
            name = word.partition("=")[0]
            near = nearest(name, [flag for flag in self._option_string_actions if flag.startswith("--")])
            raise UsageError(f"There is no flag {name}.", f"Did you mean {near}?" if near else self._advice)
        options.words += argv[end + 1 :]
        return options

    @property
    def _advice(self) -> str:
        if self.prog == _PROGRAM:
            return "A question that begins with - goes after --."
        return f"{self.prog} --help lists every flag; a word that begins with - goes after --."


class _Version(argparse.Action):
    def __call__(self, *_: object) -> NoReturn:
        raise _Printed(f"chatcli {__version__}\n")


def _parse(argv: Sequence[str]) -> Options:
    if argv and argv[0] in _CHORES:
        return _parse_chore(argv[0], argv[1:])
    if argv and argv[0] == "sessions":
        return _parse_sessions(argv[1:])
    if argv and argv[0] == "tokens":
        return _parse_tokens(argv[1:])
    parser = _Parser(
        prog=_PROGRAM,
        usage="chatcli [flags] [question ...]",
        description="Chat with a language model. Without a question, opens a REPL.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "words", nargs="*", metavar="question", help="what to ask; words are joined by blanks"
    )
    parser.add_argument(
        "-f",
        "--file",
        action="append",
        default=[],
        metavar="FILE",
        help="send this file along, ahead of the question; - is standard input",
    )
    _add_settings(parser)
    parser.add_argument(
        "--json",
        dest="response_format",
        action="store_const",
        const="json_object",
        default=argparse.SUPPRESS,
        help="the reply is one JSON object: --response-format json_object",
    )
    parser.add_argument(
        "-c",
        "--continue",
        dest="resume",
        action="store_const",
        const=LAST,
        help="go on with the last session",
    )
    parser.add_argument(
        "-S",
        "--session",
        dest="resume",
        nargs="?",
        const=CHOSEN,
        type=Resume,
        metavar="NAME",
        help="go on with the session of this name or id, or begin it; without a name, choose one",
    )
    parser.add_argument(
        "-n",
        dest="save",
        action="store_const",
        const=False,
        default=argparse.SUPPRESS,
        help="keep nothing of this on disk: --no-save",
    )
    parser.add_argument(
        "--var",
        action="append",
        default=[],
        type=_variable,
        metavar="NAME=VALUE",
        help="what {{NAME}} stands for in a role",
    )
    parser.add_argument(
        "--repl",
        action="store_true",
        help="open the REPL; where standard input is no terminal, each of its lines is a message",
    )
    parser.add_argument(
        "--jsonl", action="store_true", help="tell each turn as one JSON object on a line of its own"
    )
    parser.add_argument("-y", "--yes", action="store_true", help="fetch the embedded model without asking")
    _add_common(parser)
    given = vars(parser.read(argv))
    if given["repl"] and (given["words"] or given["file"]):
        raise UsageError(
            "--repl takes its questions from standard input.", "Leave out the question, or --repl."
        )
    return Options(
        flags=_given(given),
        question=" ".join(given["words"]),
        files=tuple(given["file"]),
        variables=tuple(given["var"]),
        consent=given["yes"],
        repl=given["repl"],
        jsonl=given["jsonl"],
        resume=given["resume"],
    )


def _parse_chore(name: str, argv: Sequence[str]) -> Options:
    chores = _CHORES[name]
    called = " ".join(filter(None, ("chatcli", name, "|".join(chores))))
    parser = _Parser(
        prog=f"chatcli {name}",
        usage=f"{called} [flags]",
        description="\n".join(f"{action:<6}{help_}".strip() for action, (help_, _) in chores.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("words", nargs="*", metavar="action", help=", ".join(chores))
    _add_settings(parser)
    _add_common(parser)
    given = vars(parser.read(argv))
    action = " ".join(given["words"])
    if action not in chores:
        wanted = f"one of {', '.join(chores)}" if len(chores) > 1 else "nothing but flags"
        raise UsageError(
            f"chatcli {name} takes {wanted}{f', not {action!r}' if action else ''}.",
            f"To ask a question that begins with {name}, put it in quotes.",
        )
    return Options(flags=_given(given), chore=chores[action][1])


def _parse_sessions(argv: Sequence[str]) -> Options:
    name, *rest = argv or ["list"]
    if name not in ERRANDS:
        return _parse_no_errand(argv)
    errand = ERRANDS[name]
    parser = _Parser(
        prog=f"chatcli sessions {name}",
        usage=" ".join(filter(None, ("chatcli sessions", name, "[flags]", errand.words))),
        description=f"{errand.help[:1].upper()}{errand.help[1:]}.",
        allow_abbrev=False,
    )
    parser.add_argument("words", nargs="*", metavar=errand.words or "", help=argparse.SUPPRESS)
    for flag in errand.flags:
        parser.add_argument(*flag.names, **flag.facts)
    for setting in errand.settings:
        _add_setting(parser, SETTINGS[setting])
    _add_common(parser)
    given = parser.read(rest)
    if len(given.words) < errand.least or (given.words and not errand.words):
        wanted = errand.words or "nothing but flags"
        raise UsageError(f"chatcli sessions {name} takes {wanted}.", f"{parser.prog} --help explains it.")
    chore = partial(runs.tend_sessions, errand=lambda sessions: errand.run(sessions, given))
    flags = {name: value for name, value in vars(given).items() if name in errand.settings}
    return Options(flags=flags, chore=chore)


def _parse_no_errand(argv: Sequence[str]) -> NoReturn:
    parser = _Parser(
        prog="chatcli sessions",
        usage=f"chatcli sessions {'|'.join(ERRANDS)} [flags]",
        description="\n".join(f"{name:<8}{errand.help}" for name, errand in ERRANDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("words", nargs="*", metavar="action", help="--help behind it tells its own flags")
    _add_common(parser)
    words = parser.read(argv).words
    raise UsageError(
        f"chatcli sessions takes one of {', '.join(ERRANDS)}, not {words[0]!r}.",
        "To ask a question that begins with sessions, put it in quotes.",
    )


def _parse_tokens(argv: Sequence[str]) -> Options:
    parser = _Parser(
        prog="chatcli tokens",
        usage="chatcli tokens [flags] [FILE ...]",
        description="Count the tokens of files, or of standard input; with --model, price them as a prompt.",
        allow_abbrev=False,
    )
    parser.add_argument("words", nargs="*", metavar="FILE", help="- is standard input")
    _add_settings(parser)
    _add_common(parser)
    given = vars(parser.read(argv))
    count = partial(runs.count_tokens, files=given["words"])
    return Options(flags=_given(given), chore=count)


def _add_common(parser: _Parser) -> None:
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")


def _add_settings(parser: _Parser) -> None:
    where = parser.add_argument_group(
        "settings", "each also a variable and a config key: docs/configuration.md"
    )
    what = parser.add_argument_group("parameters of the request", "sent only when set")
    for setting in SETTINGS.values():
        if setting.flags:
            _add_setting(what if setting.name in PARAMS else where, setting)


def _add_setting(group: argparse._ActionsContainer, setting: Setting) -> None:
    help_ = setting.help.replace("%", "%%")
    if isinstance(setting.kind, Switch):
        group.add_argument(
            *setting.flags,
            dest=setting.name,
            action=_OnOff,
            nargs=0,
            default=argparse.SUPPRESS,
            help=help_,
        )
        return
    group.add_argument(
        *setting.flags,
        dest=setting.name,
        default=argparse.SUPPRESS,
        type=str if setting.from_file else reader(setting.kind),
        metavar="FILE" if setting.from_file else setting.name.upper(),
        help=help_,
    )
    if setting.bare:
        group.add_argument(
            f"--{setting.bare}",
            dest=setting.name,
            action="store_const",
            const=setting.bare,
            default=argparse.SUPPRESS,
            help=f"{setting.flag(setting.bare)} {setting.bare}",
        )


class _OnOff(argparse.Action):
    """``--stream`` and ``--no-stream``: the last of the flags switches off."""

    def __call__(
        self, _parser: Any, namespace: argparse.Namespace, _values: Any, flag: str | None = None
    ) -> None:
        setattr(namespace, self.dest, flag != self.option_strings[-1])


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"\w+", name):
        raise argparse.ArgumentTypeError(f"must be NAME=VALUE, not {text!r}")
    return name, value


def _given(options: dict[str, Any]) -> dict[str, Value]:
    return {name: value for name, value in options.items() if name in SETTINGS}
