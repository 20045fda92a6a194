"""The line below the prompt."""

import pytest

from chatcli.core.gauge import Glance
from chatcli.core.money import Spent
from chatcli.core.session import Session
from chatcli.terminal.status import toolbar

PAID = Spent(1000, 200, 0.0012)
FREE = Spent(1000, 200, 0.0, unpriced=1200)


@pytest.mark.parametrize(
    ("session", "glance", "typed", "line"),
    [
        (Session("gpt-6-luna"), Glance(0, 1000, exact=False), "", "gpt-6-luna · ~0 of 1,000 tokens (0%)"),
        (
            Session("m", spent=PAID),
            Glance(1234, 8192, exact=True),
            "hello there",
            "m · 1,234 of 8,192 tokens (15%) · $0.0012 · typing ~3",
        ),
        (Session("m", spent=FREE), Glance(5, 10, exact=True), "", "m · 5 of 10 tokens (50%)"),
        (Session(None), Glance(1, 10, exact=True), "", "the server's own model · 1 of 10 tokens (10%)"),
        (Session("\x1b[2J"), Glance(1, 10, exact=True), "", "␛[2J · 1 of 10 tokens (10%)"),
    ],
)
def test_the_toolbar_shows_model_window_cost_and_what_is_typed(session, glance, typed, line):
    assert toolbar(session, glance, typed) == line
