import signal
import subprocess
import sys
import threading
import time
from math import inf

import pytest

from chatcli.adapters.memory_file import RefusalsFile
from chatcli.adapters.openai_api.model import OpenAIModel
from chatcli.core.events import Request, TextDelta, Tick
from chatcli.core.messages import Finish, Message, Role
from chatcli.errors import BrokenReply
from chatcli.pump import Pumped
from tests.fakes import ScriptedModel
from tests.servers.scripted import HANG, PATIENCE_SECONDS, ScriptedServer, body, delta, reply, silence

HELLO = Request("scripted", (Message(Role.USER, "Hello"),))


@pytest.fixture
def model_at(tmp_path):
    made = []

    def make(url):
        refusals = RefusalsFile(tmp_path / "refusals.json")
        made.append(OpenAIModel(base_url=url, api_key="k", refusals=refusals, timeout=600))
        return Pumped(made[-1])

    yield make
    for model in made:
        model.close()


def test_every_chunk_comes_through_in_order():
    words = [f"{number} " for number in range(10_000)]

    chunks = list(Pumped(ScriptedModel(words)).stream(HELLO))

    assert chunks == [*map(TextDelta, words), Finish.STOP]


def test_the_model_is_read_in_a_thread_of_its_own():
    def note():
        threads.append(threading.current_thread())

    threads = []
    list(Pumped(ScriptedModel(["Hi", note])).stream(HELLO))

    assert threads != [threading.current_thread()]
    threads[0].join(PATIENCE_SECONDS)
    assert not threads[0].is_alive()


def test_the_model_is_read_while_the_reader_is_busy():
    read_on = threading.Event()
    chunks = iter(Pumped(ScriptedModel(["Hel", "lo", read_on.set])).stream(HELLO))

    assert next(chunks) == TextDelta("Hel")
    assert read_on.wait(PATIENCE_SECONDS)
    assert list(chunks) == [TextDelta("lo"), Finish.STOP]


@pytest.mark.parametrize("seconds", [0, -1, 0.01, 0.25])
def test_a_tick_comes_when_it_is_due_and_nothing_else_has_come(seconds):
    go = threading.Event()
    due = iter([inf, seconds])
    chunks = iter(Pumped(ScriptedModel(["Hel", go.wait, "lo"]), lambda: next(due, inf)).stream(HELLO))

    assert [next(chunks), next(chunks)] == [TextDelta("Hel"), Tick()]
    go.set()
    assert list(chunks) == [TextDelta("lo"), Finish.STOP]


def test_what_has_come_is_read_before_any_tick():
    read_on = threading.Event()
    due = iter([inf])
    model = ScriptedModel(["Hel", "lo", " there", read_on.set])
    chunks = iter(Pumped(model, lambda: next(due, 0)).stream(HELLO))

    assert next(chunks) == TextDelta("Hel")
    assert read_on.wait(PATIENCE_SECONDS)
    assert [next(chunks), next(chunks)] == [TextDelta("lo"), TextDelta(" there")]
    chunks.close()


@pytest.mark.parametrize("error", [BrokenReply("It broke."), RuntimeError("a bug"), SystemExit(3)])
def test_an_error_of_the_model_is_raised_where_it_is_read_after_what_came(error):
    chunks = iter(Pumped(ScriptedModel(["Hel", error])).stream(HELLO))

    assert next(chunks) == TextDelta("Hel")
    with pytest.raises(type(error)) as caught:
        next(chunks)
    assert caught.value is error


def test_nothing_is_sent_before_the_first_look(model_at):
    with ScriptedServer(reply("Hi")) as server:
        call = model_at(server.url).stream(HELLO)
        call.close()

        assert list(call) == []
        assert server.connections == 0


@pytest.mark.parametrize(
    "answer", [silence(), body(delta(content="Hi"), HANG)], ids=["silent", "in mid-reply"]
)
def test_closing_hangs_up_and_ends_the_wait_of_the_reader(model_at, answer):
    with ScriptedServer(answer) as server:
        call = model_at(server.url).stream(HELLO)
        reader = threading.Thread(target=list, args=(call,), daemon=True)
        reader.start()
        server.until(lambda server: server.questions)

        call.close()

        reader.join(PATIENCE_SECONDS)
        assert not reader.is_alive()
        server.until(lambda server: server.questions[0].abandoned)


def test_leaving_a_reply_and_closing_it_hangs_up(model_at):
    with ScriptedServer(body(delta(content="Hel"), HANG)) as server:
        call = model_at(server.url).stream(HELLO)
        for _ in call:
            break
        call.close()

        server.until(lambda server: server.questions[0].abandoned)


def test_a_reply_that_was_left_does_not_stand_in_the_way_of_the_next(model_at):
    with ScriptedServer(silence(), reply("again")) as server:
        model = model_at(server.url)
        left = model.stream(HELLO)
        threading.Thread(target=list, args=(left,), daemon=True).start()
        server.until(lambda server: server.questions)
        left.close()

        assert TextDelta("again") in list(model.stream(HELLO))


def test_closing_after_the_end_keeps_the_connection(model_at):
    with ScriptedServer(reply("Hi")) as server:
        model = model_at(server.url)
        for _ in range(2):
            call = model.stream(HELLO)
            assert TextDelta("Hi") in list(call)
            call.close()

        assert (server.connections, server.hang_ups) == (1, 0)


def test_a_handler_that_takes_longer_than_a_wait_does_not_stop_the_ticks():
    over = threading.Event()
    before = signal.signal(signal.SIGALRM, lambda *_: time.sleep(0.3))
    try:
        pump = Pumped(ScriptedModel([lambda: over.wait(PATIENCE_SECONDS), "late"]), due=lambda: 0.5)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        assert next(iter(pump.stream(HELLO))) == Tick()
    finally:
        over.set()
        signal.signal(signal.SIGALRM, before)


CHILD = """
import sys
from contextlib import closing
from pathlib import Path
from chatcli.adapters.openai_api.model import OpenAIModel
from chatcli.adapters.memory_file import RefusalsFile
from chatcli.core.events import Request
from chatcli.core.messages import Message, Role
from chatcli.pump import Pumped

refusals = RefusalsFile(Path(sys.argv[2]))
model = Pumped(OpenAIModel(base_url=sys.argv[1], api_key="k", refusals=refusals, timeout=600))
try:
    with closing(model.stream(Request("scripted", (Message(Role.USER, "Hello"),)))) as chunks:
        for chunk in chunks:
            print("heard", flush=True)
except KeyboardInterrupt:
    print("left", flush=True)
"""


@pytest.mark.parametrize(
    ("answer", "heard"),
    [(silence(), []), (body(delta(content="Hel"), HANG), ["heard"])],
    ids=["silent", "in mid-reply"],
)
def test_ctrl_c_leaves_at_once_and_hangs_up(tmp_path, answer, heard):
    with ScriptedServer(answer) as server:
        command = [sys.executable, "-c", CHILD, server.url, tmp_path / "refusals.json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            server.until(lambda server: server.questions)
            lines = [child.stdout.readline().strip() for _ in heard]
            child.send_signal(signal.SIGINT)
            try:
                rest, _ = child.communicate(timeout=PATIENCE_SECONDS)
            finally:
                child.kill()
            server.until(lambda server: server.questions[0].abandoned)

    assert lines == heard
    assert (rest, child.returncode) == ("left\n", 0)
