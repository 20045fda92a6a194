"""One message from a question and named texts, and text from bytes. Nothing is ever mangled in silence."""

import codecs
import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import NamedTuple

from chatcli.errors import UsageError


class Attachment(NamedTuple):
    """A text that goes along with a question: a file's, or what came on standard input."""

    name: str
    text: str


def compose(question: str, attachments: Sequence[Attachment]) -> str:
    """The attachments, each under its name and fenced, then the question; their texts unchanged."""
    blocks = [_block(attachment) for attachment in attachments]
    return "\n\n".join([*blocks, question] if question else blocks)


def decode(name: str, data: bytes, encoding: str = "utf-8") -> str:
    """The text that ``data`` is, with its line ends and, in UTF-8, its byte order mark as they are.

    Raises:
        UsageError: It is no text in that encoding, or there is no such encoding; ``name`` says whose it is.
    """
    try:
        codec = codecs.lookup(encoding).name
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        at = f"byte 0x{error.object[error.start]:02x} at offset {error.start:,}"
        raise UsageError(f"{name} is not valid {encoding}: {at}.", _HINT) from error
    except UnicodeError as error:
        raise UsageError(f"{name} is not valid {encoding}.", _HINT) from error
    except (LookupError, ValueError) as error:
        raise UsageError(f"There is no text encoding {encoding!r}.", f"Some that exist: {_SOME}.") from error
    if half := re.search(_SURROGATE, text):
        at = f"half a surrogate pair at character {half.start():,}"
        raise UsageError(f"{name} is not valid {encoding}: {at}.", _HINT)
    if "\0" in text:
        # Counted from the end, because a byte order mark at the beginning belongs to no character.
        after = len(text[text.index("\0") :].encode(codec)) - len("".encode(codec))
        raise UsageError(f"{name} looks like a binary file (NUL at byte {len(data) - after:,}).", _HINT)
    return text


_SOME = "utf-8, utf-16, cp1252, latin-1"
_HINT = f"If it is text, name its encoding with --encoding ({_SOME}, ...)."
_SURROGATE = "[\ud800-\udfff]"


def _block(attachment: Attachment) -> str:
    text = attachment.text
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    end = "" if text.endswith("\n") or not text else "\n"
    name = "".join(char if char.isprintable() else "?" for char in attachment.name)
    return f"{name}:\n{fence}{_language(name)}\n{text}{end}{fence}"


def _language(name: str) -> str:
    """What stands behind the opening fence: the file's suffix is understood wherever languages are."""
    suffix = PurePath(name).suffix[1:]
    return suffix if suffix.isascii() and suffix.isalnum() else ""
