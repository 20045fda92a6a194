"""What of a conversation is sent when not all of it fits.

The system text, pinned turns and the newest question always stay. Of the rest whole turns leave, oldest
first: a reply without its question confuses the model. What leaves the request never leaves the session.

When the room is full it is cut down well below its limit, to the low-water mark, and then left alone until
it is full again: providers keep what they have read of a prompt's beginning, and charge less for it, as long
as it stays the same. Which turns have left is found by going through the chat as it grew, so that the same
chat in the same room always gives the same request.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from math import ceil
from typing import Final, NamedTuple

from chatcli.core.catalog import Price
from chatcli.core.counting import guessed_image_tokens
from chatcli.core.messages import Image, Message, Role
from chatcli.core.session import Session
from chatcli.errors import ContextError

# As OpenAI's cookbook counts a chat: 3 tokens around each message and 1 for its role, 3 to open the reply.
PER_MESSAGE: Final = 4
PER_REPLY: Final = 3

# Kept free for a reply whose length nobody limited: a quarter of the window, and no more than this.
USUAL_REPLY: Final = 4_096

# Stretches the counts of a tokenizer that is not the model's own. SmolLM2's, one of the smallest, needs 1.1
# (English prose) to 1.27 (C, JSON) tokens for each of o200k_base; a larger vocabulary needs fewer.
ESTIMATE_SCALE: Final = 1.25

LOW_WATER: Final = 0.7  # of the room

CHARACTERS: Final = 4  # of a usual token, where nothing is counted

SUMMARY_HEADING: Final = "Summary of the conversation so far:"


class Fitted(NamedTuple):
    """What is sent: ``messages``, the system text first if there is one, of ``tokens`` tokens.

    Where ``counted`` is False, ``tokens`` is only a bound, found without counting: they are at most that
    many. The turns ``left_out``, of ``dropped`` tokens, stay behind for want of room; ``summarized`` are
    those for which the summary stands.
    """

    messages: tuple[Message, ...]
    tokens: int
    counted: bool
    left_out: tuple[int, ...] = ()
    dropped: int = 0
    summarized: tuple[int, ...] = ()


class Weights:
    """The tokens of messages, each counted once in its life, and only when its length does not tell enough.

    ``count`` is the tokenizer; ``scale`` stretches what it answers, where that is an estimate. ``image`` is
    the model's rule for images, and answers None where none is published.
    """

    def __init__(
        self,
        count: Callable[[str], int],
        scale: float = 1.0,
        image: Callable[[Image], int | None] = lambda _image: None,
    ) -> None:
        self.scale = scale
        self._count = count
        self.image = image
        self._bounds: dict[str, int] = {}
        self._counts: dict[str, int] = {}

    def scaled(self, scale: float) -> "Weights":
        """The same counts, stretched otherwise."""
        other = copy(self)
        other.scale = scale
        return other

    def seeing(self, image: Callable[[Image], int | None]) -> "Weights":
        """The same counts of texts, images weighed by another rule."""
        other = copy(self)
        other.image = image
        return other

    def bound(self, message: Message) -> int:
        """The most tokens that a message can have: no text has more than bytes in UTF-8."""
        bound = self._bound(message.text)
        return bound + self.images(message) if message.images else bound

    def of(self, message: Message) -> int:
        """The tokens of a message, with its frame."""
        count = self._counts.get(message.text)
        if count is None:
            count = self._counts[message.text] = PER_MESSAGE + self._count(message.text)
        if self.scale != 1.0:
            count = min(ceil(self.scale * count), self._bound(message.text))
        return count + self.images(message) if message.images else count

    def glance(self, message: Message) -> tuple[int, bool]:
        """About the tokens of a message, and whether it was counted before: nothing is counted now."""
        if message.text in self._counts:
            return self.of(message), True
        count = ceil(self.scale * (PER_MESSAGE + len(message.text) // CHARACTERS))
        return count + self.images(message), False

    def images(self, message: Message) -> int:
        """The tokens of a message's images alone."""
        return sum(
            self.image(image) or guessed_image_tokens(image.width, image.height) for image in message.images
        )

    def guesses(self, messages: Iterable[Message]) -> bool:
        """Whether there are images among these for which no rule is published."""
        return any(self.image(image) is None for message in messages for image in message.images)

    def _bound(self, text: str) -> int:
        bound = self._bounds.get(text)
        if bound is None:
            bound = self._bounds[text] = PER_MESSAGE + len(text.encode("utf-8", "surrogatepass"))
        return bound


class Capacity(NamedTuple):
    """What fits into a model: its ``window`` in tokens, bounds on prompt and reply, and how to weigh.

    ``exact`` says that the tokenizer is the model's own; else all counts are estimates. ``price`` is None
    where nobody knows it.
    """

    window: int
    weights: Weights
    exact: bool = True
    max_input: int | None = None
    max_output: int | None = None
    price: Price | None = None

    def room(self, session: Session) -> int:
        """How many tokens a prompt of this session may have."""
        wanted = session.limits.reserve or session.params.max_tokens
        return room(self.window, wanted, self.max_output, self.max_input)


def room(
    window: int, wanted: int | None = None, max_output: int | None = None, max_input: int | None = None
) -> int:
    """How many tokens a prompt may have: the window without what is kept free for the reply.

    However many are ``wanted`` for the reply, a quarter of the window is the prompt's.
    """
    quarter = window // 4
    reply = wanted or min(quarter, USUAL_REPLY, max_output or USUAL_REPLY)
    return min(max(window - reply, quarter), max_input or window)


def fit(session: Session, room: int, weights: Weights) -> Fitted:
    """As much of the conversation as fits into ``room`` tokens: all of it, or its newest turns.

    Raises:
        ContextError: What must stay does not fit; or, where ``trim`` is "error", something does not.
    """
    everything = _Plan(session, summary=False)
    plan = everything
    if session.summary is not None:
        if not session.summary.wanted and everything.bound(weights) <= room:
            return everything.uncounted(weights)
        if session.summary.wanted or everything.tokens(weights) > room:
            plan = _Plan(session, summary=True)
    if plan.bound(weights) <= room:
        return plan.uncounted(weights)
    match session.limits.trim:
        case "off":
            return plan.counted(weights, 0)
        case "error" if plan.tokens(weights) > room:
            message = f"The chat needs {plan.tokens(weights):,} tokens, and a prompt may have {room:,}."
            hint = "Let old turns leave with /set trim turns, or begin anew with /clear."
            raise ContextError(message, hint, tokens=plan.tokens(weights), room=room)
        case _:
            return plan.counted(weights, plan.cut(room, session.limits.low_water or LOW_WATER, weights))


def everything(session: Session) -> Iterator[Message]:
    """What would be sent if there were room for all of it."""
    return _Plan(session, summary=session.summary is not None).messages(0)


class _Plan:
    """The turns that may be sent, and where to cut them."""

    def __init__(self, session: Session, *, summary: bool) -> None:
        standing = session.summary if summary else None
        self.summarized = tuple(sorted(standing.turns - session.pins)) if standing else ()
        texts = (session.system, f"{SUMMARY_HEADING}\n{standing.text}" if standing else "")
        system = "\n\n".join(text for text in texts if text)
        self.session = session
        self.head = (Message(Role.SYSTEM, system),) if system else ()
        self.turns = {
            number: turn
            for number, turn in enumerate(session.turns, 1)
            if number not in session.dropped.union(self.summarized)
        }
        numbers = list(self.turns)
        open_ended = bool(numbers) and all(one.role is Role.USER for one in self.turns[numbers[-1]])
        self.newest = numbers[-1] if open_ended else 0  # the question that is being asked, 0 between two

    def bound(self, weights: Weights) -> int:
        return PER_REPLY + sum(map(weights.bound, self.messages(0)))

    def tokens(self, weights: Weights) -> int:
        return PER_REPLY + sum(map(weights.of, self.messages(0)))

    def uncounted(self, weights: Weights) -> Fitted:
        return Fitted(tuple(self.messages(0)), self.bound(weights), counted=False, summarized=self.summarized)

    def counted(self, weights: Weights, cut: int) -> Fitted:
        """What is sent when every turn up to number ``cut`` has left, but for the pinned ones."""
        messages = tuple(self.messages(cut))
        out = [number for number in self.turns if number <= cut and number not in self.session.pins]
        return Fitted(
            messages,
            PER_REPLY + sum(map(weights.of, messages)),
            counted=True,
            left_out=tuple(out),
            dropped=sum(weights.of(message) for number in out for message in self.turns[number]),
            summarized=self.summarized,
        )

    def cut(self, room: int, low_water: float, weights: Weights) -> int:
        """The number of the last turn that has left, found by going through the chat as it grew.

        Raises:
            ContextError: The question does not fit when all that may leave has left.
        """
        pins, target = self.session.pins - {self.newest}, int(low_water * room)
        costs = {number: sum(map(weights.of, turn)) for number, turn in self.turns.items()}
        kept = (
            PER_REPLY
            + sum(map(weights.of, self.head))
            + sum(costs[number] for number in costs if number in pins)
        )
        staying = deque[int]()
        cut = 0

        def let_leave(need: int) -> int:
            """Let the oldest leave until only the low-water mark is needed, or none is left to leave."""
            nonlocal cut, kept
            while need > target and staying:
                cut = staying.popleft()
                kept -= costs[cut]
                need -= costs[cut]
            return need

        for number, turn in self.turns.items():
            if number in pins:
                continue
            question = weights.of(turn[0])
            if kept + question > room and let_leave(kept + question) > room and number == self.newest:
                raise _too_large(self.session, turn[0], question, kept + question, room)
            staying.append(number)
            kept += costs[number]
        if kept > room:  # between two questions: what the next one will find
            let_leave(kept)
        return cut

    def messages(self, cut: int) -> Iterator[Message]:
        yield from self.head
        for number, turn in self.turns.items():
            if number > cut or number in self.session.pins:
                yield from turn


def _too_large(session: Session, question: Message, cost: int, tokens: int, room: int) -> ContextError:
    beside = [
        *(["the system text"] if session.system or session.summary else []),
        *(["the pinned turns"] if session.pins else []),
    ]
    who = " and ".join(["The question", *beside])
    message = f"{who} {'need' if beside else 'needs'} {tokens:,} tokens, and a prompt may have {room:,}."
    if question.images:
        hint = "Send fewer pictures"
    elif tokens - room < cost:
        characters = len(question.text) * (tokens - room) // cost + 1
        what = "what goes along" if question.along >= characters else "it"
        hint = f"Shorten {what} by about {characters:,} characters"
    else:
        hint = "Shorten what stays beside it"
    hint = f"{hint}, or set the window if it is larger: --context N, in a chat /set context N."
    return ContextError(message, hint, tokens=tokens, room=room)
