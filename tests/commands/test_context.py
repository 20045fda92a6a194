"""What of a chat is sent, shown and steered."""

import pytest

from chatcli.commands import COMMANDS
from chatcli.commands.outcomes import Become, Compact
from chatcli.commands.registry import Registry
from chatcli.core.desk import Desk
from chatcli.core.messages import GO_ON, Message, Role
from chatcli.core.params import Limits
from chatcli.core.session import Session, Summary
from chatcli.errors import UsageError
from tests.commands.test_registry import WORLD
from tests.fakes import holding


def chat(*questions, **fields):
    messages = [
        message
        for text in questions
        for message in (Message(Role.USER, text), Message(Role.ASSISTANT, "so be it"))
    ]
    return Session("m", "Be brief.", messages=tuple(messages), **fields)


LONG = "the third question is long " * 10


def run(line, session, window=1000, *, exact=True):
    world = WORLD._replace(gauge=holding(window, exact=exact))
    return Registry(COMMANDS, world).run(line, Desk(session))


def test_context_lists_every_turn_and_fills_a_bar():
    session = chat("the first", "the second", pins=frozenset({1}), dropped=frozenset({2}))
    assert run("/context", session).text == (
        "turn    tokens             \n"
        "             6  sent       Be brief.\n"
        "   1        13  pinned     the first\n"
        "   2        13  dropped    the second\n"
        "\n"
        "█░░░░░░░░░░░░░░░░░░░░░░░░░░░░░▒▒▒▒▒▒▒▒▒▒\n"
        "22 of 1,000 used (2%), 250 kept for the reply"
    )


def test_context_shows_what_is_left_out_and_what_a_summary_stands_for():
    session = chat("one " * 20, "two " * 20, LONG, "four", limits=Limits(reserve=30))
    left_out = run("/context", session, 160).text.splitlines()
    assert [line[16:25].strip() for line in left_out[2:6]] == ["left out", "left out", "sent", "sent"]
    summary = Summary("They counted.", frozenset({1, 2}), wanted=True)
    summed = chat("one " * 20, "two " * 20, LONG, "four", summary=summary)
    lines = run("/context", summed).text.splitlines()
    assert lines[1].endswith("Be brief. Summary of the conversation so fa…")
    assert [line[16:25].strip() for line in lines[2:6]] == ["summary", "summary", "sent", "sent"]
    assert "a summary stands for turns 1-2" in lines


def test_context_shows_a_chat_that_would_be_refused():
    session = chat("one " * 20, "two " * 20, LONG, limits=Limits(trim="error"))
    lines = run("/context", session, 100).text.splitlines()
    assert [line[16:25].strip() for line in lines[2:5]] == ["sent", "sent", "sent"]
    assert lines[-1].startswith("132 of 100 used (132%)")


def test_context_marks_estimates():
    assert "~22 of 1,000 used (2%)" in run("/context", chat("the first"), exact=False).text


def test_turns_are_pinned_and_unpinned():
    session = chat("one", "two", "three")
    pinned = run("/pin 1 3", session)
    assert pinned == Become(session.pinned([1, 3]), "pinned turns 1, 3")
    assert pinned.session.pins == {1, 3}
    assert run("/unpin 1-3", pinned.session) == Become(session, "no longer pinned: turns 1-3")


def test_dropping_can_be_taken_back():
    session = chat("one", "two", "three")
    dropped = run("/drop 1-2", session)
    assert dropped == Become(session.dropping([1, 2]), "dropped turns 1-2: /undrop 1-2 takes it back")
    assert run("/undrop 1-2", dropped.session) == Become(session, "sent again: turns 1-2")


def test_a_turn_is_pinned_or_dropped_and_not_both():
    session = chat("one").pinned([1])
    assert session.dropping([1]).pins == frozenset()
    assert session.dropping([1]).pinned([1]).dropped == frozenset()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("/pin", "/pin needs the number of a turn."),
        ("/pin one", "'one' is not the number of a turn."),
        ("/pin 0", "There is no turn 0: this chat has 3."),
        ("/drop 4", "There is no turn 4: this chat has 3."),
        ("/drop 3-2", "There is no turn 3-2: this chat has 3."),
        ("/undrop 2-9", "There is no turn 2-9: this chat has 3."),
    ],
)
def test_a_wrong_number_says_what_is_right(line, message):
    with pytest.raises(UsageError) as refused:
        run(line, chat("one", "two", "three"))
    assert refused.value.message == message


def test_compacting_is_asked_for_with_what_to_keep():
    assert run("/compact", chat("one")) == Compact("")
    assert run("/compact the names", chat("one")) == Compact("the names")
    with pytest.raises(UsageError, match="nothing to condense"):
        run("/compact", chat())


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("/pin ", [("3", "the third"), ("2", "the second")]),
        ("/unpin ", [("1", "the first")]),
        ("/drop ", [("2", "the second"), ("1", "the first")]),
        ("/undrop ", [("3", "the third")]),
    ],
)
def test_the_turns_that_can_be_meant_are_offered_with_their_first_words(line, offered):
    session = chat("the first", "the second", "the third", pins=frozenset({1}), dropped=frozenset({3}))
    completions = Registry(COMMANDS, WORLD).complete(line, Desk(session))
    assert [(each.text, each.help) for each in completions] == offered


def test_a_request_to_go_on_is_shown_as_that():
    lines = run("/context", chat("the first", GO_ON)).text.splitlines()
    assert lines[3].endswith("sent       (go on)")
