"""Chats that are left and taken up again: real processes, a real terminal, a real database."""

import re
from contextlib import contextmanager

import pytest

from tests.e2e.terminal import CTRL_C, CTRL_D, ENTER, terminal
from tests.servers.scripted import ScriptedServer, reply

ESCAPE, DOWN = "\x1b", "\x1b[B"


@contextmanager
def chatting(world, *script, flags=()):
    with ScriptedServer(*script) as server, terminal(world, "--base-url", server.url, *flags) as chat:
        yield chat, server


def said(world, question, answer, *flags):
    """Ask one question in a process of its own."""
    with ScriptedServer(reply(answer)) as server:
        ran = world.run("--base-url", server.url, *flags, question)
    assert ran.status == 0, ran.err


def sent(server):
    """The messages of the last request."""
    return [message["content"] for message in server.questions[-1].json["messages"]]


def test_whoever_leaves_is_told_how_to_come_back_and_finds_the_chat_as_it_was(world):
    with chatting(world, reply("From Cacilhas.")) as (chat, _):
        chat.say("Which ferry?").see("From Cacilhas.").prompt().type(CTRL_D)
        chat.see("to go on with this chat: chatcli -S ")
        assert chat.ended() == 0
        named = re.search(r"chatcli -S (\w+)", chat.text)[1]

    with chatting(world, reply("Every hour."), flags=("-S", named)) as (chat, server):
        chat.see("1> Which ferry?", "From Cacilhas.").say("How often?").see("Every hour.")
    assert sent(server) == ["Which ferry?", "From Cacilhas.", "How often?"]


def test_whoever_said_nothing_is_told_nothing(world):
    with chatting(world) as (chat, _):
        assert chat.prompt().type(CTRL_D).ended() == 0
        assert "to go on" not in chat.text


def test_whoever_keeps_nothing_is_told_nothing_and_nothing_is_there(world):
    with chatting(world, reply("Hello."), flags=("--no-save",)) as (chat, _):
        assert chat.say("Good morning").see("Hello.").prompt().type(CTRL_D).ended() == 0
        assert "to go on" not in chat.text
    assert [path.name for path in world.home.rglob("*.db*")] == []


def test_chats_of_other_times_are_listed_found_and_taken_up(world):
    said(world, "Which ferry?", "From Cacilhas.")
    said(world, "The largest port?", "Rotterdam.")
    with chatting(world, reply("Every hour.")) as (chat, server):
        chat.say("/sessions").see(
            "1  just now  1 turn     The largest port?", "2  just now  1 turn     Which"
        )
        chat.say("/sessions cacilhas").see("1> From Cacilhas.")
        chat.say("/resume ferry").see("Which ferry?, 1 turn", "1> Which ferry?", "\nFrom Cacilhas.")
        chat.say("How often?").see("Every hour.")
    assert sent(server) == ["Which ferry?", "From Cacilhas.", "How often?"]


def test_a_chat_is_chosen_from_a_list_that_leaves_nothing_behind(world):
    said(world, "Which ferry?", "From Cacilhas.")
    said(world, "The largest port?", "Rotterdam.")
    with chatting(world, reply("Every hour."), flags=("-S",)) as (chat, server):
        chat.see("Which session?", "The largest port?", "Which ferry?", "Rotterdam.")
        chat.type("fer").until(lambda: "largest" not in chat.text, "the others never went")
        chat.type(ENTER).see("1> Which ferry?", "From Cacilhas.")
        assert "Which session?" not in chat.text
        chat.say("How often?").see("Every hour.")
    assert sent(server) == ["Which ferry?", "From Cacilhas.", "How often?"]


@pytest.mark.parametrize("key", [ESCAPE, CTRL_C, CTRL_D], ids=["Esc", "Ctrl-C", "Ctrl-D"])
@pytest.mark.parametrize("question", [(), ("How often?",)], ids=["chat", "one-shot"])
def test_whoever_chooses_none_leaves_without_a_word(world, key, question):
    said(world, "Which ferry?", "From Cacilhas.")
    with chatting(world, reply("Hello."), flags=(*question, "-S")) as (chat, server):
        chat.see("Which session?", "From Cacilhas.").type(key)
        assert chat.ended() == 130
        assert chat.text.strip() == ""
    assert server.questions == []


def test_where_nobody_can_choose_a_session_must_be_named(world):
    said(world, "Which ferry?", "From Cacilhas.")
    ran = world.run("--base-url", "http://localhost:1", "-S", stdin=b"How often?")
    assert (ran.status, ran.out) == (2, b"")
    assert "Name one: chatcli -S NAME." in ran.err


@pytest.mark.parametrize("name", ["", " "])
def test_a_blank_name_is_no_sessions(world, name):
    said(world, "Which ferry?", "From Cacilhas.")
    ran = world.run("--base-url", "http://localhost:1", "-S", name, "How often?")
    assert (ran.status, ran.out) == (2, b"")
    assert "A session cannot have a blank name." in ran.err


def test_the_model_is_asked_for_a_title_which_stays(world):
    with chatting(world, reply("From Cacilhas."), reply("Ferries of Lisbon")) as (chat, _):
        chat.say("Which ferry?").see("From Cacilhas.").say("/title auto").see("title → Ferries of Lisbon")
        assert chat.prompt().type(CTRL_D).ended() == 0

    with chatting(world, flags=("-S", "Ferries of Lisbon")) as (chat, _):
        chat.see("1> Which ferry?").prompt().see("Ferries of Lisbon")


def test_the_headings_of_chats_are_completed(world):
    said(world, "Which ferry?", "From Cacilhas.")
    with chatting(world) as (chat, _):
        chat.prompt().type("/resume ").see("Which ferry?")
        chat.type("ferr").see('"Which ferry?"', "1 turn")
        chat.type(DOWN).see('/resume "Which ferry?"').type(ENTER + ENTER).see("Which ferry?, 1 turn")
