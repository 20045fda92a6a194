"""Files and pictures on their way into a message, as a person at a terminal sends them."""

from contextlib import contextmanager

from tests.core.test_picture import png
from tests.e2e.terminal import ENTER, terminal
from tests.servers.scripted import ScriptedServer, failure, reply, status

MAIN = "main.py:\n```py\nx = 1\n```\n\n"


@contextmanager
def chatting(world, *script):
    (world.home / "main.py").write_text("x = 1\n")
    (world.home / "notes").mkdir()
    (world.home / "notes" / "to do.txt").write_text("Buy bread.\n")
    (world.home / "shot.png").write_bytes(png(1024, 1024))
    with ScriptedServer(*script) as server, terminal(world, "--base-url", server.url, "-m", "gpt-4o") as chat:
        yield chat, server


def asked(server):
    return [question.json["messages"][-1]["content"] for question in server.questions]


def test_files_are_staged_listed_taken_away_and_sent_once(world):
    with chatting(world, reply("A cat."), reply("Sure.")) as (chat, server):
        chat.say("/file main.py shot.png").see("staged main.py (12 tokens), shot.png (765 tokens)")
        chat.say("/file notes").see("Send notes/to do.txt (12 tokens) along with the next message? [y/N]")
        chat.type("y" + ENTER).see("staged notes/to do.txt (12 tokens)")
        chat.prompt().type("/file" + ENTER).see(" 3  notes/to do.txt (12 tokens)")
        chat.say("/file -3").see("no longer staged: notes/to do.txt")
        chat.say("What is it?").see("with main.py (12 tokens), shot.png (765 tokens)", "A cat.")
        chat.say("Are you sure?").see("Sure.").prompt()
    text, picture = asked(server)[0]
    assert text == {"type": "text", "text": f"{MAIN}What is it?"}
    assert picture["image_url"]["url"].startswith("data:image/png;base64,iVBORw0KGgo")
    assert asked(server)[1] == "Are you sure?"


def test_files_are_named_in_a_message(world):
    with chatting(world, reply("Fine.")) as (chat, server):
        chat.say('Compare @main.py, @"notes/to do.txt" and @nothing').see("Fine.").prompt()
    notes = "notes/to do.txt:\n```txt\nBuy bread.\n```\n\n"
    assert asked(server) == [f'{MAIN}{notes}Compare @main.py, @"notes/to do.txt" and @nothing']


def test_a_model_that_takes_no_pictures_leaves_them_staged_for_another(world):
    blind = status(400, failure("image_url is only supported by certain models."))
    with chatting(world, blind, reply("A cat.")) as (chat, server):
        chat.say("/image shot.png").see("staged shot.png").say("What is it?")
        chat.see("gpt-4o takes no pictures.", "Choose another with --model NAME or /model NAME")
        chat.say("/model gpt-4.1").say("What is it?").see("A cat.").prompt()
    assert [len(parts) for parts in asked(server)] == [2, 2]
