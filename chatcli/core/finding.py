"""Looking for words: what a person means by them, how well a text answers, and the piece of it to show."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

Phrase: TypeAlias = tuple[str, ...]
"""Words that follow each other, as ``folded`` writes them; mostly it is one."""

# Patterns of these are compiled when they are first used: it takes longer than to open the archive.
# Thai, Burmese, Khmer, Chinese and Japanese are written without blanks, and Korean adds its endings to words:
# each of their signs is taken for a word.
_SIGNS: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
# And so is a picture such as an emoji; nothing else that this finds is a word (see _is_word).
_SIGN: Final = f"[{_SIGNS}]"
_ALONE: Final = rf"{_SIGN}|[^\w\s\x00-\x7f]"
_WORD: Final = rf"{_ALONE}|[^\W_{_SIGNS}]+"
_PICTURES: Final = {"So", "Cn"}  # Cn: those that this Python's Unicode does not know yet
# With the colour of a skin, and whether an emoji is drawn in colours.
_ACCENT: Final = re.compile("[\u0300-\u036f\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
_BETWEEN: Final = r"[\W_]*"
_BLANK: Final = re.compile(r"\s")
_QUOTED: Final = re.compile(r'"([^"]*)"|(\S+)')

_USUAL_LENGTH: Final = 1_000  # characters of a message: a word weighs more in a shorter one
_SNIPPET: Final = 160  # characters


class Snippet(NamedTuple):
    """A piece of a text in one line; ``marks`` are where the words stand in it."""

    text: str
    marks: tuple[tuple[int, int], ...]


def phrases(text: str) -> list[Phrase]:
    """What is looked for: each word by itself, or those ``"in quotation marks"`` together."""
    found = _QUOTED.finditer(folded(text))
    parts = (tuple(filter(_is_word, re.findall(_WORD, each[1] or each[2] or ""))) for each in found)
    return list(dict.fromkeys(part for part in parts if part))


def spaced(text: str) -> str:
    """The text as it goes into an index: every word stands by itself."""
    if text.isascii():
        return text
    apart = re.sub(_SIGN, r" \g<0> ", folded(text))
    for picture in filter(_is_picture, set(apart)):  # there are few: a pattern would look at every letter
        apart = apart.replace(picture, f" {picture} ")
    return apart


def folded(text: str) -> str:
    """Without case and accents."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", text.casefold())))


class Score:
    """How well a text answers: the oftener a phrase stands there, and the less else does, the better."""

    def __init__(self, sought: Sequence[Phrase]) -> None:
        self._patterns = [_pattern(phrase) for phrase in sought]

    def of(self, text: str) -> float:
        """The score: at most 1 for each phrase."""
        same = folded(text)
        length = 0.5 + len(text) / _USUAL_LENGTH
        counts = (len(pattern.findall(same)) for pattern in self._patterns)
        return sum(count / (count + length) for count in counts)

    def is_held(self, text: str) -> bool:
        """Whether every phrase stands in the text."""
        same = folded(text)
        return all(pattern.search(same) for pattern in self._patterns)


def snippet(text: str, sought: Sequence[Phrase]) -> Snippet:
    """The piece of a text in which most of the phrases stand, or else its beginning."""
    places = list(_places(text, sought))
    start, end = _window(places, len(text))
    begin = max(0, start - (_SNIPPET - (end - start)) // 3)
    piece = text[begin : begin + _SNIPPET]
    if begin and (blank := _BLANK.search(piece[: start - begin])):
        piece, begin = piece[blank.end() :], begin + blank.end()
    before = "…" if begin else ""
    after = "…" if begin + len(piece) < len(text) else ""
    shift = len(before) - begin
    marks = [
        (start + shift, end + shift)
        for start, end, _ in places
        if begin <= start and end <= begin + len(piece)
    ]
    return Snippet(f"{before}{_BLANK.sub(' ', piece)}{after}", tuple(marks))


def _pattern(phrase: Phrase) -> re.Pattern[str]:
    """Finds the phrase in a folded text. A sign may stand amid others; a word stands by itself."""
    first, *others = phrase
    # Looked at behind the word, so that the search can go from one to the next without a stop.
    before = "" if re.match(_ALONE, first) else rf"(?<![^\W_]{first})"
    after = "" if re.match(_ALONE, phrase[-1]) else r"(?![^\W_])"
    return re.compile(_BETWEEN.join([first + before, *others]) + after)


def _places(text: str, sought: Sequence[Phrase]) -> Iterator[tuple[int, int, Phrase]]:
    """Where each phrase stands: from, to, and which it is."""
    found = ((each[0], *each.span()) for each in re.finditer(_WORD, text))
    words = [(folded(word), start, end) for word, start, end in found if _is_word(word)]
    for at, (word, start, _) in enumerate(words):
        for phrase in sought:
            if word == phrase[0] and tuple(each for each, _, _ in words[at : at + len(phrase)]) == phrase:
                yield start, words[at + len(phrase) - 1][2], phrase


def _window(places: Sequence[tuple[int, int, Phrase]], length: int) -> tuple[int, int]:
    """From where to where the most different phrases stand that a snippet can hold."""
    best, most = (0, min(length, 1)), 0
    for at, (start, _, _) in enumerate(places):
        held = [place for place in places[at : at + 20] if place[1] <= start + _SNIPPET * 3 // 4]
        if (different := len({phrase for _, _, phrase in held})) > most:
            best, most = (start, held[-1][1]), different
    return best


def _is_word(found: str) -> bool:
    return found[0].isalnum() or _is_picture(found)


def _is_picture(sign: str) -> bool:
    return not sign.isascii() and unicodedata.category(sign[0]) in _PICTURES
