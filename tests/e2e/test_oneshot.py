"""One-shot as a shell meets it: real processes, their streams, signals and exit codes."""

import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.world import PATIENCE, Ran, interrupted
from tests.servers.scripted import HANG, ScriptedServer, reply, silence

CONSOLE_SCRIPT = (str(Path(sys.executable).with_name("chatcli")),)


@pytest.fixture
def server():
    with ScriptedServer(reply("Grüße", " vom Meer.")) as server:
        yield server


def asked(server):
    """The last message of each question that came."""
    return [question.json["messages"][-1]["content"] for question in server.questions]


def test_a_question_is_answered_on_stdout_and_nothing_else_is_said(world, server):
    ran = world.run("--base-url", server.url, "Hello", "there")

    assert ran == Ran(0, "Grüße vom Meer.".encode(), "")
    assert asked(server) == ["Hello there"]


def test_a_file_on_stdin_is_the_question_when_there_is_no_other(world, server):
    (world.home / "prompt.txt").write_bytes(b"  Two lines,\r\n\tunchanged.\n\n")

    ran = world.shell(f"chatcli --base-url {server.url} < prompt.txt")

    assert ran == Ran(0, "Grüße vom Meer.".encode(), "")
    assert asked(server) == ["  Two lines,\r\n\tunchanged.\n\n"]


def test_what_is_piped_goes_ahead_of_the_question(world, server):
    ran = world.shell(f"echo 1 2 3 | chatcli --base-url {server.url} Add them up")

    assert ran.status == 0
    assert asked(server) == ["stdin:\n```\n1 2 3\n```\n\nAdd them up"]


def test_the_console_script_is_the_same_program(world, server):
    ran = world.run("--base-url", server.url, "Hello", command=CONSOLE_SCRIPT)

    assert ran == Ran(0, "Grüße vom Meer.".encode(), "")


@pytest.mark.parametrize("locale", ["C", "POSIX", "de_DE.ISO-8859-1", "no_SUCH"])
def test_every_locale_gets_utf_8(world, server, locale):
    poor = world.having(LANG=locale, LC_ALL=locale, PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")

    ran = poor.run("--base-url", server.url, "Größe", stdin="Maße".encode())

    assert ran == Ran(0, "Grüße vom Meer.".encode(), "")
    assert asked(server) == ["stdin:\n```\nMaße\n```\n\nGröße"]


@pytest.mark.parametrize("home", ["/dev/null", "/proc/1", "", "relative", None])
def test_no_home_and_no_terminal_to_speak_of_are_no_trouble(world, server, home):
    rooms = {f"XDG_{room}_HOME": str(world.home) for room in ("CONFIG", "CACHE", "STATE", "DATA")}
    kept = home not in {"/dev/null", "/proc/1"}  # else nothing could be written there
    homeless = world.having(HOME=home, TERM="dumb", **(rooms if kept else {}))

    ran = homeless.run("--base-url", server.url, "Hello")

    assert (ran.status, ran.out) == (0, "Grüße vom Meer.".encode())
    assert ran.err == "" if kept else "sessions.db cannot be used" in ran.err


def test_closed_streams_are_no_trouble(world, server):
    ask = f"chatcli --base-url {server.url} Hello"

    assert world.shell(f"{ask} <&-") == Ran(0, "Grüße vom Meer.".encode(), "")
    assert world.shell(f"{ask} 2>&-") == Ran(0, "Grüße vom Meer.".encode(), "")
    assert world.shell(f"{ask} <&- >&- 2>&-") == Ran(0, b"", "")


def test_with_stdin_closed_and_no_question_there_is_nothing_to_ask(world):
    ran = world.shell("chatcli <&-")

    assert (ran.status, ran.out) == (2, b"")
    assert ran.err.startswith("chatcli: error: There is no question.")


def test_a_full_disk_behind_stdout_is_an_error_in_one_line(world, server):
    ran = world.shell(f"chatcli --base-url {server.url} Hello > /dev/full")

    assert (ran.status, ran.err) == (1, "chatcli: error: The system refused: No space left on device.\n")


@pytest.mark.parametrize("words", [["Hello"], ["--help"], ["--version"], ["config", "show"]])
def test_a_reader_who_has_had_enough_ends_it_quietly(world, words):
    with ScriptedServer(reply(*["0123456789" * 1_000] * 100)) as server:
        base_url = ["--base-url", server.url] if words == ["Hello"] else []
        ran = world.shell(
            f"chatcli {' '.join([*base_url, *words])} | head -c 1 > /dev/null; exit ${{PIPESTATUS[0]}}"
        )

    assert ran.status in {0, 141}
    assert (ran.out, ran.err) == (b"", "")


def test_ctrl_c_in_the_middle_of_a_reply_leaves_what_came_and_hangs_up(world):
    with (
        ScriptedServer(reply("Once upon", HANG)) as server,
        world.running("--base-url", server.url, "A story!") as process,
    ):
        came = process.stdout.read(9)
        ran = interrupted(process)
        server.until(lambda server: server.questions[0].abandoned)

    assert (came, ran) == (b"Once upon", Ran(130, b"", "[interrupted]\n"))


def test_ctrl_c_before_the_first_byte_ends_it_at_once(world):
    with (
        ScriptedServer(silence()) as server,
        world.running("--base-url", server.url, "A story!") as process,
    ):
        server.until(lambda server: server.questions)
        ran = interrupted(process)
        server.until(lambda server: server.questions[0].abandoned)

    assert ran == Ran(130, b"", "[interrupted]\n")


def test_ctrl_c_while_the_program_loads_ends_it_without_a_traceback(world):
    slow = (sys.executable, "-X", "importtime", "-m", "chatcli")
    with world.running("--version", command=slow) as process:
        while b"argparse" not in process.stderr.readline():
            pass
        ran = interrupted(process)

    assert ran.status == 130
    assert "Traceback" not in ran.err


def test_sigterm_ends_it_and_hangs_up(world):
    with (
        ScriptedServer(reply("Once upon", HANG)) as server,
        world.running("--base-url", server.url, "A story!") as process,
    ):
        process.stdout.read(9)
        ran = interrupted(process, signal.SIGTERM)
        server.until(lambda server: server.questions[0].abandoned)

    assert ran == Ran(128 + signal.SIGTERM, b"", "")


def test_a_million_blanks_are_only_blanks(world, server):
    many = b"a" + b" " * 1_000_000 + b"b"

    ran = world.run("--base-url", server.url, "--context", "100000", stdin=many)

    assert ran.status == 0
    assert asked(server) == [many.decode()]


def test_ten_megabytes_are_refused_with_both_numbers_and_nothing_is_sent(world, server):
    ran = world.run("--base-url", server.url, "Sum up.", stdin=b"The sea is wide. " * 600_000)

    assert (ran.status, ran.out) == (4, b"")
    assert "tokens, and a prompt may have" in ran.err
    assert len(ran.err.splitlines()) == 2
    assert server.questions == []


def test_two_runs_at_the_same_time_do_not_know_of_each_other(world):
    with ScriptedServer(reply("Yes.")) as server, ThreadPoolExecutor() as both:
        runs = [both.submit(world.run, "--base-url", server.url, text) for text in ("one", "two")]

        assert [run.result(PATIENCE) for run in runs] == [Ran(0, b"Yes.", "")] * 2
    assert sorted(asked(server)) == ["one", "two"]


def test_a_large_reply_arrives_to_the_last_byte(world):
    pieces = [f"{number:06}\n" for number in range(20_000)]
    with ScriptedServer(reply(*pieces)) as server:
        ran = world.run("--base-url", server.url, "Count")

    assert ran == Ran(0, "".join(pieces).encode(), "")
