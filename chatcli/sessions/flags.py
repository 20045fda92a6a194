"""The errands by their names on the command line, each with the words and the flags that it takes."""

from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from chatcli.core.kinds import Choice, Kind, Value, Whole
from chatcli.sessions import FORMATS, STDOUT

if TYPE_CHECKING:
    from chatcli.sessions.errands import Sessions


def reader(kind: Kind) -> Callable[[str], Value]:
    """What argparse reads such a value with; what is none is refused in our words."""

    def read(text: str) -> Value:
        try:
            return kind.read(text)
        except ValueError as error:
            raise ArgumentTypeError(f"must be {error}, not {text!r}") from None

    return read


class Flag(NamedTuple):
    """A flag: its names, and what argparse is told of it."""

    names: tuple[str, ...]
    facts: dict[str, Any]


class Errand(NamedTuple):
    """What is done: ``run`` does it with what was given, of which ``words`` tells what is no flag.

    There are at least ``least`` words, and where ``words`` is empty none; ``settings`` matter to it.
    """

    help: str
    run: "Callable[[Sessions, Any], int]"
    flags: tuple[Flag, ...] = ()
    words: str = ""
    least: int = 0
    settings: tuple[str, ...] = ()


def _flag(*names: str, **facts: Any) -> Flag:
    return Flag(names, facts)


_SINCE: Final = _flag("--since", metavar="TIME", help="not before this: 12h, 7d or 2w ago, or 2026-11-01")
_MODEL: Final = _flag("--model", help="of this model")
_JSON: Final = _flag("--json", action="store_true", help="as JSON")
_SPEAKERS: Final = ("user", "assistant")
_ROLE: Final = _flag("--role", type=reader(Choice(_SPEAKERS)), metavar="|".join(_SPEAKERS), help="said by")
_REPORT: Final = _flag("--json", action="store_true", help="tell as JSON what was done")
_YES: Final = _flag("-y", "--yes", action="store_true", help="agree ahead")
_LIMIT: Final = _flag("--limit", type=reader(Whole(1)), default=20, metavar="N", help="at most so many (20)")

ERRANDS: Final[dict[str, Errand]] = {
    "list": Errand(
        "list them, the last one first",
        lambda sessions, given: sessions.overview(
            limit=None if given.all else given.limit,
            since=given.since,
            model=given.model,
            as_array=given.json,
        ),
        (_LIMIT, _flag("--all", action="store_true", help="every one"), _SINCE, _MODEL, _JSON),
    ),
    "show": Errand(
        "show one: drawn on a terminal, as Markdown in a pipe",
        lambda sessions, given: sessions.show(" ".join(given.words), given.format),
        tuple(
            _flag(f"--{name}", dest="format", action="store_const", const=name, help=f"as {title}")
            for name, title in (("md", "Markdown"), ("json", "JSON"), ("html", "a page of HTML"))
        ),
        "ID|TITLE",
        least=1,
        settings=("color", "theme", "render"),
    ),
    "search": Errand(
        "find where words were said",
        lambda sessions, given: sessions.search(
            " ".join(given.words),
            since=given.since,
            model=given.model,
            role=given.role,
            limit=given.limit,
            as_array=given.json,
        ),
        (_SINCE, _MODEL, _ROLE, _LIMIT, _JSON),
        "WORD ...",
        least=1,
    ),
    "rename": Errand(
        "give one a title",
        lambda sessions, given: sessions.rename(
            given.words[0], " ".join(given.words[1:]), as_object=given.json
        ),
        (_REPORT,),
        words="ID|TITLE NEW-TITLE",
        least=2,
    ),
    "export": Errand(
        "write them out; JSON lines hold everything, and can be imported",
        lambda sessions, given: sessions.export(
            given.words, given.format, given.output, everything=given.all, consent=given.yes
        ),
        (
            _flag("--all", action="store_true", help="every one"),
            _flag(
                "--format",
                type=reader(Choice(FORMATS)),
                metavar="|".join(FORMATS),
                help="jsonl, unless FILE's name says otherwise",
            ),
            _flag("--json", dest="format", action="store_const", const="json", help="--format json"),
            _flag("-o", "--output", default=STDOUT, metavar="FILE", help="to this file"),
            _YES,
        ),
        "[ID|TITLE ...]",
    ),
    "import": Errand(
        "take in chats of ChatGPT, llm, aichat, sgpt, and exported ones",
        lambda sessions, given: sessions.take_in(given.words, consent=given.yes, as_object=given.json),
        (_YES, _REPORT),
        "FILE ...",
        least=1,
    ),
    "rm": Errand(
        "delete them, and what was asked in them from the input history",
        lambda sessions, given: sessions.remove(
            given.words, older_than=given.older_than, consent=given.yes, as_object=given.json
        ),
        (
            _flag("--older-than", metavar="TIME", help="not gone on with since: 90d, 2026-11-01"),
            _YES,
            _REPORT,
        ),
        "[ID|TITLE ...]",
    ),
    "stats": Errand(
        "tell how much is kept, and what each model took",
        lambda sessions, given: sessions.stats(as_object=given.json),
        (_JSON,),
    ),
    "check": Errand(
        "make sure that the database is sound",
        lambda sessions, given: sessions.check(as_object=given.json),
        (_REPORT,),
    ),
}
