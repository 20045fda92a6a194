"""The program through its front door, ``main(argv, Env(...))``, against a server that does as it is told."""

import base64
import stat
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from pathlib import Path

import pytest

from chatcli.cli import main
from chatcli.env import Dirs, Env
from tests.core.test_picture import png
from tests.fakes import FakeClock
from tests.servers.scripted import (
    CLOSE,
    Certificate,
    ScriptedServer,
    cut_after,
    delta,
    failure,
    no_answer,
    reply,
    status,
    whole,
)

KEY = "sk-secret-0123456789"


@dataclass
class World:
    """Where the program runs; nothing of it outlives the test."""

    cwd: Path
    dirs: Dirs
    environ: dict[str, str] = field(default_factory=dict)
    clock: FakeClock = field(default_factory=FakeClock)

    def run(self, *argv, stdin=b"", **tty):
        out, err = StringIO(), StringIO()
        piped = None if stdin is None else BytesIO(stdin)
        env = Env(piped, out, err, self.environ, self.cwd, self.dirs, clock=self.clock, **tty)
        return Ran(main(argv, env), out.getvalue(), err.getvalue())

    def write(self, name, content):
        path = self.cwd / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str


@pytest.fixture
def world(tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    return World(work, Dirs(*(tmp_path / name for name in ("config", "cache", "data", "state"))))


@pytest.fixture
def server():
    with ScriptedServer(reply("Hello", " there.")) as server:
        yield server


@pytest.fixture
def online(world, server):
    """A world in which the environment names the server and a key."""
    world.environ.update(OPENAI_BASE_URL=server.url, OPENAI_API_KEY=KEY)
    return world


def asked(server):
    """The last message of the last question."""
    return server.questions[-1].json["messages"][-1]["content"]


# What is sent, and in which order.


@pytest.mark.parametrize(
    ("argv", "stdin", "sent"),
    [
        (["Why", "is", "it", "blue?"], b"", "Why is it blue?"),
        ([], b"  Why?\r\n\tBecause.\n\n", "  Why?\r\n\tBecause.\n\n"),
        (["Why?"], None, "Why?"),
        (["Why?"], b" \n\t", "Why?"),
        (["Why?"], b"a,b\r\n1,2", "stdin:\n```\na,b\r\n1,2\n```\n\nWhy?"),
        (["-f", "a.py", "Why?"], b"", "a.py:\n```py\nprint(1)\n```\n\nWhy?"),
        (["-f", "a.py"], b"Why?", "a.py:\n```py\nprint(1)\n```\n\nWhy?"),
        (["-f", "-", "Why?"], b"x", "stdin:\n```\nx\n```\n\nWhy?"),
        (
            ["Why?", "-f", "b.md", "-f", "a.py"],
            b"x",
            "b.md:\n`````md\n```py\n````\n`````\n\na.py:\n```py\nprint(1)\n```\n\nstdin:\n```\nx\n```\n\nWhy?",
        ),
        (["--model", "m", "--", "--help", "me", "--"], b"", "--help me --"),
        (["What is <|endoftext|>?"], b"", "What is <|endoftext|>?"),
        (["\ufeffé\u2028😀"], b"", "\ufeffé\u2028😀"),
    ],
)
def test_files_and_stdin_go_first_and_nothing_is_changed(online, server, argv, stdin, sent):
    online.write("a.py", "print(1)\n")
    online.write("b.md", "```py\n````\n")

    assert online.run(*argv, stdin=stdin) == Ran(0, "Hello there.", "")
    assert asked(server) == sent


@pytest.mark.parametrize(
    ("argv", "stdin", "text"),
    [
        (["-f", "shot.dat", "What?"], b"", "What?"),
        (["-f", "a.py", "-f", "shot.dat"], b"What?", "a.py:\n```py\nprint(1)\n```\n\nWhat?"),
        (["-f", "-", "What?"], png(8, 8), "What?"),
        (["What?"], png(8, 8), "What?"),
    ],
)
def test_a_picture_is_sent_as_one_by_whatever_way_it_comes(online, server, argv, stdin, text):
    online.write("a.py", "print(1)\n")
    online.write("shot.dat", png(8, 8))

    assert online.run(*argv, stdin=stdin) == Ran(0, "Hello there.", "")
    url = f"data:image/png;base64,{base64.b64encode(png(8, 8)).decode()}"
    assert asked(server) == [
        {"type": "text", "text": text},
        {"type": "image_url", "image_url": {"url": url}},
    ]


def test_a_picture_alone_asks_nothing(online, server):
    ran = online.run(stdin=png(8, 8))
    assert (ran.status, ran.out, server.questions) == (2, "", [])
    assert "There is no question." in ran.err


def test_a_million_blanks_go_through(online, server):
    ran = online.run("--context", "100000", stdin=b"a" + b" " * 1_000_000 + b"b")

    assert ran.status == 0
    assert len(asked(server)) == 1_000_002


def test_only_what_was_set_is_sent(online, server):
    online.run("Hi", "--temperature", "0.5", "--system", "Be brief.", "--model", "m")

    assert server.questions[0].json == {
        "model": "m",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
    }


def test_a_reply_in_one_piece_looks_the_same(world):
    with ScriptedServer(whole("Hello.")) as server:
        assert world.run("--base-url", server.url, "--no-stream", "Hi") == Ran(0, "Hello.", "")
    assert "stream" not in server.questions[0].json


# What comes out.


def test_a_pipe_gets_the_exact_reply(world):
    text = "\x1b[31mred\x1b[0m\r\n\t\u202eevil\x00\x9b end  \n\n"
    with ScriptedServer(reply(text, reasoning=["Hm."])) as server:
        assert world.run("--base-url", server.url, "Hi") == Ran(0, text, "")


def test_a_terminal_gets_a_safe_reply_with_a_line_end(world):
    with ScriptedServer(reply("\x1b[31mred")) as server:
        ran = world.run("--base-url", server.url, "Hi", stdout_tty=True)

    assert ran == Ran(0, "␛[31mred\n", "")


def test_colour_is_only_for_a_terminal_that_knows_colour(world):
    with ScriptedServer(status(400, failure("No."))) as server:
        plain = world.run("--base-url", server.url, "Hi")
        world.environ.update(TERM="xterm")
        red = world.run("--base-url", server.url, "Hi", stderr_tty=True)
        world.environ.update(NO_COLOR="1")
        uncoloured = world.run("--base-url", server.url, "Hi", stderr_tty=True)

    assert plain == uncoloured == Ran(1, "", "chatcli: error: No.\n")
    assert red == Ran(1, "", "chatcli: \x1b[31merror:\x1b[0m No.\n")


@pytest.mark.parametrize(
    ("flags", "environ", "red"),
    [
        (["--color", "never"], {"TERM": "xterm"}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "auto"], {"TERM": "dumb"}, False),
        ([], {"TERM": "xterm", "CHATCLI_COLOR": "never"}, False),
        (["--color", "always"], {"CHATCLI_COLOR": "never"}, True),
    ],
)
def test_errors_too_are_coloured_as_the_person_wants(world, flags, environ, red):
    world.environ.update(environ)
    of_a_setting = world.run(*flags, "--profile", "none", "Hi", stderr_tty=True)
    of_a_question = world.run(*flags, stderr_tty=True)

    assert ["\x1b" in ran.err for ran in (of_a_setting, of_a_question)] == [red, red]


def test_the_config_file_says_whether_there_are_colours(world):
    world.environ["TERM"] = "xterm"
    world.dirs.config.mkdir()
    (world.dirs.config / "config.toml").write_text('color = "never"\n')

    assert "\x1b" not in world.run("--base-url", "nonsense", "Hi", stderr_tty=True).err
    assert "\x1b" in world.run("--color", "always", "--base-url", "nonsense", "Hi").err


def test_a_pipe_gets_a_reply_drawn_where_that_is_asked_for_and_else_as_it_is(online):
    assert online.run("--raw", "Hi") == Ran(0, "Hello there.", "")
    assert online.run("--render", "Hi") == Ran(0, "Hello there.\n", "")


# Exit codes.


@pytest.mark.parametrize(
    ("answer", "code", "out", "complaint"),
    [
        (reply("All.", finish="stop"), 0, "All.", ""),
        (reply("Cut", finish="length"), 5, "Cut", "[stopped at the length limit]"),
        (reply("Cut", finish="content_filter"), 5, "Cut", "content filter"),
        (cut_after(delta(content="Cut"), by=CLOSE), 5, "Cut", "The connection was cut"),
        (reply("Cut", finish=None, usage=None, done=False), 5, "Cut", "[the reply was cut off]"),
        (status(400, failure("Bad temperature.")), 1, "", "error: Bad temperature."),
        (status(429, failure("No credit.", code="insufficient_quota")), 1, "", "no credit left"),
        (status(404, failure("The model 'x' does not exist.")), 1, "", "--model NAME"),
        (
            status(401, failure("Incorrect API key provided.")),
            3,
            "",
            "The server rejected the API key: Incorrect API key provided.",
        ),
        (status(403, failure("Not in your country.")), 3, "", "denies access: Not in your country."),
        (status(429, failure("Slow down.")), 75, "", "Too many requests: Slow down."),
        (status(503, failure("Overloaded.")), 75, "", "The server failed (503): Overloaded."),
        (no_answer(), 75, "", "No connection to"),
        (status(200, "<!doctype html><h1>Hello</h1>"), 1, "", "a web page"),
        (status(404, "<!doctype html><h1>Not found</h1>"), 1, "", "There is no chat API at this address"),
        (
            status(400, failure("Too long.", type="exceed_context_size_error", n_prompt_tokens=9, n_ctx=8)),
            4,
            "",
            "9 tokens do not fit into the context window of 8.",
        ),
    ],
)
def test_each_end_has_its_exit_code_and_says_why_on_stderr(world, answer, code, out, complaint):
    with ScriptedServer(answer) as server:
        ran = world.run("--base-url", server.url, "Hi")

    assert (ran.status, ran.out) == (code, out)
    assert complaint in ran.err
    assert "Traceback" not in ran.err


def test_four_tries_are_made_and_each_is_announced(world):
    with ScriptedServer(status(503)) as server:
        ran = world.run("--base-url", server.url, "Hi")

    assert world.clock.slept == [0.5, 1.0, 2.0]
    assert [line.partition("Trying")[2] for line in ran.err.splitlines()[:3]] == [
        " again in 0.5 s (2 of 4)",
        " again in 1 s (3 of 4)",
        " again in 2 s (4 of 4)",
    ]
    assert len(server.questions) == 4


def test_a_question_too_large_for_the_window_is_not_sent(online, server):
    ran = online.run("Sum up.", "--context", "512", stdin=b"The sea is wide. " * 1_000)

    assert (ran.status, ran.out) == (4, "")
    assert "tokens, and a prompt may have 384." in ran.err
    assert server.requests == []


@pytest.mark.parametrize(
    ("argv", "complaint", "hint"),
    [
        ([], "There is no question.", "Try: chatcli"),
        ([""], "There is no question.", "Try: chatcli"),
        (["--temprature", "1", "Hi"], "There is no flag --temprature.", "Did you mean --temperature?"),
        (["--temperature", "3", "Hi"], "must be a number from 0 to 2, not '3'", "--help"),
        (["local", "pul"], "takes one of pull, path, rm, not 'pul'.", "put it in quotes"),
        (["-f", "none.txt", "Hi"], "none.txt cannot be read: No such file or directory.", "Check its name."),
        (["-f", ".", "Hi"], ". cannot be read: Is a directory.", "Check its name."),
        (["-f", "a\udc80b", "Hi"], "a\udc80b cannot be read: No such file or directory.", "Check its name."),
        (["Gr\udcfc\udcdfe"], "The question is not valid utf-8: byte 0xfc at offset 2.", ""),
        (["half \udced\udca0\udcbd"], "The question is not valid utf-8: byte 0xed at offset 5.", ""),
    ],
)
def test_what_cannot_be_understood_ends_with_2_and_is_not_sent(online, server, argv, complaint, hint):
    ran = online.run(*argv)

    assert (ran.status, ran.out) == (2, "")
    assert complaint in ran.err
    assert hint in ran.err.splitlines()[1]
    assert server.requests == []


# Bytes that are not text.


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"Gr\xfc\xdfe", "stdin is not valid utf-8: byte 0xfc at offset 2."),
        (b"a" * 12_345 + b"\xff", "stdin is not valid utf-8: byte 0xff at offset 12,345."),
        (b"\x7fELF\x02\x00\x00", "stdin looks like a binary file (NUL at byte 5)."),
        (b"half a pair: \xed\xa0\xbd", "stdin is not valid utf-8: byte 0xed at offset 13."),
    ],
)
def test_bytes_that_are_no_text_are_refused_with_the_place(online, server, data, complaint):
    piped = online.run("What is this?", stdin=data)
    filed = online.run("-f", online.write("x", data).name, "What is this?")

    assert (piped.status, piped.out) == (filed.status, filed.out) == (2, "")
    assert complaint in piped.err
    assert complaint.replace("stdin", "x") in filed.err
    assert "--encoding" in piped.err.splitlines()[1]
    assert server.requests == []


def test_another_encoding_can_be_named(online, server):
    assert online.run("--encoding", "latin-1", stdin=b"Gr\xfc\xdfe").status == 0
    assert asked(server) == "Grüße"


def test_a_file_that_may_not_be_read_is_named(online):
    ran = online.run("-f", "/proc/self/mem", "Hi")

    assert (ran.status, ran.out) == (2, "")
    assert "/proc/self/mem cannot be read: " in ran.err


# Servers that are not there, or not what they should be.


@pytest.mark.parametrize(
    ("base_url", "code", "complaint"),
    [
        ("http://127.0.0.1:1/v1", 75, "Nobody listens at http://127.0.0.1:1/v1: the connection was refused."),
        ("https://no-such-host.invalid/v1", 75, "The host of https://no-such-host.invalid/v1 has no address"),
        ("http://10.0.0.1/v1", 3, "over plain http anybody on the way can read the key and every word."),
        ("localhost:8080", 3, "which is not a URL."),
    ],
)
def test_a_server_that_cannot_be_reached_is_named(world, base_url, code, complaint):
    ran = world.run("--base-url", base_url, "--model", "m", "Hi")

    assert (ran.status, ran.out) == (code, "")
    assert complaint in ran.err


def test_a_certificate_that_nobody_vouches_for_is_refused_with_the_way_out(world, tmp_path):
    with ScriptedServer(reply("Hello."), certificate=Certificate.made(tmp_path)) as server:
        ran = world.run("--base-url", server.url, "--model", "m", "Hi")

    assert (ran.status, ran.out) == (1, "")
    assert f"The certificate of {server.url} cannot be trusted: self-signed certificate." in ran.err
    assert "SSL_CERT_FILE" in ran.err.splitlines()[1]
    assert server.requests == []


# Keys.


@pytest.mark.parametrize(
    "environ", [{}, {"OPENAI_API_KEY": ""}, {"OPENAI_API_KEY": " "}, {"OPENAI_BASE_URL": ""}]
)
def test_a_missing_key_ends_with_3_and_advice(world, environ):
    world.environ.update(environ)

    ran = world.run("--model", "gpt-6-luna", "Hi")

    assert ran == Ran(
        3,
        "",
        "chatcli: error: There is no API key.\n"
        "  Set OPENAI_API_KEY, or talk to the embedded model with --model local.\n",
    )


def test_a_key_goes_where_it_was_given(online, server):
    online.run("Hi")

    assert server.questions[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("planted", "flags"),
    [("OPENAI_BASE_URL={url}\n", ()), ("", ("--base-url", "{url}"))],
)
def test_a_key_does_not_follow_to_another_address(world, server, planted, flags):
    world.environ.update(OPENAI_API_KEY=KEY)
    world.write(".env", planted.format(url=server.url))

    ran = world.run(*(flag.format(url=server.url) for flag in flags), "Hi")

    assert (ran.status, ran.out) == (0, "Hello there.")
    assert f"OPENAI_API_KEY (the environment) is not sent to {server.url}" in ran.err
    assert all(KEY not in str(request.headers) for request in server.requests)
    assert KEY not in ran.err


def test_a_key_that_is_named_goes_along(world, server):
    world.environ.update(OPENAI_API_KEY=KEY)

    ran = world.run("--base-url", server.url, "--key-env", "OPENAI_API_KEY", "Hi")

    assert ran == Ran(0, "Hello there.", "")
    assert server.questions[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_planted_env_file_runs_no_command_and_reads_no_file(online, server):
    online.write(
        ".env", f"CHATCLI_KEY_COMMAND=touch ran\nCHATCLI_KEY_FILE=/etc/passwd\nOPENAI_BASE_URL={server.url}"
    )
    del online.environ["OPENAI_BASE_URL"]

    ran = online.run("Hi")

    assert ran.status == 0
    assert not (online.cwd / "ran").exists()
    assert "CHATCLI_KEY_COMMAND" in ran.err
    assert "root:" not in str(server.requests)


# Configuration.


def test_each_place_gives_way_to_a_stronger_one(world):
    def shown(*flags):
        ran = world.run("config", "show", *flags)
        assert (ran.status, ran.err) == (0, "")
        return next(line.split(maxsplit=2)[1:] for line in ran.out.splitlines() if line.startswith("model "))

    assert shown() == ["-", "not set"]
    config = world.dirs.config / "config.toml"
    world.write(config, 'model = "file"\n[profiles.work]\nmodel = "profile"\n')
    assert shown() == ["file", f"{config} line 1"]
    assert shown("--profile", "work") == ["profile", f"{config} line 3"]
    world.write(world.dirs.config / ".env", "CHATCLI_MODEL=personal\n")
    assert shown("--profile", "work") == ["personal", f"{world.dirs.config / '.env'} line 1"]
    world.write(".env", "\nCHATCLI_MODEL=project\n")
    assert shown() == ["project", "./.env line 2"]
    world.environ["CHATCLI_MODEL"] = "environment"
    assert shown() == ["environment", "the environment (CHATCLI_MODEL)"]
    assert shown("--model", "flag") == ["flag", "--model"]


def test_a_key_is_shown_masked(world):
    world.environ["OPENAI_API_KEY"] = KEY

    ran = world.run("config", "show")

    assert "sk-…6789" in ran.out
    assert KEY not in ran.out + ran.err


def test_the_config_file_is_named(world):
    assert world.run("config", "path") == Ran(0, f"{world.dirs.config / 'config.toml'}\n", "")
    assert world.run("config", "path", "--config", "/x/y.toml").err.startswith("chatcli: error: ")


def test_the_config_file_is_edited_and_then_holds(online, server):
    editor = online.write("editor", '#!/bin/sh\necho "temperature = 0.25" >> "$1"\n')
    editor.chmod(stat.S_IRWXU)
    online.environ["EDITOR"] = str(editor)

    edited = online.run("config", "edit")
    online.run("Hi")

    assert edited == Ran(0, "", "")
    assert server.questions[0].json["temperature"] == 0.25


def test_an_editor_that_leaves_a_mistake_is_told_where(world):
    editor = world.write("editor", '#!/bin/sh\necho "temprature = 1" > "$1"\n')
    editor.chmod(stat.S_IRWXU)
    world.environ["VISUAL"] = str(editor)

    ran = world.run("config", "edit")

    assert (ran.status, ran.out) == (3, "")
    assert "temprature" in ran.err
    assert "line 1" in ran.err
    assert "temperature" in ran.err.splitlines()[1]


def test_an_editor_that_is_not_there_is_named(world):
    world.environ["EDITOR"] = "no-such-editor"

    ran = world.run("config", "edit")

    assert (ran.status, ran.out) == (3, "")
    assert ran.err.splitlines()[1] == "  Set EDITOR to your editor."


def test_a_config_file_that_is_a_mess_stops_everything(online, server):
    online.write(online.dirs.config / "config.toml", "model = \n")

    ran = online.run("Hi")

    assert (ran.status, ran.out) == (3, "")
    assert "config.toml" in ran.err
    assert server.requests == []


# Roles.


def test_a_role_answers_what_is_piped_to_it(online, server):
    ran = online.run("-r", "commit", stdin=b"+print(1)\n")

    assert ran == Ran(0, "Hello there.", "")
    system, diff = server.questions[0].json["messages"]
    assert system["role"] == "system"
    assert system["content"].startswith("You write commit messages.")
    assert diff == {"role": "user", "content": "+print(1)\n"}


def test_a_role_of_ones_own_says_what_is_sent_and_a_flag_says_otherwise(online, server):
    online.write(
        online.dirs.config / "roles/translate.md",
        '+++\nmodel = "house"\ntemperature = 0.25\ntop_p = 0.5\n+++\nYou translate into {{language}}.\n',
    )
    online.environ["CHATCLI_TEMPERATURE"] = "2"

    assert online.run("-r", "translate", "--var", "language=old Norse", "--top-p", "1", "Hi").status == 0
    sent = server.questions[0].json
    assert sent["messages"][0]["content"] == "You translate into old Norse."
    assert (sent["model"], sent["temperature"], sent["top_p"]) == ("house", 0.25, 1.0)


@pytest.mark.parametrize(
    ("argv", "code", "told"),
    [
        (["-r", "comit"], 3, "There is no role comit.\n  Did you mean commit?"),
        (["-r", "mine"], 3, "The role mine does not know what {{who}} is.\n  Say it: --var who=..."),
        (["--var", "who"], 2, "--var must be NAME=VALUE, not 'who'.\n  chatcli --help"),
        (["--var", "a b=c"], 2, "--var must be NAME=VALUE, not 'a b=c'.\n  chatcli --help"),
        (["--json-schema", "none.json"], 2, "none.json cannot be read: No such file or directory.\n  Check"),
        (["--json-schema", "list.json"], 2, "list.json must be a JSON schema, which is an object.\n  It was"),
        (["--repl"], 2, "--repl takes its questions from standard input.\n  Leave out the question"),
    ],
)
def test_a_role_or_a_schema_that_cannot_be_had_is_an_error_and_nothing_is_sent(online, argv, code, told):
    online.write(online.dirs.config / "roles/mine.md", "You are {{who}}.")
    online.write("list.json", "[]")

    ran = online.run(*argv, "Hi")

    assert (ran.status, ran.out) == (code, "")
    assert ran.err.startswith(f"chatcli: error: {told}")


def test_json_is_asked_for_by_a_flag_and_a_schema_by_its_file(online, server):
    online.write("city.json", '{"title": "City", "type": "object"}')
    online.run("--json", "Hi")
    online.run("--json-schema", "city.json", "Hi")

    assert [question.json["response_format"] for question in server.questions] == [
        {"type": "json_object"},
        {
            "type": "json_schema",
            "json_schema": {"name": "City", "schema": {"title": "City", "type": "object"}, "strict": True},
        },
    ]


# The rest.


def test_help_and_version_are_on_stdout(world):
    helped = world.run("--help")
    version = world.run("--version")

    assert (helped.status, helped.err) == (0, "")
    assert "usage: chatcli [flags] [question ...]" in helped.out
    assert (version.status, version.err) == (0, "")
    assert version.out.startswith("chatcli 0.")


def test_a_traceback_is_for_those_who_ask(world):
    shown = world.run("--debug", "--base-url", "localhost:1", "Hi").err
    hidden = world.run("--base-url", "localhost:1", "Hi").err

    assert "Traceback" in shown
    assert shown.endswith(hidden)
    assert len(hidden.splitlines()) == 2


def test_without_weights_the_advice_names_every_way(world):
    ran = world.run("Hi")

    assert (ran.status, ran.out) == (3, "")
    assert ran.err.splitlines()[-2:] == [
        "chatcli: error: There is no API key, no server and no embedded model.",
        "  Set OPENAI_API_KEY, name a server with --base-url, or run: chatcli local pull",
    ]


# Money.


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (("--max-total-tokens", "10"), "max_total_tokens is 10."),
        (("--max-cost", "0.0001"), "max_cost is $0.0001."),
    ],
)
def test_a_question_that_could_pass_the_caps_is_not_sent(world, flags, complaint):
    with ScriptedServer(reply("Hello.")) as server:
        ran = world.run("--base-url", server.url, "--model", "gpt-6-luna", *flags, "Hi")

    assert (ran.status, ran.out) == (1, "")
    assert complaint in ran.err
    assert server.questions == []


def test_prices_of_ones_own_count_towards_the_caps(world):
    world.dirs.config.mkdir()
    prices = '[models."house"]\nwindow = 1000\nprice = { prompt = 1000.0, completion = 1000.0 }\n'
    (world.dirs.config / "config.toml").write_text(prices)
    with ScriptedServer(reply("Hello.")) as server:
        dear = world.run("--base-url", server.url, "--model", "house", "--max-cost", "0.1", "Hi")
        fine = world.run("--base-url", server.url, "--model", "house", "--max-cost", "1", "Hi")

    assert (dear.status, fine.status, fine.out) == (1, 0, "Hello.")
    assert len(server.questions) == 1


def test_who_asks_for_a_model_that_was_shut_down_is_told(world):
    world.environ["OPENAI_API_KEY"] = "sk-x"
    ran = world.run("--max-total-tokens", "1", "--model", "gpt-4", "Hi")

    assert ran.err.startswith("gpt-4 was shut down on 2026-10-23; try gpt-")
