import pytest

from chatcli.adapters.tiktoken_count import TiktokenCount
from chatcli.core.budget import PER_MESSAGE, PER_REPLY
from chatcli.core.counting import guessed_image_tokens, image_tokens, tool_tokens

O200K = TiktokenCount("o200k_base")
CL100K = TiktokenCount("cl100k_base")

# The example chat of OpenAI's cookbook: name and text of each message.
CHAT = [
    (
        "",
        "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
    ),
    ("example_user", "New synergies will help drive top-line growth."),
    ("example_assistant", "Things working well together will increase revenue."),
    (
        "example_user",
        (
            "Let's circle back when we have more bandwidth to touch base on opportunities "
            "for increased leverage."
        ),
    ),
    ("example_assistant", "Let's talk later when we're less busy about how to do better."),
    ("", "This late pivot means we don't have time to boil the ocean for the client deliverable."),
]


@pytest.mark.parametrize(("counter", "tokens"), [(O200K, 124), (CL100K, 129)])
def test_a_chat_is_framed_as_the_cookbook_counts_it(counter, tokens):
    texts = PER_REPLY + sum(PER_MESSAGE + counter.count(text) for _, text in CHAT)
    names = sum(1 + counter.count(name) for name, _ in CHAT if name)
    assert texts + names == tokens


WEATHER = {
    "type": "function",
    "function": {
        "name": "get_current_weather",
        "description": "Get the current weather in a given location",
        "parameters": {
            "type": "object",
            "properties": {
                "location": {
                    "type": "string",
                    "description": "The city and state, e.g. San Francisco, CA",
                },
                "unit": {
                    "type": "string",
                    "description": "The unit of temperature to return",
                    "enum": ["celsius", "fahrenheit"],
                },
            },
            "required": ["location"],
        },
    },
}


@pytest.mark.parametrize(("counter", "start", "tokens"), [(O200K, 7, 101), (CL100K, 10, 105)])
def test_the_cookbooks_tool_has_the_tokens_that_the_api_counts(counter, start, tokens):
    system = "You are a helpful assistant that can answer to questions about the weather."
    user = "What's the weather like in San Francisco?"
    chat = PER_REPLY + sum(PER_MESSAGE + counter.count(text) for text in (system, user))
    assert chat + tool_tokens([WEATHER], counter.count, start) == tokens


def test_no_tools_weigh_nothing():
    assert tool_tokens([], O200K.count, 7) == 0


@pytest.mark.parametrize(
    ("model", "width", "height", "detail", "tokens"),
    [
        # OpenAI's own examples.
        ("gpt-4o", 1024, 1024, "high", 765),
        ("gpt-4o", 2048, 4096, "high", 1_105),
        ("gpt-4o", 4096, 8192, "low", 85),
        # A side that is exactly so many squares long has no more of them.
        ("gpt-4o", 1000, 3000, "auto", 85 + 170 * 2 * 4),
        ("gpt-4o", 1, 1, "auto", 85 + 170),
        ("gpt-4o-mini", 1024, 1024, "high", 2_833 + 5_667 * 4),
        ("o1", 100, 100, "low", 75),
        ("gpt-5", 512, 512, "high", 210),
    ],
)
def test_an_image_is_counted_in_tiles(model, width, height, detail, tokens):
    assert image_tokens(model, width, height, detail) == tokens


@pytest.mark.parametrize(
    ("width", "height", "patches"),
    [
        (1024, 1024, 1024),  # OpenAI's own examples
        (1800, 2400, 1452),
        (2400, 1800, 1452),
        (33, 32, 2),
        (1_000_000, 1, 1_536),
        (10_000, 10_000, 1_521),
    ],
)
def test_an_image_is_counted_in_patches_and_weighs_more_on_some_models(width, height, patches):
    assert image_tokens("gpt-4.1-mini", width, height) == -(-patches * 162 // 100)
    assert image_tokens("gpt-4.1-nano", width, height, "low") == -(-patches * 246 // 100)


@pytest.mark.parametrize("model", ["gpt-6-luna", "llama3.2:3b", ""])
def test_where_no_rule_is_published_nothing_is_invented(model):
    assert image_tokens(model, 1024, 1024) is None


def test_a_guess_is_what_most_models_would_count():
    assert guessed_image_tokens(1024, 1024) == image_tokens("gpt-4o", 1024, 1024) == 765
