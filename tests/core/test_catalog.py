import json
from pathlib import Path

import pytest

import chatcli
from chatcli.core.catalog import DEFAULT_MODEL, Catalog, Encoding, ModelInfo, Price, encoding_for

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
    assert len(names) == 124
    assert names == sorted(names)
    assert TEXT.splitlines()[1:-1] == [
        f'"{name}": {json.dumps(facts)}' + ("," if name != names[-1] else "")
        for name, facts in json.loads(TEXT).items()
    ]


def test_no_shipped_fact_is_zero_or_contradicts_another():
    for model in SHIPPED.models.values():
        assert model.price.prompt > (model.price.cached or 0) >= 0
        assert model.price.completion > model.price.prompt
        assert model.price.cached != 0
        if model.window:
            assert model.max_output <= model.window
            assert (model.max_input or 0) < model.window
