"""What our own share of a key is: the line below the prompt, in a long chat, over a long text."""

import time

from benchmarks.figures import Figure, Unit
from benchmarks.world import World
from chatcli.app import App
from chatcli.core.desk import Desk
from chatcli.core.messages import Finish, Message, Role
from chatcli.core.session import Session
from chatcli.env import Env
from chatcli.terminal import status
from chatcli.terminal.prompt.folds import Folds

_MILLISECONDS = Unit("ms", 1e-3)
_KEYS = 1_000
_TURNS = 1_000
_TYPED = 100_000  # characters


def keying(_world: World) -> list[Figure]:
    """A toolbar for each key: of a chat of 2,000 messages, while 100 KB are being typed."""
    app = App(Env.real(), {})
    turn = Message(Role.USER, "word " * 100), Message(Role.ASSISTANT, "word " * 300, Finish.STOP)
    desk = Desk(Session("gpt-6-luna", messages=turn * _TURNS))
    folds = Folds()
    text = f"ä {folds.fold('line' * 9_000)} {'some words ' * (_TYPED // 11)}"

    def key() -> float:
        began = time.perf_counter()
        glance = app.gauge.glance(desk.session)
        told = app.models.window(desk.session)
        status.toolbar(desk, glance._replace(window=told), folds.length(text), columns=80)
        return time.perf_counter() - began

    first, *echoes = (key() for _ in range(_KEYS))
    bare = sorted(echoes)
    return [
        Figure(
            "the toolbar, 2,000 messages and 100 KB: a key, p95",
            [(bare[-_KEYS // 20], bare[0])],
            _MILLISECONDS,
            0.002,
            absolute=True,
        ),
        Figure(
            "the same, the first key after a turn", [(first, bare[0])], _MILLISECONDS, 0.02, absolute=True
        ),
    ]
