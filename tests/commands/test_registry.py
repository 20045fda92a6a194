"""A line: a command, a question, or a mistake that says what would have been right."""

from dataclasses import replace

import pytest

from chatcli.adapters.code_blocks import code_blocks
from chatcli.commands import COMMANDS
from chatcli.commands.outcomes import Arrange, Ask, Become, Quit, Say, Show
from chatcli.commands.registry import Arg, Command, Completion, Registry, World, as_typed, paths
from chatcli.core.catalog import Price
from chatcli.core.desk import Desk
from chatcli.core.look import THEMES, Look
from chatcli.core.messages import Finish, Image, Message, Role, Usage
from chatcli.core.money import Spent
from chatcli.core.params import PARAMS, Limits, Params
from chatcli.core.roles import Persona
from chatcli.core.session import Session
from chatcli.errors import UsageError
from tests.fakes import Files, Roles, holding, words


class Facts:
    """A world with two models, in which a word is a token."""

    def names(self):
        return ("local", "gpt-6-luna")

    def where(self, session):
        return "http://localhost:8080/v1"

    def advice(self, model):
        return "gpt-4 was shut down" if model == "gpt-4" else None

    def window(self, session):
        return session.limits.context or 1000

    def count(self, session, text):
        return words(text)

    def exact(self, session):
        return session.model != "local"

    def sees(self, session):
        return session.model != "local"


ROLES = Roles(Persona("explain", "Explain it."), Persona("translate", "You translate into {{language}}."))
FILES = Files(
    {
        "main.py": "x = 1\n",
        "questions.txt": "Why?\n",
        "shot.png": Image("shot.png", "image/png", b"", 512, 512),
        "src/a.py": "",
        "a.bin": b"\0",
        "clipboard": "three words here",
        "~/.ssh/id": "hush hush",
    }
)
WORLD = World(Facts(), holding(1000, exact=False), FILES, code_blocks, ROLES, (*THEMES, "Mine"))
REGISTRY = Registry(COMMANDS, WORLD)
SESSION = Session("gpt-6-luna")
DESK = Desk(SESSION)


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ("hello", "hello"),
        ("two\nlines", "two\nlines"),
        ("/etc/hosts is wrong", "/etc/hosts is wrong"),
        ("/usr", None),
        ("//help", "/help"),
        ("//", "/"),
        ("/", "/"),
        ("/ help", "/ help"),
        ("/2 of them", "/2 of them"),
        (" //help", " /help"),
        (" /usr/bin is full", " /usr/bin is full"),
        (" /help\nhelps", " /help\nhelps"),
        ("hello\n/help", "hello\n/help"),
    ],
)
def test_a_line_is_a_question_unless_it_begins_with_a_slash_and_a_word(line, question):
    if question is None:
        with pytest.raises(UsageError):
            REGISTRY.run(line, Desk(SESSION))
    else:
        assert REGISTRY.run(line, Desk(SESSION)) == Ask(question)


@pytest.mark.parametrize(
    "question", ["/help", " /help", "!ls", "  !ls", " /a\nb", "/a\nb", "hello", " hello"]
)
def test_a_question_as_it_is_typed_is_that_question(question):
    assert REGISTRY.run(as_typed(question), Desk(SESSION)) == Ask(question)


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        (
            "/temprature 1",
            "There is no command /temprature.",
            "Did you mean /temperature? /help lists them all; //temprature sends the line to the model.",
        ),
        (
            "/frobnicate",
            "There is no command /frobnicate.",
            "/help lists them all; //frobnicate sends the line to the model.",
        ),
        ("/exit now", "/exit takes no argument.", "Type /exit alone."),
        ("/quit now", "/exit takes no argument.", "Type /exit alone."),
        (
            "/temperature 3",
            "temperature must be a number from 0 to 2, not '3'.",
            "For example /temperature 0.7.",
        ),
        ("/temperature nan", "temperature must be a number from 0 to 2, not 'nan'.", None),
        ("/top_p -1", "top_p must be a number from 0 to 1, not '-1'.", None),
        ("/max_tokens 0", "max_tokens must be a whole number, 1 or more, not '0'.", None),
        ("/stop one||two", "stop must be 1 to 4 texts with | between them, not 'one||two'.", None),
        ("/seed x", "seed must be a whole number, not 'x'.", "For example /seed 1."),
        ("/max_tokens many", "max_tokens must be a whole number, 1 or more, not 'many'.", None),
        ("/set temprature 1", "There is nothing called 'temprature' to set.", "Did you mean temperature?"),
        (
            "/set reasoning_effort hihg",
            "reasoning_effort must be one of none, minimal, low, medium, high, xhigh, not 'hihg'.",
            "Did you mean high?",
        ),
        ("/theme drak", "There is no theme 'drak'.", "Did you mean dark?"),
        ("/theme mine", "There is no theme 'mine'.", "Did you mean Mine?"),
        ("/set theme zebra", "There is no theme 'zebra'.", "There are auto, dark, light, plain, Mine."),
        ("/multiline maybe", "multiline must be on or off, not 'maybe'.", "For example /multiline off."),
        ("/set keys ed", "keys must be one of emacs, vi, not 'ed'.", "For example /set keys vi."),
        (
            "/set toolbar modle",
            (
                "toolbar must be off, or some of model, temperature, context, typing, staged, modes, title, "
                "cost, not 'modle'."
            ),
            "Did you mean model?",
        ),
        ("/set render maybe", "render must be on or off, not 'maybe'.", "For example /set render off."),
        ("/continue", "There is no reply yet.", "Ask something first."),
        ("/last", "There is no reply yet.", "Ask something first."),
        ("/raw", "There is no reply yet.", "Ask something first."),
        ("/unset", "/unset needs a name.", "Set now: model."),
        ("/unset colour", "There is nothing called 'colour' to set.", None),
        ("/help nothing", "There is no command /nothing.", None),
    ],
)
def test_wrong_use_says_what_is_right(line, message, hint):
    with pytest.raises(UsageError) as refused:
        REGISTRY.run(line, Desk(SESSION))
    assert refused.value.message == message
    if hint is not None:
        assert refused.value.hint == hint


@pytest.mark.parametrize(
    ("line", "session", "text"),
    [
        ("/temperature 0.2", Session("gpt-6-luna", params=Params(temperature=0.2)), "temperature → 0.2"),
        ("/TEMPERATURE 2", Session("gpt-6-luna", params=Params(temperature=2.0)), "temperature → 2"),
        ("/top_p .9", Session("gpt-6-luna", params=Params(top_p=0.9)), "top_p → 0.9"),
        ("/max_tokens 1,000", Session("gpt-6-luna", params=Params(max_tokens=1000)), "max_tokens → 1000"),
        ("/model local", Session("local"), "model → local"),
        ("/model gpt-4", Session("gpt-4"), "model → gpt-4: gpt-4 was shut down"),
        ("/system Be brief.", Session("gpt-6-luna", "Be brief."), "system → Be brief."),
        (
            "/system\nBe brief.\nBe kind.",
            Session("gpt-6-luna", "Be brief.\nBe kind."),
            "system → Be brief. Be kind.",
        ),
        ("/set temperature 1", Session("gpt-6-luna", params=Params(temperature=1.0)), "temperature → 1"),
        ("/set max-tokens 5", Session("gpt-6-luna", params=Params(max_tokens=5)), "max_tokens → 5"),
        ("\t /temperature 1", Session("gpt-6-luna", params=Params(temperature=1.0)), "temperature → 1"),
        (
            r"/set stop END|\n\n",
            Session("gpt-6-luna", params=Params(stop=("END", "\n\n"))),
            r"stop → END|\n\n",
        ),
        ("/stop END|###", Session("gpt-6-luna", params=Params(stop=("END", "###"))), "stop → END|###"),
        ("/seed 7", Session("gpt-6-luna", params=Params(seed=7)), "seed → 7"),
        ("/set seed -7", Session("gpt-6-luna", params=Params(seed=-7)), "seed → -7"),
        ("/set context 512", Session("gpt-6-luna", limits=Limits(context=512)), "context → 512"),
        ("/set system Be brief.", Session("gpt-6-luna", "Be brief."), "system → Be brief."),
    ],
)
def test_a_setting_becomes_part_of_the_session(line, session, text):
    assert REGISTRY.run(line, Desk(SESSION)) == Become(session, text)


def test_every_parameter_of_a_request_can_be_set_and_unset():
    for name, param in PARAMS.items():
        value = param.kind.choices[0] if param.kind.choices else "1"
        outcome = REGISTRY.run(f"/set {name} {value}", Desk(SESSION))
        assert isinstance(outcome, Become)
        assert outcome.session.params.given().keys() == {name}
        assert REGISTRY.run(f"/unset {name}", Desk(outcome.session)).session == SESSION


@pytest.mark.parametrize("name", ["system", "context"])
def test_what_is_unset_is_as_it_was_at_first(name):
    changed = REGISTRY.run(f"/set {name} 512", Desk(SESSION)).session
    assert changed != SESSION
    assert REGISTRY.run(f"/unset {name}", Desk(changed)).session == SESSION


def test_a_setting_without_a_value_is_shown():
    warm = Session("gpt-6-luna", params=Params(temperature=0.5))
    assert REGISTRY.run("/temperature", Desk(warm)) == Say("temperature = 0.5")
    assert REGISTRY.run("/set temperature", Desk(warm)) == Say("temperature = 0.5")
    assert REGISTRY.run("/temperature", Desk(SESSION)) == Say(
        "temperature is not set (sampling temperature: 0 is steady, 2 is wild)"
    )
    listed = REGISTRY.run("/set", Desk(warm))
    assert "model = gpt-6-luna" in listed.text.splitlines()
    assert all(any(line.startswith(name) for line in listed.text.splitlines()) for name in PARAMS)


@pytest.mark.parametrize(
    ("line", "look", "text"),
    [
        ("/multiline", Look(True, "light", multiline=True), "Enter makes a new line, Alt-Enter sends"),
        ("/multiline off", Look(True, "light"), "Enter sends, Alt-Enter makes a new line"),
        ("/set keys vi", Look(True, "light", keys="vi"), "keys → vi"),
        ("/set toolbar model cost", Look(True, "light", toolbar=("model", "cost")), "toolbar → model,cost"),
        ("/set toolbar off", Look(True, "light", toolbar=()), "toolbar → off"),
        ("/unset toolbar", Look(True, "light"), "toolbar is not set: it is as usual"),
        ("/set render off", Look(False, "light"), "render → off"),
        ("/unset render", Look(None, "light"), "render is not set: the terminal decides"),
        ("/theme Mine", Look(True, "Mine"), "theme → Mine"),
        ("/set theme plain", Look(True, "plain"), "theme → plain"),
        ("/unset theme", Look(True, "auto"), "theme is not set: the terminal decides"),
    ],
)
def test_how_replies_look_is_changed_apart_from_the_session(line, look, text):
    desk = Desk(SESSION, Look(True, "light"))
    assert REGISTRY.run(line, desk) == Arrange(replace(desk, look=look), text)


def test_how_replies_look_is_shown_among_the_settings():
    look = Look(False, "Mine")
    assert REGISTRY.run("/theme", Desk(SESSION, look)) == Say("theme = Mine")
    assert {"render = off", "theme = Mine"} < set(REGISTRY.run("/set", Desk(SESSION, look)).text.splitlines())
    with pytest.raises(UsageError) as refused:
        REGISTRY.run("/unset", Desk(SESSION, look))
    assert refused.value.hint == "Set now: model, render, theme."


CHAT = Session(
    "local",
    "Be brief.",
    messages=(Message(Role.USER, "one two"), Message(Role.ASSISTANT, "three", Finish.LENGTH)),
)


def test_the_last_reply_is_shown_drawn_or_as_it_came_whatever_was_said_since():
    asked = replace(CHAT, messages=(*CHAT.messages, Message(Role.USER, "four")))
    assert REGISTRY.run("/last", Desk(asked)) == Show("three", rendered=True)
    assert REGISTRY.run("/raw", Desk(asked)) == Show("three", rendered=False)


@pytest.mark.parametrize(
    "finish", [Finish.LENGTH, Finish.INTERRUPTED, Finish.TRUNCATED, Finish.FAILED], ids=lambda each: each.name
)
def test_a_reply_that_was_cut_can_be_continued(finish):
    cut = replace(CHAT, messages=(CHAT.messages[0], Message(Role.ASSISTANT, "three", finish)))
    assert isinstance(REGISTRY.run("/continue", Desk(cut)), Ask)


@pytest.mark.parametrize("finish", [Finish.STOP, Finish.FILTERED], ids=lambda each: each.name)
def test_a_reply_that_was_not_cut_cannot_be_continued(finish):
    over = replace(CHAT, messages=(CHAT.messages[0], Message(Role.ASSISTANT, "three", finish)))
    with pytest.raises(UsageError, match="not cut off"):
        REGISTRY.run("/continue", Desk(over))


@pytest.mark.parametrize("line", ["/exit", "/quit", "/q"])
def test_exit_by_any_name_quits(line):
    assert REGISTRY.run(line, Desk(CHAT)) == Quit()


def test_every_example_is_a_right_use_of_its_command():
    other_answer = (CHAT.messages[0], Message(Role.ASSISTANT, "four"))
    code = (CHAT.messages[0], Message(Role.ASSISTANT, "Try\n```sh\nls\n```", Finish.LENGTH))
    session = replace(CHAT, messages=code, params=Params(temperature=1.0), branches=(other_answer,))
    for command in COMMANDS:
        assert command.example
        outcome = REGISTRY.run(command.example, Desk(session, shelf=(CHAT,)))
        assert isinstance(outcome, Ask) is (command.name in {"continue", "retry"})


def test_tokens_counts_the_chat_with_its_frames_and_marks_estimates():
    assert REGISTRY.run("/tokens", Desk(CHAT)) == Say(
        "system ~6 + chat ~11 + frame 3 = ~20 of 1,000 tokens (2%)"
    )
    assert REGISTRY.run("/tokens", Desk(SESSION)) == Say(
        "system 0 + chat 0 + frame 3 = 3 of 1,000 tokens (0%)"
    )
    assert REGISTRY.run("/tokens one two three", Desk(SESSION)) == Say("3 tokens")
    assert REGISTRY.run("/tokens one two three", Desk(CHAT)) == Say("~3 tokens")


PRICE = Price(prompt=1.0, completion=2.0)


@pytest.mark.parametrize(
    ("requests", "text"),
    [
        ([], "nothing yet"),
        (
            [(PRICE, Usage(1000, 500)), (PRICE, Usage(2000, 500))],
            (
                "last reply  2,000 prompt + 500 completion = 2,500 tokens, $0.0030\n"
                "this chat   3,000 prompt + 1,000 completion = 4,000 tokens, $0.0050"
            ),
        ),
        (
            [(PRICE, Usage(1000, 500)), (None, Usage(2000, 500))],
            (
                "last reply  2,000 prompt + 500 completion = 2,500 tokens; the price of 2,500 is unknown\n"
                "this chat   3,000 prompt + 1,000 completion = 4,000 tokens; "
                "the price of 2,500 is unknown; $0.0020 for the rest"
            ),
        ),
    ],
)
def test_usage_tells_what_was_used_up_and_invents_no_price(requests, text):
    spent = Spent()
    for price, usage in requests:
        spent = spent.add(price, usage)
    assert REGISTRY.run("/usage", Desk(Session("m", spent=spent))) == Say(text)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("/te", ["/temperature"]),
        ("/TE", ["/temperature"]),
        (" /te", ["/temperature"]),
        (" /set temp", ["temperature"]),
        ("/mpera", ["/temperature"]),
        ("/tmpr", ["/temperature"]),
        ("/q", ["/exit"]),
        ("/nothing", []),
        ("hello", []),
        ("//he", []),
        ("/model g", ["gpt-6-luna"]),
        ("/model luna", ["gpt-6-luna"]),
        ("/model g6l", ["gpt-6-luna"]),
        ("/model ", ["local", "gpt-6-luna"]),
        ("/set temp", ["temperature"]),
        ("/set reasoning_effort h", ["high"]),
        ("/set model l", ["local"]),
        ("/set nothing x", []),
        ("/set render ", ["on", "off"]),
        ("/set theme p", ["plain"]),
        ("/theme ", ["auto", "dark", "light", "plain", "Mine"]),
        ("/unset ", ["model"]),
        ("/unset se", []),
        ("/theme lite", ["light"]),
        ("/help unse", ["unset"]),
        ("/temperature 0.", ["0.2", "0.7"]),
        ("/multiline o", ["on", "off"]),
        ("/set keys v", ["vi"]),
        ("/set toolbar model c", ["context", "cost"]),
        ("/set toolbar model,co", ["model,context", "model,cost"]),
        ("/set toolbar cost,c", ["cost,context"]),
        ("/set toolbar model,title,sta", ["model,title,staged"]),
        ("/mt", ["/max_tokens"]),
        ("/set ppen", ["presence_penalty"]),
        ("explain @", ["@main.py", "@src/", '@"my notes.md"', '@"my files/']),
        ("explain @ma", ["@main.py"]),
        ('two\nlines @"my n', ['@"my notes.md"']),
        ("me@ma", []),
        ("@main.py and", []),
        ("/system @ma", ["@main.py"]),
    ],
)
def test_what_could_follow_is_offered(typed, offered):
    files = Files(dict.fromkeys(["main.py", "src/", "my notes.md", "my files/"], ""))
    registry = Registry(COMMANDS, WORLD._replace(files=files))
    assert [completion.text for completion in registry.complete(typed, Desk(SESSION))] == offered


def test_a_bare_slash_offers_every_command():
    everything = REGISTRY.complete("/", DESK)
    assert [each.text for each in everything] == [
        f"/{command.name}" for command in COMMANDS if command.when(DESK)
    ]
    assert all(each.help for each in everything)


def test_a_completion_replaces_the_word_before_the_cursor():
    assert REGISTRY.complete("/set reasoning_effort h", DESK) == [Completion("high", 1)]
    (temperature,) = REGISTRY.complete("/te", DESK)
    assert (temperature.length, temperature.help[:11]) == (3, "show or set")


def test_only_what_is_set_is_offered_to_be_unset_with_its_value():
    desk = Desk(Session("gpt-6-luna", "Be brief.", Params(seed=7)), Look(theme="light"))
    offered = REGISTRY.complete("/unset ", desk)
    assert [(each.text, each.help) for each in offered] == [
        ("model", "now gpt-6-luna"),
        ("system", "now Be brief."),
        ("seed", "now 7"),
        ("theme", "now light"),
    ]


def test_a_command_that_cannot_work_now_is_not_offered():
    assert "/pin" not in [each.text for each in REGISTRY.complete("/", DESK)]
    assert "/pin" in [each.text for each in REGISTRY.complete("/", Desk(CHAT))]


def test_a_path_with_a_blank_is_completed_in_quotes():
    files = Files({"my notes.md": "", "my files/": "", "main.py": ""})
    registry = Registry([Command("see", "", Ask, Arg("FILE", paths))], WORLD._replace(files=files))
    assert registry.complete("/see my", DESK) == [Completion('"my notes.md"', 2), Completion('"my files/', 2)]
    assert registry.complete('/see main.py "my n', DESK) == [Completion('"my notes.md"', 5)]
