"""Messages as the Chat Completions API has them, which other programs keep as they are."""

from base64 import b64decode
from collections import Counter
from collections.abc import Iterable
from typing import Final

from chatcli.core.archive import Said
from chatcli.core.interchange.reader import Reader
from chatcli.core.messages import Image, Message, Role
from chatcli.core.picture import picture
from chatcli.errors import UsageError

_ROLES: Final = {"user": Role.USER, "assistant": Role.ASSISTANT}


def listed(
    messages: Iterable[Reader], skipped: Counter[str], when: float, model: str | None = None
) -> list[Said]:
    """What was said, one after the other; calls of tools, what they answered, and system texts are not."""
    said: list[Said] = []
    for message in messages:
        if (role := message.text("role")) == "system":
            continue
        text, images = content(message, skipped)
        if role not in _ROLES or not (text or images):
            skipped["messages to and from tools"] += 1
            continue
        spoken = Message(_ROLES[role], text, images=images, model=model if role == "assistant" else None)
        said.append(Said(len(said), len(said) - 1 if said else None, when, spoken))
    return said


def content(message: Reader, skipped: Counter[str]) -> tuple[str, tuple[Image, ...]]:
    """The text of a message and its pictures, whether it is one text or a list of parts."""
    match message.any("content"):
        case list():
            texts, images = [], []
            for part in message.inners("content"):
                texts.append(part.text("text"))
                url = part.inner("image_url").text("url")
                if image := _image(url):
                    images.append(image)
                elif url:
                    texts.append(f"[picture: {url}]" if url.startswith("http") else "[picture]")
                    skipped["pictures, which the file does not hold"] += 1
            return "\n\n".join(filter(None, texts)), tuple(images)
        case dict():  # of aichat: what a model said along with its calls of tools
            return message.inner("content").text("text"), ()
        case _:
            return message.text("content"), ()


def _image(url: str) -> Image | None:
    """The picture that a ``data:`` address holds."""
    head, _, coded = url.partition(",")
    if not (head.startswith("data:image/") and head.endswith(";base64")):
        return None
    kind = head.removeprefix("data:image/").removesuffix(";base64")
    try:
        return picture(f"picture.{kind}", b64decode(coded, validate=True))
    except (ValueError, UsageError):  # damaged
        return None
