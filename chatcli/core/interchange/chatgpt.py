"""ChatGPT's data export: ``conversations.json``, a list of chats, each a tree of nodes.

What the person and the model said to each other comes along, in all its branches. What ChatGPT added for
itself stays behind: its instructions, its tools and what they answered, its thoughts.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from chatcli.core.archive import Said, Whole
from chatcli.core.interchange.reader import Reader, broken, parse
from chatcli.core.interchange.records import Imported, brought, told
from chatcli.core.messages import Finish, Message, Role
from chatcli.core.session import Session

_ROLES: Final = {"user": Role.USER, "assistant": Role.ASSISTANT}
_FINISHES: Final = {
    "stop": Finish.STOP,
    "max_tokens": Finish.LENGTH,
    "interrupted": Finish.INTERRUPTED,
    "content_filter": Finish.FILTERED,
}

# ChatGPT marks what it knows more of: sources, by numbers of its own, and names.
_MARKER: Final = re.compile("\ue200(cite|filecite|entity)\ue202([^\ue201]*)\ue201")
_NAME: Final = re.compile(r'\["[^"]*","([^"]*)"')

_PICTURES: Final = "pictures, which the file names but does not hold"
_TOOLS: Final = "messages to and from ChatGPT's tools"
_THOUGHTS: Final = "notes of a model's thoughts"
_EMPTY: Final = "chats in which nothing is said"
_OTHERS: Final = "messages of a kind that is not known"


def from_chatgpt(text: str, place: str, when: float) -> Imported:
    """The chats of ``conversations.json``; ``when`` is the time of those that tell none.

    Raises:
        UsageError: One is not as it should be; it is named.
    """
    chats = parse(text, place)
    if not isinstance(chats, list):
        raise broken(place, "should be a list of chats, as ChatGPT exports them")
    skipped: Counter[str] = Counter()
    readers = (Reader(chat, f"{place}, chat {number}") for number, chat in enumerate(chats, 1))
    found = [_chat(reader, when, skipped) for reader in readers]
    chats = tuple(chat for chat in found if chat.said)
    skipped[_EMPTY] += len(found) - len(chats)
    return Imported(chats, told(skipped))


def _chat(chat: Reader, when: float, skipped: Counter[str]) -> Whole:
    if "mapping" not in chat:
        raise broken(chat.place, "it has no mapping, as ChatGPT's chats have")
    nodes = chat.inner("mapping")
    created = chat.time("create_time") or when
    said: list[Said] = []
    places: dict[str, int | None] = {}  # of the last thing said up to each node
    for name in _in_order(nodes):
        node = nodes.inner(name)
        places[name] = above = places.get(node.text("parent"))
        message = node.inner("message")
        if spoken := _spoken(message, skipped):
            at = message.time("create_time") or (created if above is None else said[above].at)
            places[name] = len(said)
            said.append(Said(len(said), above, at, spoken))
    models = [one.message.model for one in said if one.message.model]
    like = Whole(
        Session(
            chat.text("default_model_slug") or (models[-1] if models else None), title=chat.text("title")
        ),
        created,
        chat.time("update_time") or created,
        f"chatgpt:{chat.text('conversation_id') or chat.text('id')}",
    )
    return brought(like, said, places.get(chat.text("current_node"), len(said) - 1 if said else None))


def _in_order(nodes: Reader) -> Iterator[str]:
    """The names of the nodes, each after its parent; those that are their own ancestors are no tree."""
    children: dict[str, list[str]] = {}
    waiting = []
    for name in nodes:
        parent = nodes.inner(name).text("parent")
        if parent in nodes:
            children.setdefault(parent, []).append(name)
        else:
            waiting.append(name)
    waiting.reverse()
    seen = 0
    while waiting:
        name = waiting.pop()
        seen += 1
        waiting += reversed(children.get(name, []))
        yield name
    if seen < len(list(nodes)):
        raise broken(nodes.place, "some messages follow each other in a circle")


def _spoken(message: Reader, skipped: Counter[str]) -> Message | None:
    """What the person or the model said to the other; None if it is none of that."""
    metadata = message.inner("metadata")
    role = message.inner("author").text("role")
    if role in {"", "system"} or metadata.any("is_visually_hidden_from_conversation"):
        return None
    if role not in _ROLES or message.text("recipient") not in {"", "all"}:
        skipped[_TOOLS] += 1
        return None
    text = _text(message.inner("content"), skipped)
    if not text:
        return None
    if role == "user":
        return Message(Role.USER, text)
    finish = _FINISHES.get(metadata.inner("finish_details").text("type"))
    return Message(Role.ASSISTANT, text, finish, model=metadata.text("model_slug") or None)


def _text(content: Reader, skipped: Counter[str]) -> str:
    match content.any("content_type"):
        case "text" | "multimodal_text" | None:
            return _MARKER.sub(_marked, "\n".join(filter(None, _parts(content, skipped))))
        case "code":
            return f"```{content.text('language').replace('unknown', '')}\n{content.text('text')}\n```"
        case "user_editable_context" | "model_editable_context":
            return ""
        case "thoughts" | "reasoning_recap":
            skipped[_THOUGHTS] += 1
            return ""
        case _:
            skipped[_OTHERS] += 1
            return ""


def _parts(content: Reader, skipped: Counter[str]) -> Iterator[str]:
    for number, part in enumerate(content.items("parts"), 1):
        if isinstance(part, str):
            yield part
            continue
        other = Reader(part, f"{content.place}, parts, {number}")
        match other.any("content_type"):
            case "image_asset_pointer":
                skipped[_PICTURES] += 1
                yield "[picture]"
            case "audio_transcription":
                yield other.text("text")
            case _:
                skipped[_OTHERS] += 1


def _marked(marker: re.Match[str]) -> str:
    """What a reader sees in place of a marker: the name, and of a source nothing."""
    name = _NAME.match(marker[2]) if marker[1] == "entity" else None
    return name[1] if name else ""
