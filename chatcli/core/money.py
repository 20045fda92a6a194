"""What requests cost, what a session has spent, and whether the next request would be too much.

A price that nobody knows stays unknown: it is never taken for zero.
"""

from typing import NamedTuple

from chatcli.core.catalog import Price
from chatcli.core.messages import Usage

# A prompt with more tokens than this makes its whole request dearer, on the models that list such prices.
LONG_PROMPT = 272_000


class Caps(NamedTuple):
    """How much a session may use up, in dollars and in tokens; None is "as much as it likes"."""

    max_cost: float | None = None
    max_total_tokens: int | None = None


NO_CAPS = Caps()


class Spent(NamedTuple):
    """What a session has used up, and what its ``last`` request has.

    ``dollars`` leave out the ``unpriced`` tokens, whose price nobody knows.
    """

    prompt: int = 0
    completion: int = 0
    dollars: float = 0.0
    unpriced: int = 0
    last: "Spent | None" = None

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens together."""
        return self.prompt + self.completion

    @property
    def cost(self) -> float | None:
        """Dollars for everything; None where the price of a part is unknown."""
        return None if self.unpriced else self.dollars

    def add(self, price: Price | None, usage: Usage) -> "Spent":
        """What it is after one more request."""
        paid = cost(price, usage)
        last = Spent(usage.prompt, usage.completion, paid or 0.0, usage.total if paid is None else 0)
        return Spent(
            prompt=self.prompt + last.prompt,
            completion=self.completion + last.completion,
            dollars=self.dollars + last.dollars,
            unpriced=self.unpriced + last.unpriced,
            last=last,
        )


def cost(price: Price | None, usage: Usage) -> float | None:
    """Dollars for one request; None where the price is unknown. Reasoning is paid as completion.

    Cached tokens cost as much as others where no price of their own is known.
    """
    if price is None:
        return None
    prompt, completion = price.prompt, price.completion
    cached = prompt if price.cached is None else price.cached
    if usage.prompt > LONG_PROMPT:
        longer = price.long_prompt or prompt
        # OpenAI lists the price of cached tokens as rising by the same factor.
        cached = cached * longer / prompt if prompt else cached
        prompt, completion = longer, price.long_completion or completion
    fresh = usage.prompt - usage.cached
    return (fresh * prompt + usage.cached * cached + usage.completion * completion) / 1_000_000


def would_pass(spent: Spent, caps: Caps, price: Price | None, prompt: int, reserve: int) -> str | None:
    """Why not to send a request of ``prompt`` tokens with ``reserve`` for its reply; None if it may be sent.

    The reply is taken to be as long as it may be. Tokens without a price count towards no number of dollars.
    """
    tokens = spent.tokens + prompt + reserve
    if caps.max_total_tokens is not None and tokens > caps.max_total_tokens:
        most = f"{caps.max_total_tokens:,}"
        return f"The session could come to {tokens:,} tokens with this, and max_total_tokens is {most}."
    dollars = spent.dollars + (cost(price, Usage(prompt, reserve)) or 0.0)
    if caps.max_cost is not None and dollars > caps.max_cost:
        return (
            f"The session could come to {shown(dollars)} with this, and max_cost is {shown(caps.max_cost)}."
        )
    return None


def shown(dollars: float) -> str:
    """The amount as a person reads it: to the cent, or two digits of what is less than ten cents."""
    if dollars == 0:
        return "$0"
    if dollars < 0.0001:
        return "<$0.0001"
    digits = next((digits for digits in (2, 3) if round(dollars * 10**digits) >= 10), 4)
    return f"${dollars:,.{digits}f}"
