"""Replies as data: shown, taken apart, copied, written to files, handed to commands."""

import pytest

from chatcli.commands import COMMANDS
from chatcli.commands.outcomes import Ask, Copy, Run, Say, Show, Write
from chatcli.commands.registry import Completion, Registry
from chatcli.core.desk import Desk
from chatcli.core.messages import GO_ON, Finish, Message, Reply, Role
from chatcli.core.session import Session
from chatcli.core.transcript import as_json, as_json_lines, as_markdown
from chatcli.errors import UsageError
from tests.commands.test_registry import WORLD
from tests.fakes import Files

REPLY = (
    "So:\n\n```python\ndef größer():\n\treturn 1\n```\n\n"
    "and\n\n```sh\npython fix.py\n```\n\nor\n\n```\nplain\n```\n"
)


def chat(*replies):
    turns = ((Message(Role.USER, "How do I?"), Message(Role.ASSISTANT, text)) for text in replies)
    return Session("m", messages=tuple(message for turn in turns for message in turn))


def registry(*files):
    return Registry(COMMANDS, WORLD._replace(files=Files(dict.fromkeys(files, ""))))


def run(line, session=chat(REPLY)):  # noqa: B008 - a value
    return registry().run(line, Desk(session))


def test_the_last_reply_is_handed_on_as_it_was_written():
    assert run("/last > answer.md") == Write("answer.md", REPLY)
    assert run("/last | jq .") == Run("jq .", given=REPLY)
    assert run("/last") == Show(REPLY, rendered=True)
    assert run("/raw") == Show(REPLY, rendered=False)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("/code 2", Show("python fix.py\n", rendered=False)),
        ("/code 1 > fix.py", Write("fix.py", "def größer():\n\treturn 1\n")),
        ("/code 2 | sh -n", Run("sh -n", given="python fix.py\n")),
        ("/code > plain.txt", Write("plain.txt", "plain\n")),
        ("/code | cat", Run("cat", given="plain\n")),
        ("/code 1>fix.py", Write("fix.py", "def größer():\n\treturn 1\n")),
        ("/code | sort > sorted", Run("sort > sorted", given="plain\n")),
        ("/code > a file | with blanks", Write("a file | with blanks", "plain\n")),
        ("/code > 'my file.py'", Write("my file.py", "plain\n")),
        ('/code > "my file.py"', Write("my file.py", "plain\n")),
        ("/code > ~/it's", Write("~/it's", "plain\n")),
    ],
)
def test_a_block_of_code_is_shown_or_handed_on_exactly(line, outcome):
    assert run(line) == outcome


def test_of_several_blocks_code_alone_says_which_there_are():
    assert run("/code") == Say(
        "  1  python, 2 lines  def größer(): return 1\n"
        "  2  sh, 1 line       python fix.py\n"
        "  3  text, 1 line     plain\n"
        "/code 1 shows one; /code 1 > FILE and /code 1 | COMMAND hand it on"
    )


def test_the_only_block_is_shown_at_once():
    assert run("/code", chat("```sh\nls\n```")) == Show("ls\n", rendered=False)


def test_the_code_is_that_of_the_last_reply():
    assert run("/code 1", chat("```\nold\n```", "```\nnew\n```")) == Show("new\n", rendered=False)


def test_the_last_reply_or_one_of_its_blocks_is_copied_exactly():
    assert run("/copy") == Copy(REPLY, "the last reply")
    assert run("/copy 2") == Copy("python fix.py\n", "block 2 (sh, 1 line)")
    assert run("/copy 3") == Copy("plain\n", "block 3 (text, 1 line)")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("chat.md", as_markdown),
        ("chat.txt", as_markdown),
        ("chat", as_markdown),
        ("chat.jsonl", as_json_lines),
        ("chat.JSON", as_json),
        ("my chat.json", as_json),
    ],
)
def test_a_chat_is_saved_as_the_name_says(name, written):
    assert run(f"/save {name}") == Write(name, written(chat(REPLY)), private=True)


def test_a_chat_is_exported_to_a_file_that_is_called_like_it():
    assert run("/export") == Write("how-do-i.md", as_markdown(chat(REPLY)), private=True)
    assert run("/export jsonl") == Write("how-do-i.jsonl", as_json_lines(chat(REPLY)), private=True)
    assert run("/export .JSON") == Write("how-do-i.json", as_json(chat(REPLY)), private=True)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Größer als 3?", "größer-als-3.md"),
        ("../../etc/passwd", "etc-passwd.md"),
        ("???", "chat.md"),
        ("word " * 50, "word-word-word-word-word-word-word-word-wor.md"),
    ],
)
def test_any_question_makes_a_name(question, name):
    session = Session(messages=(Message(Role.USER, question), Message(Role.ASSISTANT, "x")))
    assert run("/export", session).path == name


def test_a_command_for_the_shell_is_run_and_may_go_along():
    assert run("/run git diff | head") == Run("git diff | head", attach=True)
    assert run("/run for i in 1 2\ndo echo $i\ndone").command == "for i in 1 2\ndo echo $i\ndone"
    assert run("!ls -l") == run("! ls -l") == run(" !ls -l") == Run("ls -l", attach=True)


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ("!!", "!"),
        ("!!important is a lie", "!important is a lie"),
        (" !!ls", " !ls"),
        (" ![logo](logo.png)\n# Read me", " ![logo](logo.png)\n# Read me"),
        ("![logo](logo.png)\n# Read me", "![logo](logo.png)\n# Read me"),
        ("what!", "what!"),
    ],
)
def test_an_exclamation_mark_can_be_sent(line, question):
    assert run(line) == Ask(question)


NOTHING = Session("m")
PROSE = chat("No code here.")


@pytest.mark.parametrize(
    ("line", "session", "message", "hint"),
    [
        ("/last > x", NOTHING, "There is no reply yet.", "Ask something first."),
        ("/code", NOTHING, "There is no reply yet.", "Ask something first."),
        ("/copy", NOTHING, "There is no reply yet.", "Ask something first."),
        ("/save x", NOTHING, "Nothing has been said yet.", "Ask something first."),
        ("/export", NOTHING, "Nothing has been said yet.", "Ask something first."),
        (
            "/last 2",
            PROSE,
            "/last takes > file or | command, not '2'.",
            "For example /last > answer.md.",
        ),
        ("/last >", PROSE, "A file is missing behind >.", "For example /last > FILE."),
        ('/last > ""', PROSE, "A file is missing behind >.", "For example /last > FILE."),
        ("/last |", PROSE, "A command is missing behind |.", "For example /last | less."),
        (
            "/last >> notes",
            PROSE,
            "There is no >> here.",
            "A command can append: /last | cat >> notes.",
        ),
        (
            "/code 1 >>",
            chat(REPLY),
            "There is no >> here.",
            "A command can append: /code 1 | cat >> FILE.",
        ),
        (
            "/code",
            PROSE,
            "There is no code in the last reply.",
            "/last shows it, /last > FILE writes all of it.",
        ),
        ("/copy 1", PROSE, "There is no code in the last reply.", None),
        ("/code two", chat(REPLY), "'two' is not the number of a block.", "For example /code 1."),
        ("/code ²", chat(REPLY), "'²' is not the number of a block.", "For example /code 1."),
        ("/copy -1", chat(REPLY), "'-1' is not the number of a block.", "For example /copy 1."),
        (
            "/copy 4",
            chat(REPLY),
            "There is no block 4: the last reply has 3 blocks of code.",
            "/code shows.",
        ),
        (
            "/code 0 > x",
            chat("```\nx\n```"),
            "There is no block 0: the last reply has one block of code.",
            "/code shows.",
        ),
        ("/save", PROSE, "/save needs a file.", "For example /save chat.md, or chat.json, or chat.jsonl."),
        ("/export pdf", PROSE, "A chat cannot be written as 'pdf'.", "It can as md, jsonl, json."),
        ("/run", PROSE, "/run needs a command.", "For example !ls, which is /run ls."),
        ("!", PROSE, "/run needs a command.", "For example !ls, which is /run ls."),
    ],
)
def test_wrong_use_says_what_is_right(line, session, message, hint):
    with pytest.raises(UsageError) as refused:
        run(line, session)
    assert refused.value.message == message
    if hint is not None:
        assert refused.value.hint == hint


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("/code ", ["1", "2", "3"]),
        ("/copy ", ["1", "2", "3"]),
        ("/code 1 > fi", ["fix.py"]),
        ("/last | cat no", ["notes.md"]),
        ("/last fi", []),
        ("/save no", ["notes.md"]),
        ("/run cat no", ["notes.md"]),
        ("/run no", []),
        ("!cat no", ["notes.md"]),
        ("!no", []),
        ("/export j", ["jsonl", "json"]),
    ],
)
def test_what_could_follow_is_offered(typed, offered):
    found = registry("fix.py", "notes.md").complete(typed, Desk(chat(REPLY)))
    assert [each.text for each in found] == offered


def test_a_block_is_offered_with_what_it_is():
    found = registry().complete("/code ", Desk(chat(REPLY)))
    assert found[0] == Completion("1", 0, "python, 2 lines")


@pytest.mark.parametrize("name", ["last", "raw", "code", "copy", "save", "export"])
def test_what_needs_a_reply_is_offered_when_there_is_one(name):
    assert [each.text for each in registry().complete(f"/{name}", Desk(NOTHING))] == []
    assert f"/{name}" in [each.text for each in registry().complete(f"/{name}", Desk(chat(REPLY)))]


def test_a_reply_that_went_on_is_one_with_what_had_been_cut_off():
    cut = Session("m").asked("How?").answered(Reply("Run\n```sh\nls |", Finish.LENGTH))
    longer = cut.asked(GO_ON).answered(Reply(" wc", Finish.LENGTH))
    whole = longer.asked(GO_ON).answered(Reply(" -l\n```\n", Finish.STOP))
    assert run("/raw", whole) == Show("Run\n```sh\nls | wc -l\n```\n", rendered=False)
    assert run("/code", whole) == Show("ls | wc -l\n", rendered=False)
    assert run("/copy", whole) == Copy("Run\n```sh\nls | wc -l\n```\n", "the last reply")
    assert run("/raw", longer) == Show("Run\n```sh\nls | wc", rendered=False)
