"""The view on a terminal: a spinner while nothing has come, a few rows of thoughts, the reply drawn."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
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
from chatcli.terminal.reply.stream import Stream
from chatcli.terminal.reply.themes import Theme
from chatcli.terminal.reply.waiting import Waiting

_NARROWEST: Final = 20  # columns; on fewer, text is shown as it comes
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
        self._stream: Stream | None = None

    def __call__(self, event: Event) -> None:
        """Show one event, whole or not at all."""
        with self._shielded():
            self._show(event)

    def due(self) -> float:
        """Seconds until something is to be drawn though nothing has come."""
        if self._stream:
            return self._stream.due()
        return self._waiting.due() if self._waiting else _IDLE

    def close(self) -> None:
        """Give the terminal back as it was. Safe to call twice."""
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
            case Shown(text, rendered):
                self._show_again(text, rendered=rendered)
            case Restyled(look):
                self._theme(look.theme, None)  # raises for one that there is not
                self._look = look
            case _:
                assert_never(event)

    def _begin(self, event: Started) -> None:
        self._drawing = self._draws()
        self._painter.lift()
        self._asides(event)
        if self._drawing and self._screen.background:
            self._screen.background.ask()
        self._waiting = self._wait()

    def _draws(self) -> bool:
        return self._look.render is not False and self._screen.size()[0] >= _NARROWEST

    def _tick(self) -> None:
        self._light()
        if self._stream:
            self._stream.tick()
        elif self._waiting:
            self._waiting.tick()

    def _wait(self) -> Waiting:
        return Waiting(self._painter, self._clock, self._screen.size)

    def _think(self, text: str) -> None:
        self._waiting = self._waiting or self._wait()
        self._waiting.think(text)

    def _write(self, text: str) -> None:
        if not self._drawing:
            self._stop_waiting()
            self._plain(TextDelta(text))
            return
        if self._stream is None:
            self._stop_waiting()
            self._stream = Stream(self._painter, self._typesetter(), self._clock, self._screen.size)
        self._stream.feed(text)

    def _stop_waiting(self) -> None:
        """Take the spinner away, and say of the thoughts how long they took."""
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return
        self._painter.lift()
        if (seconds := waiting.thought) is not None:
            self._asides.thought(seconds)

    def _typesetter(self) -> Typesetter:
        caps = self._screen.caps
        theme = self._theme(self._look.theme, self._light())
        width, _ = self._screen.size()
        return Typesetter(width, theme, colours=caps.colours, hyperlinks=caps.hyperlinks)

    def _light(self) -> bool | None:
        """Whether the background is light, as far as the terminal has said by now."""
        if self._screen.background is None:
            return None
        self._screen.background.poll()
        return self._screen.background.light

    def _end(self, event: Ended) -> None:
        drawn, stream = self._drawing, self._stream
        self._drawing, self._stream = False, None
        self._stop_waiting()
        if stream:
            stream.finish()
        self._painter.close()
        if self._screen.background:
            self._screen.background.settle(_ANSWER_SECONDS)
        (self._asides if drawn else self._plain)(event)

    def _show_again(self, text: str, *, rendered: bool) -> None:
        if rendered and self._draws():
            self._screen.write(drawn(text, self._typesetter()))
        else:
            self._plain(Shown(text, rendered))


class DrawnAtTheEnd:
    """Draws a reply once, when it has ended: for a file or a pipe that is to hold it drawn."""

    def __init__(self, out: TextIO, plain: PlainView, typesetter: Typesetter) -> None:
        self._out = out
        self._plain = plain
        self._typesetter = typesetter

    def __call__(self, event: Event) -> None:
        """Show one event."""
        match event:
            case TextDelta():
                pass
            case Ended(reply):
                self._out.write(drawn(reply.text, self._typesetter))
                self._plain(event)
            case Shown(text, rendered=True):
                self._out.write(drawn(text, self._typesetter))
            case _:
                self._plain(event)


def drawn(text: str, typesetter: Typesetter) -> str:
    """A whole reply, drawn at once."""
    return "".join(f"{row.ansi}\n" for row in typesetter.set(parse(clean(text))))
