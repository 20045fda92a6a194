"""Every model behind one door, and what is known of each."""

import pytest

from chatcli.core.catalog import Catalog, is_local
from chatcli.core.events import Request
from chatcli.core.session import Session
from chatcli.deferred import Deferred
from chatcli.models import Models
from tests.fakes import ScriptedModel, words


class Answering(ScriptedModel):
    """A scripted model that can be started and stopped."""

    def __init__(self):
        super().__init__(["ok"])
        self.started = []
        self.closed = 0

    def warm(self, model, context):
        self.started.append((model, context))

    def close(self):
        self.closed += 1


class Words:
    def count(self, text):
        return words(text)


class World:
    """Models of which it can be seen who was opened."""

    def __init__(self):
        self.remote, self.local = Answering(), Answering()
        self.opened = []
        self.models = Models(
            remote=Deferred(lambda: self._open("remote", self.remote)),
            local=Deferred(lambda: self._open("local", self.local)),
            catalog=Deferred(lambda: Catalog.parse(CATALOG)),
            tokenizers={
                name: Deferred(lambda name=name: self._open(name, Words()))
                for name in ("o200k_base", "cl100k_base")
            },
            address=lambda: "https://api.example/v1",
        )

    def _open(self, name, thing):
        self.opened.append(name)
        return thing


CATALOG = """{
"gpt-6-luna": {"window": 1050000, "max_input": 922000, "max_output": 128000,
    "price": {"prompt": 1, "completion": 2}, "supports": []},
"gpt-4": {"window": 8192, "price": {"prompt": 1, "completion": 2}, "supports": [], "retires": "2026-10-23"}
}"""


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("local", True),
        ("local:/some/model.gguf", True),
        ("local-model", False),
        ("localhost", False),
        ("gpt-6-luna", False),
        (None, False),
    ],
)
def test_local_names_the_embedded_model(name, local):
    assert is_local(name) is local


def test_a_request_goes_to_the_model_that_it_names_and_no_other_is_opened():
    world = World()
    list(world.models.stream(Request("gpt-6-luna", ())))
    assert (world.opened, len(world.remote.requests)) == (["remote"], 1)
    list(world.models.stream(Request("local", ())))
    assert (world.opened, len(world.local.requests)) == (["remote", "local"], 1)


@pytest.mark.parametrize(
    ("model", "wanted", "given"),
    [
        ("local", None, 4096),
        ("local", 512, 512),
        ("local", 1_000_000, 8192),
        ("local:/big.gguf", None, 4096),
        ("local:/big.gguf", 1_000_000, 1_000_000),
    ],
)
def test_the_embedded_model_is_started_with_the_window_that_is_wanted_within_its_own(model, wanted, given):
    world = World()
    list(world.models.stream(Request(model, (), context=wanted)))
    assert world.local.requests[0].context == given
    assert world.models.window(Session(model, context=wanted)) == given


@pytest.mark.parametrize(
    ("session", "window"),
    [
        (Session("gpt-6-luna"), 1_050_000),
        (Session("openai/gpt-4"), 8192),
        (Session("gpt-6-luna", context=1000), 1000),
        (Session("llama-3"), 8192),
        (Session(None), 8192),
    ],
)
def test_a_window_is_the_persons_the_models_or_a_guess(session, window):
    assert World().models.window(session) == window


def test_what_fits_is_stretched_where_the_tokenizer_is_not_the_models_own():
    models = World().models
    exact = models.capacity(Session("gpt-6-luna"))
    assert (exact.scale, exact.max_input, exact.max_output) == (1.0, 922_000, 128_000)
    estimate = models.capacity(Session("llama-3"))
    assert estimate.scale > 1
    assert estimate.count("three words here") == 3


def test_asking_what_fits_loads_no_tokenizer():
    world = World()
    world.models.capacity(Session("gpt-6-luna"))
    assert world.opened == []


def test_warming_opens_what_the_first_question_needs_and_no_tokenizer():
    world = World()
    world.models.warm(Session("gpt-4"))
    assert world.opened == ["remote"]
    world = World()
    world.models.warm(Session("local", context=512))
    assert world.opened == ["local"]
    assert world.local.started == [("local", 512)]


def test_only_what_was_opened_is_closed():
    world = World()
    list(world.models.stream(Request("local", ())))
    world.models.close()
    assert (world.local.closed, world.remote.closed) == (1, 0)


def test_names_to_complete_begin_with_the_embedded_model():
    assert World().models.names() == ("local", "gpt-6-luna", "gpt-4")
