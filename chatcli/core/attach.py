"""One message from a question and all that goes along, and text from bytes. Nothing is mangled in silence."""

import codecs
import re
from collections.abc import Callable, Sequence
from pathlib import PurePath

from chatcli.core.desk import Staged
from chatcli.core.messages import Message, Role
from chatcli.core.picture import picture
from chatcli.errors import UsageError


def message(question: str, along: Sequence[Staged]) -> Message:
    """The question with all that goes along: texts before it, images beside it."""
    texts = [each for each in along if each.image is None]
    images = tuple(each.image for each in along if each.image is not None)
    text = compose(question, texts)
    return Message(Role.USER, text, images=images, along=len(text) - len(question))


def compose(question: str, texts: Sequence[Staged]) -> str:
    """The texts, each under its name and fenced, then the question; all of them unchanged."""
    blocks = [_block(each.name, each.text) for each in texts]
    return "\n\n".join([*blocks, question] if question else blocks)


def mentioned(text: str, exists: Callable[[str], bool]) -> list[str]:
    """The files that a text names: ``@path`` or ``@"a path"``, at its beginning or after a blank.

    What is no file is none, and punctuation behind a path no part of it.
    """
    names = []
    for quoted, plain in re.findall(_MENTION, text):
        likely = (quoted,) if quoted else (plain, plain.rstrip(_PUNCTUATION))
        names += [name for name in likely if name and exists(name)][:1]
    return list(dict.fromkeys(names))


def staged(name: str, data: bytes, encoding: str = "utf-8") -> Staged:
    """What ``data`` is when it goes along with a question: a picture, or else a text. Raises UsageError."""
    image = picture(name, data)
    return Staged(name, image=image) if image else Staged(name, decode(name, data, encoding))


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


_MENTION = r'(?<!\S)@(?:"([^"\n]+)"|(\S+))'
_PUNCTUATION = ".,;:!?)]}>'\""
_SOME = "utf-8, utf-16, cp1252, latin-1"
_HINT = f"If it is text, name its encoding with --encoding ({_SOME}, ...)."
_SURROGATE = "[\ud800-\udfff]"


def _block(name: str, text: str) -> str:
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    end = "" if text.endswith("\n") or not text else "\n"
    name = "".join(char if char.isprintable() else "?" for char in name)
    return f"{name}:\n{fence}{_language(name)}\n{text}{end}{fence}"


def _language(name: str) -> str:
    """What stands behind the opening fence: the file's suffix is understood wherever languages are."""
    if name.startswith("$ "):  # a command, and what it printed
        return ""
    suffix = PurePath(name).suffix[1:]
    return suffix if suffix.isascii() and suffix.isalnum() else ""
