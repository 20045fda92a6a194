"""Closes the inline markup that is still being written, for display only: no raw ``**`` flashes by.

What is healed is the text of one block. When the block is final it is read as it was written.
"""

import re

_MARKUP = re.compile(
    r"""\\.
      | (?P<ticks>`+)
      | (?P<stars>\*+|_+|~+)
      | (?P<bracket>!?\[)
      | (?P<link>\]\((?:[^\s()]|\([^\s()]*\))*+(?:\s+"[^"]*"|\s+'[^']*')?\s*\))
      | (?P<half>\]\((?:[^\s()]|\([^\s()]*\)?)*+(?:\s+["'][^"']*)?$)
      | (?P<closed>\])
      | <[^<>\s]+>
      """,
    re.VERBOSE | re.DOTALL,
)
_LONGEST_LABEL = 60  # a bracket open for longer than that is a bracket
_PUNCTUATION = re.compile(r"[^\w\s]|_")


def heal(text: str) -> str:
    """The text with what is open at its end closed, and with half a marker or half a link target left out."""
    if not _MARKUP.search(text):
        return text
    openers: list[str] = []
    brackets: list[tuple[int, int]] = []
    position = 0
    while found := _MARKUP.search(text, position):
        position = found.end()
        match found.lastgroup:
            case "ticks":
                closing = re.compile(rf"(?<!`){found[0]}(?!`)").search(text, position)
                if closing is None:
                    text = _closed_code(text, found.start(), found[0])
                    break
                position = closing.end()
            case "stars":
                if position == len(text):
                    text = _without_dangling(text, found.start(), openers)
                    break
                _balance(openers, text, found)
            case "bracket":
                brackets.append(found.span())
            case "half" if brackets:
                text = text[: found.start()]
            case "link" | "closed" if brackets:
                brackets.pop()
            case _:
                pass
    return _closed(_without_half_link(text, brackets), openers)


def _closed_code(text: str, start: int, ticks: str) -> str:
    code = text[start + len(ticks) :].rstrip("`")  # ticks at the end are the first ones of the closing run
    return f"{text[:start]}{ticks}{code}{ticks}" if code.strip() else text[:start]


def _without_dangling(text: str, start: int, openers: list[str]) -> str:
    """A marker at the very end opens something yet to come, or is the half of one that closes."""
    mark = text[start]
    awaited = any(opener[0] == mark for opener in openers)
    in_a_word = mark == "_" and text[start - 1 : start].isalnum()
    return text if not awaited and (in_a_word or text[start:] == "~") else text[:start]


def _balance(openers: list[str], text: str, found: re.Match[str]) -> None:
    """Adds the marker to the open ones, or takes away what it closes."""
    marker, before, after = found[0], text[: found.start()][-1:] or " ", text[found.end()]
    left = not after.isspace() and (not _PUNCTUATION.match(after) or not before.isalnum())
    right = not before.isspace() and (not _PUNCTUATION.match(before) or not after.isalnum())
    if marker == "~" or (marker[0] == "_" and left and right):
        return  # about ~5, snake_case
    if right:
        marker = _taken_from(openers, marker)
    if left and marker:
        openers.append(marker)


def _taken_from(openers: list[str], marker: str) -> str:
    """What is left of the marker when it has closed what it can; what stood open inside is text."""
    while marker:
        place = next((i for i in reversed(range(len(openers))) if openers[i][0] == marker[0]), None)
        if place is None:
            return marker
        opener = openers[place]
        del openers[place:]
        if len(opener) > len(marker):
            openers.append(opener[len(marker) :])
        marker = marker[len(opener) :]
    return marker


def _without_half_link(text: str, brackets: list[tuple[int, int]]) -> str:
    for start, end in reversed(brackets):
        in_a_word = text[:start][-1:].isalnum()
        if len(text) - end <= _LONGEST_LABEL and not in_a_word:
            text = text[:start] + text[end:]
    return text


def _closed(text: str, openers: list[str]) -> str:
    if not openers:
        return text
    text = text.rstrip()
    return text + "".join(reversed(openers))
