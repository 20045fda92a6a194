"""What images and tools weigh in a prompt, by the rules that OpenAI has published.

What a chat's messages weigh stands in budget.py.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import ceil, isqrt
from typing import Any, NamedTuple


class Tiles(NamedTuple):
    """An image costs ``base`` tokens, and at high detail ``tile`` more for each square of 512 pixels."""

    base: int
    tile: int


TILES = {
    "gpt-4-turbo": Tiles(85, 170),
    "gpt-4-vision-preview": Tiles(85, 170),
    "gpt-4o": Tiles(85, 170),
    "gpt-4o-mini": Tiles(2833, 5667),
    "gpt-4.1": Tiles(85, 170),
    "gpt-5": Tiles(70, 140),
    "o1": Tiles(75, 150),
    "o3": Tiles(75, 150),
}

# An image costs this many tokens for each square of 32 pixels, at any detail.
PATCHES = {
    "gpt-4.1-mini": Fraction("1.62"),
    "gpt-4.1-nano": Fraction("2.46"),
    "gpt-5-mini": Fraction("1.62"),
    "gpt-5-nano": Fraction("2.46"),
    "o4-mini": Fraction("1.72"),
}
MOST_PATCHES = 1_536

USUAL = TILES["gpt-4o"]  # where no rule is published


def image_tokens(model: str, width: int, height: int, detail: str = "auto") -> int | None:
    """The tokens of an image for a model, by its undated name; None where no rule is published.

    ``detail`` is as the API takes it: "low", "high" or "auto", which counts as high.
    """
    if model in PATCHES:
        return ceil(_patches(width, height) * PATCHES[model])
    if model not in TILES:
        return None
    base, tile = TILES[model]
    return base if detail == "low" else base + tile * _tiles(width, height)


def guessed_image_tokens(width: int, height: int) -> int:
    """About the tokens of an image, for a model of which no rule is published."""
    return USUAL.base + USUAL.tile * _tiles(width, height)


def tool_tokens(tools: Sequence[Mapping[str, Any]], count: Callable[[str], int], start: int) -> int:
    """The tokens of function tools, as the API takes them; each begins with ``start``.

    That is 7 for models that count with o200k_base, 10 for those with cl100k_base.
    """
    if not tools:
        return 0
    return 12 + sum(_function(tool["function"], count, start) for tool in tools)


def _tiles(width: int, height: int) -> int:
    """Squares of 512 pixels, once the image is shrunk into 2,048 by 2,048 and its short side to 768."""
    longer, shorter = max(width, height), min(width, height)
    scale = min(Fraction(1), Fraction(2_048, longer), Fraction(768, shorter))
    return ceil(width * scale / 512) * ceil(height * scale / 512)


def _patches(width: int, height: int) -> int:
    """Squares of 32 pixels, once the image is shrunk until there are not too many of them."""
    patches = ceil(width / 32) * ceil(height / 32)
    if patches <= MOST_PATCHES:
        return patches
    across = max(1, isqrt(MOST_PATCHES * width // height))
    down = max(1, isqrt(MOST_PATCHES * height // width))
    scale = min(Fraction(across, width), Fraction(down, height))  # one side becomes whole squares
    return min(MOST_PATCHES, ceil(width * scale) * ceil(height * scale))


def _function(function: Mapping[str, Any], count: Callable[[str], int], start: int) -> int:
    properties: Mapping[str, Mapping[str, Any]] = function["parameters"]["properties"]
    line = f"{function['name']}:{function['description'].removesuffix('.')}"
    tokens = start + count(line) + (3 if properties else 0)
    for name, about in properties.items():
        tokens += 3 + count(f"{name}:{about['type']}:{about['description'].removesuffix('.')}")
        if "enum" in about:
            tokens += sum(3 + count(choice) for choice in about["enum"]) - 3
    return tokens
