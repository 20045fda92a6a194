"""An afternoon with the program, as somebody spends it who lives in a shell: on a usual and a small terminal.

Each test is a part of it, told in the order in which it happens; the model's words are written beforehand.
"""

import base64
import sys
from contextlib import contextmanager

import pytest

from tests.core.test_picture import png
from tests.e2e.terminal import ALT_ENTER, CTRL_C, CTRL_D, CTRL_J, ENTER, UP
from tests.e2e.test_scripting import editor
from tests.e2e.tour import CTRL_A, CTRL_E, CTRL_L, CTRL_R, CTRL_X, CTRL_Z, DOWN, ESCAPE, RIGHT, TAB, visit
from tests.servers.scripted import HANG, ScriptedServer, reply

MEAN = "def mean(numbers):\n    return sum(numbers) / len(numbers)\n"
CODE = f"""\
Here it is.

```python
{MEAN}```

| name | gives |
|------|-------|
| mean | 2.5   |

```sh
printf '%s\\n' größer
```
"""
PASTE = "\n".join(f"line {number} of what was pasted" for number in range(1, 241))


@pytest.fixture(params=[(24, 80), (12, 40)], ids=["80x24", "40x12"])
def size(request):
    return dict(zip(("lines", "columns"), request.param, strict=True))


@contextmanager
def visiting(world, size, *script):
    """Somebody at the prompt, and the server that they talk to."""
    with (
        ScriptedServer(*script) as server,
        visit(world, "--base-url", server.url, "--model", "gpt-4o", **size) as me,
    ):
        yield me, server


def asked(server):
    """The last message of each question that came."""
    return [question.json["messages"][-1]["content"] for question in server.questions]


def sent(server):
    """The first word of each message of the last question."""
    return [message["content"].split()[0] for message in server.questions[-1].json["messages"]]


def test_a_reply_is_read_taken_apart_and_put_to_work(world, size):
    with visiting(world, size, reply(CODE), reply("Two files.")) as (me, server):
        me.see("chatcli 0.1.0", "/help").say("How do I compute a mean?").see("Here it is.", "def mean", "2.5")
        me.say("/last").see("Here it is.", "│", "größer").say("/raw").see("```python", "| mean | 2.5   |")

        me.say("/code").see("1 python, 2 lines", "2 sh, 1 line")
        me.say("/code 1 > mean.py").see("wrote 2 lines, 58 bytes, to mean.py")
        assert (world.home / "mean.py").read_text() == MEAN
        me.say("/last > mean.py").answer("mean.py exists. Write over it? [y/N]", "").see("is as it was")
        me.say("/code | sh").see("sh größer >").say("/code 1 | wc -l").see("wc -l 2 >")
        me.say("/last | grep -c mean").see("mean 2 >")
        me.say("/code 3").see("There is no block 3")

        me.say("/copy 1").see("copied through the terminal")
        assert b"\x1b]52;c;" + base64.b64encode(MEAN.encode()) + b"\x1b\\" in me.raw
        me.say("/copy").see("the last reply copied")
        assert base64.b64encode(CODE.encode()) in me.raw

        me.say("!ls").answer("along with the next message? [y/N]", "y").see("staged $ ls")
        me.say("/run echo nothing; false").see("status 1").answer("[y/N]", "n")
        me.say("What have I got?").see("with $ ls", "Two files.")
        me.say("/save chat.md").see("to chat.md").say("/export json").see("to how-do-i-compute-a-mean.json")
        assert me.prompt().type(CTRL_D).ended() == 0
    assert asked(server)[1].startswith("$ ls:\n")
    assert "mean.py\n" in asked(server)[1]
    assert (world.home / "chat.md").read_text().startswith("# How do I compute a mean?\n")


def test_second_thoughts_cost_nothing(world, size):
    script = ("One word.", "Another word.", "Blue.", "Green.", "Red.", "Fine.")
    with visiting(world, size, *map(reply, script)) as (me, server):
        me.say("Say a word").see("One word.")
        me.say("/retry -m gpt-4.1 -t 1.2").see("Another word.")
        me.say("/diff").see("-One word.", "+Another word.")
        me.say("Which colour?").see("Blue.").say("/undo").see("undone turn 2: Which colour?")
        me.say("/edit").see("Say a word").reads("Say a word").type(CTRL_C)
        me.say("Which colour then?").see("Green.")
        me.say("/edit 2").reads("Which colour then?").type(" Be quick!").enter().see("Red.")
        me.say("/history 1").see("2> Which colour then? Be quick!", "Red.")

        me.say("/title Words and colours").see("title → Words and colours")
        me.say("/fork 1").see("a new chat with turn 1").say("And now?").see("Fine.")
        me.say("/clear").see("a new chat")
        me.say("/sessions").see(
            "(nothing is said yet)", "1 just now 2 turns Words and colours (fork)", "2 just now"
        )
        me.say("/resume 2").see("Words and colours, 2 turns").say("/history").see("1> Say", "2> Which")
        assert me.prompt().type(CTRL_D).ended() == 0
    first, again = server.questions[0].json, server.questions[1].json
    assert (again["model"], again["temperature"]) == ("gpt-4.1", 1.2)
    assert (first["model"], "temperature" in server.questions[2].json) == ("gpt-4o", False)
    assert sent(server) == ["Say", "Another", "And"]


def test_a_message_is_written_with_the_hands_of_a_good_shell(world, size):
    world = editor(world, "printf ', edited' >>")
    with visiting(world, size, reply("Yes.")) as (me, server):
        me.prompt().write("first").type(ALT_ENTER).write("second").type(CTRL_J).write("third").enter()
        me.see("Yes.").prompt().paste(PASTE).see("[pasted 240 lines").write(" What is it?").enter()
        me.see("[pasted 240 lines", "Yes.").prompt().paste(PASTE).see("[pasted 240 lines").type(TAB)
        me.reads("line 240 of what was pasted").type(CTRL_C)

        me.say("/multiline").see("Alt-Enter sends").prompt().write("one").type(ENTER).write("two")
        me.type(ALT_ENTER).see("Yes.").prompt().write("/multiline off").type(ALT_ENTER).see("Enter sends")

        me.prompt().write("```").type(ENTER).write("code").type(ENTER).write("```").enter().see("Yes.")
        me.prompt().write("a thought").type(CTRL_X + CTRL_E).reads("a thought, edited").enter().see("Yes.")
        me.say("/editor a letter").see("Yes.")
        me.say("/set keys vi").see("keys → vi").prompt().write("wrong").type(ESCAPE).type("0").reads(">")
        me.type("cw").write("right").enter().see("Yes.").say("/set keys emacs").see("keys → emacs")
        assert me.prompt().type(CTRL_D).ended() == 0
    assert asked(server) == [
        "first\nsecond\nthird",
        f"{PASTE} What is it?",
        "one\ntwo",
        "```\ncode\n```",
        "a thought, edited",
        "a letter, edited",
        "right",
    ]


def test_what_was_typed_is_found_again(world, size):
    with visiting(world, size, reply("Yes.")) as (me, server):
        me.say("What is the sea?").see("Yes.").say("/incognito").see("nothing of it is kept")
        me.say("A secret").see("Yes.").say("/incognito off").see("the private chat is gone")
        me.say("Bye").see("Yes.")
        me.prompt().type(CTRL_L).miss("Yes.").prompt().write("not sent").type(CTRL_C).prompt()
        assert me.type(CTRL_D).ended() == 0
    with visiting(world, size, reply("Wet.")) as (me, server):
        me.prompt().type(UP).reads("Bye").type(UP).reads("/incognito").type(CTRL_C)
        me.prompt().type(CTRL_R).type("the sea").see("What is the sea?", "the sea").type(ENTER).see("Wet.")
        me.prompt().write("What i").see("What is the sea?").type(RIGHT).reads("What is the sea?").enter()
        me.see("Wet.").prompt().type(UP).reads("sea?").type(CTRL_A).write("So: ").type(CTRL_E)
        me.reads("So: What is the sea?").enter().see("Wet.")
        assert me.prompt().type(CTRL_D).ended() == 0
    assert asked(server) == ["What is the sea?", "What is the sea?", "So: What is the sea?"]


def test_files_go_along(world, size):
    (world.home / "mean.py").write_text(MEAN)
    (world.home / "my notes.txt").write_text("Buy bread.\n")
    (world.home / "shot.png").write_bytes(png(64, 64))
    (world.home / ".git").mkdir()
    (world.home / ".gitignore").write_text("secret*\n")
    (world.home / "secret.txt").write_text("nobody's business")
    with visiting(world, size, reply("Fine.")) as (me, server):
        me.prompt().write("Explain @").see('"my notes.txt"', "shot.png").miss("secret")
        me.write("mea").miss("shot.png").see("@mean.py").type(TAB).reads("Explain @mean.py")
        me.type(" please").reads("Explain @mean.py please").enter().see("with mean.py", "Fine.")

        me.say("/file mean.py *.txt").see("staged mean.py", "my notes.txt", "secret.txt")
        me.say("/file").see("3 secret.txt").say("/file -3").see("no longer staged: secret.txt")
        me.say("/image shot.png").see("staged shot.png").say("/image mean.py").see("is no picture")
        me.say("/file nothing.py").see("There is no file nothing.py")
        me.say("Compare them").see("with mean.py", "my notes.txt", "shot.png", "Fine.")
        me.say("And now?").see("Fine.")
        assert me.prompt().type(CTRL_D).ended() == 0
    explained, compared, bare = asked(server)
    assert explained == f"mean.py:\n```py\n{MEAN}```\n\nExplain @mean.py please"
    assert [part["type"] for part in compared] == ["text", "image_url"]
    assert "Buy bread." in compared[0]["text"]
    assert "nobody" not in compared[0]["text"]
    assert bare == "And now?"


def test_settings_are_turned_with_the_menu_at_hand(world, size):
    (world.home / "todo").write_text("# two things\n/temperature 0\nSay yes\n")
    with visiting(world, size, reply(CODE), reply("Yes.")) as (me, server):
        me.prompt().write("/model ").see("scripted").miss("gpt-4.1").type(CTRL_C)
        me.prompt().type("/tem" + TAB).reads("/temperature")
        me.type(" 0.2").reads("/temperature 0.2").enter().see("temperature → 0.2")
        me.say("/unset temperature").see("temperature is not set")
        me.prompt().write("/theme ").see("dark", "light", "plain").type(DOWN * 4).reads("/theme plain")
        me.type(ENTER).miss("dark").enter().see("theme → plain").say("How?").see("def mean(")
        assert me.colour_of("def") == "default"
        me.say("/theme dark").see("theme → dark").say("/last").see("def mean(").prompt()
        assert me.colour_of("def") != "default"

        me.say("/role explain").see("role → explain").say("/system Be brief.").see("system → Be brief.")
        me.say("/set seed 7").see("seed → 7").say("/info").see("gpt-4o", "Be brief.", "seed")
        me.say("/role save brief").see("brief.md").say("/json").see("replies are JSON")
        me.say("/temperatur 1").see("There is no command /temperatur.", "Did you mean /temperature?")
        me.say("/temperature 3").see("temperature must be a number from 0 to 2, not '3'.")
        me.say("/load todo").see("> /temperature 0", "> Say yes", "Yes.").say("//help").see("Yes.")
        me.say("/help set").see("/set [name [value]]").say("/help").see("//text sends a line")
        assert me.prompt().type(CTRL_D).ended() == 0
    request = server.questions[1].json
    assert (request["temperature"], request["seed"]) == (0, 7)
    assert request["response_format"] == {"type": "json_object"}
    assert sent(server) == ["Be", "How?", "Here", "Say", "Yes.", "/help"]


def test_the_window_is_watched_and_steered(world, size):
    with visiting(world, size, reply("Yes.", usage=(120, 5)), reply("Short: yes.")) as (me, server):
        me.see("gpt-4o · 0 of 128,000").say("one is a number").see("Yes.", "120 + 5 tokens")
        for word in ("two", "three"):
            me.say(f"{word} is a number").see("yes.")
        me.say("/pin 1").see("pinned turn 1").say("/drop 2").see("dropped turn 2")
        me.say("/context").see("pinned one is", "dropped two is", "sent three is", "of 128,000 used")
        me.say("four?").see("yes.")
        assert sent(server) == ["one", "Yes.", "three", "Short:", "four?"]

        me.say("/undrop 2").see("sent again: turn 2").say("/unpin 1").see("turn 1")
        me.say("/compact the numbers").see("condensing turns 1-4", "Short: yes.").say("five?").see("yes.")
        me.say("/tokens").see("of 128,000 tokens").say("/tokens how many?").see("3 tokens")
        me.say("/usage").see("last reply", "this chat", "$")
        assert me.prompt().type(CTRL_D).ended() == 0
    assert sent(server) == ["Summary", "five?"]


def test_nothing_that_is_interrupted_is_lost(world, size):
    cut = reply("Once upon a time", finish="length")
    script = (reply("One, two,", HANG), reply(" three."), cut, reply(" there was a fox."))
    with (
        ScriptedServer(*script) as server,
        visit(world.having(PS1="shell: "), command=("bash", "--norc", "--noprofile", "-i"), **size) as me,
    ):
        me.reads("shell:").type(f"{sys.executable} -m chatcli --base-url {server.url}{ENTER}")
        me.prompt().type(CTRL_C).say("Count").see("One, two,").type(CTRL_C).see("[interrupted]")
        me.say("/continue").see("three.").say("A story!").see("Once", "the length limit: /continue]")
        me.prompt().write("half a line").type(CTRL_Z).see("Stopped").reads("shell:")
        me.type(f"fg{ENTER}").reads("half a line").type(CTRL_C).say("/continue").see("there was a fox.")
        me.say("/raw").see("Once upon a time there was a fox.").say("/history 1").see("4> (go on)")
        me.prompt().type(CTRL_D).reads("shell:").type(f"echo status $?{ENTER}").see("status 0")
        assert me.reads("shell:").type(CTRL_D).ended() == 0
    assert [message["content"] for message in server.questions[-1].json["messages"]][:2] == [
        "Count",
        "One, two,",
    ]
