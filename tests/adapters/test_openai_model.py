import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import httpx2
import pytest

from chatcli.adapters.memory_file import RefusalsFile
from chatcli.adapters.openai_api.model import OpenAIModel
from chatcli.core.events import Answering, Notice, ReasoningDelta, Request, TextDelta
from chatcli.core.messages import Finish, Image, Message, Role, Usage
from chatcli.core.params import Params
from chatcli.errors import AuthError, BrokenReply, ModelError, RateLimited, Rejected, TooLong, Unreachable
from tests.servers.scripted import (
    CLOSE,
    HANG,
    PATIENCE_SECONDS,
    RESET,
    Certificate,
    Pause,
    ScriptedServer,
    body,
    cut_after,
    data,
    delta,
    failure,
    no_answer,
    not_http,
    pings,
    reply,
    served,
    silence,
    status,
    whole,
    zipped,
)

KEY = "sk-secret-0123456789"
HELLO = (Message(Role.USER, "Hello"),)
DONE = "data: [DONE]\n\n"


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


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    try:
        return Certificate.made(tmp_path_factory.mktemp("tls"))
    except FileNotFoundError:
        pytest.skip("needs the program openssl")


def hello(model="scripted", **params):
    return Request(model, HELLO, Params(**params))


@dataclass
class Heard:
    """All that one call said: chunks, and the error that ended it."""

    chunks: list = field(default_factory=list)
    error: ModelError | None = None

    def text(self, kind=TextDelta):
        return "".join(chunk.text for chunk in self.chunks if isinstance(chunk, kind))

    @property
    def finish(self):
        return next((chunk for chunk in self.chunks if isinstance(chunk, Finish)), None)


def hear(model, request=None):
    heard = Heard()
    call = model.stream(request or hello())
    try:
        for chunk in call:
            heard.chunks.append(chunk)
    except ModelError as error:
        heard.error = error
    finally:
        call.close()
    return heard


def refused(model, request=None):
    heard = hear(model, request)
    assert heard.error is not None, heard.chunks
    return heard.error


# What is sent.


def test_a_reply_comes_in_pieces_with_its_end_and_its_usage(model_at):
    gate = threading.Event()
    with ScriptedServer(reply("Hel", gate, "lo", usage=(9, 2))) as server:
        call = iter(model_at(server.url).stream(hello()))

        assert next(call) == TextDelta("Hel")  # while the rest is still held back
        gate.set()
        assert list(call) == [TextDelta("lo"), Finish.STOP, Usage(9, 2)]


def test_only_what_is_set_is_sent(model_at):
    with ScriptedServer(reply("Hi")) as server:
        hear(model_at(server.url))

    asked = server.questions[0]
    assert (asked.method, asked.path) == ("POST", "/v1/chat/completions")
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.json == {
        "model": "scripted",
        "messages": [{"role": "user", "content": "Hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_every_parameter_that_is_set_is_sent_as_the_api_wants_it(model_at):
    params = {
        "temperature": 0.0,
        "top_p": 0.5,
        "max_tokens": 64,
        "stop": ("END", "\n\n"),
        "seed": 7,
        "presence_penalty": -0.5,
        "frequency_penalty": 0.25,
        "reasoning_effort": "low",
        "response_format": "json_object",
    }
    with ScriptedServer(reply("{}")) as server:
        hear(model_at(server.url), hello(**params))

    sent = server.questions[0].json
    wanted = params | {"stop": ["END", "\n\n"], "response_format": {"type": "json_object"}}
    assert {name: sent[name] for name in params} == wanted


def test_the_whole_conversation_is_sent_in_order(model_at):
    said = [(Role.SYSTEM, "Be brief."), (Role.USER, "1?"), (Role.ASSISTANT, "1!"), (Role.USER, "2? 😀\u2028")]
    with ScriptedServer(reply("2!")) as server:
        hear(model_at(server.url), Request("scripted", tuple(Message(*each) for each in said)))

    assert server.questions[0].json["messages"] == [
        {"role": role.value, "content": text} for role, text in said
    ]


SHOT = Image("shot.png", "image/png", b"\x89PNG", 800, 600)
PHOTO = Image("photo.jpg", "image/jpeg", b"\xff\xd8\xff", 800, 600)
LOOK = Request("scripted", (Message(Role.USER, "What is this?", images=(SHOT, PHOTO)),))


def test_a_message_with_images_is_sent_in_parts_and_any_other_as_a_text(model_at):
    chat = (*LOOK.messages, Message(Role.ASSISTANT, "A cat."), Message(Role.USER, "Sure?"))
    with ScriptedServer(reply("Yes")) as server:
        hear(model_at(server.url), LOOK._replace(messages=chat))

    assert server.questions[0].json["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}},
                {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,/9j/"}},
            ],
        },
        {"role": "assistant", "content": "A cat."},
        {"role": "user", "content": "Sure?"},
    ]


def test_a_model_that_takes_no_images_is_named_and_not_asked_again(model_at):
    blind = status(500, failure("image input is not supported - hint: you may need the mmproj", code=500))
    with ScriptedServer(blind) as server:
        error = refused(model_at(server.url), LOOK)

    assert (type(error), error.message, error.retryable) == (Rejected, "scripted takes no pictures.", False)
    assert error.hint == "Choose another with --model NAME or /model NAME."


def test_pictures_of_an_earlier_question_can_be_left_out(model_at):
    blind = status(400, failure("image_url is only supported by certain models."))
    chat = (*LOOK.messages, Message(Role.ASSISTANT, "A cat."), Message(Role.USER, "Sure?"))
    with ScriptedServer(blind) as server:
        error = refused(model_at(server.url), LOOK._replace(messages=chat))
    assert error.hint.endswith("In a chat, /drop N leaves out the turn in which they came.")


def test_the_same_words_about_a_question_without_images_are_the_servers_own(model_at):
    with ScriptedServer(status(400, failure("image input is not supported"))) as server:
        error = refused(model_at(server.url))

    assert error.message == "image input is not supported."


def test_openai_itself_is_asked_for_completion_tokens_by_their_new_name(model_at):
    def answer(request):
        asked.append(json.loads(request.content))
        return httpx2.Response(200, text=delta(content="Hi") + DONE)

    asked = []
    transport = httpx2.MockTransport(answer)
    hear(model_at("https://api.openai.com/v1/", transport=transport), hello(max_tokens=64))

    assert asked[0]["max_completion_tokens"] == 64
    assert "max_tokens" not in asked[0]


def test_a_reply_in_one_piece_is_not_asked_for_as_a_stream(model_at):
    with ScriptedServer(whole("Hello", reasoning_content="Hm", usage=(9, 2))) as server:
        heard = hear(model_at(server.url), Request("scripted", HELLO, stream=False))

    assert heard.chunks == [ReasoningDelta("Hm"), TextDelta("Hello"), Finish.STOP, Usage(9, 2)]
    assert {"stream", "stream_options"}.isdisjoint(server.questions[0].json)


def test_without_a_model_the_first_one_that_is_served_is_asked(model_at):
    with ScriptedServer(reply("Hi"), models=served("first", "second")) as server:
        model = model_at(server.url)
        heard = hear(model, hello(None))
        hear(model, hello(None))

    assert heard.chunks[:2] == [Answering("first"), TextDelta("Hi")]
    assert [asked.path for asked in server.requests] == ["/v1/models", *["/v1/chat/completions"] * 2]
    assert [asked.json["model"] for asked in server.questions] == ["first", "first"]


@pytest.mark.parametrize(
    "listing", [served(), status(200, []), status(200, "<html>"), status(200, {"data": 7})]
)
def test_a_server_that_lists_no_models_wants_one_named(model_at, listing):
    with ScriptedServer(reply("Hi"), models=listing) as server:
        error = refused(model_at(server.url), hello(None))

    assert isinstance(error, Rejected)
    assert (error.message, error.hint) == (
        "This server does not say which models it serves.",
        "Name one with --model.",
    )


def test_organization_and_project_are_sent_when_they_are_given(model_at):
    with ScriptedServer(reply("Hi")) as server:
        hear(model_at(server.url, organization="org-1", project="proj_1"))

    headers = server.questions[0].headers
    assert (headers["openai-organization"], headers["openai-project"]) == ("org-1", "proj_1")


def test_no_key_sends_a_placeholder(model_at):
    with ScriptedServer(reply("Hi")) as server:
        hear(model_at(server.url, api_key=None))

    assert server.questions[0].headers["authorization"] == "Bearer none"


# What the environment may and may not do; it is a process's own, so a process is started for each.

CHILD = """
import sys
from pathlib import Path
from chatcli.adapters.openai_api.model import OpenAIModel
from chatcli.adapters.memory_file import RefusalsFile
from chatcli.core.events import Request, TextDelta
from chatcli.core.messages import Message, Role
from chatcli.errors import ModelError

refusals = RefusalsFile(Path(sys.argv[2]))
model = OpenAIModel(base_url=sys.argv[1], api_key="sk-secret-0123456789", refusals=refusals, timeout=10)
try:
    model.warm()
    chunks = model.stream(Request("scripted", (Message(Role.USER, "Hello"),)))
    print("".join(chunk.text for chunk in chunks if isinstance(chunk, TextDelta)))
except ModelError as error:
    print(type(error).__name__, error.message, error.hint, sep="|")
model.close()
"""


def heard_in(environ, url, tmp_path):
    plain = {name: text for name, text in os.environ.items() if not name.lower().endswith("_proxy")}
    command = [sys.executable, "-W", "error", "-c", CHILD, url, tmp_path / "refusals.json"]
    child = subprocess.run(
        command, env=plain | environ, capture_output=True, text=True, timeout=60, check=True
    )
    assert child.stderr == ""
    return child.stdout.rstrip("\n")


def test_organization_project_and_key_of_the_environment_are_not_sent(tmp_path):
    environ = {
        "OPENAI_API_KEY": "sk-another",
        "OPENAI_ADMIN_KEY": "sk-admin",
        "OPENAI_ORG_ID": "org-1",
        "OPENAI_PROJECT_ID": "proj_1",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "OPENAI_CUSTOM_HEADERS": "X-Stray: 1\nAuthorization: Bearer sk-stray",
    }
    with ScriptedServer(reply("Hi")) as server:
        assert heard_in(environ, server.url, tmp_path) == "Hi"

    headers = server.questions[0].headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert {"openai-organization", "openai-project", "x-stray"}.isdisjoint(headers)


def test_no_proxy_leads_to_this_machine(tmp_path):
    proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY"), "http://127.0.0.1:9")
    with ScriptedServer(reply("Hi")) as server:
        assert heard_in(proxies, server.url, tmp_path) == "Hi"
        assert heard_in({"ALL_PROXY": "socks5://127.0.0.1:9"}, server.url, tmp_path) == "Hi"


def test_a_proxy_is_asked_for_any_other_machine(tmp_path):
    with ScriptedServer(reply("Hi")) as proxy:
        proxies = {"HTTP_PROXY": f"http://127.0.0.1:{proxy.port}"}
        heard_in(proxies, "http://chat.invalid/v1", tmp_path)

    assert [asked.path for asked in proxy.requests] == ["http://chat.invalid/v1/chat/completions"]


def test_a_socks_proxy_without_its_package_says_which_one(tmp_path):
    heard = heard_in({"ALL_PROXY": "socks5://127.0.0.1:9"}, "http://chat.invalid/v1", tmp_path)

    assert heard == "Unreachable|A SOCKS proxy is set, and its package is missing.|Try: pip install socksio"


def test_a_proxy_that_is_none_is_named(tmp_path):
    heard = heard_in({"ALL_PROXY": "gopher://127.0.0.1:9"}, "http://chat.invalid/v1", tmp_path)

    assert heard.startswith("Unreachable|The proxy that the environment names cannot be used: ")
    assert heard.endswith("|Check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY.")


def test_ssl_cert_file_names_whom_to_trust(certificate, tmp_path):
    with ScriptedServer(reply("Hi"), certificate=certificate) as server:
        assert heard_in({"SSL_CERT_FILE": str(certificate.file)}, server.url, tmp_path) == "Hi"


@pytest.mark.parametrize("name", ["missing.pem", "key.pem"])
def test_an_ssl_cert_file_that_holds_no_certificate_is_named(certificate, tmp_path, name):
    environ = {"SSL_CERT_FILE": str(certificate.file.with_name(name))}

    heard = heard_in(environ, "https://127.0.0.1:9/v1", tmp_path)

    assert heard.startswith("Unreachable|The certificates to trust cannot be read: ")
    assert heard.endswith("|Check the file that SSL_CERT_FILE names.")


# What a stream can hold.


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
def test_reasoning_comes_before_the_answer(model_at, key):
    with ScriptedServer(reply("4", reasoning=["2 ", "+ 2"], reasoning_key=key)) as server:
        heard = hear(model_at(server.url))

    assert (heard.text(ReasoningDelta), heard.text(), heard.finish) == ("2 + 2", "4", Finish.STOP)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("stop", Finish.STOP), ("length", Finish.LENGTH), ("content_filter", Finish.FILTERED)],
)
def test_the_finish_reason_is_told(model_at, reason, finish):
    with ScriptedServer(reply("Hi", finish=reason)) as server:
        assert hear(model_at(server.url)).finish is finish


def test_a_stream_that_is_done_and_gave_no_reason_has_stopped(model_at):
    with ScriptedServer(reply("Hi", finish=None)) as server:
        assert hear(model_at(server.url)).finish is Finish.STOP


def test_a_stream_that_gave_its_reason_and_ended_is_complete(model_at):
    with ScriptedServer(reply("Hi", done=False)) as server:
        heard = hear(model_at(server.url))

    assert (heard.text(), heard.finish, heard.error) == ("Hi", Finish.STOP, None)


@pytest.mark.parametrize("by", [CLOSE, RESET, HANG])
def test_what_goes_wrong_after_the_finish_reason_is_not_worth_a_word(model_at, by):
    stop = data({"choices": [{"delta": {}, "finish_reason": "stop"}]})
    with ScriptedServer(cut_after(delta(content="Hi"), stop, by=by)) as server:
        heard = hear(model_at(server.url, timeout=1.0))

    assert (heard.text(), heard.finish, heard.error) == ("Hi", Finish.STOP, None)


@pytest.mark.parametrize("by", [CLOSE, RESET])
def test_a_connection_cut_in_mid_body_keeps_the_text_and_says_so(model_at, by):
    gate = threading.Event()
    with ScriptedServer(cut_after(delta(content="Hel"), gate, by=by)) as server:
        chunks = iter(model_at(server.url).stream(hello()))
        assert next(chunks) == TextDelta("Hel")
        gate.set()
        with pytest.raises(BrokenReply) as caught:
            next(chunks)

    assert (caught.value.message, caught.value.hint) == (
        "The connection was cut before the reply was complete.",
        "Try again.",
    )


def test_a_body_that_ends_in_order_before_the_reply_does_is_truncated(model_at):
    with ScriptedServer(reply("Hel", finish=None, usage=None, done=False)) as server:
        heard = hear(model_at(server.url))

    assert (heard.text(), heard.finish) == ("Hel", None)
    assert isinstance(heard.error, BrokenReply)
    assert heard.error.message == "The reply broke off: the server ended it without saying that it was done."


NOTHING = "The server's answer holds no reply."
NO_JSON = "The server sent bytes that are no JSON in the middle of the reply."
NO_COMPLETION = "The server sent something that is not a chat completion."


@pytest.mark.parametrize(
    "page",
    [
        status(200, "<!doctype html><title>Welcome</title>"),
        body(" \n<html>", content_type="text/event-stream"),
    ],
)
def test_a_web_page_is_the_wrong_address(model_at, page):
    with ScriptedServer(page) as server:
        error = refused(model_at(server.url))
    assert isinstance(error, Rejected)
    assert error.message == "The server answered with a web page, not with a reply."


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (body(), NOTHING),
        (body("\n\n"), NOTHING),
        (body(DONE), NOTHING),
        (body("data: {}\n\n", DONE), NOTHING),
        (body("retry: 3000\n\n", "id: 7\n\n"), NOTHING),
        (body(": ping\n\n"), NOTHING),
        (body("It works!", content_type="text/plain"), NOTHING),
        (status(200, {}), NOTHING),
        (status(200, {"object": "list", "data": []}), NOTHING),
        (body("{oops"), NO_JSON),
        (body("data: {oops\n\n"), NO_JSON),
        (body("data: " + "[" * 100_000 + "\n\n"), NO_JSON),
        (body(b'data: "\xff"\n\n'), NO_JSON),
        (body('data: "str"\n\n'), NO_COMPLETION),
        (body("data: [1, 2]\n\n"), NO_COMPLETION),
        (body("data: 7\n\n"), NO_COMPLETION),
        (status(200, ["x"]), NO_COMPLETION),
        (body(data({"error": {"message": "Oops"}})), "The server broke off with an error: Oops."),
        (body(data({"error": "Oops"})), "The server broke off with an error: Oops."),
        (body('event: error\ndata: {"message": "Oops"}\n\n'), "The server broke off with an error: Oops."),
        (body('event: error\ndata: "Oops"\n\n'), "The server broke off with an error: Oops."),
        (status(200, {"detail": "Oops"}), "The server broke off with an error: Oops."),
        (status(200, failure("Oops")), "The server broke off with an error: Oops."),
        (body(b"no gzip", content_encoding="gzip"), "The connection was cut before the reply was complete."),
    ],
)
def test_what_is_no_reply_is_said_to_be_none(model_at, answer, message):
    with ScriptedServer(answer) as server:
        error = refused(model_at(server.url))

    assert isinstance(error, BrokenReply)
    assert error.message == message
    assert error.hint


@pytest.mark.parametrize(
    "broken",
    ["data: {oops\n\n", 'data: "str"\n\n', data({"error": {"message": "Oops"}}), "event: error\ndata: 7\n\n"],
)
def test_the_text_before_an_error_is_kept_even_in_the_same_piece(model_at, broken):
    with ScriptedServer(body(delta(content="Hel") + delta(content="lo") + broken)) as server:
        heard = hear(model_at(server.url))

    assert heard.text() == "Hello"
    assert isinstance(heard.error, BrokenReply)


def test_signs_of_life_between_the_pieces_do_no_harm(model_at):
    noise = ": ping\n\nretry: 3000\n\nid: 7\n\nevent: ping\ndata: {}\n\n"
    pieces = [noise, delta(content="Hel"), noise, data({"choices": None}), delta(content="lo"), noise, DONE]
    with ScriptedServer(body(*pieces)) as server:
        heard = hear(model_at(server.url))

    assert (heard.text(), heard.finish) == ("Hello", Finish.STOP)


@pytest.mark.parametrize("sign", [": ping\n\n", "\n", "data: {}\n\n", "event: ping\ndata: {}\n\n"])
def test_signs_of_life_and_nothing_else_are_not_waited_for_without_end(model_at, sign):
    with ScriptedServer(pings(sign)) as server:
        error = refused(model_at(server.url, timeout=1.0))
        server.until(lambda server: server.hang_ups == 1)

    assert isinstance(error, BrokenReply)
    assert error.message == "The server sent nothing but signs of life for 1 s."
    assert error.hint == "Raise --timeout if this model needs longer."


def test_silence_in_mid_body_has_an_end(model_at):
    with ScriptedServer(body(delta(content="Hel"), HANG)) as server:
        heard = hear(model_at(server.url, timeout=1.0))
        server.until(lambda server: server.hang_ups == 1)

    assert heard.text() == "Hel"
    assert isinstance(heard.error, BrokenReply)
    assert heard.error.message == "The server fell silent for 1 s."


@pytest.mark.parametrize(
    "content_type", [None, "application/json", "text/plain", "text/html; charset=latin-1"]
)
def test_a_stream_is_read_whatever_it_is_called(model_at, content_type):
    with ScriptedServer(body(delta(content="Grüße 😀"), DONE, content_type=content_type)) as server:
        assert hear(model_at(server.url)).text() == "Grüße 😀"


def test_one_object_is_read_where_a_stream_was_asked_for(model_at):
    with ScriptedServer(whole("Hello", finish="length", usage=(9, 2))) as server:
        assert hear(model_at(server.url)).chunks == [TextDelta("Hello"), Finish.LENGTH, Usage(9, 2)]


def test_one_object_may_come_after_blank_lines_and_in_pieces(model_at):
    pieces = ["\n", "\n", '{"choices": [{"mess', 'age": {"content": "Hello"}}]}']
    with ScriptedServer(body(*pieces, content_type="application/json")) as server:
        assert hear(model_at(server.url)).text() == "Hello"


def test_a_compressed_stream_is_read(model_at):
    with ScriptedServer(zipped(delta(content="Hel"), delta(content="lo"), DONE)) as server:
        assert hear(model_at(server.url)).text() == "Hello"


STREAM = (
    'data: {"choices": [{"delta": {"content": "é\u2028😀\\ud83d\\ude00"}}]}\r\n\r\n'
    'data: {"choices": [{"delta": {"content": "\\n"}, "finish_reason": "length"}]}\n\ndata: [DONE]\n\n'
).encode()


def test_wherever_the_bytes_are_torn_the_reply_is_the_same(model_at):
    torn = [body(STREAM[:at], STREAM[at:]) for at in range(1, len(STREAM))]
    with ScriptedServer(*torn) as server:
        model = model_at(server.url)
        replies = {(heard.text(), heard.finish) for heard in (hear(model) for _ in torn)}

    assert replies == {("é\u2028😀😀\n", Finish.LENGTH)}
    assert (len(server.questions), server.connections) == (len(torn), 1)


def test_a_stream_in_single_bytes_is_the_same_too(model_at):
    with ScriptedServer(body(*(bytes([byte]) for byte in STREAM))) as server:
        assert hear(model_at(server.url)).text() == "é\u2028😀😀\n"


def test_pieces_of_64_kb_are_read(model_at):
    text = "0123456789abcdef" * 4096 * 8
    events = "".join(delta(content=part) for part in map("".join, zip(*[iter(text)] * 1000, strict=False)))
    rest = delta(content=text[len(text) // 1000 * 1000 :])
    stream = (events + rest + DONE).encode()
    borders = [*range(0, len(stream), 65_536), len(stream)]
    with ScriptedServer(body(*(stream[start:end] for start, end in pairwise(borders)))) as server:
        assert hear(model_at(server.url)).text() == text


def test_a_character_torn_between_two_events_is_whole(model_at):
    halves = [delta(content="\ud83d"), delta(content="\ude00")]  # as escapes, like all JSON here
    with ScriptedServer(body(*halves, DONE), body(halves[0], DONE)) as server:
        model = model_at(server.url)

        assert hear(model).text() == "😀"
        assert hear(model).text() == "\ufffd"


def test_what_comes_after_the_end_is_not_read(model_at):
    with ScriptedServer(body(delta(content="Hi"), DONE + delta(content="no"), "data: {oops\n\n")) as server:
        heard = hear(model_at(server.url))

    assert (heard.text(), heard.finish, heard.error) == ("Hi", Finish.STOP, None)


def test_garbage_after_the_chunked_body_does_no_harm(model_at):
    with ScriptedServer([*reply("Hi"), b"garbage", CLOSE], reply("again")) as server:
        model = model_at(server.url)

        assert hear(model).text() == "Hi"
        server.until(lambda server: server.open == 0)
        assert hear(model).text() == "again"


# Errors of a status.


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (status(400, failure("No.")), Rejected, "No."),
        (status(401, failure("No.")), AuthError, "The server rejected the API key: No."),
        (status(403, failure("No.")), AuthError, "The server denies access: No."),
        (status(404, failure("No such model")), Rejected, "No such model."),
        (status(404, "<html>"), Rejected, "There is no chat API at this address (404)."),
        (status(404), Rejected, "There is no chat API at this address (404)."),
        (status(413, "<html>"), TooLong, "The prompt is longer than the context window."),
        (status(422, {"detail": [{"loc": ["body", "n"], "msg": "No."}]}), Rejected, "n: No."),
        (status(429, failure("Slow.")), RateLimited, "Too many requests: Slow."),
        (
            status(429, failure("Pay.", code="insufficient_quota")),
            Rejected,
            "The account behind this key has no credit left.",
        ),
        (status(500, {"detail": "Oops"}), Unreachable, "The server failed (500): Oops."),
        (status(502, "<html>Bad gateway</html>"), Unreachable, "The server failed (502)."),
        (status(503), Unreachable, "The server failed (503)."),
        (
            status(302, location="http://127.0.0.1:9/"),
            Rejected,
            "The server redirects (302) in place of an answer.",
        ),
        (status(307, location="/v2"), Rejected, "The server redirects (307) in place of an answer."),
    ],
)
def test_every_status_becomes_an_error_of_ours(model_at, answer, kind, message):
    with ScriptedServer(answer) as server:
        error = refused(model_at(server.url))

    assert (type(error), error.message) == (kind, message)
    assert len(server.requests) == 1


def test_an_overflow_brings_the_servers_numbers(model_at):
    words = failure("too long", type="exceed_context_size_error", n_prompt_tokens=1035, n_ctx=512)
    with ScriptedServer(status(400, words)) as server:
        error = refused(model_at(server.url))

    assert isinstance(error, TooLong)
    assert (error.prompt_tokens, error.window) == (1035, 512)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after_ms": "1500"}, 1.5),
        ({"retry_after": "Thu, 01 Jan 1970 00:02:00 GMT"}, 20.0),
        ({}, None),
    ],
)
def test_how_long_the_server_wants_to_rest_is_told(model_at, headers, seconds):
    with ScriptedServer(status(429, failure("Slow."), **headers)) as server:
        error = refused(model_at(server.url, now=lambda: 100.0))

    assert (error.retryable, error.retry_after) == (True, seconds)


def test_the_server_may_forbid_another_try(model_at):
    with ScriptedServer(status(503, None, x_should_retry="false")) as server:
        assert not refused(model_at(server.url)).retryable


def test_an_empty_account_is_not_worth_another_try(model_at):
    words = failure("Pay.", type="insufficient_quota", code="insufficient_quota")
    with ScriptedServer(status(429, words, retry_after="1")) as server:
        assert not refused(model_at(server.url)).retryable


@pytest.mark.parametrize(
    "answer",
    [
        status(401, failure(f"Incorrect API key provided: {KEY}")),
        status(401, {"detail": f"Bearer {KEY} is unknown"}),
        status(429, failure(f"{KEY} is out of credit", code="insufficient_quota")),
        body(data({"error": {"message": f"{KEY} was revoked"}})),
    ],
)
def test_the_key_is_in_no_error_even_if_the_server_repeats_it(model_at, answer):
    with ScriptedServer(answer) as server:
        error = refused(model_at(server.url))

    assert KEY not in f"{error} {error!r} {error.message} {error.hint}"
    assert "***" in error.message + error.hint


def test_a_placeholder_for_a_key_is_a_word_like_any_other(model_at):
    with ScriptedServer(status(400, failure("There is none."))) as server:
        assert refused(model_at(server.url, api_key="none")).message == "There is none."


def test_half_a_character_is_not_sent(model_at):
    with ScriptedServer(reply("Hi")) as server:
        error = refused(model_at(server.url), Request("scripted", (Message(Role.USER, "\udcff"),)))

    assert isinstance(error, Rejected)
    assert "lone surrogate" in error.message
    assert server.requests == []


# The way to the server.


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_a_port_where_nobody_listens(model_at):
    url = f"http://127.0.0.1:{free_port()}/v1"
    error = refused(model_at(url))

    assert isinstance(error, Unreachable)
    assert error.message == f"Nobody listens at {url}: the connection was refused."
    assert error.hint == "Is the server running? Check the base URL."
    assert error.retryable


def test_a_host_that_has_no_address(model_at):
    error = refused(model_at("http://chat.invalid/v1"))

    assert isinstance(error, Unreachable)
    assert error.message.startswith("The host of http://chat.invalid/v1 has no address: ")
    assert error.hint == "Check the base URL and the network."


@pytest.mark.parametrize(
    "url", ["http://a..b/v1", f"http://{'a' * 64}.invalid/v1", "http://xn--a.invalid/v1"]
)
def test_a_name_that_no_host_can_have(model_at, url):
    error = refused(model_at(url))

    assert isinstance(error, Unreachable)
    assert url in error.message


@pytest.mark.parametrize("answer", [no_answer(), no_answer(by=RESET), not_http()])
def test_a_server_that_does_not_answer_in_http(model_at, answer):
    with ScriptedServer(answer) as server:
        error = refused(model_at(server.url))

    assert isinstance(error, Unreachable)
    assert error.message.startswith(f"No connection to {server.url}: ")
    assert error.retryable


def test_silence_before_the_first_header_has_an_end(model_at):
    with ScriptedServer(silence()) as server:
        error = refused(model_at(server.url, timeout=0.2))
        server.until(lambda server: server.hang_ups == 1)

    assert isinstance(error, Unreachable)
    assert error.message == f"No answer from {server.url} for 0.2 s."
    assert not error.retryable


def test_a_certificate_that_nobody_vouches_for(model_at, certificate):
    with ScriptedServer(reply("Hi"), certificate=certificate) as server:
        error = refused(model_at(server.url))

    assert isinstance(error, Rejected)
    assert error.message.startswith(f"The certificate of {server.url} cannot be trusted: self")
    assert error.hint == "Set SSL_CERT_FILE to a file with the authority's certificate."
    assert server.requests == []
    assert not error.retryable


def test_a_certificate_of_somebody_else(model_at, tmp_path):
    try:
        other = Certificate.made(tmp_path, "DNS:other.invalid")
    except FileNotFoundError:
        pytest.skip("needs the program openssl")
    with ScriptedServer(reply("Hi"), certificate=other) as server:
        error = refused(model_at(server.url, transport=trusting(other)))

    assert error.message.startswith(f"The certificate of {server.url} cannot be trusted: IP address mismatch")
    assert not error.message.endswith("..")


def test_a_server_without_tls_where_tls_was_expected(model_at):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer():
            line, _ = listener.accept()
            with line:
                line.recv(1)
                line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                while line.recv(1000):
                    pass

        server = threading.Thread(target=answer, daemon=True)
        server.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/v1"
        error = refused(model_at(url))
        server.join(PATIENCE_SECONDS)

    assert isinstance(error, Rejected)
    assert error.message.startswith(f"TLS with {url} failed: ")
    assert error.hint.startswith("Is this an http:// server?")


# Parameters that a model refuses.


def unsupported(param, instead=""):
    words = f"Unsupported parameter: '{param}' is not supported with this model."
    words += f" Use '{instead}' instead." if instead else ""
    return status(400, failure(words, code="unsupported_parameter", param=param))


def test_a_parameter_with_a_new_name_is_renamed_and_sent_again(model_at):
    with ScriptedServer(unsupported("max_tokens", "max_completion_tokens"), reply("Hi")) as server:
        heard = hear(model_at(server.url), hello(max_tokens=64))

    assert heard.chunks[0] == Notice("scripted takes max_completion_tokens in place of max_tokens")
    assert heard.text() == "Hi"
    first, second = (asked.json for asked in server.questions)
    assert second == {name: first[name] for name in first if name != "max_tokens"} | {
        "max_completion_tokens": 64
    }
    assert server.connections == 1


def test_parameters_that_are_refused_one_after_the_other_are_all_left_out(model_at):
    with ScriptedServer(unsupported("temperature"), unsupported("top_p"), reply("Hi")) as server:
        heard = hear(model_at(server.url), hello(temperature=0.2, top_p=0.5, seed=7))

    assert heard.chunks[:2] == [
        Notice("scripted takes no temperature: left out"),
        Notice("scripted takes no top_p: left out"),
    ]
    assert heard.text() == "Hi"
    sent = server.questions[2].json
    assert {"temperature", "top_p"}.isdisjoint(sent)
    assert sent["seed"] == 7


def test_a_model_that_may_not_stream_replies_in_one_piece(model_at):
    words = failure(
        "Your organization must be verified to stream this model.", code="unsupported_value", param="stream"
    )
    with ScriptedServer(status(400, words), whole("Hello")) as server:
        heard = hear(model_at(server.url))

    assert heard.chunks[:2] == [Notice("scripted takes no stream: left out"), TextDelta("Hello")]
    assert {"stream", "stream_options"}.isdisjoint(server.questions[1].json)


def test_a_server_without_stream_options_streams_all_the_same(model_at):
    words = {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]}
    with ScriptedServer(status(422, words), reply("Hi", usage=None)) as server:
        heard = hear(model_at(server.url))

    assert heard.chunks == [
        Notice("scripted takes no stream_options: left out"),
        TextDelta("Hi"),
        Finish.STOP,
    ]
    assert server.questions[1].json["stream"] is True


def test_a_refusal_is_told_once_and_never_met_again(model_at):
    with ScriptedServer(unsupported("temperature"), reply("Hi")) as server:
        model = model_at(server.url)
        hear(model, hello(temperature=0.2))
        again = hear(model, hello(temperature=0.2))

    assert not any(isinstance(chunk, Notice) for chunk in again.chunks)
    assert ["temperature" in asked.json for asked in server.questions] == [True, False, False]


def test_a_refusal_is_remembered_by_the_next_program(model_at):
    with ScriptedServer(unsupported("max_tokens", "max_completion_tokens"), reply("Hi")) as server:
        hear(model_at(server.url), hello(max_tokens=64))
        hear(model_at(server.url), hello(max_tokens=32))

    assert len(server.questions) == 3
    assert server.questions[2].json["max_completion_tokens"] == 32


def test_another_model_is_not_judged_by_the_first_ones_refusal(model_at):
    with ScriptedServer(unsupported("temperature"), reply("Hi")) as server:
        model = model_at(server.url)
        hear(model, hello(temperature=0.2))
        hear(model, hello("other", temperature=0.2))

    assert server.questions[2].json["temperature"] == 0.2


def test_a_server_that_refuses_whatever_it_is_sent_is_left_in_the_end(model_at):
    to_and_fro = [
        unsupported("max_tokens", "max_completion_tokens"),
        unsupported("max_completion_tokens", "max_tokens"),
        unsupported("max_tokens", "max_completion_tokens"),
    ]
    with ScriptedServer(*to_and_fro) as server:
        error = refused(model_at(server.url), hello(max_tokens=64))

    assert isinstance(error, Rejected)
    assert len(server.questions) == 3


# One connection for many turns.


def test_the_connection_of_a_complete_reply_serves_the_next_question(model_at):
    with ScriptedServer(reply("one"), whole("two"), reply("three", done=False), reply("four")) as server:
        model = model_at(server.url)
        texts = [hear(model).text() for _ in range(4)]

    assert texts == ["one", "two", "three", "four"]
    assert server.connections == 1


def test_a_server_that_never_ends_its_body_does_not_hold_us_up(model_at):
    with ScriptedServer(body(delta(content="Hi"), DONE, HANG), reply("again")) as server:
        model = model_at(server.url)
        heard = hear(model)
        server.until(lambda server: server.hang_ups == 1)

        assert (heard.text(), heard.finish, heard.error) == ("Hi", Finish.STOP, None)
        assert hear(model).text() == "again"


def test_a_connection_that_the_server_ended_meanwhile_is_replaced(model_at):
    with ScriptedServer([*reply("one"), CLOSE], reply("two")) as server:
        model = model_at(server.url)

        assert hear(model).text() == "one"
        server.until(lambda server: server.open == 0)
        assert hear(model).text() == "two"
        assert server.connections == 2


def test_a_broken_reply_leaves_no_connection_behind(model_at):
    with ScriptedServer(body("data: {oops\n\n", HANG)) as server:
        refused(model_at(server.url))
        server.until(lambda server: server.hang_ups == 1)


def test_closing_the_model_closes_its_connections(model_at):
    with ScriptedServer(reply("Hi")) as server:
        model = model_at(server.url)
        hear(model)
        model.close()
        server.until(lambda server: server.hang_ups == 1)


# Hanging up.


class Reading(threading.Thread):
    """Reads a call in a thread of its own."""

    def __init__(self, call):
        super().__init__(daemon=True)
        self.began = threading.Event()
        self.error = None
        self._call = call
        self.start()

    def run(self):
        try:
            for _ in self._call:
                self.began.set()
        except BaseException as error:  # noqa: BLE001 - any would be one too many
            self.error = error

    def ended(self):
        self.join(PATIENCE_SECONDS)
        return not self.is_alive() and self.error is None


def trusting(certificate):
    return httpx2.HTTPTransport(verify=ssl.create_default_context(cafile=certificate.file))


PHASES = {
    "before the first header": silence(),
    "after the headers": body(HANG),
    "between the lines of a status": [b"HTTP/1.1 200 OK\r\n", HANG],
    "in an error": [b"HTTP/1.1 500 Oops\r\nContent-Length: 9\r\n\r\n{", HANG],
    "in one object": body('{"choices": [', HANG, content_type="application/json"),
    "among signs of life": pings(),
    "among blank lines": pings("\n"),
}


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize("answer", PHASES.values(), ids=PHASES.keys())
def test_closing_from_another_thread_hangs_up_in_every_phase(model_at, certificate, answer, secure):
    with ScriptedServer(answer, reply("again"), certificate=certificate if secure else None) as server:
        model = model_at(server.url, timeout=600, transport=trusting(certificate) if secure else None)
        call = model.stream(hello())
        reading = Reading(call)
        server.until(lambda server: server.questions)

        call.close()
        call.close()

        assert reading.ended()
        server.until(lambda server: server.questions[0].abandoned)
        assert hear(model).text() == "again"


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize(
    "more", [(HANG,), (delta(content="lo"), Pause(0.001)) * 10_000], ids=["silent", "busy"]
)
def test_closing_hangs_up_in_mid_reply(model_at, certificate, more, secure):
    answer = body(delta(content="Hel"), *more)
    with ScriptedServer(answer, certificate=certificate if secure else None) as server:
        model = model_at(server.url, timeout=600, transport=trusting(certificate) if secure else None)
        call = model.stream(hello())
        reading = Reading(call)
        assert reading.began.wait(PATIENCE_SECONDS)

        call.close()

        assert reading.ended()
        server.until(lambda server: server.questions[0].abandoned)


def test_closing_while_the_models_are_listed_hangs_up(model_at):
    with ScriptedServer(models=silence()) as server:
        call = model_at(server.url, timeout=600).stream(hello(None))
        reading = Reading(call)
        server.until(lambda server: server.requests)

        call.close()

        assert reading.ended()
        server.until(lambda server: server.requests[0].abandoned)


def test_closing_hangs_up_on_the_connection_that_listed_the_models(model_at):
    with ScriptedServer(silence()) as server:
        call = model_at(server.url, timeout=600).stream(hello(None))
        reading = Reading(call)
        server.until(lambda server: server.questions)

        call.close()

        assert reading.ended()
        server.until(lambda server: server.questions[0].abandoned)


def test_closing_hangs_up_on_a_connection_of_an_earlier_reply(model_at):
    with ScriptedServer(reply("one"), silence()) as server:
        model = model_at(server.url, timeout=600)
        hear(model)
        call = model.stream(hello())
        reading = Reading(call)
        server.until(lambda server: len(server.questions) == 2)

        call.close()

        assert reading.ended()
        server.until(lambda server: server.questions[1].abandoned)
        assert server.connections == 1


@pytest.mark.parametrize("aside", [OpenAIModel.served, lambda model: model.window("scripted")])
def test_closing_hangs_up_after_a_question_beside_the_chat(model_at, aside):
    with ScriptedServer(silence()) as server:
        model = model_at(server.url, timeout=600)
        aside(model)
        call = model.stream(hello())
        reading = Reading(call)
        server.until(lambda server: server.questions)

        call.close()

        assert reading.ended()
        server.until(lambda server: server.questions[0].abandoned)


def test_closing_during_the_tls_handshake_hangs_up(model_at):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE_SECONDS)
        call = model_at(f"https://127.0.0.1:{listener.getsockname()[1]}/v1", timeout=600).stream(hello())
        reading = Reading(call)
        line, _ = listener.accept()
        with line:
            line.settimeout(PATIENCE_SECONDS)
            assert line.recv(1)  # the client has begun, and waits for an answer

            call.close()

            assert reading.ended()
            while line.recv(1000):
                pass  # until its end


@pytest.mark.skipif(sys.platform != "linux", reason="how a full queue behaves is the system's own matter")
def test_a_connection_that_comes_about_after_closing_is_not_used(model_at):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        listener.settimeout(PATIENCE_SECONDS)
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):  # fills the queue: who comes next has to wait
            call = model_at(f"http://127.0.0.1:{port}/v1", timeout=600).stream(hello())
            reading = Reading(call)
            while not connecting(port):
                assert reading.is_alive()

            call.close()

            listener.accept()[0].close()
            line, _ = listener.accept()
            with line:
                line.settimeout(PATIENCE_SECONDS)
                assert line.recv(1) == b""
            assert reading.ended()


def connecting(port):
    """Whether somebody is on the way to this port (state 02 is SYN_SENT)."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(row[2].endswith(f":{port:04X}") and row[3] == "02" for row in rows)


def test_closing_before_the_first_look_sends_nothing(model_at):
    with ScriptedServer(reply("Hi")) as server:
        call = model_at(server.url).stream(hello())
        call.close()

        assert list(call) == []
        assert server.connections == 0


def test_closing_from_the_reading_thread_ends_the_reply(model_at):
    with ScriptedServer(body(delta(content="Hel"), HANG)) as server:
        call = model_at(server.url).stream(hello())
        chunks = iter(call)
        assert next(chunks) == TextDelta("Hel")

        call.close()

        assert list(chunks) == []
        server.until(lambda server: server.questions[0].abandoned)


def test_closing_after_the_end_keeps_the_connection(model_at):
    with ScriptedServer(reply("Hi")) as server:
        model = model_at(server.url)
        for _ in range(2):
            call = model.stream(hello())
            assert TextDelta("Hi") in list(call)
            call.close()
            call.close()

        assert (server.connections, server.hang_ups) == (1, 0)
