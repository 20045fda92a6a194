import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcli.core.attach import Attachment, compose, decode
from chatcli.errors import UsageError


@pytest.mark.parametrize(
    ("attachments", "expected"),
    [
        ([], "Why?"),
        ([Attachment("a.py", "x = 1\n")], "a.py:\n```py\nx = 1\n```\n\nWhy?"),
        ([Attachment("a.py", "x = 1")], "a.py:\n```py\nx = 1\n```\n\nWhy?"),
        ([Attachment("stdin", "one\r\ntwo\r\n")], "stdin:\n```\none\r\ntwo\r\n```\n\nWhy?"),
        ([Attachment("empty", "")], "empty:\n```\n```\n\nWhy?"),
        (
            [Attachment("dir.d/a", "1"), Attachment("b.log", "2")],
            "dir.d/a:\n```\n1\n```\n\nb.log:\n```log\n2\n```\n\nWhy?",
        ),
        ([Attachment("a.md", "```\ncode\n```\n")], "a.md:\n````md\n```\ncode\n```\n````\n\nWhy?"),
        ([Attachment("a.md", "a `````` b")], "a.md:\n```````md\na `````` b\n```````\n\nWhy?"),
        ([Attachment("a.b c", "1")], "a.b c:\n```\n1\n```\n\nWhy?"),
        ([Attachment("a\n```\udce9", "1")], "a?```?:\n```\n1\n```\n\nWhy?"),
    ],
)
def test_attachments_come_first_each_fenced_under_its_name(attachments, expected):
    assert compose("Why?", attachments) == expected


def test_attachments_need_no_question():
    assert compose("", [Attachment("a.txt", "1")]) == "a.txt:\n```txt\n1\n```"


@given(st.text(alphabet="`a\n\r "))
def test_no_text_closes_its_own_fence_and_none_is_changed(text):
    opening, _, rest = compose("", [Attachment("x", text)]).removeprefix("x:\n").partition("\n")
    assert opening not in text
    assert rest in {f"{text}{opening}", f"{text}\n{opening}"}


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        (b"", "utf-8", ""),
        ("naïve 漢 😀".encode(), "utf-8", "naïve 漢 😀"),
        (b"one\r\ntwo\rthree\n", "utf-8", "one\r\ntwo\rthree\n"),
        (b"\xef\xbb\xbfhi", "utf-8", "\ufeffhi"),
        (b"\xef\xbb\xbfhi", "utf-8-sig", "hi"),
        (b"\xff\xfeh\0i\0", "utf-16", "hi"),
        (b"caf\xe9", "latin-1", "café"),
        (b"caf\xe9", "CP1252", "café"),
        (b"\x1b[31mred\x07", "utf-8", "\x1b[31mred\x07"),
    ],
)
def test_bytes_become_the_text_that_they_are(data, encoding, text):
    assert decode("a.txt", data, encoding) == text


@pytest.mark.parametrize(
    ("data", "encoding", "message"),
    [
        (b"caf\xe9", "utf-8", "a.txt is not valid utf-8: byte 0xe9 at offset 3."),
        (b" " * 1_234_567 + b"\xff", "utf-8", "a.txt is not valid utf-8: byte 0xff at offset 1,234,567."),
        (b"\xed\xa0\x80", "utf-8", "a.txt is not valid utf-8: byte 0xed at offset 0."),
        (b"\0\xd8", "utf-16-le", "a.txt is not valid utf-16-le: byte 0x00 at offset 0."),
        (b"odd", "utf-16-le", "a.txt is not valid utf-16-le: byte 0x64 at offset 2."),
        (b"hi +2AA-", "utf-7", "a.txt is not valid utf-7: half a surrogate pair at character 3."),
        (
            b"\\ud800",
            "unicode_escape",
            "a.txt is not valid unicode_escape: half a surrogate pair at character 0.",
        ),
        (b"x", "undefined", "a.txt is not valid undefined."),
        (b"PK\x03\x04\0\0", "utf-8", "a.txt looks like a binary file (NUL at byte 4)."),
        ("é".encode() * 1_000 + b"\0", "utf-8", "a.txt looks like a binary file (NUL at byte 2,000)."),
        (b"\xff\xfeh\0\0\0", "utf-16", "a.txt looks like a binary file (NUL at byte 4)."),
        (b"h\0\0\0i\0", "utf-16", "a.txt looks like a binary file (NUL at byte 2)."),
    ],
)
def test_bytes_that_are_no_text_are_refused_and_the_place_named(data, encoding, message):
    with pytest.raises(UsageError) as refused:
        decode("a.txt", data, encoding)
    assert refused.value.message == message
    assert "--encoding" in refused.value.hint


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"hi", "utf-9"),
        (b"", "utf-9"),
        (b"hi", ""),
        (b"hi", "hex"),
        (b"hi", "rot13"),
        (b"hi", "utf-8\0"),
        (b"hi", "é"),
        (b"hi", "../x"),
    ],
)
def test_an_unknown_encoding_is_refused(data, encoding):
    with pytest.raises(UsageError) as refused:
        decode("a.txt", data, encoding)
    assert refused.value.message == f"There is no text encoding {encoding!r}."


@given(
    st.binary(max_size=30),
    st.sampled_from(["utf-8", "utf-16", "utf-32", "utf-7", "cp1252", "shift_jis", "idna", "punycode"]),
)
def test_whatever_the_bytes_the_text_can_be_sent(data, encoding):
    try:
        text = decode("a.txt", data, encoding)
    except UsageError:
        return
    assert text == codecs.decode(data, encoding)
    assert b"\0" not in text.encode()
