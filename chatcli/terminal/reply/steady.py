"""How much of a growing text is beyond change: what it says there it says however it goes on.

A marker that could open something is no part of it until that is closed.
"""

import re
from typing import Final

from chatcli.terminal.reply.parser import MATH

# What each of these reads is read so in any text that begins like this one: nothing in it is left open, and
# nothing that follows reaches back into it. Where that is not sure none of them matches.
_LETTER: Final = r"[^\W_]"
_CODE: Final = r"`[^`]++`(?!`) | ``(?!`)[^`]++(?:`(?!`)[^`]++)*+``(?!`)"
_ESCAPED: Final = r"\\[!-')-/:-@\\\]-`{-~\n] | \\(?=\w)"  # before a bracket it may begin math
_SIMPLE: Final = rf"""(?:
    [^\\`*_~\[\]<$!]                                # no markup
  | (?<={_LETTER})_++(?={_LETTER})                  # snake_case
  | (?<!~)~(?!~) | !(?!\[) | \$(?=[ \n])            # about ~5, yes! no, 5 $ or more
  | <[^\s<>*_`~$\[\]\\!]*+(?=[\s>])                 # an address, a tag
  | {_CODE} | {_ESCAPED} | {MATH.pattern}
)"""


_TARGET: Final = r"""\((?:https?://[^\s()<>\\]*+ | [\w./\#?=%&+-]*+)(?:\ "[^"\\]*+")?\)"""


def _emphasis(text: str, *marks: str) -> str:
    """Text between two of these marks."""
    return " | ".join(
        rf"""(?<!{mark[:2]})(?:{mark}(?={_LETTER}) | (?<!\S){mark}(?=[^\s{mark[:2]}])) {text}++
             (?:(?<={_LETTER}){mark} | (?<=\S){mark}(?=[\s.,;:!?)]))(?!{mark[:2]})"""
        for mark in marks
    )


def _link(text: str) -> str:
    """A link or an image with this text; or brackets around it."""
    return rf"!?\[{text}*+\](?:{_TARGET} | \[{_SIMPLE}*+\] | (?![(\[]))"


_STARS: Final = (r"\*", r"\*\*")
_MARKED: Final = _emphasis(f"(?:{_SIMPLE} | {_link(_SIMPLE)})", *_STARS)
_LINK: Final = _link(f"(?:{_SIMPLE} | {_emphasis(_SIMPLE, *_STARS)})")
_STRUCK: Final = _emphasis(_SIMPLE, r"\~\~")
_UNDERSCORED: Final = rf"(?<!\S)(_{{1,2}})(?=[^\s_]) {_SIMPLE}++ (?<={_LETTER})\1(?=[\s.,;:!?)])"
_STEADY: Final = re.compile(
    rf"""(?: (?> {_SIMPLE} | {_MARKED} | {_LINK} | {_STRUCK} | {_UNDERSCORED}
      | (?:\*++ | _++)(?=\s) | \]                           # these could only close something
    ))*
    (?: (?<=\S)(?=[ \n]) | (?<=[，。；：、！？])(?={_LETTER}))""",  # noqa: RUF001
    re.VERBOSE | re.DOTALL,
)


def steady(text: str) -> int:
    """How many of the first characters are beyond change: up to the end of a word, or none at all."""
    found = _STEADY.match(text)
    return found.end() if found else 0
