"""Token counts by tiktoken, from the vocabularies that ship with the program: never the network."""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from tiktoken import Encoding

_DATA = Path(__file__).parent.parent / "data"

# Tokens in rank order with bytes between them that no token holds: half the size of the official text file,
# and read in half the time.
_SEPARATOR = b"\xff\xfe\xfd"

# How each encoding cuts a text before it merges bytes, as tiktoken_ext.openai_public has it (where it cannot
# be read without a download).
_PATTERNS = {
    "cl100k_base": (
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
        r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
    ),
    "o200k_base": (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    ),
}

# A million white-space characters in a row overflow the stack of tiktoken's regular expressions: it panics,
# with a BaseException.
_LONGEST_RUN = 100_000
_LONG_RUN = re.compile(rf"(?<!\s)\s{{{_LONGEST_RUN},}}")


class TiktokenCount:
    """A ``Tokens`` for "o200k_base" or "cl100k_base". Reads its vocabulary at once; any thread may count."""

    def __init__(self, encoding: str) -> None:
        packed = (_DATA / f"{encoding}.sep.z").read_bytes()
        tokens = zlib.decompress(packed).split(_SEPARATOR)
        self._encoding = Encoding(
            encoding,
            pat_str=_PATTERNS[encoding],
            mergeable_ranks={token: rank for rank, token in enumerate(tokens)},
            special_tokens={},  # a text only ever spells them
        )

    def count(self, text: str) -> int:
        """How many tokens ``text`` is; half a surrogate pair counts as the replacement character."""
        return sum(len(self._encoding.encode_ordinary(piece)) for piece in _pieces(text))


def _pieces(text: str) -> Iterator[str]:
    start = 0
    for run in _LONG_RUN.finditer(text):
        for cut in range(run.start() + _LONGEST_RUN, run.end(), _LONGEST_RUN):
            yield text[start:cut]
            start = cut
    yield text[start:]
