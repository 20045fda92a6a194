"""The context as a person sees and steers it, in a real pseudo-terminal."""

from tests.e2e.terminal import CTRL_C, CTRL_D
from tests.e2e.test_repl import asked, chatting
from tests.servers.scripted import failure, reply, status

WINDOW = ("--model", "m", "--context", "300", "--max-tokens", "60")


def sent(server, number):
    """All that was sent with question ``number``, a word of each message."""
    return [message["content"].split()[0] for message in server.questions[number].json["messages"]]


def test_turns_are_seen_pinned_dropped_and_restored(world):
    with chatting(world, reply("Yes."), flags=("--model", "m")) as (chat, server):
        for word in ("one", "two", "three"):
            chat.say(f"{word} is a number").see("Yes.").prompt()
        chat.say("/pin 1").see("pinned turn 1").say("/drop 2").see("dropped turn 2")
        chat.say("/context").see(
            "pinned     one is a number", "dropped    two is a number", "sent       three"
        )
        chat.say("four").prompt().say("/undrop 2").see("sent again: turn 2").say("five").prompt()

    assert sent(server, 3) == ["one", "Yes.", "three", "Yes.", "four"]
    assert sent(server, 4) == ["one", "Yes.", "two", "Yes.", "three", "Yes.", "four", "Yes.", "five"]


def test_what_leaves_is_said_once_and_comes_back_with_a_larger_window(world):
    with chatting(world, reply("word " * 40, usage=None), flags=WINDOW) as (chat, server):
        for word in ("one", "two", "three", "four", "five"):
            chat.say(f"{word} is a number").prompt()
        chat.see("left out turn").say("/set context 8000").say("six").prompt()

    assert sent(server, 4)[0] != "one"
    assert sent(server, 5)[0] == "one"


def test_a_chat_is_condensed_and_goes_on_from_the_summary(world):
    script = (reply("Hello Ann."), reply("The user is Ann."), reply("Ann."))
    with chatting(world, *script, flags=("--model", "m", "--system", "Be brief.")) as (chat, server):
        chat.say("I am Ann.").see("Hello Ann.").say("/compact the name").see(
            "condensing turn 1", "The user is Ann."
        )
        chat.say("Who am I?").see("Ann.").prompt()

    system, question = server.questions[2].json["messages"]
    assert system["content"] == "Be brief.\n\nSummary of the conversation so far:\nThe user is Ann."
    assert question["content"] == "Who am I?"


def test_a_refusal_as_too_long_is_not_shown_but_learnt_from(world):
    too_long = failure("too long", type="exceed_context_size_error", n_prompt_tokens=520, n_ctx=512)
    long = reply("word " * 100, usage=None)
    script = (long, long, status(400, too_long), reply("Fine."))
    with chatting(world, *script, flags=("--model", "m", "--low-water", "1")) as (chat, server):
        chat.say("one").prompt().say("two").prompt().say("three").see("left out turn", "Fine.")
        assert "error" not in chat.prompt().text
        chat.say("/info").see("512 tokens")

    assert (len(sent(server, 2)), len(sent(server, 3))) == (5, 3)


def test_a_question_that_is_too_large_is_given_back_to_be_edited(world):
    with chatting(world, reply("Yes."), flags=WINDOW) as (chat, server):
        chat.prompt().paste("a" * 2_000).enter().see("and a prompt may have 240")
        chat.until(lambda: chat.line.strip().endswith("aaa"), "the question did not come back")
        chat.type(CTRL_C).say("short").see("Yes.").prompt()

    assert asked(server) == ["short"]


def test_the_line_below_the_prompt_shows_the_window_and_what_is_typed(world):
    with chatting(world, reply("Yes.", usage=(20, 2)), flags=WINDOW) as (chat, _):
        chat.see("m · 0 of 300 tokens (0%)").say("one").see("Yes.", "~27 of 300 tokens (9%)")
        chat.say("/context").see("~28 of 300 used", "~28 of 300 tokens")
        chat.prompt().type("hello there").see("typing ~3")


def test_a_chat_stops_before_it_takes_too_many_tokens(world):
    flags = (*WINDOW, "--max-total-tokens", "150")
    usage = (90, 10)
    with chatting(world, reply("Yes.", usage=usage), flags=flags) as (chat, server):
        chat.say("one").see("Yes.").say("two").see("could come to 185 tokens", "Nothing was sent.")
        chat.say("/usage").see("this chat   90 prompt + 10 completion = 100 tokens").prompt()
        assert chat.type(CTRL_D).ended() == 0

    assert asked(server) == ["one"]
