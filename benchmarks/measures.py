"""What is measured: each function tries one side of the program in a world, and returns its figures."""

import time
from collections.abc import Sequence
from statistics import median, quantiles

from benchmarks.figures import Figure, Unit, in_turn
from benchmarks.process import run
from benchmarks.server import WORD, WORDS
from benchmarks.terminal import Terminal, terminal
from benchmarks.world import CHATCLI, PROMPT_SCRIPT, PYTHON, STREAM_SCRIPT, World

_MILLISECONDS = Unit("ms", 1e-3)
_SECONDS = Unit("s", 1.0)
_MEGABYTES = Unit("MB", 1e6)

_KEYS = 25  # typed while the program warms up
_KEY_SECONDS = 0.02  # between two of them: faster than anybody types
_WARM_SECONDS = 1.5  # after the last key; by then nothing is left to load
_QUESTION = "Say hello"


def informing(world: World) -> list[Figure]:
    """What the program says without a model."""
    figures = []
    for flag in ("--version", "--help"):
        [seconds] = in_turn(
            lambda flag=flag: (run((*CHATCLI, flag), world).seconds,),
            lambda: (run((*PYTHON, "-c", "pass"), world).seconds,),
            15,
        )
        figures.append(Figure(f"chatcli {flag}, to the end", seconds, _MILLISECONDS, 12))
    return figures


def prompting(world: World) -> list[Figure]:
    """From the start to a prompt on the screen."""

    def drawn(command: Sequence[str]) -> tuple[float]:
        with terminal(command, world) as screen:
            return (_prompt(screen) - screen.began,)

    [seconds] = in_turn(lambda: drawn((*CHATCLI, "--model", "short")), lambda: drawn(PROMPT_SCRIPT), 15)
    return [Figure("the first prompt", seconds, _MILLISECONDS, 1.15)]


def typing(world: World) -> list[Figure]:
    """Keys that are typed at once, keys that are typed when all is loaded, and a question then."""

    def ours() -> tuple[float, float, float]:
        with terminal((*CHATCLI, "--model", "short"), world) as screen:
            _prompt(screen)
            echoes = _echoes(screen)
            time.sleep(_WARM_SECONDS)
            idle = _echoes(screen)
            entered_at = screen.type(b"\r")
            screen.see(WORD.strip().encode())
            return _slowest(echoes), _slowest(idle), world.asked_at() - entered_at

    def floor() -> tuple[float, float, float]:
        with terminal(PROMPT_SCRIPT, world) as screen:
            _prompt(screen)
            echoes = _echoes(screen)
            return _slowest(echoes), _slowest(_echoes(screen)), median(echoes)

    echo, idle, asked = in_turn(ours, floor, 7)
    return [
        Figure("a key's echo while warming up, p95", echo, _MILLISECONDS, 0.015, absolute=True),
        Figure("the same, once warm", idle, _MILLISECONDS, 0.005, absolute=True),
        Figure("Enter to the first request byte, once warm", asked, _MILLISECONDS, 0.015, absolute=True),
    ]


def asking(world: World) -> list[Figure]:
    """One question from the shell."""

    def asked(command: Sequence[str]) -> tuple[float, float]:
        whole = run(command, world)
        return world.asked_at() - whole.began, whole.seconds

    first, whole = in_turn(
        lambda: asked((*CHATCLI, "--model", "short", _QUESTION)),
        lambda: asked((*STREAM_SCRIPT, "short", _QUESTION)),
        24,
    )
    return [
        Figure("one-shot, start to the first request byte", first, _MILLISECONDS, 0.9),
        Figure("one-shot, start to the end", whole, _MILLISECONDS, 0.85),
    ]


def streaming(world: World) -> list[Figure]:
    """A reply of a hundred thousand pieces into a pipe, and the memory that a short one takes."""
    text = len(WORD) * WORDS["long"]

    def growth(*flags: str) -> tuple[float, float]:
        models = ("long", "short")
        long, short = (run((*CHATCLI, *flags, "--model", model, _QUESTION), world) for model in models)
        _ = world.asked_at(), world.asked_at()
        return long.cpu, long.peak - short.peak

    def ours() -> tuple[float, float, float]:
        cpu, kept = growth()
        return cpu, growth("--no-save")[1], kept

    def floor() -> tuple[float, float, float]:
        long = run((*STREAM_SCRIPT, "long", _QUESTION), world)
        _ = world.asked_at()
        return long.cpu, text, text

    cpu, memory, kept = in_turn(ours, floor, 3)
    return [
        Figure(f"{WORDS['long']:,} pieces into a pipe, processor time", cpu, _SECONDS, 0.5),
        Figure("the same, growth of memory to the text's size, not kept", memory, _MEGABYTES, 3),
        Figure("the same, kept and indexed", kept, _MEGABYTES, 3),
    ]


def _prompt(screen: Terminal) -> float:
    return screen.see(b">")


def _echoes(screen: Terminal) -> list[float]:
    """How long each key takes to appear."""
    echoes = []
    for _ in range(_KEYS):
        time.sleep(_KEY_SECONDS)
        pressed_at = screen.type(b"z")
        echoes.append(screen.see(b"z") - pressed_at)
    return echoes


def _slowest(echoes: Sequence[float]) -> float:
    """The 95th percentile."""
    return quantiles(echoes, n=20, method="inclusive")[-1]
