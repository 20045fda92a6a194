"""Every model behind one door, and what is known of each."""

import time
from dataclasses import replace

import pytest

from chatcli.core.catalog import Catalog, is_local
from chatcli.core.events import Request
from chatcli.core.messages import Finish, Image, Message, Reply, Role
from chatcli.core.params import Limits
from chatcli.core.session import Session
from chatcli.core.wire.windows import Served, Told
from chatcli.deferred import Deferred
from chatcli.errors import Unreachable
from chatcli.models import Models
from tests.fakes import ScriptedModel, words


class Answering(ScriptedModel):
    """A scripted model that can be started and stopped, and tells the windows in ``tells`` one by one."""

    def __init__(self):
        super().__init__(["ok"])
        self.started = []
        self.closed = 0
        self.tells = []
        self.asked = []
        self.offers = ()
        self.listings = 0

    def window(self, model):
        self.asked.append(model)
        told = self.tells.pop(0) if self.tells else None
        if isinstance(told, Exception):
            raise told
        return told

    def served(self):
        self.listings += 1
        if isinstance(self.offers, Exception):
            raise self.offers
        return self.offers

    def warm(self, model, context):
        self.started.append((model, context))

    def close(self):
        self.closed += 1


class Words:
    def count(self, text):
        return words(text)


class Lessons(dict):
    """Windows in memory."""

    def of(self, base_url, model):
        return self.get((base_url, model))

    def add(self, base_url, model, window):
        self[base_url, model] = window


class World:
    """Models of which it can be seen who was opened."""

    def __init__(self, *tells, is_catalogued=False):
        self.remote, self.local = Answering(), Answering()
        self.remote.tells = list(tells)
        self.lessons = Lessons()
        self.opened = []
        self.models = Models(
            remote=Deferred(lambda: self._open("remote", self.remote)),
            local=Deferred(lambda: self._open("local", self.local)),
            catalog=Deferred(lambda: Catalog.parse(CATALOG)),
            tokenizers={
                name: Deferred(lambda name=name: self._open(name, Words()))
                for name in ("o200k_base", "cl100k_base")
            },
            windows=Deferred(lambda: self.lessons),
            address=lambda: URL,
            is_catalogued=lambda: is_catalogued,
        )

    def _open(self, name, thing):
        self.opened.append(name)
        return thing


URL = "https://api.example/v1"

CATALOG = """{
"gpt-6-luna": {"window": 1050000, "max_input": 922000, "max_output": 128000,
    "price": {"prompt": 1, "completion": 2}, "supports": ["vision", "tools"]},
"gpt-4": {"window": 8192, "price": {"prompt": 1, "completion": 2}, "supports": ["tools"],
    "retires": "2026-10-23"}
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
    assert world.models.window(Session(model, limits=Limits(context=wanted))) == given


@pytest.mark.parametrize(
    ("session", "window"),
    [
        (Session("gpt-6-luna"), 1_050_000),
        (Session("openai/gpt-4"), 8192),
        (Session("gpt-6-luna", limits=Limits(context=1000)), 1000),
        (Session("llama-3"), 8192),
        (Session(None), 8192),
    ],
)
def test_a_window_is_the_persons_the_models_or_a_guess(session, window):
    assert World().models.window(session) == window


def test_a_window_is_the_persons_the_servers_the_catalogs_the_learnt_one_or_a_guess_in_this_order():
    world = World(Told(2048))
    known, unknown = Session("gpt-4"), Session("llama-3")
    assert world.models.window(unknown) == 8192

    for model in ("gpt-4", "llama-3"):
        world.lessons.add(URL, model, 1024)
    assert (world.models.window(known), world.models.window(unknown)) == (8192, 1024)

    world.models.warm(known)
    assert world.models.window(known) == 2048
    assert world.models.window(replace(known, limits=Limits(context=512))) == 512


def test_a_window_that_an_error_taught_holds_now_and_in_later_runs():
    world = World()
    world.models.learn(Session("gpt-4"), 4096)
    world.models.learn(Session(None), 1024)
    assert world.models.window(Session("gpt-4")) == 4096
    assert world.models.window(Session(None)) == 1024
    assert world.lessons == {(URL, "gpt-4"): 4096, (URL, ""): 1024}


def test_nothing_is_learnt_from_a_number_that_can_be_no_window_nor_of_our_own_model():
    world = World()
    world.models.learn(Session("gpt-4"), 3)
    world.models.learn(Session("local"), 512)
    assert world.lessons == {}
    assert world.models.window(Session("gpt-4")) == 8192


def test_what_fits_is_stretched_where_the_tokenizer_is_not_the_models_own():
    models = World().models
    words = Message(Role.USER, "three words, all of them rather long ones")
    exact, estimate = models.capacity(Session("gpt-6-luna")), models.capacity(Session("llama-3"))
    assert (exact.exact, exact.max_input, exact.max_output) == (True, 922_000, 128_000)
    assert not estimate.exact
    assert estimate.weights.of(words) > exact.weights.of(words)


def test_asking_what_fits_loads_no_tokenizer():
    world = World()
    world.models.capacity(Session("gpt-6-luna"))
    assert world.opened == []


LONG = "é" * 1025  # more bytes than the smallest window's share for a prompt


@pytest.mark.parametrize(
    ("session", "asked"),
    [
        (Session("m").asked(LONG), ["m"]),
        (Session(None).asked(LONG), [None]),
        (Session("m", system=LONG).asked("Hi"), ["m"]),
        (Session("m").asked(LONG).answered(Reply("ok", Finish.STOP)).asked("Hi"), ["m"]),
        (Session("m").asked("Hi"), []),
        (Session("m").asked(LONG).answered(Reply("ok", Finish.STOP)), []),  # nothing is to be sent yet
        (Session("m", limits=Limits(context=512)).asked(LONG), []),
        (Session("local").asked(LONG), []),
        (Session("m"), []),
    ],
)
def test_a_server_is_asked_for_its_window_when_a_long_question_is_to_be_sent_and_nobody_set_one(
    session, asked
):
    world = World(Told(2048))
    window = world.models.capacity(session).window
    assert world.remote.asked == asked
    assert not asked or window == 2048


@pytest.mark.parametrize("told", [Told(2048), None])
def test_a_server_that_has_told_all_that_it_will_is_not_asked_again(told):
    world = World(told)
    session = Session("m").asked(LONG)
    world.models.warm(session)
    world.models.warm(session)
    assert world.models.capacity(session).window == (2048 if told else 8192)
    assert world.remote.asked == ["m"]


def test_a_model_that_was_not_loaded_yet_is_asked_about_until_it_is():
    world = World(Told(4096, settled=False), Told(32_768))
    session = Session("m").asked(LONG)
    windows = [world.models.capacity(session).window for _ in range(3)]
    assert windows == [4096, 32_768, 32_768]
    assert world.remote.asked == ["m", "m"]


def test_a_server_that_cannot_be_asked_leaves_its_error_to_the_request():
    world = World(Unreachable("No way."), Told(2048))
    session = Session("m").asked(LONG)
    assert [world.models.capacity(session).window for _ in range(2)] == [8192, 2048]


def test_a_session_with_its_own_window_is_warmed_without_asking():
    world = World(Told(2048))
    world.models.warm(Session("m", limits=Limits(context=512)))
    assert (world.opened, world.remote.asked) == (["remote"], [])


def test_what_a_server_offers_has_the_windows_that_it_tells_one_by_one():
    world = World(Told(4096), None)
    world.remote.offers = (Served("a"), Served("b", 512), Served("c"), Served("d"))
    assert world.models.served() == [Served("a", 4096), Served("b", 512), Served("c"), Served("d")]
    assert world.remote.asked == ["a", "c"]


def test_the_catalog_is_listed_as_names_are_completed():
    assert [model.name for model in World().models.listed()] == ["gpt-6-luna", "gpt-4"]


def test_warming_opens_what_the_first_question_needs_and_no_tokenizer():
    world = World()
    world.models.warm(Session("gpt-4"))
    assert world.opened == ["remote"]
    world = World()
    world.models.warm(Session("local", limits=Limits(context=512)))
    assert world.opened == ["local"]
    assert world.local.started == [("local", 512)]


def test_only_what_was_opened_is_closed():
    world = World()
    list(world.models.stream(Request("local", ())))
    world.models.close()
    assert (world.local.closed, world.remote.closed) == (1, 0)


def eventually(world, names):
    """The names to complete, as soon as they are these; or what they still are when nobody waits any more."""
    deadline = time.monotonic() + 10
    while (offered := world.models.names()) != names and time.monotonic() < deadline:
        time.sleep(0.001)
    return offered


def test_names_to_complete_are_the_catalogs_where_it_is_of_the_servers_own_models():
    world = World(is_catalogued=True)
    world.models.warm(Session("gpt-4"))
    assert world.models.names() == ("local", "gpt-6-luna", "gpt-4")
    assert world.remote.listings == 0


def test_names_to_complete_are_another_servers_own_and_never_the_catalogs():
    world = World()
    world.remote.offers = [Served("qwen", 4096), Served("llama", 4096)]
    assert world.models.names() in {("local",), ("local", "qwen", "llama")}
    assert eventually(world, ("local", "qwen", "llama")) == ("local", "qwen", "llama")


def test_a_server_is_asked_for_its_names_before_somebody_types_one():
    world = World()
    world.remote.offers = [Served("qwen", 4096)]
    world.models.warm(Session("qwen"))
    deadline = time.monotonic() + 10
    while not world.remote.listings and time.monotonic() < deadline:
        time.sleep(0.001)
    assert world.remote.listings == 1


def test_a_server_that_did_not_tell_its_names_is_asked_again():
    world = World()
    world.remote.offers = Unreachable("down")
    assert world.models.names() == ("local",)
    world.remote.offers = [Served("qwen", 4096)]
    assert eventually(world, ("local", "qwen")) == ("local", "qwen")


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("gpt-6-luna", True),
        ("openai/gpt-6-luna", True),
        ("gpt-4", False),
        ("local", False),
        ("llama", None),
        (None, None),
    ],
)
def test_a_model_sees_as_far_as_is_known(name, sees):
    assert World().models.sees(Session(name)) is sees


@pytest.mark.parametrize(
    ("name", "tokens", "guessed"),
    [("gpt-4o-2024-08-06", 765, False), ("o1", 675, False), ("gpt-6-luna", 765, True), ("local", 765, True)],
)
def test_images_are_weighed_by_the_rule_of_the_model(name, tokens, guessed):
    weights = World().models.capacity(Session(name)).weights
    seen = Message(Role.USER, "", images=(Image("shot", "image/png", b"", 1024, 1024),))
    assert (weights.images(seen), weights.guesses([seen])) == (tokens, guessed)
