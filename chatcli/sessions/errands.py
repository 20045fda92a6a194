"""What can be done about sessions from the shell. Each errand gives the exit code."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from itertools import islice
from typing import Final, NamedTuple

from chatcli.core.archive import Archive, Record, Whole
from chatcli.core.events import Emit, Shown
from chatcli.core.messages import Role
from chatcli.core.session import Session
from chatcli.core.transcript import as_asked
from chatcli.core.when import moment
from chatcli.env import Env
from chatcli.errors import ChatcliError, StoreError, UsageError
from chatcli.inputs import path_of
from chatcli.outputs import NOT_WRITTEN, PRIVATE, put, reason, replaces
from chatcli.sessions import STDOUT, lines
from chatcli.sessions.incoming import Incoming, Source
from chatcli.sessions.lines import counted
from chatcli.sessions.outgoing import form_of, formed, joined
from chatcli.terminal.columns import wrapped
from chatcli.terminal.escape import clean, one_line
from chatcli.terminal.voice import Voice

OK: Final = 0
NOT_SOUND: Final = 1
NOT_ALL: Final = 1  # of what was asked for

_SHOWN: Final = 20  # lines of what is about to happen


class _Coming(NamedTuple):
    """What the files hold: the chats that are not here yet, a line for each id, and the ids that are here."""

    new: dict[str, str]
    known: list[str]


class Sessions:
    """Tends what the ``archive`` keeps.

    ``agreed`` asks the person; ``view`` draws replies, and is None where none are drawn; ``page`` makes a web
    page of a session; ``incoming`` reads files; ``untyped`` gives the content of the file of what was typed
    without these entries. Within ``bar``, what it gives shows how far an errand is; ``columns`` is the width
    of the terminal.
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
        untyped: Callable[[bytes, Collection[str]], bytes],
        bar: Callable[[str], AbstractContextManager[Callable[[int, int], None]]],
        columns: Callable[[], int],
    ) -> None:
        self._env = env
        self._archive = archive
        self._voice = voice
        self._now = now
        self._agreed = agreed
        self._view = view
        self._page = page
        self._incoming = incoming
        self._untyped = untyped
        self._bar = bar
        self._columns = columns

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
            self._show_lines(lines.of_records(records, self._now()))
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
            self._print(formed(whole, form or "md", self._page))
            return OK
        self._voice.aside(lines.of_record(record, self._now()))
        _show_again(whole.session, view)
        if any(way != whole.session.messages for way in whole.session.ways):
            self._voice.aside(f"it has gone other ways too: /branch in chatcli -S {record.id} lists them")
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
            self._show_lines(lines.of_hits(hits, self._now(), bold=bold))
        if not hits:
            self._voice.aside("nothing was found")
        return OK

    def rename(self, name: str, title: str, *, as_object: bool = False) -> int:
        """Give a session a title."""
        title = " ".join(title.split())
        which = self._meant(name).id
        self._archive.rename(which, title)
        self._voice.aside(f"title → {title}")
        self._report({"id": which, "title": title}, as_object=as_object)
        return OK

    def export(
        self, names: Sequence[str], form: str | None, file: str, *, everything: bool, consent: bool
    ) -> int:
        """Print these sessions, or write them to a file. What cannot be read is told, and left out."""
        flag = "--all" if everything else None
        _named_or_meant("exported", names, flag, "chatcli sessions export ID ..., or --all for every one.")
        records = self._archive.records() if everything else [*map(self._meant, names)]
        form = form or form_of(file)
        if form == "html" and len(records) != 1:
            raise UsageError("A page holds one session.", "Name one, or choose --format md.")
        unread: list[Record] = []
        texts = (formed(whole, form, self._page) for whole in self._readable(records, unread))
        pieces = texts if len(records) == 1 else joined(texts, form)
        if file == STDOUT:
            for piece in pieces:
                self._print(piece)
        else:
            self._write(file, pieces, consent=consent)
            self._voice.aside(f"wrote {counted(len(records) - len(unread), 'session')} to {file}")
        if unread:
            lost = f"{len(unread):,} of {counted(len(records), 'session')} cannot be read."
            self._voice.error(StoreError(lost, "The others are whole. chatcli sessions check looks further."))
            return NOT_ALL
        return OK

    def take_in(self, names: Sequence[str], *, consent: bool, as_object: bool = False) -> int:
        """Keep the chats of files, once it is clear what would come, and agreed."""
        coming = _Coming({}, [])
        try:
            sources = [self._incoming.source(name) for name in names]
            self._look_at(sources, coming)
            came = self._taken(sources, coming, consent=consent) if coming.new else []
        except KeyboardInterrupt:
            self._came(coming)
            raise
        if not coming.new:
            self._voice.aside("nothing is new")
        left_out = [{"file": source.name, "what": what} for source in sources for what in source.skipped]
        facts = {"imported": came, "duplicates": coming.known, "left_out": left_out}
        self._report(facts, as_object=as_object)
        return OK

    def remove(
        self, names: Sequence[str], *, older_than: str | None, consent: bool, as_object: bool = False
    ) -> int:
        """Delete sessions, once it is clear which ones would go, and agreed."""
        flag = None if older_than is None else "--older-than"
        _named_or_meant("deleted", names, flag, "chatcli sessions rm ID ..., or --older-than 90d.")
        before = self._moment("--older-than", older_than)
        if before is None:
            going = list(dict.fromkeys(map(self._meant, names)))
        else:
            going = [record for record in self._archive.records() if record.updated < before]
        if not going:
            self._voice.aside("no session is that old")
        elif not self._may_go(going, consent=consent):
            going = []
        asked = self._asked_in(going)
        gone = [record.id for record in self._archive.remove(going)] if going else []
        left = [record for record in going if record.id not in gone]
        if gone:
            self._voice.aside(f"deleted {counted(len(gone), 'session')}")
        for record in left:
            self._voice.say(f"left alone, it has changed meanwhile: {record.id}  {one_line(record.heading)}")
        facts = {"deleted": gone, "left_alone": [record.id for record in left]}
        self._report(facts, as_object=as_object)
        self._forget({text for which in gone for text in asked[which]})
        return NOT_ALL if left else OK

    def stats(self, *, as_object: bool = False) -> int:
        """Print what is kept, altogether."""
        stats = self._archive.stats()
        facts = lines.facts_of_stats(stats)
        if as_object:
            self._print(lines.as_object(facts))
        else:
            self._show_lines(lines.of_stats(stats, self._now()))
        return OK

    def check(self, *, as_object: bool = False) -> int:
        """Print what is wrong with the archive, if anything is."""
        damages = self._archive.check()
        self._report({"sound": not damages, "damages": damages}, as_object=as_object)
        if not damages:
            self._voice.aside("all is sound")
            return OK
        if not as_object:
            self._print("".join(f"{damage}\n" for damage in damages))
        hint = "chatcli sessions export --all > FILE saves what can still be read."
        self._voice.error(StoreError("The sessions are damaged.", hint))
        return NOT_SOUND

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

    def _show_lines(self, text: str) -> None:
        """Lines of ours for a person, which break between words."""
        self._env.stdout.write(wrapped(text, self._columns()) if self._env.stdout_tty else text)

    def _report(self, facts: Mapping[str, object], *, as_object: bool) -> None:
        """What was done, for a program that wants to know."""
        if as_object:
            self._print(lines.as_object(facts))

    def _readable(self, records: Sequence[Record], unread: list[Record]) -> Iterator[Whole]:
        """The sessions; one that cannot be read is told, and is ``unread``. Raises StoreError if all are."""
        for record in records:
            try:
                whole = self._archive.whole(record.id)
            except ChatcliError as error:
                unread.append(record)
                self._voice.say(f"left out: {record.id}  {one_line(record.heading)}: {error.message}")
            else:
                yield whole
        if unread and len(unread) == len(records):
            raise StoreError(
                "None of it can be read, so nothing was written.", "chatcli sessions check looks further."
            )

    def _write(self, name: str, pieces: Iterable[str], *, consent: bool) -> None:
        """Write the file, a new one for its owner's eyes."""
        file = path_of(name, self._env)
        try:
            if replaces(file) and not self._is_wanted(f"{name} exists. Write over it?", consent=consent):
                raise ChatcliError(f"{name} exists, and is as it was.", "Choose another name.")
            put(file, (piece.encode("utf-8", "replace") for piece in pieces), PRIVATE)
        except NOT_WRITTEN as error:
            hint = "Is its folder there, and yours?"
            raise ChatcliError(f"{name} cannot be written: {reason(error)}.", hint) from error

    def _look_at(self, sources: Sequence[Source], coming: _Coming) -> None:
        """Read every chat, and say what there is in each file, and what cannot come."""
        here = self._ids()
        for source in sources:
            new, known = len(coming.new), len(coming.known)
            for chat in source.chats():
                which = chat.session.id
                if which in here:
                    coming.known.append(which)
                    continue
                here.add(which)
                turns = counted(len(chat.session.turns), "turn")
                coming.new[which] = f"{turns:<9}  {one_line(chat.session.heading)}"
            found = f"{counted(len(coming.new) - new, 'session')} to come"
            already = f", {len(coming.known) - known:,} here already" if len(coming.known) > known else ""
            self._voice.say(f"{source.name} ({source.format.value}): {found}{already}")
        for source in sources:
            for what in source.skipped:
                self._voice.say(f"stays behind: {what}")

    def _taken(self, sources: Sequence[Source], coming: _Coming, *, consent: bool) -> list[str]:
        """Keep what is new, if that is agreed; what has come."""
        self._announce("would come", [*coming.new.values()])
        if self._is_wanted(f"Import {counted(len(coming.new), 'session')}?", consent=consent):
            with self._bar("importing") as told:
                self._archive.take(_telling(sources, len(coming.new) + len(coming.known), told))
        return self._came(coming)

    def _came(self, coming: _Coming) -> list[str]:
        """What has come: all that is new or, where something came between, nothing. It is told."""
        here = self._ids()
        came = [which for which in coming.new if which in here]
        self._voice.aside(f"imported {counted(len(came), 'session')}" if came else "nothing was imported")
        return came

    def _ids(self) -> set[str]:
        return {record.id for record in self._archive.records()}

    def _may_go(self, going: Sequence[Record], *, consent: bool) -> bool:
        self._announce("would go", lines.of_records(going, self._now()).splitlines())
        wanted = self._is_wanted(f"Delete {counted(len(going), 'session')} for good?", consent=consent)
        if not wanted:
            self._voice.aside("nothing was deleted")
        return wanted

    def _asked_in(self, records: Iterable[Record]) -> dict[str, set[str]]:
        """By id, all that was asked in these sessions, as far as they are still there."""
        asked: dict[str, set[str]] = {}
        for record in records:
            with suppress(UsageError):
                said = (one.message for one in self._archive.whole(record.id).said)
                asked[record.id] = {message.asked for message in said if message.role is Role.USER}
        return asked

    def _forget(self, questions: Collection[str]) -> None:
        """Deleted means deleted: what was asked leaves the file of what was typed too, whoever typed it."""
        file = self._env.dirs.history
        try:
            typed = file.read_bytes()
            left = self._untyped(typed, questions)
            if left != typed:
                put(file, [left], PRIVATE)
        except FileNotFoundError:
            return
        except NOT_WRITTEN as error:
            hint = "The questions that were deleted still stand in it."
            raise ChatcliError(f"{file} cannot be written: {reason(error)}.", hint) from error

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
            replied = message.role is Role.ASSISTANT
            text = message.text if replied else f"\n{as_asked(number, message)}"
            view(Shown(text, rendered=None if replied else False, finish=message.finish))


def _named_or_meant(what: str, names: Sequence[str], flag: str | None, hint: str) -> None:
    """Raises UsageError unless sessions are either named, or meant by a flag."""
    if names and flag:
        raise UsageError(f"Names and {flag} are given: it is one or the other.", hint)
    if not names and not flag:
        raise UsageError(f"Which sessions are to be {what}?", hint)


def _telling(sources: Iterable[Source], total: int, told: Callable[[int, int], None]) -> Iterator[Whole]:
    """Their chats; ``told`` hears how many have been taken."""
    chats = (chat for source in sources for chat in source.chats())
    for number, chat in enumerate(chats, 1):
        yield chat
        told(number, total)
