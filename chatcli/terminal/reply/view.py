"""The view on a terminal: a spinner while nothing has come, a few rows of thoughts, the reply drawn."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Final, NamedTuple, TextIO, assert_never

from chatcli.core.clock import Clock
from chatcli.core.events import (
    Ended,
    Event,
    Notice,
    ReasoningDelta,
    Restyled,
    Retrying,
    Shown,
    Started,
    TextDelta,
    Tick,
)
from chatcli.core.look import Look
from chatcli.terminal.asides import Asides
from chatcli.terminal.caps import Caps
from chatcli.terminal.escape import clean
from chatcli.terminal.plain import PlainView
from chatcli.terminal.reply.background import Background
from chatcli.terminal.reply.elements import Typesetter
from chatcli.terminal.reply.painter import Painter
from chatcli.terminal.reply.parser import parse
from chatcli.terminal.reply.rows import Row
from chatcli.terminal.reply.stream import Stream
from chatcli.terminal.reply.themes import Theme
from chatcli.terminal.reply.waiting import Waiting

NARROWEST: Final = 20  # columns; on fewer, text is shown as it comes

_THOUGHTS: Final = 6  # rows of them before the reply
_LATE_THOUGHTS: Final = 2  # rows of those that come in the middle of it, below what is open
_IDLE: Final = 1.0  # seconds between two looks when nothing is to be drawn
_ANSWER_SECONDS: Final = 0.1  # for what a terminal is still to say of its background


class Screen(NamedTuple):
    """A terminal: ``write`` reaches it at once, ``size`` is its columns and rows at this moment.

    ``background`` is None where the terminal is not to be asked.
    """

    write: Callable[[str], None]
    size: Callable[[], tuple[int, int]]
    caps: Caps
    background: Background | None


class ScreenView:
    """Draws replies. Being called with an event is all it does; ``due`` says when it wants a ``Tick``.

    ``plain`` shows what is not to be drawn, ``asides`` says what is no part of a reply. ``theme`` finds one
    by its name, and raises ChatcliError where that cannot be used; it is told whether the background is
    light. ``shielded`` keeps signals away from a frame that is half drawn.
    """

    def __init__(  # noqa: PLR0913 - here screen, words, looks and time meet
        self,
        screen: Screen,
        plain: PlainView,
        asides: Asides,
        look: Look,
        *,
        theme: Callable[[str, bool | None], Theme],
        clock: Clock,
        shielded: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._screen = screen
        self._plain = plain
        self._asides = asides
        self._look = look
        self._theme = theme
        self._clock = clock
        self._shielded = shielded
        self._painter = Painter(screen.write, *screen.size())
        self._drawing = False
        self._waiting: Waiting | None = None
        self._thought: float | None = None  # seconds of thoughts of which nothing is said yet
        self._stream: Stream | None = None

    def __call__(self, event: Event) -> None:
        """Show one event, whole or not at all."""
        with self._shielded():
            self._show(event)

    def due(self) -> float:
        """Seconds until something is to be drawn though nothing has come."""
        return min([drawn.due() for drawn in (self._stream, self._waiting) if drawn], default=_IDLE)

    def close(self) -> None:
        """Draw for good what came of a reply, and give the terminal back as it was. Safe to call twice."""
        stream, self._stream = self._stream, None
        try:
            with suppress(OSError):  # the terminal is gone
                if stream:
                    stream.finish()
        finally:
            self._painter.close()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Meanwhile the terminal is somebody else's; afterwards the next frame draws all that is open."""
        self._painter.close()
        yield

    def _show(self, event: Event) -> None:
        match event:
            case Started():
                self._begin(event)
            case TextDelta(text):
                self._write(text)
            case ReasoningDelta(text) if self._drawing:
                self._think(text)
            case Tick():
                self._tick()
            case Notice() | Retrying():
                self._painter.lift()
                self._asides(event)
            case ReasoningDelta():
                self._stop_waiting()
                self._plain(event)
            case Ended():
                self._end(event)
            case Shown():
                self._show_again(event)
            case Restyled(look):
                self._theme(look.theme, None)  # raises for one that there is not
                self._look = look
            case _:
                assert_never(event)

    def _begin(self, event: Started) -> None:
        self._drawing = self._draws(self._look.render)
        self._painter.lift()
        self._asides(event)
        if self._drawing and self._screen.background:
            self._screen.background.ask()
        self._waiting = self._wait()

    def _draws(self, render: bool | None) -> bool:
        return render is not False and self._screen.size()[0] >= NARROWEST

    def _tick(self) -> None:
        self._light()
        if self._waiting:
            self._waiting.tick()
        if self._stream:
            self._stream.tick()

    def _wait(self) -> Waiting:
        """A wait for what comes next: where a reply has begun, it is shown below that."""
        draw, most = (self._stream.show_below, _LATE_THOUGHTS) if self._stream else (self._draw, _THOUGHTS)
        return Waiting(draw, self._clock, lambda: self._screen.size()[0], most=most)

    def _draw(self, rows: Sequence[Row]) -> None:
        self._painter.resized(*self._screen.size())
        self._painter.frame((), rows)

    def _think(self, text: str) -> None:
        self._waiting = self._waiting or self._wait()
        self._waiting.think(text)

    def _write(self, text: str) -> None:
        if not self._drawing:
            self._stop_waiting()
            self._plain(TextDelta(text))
            return
        self._stop_waiting()
        if self._stream is None:
            self._tell_thoughts()
            self._stream = Stream(self._painter, self._typesetter(), self._clock, self._screen.size)
        self._stream.feed(text)

    def _stop_waiting(self) -> None:
        """Take the spinner away, and remember of the thoughts how long they took."""
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return
        if self._stream:
            self._stream.show_below(())
        else:
            self._painter.lift()
        if waiting.thought is not None:
            self._thought = (self._thought or 0.0) + waiting.thought

    def _tell_thoughts(self) -> None:
        """Say how long they took: of the first before the reply, of all that came in its middle after it."""
        seconds, self._thought = self._thought, None
        if seconds is not None:
            self._asides.thought(seconds)

    def _typesetter(self) -> Typesetter:
        theme = self._theme(self._look.theme, self._light())
        width, _ = self._screen.size()
        return Typesetter(width, theme, **self._screen.caps._asdict())

    def _light(self) -> bool | None:
        """Whether the background is light, as far as the terminal has said by now."""
        if self._screen.background is None:
            return None
        self._screen.background.poll()
        return self._screen.background.light

    def _end(self, event: Ended) -> None:
        self._stop_waiting()
        drawn, stream = self._drawing, self._stream
        self._drawing, self._stream = False, None
        if stream:
            stream.finish()
        self._painter.close()
        self._tell_thoughts()
        if self._screen.background:
            self._screen.background.settle(_ANSWER_SECONDS)
        (self._asides if drawn else self._plain)(event)

    def _show_again(self, event: Shown) -> None:
        if self._draws(self._look.render if event.rendered is None else event.rendered):
            self._screen.write(drawn(event.text, self._typesetter()))
            self._asides(event)
        else:
            self._plain(event)


class DrawnAtTheEnd:
    """Draws a reply once, when it has ended: for a file or a pipe that is to hold it drawn."""

    def __init__(self, out: TextIO, plain: PlainView, asides: Asides, typesetter: Typesetter) -> None:
        self._out = out
        self._plain = plain
        self._asides = asides
        self._typesetter = typesetter

    def __call__(self, event: Event) -> None:
        """Show one event."""
        match event:
            case TextDelta():
                pass
            case Ended(reply):
                self._out.write(drawn(reply.text, self._typesetter))
                self._plain(event)
            case Shown(text, rendered=True | None):
                self._out.write(drawn(text, self._typesetter))
                self._asides(event)
            case _:
                self._plain(event)


def drawn(text: str, typesetter: Typesetter) -> str:
    """A whole reply, drawn at once."""
    return "".join(f"{row.ansi}\n" for row in typesetter.set(parse(clean(text))))
