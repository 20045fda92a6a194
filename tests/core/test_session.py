from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from chatcli.core.attach import message
from chatcli.core.desk import Staged
from chatcli.core.messages import GO_ON, Finish, Image, Message, Reply, Role, Usage
from chatcli.core.money import Spent
from chatcli.core.params import Limits, Params
from chatcli.core.session import Session, Summary, first_words


def chat(*turns, **fields):
    """A session in which each turn is a question and its answer, with a blank between them."""
    session = Session("m", **fields)
    for turn in turns:
        question, answer = turn.split()
        session = session.asked(question).answered(Reply(answer, Finish.STOP))
    return session


def test_a_session_holds_what_was_said_oldest_first_and_who_answered():
    said = Session("m").asked("Hi").answered(Reply("Hello!", Finish.STOP)).asked("Bye")
    assert said.messages == (
        Message(Role.USER, "Hi"),
        Message(Role.ASSISTANT, "Hello!", Finish.STOP, model="m"),
        Message(Role.USER, "Bye"),
    )


def test_a_partial_reply_is_kept_with_how_it_ended():
    said = Session().asked("Hi").answered(Reply("Hel", Finish.INTERRUPTED))
    assert said.messages[-1] == Message(Role.ASSISTANT, "Hel", Finish.INTERRUPTED)


def test_who_answers_is_who_was_named_or_else_who_answered_last():
    chat = Session().asked("Hi").answered(Reply("Hello", Finish.STOP, model="first"))
    chat = chat.asked("Again").answered(Reply("Hello", Finish.STOP, model="second")).asked("And now?")
    assert [each.model for each in chat.messages] == [None, "first", None, "second", None]
    assert (Session().answering, chat.answering) == (None, "second")
    assert replace(chat, model="third").answering == "third"


def test_a_question_that_was_asked_before_is_asked_as_it_was():
    question = Message(Role.USER, "What is this?", images=(Image("a.png", "image/png", b"..", 1, 1),))
    assert Session().asked(question).messages == (question,)


def test_asking_leaves_the_session_before_as_it_was():
    before = Session()
    before.asked("Hi")
    assert before == Session()


def test_a_cleared_session_forgets_what_was_said_and_nothing_else():
    settings = Session("gpt-6-luna", "Be brief.", Params(temperature=0.2), Limits(context=512))
    assert settings.asked("Hi").cleared() == settings


def test_a_chat_is_called_by_its_title_or_by_its_first_question():
    question = "What  is\nthe capital of Portugal, and what should I see there?"
    session = Session().asked(question)
    assert session.heading == "What is the capital of Portugal, and what s…"
    with_a_file = message("Why?", [Staged("fix.py", "print('hi')")])
    assert Session().asked(with_a_file).heading == "Why?"
    assert Session(title="Lisbon").asked(question).heading == "Lisbon"
    assert Session().heading == ""


def test_a_text_of_a_line_is_not_shortened():
    assert first_words("What is the capital?") == "What is the capital?"


def test_going_back_keeps_the_way_that_is_left():
    session = chat("one 1", "two 2", "three 3")
    back = session.back_to(1)
    assert back.messages == chat("one 1").messages
    assert back.branches == (session.messages,)


def test_a_way_that_is_kept_already_is_not_kept_twice():
    session = chat("one 1", "two 2")
    assert session.back_to(1).back_to(0).branches == (session.messages,)


def test_going_back_no_turn_at_all_is_nothing():
    session = chat("one 1", "two 2")
    assert session.back_to(2) == session


def test_what_is_said_of_turns_that_leave_leaves_with_them():
    steered = chat("one 1", "two 2", "three 3", pins=frozenset({1, 3}), dropped=frozenset({2}))
    assert steered.back_to(2).pins == {1}
    assert steered.back_to(2).dropped == {2}
    assert steered.back_to(1).dropped == frozenset()


def test_a_turn_that_is_asked_anew_stays_pinned_and_is_dropped_no_more():
    steered = chat("one 1", "two 2", "three 3", pins=frozenset({1, 2, 3}))
    assert steered.reopened(2).messages == chat("one 1").messages
    assert steered.reopened(2).pins == {1, 2}
    assert steered.dropping([2]).reopened(2).dropped == frozenset()


def test_a_summary_leaves_with_the_turns_that_it_tells_of():
    summary = Summary("They counted.", frozenset({1, 2}), wanted=True)
    summed = chat("one 1", "two 2", "three 3", summary=summary)
    assert summed.back_to(2).summary == summary
    assert summed.back_to(1).summary is None


def test_the_answers_to_the_last_question_are_those_of_every_way():
    first = chat("one 1", "two 2")
    second = first.back_to(1).asked("two").answered(Reply("zwei", Finish.STOP))
    third = second.back_to(1).asked("two").answered(Reply("dos", Finish.STOP))
    assert [answer.text for answer in third.answers] == ["2", "zwei", "dos"]
    assert [answer.text for answer in first.answers] == ["2"]
    assert [answer.text for answer in third.back_to(1).answers] == ["1"]


def test_the_same_answer_given_twice_is_one():
    first = chat("one 1")
    again = first.back_to(0).asked("one").answered(Reply("2", Finish.STOP))
    same = again.back_to(0).asked("one").answered(Reply("1", Finish.STOP))
    assert [answer.text for answer in same.answers] == ["2", "1"]


def test_the_answer_to_another_question_is_none_to_the_last():
    other = chat("one 1").back_to(0).asked("uno").answered(Reply("2", Finish.STOP))
    assert [answer.text for answer in other.answers] == ["2"]


def test_where_nothing_was_asked_there_is_no_answer():
    assert Session().answers == ()
    assert Session().asked("one").answers == ()


def test_a_fork_begins_with_the_same_turns_and_has_spent_nothing():
    session = chat("one 1", "two 2", title="Numbers", pins=frozenset({1, 2}), spent=Spent(prompt=9))
    expected = chat("one 1", title="Numbers (fork)", pins=frozenset({1}))
    assert session.forked(1) == expected
    assert session.back_to(1).forked(1).branches == ()


@given(st.lists(st.one_of(st.just("ask"), st.integers(0, 5)), max_size=30))
def test_however_one_goes_back_and_forth_nothing_that_was_said_is_lost(steps):
    session, said = Session("m"), set()
    for number, step in enumerate(steps):
        if step == "ask":
            session = session.asked(f"question {number}").answered(Reply(f"answer {number}", Finish.STOP))
            said.add(session.messages)
        else:
            session = session.back_to(step)
    kept = (*session.branches, session.messages)
    assert all(any(way[: len(each)] == each for way in kept) for each in said)
    assert len(session.branches) == len(set(session.branches))


@given(st.lists(st.one_of(st.just("ask"), st.tuples(st.sampled_from(["back", "go"]), st.integers(0, 5)))))
def test_a_way_keeps_its_place_and_grows_at_its_end_alone(steps):
    session, ways = Session("m"), ()
    for number, step in enumerate(steps):
        match step:
            case "ask":
                session = session.asked(f"question {number}").answered(Reply(f"answer {number}", Finish.STOP))
            case "back", turns:
                session = session.back_to(turns)
            case "go", place if place < len(ways):
                session = session.gone(ways[place])
        assert all(now[: len(was)] == was for was, now in zip(ways, session.ways, strict=False))
        ways = session.ways
        assert not any(way == other[: len(way)] for way in ways for other in ways if other is not way)
        assert any(way[: len(session.messages)] == session.messages for way in ways) or not ways


def test_the_ways_of_others_come_behind_ours():
    begun = chat("one 1")
    ours = begun.asked("two").answered(Reply("2", Finish.STOP))
    theirs = begun.asked("dos").answered(Reply("3", Finish.STOP))
    joined = ours.joined([theirs.messages, begun.messages, ours.messages])
    assert joined == replace(ours, branches=(ours.messages, theirs.messages))
    assert ours.joined([begun.messages]) is ours
    longer = theirs.asked("tres").answered(Reply("4", Finish.STOP))
    assert joined.joined([longer.messages]).ways == (ours.messages, longer.messages)


def test_how_much_two_ways_share_is_told_by_what_was_said_and_not_by_where_it_is_kept():
    session = chat("one 1", "two 2", "three 3")
    assert [session.shared(chat(*turns).messages) for turns in ((), ("one 2",), ("one 1", "two zwei"))] == [
        0,
        1,
        3,
    ]
    assert session.shared(chat("one 1", "two 2", "three 3", "four 4").messages) == 6
    assert session.shared(chat("two 1", "two 2", "three 3").messages) == 0


def test_a_summary_goes_along_where_both_ways_have_what_it_tells_of():
    summary = Summary("They counted.", frozenset({1}), wanted=True)
    session = chat("one 1", "two 2", summary=summary)
    other = chat("one 1", "two zwei").messages
    assert session.joined([other]).gone(other).summary == summary
    assert session.joined([other]).gone(chat("uno 1").messages).summary is None


def test_a_usage_is_prompt_and_completion_together():
    assert Usage(prompt=100, completion=20, cached=80, reasoning=15).total == 120


def test_the_last_reply_ends_as_its_last_part_did():
    cut = Session("m").asked("Count").answered(Reply("One,", Finish.LENGTH))
    whole = cut.asked(GO_ON).answered(Reply(" two.", Finish.STOP))
    assert whole.last_reply == Message(Role.ASSISTANT, "One, two.", Finish.STOP, model="m")
    assert whole.asked("And?").last_reply == whole.last_reply
    assert cut.last_reply == cut.messages[-1]
    assert Session("m").asked("Hi").last_reply is None
