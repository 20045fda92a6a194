"""What goes out: sessions as texts of a format, in pieces, so that there may be many of them."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath

from chatcli.core.archive import Whole
from chatcli.core.interchange.ours import as_line
from chatcli.core.session import Session
from chatcli.core.transcript import as_json, as_markdown
from chatcli.sessions import FORMATS


def form_of(file: str) -> str:
    """The format that a file's name stands for; else the one that holds everything."""
    suffix = PurePath(file).suffix.removeprefix(".").lower()
    return suffix if suffix in FORMATS else "jsonl"


def formed(whole: Whole, form: str, page: Callable[[Session], str]) -> str:
    """One session in this format; ``page`` makes a web page of it."""
    match form:
        case "json":
            return as_json(whole.session)
        case "jsonl":
            return as_line(whole)
        case "html":
            return page(whole.session)
        case _:
            return as_markdown(whole.session)


def joined(texts: Iterable[str], form: str) -> Iterator[str]:
    """Several sessions in this format, one after the other; as JSON they are a list."""
    match form:
        case "json":
            return _listed(texts)
        case "md":
            return _apart(texts)
        case _:
            return iter(texts)


def _listed(texts: Iterable[str]) -> Iterator[str]:
    """JSON texts as one JSON list."""
    before = "[\n"
    for text in texts:
        yield before + text.rstrip("\n")
        before = ",\n"
    yield "\n]\n" if before != "[\n" else "[]\n"


def _apart(texts: Iterable[str]) -> Iterator[str]:
    """Texts with a blank line between them."""
    for number, text in enumerate(texts):
        yield f"\n{text}" if number else text
