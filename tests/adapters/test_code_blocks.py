"""The code in a reply, exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcli.adapters.code_blocks import code_blocks


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("no code, `but this`", []),
        ("```python\nprint(1)\n```", [("python", "print(1)\n")]),
        ("~~~\n```\n~~~", [("", "```\n")]),
        ("````md\n```sh\nls\n```\n````", [("md", "```sh\nls\n```\n")]),
        ('```python title="x.py"\n\n\tx\n\n```', [("python", "\n\tx\n\n")]),
        ("1. so:\n\n   ```sh\n   ls\n     -l\n   ```\n", [("sh", "ls\n  -l\n")]),
        ("> ```\n> quoted\n> ```", [("", "quoted\n")]),
        ("    indented\n\n    code", [("", "indented\n\ncode\n")]),
        ("```sh\nls", [("sh", "ls")]),
        ("```\n```", [("", "")]),
        ("```a\n1\n```\ntext\n```b\n2\n```", [("a", "1\n"), ("b", "2\n")]),
    ],
)
def test_blocks_are_those_of_commonmark(text, blocks):
    assert code_blocks(text) == blocks


LINE = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=("Cs",)))


@given(st.lists(LINE.filter(lambda line: "~~~" not in line)))
def test_the_source_between_two_fences_is_the_source(lines):
    source = "".join(f"{line}\n" for line in lines)
    assert code_blocks(f"So:\n\n~~~py\n{source}~~~\n\nDone.") == [("py", source)]
