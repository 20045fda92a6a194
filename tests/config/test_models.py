from pathlib import Path

import pytest

from chatcli.adapters.toml_file import read_toml
from chatcli.config.models import corrections
from chatcli.core.catalog import Correction, Price
from chatcli.errors import ConfigError


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "config.toml"
        path.write_text(text)
        return corrections(read_toml(path), Path("config.toml"))

    return read


@pytest.mark.parametrize(
    "text",
    [
        '[models."llama3.2:3b"]\nwindow = 131072\nprice = { prompt = 0, completion = 0.5 }\n',
        '[models."llama3.2:3b"]\nwindow = 131072\nprice.prompt = 0\nprice.completion = 0.5\n',
        '[models."llama3.2:3b".price]\nprompt=0\ncompletion=0.5\n[models."llama3.2:3b"]\nwindow=131072\n',
        'models = { "llama3.2:3b" = { window = 131072, price = { prompt = 0, completion = 0.5 } } }\n',
    ],
)
def test_a_model_is_read_however_its_table_is_written(read, text):
    assert read(text) == {"llama3.2:3b": Correction(window=131_072, price=Price(0, 0.5))}


def test_every_fact_and_every_price_has_its_place(read):
    assert read(
        "[models.a]\nwindow = 9\nmax_input = 5\nmax_output = 4\n"
        "[models.a.price]\nprompt = 1\ncompletion = 2\ncached = 0.1\ncache_write = 1.2\n"
        "long_prompt = 2\nlong_completion = 3\n[models.b]\nwindow = 1\n"
    ) == {
        "a": Correction(9, 5, 4, Price(1, 2, 0.1, 1.2, 2, 3)),
        "b": Correction(window=1),
    }


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "[models.a]\nwindwo = 1\n",
            "models.a.windwo (config.toml line 2) is nothing that is known of a model.",
            "Did you mean window?",
        ),
        (
            "[models.a]\npirce = 1\n",
            "models.a.pirce (config.toml line 2) is nothing that is known of a model.",
            "Did you mean price?",
        ),
        (
            "[models.a]\ncolour = 1\n",
            "models.a.colour (config.toml line 2) is nothing that is known of a model.",
            "There are window, max_input, max_output, price.",
        ),
        (
            "[models.a]\nprice = { prompt = 1, completon = 2 }\n",
            "models.a.price.completon (config.toml line 2) is nothing that is known of a model.",
            "Did you mean completion?",
        ),
        (
            "[models.gpt-4.1]\nwindow = 1\n",
            "models.gpt-4.1 (config.toml line 1) is nothing that is known of a model.",
            'A name with a dot in it stands in quotes: [models."gpt-4.1"].',
        ),
        (
            "[models.a]\nwindow = 0\n",
            "models.a.window (config.toml line 2) must be a whole number, 1 or more.",
            "It is 0 now.",
        ),
        (
            "[models.a.price]\nprompt = 1\ncompletion = -1\n",
            "models.a.price.completion (config.toml line 3) must be a number from 0 to 100000.",
            "It is -1 now.",
        ),
        (
            "\n[models.a]\nprice = { cached = 1 }\n",
            "models.a.price (config.toml line 3) lacks prompt and completion.",
            "A price looks like: price = { prompt = 0.1, completion = 0.5 }, in dollars per million tokens.",
        ),
        (
            "[models.a]\nprice = 1\n",
            "models.a.price (config.toml line 2) must be a table.",
            "A price looks like: price = { prompt = 0.1, completion = 0.5 }",
        ),
        (
            "[models]\na = 1\n",
            "models.a (config.toml line 2) must be a table.",
            'A model begins with a line such as [models."llama3.2:3b"].',
        ),
        (
            "[[models]]\nwindow = 1\n",
            "models (config.toml line 1) must be a table.",
            'A model begins with a line such as [models."llama3.2:3b"].',
        ),
    ],
)
def test_a_wrong_table_names_its_line_and_what_was_meant(read, text, message, hint):
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert (caught.value.message, caught.value.hint) == (message, hint)
