"""``chatcli models`` through the program's front door."""

import json
import re
from io import StringIO

import pytest

from chatcli.cli import main
from chatcli.env import Dirs, Env
from tests.servers.scripted import ScriptedServer, failure, served, status


@pytest.fixture
def run(tmp_path):
    dirs = Dirs(*(tmp_path / name for name in ("config", "cache", "data", "state")))

    def run(*argv, **environ):
        out, err = StringIO(), StringIO()
        done = main(argv, Env(None, out, err, environ, tmp_path, dirs))
        return done, out.getvalue(), err.getvalue()

    return run


def test_without_a_server_the_catalog_is_listed_and_no_key_is_needed(run):
    done, out, err = run("models")

    assert (done, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) > 100
    assert [line for line in lines if line.startswith("gpt-6-luna ")] == [
        "gpt-6-luna                             1,050,000  $0.10 in, $0.50 out"
    ]
    assert re.search(r"^gpt-4 +8,192  \$30.00 in, \$60.00 out  retired 2026-10-23$", out, re.MULTILINE)


def test_with_a_server_what_it_serves_is_listed_with_its_windows(run):
    listing = status(200, {"data": [{"id": "small", "max_model_len": 2048}, {"id": "untold"}]})
    with ScriptedServer(models=listing) as server:
        assert run("models", "--base-url", server.url) == (0, "small   2,048\nuntold\n", "")


def test_a_server_that_tells_the_window_of_one_model_at_a_time_is_asked_for_each(run):
    also = {"/api/ps": status(200, {"models": [{"name": name, "context_length": 512} for name in "ab"]})}
    with ScriptedServer(models=served("a", "b"), also=also) as server:
        assert run("models", OPENAI_BASE_URL=server.url) == (0, "a  512\nb  512\n", "")


def test_a_server_that_lists_nothing_is_an_error_with_a_hint(run):
    with ScriptedServer(models=status(404, failure("Not Found"))) as server:
        done, out, err = run("models", OPENAI_BASE_URL=server.url)

    assert (done, out) == (1, "")
    assert err.startswith("chatcli: error: ")
    assert len(err.splitlines()) == 2


def test_a_name_that_would_steer_the_terminal_is_not_printed(run):
    listing = status(200, json.loads('{"data": [{"id": "\\u001b[2Jboo"}, {"id": "good"}]}'))
    with ScriptedServer(models=listing) as server:
        assert run("models", OPENAI_BASE_URL=server.url)[1] == "good\n"


def test_models_takes_nothing_but_flags(run):
    done, out, err = run("models", "are", "cool")

    assert (done, out) == (2, "")
    assert "chatcli models takes nothing but flags, not 'are cool'." in err
    assert "put it in quotes" in err
