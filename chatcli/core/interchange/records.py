"""What an import yields: chats as the archive takes them, and what had to stay behind."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple

from chatcli.core.archive import Said, Whole


class Imported(NamedTuple):
    """The chats of one file, in its order, and what could not be brought along, in words."""

    chats: tuple[Whole, ...]
    skipped: tuple[str, ...] = ()


def brought(like: Whole, said: Sequence[Said], head: int | None) -> Whole:
    """``like``, with all this said in it: the way to ``head``, and every other way to its end as a branch.

    Messages are numbered by their places. The id and the origin grow from where the chat was and from all
    that is said in it: imported again, it is the same chat, and another one once more has been said in it.
    """
    inner = {one.after for one in said}
    ways = [way(said, one.number) for one in said if one.number not in inner and one.number != head]
    messages = tuple(one.message for one in way(said, head))
    branches = dict.fromkeys(tuple(one.message for one in each) for each in ways)
    branches.pop(messages, None)
    digest = _digest(like.origin, said)
    session = replace(like.session, messages=messages, branches=tuple(branches), id=digest)
    return like._replace(session=session, origin=f"{like.origin} {digest}", said=tuple(said), head=head)


def way(said: Sequence[Said], end: int | None) -> list[Said]:
    """Everything from the beginning to the message in this place, where messages are numbered by places."""
    found = []
    while end is not None:
        found.append(said[end])
        end = said[end].after
    return found[::-1]


def told(skipped: Counter[str]) -> tuple[str, ...]:
    """What was skipped, in words and numbers."""
    return tuple(f"{what}: {count:,}" for what, count in skipped.items() if count)


def _digest(origin: str, said: Sequence[Said]) -> str:
    digest = sha256(_bytes(origin))
    for one in said:
        text = _bytes(one.message.text)
        digest.update(f"\0{one.after} {one.message.role.value} {len(text)}\0".encode() + text)
    return digest.hexdigest()[:12]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
