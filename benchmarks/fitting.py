"""What it costs to fit a long chat into the window, and what the provider's cache gains by how it is done."""

import time
from dataclasses import replace

from benchmarks.figures import Figure, Unit
from benchmarks.world import World
from chatcli.adapters.tiktoken_count import TiktokenCount
from chatcli.core.budget import Capacity, Weights
from chatcli.core.gauge import Gauge
from chatcli.core.messages import Finish, Message, Reply, Role
from chatcli.core.params import Limits
from chatcli.core.session import Session

_MILLISECONDS = Unit("ms", 1e-3)
_SHARE = Unit("%", 0.01)

_TURNS = 2_000
_MESSAGE = "How harbour {0} was rebuilt after the fire, by whom, at what cost, and who paid. " * 3
_TIMES = 5


def fitting(_world: World) -> list[Figure]:
    """A history of 2,000 turns, at first and with every further turn; and a chat of 200 turns."""
    tokenizer = TiktokenCount("o200k_base")
    first, later = [], []
    for _ in range(_TIMES):
        session = _history()
        began = time.process_time()
        for message in session.messages:
            tokenizer.count(message.text)
        encoded = time.process_time() - began
        gauge = _gauge(tokenizer, 32_000)
        began = time.process_time()
        gauge.fit(session.asked("And now?"))
        first.append((time.process_time() - began, encoded))
        for number in range(5):
            session = session.asked(f"And question {number}?").answered(Reply("So be it.", Finish.STOP))
            began = time.process_time()
            gauge.fit(session)
            later.append((time.process_time() - began, encoded))
    return [
        Figure("fitting 2,000 turns, the first time", first, _MILLISECONDS, 1.2),
        Figure("fitting them with every later turn", later, _MILLISECONDS, 0.005, absolute=True),
        Figure(
            "200 turns: new tokens in a prompt, cut to the low-water mark / cut as little as must be",
            [(_fresh(tokenizer, None), _fresh(tokenizer, 1.0))],
            _SHARE,
            0.5,
        ),
    ]


def _history() -> Session:
    roles = (Role.USER, Role.ASSISTANT)
    messages = (Message(roles[at % 2], _MESSAGE.format(at)) for at in range(2 * _TURNS))
    return Session("gpt-6-luna", messages=tuple(messages))


def _gauge(tokenizer: TiktokenCount, window: int) -> Gauge:
    weights = Weights(tokenizer.count)
    return Gauge(lambda _session: Capacity(window, weights), lambda _session, _window: None)


def _fresh(tokenizer: TiktokenCount, low_water: float | None) -> float:
    """The share of all prompt tokens, over 200 turns, that repeats nothing of the request before."""
    gauge = _gauge(tokenizer, 8_192)
    session = Session("gpt-6-luna", "Be brief.", limits=Limits(low_water=low_water))
    before: tuple[Message, ...] = ()
    sent = repeated = 0
    for number in range(200):
        asked = session.asked(_MESSAGE.format(number))
        messages = gauge.fit(asked).fitted.messages
        pairs = enumerate(zip(messages, before, strict=False))
        same = next((at for at, (one, other) in pairs if one != other), min(len(messages), len(before)))
        costs = [tokenizer.count(message.text) + 4 for message in messages]
        sent += sum(costs)
        repeated += sum(costs[:same])
        before = messages
        session = replace(
            asked, messages=(*asked.messages, Message(Role.ASSISTANT, _MESSAGE.format(-number)))
        )
    return 1 - repeated / sent
