import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import platformdirs
import pytest

from chatcli.adapters.local_model import COMMAND, LocalModel, LocalServer, Setup, threads_for
from chatcli.adapters.openai_api.model import OpenAIModel
from chatcli.adapters.weights import Weights
from chatcli.core.events import Request, TextDelta
from chatcli.core.messages import Finish, Message, Role, Usage
from chatcli.core.params import Params
from chatcli.errors import Unavailable

HELLO = Request("local", (Message(Role.USER, "Say hello."),), Params(temperature=0.0, max_tokens=8))
NEVER_READY = ["sleep", "1000"]
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc, or needs SIGIO on pipes")


class Spoken:
    """The plainest model there is: one request, one reply, over urllib."""

    def __init__(self, url, key):
        self.url, self.key = url, key

    def stream(self, request):
        body = {
            "messages": [
                {"role": message.role.value, "content": message.text} for message in request.messages
            ],
            **request.params.given(),
        }
        reply = ask(self.url + "/v1/chat/completions", self.key, body)["choices"][0]
        yield TextDelta(reply["message"]["content"])
        yield Finish(reply["finish_reason"])


def ask(url, key, body=None):
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None)
    request.add_header("Content-Type", "application/json")
    if key:
        request.add_header("Authorization", f"Bearer {key}")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def window(url, key):
    return ask(url + "/v1/models", key)["data"][0]["meta"]["n_ctx"]


def text(chunks):
    return "".join(chunk.text for chunk in chunks if isinstance(chunk, TextDelta))


def refusal(model, name="local", context=None):
    with pytest.raises(Unavailable) as caught:
        list(model.stream(Request(name, (), context=context)))
    return caught.value


def until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited for too long"
        time.sleep(0.01)


def answers(url):
    try:
        ask(url + "/health", None)
    except OSError:
        return False
    return True


def running(pid):
    """Neither gone nor a zombie that nobody has asked for."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def telling_its_pid(pid_file, command=COMMAND):
    """The same command, by way of a shell that writes down the number of the process."""
    return ["sh", "-c", 'echo $$ >"$0"; exec "$@"', str(pid_file), *command]


@pytest.fixture(scope="session")
def weights():
    return Weights(Path(platformdirs.user_cache_dir("chatcli", appauthor=False))).pull(
        lambda _done, _total: None
    )


@pytest.fixture
def toy(weights):
    """The embedded model at its smallest."""
    with closing(LocalModel(weights, 512, 1, Spoken)) as model:
        yield model


@pytest.fixture
def launched(tmp_path):
    """Makes models whose server is any command; the GGUF file only looks like one."""
    fake = tmp_path / "fake.gguf"
    fake.write_bytes(b"GGUF")
    made = []

    def make(command, speak=Spoken, patience=30.0):
        model = LocalModel(fake, 512, 1, speak, lambda setup: LocalServer(setup, command, patience))
        made.append(model)
        return model

    yield make
    for model in made:
        model.close()


@pytest.mark.parametrize(("cpus", "threads"), [(1, 1), (2, 1), (4, 3), (64, 63)])
def test_one_cpu_is_left_to_the_others(cpus, threads):
    assert threads_for(cpus) == threads


def test_the_model_answers(toy):
    *deltas, end = toy.stream(HELLO)
    assert text(deltas)
    assert end in {Finish.STOP, Finish.LENGTH}


def test_turns_share_one_server_and_one_voice(toy):
    first = toy.server("local")
    list(toy.stream(HELLO))
    voice = toy.speak(first.ready.result(), first.key)
    list(toy.stream(HELLO))
    assert toy.server("local") is first
    assert toy.speak(first.ready.result(), first.key) is voice


def test_only_who_has_the_key_is_answered(toy):
    server = toy.server("local")
    url = server.ready.result()
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask(url + "/v1/models", None)
    with caught.value as refused:
        assert refused.code == 401
    assert window(url, server.key) == 512


def test_the_server_listens_on_loopback_only(toy):
    assert toy.server("local").ready.result().startswith("http://127.0.0.1:")


@linux
def test_the_key_is_neither_an_argument_nor_in_the_environment(weights, tmp_path):
    server = LocalServer(Setup(str(weights), 512, 1), telling_its_pid(tmp_path / "pid"))
    with closing(server):
        server.ready.result()
        process = Path("/proc", (tmp_path / "pid").read_text().strip())
        assert b"llama_server.py" in (process / "cmdline").read_bytes()
        assert server.key.encode() not in (process / "cmdline").read_bytes()
        assert server.key.encode() not in (process / "environ").read_bytes()


def test_another_context_window_starts_another_server(toy):
    before = toy.server("local")
    assert window(before.ready.result(), before.key) == 512
    after = toy.server("local", 1024)
    assert window(after.ready.result(), after.key) == 1024
    assert not before.alive


def test_a_path_takes_the_place_of_the_shipped_weights(toy, weights, tmp_path, monkeypatch):
    (tmp_path / "mine.gguf").symlink_to(weights)
    monkeypatch.setenv("HOME", str(tmp_path))
    before = toy.server("local")
    after = toy.server("local:~/mine.gguf")
    assert after.setup.model == str(tmp_path / "mine.gguf")
    assert after.ready.result()
    assert not before.alive


def test_a_server_that_crashed_is_started_again(weights, tmp_path):
    pid_file = tmp_path / "pid"
    launch = lambda setup: LocalServer(setup, telling_its_pid(pid_file))  # noqa: E731 - the door takes one
    with closing(LocalModel(weights, 512, 1, Spoken, launch)) as model:
        first = model.server("local")
        assert text(model.stream(HELLO))
        os.kill(int(pid_file.read_text()), signal.SIGSEGV)
        until(lambda: not first.alive)
        assert text(model.stream(HELLO))
        assert model.server("local") is not first


def test_a_closed_model_has_no_server(toy):
    server = toy.server("local")
    url = server.ready.result()
    toy.close()
    assert not server.alive
    assert not answers(url)


def test_a_warmed_model_has_its_server_ready(toy):
    toy.warm("local")
    assert toy.server("local").ready.done()


def test_warming_what_does_not_exist_leaves_the_error_to_the_turn(toy):
    toy.warm("local:/nowhere/model.gguf")
    assert refusal(toy, "local:/nowhere/model.gguf").message == "There is no model file /nowhere/model.gguf."


def test_a_file_that_is_no_model_is_refused_when_the_turn_begins(toy, weights, tmp_path):
    start = weights.read_bytes()[:1_000_000]
    (tmp_path / "directory.gguf").mkdir()
    (tmp_path / "empty.gguf").write_bytes(b"")
    (tmp_path / "text.gguf").write_text("Once upon a time there was a model.")
    (tmp_path / "bare.gguf").write_bytes(b"GGUF")
    (tmp_path / "cut.gguf").write_bytes(start)
    (tmp_path / "noise.gguf").write_bytes(b"GGUF" + bytes(range(256)) * 100)
    os.mkfifo(tmp_path / "pipe.gguf")
    refused = {}
    for name in ("missing", "directory", "empty", "text", "bare", "cut", "noise", "pipe", "\0", "x" * 5000):
        chunks = toy.stream(Request(f"local:{tmp_path}/{name}.gguf", ()))
        with pytest.raises(Unavailable) as caught:
            list(chunks)
        refused[name[:9]] = caught.value.message.replace(str(tmp_path), "DIR")
    cannot_load = "llama.cpp cannot load DIR/{}.gguf with a context window of 512 tokens."
    assert refused == {
        "missing": "There is no model file DIR/missing.gguf.",
        "directory": "There is no model file DIR/directory.gguf.",
        "empty": "The file DIR/empty.gguf is no model: it is not in GGUF format.",
        "text": "The file DIR/text.gguf is no model: it is not in GGUF format.",
        "bare": cannot_load.format("bare"),
        "cut": cannot_load.format("cut"),
        "noise": cannot_load.format("noise"),
        "pipe": "There is no model file DIR/pipe.gguf.",
        "\0": "There is no model file DIR/\0.gguf.",
        "x" * 9: f"Cannot read the model file DIR/{'x' * 5000}.gguf: File name too long.",
    }


def test_missing_weights_name_the_command_that_fetches_them(tmp_path):
    model = LocalModel(tmp_path / "weights.gguf", 512, 1, Spoken)
    assert "chatcli local pull" in refusal(model).hint


@linux
def test_a_context_window_larger_than_memory_is_refused_in_words(toy):
    assert "with a context window of 20000000 tokens" in refusal(toy, context=20_000_000).message


def test_without_xllamacpp_the_hint_says_what_to_install(launched):
    without_packages = [sys.executable, "-S", *COMMAND[1:]]
    error = refusal(launched(without_packages))
    assert (error.message, error.hint) == (
        "The embedded model is not installed.",
        "pip install 'chatcli[local]'",
    )


def test_a_child_that_is_killed_while_it_starts_is_explained(launched):
    assert "while it started (Killed)" in refusal(launched(["sh", "-c", "kill -9 $$"])).message


def test_a_child_that_fails_is_quoted(launched):
    error = refusal(launched(["sh", "-c", "echo first >&2; echo libc is too old >&2; exit 3"]))
    assert error.message == "The embedded model ended while it started, with status 3: libc is too old"


def test_a_child_that_cannot_be_run_is_an_error_like_the_others(launched):
    assert "cannot be started: No such file" in refusal(launched(["/nowhere/python"])).message


def test_a_child_that_never_listens_is_given_up(launched):
    model = launched(NEVER_READY, patience=0.1)
    assert refusal(model).message == "The embedded model was not ready within 0.1 seconds."


def test_after_a_failed_start_the_next_turn_tries_again(launched, tmp_path):
    broken = tmp_path / "broken"
    broken.touch()
    script = f'test -e "{broken}" && exit 1; echo http://127.0.0.1:1; exec sleep 1000'
    model = launched(["sh", "-c", script], speak=lambda _url, _key: Scripted())
    refusal(model)
    broken.unlink()
    assert text(model.stream(HELLO)) == "Hi"


class Scripted:
    """Says "Hi" and then nothing more until it is hung up on."""

    def __init__(self, endless=False):
        self.endless = endless
        self.closed = threading.Event()

    def stream(self, _request):
        return self

    def __iter__(self):
        yield TextDelta("Hi")
        if self.endless:
            assert self.closed.wait(30)

    def close(self):
        self.closed.set()


def test_nothing_is_started_before_the_reply_is_read(launched):
    model = launched(["/nowhere/python"])
    model.stream(HELLO).close()


def test_a_reply_that_was_hung_up_before_it_is_read_is_empty(launched):
    chunks = launched(["/nowhere/python"]).stream(HELLO)
    chunks.close()
    assert list(chunks) == []


def test_hanging_up_reaches_the_server_from_another_thread(launched):
    voice = Scripted(endless=True)
    model = launched(["sh", "-c", "echo http://127.0.0.1:1; exec sleep 1000"], speak=lambda _url, _key: voice)
    chunks = model.stream(HELLO)
    reader = threading.Thread(target=list, args=(chunks,))
    reader.start()
    until(lambda: chunks._chunks is voice)
    chunks.close()
    reader.join(30)
    assert not reader.is_alive()
    chunks.close()


def test_hanging_up_while_the_server_starts_ends_the_wait_and_not_the_server(launched):
    model = launched(NEVER_READY)
    chunks = model.stream(HELLO)
    heard = []
    reader = threading.Thread(target=lambda: heard.extend(chunks))
    reader.start()
    until(lambda: model._server is not None)
    chunks.close()
    reader.join(30)
    assert not reader.is_alive()
    assert heard == []
    assert model.server("local").alive


def test_closing_the_model_while_the_server_starts_ends_both(launched):
    model = launched(NEVER_READY)
    server = model.server("local")
    model.close()
    assert not server.alive
    assert isinstance(server.ready.exception(30), Unavailable)


PARENT = """
import os, signal, sys
from chatcli.adapters.local_model import LocalServer, Setup
signal.signal(signal.SIGINT, lambda *_: os.write(1, b"interrupted\\n"))  # print may be under way
server = LocalServer(Setup(sys.argv[1], 512, 1), sys.argv[2:])
print("started", flush=True)
print(server.ready.result(), flush=True)
sys.stdin.read()
"""


def parent(model, command=COMMAND):
    """A program that has a server, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", PARENT, str(model), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def test_the_server_dies_with_a_parent_that_is_killed(weights):
    with parent(weights) as process:
        assert process.stdout.readline() == "started\n"
        url = process.stdout.readline().strip()
        assert answers(url)
        process.kill()
    until(lambda: not answers(url))


@linux
def test_a_server_that_is_loading_dies_with_its_parent_too(tmp_path):
    os.mkfifo(tmp_path / "endless.gguf")  # llama.cpp waits for its first byte, and holds the GIL meanwhile
    pid_file = tmp_path / "pid"
    with parent(tmp_path / "endless.gguf", telling_its_pid(pid_file)) as process:
        assert process.stdout.readline() == "started\n"
        until(lambda: pid_file.exists() and pid_file.read_text().endswith("\n"))
        pid = int(pid_file.read_text())
        until(lambda: waits_for_a_writer(pid))
        process.kill()
    until(lambda: not running(pid))


def waits_for_a_writer(pid):
    """One of its threads hangs in open(2): of a pipe that nobody writes to."""
    calls = [(task / "syscall").read_text().split()[0] for task in Path(f"/proc/{pid}/task").iterdir()]
    return bool({"2", "56", "257"}.intersection(calls))  # open, and openat on arm64 and x86-64


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(weights):
    with parent(weights) as process:
        assert process.stdout.readline() == "started\n"
        url = process.stdout.readline().strip()
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.readline() == "interrupted\n"
        assert answers(url)
        process.stdin.close()
    until(lambda: not answers(url))


def test_a_prompt_is_counted_exactly_once_the_server_runs(weights):
    with ExitStack() as stack:

        def speak(url, key):
            voice = OpenAIModel(base_url=f"{url}/v1", api_key=key, refusals=NoMemory())
            return stack.enter_context(closing(voice))

        model = stack.enter_context(closing(LocalModel(weights, 512, 1, speak)))
        request = Request("local", (Message(Role.USER, "Why is the sky blue?"),), Params(max_tokens=1))
        assert model.count(request) is None or model.server("local").ready.done()
        usage = next(chunk for chunk in model.stream(request) if isinstance(chunk, Usage))
        assert model.count(request) == usage.prompt


class NoMemory:
    """Refusals that nobody remembers."""

    def of(self, base_url, model):
        return {}

    def add(self, base_url, model, refusal):
        pass
