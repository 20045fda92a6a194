"""What a server tells of its models, asked over a real socket; and the exact count of the real llama.cpp."""

from contextlib import closing
from pathlib import Path

import httpx2
import platformdirs
import pytest

from chatcli.adapters.local_model import LocalServer, Setup
from chatcli.adapters.memory_file import RefusalsFile
from chatcli.adapters.openai_api.line import OPENAI_URL
from chatcli.adapters.openai_api.model import OpenAIModel
from chatcli.adapters.weights import Weights
from chatcli.core.events import Request
from chatcli.core.messages import Message, Role, Usage
from chatcli.core.params import Params
from chatcli.core.wire.windows import Served, Told
from chatcli.errors import AuthError, Rejected, Unreachable
from tests.servers.scripted import (
    CLOSE,
    RESET,
    ScriptedServer,
    body,
    cut_after,
    failure,
    no_answer,
    not_http,
    pings,
    reply,
    served,
    silence,
    status,
)

KEY = "sk-secret-0123456789"
HELLO = Request("scripted", (Message(Role.SYSTEM, "Be brief."), Message(Role.USER, "Hello")))


@pytest.fixture
def model_at(tmp_path):
    """Makes models whose connections are closed in the end."""
    made = []

    def make(url, **given):
        given = {
            "api_key": KEY,
            "refusals": RefusalsFile(tmp_path / "refusals.json"),
            "timeout": 10.0,
        } | given
        made.append(OpenAIModel(base_url=url, **given))
        return made[-1]

    yield make
    for model in made:
        model.close()


def listing(*entries):
    return status(200, {"object": "list", "data": list(entries)})


def asked(server):
    return [(request.method, request.path) for request in server.requests]


def test_a_listing_that_tells_the_window_is_all_that_is_asked(model_at):
    with ScriptedServer(models=listing({"id": "a"}, {"id": "b", "max_model_len": 2048})) as server:
        assert model_at(server.url).window("b") == Told(2048)
        assert asked(server) == [("GET", "/v1/models")]
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


OLLAMA_HAS = {"/api/show": status(200, {"model_info": {"llama.context_length": 131072}})}
OLLAMA_RUNS = {"/api/ps": status(200, {"models": [{"name": "qwen:7b", "context_length": 16384}]})}
LM_STUDIO = {
    "/api/v0/models": listing({"id": "qwen:7b", "loaded_context_length": 8192}),
    "/api/ps": status(200, {"error": "Unexpected endpoint or method. (GET /api/ps)"}),
    "/api/show": status(200, {"error": "Unexpected endpoint or method. (POST /api/show)"}),
}


@pytest.mark.parametrize(
    ("also", "told"),
    [
        (OLLAMA_HAS, Told(4096, settled=False)),
        (OLLAMA_HAS | OLLAMA_RUNS, Told(16384)),
        (LM_STUDIO, Told(8192)),
        ({}, None),
    ],
)
@pytest.mark.parametrize("name", ["qwen:7b", None])
def test_a_server_that_lists_no_windows_is_asked_in_its_own_way(model_at, also, told, name):
    with ScriptedServer(models=served("qwen:7b", "other"), also=also) as server:
        assert model_at(server.url).window(name) == told
        shows = [request for request in server.requests if request.path == "/api/show"]
        assert all(request.json == {"model": "qwen:7b"} for request in shows)


@pytest.mark.parametrize(
    "answer",
    [
        status(500, failure("Broken.")),
        status(401, failure(f"Wrong key {KEY}.")),
        status(302, location="http://127.0.0.1:1/"),
        status(200, "<html>Welcome</html>"),
        body("{oops", content_type="application/json"),
        body("[" * 100_000),
        body(b"\xff\xfe\x00"),
        body(""),
        cut_after('{"data": [', by=CLOSE),
        cut_after('{"data": [', by=RESET),
        no_answer(),
        not_http(),
    ],
    ids=str,
)
def test_a_server_that_answers_anything_else_has_told_nothing(model_at, answer):
    also = dict.fromkeys(
        ("/api/ps", "/api/show", "/api/v0/models", "/v1/chat/completions/input_tokens"), answer
    )
    with ScriptedServer(models=answer, also=also) as server:
        model = model_at(server.url)
        assert model.window("m") is None
        assert model.count(HELLO) is None


def test_nobody_at_the_address_has_told_nothing(model_at):
    assert model_at("http://127.0.0.1:1/v1").window("m") is None


@pytest.mark.parametrize("answer", [silence(), pings(" ")], ids=["silent", "dripping"])
def test_a_server_that_keeps_us_waiting_is_asked_nothing_more(model_at, answer):
    with ScriptedServer(models=answer) as server:
        assert model_at(server.url).window("m") is None
        assert asked(server) == [("GET", "/v1/models")]


def test_openai_is_not_asked(model_at):
    seen = []

    def answer(request):
        seen.append(request)
        return httpx2.Response(404)

    model = model_at(OPENAI_URL, transport=httpx2.MockTransport(answer))
    assert model.window("gpt-6-luna") is None
    assert model.count(HELLO) is None
    assert seen == []


def test_a_question_beside_the_chat_leaves_no_connection_that_a_reply_could_not_be_hung_up_on(model_at):
    with ScriptedServer(reply("Hi")) as server:
        model = model_at(server.url)
        list(model.stream(HELLO))
        model.window("scripted")
        list(model.stream(HELLO))

        beside = {request.connection for request in server.requests if request.method == "GET"}
        last = server.questions[-1]
        assert last.connection not in beside
        assert all(
            request.headers["connection"] == "close" for request in server.requests if request.method == "GET"
        )


def test_the_models_of_a_server_are_listed(model_at):
    with ScriptedServer(models=listing({"id": "a"}, {"id": "b", "context_length": 4096})) as server:
        assert model_at(server.url).served() == (Served("a"), Served("b", 4096))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (status(401, failure(f"Incorrect key: {KEY}")), AuthError),
        (status(404, failure("Not Found")), Rejected),
        (status(200, "<html>"), Rejected),
        (listing(), Rejected),
        (no_answer(), Unreachable),
    ],
)
def test_a_list_that_cannot_be_had_is_an_error_without_the_key(model_at, answer, kind):
    with ScriptedServer(models=answer) as server:
        with pytest.raises(kind) as caught:
            model_at(server.url).served()
        assert KEY not in f"{caught.value.message} {caught.value.hint} {caught.value}"


def test_a_server_that_counts_is_given_the_messages_and_one_that_does_not_is_asked_once(model_at):
    path = "/v1/chat/completions/input_tokens"
    with ScriptedServer(also={path: status(200, {"input_tokens": 31})}) as server:
        model = model_at(server.url)
        assert (model.count(HELLO), model.count(HELLO)) == (31, 31)
        assert server.requests[0].json == {
            "model": "scripted",
            "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}],
        }
    with ScriptedServer() as server:
        model = model_at(server.url)
        assert (model.count(HELLO), model.count(HELLO)) == (None, None)
        assert asked(server) == [("POST", path)]


# The real llama.cpp server.


@pytest.fixture(scope="module")
def llama():
    weights = Weights(Path(platformdirs.user_cache_dir("chatcli", appauthor=False))).pull(
        lambda _done, _total: None
    )
    with closing(LocalServer(Setup(str(weights), 512, 1))) as server:
        server.ready.result()
        yield server


def test_llama_cpp_tells_its_window_to_any_name(model_at, llama):
    model = model_at(f"{llama.ready.result()}/v1", api_key=llama.key)
    assert model.window("anything") == model.window(None) == Told(512)
    assert [one.window for one in model.served()] == [512]


@pytest.mark.parametrize("text", ["Hello", "Съешь же ещё этих мягких булок.", "x = {'a': [1, 2]}\n" * 40])
def test_llama_cpp_counts_a_prompt_as_it_will_charge_for_it(model_at, llama, text):
    model = model_at(f"{llama.ready.result()}/v1", api_key=llama.key)
    messages = (Message(Role.SYSTEM, "Be brief."), Message(Role.USER, text))
    request = Request(None, messages, Params(max_tokens=1))

    charged = next(chunk.prompt for chunk in model.stream(request) if isinstance(chunk, Usage))

    assert model.count(request) == charged


def test_who_has_no_key_is_told_nothing_by_llama_cpp(model_at, llama):
    model = model_at(f"{llama.ready.result()}/v1", api_key=None)
    assert model.window("anything") is None
    assert model.count(HELLO) is None
