"""Reads the chats out of ``logs.db``, where llm keeps them: a database of SQLite, opened to be read only.

Since version 0.32, llm keeps messages as a tree: ``threads`` point to their last message, ``turns`` tell how
each reply came about. Before that it had ``conversations`` with ``responses``, which it leaves in place.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from chatcli.core.archive import Kept, Said, Whole
from chatcli.core.interchange.reader import Reader, broken, parse
from chatcli.core.interchange.records import Imported, brought, told
from chatcli.core.messages import Image, Message, Role, Usage
from chatcli.core.params import PARAMS, Params
from chatcli.core.picture import MOST_BYTES, picture
from chatcli.core.session import Session
from chatcli.errors import UsageError

_ROLES: Final = {"user": Role.USER, "assistant": Role.ASSISTANT}

_CHAIN: Final = """
with recursive chain(hash) as (
    select tip_message_hash from threads where id = :thread
    union select tip_message_hash from turns where thread_id = :thread
    union select parent_hash from messages join chain using (hash)
)
select messages.hash, parent_hash, role from messages join chain using (hash)
order by messages.rowid -- llm writes parents first
"""
_PARTS: Final = "select * from parts where message_hash = ? order by position"
_RESPONSES: Final = "select * from responses where conversation_id = ? order by datetime_utc, id"
_LONE: Final = "select * from responses where conversation_id is null"
_FRAGMENTS: Final = """
select content from fragments join {table} on fragment_id = fragments.id
where response_id = ? order by "order"
"""
_ATTACHMENTS: Final = """
select attachments.* from attachments join prompt_attachments on attachment_id = attachments.id
where response_id = ? order by "order"
"""


def read_llm_logs(path: Path) -> Imported:
    """The chats of the database, the oldest first.

    Raises:
        UsageError: It is no database of llm, or damaged.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            return _Logs(database, str(path)).all()
    except sqlite3.Error as error:
        raise broken(str(path), f"it cannot be read as a database of llm ({error})") from error


class _Logs:
    """One database, in either layout or both."""

    def __init__(self, database: sqlite3.Connection, place: str) -> None:
        self._database = database
        self._place = place
        self._skipped: Counter[str] = Counter()
        self._tables = {row["name"] for row in self._rows("select name from sqlite_master")}

    def all(self) -> Imported:
        if not self._tables & {"threads", "conversations"}:
            raise broken(self._place, "it holds no chats as llm keeps them since version 0.5")
        conversations = {row["id"]: row for row in self._optional("conversations")}
        threads = {row["id"]: row for row in self._optional("threads")}
        # A conversation that went on as a thread is told there, from its beginning.
        found = [self._thread(row, conversations.get(name)) for name, row in threads.items()]
        found += [self._conversation(row) for name, row in conversations.items() if name not in threads]
        found += [self._chat_of(row["id"], "", [row]) for row in self._optional("responses", _LONE)]
        chats = sorted((chat for chat in found if chat.said), key=lambda chat: chat.created)
        self._skipped["chats in which nothing is said"] += len(found) - len(chats)
        return Imported(tuple(chats), told(self._skipped))

    def _thread(self, thread: sqlite3.Row, conversation: sqlite3.Row | None) -> Whole:
        turns = self._rows("select * from turns where thread_id = ? order by id", (thread["id"],))
        asked = {turn["parent_message_hash"]: turn for turn in reversed(turns)}
        answers = {turn["tip_message_hash"]: turn for turn in turns}
        before = self._said(self._rows(_RESPONSES, (thread["id"],))) if conversation else []
        earlier = {(one.message.role, one.message.text): one for one in before}
        system = ""
        said: list[Said] = []
        places: dict[str | None, int | None] = {}  # of the last thing said up to each message
        for row in self._rows(_CHAIN, {"thread": thread["id"]}):
            places[row["hash"]] = above = places.get(row["parent_hash"])
            text, images, reasoning = self._content(row["hash"])
            role = _ROLES.get(row["role"])
            if row["role"] == "system":
                system = system or text
                continue
            if role is None or not (text or images):
                self._skipped["messages to and from tools"] += 1
                continue
            places[row["hash"]] = here = len(said)
            if answer := answers.get(row["hash"]):
                message = Message(role, text, images=images, model=answer["model"])
                kept = _kept(answer)._replace(reasoning=reasoning)
                said.append(Said(here, above, _time(answer), message, kept))
            elif one := earlier.get((role, text)):
                said.append(one._replace(number=here, after=above))
            else:
                at = _time(asked.get(row["hash"], thread))
                said.append(Said(here, above, at, Message(role, text, images=images)))
        title = (conversation or thread)["name"] or ""
        return _chat(thread["id"], title, system, said, places.get(thread["tip_message_hash"]))

    def _content(self, message: str) -> tuple[str, tuple[Image, ...], str]:
        """What the parts of a message come to: a text, pictures, and what the model thought."""
        texts: list[str] = []
        images: list[Image] = []
        thoughts: list[str] = []
        for part in self._rows(_PARTS, (message,)):
            place = f"{self._place}, part {part['id']}"
            payload = Reader(parse(part["payload"] or "{}", place), place)
            match part["type"]:
                case "text":
                    texts.append(part["text"] or self._pieced(payload))
                case "reasoning":
                    thoughts.append(part["text"] or self._pieced(payload))
                case "attachment":
                    key = payload.inner("attachment").text("id")
                    images += self._images(self._rows("select * from attachments where id = ?", (key,)))
        return "".join(texts), tuple(images), "\n\n".join(thoughts)

    def _pieced(self, payload: Reader) -> str:
        """A text of which parts, the fragments, are kept elsewhere."""
        pieces = []
        for piece in payload.inners("text_ref"):
            found = self._rows("select content from fragments where id = ?", (piece.whole("fragment"),))
            pieces.append(found[0]["content"] if found else piece.text("literal"))
        return "".join(pieces)

    def _conversation(self, conversation: sqlite3.Row) -> Whole:
        responses = self._rows(_RESPONSES, (conversation["id"],))
        return self._chat_of(conversation["id"], conversation["name"] or "", responses)

    def _chat_of(self, name: str, title: str, responses: Sequence[sqlite3.Row]) -> Whole:
        """The chat that these responses are."""
        said = self._said(responses)
        system = next(filter(None, map(self._system, responses)), "")
        return _chat(name, title, system, said, len(said) - 1 if said else None)

    def _said(self, responses: Sequence[sqlite3.Row]) -> list[Said]:
        """What was asked and answered, one after the other."""
        said: list[Said] = []
        for row in responses:
            answer = Message(Role.ASSISTANT, row["response"] or "", model=row["model"])
            for message, kept in ((self._question(row), None), (answer, _kept(row))):
                if message.text or message.images:
                    after = len(said) - 1 if said else None
                    said.append(Said(len(said), after, _time(row), message, kept))
        return said

    def _question(self, response: sqlite3.Row) -> Message:
        fragments = self._fragments("prompt_fragments", response["id"])
        text = "\n".join([*fragments, *filter(None, [response["prompt"]])])
        attached = self._rows(_ATTACHMENTS, (response["id"],)) if "attachments" in self._tables else []
        return Message(Role.USER, text, images=tuple(self._images(attached)))

    def _system(self, response: sqlite3.Row) -> str:
        texts = [*self._fragments("system_fragments", response["id"]), response["system"] or ""]
        return "\n\n".join(filter(None, map(str.strip, texts)))

    def _fragments(self, table: str, response: str) -> list[str]:
        if table not in self._tables:
            return []
        return [row["content"] for row in self._rows(_FRAGMENTS.format(table=table), (response,))]

    def _images(self, attachments: Sequence[sqlite3.Row]) -> Iterator[Image]:
        for attachment in attachments:
            name = Path(attachment["path"] or attachment["url"] or attachment["id"]).name
            try:
                image = picture(name, attachment["content"] or _file(attachment["path"]))
            except UsageError:  # damaged, or too large for any model
                image = None
            if image:
                yield image
            else:
                self._skipped["attachments that are no pictures, or not there any more"] += 1

    def _optional(self, table: str, query: str = "") -> list[sqlite3.Row]:
        return self._rows(query or f"select * from {table}") if table in self._tables else []  # noqa: S608 our own

    def _rows(self, query: str, values: Any = ()) -> list[sqlite3.Row]:
        return self._database.execute(query, values).fetchall()


def _chat(name: str, title: str, system: str, said: list[Said], head: int | None) -> Whole:
    times = [one.at for one in said] or [0.0]
    model = next((one.message.model for one in reversed(said) if one.message.model), None)
    like = Whole(Session(model, system, title=title), min(times), max(times), f"llm:{name}")
    return brought(like, said, head)


def _file(path: str | None) -> bytes:
    """The file that was attached, which llm leaves where it is."""
    try:
        file = Path(path or "")
        return file.read_bytes() if file.is_file() and file.stat().st_size <= MOST_BYTES else b""
    except OSError:
        return b""


def _kept(row: sqlite3.Row) -> Kept:
    """What is known of a reply; the oldest databases know less."""
    known = dict(row)
    prompt, completion = known.get("input_tokens"), known.get("output_tokens")
    return Kept(
        params=_params(row["options_json"]),
        usage=None if prompt is None or completion is None else Usage(prompt, completion),
        seconds=(row["duration_ms"] or 0) / 1000,
        reasoning=known.get("reasoning") or "",
    )


def _time(row: sqlite3.Row) -> float:
    try:
        time = datetime.fromisoformat(row["datetime_utc"] or "")
    except ValueError:
        return 0.0
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def _params(text: str | None) -> Params:
    """The options that are parameters here too."""
    params = Params()
    options = Reader(parse(text or "{}", "options_json"), "options_json")
    for name in options:
        with suppress(KeyError, ValueError):
            params = params.having(name, PARAMS[name].kind.check(options.any(name)))
    return params
