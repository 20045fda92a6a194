"""The context window in the whole program: asked for when it matters, and learnt from a refusal."""

from io import BytesIO, StringIO

import pytest

from chatcli.cli import main
from chatcli.env import Dirs, Env
from tests.fakes import FakeClock
from tests.servers.scripted import ScriptedServer, failure, reply, status

TOO_LONG = status(
    400,
    failure(
        "This model's maximum context length is 2048 tokens. However, your messages resulted in 9000 tokens.",
        code="context_length_exceeded",
    ),
)


@pytest.fixture
def run(tmp_path):
    dirs = Dirs(*(tmp_path / name for name in ("config", "cache", "data", "state")))

    def run(server, text):
        out, err = StringIO(), StringIO()
        environ = {"OPENAI_BASE_URL": server.url, "CHATCLI_MODEL": "m"}
        env = Env(BytesIO(text.encode()), out, err, environ, tmp_path, dirs, clock=FakeClock())
        return main([], env), err.getvalue()

    return run


def test_a_short_question_is_sent_without_another(run):
    with ScriptedServer(reply("Yes.")) as server:
        assert run(server, "Is it?") == (0, "")
        assert [asked.path for asked in server.requests] == ["/v1/chat/completions"]


def test_a_long_question_is_fitted_into_the_window_that_the_server_tells(run):
    listing = status(200, {"data": [{"id": "m", "max_model_len": 512}]})
    with ScriptedServer(reply("Yes."), models=listing) as server:
        done, err = run(server, "word " * 1000)

        assert done == 4
        assert "a prompt may have 384." in err
        assert server.questions == []


def test_a_window_that_a_refusal_told_is_known_in_the_next_run(run):
    with ScriptedServer(TOO_LONG) as server:
        assert run(server, "word " * 3000)[0] == 4
        assert len(server.questions) == 1

        done, err = run(server, "word " * 3000)

        assert done == 4
        assert "a prompt may have 1,536." in err
        assert len(server.questions) == 1
