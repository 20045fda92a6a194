"""The name that was probably meant, and the names that may be meant."""

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name that ``word`` is a misspelling or the beginning of; None if no name comes close."""
    lowered = word.lower()
    by_distance = sorted((_distance(lowered, name.lower()), name) for name in names)
    if by_distance and by_distance[0][0] <= max(1, len(word) // 3):
        return by_distance[0][1]
    longer = (name for _, name in by_distance if lowered and name.lower().startswith(lowered))
    return next(longer, None)


def matching(word: str, things: Iterable[T], names: Callable[[T], Iterable[str]]) -> list[T]:
    """The things that have a name that begins with ``word``.

    If there is none, those whose initials begin so: ``mt`` for ``max_tokens``; or those that have its letters
    where words begin: ``tok``, ``mtok``; or those that contain it; or else those that have its letters, in
    their order.
    """
    lowered = word.lower()
    named = [(thing, [name.lower() for name in names(thing)]) for thing in things]
    for fits in (str.startswith, _has_initials, _has_beginnings, str.__contains__, _has_letters):
        if found := [thing for thing, each in named if any(fits(name, lowered) for name in each)]:
            return found
    return []


def alike(word: str, things: Iterable[T], name: Callable[[T], str]) -> list[T]:
    """The things whose name begins as ``word`` does, for half of the word at least: "light" for "lite".

    Only those that do for longest; nothing is like a word of one letter.
    """
    begun = [(thing, _begun(name(thing).lower(), word.lower())) for thing in things]
    longest = max((length for _, length in begun), default=0)
    return [thing for thing, length in begun if length == longest >= max(2, len(word) / 2)]


def _has_initials(name: str, letters: str) -> bool:
    return "".join(part[:1] for part in _words(name)).startswith(letters)


def _has_beginnings(name: str, letters: str) -> bool:
    """Whether the letters are beginnings of words, one behind the other; words may be left out."""
    left = {letters}  # what may be left of them, by how much the words so far have taken
    for part in _words(name):
        left |= {rest[taken:] for rest in left for taken in range(1, _begun(part, rest) + 1)}
    return "" in left


def _words(name: str) -> list[str]:
    return re.split(r"[\W_]+", name)


def _begun(name: str, word: str) -> int:
    """How many letters of ``word`` the name begins with."""
    return next((at for at, letter in enumerate(word) if name[at : at + 1] != letter), len(word))


def _has_letters(name: str, letters: str) -> bool:
    rest = iter(name)
    return all(letter in rest for letter in letters)


def _distance(left: str, right: str) -> int:
    """How many letters to add, drop, change, or swap with a neighbour to make one word the other."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, 1):
        above = row
        row = [i]
        for j, other in enumerate(right, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = above
    return row[-1]
