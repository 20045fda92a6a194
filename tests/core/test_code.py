"""Whether a text ends inside a block of code."""

import pytest

from chatcli.core.code import in_fence


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("", False),
        ("```", True),
        ("Look:\n```python\nprint(1)", True),
        ("```python\nprint(1)\n```", False),
        ("```\na\n```\n\n```\nb", True),
        ("```` \n```\n", True),
        ("```\n````", False),
        ("~~~\n```", True),
        ("~~~\n~~~  ", False),
        ("```\n``` and more", True),
        ("   ```", True),
        ("    ```", False),
        ("in words: ```", False),
        ("``` `a` is no fence", False),
    ],
)
def test_a_fence_is_open_until_one_as_long_closes_it(text, inside):
    assert in_fence(text) is inside
