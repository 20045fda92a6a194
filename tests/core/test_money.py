import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcli.core.catalog import Price
from chatcli.core.messages import Usage
from chatcli.core.money import Caps, Spent, cost, shown, would_pass

LUNA = Price(0.1, 0.5, cached=0.01, long_prompt=0.2, long_completion=0.75)
PLAIN = Price(10, 30)
DEAR = Price(100, 300)


@pytest.mark.parametrize(
    ("price", "usage", "dollars"),
    [
        (LUNA, Usage(prompt=1_000_000, completion=0), 0.2),
        (LUNA, Usage(prompt=100_000, completion=100_000), 0.06),
        (LUNA, Usage(prompt=100_000, completion=0, cached=90_000), 0.0019),
        (LUNA, Usage(prompt=100, completion=50, reasoning=40), 0.000035),
        (LUNA, Usage(prompt=272_000, completion=1_000), 0.0277),
        (LUNA, Usage(prompt=272_001, completion=1_000), 0.0551502),
        (LUNA, Usage(prompt=300_000, completion=0, cached=200_000), 0.024),
        (PLAIN, Usage(prompt=1_000, completion=1_000, cached=900), 0.04),
        (PLAIN, Usage(prompt=300_000, completion=1_000), 3.03),
        (Price(0, 0), Usage(prompt=300_000, completion=1_000), 0),
        (None, Usage(prompt=1_000, completion=1_000), None),
    ],
)
def test_a_request_costs_what_its_tokens_cost(price, usage, dollars):
    assert cost(price, usage) == (None if dollars is None else pytest.approx(dollars))


def test_a_session_adds_up():
    spent = Spent().add(PLAIN, Usage(prompt=1_000, completion=100)).add(PLAIN, Usage(2_000, 200))
    assert (spent.prompt, spent.completion, spent.tokens) == (3_000, 300, 3_300)
    assert spent.cost == pytest.approx(0.039)


def test_one_unknown_price_makes_the_sum_unknown_but_not_what_is_known_of_it():
    spent = Spent().add(PLAIN, Usage(1_000, 0)).add(None, Usage(500, 50))
    assert (spent.cost, spent.tokens, spent.unpriced) == (None, 1_550, 550)
    assert spent.dollars == pytest.approx(0.01)


def test_a_session_that_has_asked_nothing_has_cost_nothing():
    assert (Spent().cost, Spent().tokens) == (0, 0)


@pytest.mark.parametrize(
    ("caps", "price", "why_not"),
    [
        (Caps(), DEAR, None),
        (Caps(max_total_tokens=3_000), DEAR, None),
        (Caps(max_total_tokens=2_999), DEAR, "3,000 tokens with this, and max_total_tokens is 2,999."),
        (Caps(max_total_tokens=2_999), None, "3,000 tokens with this, and max_total_tokens is 2,999."),
        (Caps(max_cost=0.41), DEAR, None),
        (Caps(max_cost=0.39), DEAR, "$0.40 with this, and max_cost is $0.39."),
        (Caps(max_cost=0), DEAR, "$0.40 with this, and max_cost is $0."),
        (Caps(max_cost=0.2), None, None),
        (Caps(max_cost=0.1), None, "$0.20 with this, and max_cost is $0.10."),
    ],
)
def test_the_request_that_could_pass_a_cap_is_named(caps, price, why_not):
    spent = Spent().add(DEAR, Usage(prompt=2_000, completion=0))
    told = would_pass(spent, caps, price, prompt=500, reserve=500)
    assert told == (why_not and f"The session could come to {why_not}")


COUNTS = st.integers(0, 400_000)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_a_request_that_may_be_sent_stays_below_the_caps_however_long_its_reply_gets(
    prompt, reserve, completion, cached
):
    caps = Caps(max_cost=0.05, max_total_tokens=500_000)
    if would_pass(Spent(), caps, LUNA, prompt, reserve) is None:
        usage = Usage(prompt, min(completion, reserve), cached=min(cached, prompt))
        spent = Spent().add(LUNA, usage)
        assert spent.cost <= 0.05
        assert spent.tokens <= 500_000


@pytest.mark.parametrize(
    ("dollars", "text"),
    [
        (0, "$0"),
        (0.00001, "<$0.0001"),
        (0.0001, "$0.0001"),
        (0.00124, "$0.0012"),
        (0.012, "$0.012"),
        (0.0996, "$0.10"),
        (0.123, "$0.12"),
        (0.999, "$1.00"),
        (1.5, "$1.50"),
        (1234.567, "$1,234.57"),
    ],
)
def test_an_amount_has_the_digits_that_matter(dollars, text):
    assert shown(dollars) == text
