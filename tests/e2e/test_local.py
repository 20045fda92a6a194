"""The embedded model as a person meets it: llama.cpp's real server, with the real weights."""

import json
import signal
from pathlib import Path

import pytest

from tests.e2e.terminal import CTRL_C, CTRL_D, ENTER, terminal
from tests.e2e.world import children, eventually, interrupted, lives

LOCAL = ("--model", "local", "--threads", "1", "--context", "512", "--temperature", "0")
BRIEF = (*LOCAL, "--max-tokens", "8")

GERMAN = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen, Rindfleischetikettierung, überflüssig. "
RUSSIAN = "Достопримечательности находятся неподалёку, съешь же ещё этих мягких французских булок. "
DIGITS = "3141592653 5897932384 6264338327 9502884197 1693993751 0582097494 4592307816 4062862089 "


def test_a_chat_of_several_turns_grows_by_a_question_and_a_reply_each_time(toy):
    with terminal(toy, *BRIEF) as chat:
        chat.see("SmolLM2-135M, a toy for a first hello")
        chat.say("My name is Ada.").say("What is the sea?").say("And what is a ship?")
        chat.say("/info").see("3 questions, 6 messages", "this machine (llama.cpp)", "512 tokens")

        assert "error" not in chat.prompt().text
        assert chat.type(CTRL_D).ended() == 0


def test_a_chat_of_a_hundred_turns_forgets_its_beginning_and_never_fails(toy):
    with terminal(toy, *LOCAL, "--max-tokens", "1") as chat:
        for number in range(100):
            chat.say(f"Fact {number}.")
        chat.say("/info").see("100 questions, 200 messages")

        assert "left out turn" in chat.prompt().text
        assert "error" not in chat.text


def test_texts_that_are_longer_for_the_model_than_for_our_tokenizer_fit_all_the_same(toy):
    with terminal(toy, *BRIEF) as chat:
        for text in (GERMAN, RUSSIAN, DIGITS, RUSSIAN, DIGITS, GERMAN):
            chat.prompt().paste(text + text).enter()
        chat.say("/info").see("6 questions, 12 messages")

        assert "left out turn" in chat.prompt().text
        assert "error" not in chat.text


def test_a_question_larger_than_the_window_is_refused_with_both_numbers(toy):
    ran = toy.run(*LOCAL, "Sum up.", stdin=b"The sea is wide. " * 500)

    assert (ran.status, ran.out) == (4, b"")
    assert "tokens, and a prompt may have 384." in ran.err


def test_a_question_that_only_the_model_finds_too_large_ends_with_4_as_well(toy):
    ran = toy.run(*BRIEF, DIGITS * 7)

    assert (ran.status, ran.out) == (4, b"")
    assert "do not fit into the context window of 512." in ran.err


def test_json_mode_gives_json(toy):
    ask = ("--response-format", "json_object", "Describe a cat as a JSON object with the keys name and age.")

    ran = toy.run(*LOCAL, "--max-tokens", "200", *ask)

    assert (ran.status, ran.err) == (0, "")
    assert isinstance(json.loads(ran.out), dict)


def test_a_schema_is_followed_to_the_letter(toy):
    properties = {"name": {"type": "string"}, "people": {"type": "integer"}}
    schema = {"type": "object", "properties": properties, "required": ["name", "people"]}
    (toy.home / "city.json").write_text(json.dumps(schema | {"additionalProperties": False}))
    question = "What is the capital of France, and how many people live there?"

    ran = toy.run(*LOCAL, "--max-tokens", "200", "--json-schema", "city.json", question)

    assert (ran.status, ran.err) == (0, "")
    city = json.loads(ran.out)
    assert {name: type(value) for name, value in city.items()} == {"name": str, "people": int}


def test_a_reply_that_is_stopped_leaves_the_model_ready_for_the_next_question(toy):
    with terminal(toy, *LOCAL) as chat:
        chat.say("Write a very long story about a ship on the sea.").see("Once").type(CTRL_C)
        chat.see("[interrupted]").say("/max_tokens 8").say("Say hello.").see(
            "stopped at max_tokens 8: /continue"
        )

        assert "error" not in chat.prompt().text
        chat.say("/info").see("2 questions, 4 messages")


def test_ctrl_c_while_the_model_still_loads_leaves_the_chat_open(toy):
    with terminal(toy, *BRIEF) as chat:
        chat.prompt().type("Say hello." + ENTER + CTRL_C).see("> Say hello.")
        chat.say("What is the sea?").see("stopped at max_tokens 8: /continue")

        assert "error" not in chat.prompt().text


def test_an_interrupted_one_shot_ends_with_130_and_leaves_no_server_behind(toy):
    with toy.running(*LOCAL, "Write a very long story about a ship on the sea.") as process:
        began = process.stdout.read(4)
        [server] = children(process)
        ran = interrupted(process)

    assert (ran.status, ran.err) == (130, "[interrupted]\n")
    assert (began + ran.out).startswith(b"Once")
    eventually(lambda: not lives(server))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_one_shot_leaves_no_server_behind(toy, number):
    with toy.running(*LOCAL, "Write a very long story about a ship on the sea.") as process:
        process.stdout.read(4)
        [server] = children(process)
        interrupted(process, number)

    eventually(lambda: not lives(server))


def test_any_gguf_file_can_be_named(toy, weights):
    (toy.home / "my model.gguf").symlink_to(weights)

    ran = toy.run(*BRIEF[2:], "--model", "local:my model.gguf", "Say hello.")

    assert (ran.status, ran.err.splitlines()[1:]) == (5, [])
    assert ran.out


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "There is no model file"),
        (b"MZ\x90\x00 something else", "is no model: it is not in GGUF format."),
        (b"GGUF\x03\x00\x00\x00 and then nothing", "llama.cpp cannot load"),
    ],
)
def test_a_file_that_is_no_model_ends_with_3_and_advice(world, content, complaint):
    if content:
        (world.home / "x.gguf").write_bytes(content)

    ran = world.run("--model", "local:x.gguf", "Say hello.")

    assert (ran.status, ran.out) == (3, b"")
    assert complaint in ran.err
    assert len(ran.err.splitlines()) == 2


def test_without_key_server_or_weights_a_pipe_gets_3_and_advice(world):
    ran = world.run("Hello")

    assert (ran.status, ran.out) == (3, b"")
    assert "chatcli: error: There is no API key, no server and no embedded model." in ran.err
    assert "Set OPENAI_API_KEY, name a server with --base-url, or run: chatcli local pull" in ran.err


def test_without_weights_a_pipe_that_names_the_embedded_model_gets_3_and_advice(world):
    ran = world.run("--model", "local", "Hello")

    assert (ran.status, ran.out) == (3, b"")
    assert "The embedded model's weights are not here." in ran.err
    assert "chatcli local pull" in ran.err


def test_on_a_terminal_the_weights_are_fetched_only_with_a_yes(world):
    world = world.having(XDG_CACHE_HOME=str(world.home / "cache"))
    with terminal(world) as chat:
        chat.see("98 MB", "Fetch it now? [Y/n]").type("n\r").see("no embedded model", "chatcli local pull")

        assert chat.ended() == 3
    assert not (world.home / "cache").exists()


def test_ctrl_c_at_the_question_means_no(world):
    with terminal(world) as chat:
        chat.see("Fetch it now? [Y/n]").type(CTRL_C)

        assert chat.ended() == 130


def test_the_weights_are_found_pulled_once_and_removed(toy, weights):
    path = toy.run("local", "path").out.decode().strip()
    pulled = toy.run("local", "pull")
    removed = toy.run("local", "rm")
    missing = toy.run("local", "path")

    assert (toy.home / "cache/chatcli/models").samefile(Path(path).parent)
    assert pulled.status == 0
    assert (removed.status, removed.err) == (0, f"removed {path}\n")
    assert (missing.status, missing.out) == (3, b"")
    assert missing.err.splitlines()[1] == "  Fetch them (98 MB): chatcli local pull"
    assert weights.exists()
