"""Asking for a summary."""

from chatcli.core.budget import Weights
from chatcli.core.condense import batches, request
from chatcli.core.messages import Image, Message, Role
from tests.fakes import words


def turn(question, answer="ok"):
    return (Message(Role.USER, question), Message(Role.ASSISTANT, answer))


def test_the_request_holds_the_turns_the_summary_before_and_what_to_keep():
    task, asked = request("They met.", [turn("I am Ann", "Hello Ann"), turn("Bye")], "the names")
    assert task.role is Role.SYSTEM
    assert asked.text == (
        "Summary of what was said before:\nThey met.\n\n"
        "user: I am Ann\n\nassistant: Hello Ann\n\nuser: Bye\n\nassistant: ok\n\n"
        "Above all keep: the names\n\n"
        "Condense this conversation."
    )


def test_turns_are_asked_about_in_portions_of_half_the_room():
    weights = Weights(words)
    turns = [turn("word " * 20) for _ in range(6)]
    portions = list(batches(turns, 300, weights))
    assert [len(portion) for portion in portions] == [3, 3]
    assert [one for portion in portions for one in portion] == turns


def test_a_message_that_is_too_long_by_itself_is_cut():
    [[(question, answer)]] = batches([turn("word " * 1000)], 300, Weights(words))
    assert len(question.text) < 400
    assert question.text.endswith(" ...")
    assert answer.text == "ok"


def test_an_image_is_told_by_its_name():
    shot = Image("shot.png", "image/png", b"", 1024, 1024)
    seen = (Message(Role.USER, "What is this?", images=(shot,)), Message(Role.ASSISTANT, "A cat."))
    [[(question, _)]] = batches([seen], 3000, Weights(words))
    assert question == Message(Role.USER, "[the picture shot.png]\nWhat is this?")
