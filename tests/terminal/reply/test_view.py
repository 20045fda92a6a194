"""The view on a terminal: what is seen of one turn, from the first thought to the last word."""

from contextlib import nullcontext
from errno import EIO
from io import StringIO

import pytest

from chatcli.core.budget import Fitted
from chatcli.core.events import Ended, ReasoningDelta, Shown, Started, TextDelta, Tick
from chatcli.core.look import USUAL, Look
from chatcli.core.messages import Finish, Reply
from chatcli.terminal.asides import Asides
from chatcli.terminal.caps import Caps
from chatcli.terminal.plain import PlainView
from chatcli.terminal.reply.elements import Typesetter
from chatcli.terminal.reply.themes import PLAIN
from chatcli.terminal.reply.view import DrawnAtTheEnd, Screen, ScreenView
from chatcli.terminal.voice import Voice
from tests.window import Window

STARTED = Started("m", Fitted((), 5, False), 100, 25)


class Hourglass:
    """A clock that stands still until somebody turns it."""

    def __init__(self):
        self.seconds = 0.0

    def now(self):
        return self.seconds

    def sleep(self, seconds):
        self.seconds += seconds


class Stream(StringIO):
    """Whatever is written lands on the window."""

    def __init__(self, window):
        super().__init__()
        self._window = window
        self.gone = False

    def write(self, text):
        if self.gone:
            raise OSError(EIO, "gone")
        self._window.write(text.replace("\n", "\r\n"))
        return len(text)


class Watched:
    """A view on a window, and whoever looks at it."""

    def __init__(self, columns=60, lines=24, look=USUAL):
        self.window, self._clock = Window(columns, lines), Hourglass()
        self.out = out = Stream(self.window)
        asides = Asides(Voice(out, colour=False), repl=False)
        self.view = ScreenView(
            Screen(out.write, lambda: (columns, lines), Caps(None, attributes=True, hyperlinks=False), None),
            PlainView(out, Voice(out, colour=False), asides, watched=True),
            asides,
            look,
            theme=lambda _name, _light: PLAIN,
            clock=self._clock,
            shielded=nullcontext,
        )

    def sees(self, *events, after=0.0):
        """What stands below the question so many seconds after these."""
        for event in events:
            self.view(event)
        ends = self._clock.now() + after
        while (left := ends - self._clock.now()) > 0:
            self._clock.sleep(min(max(self.view.due(), 0.01), left))
            self.view(Tick())
        return self.window.below


def ended(text, finish=Finish.STOP):
    return Ended(Reply(text, finish))


def test_before_the_reply_thoughts_are_seen_and_then_how_long_they_took():
    watched = Watched()
    assert watched.sees(STARTED, ReasoningDelta("two and"), after=1.2)[0] == "two and"
    watched.sees(ReasoningDelta(" two"), after=1.0)
    assert watched.sees(TextDelta("four")) == ["thought for 1 s", "four"]
    assert watched.sees(ended("four")) == ["thought for 1 s", "four"]


def test_thoughts_in_the_middle_of_a_reply_are_seen_below_what_is_open_and_never_in_its_place():
    watched = Watched()
    assert watched.sees(STARTED, TextDelta("One.\n\nOpen "), after=0.2) == ["One.", "", "Open"]
    *reply, thought, spinner = watched.sees(ReasoningDelta("hmm"), after=1.5)
    assert (reply, thought) == (["One.", "", "Open"], "hmm")
    assert spinner.endswith("thinking 1 s")
    assert watched.sees(TextDelta("end.\n\nLast"), after=0.2) == ["One.", "", "Open end.", "", "Last"]


def test_of_long_thoughts_in_the_middle_two_rows_are_seen_so_that_the_reply_is_seen_too():
    watched = Watched(lines=10)
    watched.sees(STARTED, TextDelta("Open"))
    assert watched.sees(ReasoningDelta("a\nb\nc\nd"), after=0.2)[:3] == ["Open", "c", "d"]


def test_how_long_the_thoughts_in_the_middle_took_is_told_once_when_the_reply_has_ended():
    watched = Watched()
    watched.sees(STARTED, ReasoningDelta("a"), after=3.0)
    watched.sees(ReasoningDelta("b"), TextDelta("One "))
    for _ in range(2):
        watched.sees(ReasoningDelta("c"), after=2.0)
        watched.sees(ReasoningDelta("d"), TextDelta("more "))
    assert watched.sees(ended("One more more ")) == ["thought for 3 s", "One more more", "thought for 4 s"]


def test_a_reply_that_ends_with_a_thought_is_whole_and_nothing_is_left_of_the_spinner():
    watched = Watched()
    watched.sees(STARTED, TextDelta("One\n\ntwo"), ReasoningDelta("hmm"), after=1.0)
    assert watched.sees(ended("One\n\ntwo")) == ["One", "", "two", "thought for 1 s"]


def test_what_came_of_a_reply_stays_when_the_view_is_closed_in_the_middle():
    watched = Watched()
    watched.sees(STARTED, TextDelta("One.\n\n- two\n- thr"), ReasoningDelta("hmm"), after=1.0)
    watched.view.close()
    watched.view.close()
    assert watched.window.below == ["One.", "", "• two", "• thr"]
    assert watched.window.cursor_shown


def test_a_terminal_that_is_gone_is_no_error_when_the_view_is_closed():
    watched = Watched()
    watched.sees(STARTED, TextDelta("One"))
    watched.out.gone = True
    watched.view.close()


@pytest.mark.parametrize(
    ("render", "again", "seen"),
    [
        (None, True, "bold"),
        (None, None, "bold"),
        (None, False, "**bold**"),
        (False, True, "bold"),
        (False, None, "**bold**"),
        (False, False, "**bold**"),
    ],
)
def test_a_text_is_shown_again_as_it_is_asked_for_or_else_as_replies_are(render, again, seen):
    assert Watched(look=Look(render=render)).sees(Shown("**bold**", rendered=again)) == [seen]


def test_nothing_is_drawn_on_a_very_narrow_screen_whoever_asks():
    assert Watched(columns=19).sees(Shown("**bold**", rendered=True)) == ["**bold**"]


def drawn_at_the_end(*events):
    out, asides = StringIO(), Asides(Voice(StringIO(), colour=False), repl=False)
    plain = PlainView(out, Voice(StringIO(), colour=False), asides, watched=False)
    typesetter = Typesetter(40, PLAIN, colours=None, attributes=False, hyperlinks=False)
    view = DrawnAtTheEnd(out, plain, asides, typesetter)
    for event in events:
        view(event)
    return out.getvalue()


def test_a_file_gets_the_reply_drawn_once_it_has_ended():
    text = "# Title\n\n**bold**, `code`, [a](http://e.org)\n\n```sh\nif ls; then\n```\n"
    drawn = "Title\n\nbold, code, a (http://e.org)\n\nsh\nif ls; then\n"
    assert drawn_at_the_end(STARTED, TextDelta("# Title\n\n**bo")) == ""
    assert drawn_at_the_end(STARTED, TextDelta(text), ended(text)) == drawn


@pytest.mark.parametrize(("rendered", "seen"), [(None, "bold\n"), (True, "bold\n"), (False, "**bold**\n")])
def test_a_file_of_drawn_replies_gets_a_text_that_is_shown_again_drawn_too(rendered, seen):
    assert drawn_at_the_end(Shown("**bold**", rendered=rendered)) == seen
