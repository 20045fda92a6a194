import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcli.core.attach import compose, decode, mentioned, message, staged
from chatcli.core.desk import Staged
from chatcli.core.messages import Image, Message, Role
from chatcli.errors import UsageError


@pytest.mark.parametrize(
    ("attachments", "expected"),
    [
        ([], "Why?"),
        ([Staged("a.py", "x = 1\n")], "a.py:\n```py\nx = 1\n```\n\nWhy?"),
        ([Staged("a.py", "x = 1")], "a.py:\n```py\nx = 1\n```\n\nWhy?"),
        ([Staged("stdin", "one\r\ntwo\r\n")], "stdin:\n```\none\r\ntwo\r\n```\n\nWhy?"),
        ([Staged("empty", "")], "empty:\n```\n```\n\nWhy?"),
        (
            [Staged("dir.d/a", "1"), Staged("b.log", "2")],
            "dir.d/a:\n```\n1\n```\n\nb.log:\n```log\n2\n```\n\nWhy?",
        ),
        ([Staged("a.md", "```\ncode\n```\n")], "a.md:\n````md\n```\ncode\n```\n````\n\nWhy?"),
        ([Staged("a.md", "a `````` b")], "a.md:\n```````md\na `````` b\n```````\n\nWhy?"),
        ([Staged("a.b c", "1")], "a.b c:\n```\n1\n```\n\nWhy?"),
        ([Staged("a\n```\udce9", "1")], "a?```?:\n```\n1\n```\n\nWhy?"),
    ],
)
def test_attachments_come_first_each_fenced_under_its_name(attachments, expected):
    assert compose("Why?", attachments) == expected


def test_attachments_need_no_question():
    assert compose("", [Staged("a.txt", "1")]) == "a.txt:\n```txt\n1\n```"


@given(st.text(alphabet="`a\n\r "))
def test_no_text_closes_its_own_fence_and_none_is_changed(text):
    opening, _, rest = compose("", [Staged("x", text)]).removeprefix("x:\n").partition("\n")
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


SHOT = Image("shot.png", "image/png", b"\x89PNG", 8, 8)


def test_a_message_has_texts_before_its_question_and_images_beside_it():
    along = [Staged("shot.png", image=SHOT), Staged("a.txt", "1\n")]
    composed = "a.txt:\n```txt\n1\n```\n\nWhy?"
    told = message("Why?", along)
    assert told == Message(Role.USER, composed, images=(SHOT,), along=len(composed) - 4)
    assert told.asked == "Why?"
    assert message("Why?", []) == Message(Role.USER, "Why?")


def test_what_a_command_printed_is_in_no_language():
    assert compose("", [Staged("$ cat a.py", "x = 1\n")]) == "$ cat a.py:\n```\nx = 1\n```"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@a.py", ["a.py"]),
        ("why @a.py fails", ["a.py"]),
        ("why\n\t@a.py\nfails", ["a.py"]),
        ("@a.py @my notes.txt", ["a.py"]),
        ('@"my notes.txt" and @a.py', ["my notes.txt", "a.py"]),
        ("(see @a.py, @b.py.)", ["a.py", "b.py"]),
        ("why @a.py? @a.py!", ["a.py"]),
        ("@odd.", ["odd."]),
        ("ann@a.py", []),
        ("(@a.py)", []),
        ('@nobody @ @@a.py @... @"" @"a.py', []),
        ("", []),
    ],
)
def test_files_are_named_behind_an_at_sign_where_there_are_such_files(text, names):
    there = {"a.py", "b.py", "my notes.txt", "odd."}
    assert mentioned(text, there.__contains__) == names


@given(st.text(alphabet='@"a. ,\n'))
def test_only_files_are_named_and_each_once(text):
    names = mentioned(text, {"a", "a a", "a."}.__contains__)
    assert set(names) <= {"a", "a a", "a."}
    assert len(names) == len(set(names))


def test_bytes_go_along_as_the_picture_or_the_text_that_they_are():
    gif = b"GIF89a\x02\0\x01\0"
    assert staged("shot", gif) == Staged("shot", image=Image("shot", "image/gif", gif, 2, 1))
    assert staged("a.txt", b"caf\xe9", "latin-1") == Staged("a.txt", "café")
    with pytest.raises(UsageError, match=r"a.bin looks like a binary file"):
        staged("a.bin", b"\0")
