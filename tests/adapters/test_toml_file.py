import pytest

from chatcli.adapters.toml_file import read_toml
from chatcli.core.readings import Entry
from chatcli.errors import ConfigError


def lines(tmp_path, text):
    path = tmp_path / "config.toml"
    path.write_bytes(text.encode())
    return {".".join(entry.names): entry.line for entry in read_toml(path)}


def test_values_come_with_their_lines(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('model = "x"\n\n# warm\ntemperature = 0.2 # steady\nstop = ["a"]\n')

    assert read_toml(path) == [
        Entry(("model",), "x", 1),
        Entry(("temperature",), 0.2, 4),
        Entry(("stop",), ["a"], 5),
    ]


def test_a_table_comes_ahead_of_what_it_holds(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('[profiles.work]\nmodel = "x"\n[profiles.empty]\n')

    assert [(entry.names, entry.line) for entry in read_toml(path)] == [
        (("profiles",), 1),
        (("profiles", "work"), 1),
        (("profiles", "work", "model"), 2),
        (("profiles",), 3),
        (("profiles", "empty"), 3),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("# nothing\n", {}),
        ('system = """\nmany\n\nlines\n"""\nmodel = "x"', {"system": 1, "model": 6}),
        ("system = '''\n[no.header]\nno = key\n'''\nmodel = 'x'", {"system": 1, "model": 5}),
        ('stop = [\n  "a", # ]\n  "b",\n]\nmodel = "x"', {"stop": 1, "model": 5}),
        ('\r\nmodel = "x"\r\nsystem = """a\r\nb"""\r\nseed = 1\r\n', {"model": 2, "system": 3, "seed": 5}),
        ('model = "a\u2028b"\nseed = 1\n', {"model": 1, "seed": 2}),
        ('"key = [" = 1\nseed = 2', {"key = [": 1, "seed": 2}),
        ("profiles.a.seed = 1", {"profiles": 1, "profiles.a": 1, "profiles.a.seed": 1}),
        ("\nprofiles = {a = {seed = 1}}", {"profiles": 2, "profiles.a": 2, "profiles.a.seed": 2}),
        ("[[profiles]]\nseed = 1", {"profiles": 1, "profiles.seed": 2}),
        ("\ufeffseed = 1", {"seed": 1}),
    ],
)
def test_every_way_to_write_a_name_has_its_line(tmp_path, text, expected):
    assert lines(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('model = "x"\nseed =\n', "line 2 is not TOML: invalid value."),
        ("a = 1\nb = 2\na = 3\n", "line 3 is not TOML: cannot overwrite a value."),
        ('a = 1\n\nsystem = """\nnever closed\n', "line 4 is not TOML: unterminated string."),
        ("a = 1\n[profiles.work\n", "line 2 is not TOML"),
        ("nonsense", "line 1 is not TOML"),
    ],
)
def test_what_is_no_toml_names_its_line(tmp_path, text, message):
    path = tmp_path / "config.toml"
    path.write_text(text)

    with pytest.raises(ConfigError) as caught:
        read_toml(path)

    assert f"{path} {message}" in caught.value.message
    assert caught.value.hint


def test_a_file_in_another_encoding_names_the_byte(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes(b'system = "caf\xe9"\n')

    with pytest.raises(ConfigError, match=r"config\.toml is not UTF-8 \(byte 13\)\."):
        read_toml(path)


def test_a_long_text_is_read_once_not_at_each_of_its_lines(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('system = """\n' + "a line of a long text\n" * 20_000 + '"""\nmodel = "x"\n')

    assert read_toml(path)[1] == Entry(("model",), "x", 20_003)
