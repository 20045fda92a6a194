"""What drawing a reply costs while it comes, to the least that it could cost.

The floor writes each piece as it is, and once, at the end, the whole reply as rich draws Markdown. Both
write to /dev/null, for a screen of 100 by 40 in full colour; time is the processor's.
"""

import gc
import os
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from statistics import quantiles
from typing import Any

from markdown_it import MarkdownIt
from rich.console import Console
from rich.markdown import Markdown

from benchmarks.figures import Figure, Unit, in_turn
from benchmarks.world import World
from chatcli.core.clock import Clock
from chatcli.env import SystemClock
from chatcli.terminal.reply.elements import Typesetter
from chatcli.terminal.reply.painter import Painter
from chatcli.terminal.reply.stream import Stream
from chatcli.terminal.reply.themes import DARK
from tests.documents import chunked, reply_like

_SECONDS = Unit("s", 1.0)
_MILLISECONDS = Unit("ms", 1e-3)
_MICROSECONDS = Unit("µs", 1e-6)
_SHARE = Unit("%", 0.01)
_KILOBYTES = Unit("KB", 1e3)
_MEGABYTES = Unit("MB", 1e6)

_COLUMNS, _LINES = 100, 40
_RATE = 100  # pieces a second
_FAST = 10_000  # pieces a second, where only what is left behind matters
_FRAME_SECONDS = 1 / 30


class _Reply:
    """A text, and the pieces of some four characters in which it comes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pieces = chunked(text, seed=4, longest=7)


class _Screen:
    """A terminal at which nobody looks. ``bytes`` have been written to it."""

    def __init__(self) -> None:
        self.bytes = 0
        self._null = os.open(os.devnull, os.O_WRONLY)

    def write(self, text: str) -> None:
        self.bytes += os.write(self._null, text.encode())

    def flush(self) -> None:
        """Nothing is kept back."""


class _WaitingIsFree:
    """A clock for replies that take minutes to come: work takes its time by ``timer``, waiting takes none."""

    def __init__(self, timer: Callable[[], float] = time.process_time) -> None:
        self._timer = timer
        self._waited = 0.0

    def now(self) -> float:
        return self._timer() + self._waited

    def sleep(self, seconds: float) -> None:
        self._waited += max(0.0, seconds)


class _Painter(Painter):
    """The painter, its frames counted."""

    frames = 0

    def frame(self, *rows: Any, **how: Any) -> None:
        self.frames += 1
        super().frame(*rows, **how)


class _Drawing:
    """A reply on its way to ``screen``.

    ``paints`` are what each paint took, ``waits`` how long each piece waited for the paint that showed it.
    """

    def __init__(self, clock: Clock) -> None:
        self.screen = _Screen()
        self.paints: list[float] = []
        self.waits: list[float] = []
        self.clock = clock
        self._painter = _Painter(self.screen.write, _COLUMNS, _LINES)
        typesetter = Typesetter(_COLUMNS, DARK, colours="truecolor", hyperlinks=True)
        self.stream = Stream(self._painter, typesetter, clock)
        self._unseen: list[float] = []

    def feed(self, text: str) -> float:
        """One more piece; what that took."""
        self._unseen.append(self.clock.now())
        return self._timed(self.stream.feed, text)

    def wait(self, moment: float) -> float:
        """Let time pass, and draw what is due; what that took."""
        took = 0.0
        while (due := self.stream.due()) <= moment - self.clock.now():
            self.clock.sleep(due)
            took += self._timed(self.stream.tick)
        self.clock.sleep(moment - self.clock.now())
        return took

    def finish(self) -> float:
        """Draw the rest; what that took."""
        took = 0.0
        while not self.stream.due():
            took += self._timed(self.stream.tick)
        return took + self._timed(self.stream.finish)

    def _timed(self, work: Callable[..., None], *args: str) -> float:
        frames = self._painter.frames
        began = time.process_time()
        work(*args)
        took = time.process_time() - began
        if self._painter.frames > frames:
            now = self.clock.now()
            self.paints.append(took)
            self.waits += [now - came for came in self._unseen]
            self._unseen.clear()
        return took


def drawing(_world: World) -> list[Figure]:
    """A reply on its way to the screen."""
    usual, long = (_Reply(reply_like(4, size)) for size in (100_000, 1_000_000))
    # Ten of them: one would not be made of the same blocks as the long one.
    short = [_Reply(reply_like(seed, 10_000)) for seed in range(10)]
    blocks = {name: _Reply(_block(head, line)) for name, (head, line) in _BLOCKS.items()}
    return [
        *_unpaced(usual, long),
        *_paced(short, usual, long),
        *_single_blocks(blocks),
        *_backlog(long),
        *_memory(usual, long, blocks),
    ]


def _unpaced(usual: _Reply, long: _Reply) -> Iterator[Figure]:
    def ours(reply: _Reply) -> tuple[float, float]:
        drawing = _Drawing(SystemClock())
        began = time.process_time()
        for piece in reply.pieces:
            drawing.stream.feed(piece)
        drawing.stream.finish()
        return time.process_time() - began, drawing.screen.bytes

    cpu, written = in_turn(lambda: ours(usual), lambda: _floor(usual), 7)
    yield Figure("100 KB of a reply as fast as it comes, processor time", cpu, _MILLISECONDS, 1.3)
    yield Figure("the same, bytes written", written, _KILOBYTES, 0.8)
    cpu, _ = in_turn(lambda: ours(long), lambda: _floor(long), 2)
    yield Figure("1 MB as fast as it comes, processor time", cpu, _SECONDS, 1.6)


def _paced(short: Sequence[_Reply], usual: _Reply, long: _Reply) -> Iterator[Figure]:
    def ours() -> Sequence[float]:
        drawing = _Drawing(_WaitingIsFree())
        cpu = _draw(usual, drawing, _all)
        wait, paint = (quantiles(each, n=100)[-1] for each in (drawing.waits, drawing.paints))
        return cpu, _share(usual, cpu), drawing.screen.bytes, wait, paint, max(drawing.paints)

    def floor() -> Sequence[float]:
        cpu, written = _floor(usual)
        return cpu, _share(usual, cpu), written, cpu, cpu, cpu

    cpu, share, written, wait, paint, longest = in_turn(ours, floor, 3)
    yield Figure("100 KB at 100 pieces a second, processor time", cpu, _MILLISECONDS, 20)
    yield Figure("the same, of a core", share, _SHARE, 0.015, absolute=True)
    yield Figure("the same, bytes written", written, _KILOBYTES, 5)
    bar = _FRAME_SECONDS + 0.015
    yield Figure("the same, a piece's way to the screen, p99", wait, _MILLISECONDS, bar, absolute=True)
    yield Figure("the same, a paint, p99", paint, _MILLISECONDS, 0.015, absolute=True)
    yield Figure("the same, the longest paint", longest, _MILLISECONDS, 0.05, absolute=True)

    def each(replies: Sequence[_Reply], counts: Callable[[int], bool]) -> tuple[float]:
        cpu = sum(_draw(reply, _Drawing(_WaitingIsFree()), counts) for reply in replies)
        return (cpu / sum(len(reply.pieces) for reply in replies),)

    [piece] = in_turn(lambda: each([long], _tenth), lambda: each(short, _all), 2)
    yield Figure("a piece of 1 MB / a piece of 10 KB, at 100 a second", piece, _MICROSECONDS, 1.3)


def _single_blocks(blocks: Mapping[str, _Reply]) -> Iterator[Figure]:
    longest = []
    for name, block in blocks.items():
        drawing = _Drawing(_WaitingIsFree())
        cpu, floor = _draw(block, drawing, _tenth), _floor(block)[0]
        shares = _share(block, cpu), _share(block, floor)
        yield Figure(f"100 KB in one {name}, of a core", [shares], _SHARE, 0.15, absolute=True)
        longest.append((max(drawing.paints), floor))
    yield Figure("the longest paint in any of these", [max(longest)], _MILLISECONDS, 0.05, absolute=True)


def _backlog(long: _Reply) -> Iterator[Figure]:
    def ours() -> tuple[float, float]:
        drawing = _Drawing(_WaitingIsFree())
        drawing.feed(long.text)
        drawing.finish()
        return quantiles(drawing.paints, n=100)[-1], max(drawing.paints)

    paint, longest = in_turn(ours, lambda: _floor(long)[:1] * 2, 2)
    yield Figure("1 MB all at once: a paint, p99", paint, _MILLISECONDS, 0.015, absolute=True)
    yield Figure("the same, the longest paint", longest, _MILLISECONDS, 0.05, absolute=True)


def _memory(usual: _Reply, long: _Reply, blocks: Mapping[str, _Reply]) -> Iterator[Figure]:
    _held(lambda: _leave(usual))  # what is made once and kept is there then
    mixed = _held(lambda: _leave(long)), len(long.text)
    yield Figure("memory held beyond the text at its end, 1 MB / the text", [mixed], _MEGABYTES, 0.5)
    parser = MarkdownIt().enable("table")
    pairs = [
        (
            _peak(lambda block=block: _leave(block).finish()),
            _peak(lambda block=block: parser.parse(block.text)),
        )
        for block in blocks.values()
    ]
    yield Figure(
        "the most at any moment, 100 KB in the worst block / its tokens", [max(pairs)], _MEGABYTES, 1.5
    )


def _floor(reply: _Reply) -> tuple[float, float]:
    """Processor time and bytes."""
    screen = _Screen()
    console = Console(
        file=screen,
        force_terminal=True,
        color_system="truecolor",
        width=_COLUMNS,
        height=_LINES,
    )
    began = time.process_time()
    for piece in reply.pieces:
        screen.write(piece)
    console.print(Markdown(reply.text))
    return time.process_time() - began, screen.bytes


def _share(reply: _Reply, cpu: float) -> float:
    """What seconds of the processor are of one core's time, while the reply comes."""
    return cpu * _RATE / len(reply.pieces)


def _draw(reply: _Reply, drawing: _Drawing, counts: Callable[[int], bool]) -> float:
    """Draw a reply at its pace; the processor's seconds.

    Where a piece does not count, it comes a hundred times as fast, and the others stand for it.
    """
    cpu, counted, arrives = 0.0, 0, drawing.clock.now()
    for number, piece in enumerate(reply.pieces):
        arrives += 1 / (_RATE if counts(number) else _FAST)
        took = drawing.wait(arrives) + drawing.feed(piece)
        if counts(number):
            cpu += took
            counted += 1
    return cpu / counted * len(reply.pieces) + drawing.finish()


def _all(_number: int) -> bool:
    """Every piece counts."""
    return True


def _tenth(number: int) -> bool:
    """Whether a piece counts where only every tenth does, in stretches of two and a half seconds."""
    return number // 250 % 10 == 5


def _leave(reply: _Reply) -> Stream:
    """Draw a reply for what it leaves behind: in haste, and without a note of anything."""
    clock = _WaitingIsFree(lambda: 0.0)
    drawing = _Drawing(clock)
    for piece in reply.pieces:
        clock.sleep(1 / _FAST)
        drawing.stream.feed(piece)
    return drawing.stream


def _held(work: Callable[[], object]) -> int:
    """The memory that is still held when the work is done, with its result."""
    gc.collect()
    tracemalloc.start()
    try:
        result = work()
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
        del result
        return held
    finally:
        tracemalloc.stop()


def _peak(work: Callable[[], object]) -> int:
    """The most memory that is held at any moment of the work."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# Blocks of random words, so that nothing is ever the same.


_Words = Callable[[int], str]


def _words(chance: Random) -> _Words:
    """So many words, each time others."""

    def word() -> str:
        said = "".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4)))
        mark = chance.choices(["", "**", "*", "`"], [30, 1, 1, 1])[0]
        return f"{mark}{said}{mark}"

    return lambda many: " ".join(word() for _ in range(many))


def _block(head: str, line: Callable[[int, _Words], str]) -> str:
    """One block of 100 KB."""
    some = _words(Random(len(head)))
    lines = [head]
    size = 100_000 - len(head)
    while size > 0:
        lines.append(line(len(lines), some))
        size -= len(lines[-1])
    return "".join(lines)


def _code(number: int, some: _Words) -> str:
    return f"def f{number}(x: int) -> list[object]:\n    return [x, '{some(4)}', {number}]  # {some(3)}\n\n\n"


_SYLLABLES = ["ba", "co", "di", "fen", "gul", "har", "in", "ko", "mar", "nos", "or", "pel", "ra", "sea"]
_BLOCKS: Mapping[str, tuple[str, Callable[[int, _Words], str]]] = {
    "fence": ("```python\n", _code),
    "bullet list": ("", lambda at, some: f"{'  ' * (at % 2 == 0)}- {some(12)}\n"),
    "numbered list": ("", lambda at, some: f"{at}. {some(12)}\n"),
    "paragraph": ("", lambda _at, some: f"{some(12)} "),
    "quote": ("", lambda _at, some: f"> {some(12)}\n"),
    "table": ("| number | words |\n|--:|---|\n", lambda at, some: f"| {at} | {some(12)} |\n"),
}
