import pytest

from chatcli.core.script import messages


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", []),
        ("one\ntwo\n", ["one", "two"]),
        ("one\r\ntwo", ["one", "two"]),
        ("# a remark\n\n/temperature 0\n \n  hello  \n", ["/temperature 0", "  hello  "]),
        ("one \\\ntwo\\\n# three\nfour", ["one \ntwo\n# three", "four"]),
        ("one\\", ["one"]),
        ("one\\\r\ntwo\r\n", ["one\ntwo"]),
        ("a\fb\vc\x1cd\x85e\u2028f\rg\nh", ["a\fb\vc\x1cd\x85e\u2028f\rg", "h"]),
        ("/system Be brief.\\\n\\\nBe kind.\nhi", ["/system Be brief.\n\nBe kind.", "hi"]),
    ],
)
def test_each_line_is_a_message_unless_it_ends_in_a_backslash(text, said):
    assert list(messages(text)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("```py\n# 1\n\n  2\\\n```\nnext", ["```py\n# 1\n\n  2\\\n```", "next"]),
        ("What is this?\\\n~~~\n```\n~~~\nnext", ["What is this?\n~~~\n```\n~~~", "next"]),
        ("````\n```\n`````\nnext", ["````\n```\n`````", "next"]),
        ("```\n``` py\n```\nnext", ["```\n``` py\n```", "next"]),
        ("What is ``` for?\nnext", ["What is ``` for?", "next"]),
        ("```inline``` code\nnext", ["```inline``` code", "next"]),
        ("    ```\nnext", ["    ```", "next"]),
        ("```\nnever closed\n", ["```\nnever closed"]),
    ],
)
def test_a_fence_of_code_goes_on_until_it_is_closed(text, said):
    assert list(messages(text)) == said
