"""Ways that part in one session, and meet again in /branch: real processes, real terminals."""

import re
from concurrent.futures import ThreadPoolExecutor

from tests.e2e.terminal import CTRL_D, terminal
from tests.e2e.test_resume import chatting, said, sent
from tests.servers.scripted import ScriptedServer, reply


def left(chat):
    """How whoever leaves is told to come back."""
    chat.prompt().type(CTRL_D).see("to go on with this chat: chatcli -S ")
    assert chat.ended() == 0
    return re.search(r"chatcli -S (\w+)", chat.text)[1]


def test_what_was_undone_and_asked_otherwise_is_found_another_day(world):
    with chatting(world, reply("From Cacilhas."), reply("A castle.")) as (chat, _):
        chat.say("Which ferry?").see("From Cacilhas.")
        chat.say("/undo").see("undone turn 1: Which ferry?; /branch 1 brings it back")
        chat.say("What else?").see("A castle.")
        named = left(chat)

    with chatting(world, reply("Every hour."), flags=("-S", named)) as (chat, server):
        chat.see("1> What else?", "1 other branch: /branch")
        chat.say("/branch").see(
            "2  here         1 turn     What else?", "1  from turn 1  1 turn     Which ferry?"
        )
        chat.say("/branch 1").see("branch 1, 1 turn; /branch 2 goes back", "1> Which ferry?")
        chat.say("How often?").see("Every hour.")
    assert sent(server) == ["Which ferry?", "From Cacilhas.", "How often?"]


def test_two_programs_that_ask_by_turns_find_the_way_of_the_other(world):
    said(world, "Hello?", "Hi.")
    answers = map(reply, ("From one.", "From two.", "One again.", "Joined."))
    with ScriptedServer(*answers) as server:
        flags = ("--base-url", server.url, "-c")
        with terminal(world, *flags) as one, terminal(world, *flags) as two:
            one.see("1> Hello?")
            two.see("1> Hello?").prompt()
            one.say("Mine").see("From one.").prompt()
            two.say("Yours").see("another program went on with this chat", "/branch", "From two.")
            two.say("/branch").see("2  from turn 2  1 turn     Mine", "1  here         2 turns    Yours")
            one.say("More").see("One again.").prompt()
            named = left(two)
            one.say("/branch").see("2  from turn 2  1 turn     Yours", "1  here         3 turns    More")
            one.prompt().type(CTRL_D)
            assert one.ended() == 0
        with terminal(world, "--base-url", server.url, "-S", named) as back:
            back.see("3> More", "One again.", "1 other branch: /branch")
            back.say("/branch 1").see("branch 1, 2 turns; /branch 2 goes back", "2> Yours", "From two.")
            back.say("Both").see("Joined.")
            assert "another program" not in back.text
    assert sent(server) == ["Hello?", "Hi.", "Yours", "From two.", "Both"]


def test_whoever_goes_on_behind_another_program_is_on_no_branch_of_its_own(world):
    said(world, "Hello?", "Hi.")
    with ScriptedServer(*map(reply, ("From one.", "Behind it."))) as server:
        flags = ("--base-url", server.url, "-c")
        with terminal(world, *flags) as one, terminal(world, *flags) as two:
            two.see("1> Hello?").prompt()
            one.say("Mine").see("From one.").prompt()
            two.say("/branch").see("1  from turn 2  1 turn     Mine", "here         1 turn     Hello?")
            two.say("/branch 1").see("branch 1, 2 turns", "2> Mine", "From one.")
            two.say("And?").see("Behind it.")
            assert "another program" not in two.text
    assert sent(server) == ["Hello?", "Hi.", "Mine", "From one.", "And?"]


def test_five_questions_of_the_last_chat_at_the_same_moment_are_five_branches(world):
    said(world, "Hello?", "Hi.")
    with ScriptedServer(*[reply("Yes.")] * 5) as server:

        def ask(number):
            return world.run("--base-url", server.url, "-c", f"Question {number}")

        with ThreadPoolExecutor(5) as pool:
            assert [ran.status for ran in pool.map(ask, range(5))] == [0] * 5
        with terminal(world, "--base-url", server.url, "-c") as chat:
            chat.see("> Hello?").say("/history").say("/branch").see("/branch N goes there")
            listed = chat.prompt().text.split("> /branch")[-1]
            for number in re.findall(r"^ +(\d+)  from", listed, re.MULTILINE):
                chat.say(f"/branch {number}").see(f"branch {number}, ").say("/history")
            shown = chat.prompt().text
    assert set(re.findall(r"> Question (\d)", shown)) == set("01234")
