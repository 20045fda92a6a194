"""What can be done about sessions from the shell. Each errand gives the exit code."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from itertools import islice
from pathlib import PurePath
from secrets import token_hex
from typing import Final, NamedTuple

from chatcli.core.archive import Archive, Record, Whole
from chatcli.core.events import Emit, Shown
from chatcli.core.interchange.ours import as_line
from chatcli.core.messages import Role
from chatcli.core.session import Session
from chatcli.core.transcript import as_asked, as_json, as_markdown
from chatcli.core.when import moment
from chatcli.env import Env
from chatcli.errors import ChatcliError, StoreError, UsageError
from chatcli.inputs import path_of
from chatcli.sessions import FORMATS, STDOUT, lines
from chatcli.sessions.incoming import Incoming, Source
from chatcli.sessions.lines import counted
from chatcli.terminal.escape import clean, one_line
from chatcli.terminal.voice import Voice

OK: Final = 0
NOT_SOUND: Final = 1

_SHOWN: Final = 20  # lines of what is about to happen
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL


class _Coming(NamedTuple):
    """What the files hold: headings of chats that are not here yet, and how many are here already."""

    new: list[str]
    known: int


class Sessions:
    """Tends what the ``archive`` keeps.

    ``agreed`` asks the person; ``view`` draws replies, and is None where none are drawn; ``page`` makes a web
    page of a session; ``incoming`` reads files. Within ``bar``, what it gives shows how far an errand is.
    """

    def __init__(  # noqa: PLR0913 - each of them is another world
        self,
        env: Env,
        archive: Archive,
        voice: Voice,
        *,
        now: Callable[[], float],
        agreed: Callable[[str], bool],
        view: Callable[[], Emit | None],
        page: Callable[[Session], str],
        incoming: Incoming,
        bar: Callable[[str], AbstractContextManager[Callable[[int, int], None]]],
    ) -> None:
        self._env = env
        self._archive = archive
        self._voice = voice
        self._now = now
        self._agreed = agreed
        self._view = view
        self._page = page
        self._incoming = incoming
        self._bar = bar

    def overview(
        self, *, limit: int | None, since: str | None, model: str | None, as_array: bool = False
    ) -> int:
        """Print the sessions, the last one first."""
        more = None if limit is None else limit + 1
        found = self._archive.records(more, since=self._moment("--since", since), model=model)
        records = found[:limit]
        if as_array:
            self._print(lines.as_array(record._asdict() for record in records))
        else:
            self._print(lines.of_records(records, self._now()))
        if not records:
            self._voice.aside("there are no such sessions" if since or model else "no sessions are kept yet")
        elif len(found) > len(records):
            self._voice.aside(f"these are the last {len(records):,}; --all lists every one")
        return OK

    def show(self, name: str, form: str | None = None) -> int:
        """Show a session: as it looked, on a terminal; as Markdown, in a pipe; or in this format."""
        record = self._meant(name)
        whole = self._archive.whole(record.id)
        view = None if form else self._view()
        if view is None:
            self._print(self._formed(whole, form or "md"))
            return OK
        self._voice.aside(lines.of_record(record, self._now()))
        _show_again(whole.session, view)
        return OK

    def search(  # noqa: PLR0913 - each of them narrows it
        self,
        words: str,
        *,
        since: str | None,
        model: str | None,
        role: str | None,
        limit: int,
        as_array: bool = False,
    ) -> int:
        """Print where these words were said, the best place first."""
        first = self._moment("--since", since)
        speaker = Role(role) if role else None
        hits = self._archive.search(words, since=first, model=model, role=speaker, limit=limit)
        if as_array:
            self._print(lines.as_array(map(lines.facts_of_hit, hits)))
        else:
            bold = self._env.stdout_tty and not self._env.dumb
            self._env.stdout.write(lines.of_hits(hits, self._now(), bold=bold))
        if not hits:
            self._voice.aside("nothing was found")
        return OK

    def rename(self, name: str, title: str) -> int:
        """Give a session a title."""
        title = " ".join(title.split())
        self._archive.rename(self._meant(name).id, title)
        self._voice.aside(f"title → {title}")
        return OK

    def export(
        self, names: Sequence[str], form: str | None, file: str, *, everything: bool, consent: bool
    ) -> int:
        """Print these sessions, or write them to a file."""
        if bool(names) == everything:
            hint = "chatcli sessions export ID ..., or --all for every one."
            raise UsageError("Which sessions are to be exported?", hint)
        ids = [each.id for each in (self._archive.records() if everything else map(self._meant, names))]
        form = form or _form_of(file)
        if form == "html" and len(ids) != 1:
            raise UsageError("A page holds one session.", "Name one, or choose --format md.")
        pieces = self._pieces(ids, form)
        if file == STDOUT:
            for piece in pieces:
                self._print(piece)
        else:
            self._write(file, pieces, consent=consent)
            self._voice.aside(f"wrote {counted(len(ids), 'session')} to {file}")
        return OK

    def take_in(self, names: Sequence[str], *, consent: bool) -> int:
        """Keep the chats of files, once it is clear what would come, and agreed."""
        sources = [self._incoming.source(name) for name in names]
        coming = self._looked_at(sources)
        for source in sources:
            for what in source.skipped:
                self._voice.say(f"stays behind: {what}")
        if not coming.new:
            self._voice.aside("nothing is new")
            return OK
        self._announce("would come", coming.new)
        if not self._is_wanted(f"Import {counted(len(coming.new), 'session')}?", consent=consent):
            self._voice.aside("nothing was imported")
            return OK
        with self._bar("importing") as told:
            taken = self._archive.take(_telling(sources, len(coming.new) + coming.known, told))
        self._voice.aside(f"imported {counted(taken, 'session')}")
        return OK

    def remove(self, names: Sequence[str], *, older_than: str | None, consent: bool) -> int:
        """Delete sessions, once it is clear which ones would go, and agreed."""
        if bool(names) == bool(older_than):
            hint = "chatcli sessions rm ID ..., or --older-than 90d."
            raise UsageError("Which sessions are to be deleted?", hint)
        before = self._moment("--older-than", older_than)
        if before is None:
            going = list(dict.fromkeys(map(self._meant, names)))
        else:
            going = [record for record in self._archive.records() if record.updated < before]
        if not going:
            self._voice.aside("no session is that old")
            return OK
        self._announce("would go", lines.of_records(going, self._now()).splitlines())
        if not self._is_wanted(f"Delete {counted(len(going), 'session')} for good?", consent=consent):
            self._voice.aside("nothing was deleted")
            return OK
        self._archive.remove([record.id for record in going])
        self._voice.aside(f"deleted {counted(len(going), 'session')}")
        return OK

    def stats(self, *, as_object: bool = False) -> int:
        """Print what is kept, altogether."""
        stats = self._archive.stats()
        self._print(lines.as_object(stats) if as_object else lines.of_stats(stats, self._now()))
        return OK

    def check(self) -> int:
        """Print what is wrong with the archive, if anything is."""
        if problems := self._archive.check():
            self._print("".join(f"{problem}\n" for problem in problems))
            hint = "chatcli sessions export --all > FILE saves what can still be read."
            self._voice.error(StoreError("The sessions are damaged.", hint))
            return NOT_SOUND
        self._voice.aside("all is sound")
        return OK

    def _meant(self, name: str) -> Record:
        if record := self._archive.named(name):
            return record
        raise UsageError(f"There is no session {name!r}.", "chatcli sessions list --all shows every one.")

    def _moment(self, flag: str, text: str | None) -> float | None:
        try:
            return None if text is None else moment(text, self._now())
        except ValueError as error:
            raise UsageError(f"{flag} must be {error}, not {text!r}.", f"For example {flag} 7d.") from None

    def _print(self, text: str) -> None:
        """Data goes out as it is, but nothing in it steers a terminal."""
        self._env.stdout.write(clean(text) if self._env.stdout_tty else text)

    def _formed(self, whole: Whole, form: str) -> str:
        match form:
            case "json":
                return as_json(whole.session)
            case "jsonl":
                return as_line(whole)
            case "html":
                return self._page(whole.session)
            case _:
                return as_markdown(whole.session)

    def _pieces(self, ids: Sequence[str], form: str) -> Iterator[str]:
        """The sessions, one after the other; as JSON, several are a list."""
        texts = (self._formed(self._archive.whole(each), form) for each in ids)
        if form == "json" and len(ids) != 1:
            return _listed(texts)
        return _apart(texts) if form == "md" else texts

    def _write(self, name: str, pieces: Iterable[str], *, consent: bool) -> None:
        """Write the file whole, for its owner's eyes, or leave what there is as it was."""
        file = path_of(name, self._env).resolve()
        draft = file.with_name(f".chatcli-{token_hex(8)}")
        if file.exists() and not self._is_wanted(f"{name} exists. Write over it?", consent=consent):
            raise ChatcliError(f"{name} exists, and is as it was.", "Choose another name.")
        try:
            with os.fdopen(os.open(draft, _NEW, 0o600), "w", encoding="utf-8", errors="replace") as stream:
                stream.writelines(pieces)
            draft.replace(file)
        except OSError as error:
            hint = "Is its folder there, and yours?"
            raise ChatcliError(f"{name} cannot be written: {error.strerror or error}.", hint) from error
        finally:
            with suppress(OSError):
                draft.unlink()

    def _looked_at(self, sources: Iterable[Source]) -> _Coming:
        """Read every chat, and say what there is in each file."""
        here = {record.id for record in self._archive.records()}
        coming = _Coming([], 0)
        for source in sources:
            before, known = len(coming.new), 0
            for chat in source.chats():
                if chat.session.id in here:
                    known += 1
                    continue
                here.add(chat.session.id)
                turns = counted(len(chat.session.turns), "turn")
                coming.new.append(f"{turns:<9}  {one_line(chat.session.heading)}")
            found = f"{counted(len(coming.new) - before, 'session')} to come"
            already = f", {known:,} here already" if known else ""
            self._voice.say(f"{source.name} ({source.format.value}): {found}{already}")
            coming = coming._replace(known=coming.known + known)
        return coming

    def _announce(self, what: str, rows: Sequence[str]) -> None:
        self._voice.say(f"{what}:")
        for row in islice(rows, _SHOWN):
            self._voice.say(f"  {row}")
        if len(rows) > _SHOWN:
            self._voice.say(f"  and {len(rows) - _SHOWN:,} more")

    def _is_wanted(self, question: str, *, consent: bool) -> bool:
        """Whether the person says yes, or has said so ahead. Raises UsageError where nobody can be asked."""
        if consent:
            return True
        if self._env.stdin_tty and self._env.stderr_tty:
            return self._agreed(question)
        raise UsageError("There is nobody to ask, so nothing was done.", "--yes agrees ahead.")


def _show_again(session: Session, view: Emit) -> None:
    """The turns, as they looked: a question behind its number, a reply drawn."""
    for number, turn in enumerate(session.turns, 1):
        for message in turn:
            drawn = message.role is Role.ASSISTANT
            text = message.text if drawn else f"\n{as_asked(number, message)}"
            view(Shown(text, rendered=drawn))


def _form_of(file: str) -> str:
    """The format that a file's name stands for; else the one that holds everything."""
    suffix = PurePath(file).suffix.removeprefix(".").lower()
    return suffix if suffix in FORMATS else "jsonl"


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


def _telling(sources: Iterable[Source], total: int, told: Callable[[int, int], None]) -> Iterator[Whole]:
    """Their chats; ``told`` hears how many have been taken."""
    chats = (chat for source in sources for chat in source.chats())
    for number, chat in enumerate(chats, 1):
        yield chat
        told(number, total)
