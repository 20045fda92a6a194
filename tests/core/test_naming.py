"""What a chat is called, when the model is asked."""

import pytest

from chatcli.core.budget import Weights
from chatcli.core.messages import Message, Role
from chatcli.core.naming import request, title_in
from tests.fakes import words


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Ferries of Lisbon", "Ferries of Lisbon"),
        ('"Ferries of Lisbon."', "Ferries of Lisbon"),
        ("**Title:** Ferries of Lisbon\n\nBecause it is about ferries.", "Ferries of Lisbon"),
        ("\n\n# Ferries\n", "Ferries"),
        ("The many ferries of Lisbon, and when they leave", "The many ferries of Lisbon, and"),
        ("Title: «Fähren»", "Fähren"),
        ("...", ""),
        ("", ""),
    ],
)
def test_a_title_is_taken_from_what_a_model_says(text, title):
    assert title_in(text) == title


def test_a_long_conversation_is_told_as_far_as_there_is_room():
    long = [Message(Role.USER, f"{'word ' * 40}{number}") for number in range(50)]
    asked = request(long, 600, Weights(words))
    assert sum(map(Weights(words).of, asked)) <= 400
    assert asked[-1].text.startswith("user: word word")
    assert asked[-1].text.endswith("What is the title of this conversation?")


def test_what_came_along_with_a_question_is_not_told():
    question = Message(Role.USER, "a.py: x = 1\nWhy?", along=12)
    assert request([question], 600, Weights(words))[-1].text.startswith("user: Why?\n")
