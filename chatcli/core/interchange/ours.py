"""Chats as JSON lines, with everything: one chat a line, each message once, pictures and all.

A line is an object. ``messages`` holds all that was said, in all branches; each names the place of the one
that it follows in that list as ``parent``, unless that is the one before it. ``head`` and ``branches`` are
the places of last messages. Pictures stand in ``images``, under the SHA-256 of their bytes. Times are in
seconds since 1970. What is empty is left out.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from hashlib import sha256
from typing import Any, Final, TypeVar

from chatcli.core.archive import Kept, Said, Whole
from chatcli.core.interchange.reader import Reader, broken, parse
from chatcli.core.interchange.records import Imported, way
from chatcli.core.messages import Finish, Image, Message, Role, Usage
from chatcli.core.money import Spent
from chatcli.core.params import LIMITS, PARAMS, Limits, Param, Params
from chatcli.core.session import Session, Summary
from chatcli.errors import UsageError

MARK: Final = "chatcli"  # the first name in every line; its value is the version of the format
_VERSION: Final = 1

_E = TypeVar("_E", bound=Enum)


def as_line(chat: Whole) -> str:
    """The chat as one line, with its newline."""
    session = chat.session
    said, ends = _placed(chat)
    *branches, head = ends
    images = {_hash(image): image for one in said for image in one.message.images}
    facts = _present(
        {
            MARK: _VERSION,
            "id": session.id or None,
            "title": session.title or None,
            "origin": chat.origin or None,
            "created": chat.created,
            "updated": chat.updated,
            "model": session.model,
            "system": session.system or None,
            "params": session.params.given() or None,
            "limits": session.limits.given() or None,
            "pins": sorted(session.pins) or None,
            "dropped": sorted(session.dropped) or None,
            "summary": session.summary and _of_summary(session.summary),
            "spent": _of_spent(session.spent) or None,
            "messages": [_of_said(one) for one in said],
            "head": head,
            "branches": branches or None,
            "images": {name: b64encode(image.data).decode() for name, image in images.items()} or None,
        }
    )
    line = json.dumps(facts, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Half of a surrogate pair, which UTF-8 cannot hold, becomes the escape that JSON has for it.
    return line.encode("utf-8", "backslashreplace").decode() + "\n"


def from_lines(lines: Iterable[str], place: str) -> Imported:
    """The chats of a file. Raises UsageError, which names the line, if one of them is not as it should be."""
    return Imported(tuple(chats_in(lines, place)))


def chats_in(lines: Iterable[str], place: str) -> Iterator[Whole]:
    """The same, one by one, for a file that is large."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            here = f"{place}, line {number}"
            yield _chat(Reader(parse(line, here), here))


def _placed(chat: Whole) -> tuple[list[Said], list[int | None]]:
    """All that was said, numbered by place; and the places where the branches end, and the chat itself."""
    places = {one.number: place for place, one in enumerate(chat.said)}
    said = [
        one._replace(number=place, after=None if one.after is None else places[one.after])
        for place, one in enumerate(chat.said)
    ]
    # What was said twice in one place can be told apart by nothing else than the head.
    first = way(said, None if chat.head is None else places[chat.head])
    known = {(one.after, one.message): one.number for one in (*reversed(said), *first)}
    ends: list[int | None] = []
    for messages in (*chat.session.branches, chat.session.messages):
        after: int | None = None
        for message in messages:
            here = known.setdefault((after, message), len(said))
            if here == len(said):
                said.append(Said(here, after, chat.updated, message))
            after = here
        ends.append(after)
    return said, ends


def _chat(line: Reader) -> Whole:
    version = line.whole(MARK)
    if version is None:
        raise broken(line.place, f"this is no chat of ours, it has no {MARK!r}")
    if version > _VERSION:
        raise UsageError(f"{line.place} was written by a newer chatcli.", "Update chatcli, and try again.")
    updated = _time(line, "updated", 0.0)
    images = line.inner("images")
    said = tuple(_said(node, place, updated, images) for place, node in enumerate(line.inners("messages")))
    head = line.any("head")
    *branches, messages = (_way(line, said, end) for end in (*line.items("branches"), head))
    session = Session(
        model=line.text("model") if "model" in line else None,
        system=line.text("system"),
        params=Params(**_checked(PARAMS, line.inner("params"))),
        limits=Limits(**_checked(LIMITS, line.inner("limits"))),
        messages=messages,
        pins=_numbers(line, "pins"),
        dropped=_numbers(line, "dropped"),
        summary=_summary(line.inner("summary")) if "summary" in line else None,
        spent=_spent(line.inner("spent")),
        title=line.text("title"),
        branches=tuple(branches),
        id=line.text("id"),
    )
    return Whole(session, _time(line, "created", updated), updated, line.text("origin"), said, head)


def _way(line: Reader, said: Sequence[Said], end: object) -> tuple[Message, ...]:
    if end is None:
        return ()
    if type(end) is not int or not 0 <= end < len(said):
        raise broken(line.place, "head and branches should be places of messages")
    return tuple(one.message for one in way(said, end))


def _of_said(one: Said) -> dict[str, Any]:
    """The names are those of the API, where it has one."""
    message, before = one.message, one.number - 1 if one.number else None
    node = {
        "role": message.role.value,
        "content": message.text,
        "along": message.along or None,
        "images": [_of_image(image) for image in message.images] or None,
        "finish_reason": message.finish and message.finish.value,
        "model": message.model,
        "at": one.at,
        "kept": one.kept and _of_kept(one.kept),
    }
    return _present(node) | ({} if one.after == before else {"parent": one.after})


def _said(node: Reader, place: int, updated: float, images: Reader) -> Said:
    message = Message(
        _choice(Role, node, "role"),
        node.text("content"),
        _choice(Finish, node, "finish_reason") if "finish_reason" in node else None,
        tuple(_image(each, images) for each in node.inners("images")),
        node.text("model") if "model" in node else None,
        node.whole("along") or 0,
    )
    kept = _kept(node.inner("kept")) if "kept" in node else None
    return Said(place, _parent(node, place), _time(node, "at", updated), message, kept)


def _parent(node: Reader, place: int) -> int | None:
    if not node.has("parent"):
        return place - 1 if place else None
    parent = node.whole("parent")
    if parent is not None and not 0 <= parent < place:
        raise broken(node.place, "parent should be the place of a message before it")
    return parent


def _of_kept(kept: Kept) -> dict[str, Any]:
    return _present(
        {
            "params": kept.params.given() or None,
            "usage": kept.usage and kept.usage._asdict(),
            "cost": kept.cost,
            "seconds": kept.seconds or None,
            "first": kept.first,
            "reasoning": kept.reasoning or None,
            "left_out": list(kept.left_out) or None,
        }
    )


def _kept(value: Reader) -> Kept:
    return Kept(
        params=Params(**_checked(PARAMS, value.inner("params"))),
        usage=_usage(value.inner("usage")) if "usage" in value else None,
        cost=value.number("cost"),
        seconds=value.number("seconds") or 0.0,
        first=value.number("first"),
        reasoning=value.text("reasoning"),
        left_out=_in_order(value, "left_out"),
    )


def _usage(value: Reader) -> Usage:
    return Usage(**{name: value.whole(name) or 0 for name in Usage._fields})


def _hash(image: Image) -> str:
    return sha256(image.data).hexdigest()


def _of_image(image: Image) -> dict[str, Any]:
    facts = {"name": image.name, "type": image.mime, "width": image.width, "height": image.height}
    return facts | {"sha256": _hash(image)}


def _image(value: Reader, images: Reader) -> Image:
    name = value.text("sha256")
    try:
        data = b64decode(images.text(name), validate=True)
    except ValueError as error:
        raise broken(f"{images.place}, {name}", "this is no base64") from error
    image = Image(
        value.text("name"), value.text("type"), data, value.whole("width") or 0, value.whole("height") or 0
    )
    if _hash(image) != name:
        raise broken(value.place, "the picture is missing or damaged")
    return image


def _of_summary(summary: Summary) -> dict[str, Any]:
    return {"text": summary.text, "turns": sorted(summary.turns), "wanted": summary.wanted}


def _summary(value: Reader) -> Summary:
    return Summary(value.text("text"), _numbers(value, "turns"), value.any("wanted") is True)


def _of_spent(spent: Spent) -> dict[str, Any]:
    last = {} if spent.last is None else {"last": _amounts_of(spent.last)}
    return _amounts_of(spent) | last


def _amounts_of(spent: Spent) -> dict[str, Any]:
    return {name: amount for name, amount in spent._asdict().items() if amount and name != "last"}


def _spent(value: Reader) -> Spent:
    return _amounts(value)._replace(last=_amounts(value.inner("last")) if "last" in value else None)


def _amounts(value: Reader) -> Spent:
    return Spent(
        prompt=value.whole("prompt") or 0,
        completion=value.whole("completion") or 0,
        dollars=value.number("dollars") or 0.0,
        unpriced=value.whole("unpriced") or 0,
    )


def _checked(table: Mapping[str, Param], value: Reader) -> dict[str, Any]:
    """The parameters, as the table has them."""
    checked = {}
    for name in value:
        if name not in table:
            raise broken(value.place, f"there is no {name}")
        try:
            checked[name] = table[name].kind.check(value.any(name))
        except ValueError as error:
            raise broken(value.place, f"{name} should be {error}") from error
    return checked


def _time(value: Reader, name: str, otherwise: float) -> float:
    time = value.time(name)
    return otherwise if time is None else time


def _numbers(value: Reader, name: str) -> frozenset[int]:
    return frozenset(_in_order(value, name))


def _in_order(value: Reader, name: str) -> tuple[int, ...]:
    numbers = value.items(name)
    if not all(type(number) is int for number in numbers):
        raise broken(value.place, f"{name} should be whole numbers")
    return tuple(numbers)


def _choice(kind: type[_E], value: Reader, name: str) -> _E:
    try:
        return kind(value.any(name))
    except ValueError as error:
        words = ", ".join(choice.value for choice in kind)
        raise broken(value.place, f"{name} should be one of {words}") from error


def _present(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
