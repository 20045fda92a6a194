"""The stage of a run: its terminal or its pipes, put together. The other half of the composition root."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from chatcli.env import Env
from chatcli.interrupts import Ended, Interrupts
from chatcli.terminal.caps import Caps, caps, size
from chatcli.terminal.reply.background import Background
from chatcli.terminal.voice import Voice

if TYPE_CHECKING:
    from chatcli.core.events import ChatModel, Emit
    from chatcli.core.look import Look
    from chatcli.core.printout import Printout
    from chatcli.hands import SystemHands
    from chatcli.terminal.asides import Asides
    from chatcli.terminal.jsonl import JsonLines
    from chatcli.terminal.plain import PlainView
    from chatcli.terminal.reply.themes import Theme
    from chatcli.terminal.reply.view import ScreenView

    ThemeOf = Callable[[str, bool | None], Theme]


class Stage:
    """Where the words of a run are seen and heard, each part opened when it is first asked for.

    ``color`` is what the person wants of colours: "auto", "always" or "never".
    """

    def __init__(self, env: Env, color: str) -> None:
        self._env = env
        self._color = color
        self.interrupts = Interrupts()
        columns = self.columns if env.stderr_tty else None
        colour = self._able(tty=env.stderr_tty).colours is not None
        self.voice = Voice(env.stderr, colour=colour, columns=columns)
        self._screen: ScreenView | None = None
        self._lent: Callable[[], AbstractContextManager[None]] = nullcontext

    def columns(self) -> int:
        """How wide what is said may be at this moment."""
        return size(_descriptor(self._env.stderr), self._env.environ)[0]

    def recolour(self, color: str) -> None:
        """Speak in colour or not from now on: the settings have been read."""
        self._color = color
        self.voice.colour = self._able(tty=self._env.stderr_tty).colours is not None

    @property
    def watched(self) -> bool:
        """Replies are drawn on a terminal."""
        return self._screen is not None

    @cached_property
    def background(self) -> Background:
        """Whether the terminal is dark or light. In a chat it is asked: there the answer is read."""
        return Background(_descriptor(self._env.stdin), self._write, self._env.environ)

    @cached_property
    def lines(self) -> "JsonLines":
        """The view for programs."""
        from chatcli.terminal.asides import Asides
        from chatcli.terminal.jsonl import JsonLines

        return JsonLines(self._env.stdout, self.voice, Asides(self.voice, repl=False))

    def view(self, look: "Look", theme: "ThemeOf", *, repl: bool, whole_lines: bool = False) -> "Emit":
        """Who shows what happens: on a terminal drawn as it streams, elsewhere as it comes.

        ``theme`` finds a theme by its name, and raises ConfigError for one that cannot be used.
        """
        from chatcli.terminal.asides import Asides
        from chatcli.terminal.plain import PlainView

        out, watched, asides = self._env.stdout, self._env.stdout_tty, Asides(self.voice, repl=repl)
        plain = PlainView(out, self.voice, asides, watched=watched, whole_lines=whole_lines)
        if watched and not self._env.dumb:
            self._screen = self._screen_view(plain, asides, look, theme, asks=repl)
            return self._screen
        if watched or not look.render:
            return plain
        return self._drawn_at_the_end(plain, asides, theme(look.theme, None))

    def read_by(self, view: "Emit", model: "ChatModel") -> "ChatModel":
        """The model; where it is watched on a screen, read by a worker."""
        if view is not self._screen or self._screen is None:
            return model
        from chatcli.pump import Pumped

        return Pumped(model, self._screen.due)

    def hands(self, edit: Callable[[Path], None]) -> "SystemHands":
        """What reaches beyond the chat; ``edit`` opens a file in the person's editor.

        Without a terminal there is no editor, which would eat the lines of a program, and nobody to ask.
        """
        from chatcli.adapters.clipboard import copy
        from chatcli.hands import SystemHands

        env = self._env
        speaks = env.stdout_tty and not env.dumb
        asks = env.stdin_tty and env.stderr_tty
        return SystemHands(
            env,
            run=self._shell(),
            copy=partial(copy, environ=env.environ, write=self._write if speaks else None),
            edit=edit if env.stdin_tty and env.stdout_tty else None,
            answer=partial(self._answer, env.stdin) if env.stdin and asks else None,
            say=self.voice.aside,
            lent=self._handed_over,
        )

    def download_bar(self, title: str) -> AbstractContextManager[Callable[[int, int], None]]:
        """Shows how far a download is."""
        from chatcli.terminal.progress import download_bar

        return download_bar(self._env.stderr, title, tty=self._env.stderr_tty and not self._env.dumb)

    def counting_bar(self, title: str) -> AbstractContextManager[Callable[[int, int], None]]:
        """Shows how many of many things are done."""
        from chatcli.terminal.progress import counting_bar

        return counting_bar(self._env.stderr, title, tty=self._env.stderr_tty and not self._env.dumb)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Meanwhile the terminal is ours, and is given back as it was, however this ends.

        What is typed while nobody reads is kept; Ctrl-C interrupts what is armed; Ctrl-Z stops the program.
        """
        from chatcli.terminal.keyboard import hushed

        with ExitStack() as stack:
            keyboard = self._env.stdin if self._env.stdin_tty else self._env.stdout
            self._lent = stack.enter_context(hushed(_descriptor(keyboard)))
            stack.enter_context(self.interrupts.handled())
            stack.enter_context(self.interrupts.stoppable(self._stepped_aside))
            stack.enter_context(self.interrupts.stoppable(self._screen_away))
            stack.callback(self._close_screen)
            yield

    @contextmanager
    def chatting(self) -> Iterator[None]:
        """The same for a chat: what was typed to it is not the shell's to run when a signal ends it."""
        with self.taken():
            try:
                yield
            except Ended:
                self.background.hold()
                raise

    def _screen_view(
        self, plain: "PlainView", asides: "Asides", look: "Look", theme: "ThemeOf", *, asks: bool
    ) -> "ScreenView":
        from chatcli.terminal.reply.view import Screen, ScreenView

        theme(look.theme, None)  # raises for one that cannot be used
        able, background = self._able(tty=True), self.background if asks else None
        return ScreenView(
            Screen(self._write, self._size, able, background),
            plain,
            asides,
            look,
            theme=theme,
            clock=self._env.clock,
            shielded=self.interrupts.shielded,
        )

    def _drawn_at_the_end(self, plain: "PlainView", asides: "Asides", theme: "Theme") -> "Emit":
        from chatcli.terminal.reply.elements import Typesetter
        from chatcli.terminal.reply.view import NARROWEST, DrawnAtTheEnd

        able, (width, _) = self._able(tty=False), self._size()
        if width < NARROWEST:
            return plain
        typesetter = Typesetter(width, theme, **able._asdict())
        return DrawnAtTheEnd(self._env.stdout, plain, asides, typesetter)

    def _shell(self) -> "Callable[[str, str | None], Printout]":
        """What runs a command: where a person sees it, or else beside what belongs on stdout."""
        from chatcli.adapters.shell import Seat, run, run_watched

        env = self._env
        if env.stdin_tty and env.stdout_tty:
            seat = Seat(_descriptor(env.stdin), _descriptor(env.stdout))
            unread = self.background.keep
            return partial(run_watched, environ=env.environ, cwd=env.cwd, seat=seat, unread=unread)
        return partial(run, environ=env.environ, cwd=env.cwd, out=_descriptor(env.stderr))

    def _answer(self, keyboard: BinaryIO, question: str) -> str:
        """What the person answers to a question."""
        typed = b""
        try:
            self.background.hold()  # what was typed before the question is no answer to it
            # The mode of the keyboard first: else Enter would not be the end of a line.
            with self._lent(), self.interrupts.stoppable(partial(self._asked_again, question)):
                with self.interrupts.shielded():  # or Ctrl-Z would ask it in the middle of itself
                    self.voice.ask(question)
                typed = keyboard.readline()
        finally:
            if not typed.endswith(b"\n"):  # Ctrl-C, Ctrl-D: the line is still open
                self._env.stderr.write("\n")
        return typed.decode("utf-8", "replace")

    @contextmanager
    def _stepped_aside(self) -> Iterator[None]:
        """Meanwhile the program is stopped, and the terminal the shell's, but for what was typed to us."""
        self.background.hold()
        with self._lent():
            yield

    @contextmanager
    def _asked_again(self, question: str) -> Iterator[None]:
        """Meanwhile the program is stopped. Whoever comes back to it sees the question."""
        yield
        self.voice.ask(question)

    @contextmanager
    def _handed_over(self) -> Iterator[None]:
        """Meanwhile the terminal is another program's, as the shell left it, and so is Ctrl-C."""
        with self._lent(), self.interrupts.disarmed():
            yield

    def _able(self, *, tty: bool) -> Caps:
        return caps(self._env.environ, tty=tty, dumb=self._env.dumb, color=self._color)

    def _size(self) -> tuple[int, int]:
        return size(_descriptor(self._env.stdout), self._env.environ)

    def _write(self, text: str) -> None:
        self._env.stdout.write(text)
        self._env.stdout.flush()

    def _screen_away(self) -> AbstractContextManager[None]:
        return self._screen.away() if self._screen else nullcontext()

    def _close_screen(self) -> None:
        if self._screen:
            self._screen.close()


def _descriptor(stream: BinaryIO | TextIO | None) -> int:
    """The number of the stream's file; -1 where it has none."""
    try:
        return stream.fileno() if stream else -1
    except OSError:
        return -1
