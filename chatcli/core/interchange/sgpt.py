"""The chats of sgpt: each a file without a suffix, a JSON list of messages as the API has them."""

from collections import Counter
from pathlib import PurePath

from chatcli.core.archive import Whole
from chatcli.core.interchange.openai_list import listed
from chatcli.core.interchange.reader import Reader, broken, parse
from chatcli.core.interchange.records import Imported, brought, told
from chatcli.core.session import Session


def from_sgpt(text: str, place: str, when: float) -> Imported:
    """The chat of one file, with the file's name; ``when`` is the file's time, for sgpt writes none down.

    Raises:
        UsageError: It is not as it should be.
    """
    value = parse(text, place)
    if not isinstance(value, list):
        raise broken(place, "should be a list of messages, as sgpt keeps them")
    messages = [Reader(message, f"{place}, message {number}") for number, message in enumerate(value, 1)]
    skipped: Counter[str] = Counter()
    said = listed(messages, skipped, when)
    if not said:
        return Imported((), told(skipped))
    system = next((message.text("content") for message in messages if message.any("role") == "system"), "")
    name = PurePath(place).name
    like = Whole(Session(system=system, title=name), when, when, f"sgpt:{name}")
    chat = brought(like, said, len(said) - 1)
    return Imported((chat,), told(skipped))
