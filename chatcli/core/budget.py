"""What of a conversation is sent when not all of it fits.

The system text and the newest question always stay. Of the rest whole exchanges leave, oldest first: a
reply without its question confuses the model. What leaves the request never leaves the session.
"""

from collections.abc import Callable, Sequence
from math import ceil
from typing import NamedTuple

from chatcli.core.messages import Message, Role
from chatcli.errors import ContextError

# As OpenAI's cookbook counts a chat: 3 tokens around each message and 1 for its role, 3 to open the reply.
PER_MESSAGE = 4
PER_REPLY = 3

# Kept free for a reply whose length nobody limited: a quarter of the window, and no more than this.
USUAL_REPLY = 4_096

# Stretches the counts of a tokenizer that is not the model's own. SmolLM2's, one of the smallest, needs 1.1
# (English prose) to 1.27 (C, JSON) tokens for each of o200k_base; a larger vocabulary needs fewer.
ESTIMATE_SCALE = 1.25


class Fitted(NamedTuple):
    """What is sent: ``messages``, the system text first if there is one, of ``tokens`` tokens.

    Where ``counted`` is False, ``tokens`` is only a bound, found without counting all: they are at most that
    many. ``left_out`` messages, of about ``dropped`` tokens, stay behind.
    """

    messages: tuple[Message, ...]
    tokens: int
    counted: bool
    left_out: int = 0
    dropped: int = 0


def room(
    window: int, max_tokens: int | None = None, max_output: int | None = None, max_input: int | None = None
) -> int:
    """How many tokens a prompt may have: the window without what is kept free for the reply.

    However long a reply ``max_tokens`` allows, a quarter of the window is the prompt's.
    """
    quarter = window // 4
    reply = max_tokens or min(quarter, USUAL_REPLY, max_output or USUAL_REPLY)
    return min(max(window - reply, quarter), max_input or window)


def fit(
    system: str, messages: Sequence[Message], room: int, count: Callable[[str], int], scale: float = 1.0
) -> Fitted:
    """As much of the conversation as fits into ``room`` tokens: all of it, or its newest exchanges.

    ``count`` is called at most once for each message, and never when their lengths alone show that they fit.
    ``scale`` stretches what it answers, where that is an estimate.

    Raises:
        ContextError: The newest question and the system text are too large by themselves.
    """
    head = (Message(Role.SYSTEM, system),) if system else ()
    everything = (*head, *messages)
    bound = PER_REPLY + _bound(everything)
    if bound <= room:
        return Fitted(everything, bound, counted=False)

    def weigh(some: Sequence[Message]) -> int:
        return weight(some, count, scale)

    *older, newest = _starts(messages)
    fixed = PER_REPLY + weigh(head)
    tokens = fixed + weigh(messages[newest:])
    if tokens > room:
        raise _too_large(system, messages[newest:], fixed, tokens, room)

    first, rest = newest, _bound(messages[:newest])
    for start in reversed(older):
        if tokens + rest <= room:
            return Fitted(everything, tokens + rest, counted=False)
        exchange = messages[start:first]
        cost = weigh(exchange)
        rest -= _bound(exchange)
        if tokens + cost > room:
            # Older ones are not worth counting: their lengths tell nearly as much.
            uncounted = rest * (tokens + cost) // (bound - rest)
            kept = (*head, *messages[first:])
            return Fitted(kept, tokens, counted=True, left_out=first, dropped=cost + uncounted)
        first, tokens = start, tokens + cost
    return Fitted(everything, tokens, counted=True)


def weight(messages: Sequence[Message], count: Callable[[str], int], scale: float = 1.0) -> int:
    """The tokens of some messages, each with its frame; the whole prompt has ``PER_REPLY`` more."""
    return sum(min(_bound([one]), ceil(scale * (PER_MESSAGE + count(one.text)))) for one in messages)


def _bound(messages: Sequence[Message]) -> int:
    """The most tokens that the messages can have: no text has more than bytes in UTF-8."""
    return sum(PER_MESSAGE + len(message.text.encode("utf-8", "surrogatepass")) for message in messages)


def _starts(messages: Sequence[Message]) -> list[int]:
    """Where each exchange begins: a question, and all up to the next question."""
    return [0, *(at for at, message in enumerate(messages) if at and message.role is Role.USER)]


def _too_large(system: str, question: Sequence[Message], fixed: int, tokens: int, room: int) -> ContextError:
    if fixed >= room:
        message = f"The system text alone needs {fixed:,} tokens, and a prompt may have {room:,}."
        hint = "Shorten it, or choose a model with a larger context window."
        return ContextError(message, hint, tokens=tokens, room=room)
    needing = "The question and the system text need" if system else "The question needs"
    message = f"{needing} {tokens:,} tokens, and a prompt may have {room:,}."
    characters = sum(len(part.text) for part in question) * (room - fixed) // (tokens - fixed)
    fix = "set the context window, if it is larger: --context"
    hint = f"Shorten it to about {characters:,} characters, or {fix}."
    return ContextError(message, hint, tokens=tokens, room=room)
