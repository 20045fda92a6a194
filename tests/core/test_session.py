from chatcli.core.messages import Finish, Message, Reply, Role, Usage
from chatcli.core.params import Limits, Params
from chatcli.core.session import Session


def test_a_session_holds_what_was_said_oldest_first():
    said = Session().asked("Hi").answered(Reply("Hello!", Finish.STOP)).asked("Bye")
    assert said.messages == (
        Message(Role.USER, "Hi"),
        Message(Role.ASSISTANT, "Hello!", Finish.STOP),
        Message(Role.USER, "Bye"),
    )


def test_a_partial_reply_is_kept_with_how_it_ended():
    said = Session().asked("Hi").answered(Reply("Hel", Finish.INTERRUPTED))
    assert said.messages[-1] == Message(Role.ASSISTANT, "Hel", Finish.INTERRUPTED)


def test_asking_leaves_the_session_before_as_it_was():
    before = Session()
    before.asked("Hi")
    assert before == Session()


def test_a_cleared_session_forgets_what_was_said_and_nothing_else():
    settings = Session("gpt-6-luna", "Be brief.", Params(temperature=0.2), Limits(context=512))
    assert settings.asked("Hi").cleared() == settings


def test_a_usage_is_prompt_and_completion_together():
    assert Usage(prompt=100, completion=20, cached=80, reasoning=15).total == 120
