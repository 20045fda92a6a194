"""What servers tell of their windows: the answers that are documented or were seen, and all that may come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcli.core.wire.windows import (
    Served,
    Told,
    answering,
    input_tokens,
    listed_by_lm_studio,
    plausible,
    running_in_ollama,
    served,
    shown_by_ollama,
)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(
                [
                    "data",
                    "models",
                    "id",
                    "name",
                    "meta",
                    "n_ctx",
                    "max_model_len",
                    "context_length",
                    "model_info",
                    "x.context_length",
                    "parameters",
                    "modelfile",
                    "max_context_length",
                    "loaded_context_length",
                    "input_tokens",
                ]
            ),
            inner,
        )
    ),
)


@given(ANYTHING)
def test_whatever_a_server_answers_it_is_a_window_or_none(answer):
    told = [
        *(Told(model.window) for model in served(answer) if model.window is not None),
        running_in_ollama(answer, "m"),
        shown_by_ollama(answer),
        listed_by_lm_studio(answer, "m"),
    ]
    assert all(one is None or plausible(one.window) == one.window for one in told)
    assert input_tokens(answer) is None or input_tokens(answer) > 0


@pytest.mark.parametrize(
    ("number", "window"),
    [
        (512, 512),
        (10_000_000, 10_000_000),
        (64, 64),
        (63, None),
        (0, None),
        (-4096, None),
        (10**30, None),
        (True, None),
        (4096.0, None),
        ("4096", None),
        (None, None),
    ],
)
def test_a_window_is_a_whole_number_of_a_size_that_can_be(number, window):
    assert plausible(number) == window


@pytest.mark.parametrize(
    ("entry", "window"),
    [
        ({"meta": {"n_ctx": 512, "n_ctx_train": 8192}}, 512),  # llama.cpp
        ({"object": "model", "owned_by": "vllm", "max_model_len": 32768}, 32768),
        ({"context_length": 131072, "top_provider": {"context_length": 131072}}, 131072),  # OpenRouter
        ({"active": True, "context_window": 8192}, 8192),  # Groq
        ({"max_context_length": 128000, "aliases": []}, 128000),  # Mistral
        ({"object": "model", "owned_by": "library"}, None),
        ({"meta": None}, None),
        ({"meta": {"n_ctx": 0}, "max_model_len": 2048}, 2048),
    ],
)
def test_a_listing_tells_windows_under_many_names(entry, window):
    assert served({"object": "list", "data": [{"id": "m", **entry}]}) == (Served("m", window),)


def test_an_entry_whose_name_could_not_be_shown_is_no_model():
    names = ["a", "", "b\x1b[2J", "c\nd", None, 7, "\ud800", "ü/é:7b"]
    assert served({"data": [{"id": name} for name in names]}) == (Served("a"), Served("ü/é:7b"))


def test_a_server_with_one_model_answers_to_any_name_and_others_to_their_own():
    one, two = (Served("a"),), (Served("a"), Served("b:latest"))
    assert answering(one, "whatever") == Served("a")
    assert answering(two, "whatever") is None
    assert answering(two, "b") == Served("b:latest")
    assert answering(two, None) == Served("a")
    assert answering((), None) is answering((), "a") is None


RUNNING = {
    "models": [
        {"name": "other:7b", "model": "other:7b", "context_length": 2048},
        {"name": "qwen:latest", "model": "qwen:latest", "context_length": 32768},
        {"name": "old:1b", "model": "old:1b"},
    ]
}


@pytest.mark.parametrize(
    ("name", "told"), [("qwen", Told(32768)), ("other:7b", Told(2048)), ("old:1b", None), ("missing", None)]
)
def test_ollama_tells_the_window_of_what_is_loaded(name, told):
    assert running_in_ollama(RUNNING, name) == told


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (
            {"parameters": 'num_ctx                        8192\nstop    "num_ctx"', "model_info": {}},
            Told(8192),
        ),
        (
            {"parameters": "stop a\nnum_ctx 8192", "model_info": {"llama.context_length": 4096}},
            Told(4096),
        ),
        ({"model_info": {"llama.context_length": 131072}}, Told(4096, settled=False)),
        ({"model_info": {"bert.context_length": 512}}, Told(512, settled=False)),
        ({"modelfile": "FROM x", "parameters": "temperature 1"}, Told(4096, settled=False)),
        ({"modelfile": "FROM x", "parameters": "xnum_ctx 8192"}, Told(4096, settled=False)),
        ({"modelfile": "FROM x", "parameters": "num_ctx 9999999999"}, Told(4096, settled=False)),
        ({"error": "model 'm' not found"}, None),
        ([], None),
    ],
)
def test_ollama_gives_a_model_that_is_not_loaded_what_its_file_says_or_4096(shown, told):
    assert shown_by_ollama(shown) == told


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"state": "loaded", "max_context_length": 131072, "loaded_context_length": 8192}, Told(8192)),
        ({"state": "not-loaded", "max_context_length": 131072}, Told(4096, settled=False)),
        ({"state": "not-loaded", "max_context_length": 2048}, Told(2048, settled=False)),
        ({"state": "loaded"}, None),
    ],
)
def test_lm_studio_tells_the_window_of_what_is_loaded_and_the_most_of_the_rest(entry, told):
    other = {"id": "other", "state": "loaded", "loaded_context_length": 512}
    listing = {"data": [other, {"id": "m", **entry}]}
    assert listed_by_lm_studio(listing, "m") == told
    assert listed_by_lm_studio(listing, "missing") is None


@pytest.mark.parametrize(
    ("answer", "tokens"),
    [
        ({"input_tokens": 31, "object": "response.input_tokens"}, 31),
        ({"input_tokens": 0}, None),
        ({"input_tokens": True}, None),
        ({"input_tokens": "31"}, None),
        ({"error": {"code": 404}}, None),
        (None, None),
    ],
)
def test_a_count_is_a_number_of_tokens(answer, tokens):
    assert input_tokens(answer) == tokens


def test_a_name_that_is_none_is_nobodys():
    assert listed_by_lm_studio({"data": [{"id": []}]}, "m") is None
