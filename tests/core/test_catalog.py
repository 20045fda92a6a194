import json
from pathlib import Path

import pytest

import chatcli
from chatcli.core.catalog import (
    DEFAULT_MODEL,
    Catalog,
    Correction,
    Encoding,
    ModelInfo,
    Price,
    encoding_for,
    undated,
)

TEXT = (Path(chatcli.__file__).parent / "data" / "models.json").read_text(encoding="utf-8")
SHIPPED = Catalog.parse(TEXT)


def test_the_default_model_is_known_with_all_that_matters():
    assert SHIPPED.find(DEFAULT_MODEL) == ModelInfo(
        "gpt-6-luna",
        window=1_050_000,
        max_input=922_000,
        max_output=128_000,
        price=Price(0.1, 0.5, cached=0.01, cache_write=0.125, long_prompt=0.2, long_completion=0.75),
        supports=frozenset({"vision", "reasoning", "schema", "tools", "effort none"}),
        endpoints=frozenset({"chat/completions", "batch", "responses", "decisions"}),
    )


def test_what_nobody_told_us_is_none():
    assert SHIPPED.find("gpt-5.5-cyber") == ModelInfo(
        "gpt-5.5-cyber", price=Price(12.5, 75, cached=1.25), supports=frozenset({"reasoning"})
    )


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("gpt-4o", "gpt-4o"),
        ("GPT-4o", "gpt-4o"),
        ("openai/gpt-4o", "gpt-4o"),
        ("openrouter/openai/gpt-4o:free", "gpt-4o"),
        ("gpt-4.1-2025-04-14", "gpt-4.1-2025-04-14"),
        ("gpt-4.1-2026-01-01", "gpt-4.1"),
        ("ft:gpt-4.1-2025-04-14:acme::abc123", "ft:gpt-4.1-2025-04-14"),
        ("ft:gpt-3.5-turbo-2023-01-01:acme::abc123", "ft:gpt-3.5-turbo"),
        ("openai/ft:gpt-4.1:acme:tuned:abc123", "gpt-4.1"),
    ],
)
def test_a_model_is_found_however_it_is_written(name, known):
    found = SHIPPED.find(name)
    assert found
    assert found.name == known


@pytest.mark.parametrize("name", ["local", "llama3.2:3b", "qwen/qwen3-8b", "gpt", "ft:", ":", "/", "", None])
def test_an_unknown_model_is_not_guessed_at(name):
    assert SHIPPED.find(name) is None


def test_a_fine_tuned_model_has_the_window_of_its_base_and_no_known_price():
    tuned, base = SHIPPED.find("ft:gpt-4.1:acme::abc123"), SHIPPED.find("gpt-4.1")
    assert (tuned.window, tuned.price) == (base.window, None)


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("gpt-6-luna", Encoding("o200k_base", exact=True)),
        ("gpt-5.6-sol", Encoding("o200k_base", exact=True)),
        ("gpt-5", Encoding("o200k_base", exact=True)),
        ("gpt-4.1-mini", Encoding("o200k_base", exact=True)),
        ("openai/GPT-4o", Encoding("o200k_base", exact=True)),
        ("o3", Encoding("o200k_base", exact=True)),
        ("o4-mini", Encoding("o200k_base", exact=True)),
        ("chatgpt-4o-latest", Encoding("o200k_base", exact=True)),
        ("gpt-oss:20b", Encoding("o200k_base", exact=True)),
        ("ft:gpt-4.1-2025-04-14:acme::abc123", Encoding("o200k_base", exact=True)),
        ("ft:gpt-4-0613:acme::abc123", Encoding("cl100k_base", exact=True)),
        ("gpt-4", Encoding("cl100k_base", exact=True)),
        ("gpt-4-turbo-2024-04-09", Encoding("cl100k_base", exact=True)),
        ("gpt-3.5-turbo", Encoding("cl100k_base", exact=True)),
        ("local", Encoding("o200k_base", exact=False)),
        ("llama3.2:3b", Encoding("o200k_base", exact=False)),
        ("o3000-chat", Encoding("o200k_base", exact=False)),
        ("gpt-40b-neo", Encoding("o200k_base", exact=False)),
        (None, Encoding("o200k_base", exact=False)),
    ],
)
def test_every_model_has_a_tokenizer_if_only_an_estimate(name, encoding):
    assert encoding_for(name) == encoding


@pytest.mark.parametrize(
    ("name", "today", "retired"),
    [
        ("gpt-5", "2026-12-10", False),
        ("gpt-5", "2026-12-11", True),
        ("gpt-4o", "2026-12-31", False),
        ("gpt-4o", "2027-01-14", True),
        ("gpt-6-luna", "2099-01-01", False),
    ],
)
def test_a_model_is_retired_from_the_day_on_which_it_is_shut_down(name, today, retired):
    assert SHIPPED.find(name).retired(today) is retired


def test_who_asks_for_a_model_that_was_or_will_be_shut_down_is_told():
    assert SHIPPED.advice("gpt-4", "2026-11-20") == "gpt-4 was shut down on 2026-10-23; try gpt-5.6-sol"
    assert (
        SHIPPED.advice("openai/GPT-4o", "2026-11-20")
        == "openai/GPT-4o will be shut down on 2027-01-14; try gpt-6-luna"
    )
    assert (
        SHIPPED.advice("ft:gpt-3.5-turbo-0125:acme::abc123", "2026-10-23")
        == "ft:gpt-3.5-turbo-0125:acme::abc123 was shut down on 2026-10-23; try gpt-5.6-terra"
    )


@pytest.mark.parametrize("name", ["gpt-6-luna", "llama3.2:3b", "local", "", None])
def test_there_is_no_advice_about_a_model_that_stays_or_is_unknown(name):
    assert SHIPPED.advice(name, "2099-01-01") is None


def test_a_shutdown_without_a_successor_is_told_all_the_same():
    catalog = Catalog({"gone": ModelInfo("gone", retires="2026-10-23")})
    assert catalog.advice("gone", "2026-11-20") == "gone was shut down on 2026-10-23"


def test_every_model_that_retires_has_a_successor_that_does_not():
    for model in SHIPPED.models.values():
        successor = SHIPPED.models.get(model.successor)
        assert (model.retires is None) == (successor is None)
        if successor:
            assert successor.retires is None
            assert successor.chats


@pytest.mark.parametrize(
    ("name", "window", "prompt", "completion", "retires"),
    [
        ("gpt-3.5-turbo-0301", 4_096, 2, 2, "2024-09-13"),
        ("gpt-3.5-turbo-0125", 16_385, 0.5, 1.5, "2026-10-23"),
        ("gpt-3.5-turbo-instruct", 4_096, 1.5, 2, "2026-09-28"),
        ("gpt-4", 8_192, 30, 60, "2026-10-23"),
        ("gpt-4-32k", 32_768, 60, 120, "2025-06-06"),
        ("gpt-4-0125-preview", 128_000, 10, 30, "2026-03-26"),
        ("gpt-4-1106-preview", 128_000, 10, 30, "2026-10-23"),
        ("gpt-4-vision-preview", 128_000, 10, 30, "2024-12-06"),
        ("gpt-4-1106-vision-preview", 128_000, 10, 30, "2024-12-06"),
    ],
)
def test_the_models_of_the_early_days_are_known(name, window, prompt, completion, retires):
    model = SHIPPED.find(name)
    assert (model.name, model.window, model.retires) == (name, window, retires)
    assert model.price == Price(prompt, completion)


def test_a_correction_changes_what_it_names_and_nothing_else():
    before = SHIPPED.find("gpt-6-luna")
    after = SHIPPED.with_({"gpt-6-luna": Correction(window=200_000)}).find("openai/gpt-6-luna")
    assert after == before._replace(window=200_000)


def test_a_corrected_price_takes_the_place_of_the_whole_price():
    catalog = SHIPPED.with_({"gpt-6-luna": Correction(price=Price(1, 2))})
    assert catalog.find("gpt-6-luna").price == Price(1, 2)
    assert SHIPPED.find("gpt-6-luna").price.cached == 0.01


@pytest.mark.parametrize("name", ["llama3.2:3b", "Qwen/Qwen3-8B", "my-model"])
def test_a_model_that_was_unknown_is_found_by_the_very_name_that_it_was_given(name):
    catalog = SHIPPED.with_({name: Correction(window=32_768, price=Price(0, 0))})
    assert catalog.find(name) == ModelInfo(name, window=32_768, price=Price(0, 0))
    assert name in catalog.names("2026-11-20")


def test_a_fine_tuned_model_can_be_given_the_price_that_its_base_does_not_tell():
    name = "ft:gpt-4.1:acme::abc123"
    tuned = SHIPPED.with_({name: Correction(price=Price(3, 12))}).find(name)
    assert (tuned.window, tuned.price) == (1_047_576, Price(3, 12))


@pytest.mark.parametrize(("name", "chats"), [("gpt-6-luna", True), ("gpt-4o", True), ("gpt-5.5-pro", False)])
def test_some_models_answer_on_another_endpoint_only(name, chats):
    assert SHIPPED.find(name).chats is chats


def test_the_names_that_answer_come_first():
    catalog = Catalog(
        {
            "gone": ModelInfo("gone", retires="2026-10-23"),
            "alive": ModelInfo("alive"),
            "going": ModelInfo("going", retires="2026-12-11"),
            "mute": ModelInfo("mute", endpoints=frozenset({"responses"})),
        }
    )
    assert catalog.names("2026-11-20") == ("alive", "going", "gone", "mute")
    assert catalog.names("2026-12-11") == ("alive", "gone", "going", "mute")


def test_the_shipped_facts_are_one_line_for_each_model_in_order():
    names = list(SHIPPED.models)
    assert len(names) == 131
    assert names == sorted(names)
    assert TEXT.splitlines()[1:-1] == [
        f'"{name}": {json.dumps(facts)}' + ("," if name != names[-1] else "")
        for name, facts in json.loads(TEXT).items()
    ]


def test_no_shipped_fact_is_zero_or_contradicts_another():
    for model in SHIPPED.models.values():
        assert model.price.prompt > (model.price.cached or 0) >= 0
        assert model.price.completion >= model.price.prompt
        assert model.price.cached != 0
        if model.window:
            assert (model.max_output or 0) <= model.window
            assert (model.max_input or 0) < model.window


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("openai/GPT-4o:free", "gpt-4o"),
        ("ft:gpt-4.1-mini-2025-04-14:org::id", "gpt-4.1-mini"),
        ("llama3.2:3b", "llama3.2"),
        (None, ""),
    ],
)
def test_a_name_without_its_date(name, plain):
    assert undated(name) == plain
