import pytest

from chatcli.adapters.dotenv_file import read_dotenv
from chatcli.core.readings import Entry


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("", []),
        ("# only a comment\n\n", []),
        ("A=1\n", [Entry(("A",), "1", 1)]),
        ("A=1\r\nB=2\r\n", [Entry(("A",), "1", 1), Entry(("B",), "2", 2)]),
        ("\n\n# comment\nexport A='x y' # why\n", [Entry(("A",), "x y", 4)]),
        ("A=1\n\n\nB=2", [Entry(("A",), "1", 1), Entry(("B",), "2", 4)]),
        ('A="two\nlines"\nB=2\n', [Entry(("A",), "two\nlines", 1), Entry(("B",), "2", 3)]),
        ("A=\n", [Entry(("A",), "", 1)]),
        ("A=1\nA=2\n", [Entry(("A",), "1", 1), Entry(("A",), "2", 2)]),
        ("\ufeffA=1\n", [Entry(("A",), "1", 1)]),
        ("A=caf\u00e9\n", [Entry(("A",), "caf\u00e9", 1)]),
    ],
)
def test_names_and_texts_come_with_their_lines(tmp_path, text, entries):
    path = tmp_path / ".env"
    path.write_bytes(text.encode())

    assert read_dotenv(path) == entries


def test_nothing_is_expanded(tmp_path):
    path = tmp_path / ".env"
    path.write_text('SECRET=hush\nA=${HOME}/$HOME\nB="${SECRET}"\n')

    assert [entry.value for entry in read_dotenv(path)] == ["hush", "${HOME}/$HOME", "${SECRET}"]


@pytest.mark.parametrize(
    "line", ['export KEY="never closed', "KEY='never closed", "KEY", 'KEY="closed" and more']
)
def test_a_line_that_cannot_be_read_keeps_its_name_and_harms_no_other(tmp_path, line):
    path = tmp_path / ".env"
    path.write_text(f"A=1\n\n{line}\nB=2\n")

    assert read_dotenv(path) == [Entry(("A",), "1", 1), Entry(("KEY",), None, 3), Entry(("B",), "2", 4)]


def test_bytes_that_are_not_utf_8_are_kept_and_harm_no_other_line(tmp_path):
    path = tmp_path / ".env"
    path.write_bytes(b"NAME=caf\xe9\nB=2\n")

    assert read_dotenv(path) == [Entry(("NAME",), "caf\udce9", 1), Entry(("B",), "2", 2)]


def test_a_directory_is_an_os_error(tmp_path):
    with pytest.raises(OSError, match="directory"):
        read_dotenv(tmp_path)
