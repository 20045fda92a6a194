"""Files as commands see them, in a real directory."""

from io import BytesIO, StringIO
from pathlib import Path

import pytest

from chatcli.adapters.gitignore import ignored
from chatcli.core.desk import Staged
from chatcli.core.messages import Image
from chatcli.env import Dirs, Env
from chatcli.errors import UsageError
from chatcli.files import LocalFiles
from tests.core.test_picture import png

PNG = png(640, 480)


@pytest.fixture
def make(tmp_path):
    """Makes files in the working directory; those whose name begins with ~ in the home directory."""
    (tmp_path / "work").mkdir()
    (tmp_path / "home").mkdir()

    def made(*names, **contents):
        for name in (*names, *contents):
            content = contents.get(name, "text\n")
            file = tmp_path / "home" / name[2:] if name.startswith("~") else tmp_path / "work" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / "work"

    return made


@pytest.fixture
def files(make, tmp_path):
    environ = {"HOME": str(tmp_path / "home")}
    env = Env(BytesIO(), StringIO(), StringIO(), environ, tmp_path / "work", Dirs(*[tmp_path] * 4))
    return LocalFiles(env, "utf-8", ignored, lambda: b"pasted")


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("a.py", ["a.py"]),
        ("a [1].txt", ["a [1].txt"]),
        ("*.py", ["a.py", "b.py"]),
        ("**/*.py", ["a.py", "b.py", "src/c.py", "src/deep/d.py"]),
        ("src", ["src/c.py", "src/deep/d.py"]),
        ("src/", ["src/c.py", "src/deep/d.py"]),
        ("src/deep/..", ["src/deep/../c.py", "src/deep/../deep/d.py"]),
        ("~/notes.txt", ["~/notes.txt"]),
        ("nothing.py", []),
        ("*.rs", []),
        ("src/deep/d.py/x", []),
        ("nul\0", []),
    ],
)
def test_a_name_a_pattern_and_a_directory_stand_for_files(make, files, pattern, names):
    make("b.py", "a.py", "a [1].txt", "src/c.py", "src/deep/d.py", "src/.hidden", "~/notes.txt")
    assert files.found(pattern, 10) == names


def test_a_pattern_outside_of_the_working_directory_gives_whole_paths(make, files, tmp_path):
    make("~/notes.txt", "a.py")
    assert files.found("~/*.txt", 10) == [str(tmp_path / "home" / "notes.txt")]
    assert files.found(f"{tmp_path}/work/*.py", 10) == [str(tmp_path / "work" / "a.py")]


def test_no_more_are_looked_for_than_are_wanted(make, files):
    make(*(f"src/{number}.py" for number in range(9)))
    assert [len(files.found(pattern, 3)) for pattern in ("src", "src/*.py")] == [3, 3]


def test_a_directory_holds_what_its_repository_does_not_ignore(make, files):
    make("src/a.py", "src/a.pyc", "src/build/b.py", "src/inner/c.log", "src/inner/keep.log")
    make(**{".git/HEAD": "", ".gitignore": "*.pyc\nbuild/\n*.log\n", "src/inner/.gitignore": "!keep.log\n"})
    assert files.found("src", 10) == ["src/a.py", "src/inner/keep.log"]
    assert files.found("src/*.pyc", 10) == ["src/a.pyc"]  # whoever says so wants them
    assert files.found("src/build", 10) == ["src/build/b.py"]


def test_a_directory_that_leads_in_a_circle_ends(make, files):
    (make("src/a.py") / "src" / "again").symlink_to("..", target_is_directory=True)
    assert files.found("src", 10) == ["src/a.py"]


def test_a_file_goes_along_as_what_it_is(make, files):
    make(**{"a.py": "x = 1\n", "shot.dat": PNG})
    assert files.staged("a.py") == Staged("a.py", "x = 1\n")
    shot = Image("shot.dat", "image/png", PNG, 640, 480)
    assert files.staged("shot.dat") == Staged("shot.dat", image=shot)
    assert files.image("shot.dat") == shot
    assert files.size("a.py") == 6


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.py", "none.py cannot be read: No such file or directory."),
        ("src", "src cannot be read: Is a directory."),
        ("a.bin", "a.bin looks like a binary file (NUL at byte 0)."),
        ("huge", "huge has 64 MB: no model reads that much."),
        ("half.png", "half.png is a damaged picture."),
        ("large.png", "large.png has 20.0 MB: 20 MB is the most."),
    ],
)
def test_what_cannot_go_along_says_why(make, files, name, message):
    work = make("src/a.py", **{"a.bin": b"\0\1", "half.png": PNG[:20], "large.png": PNG.ljust(20_000_001)})
    with (work / "huge").open("wb") as huge:
        huge.truncate(64_000_001)
    with pytest.raises(UsageError) as refused:
        files.staged(name)
    assert refused.value.message == message


def test_what_is_no_picture_is_none_by_any_name(make, files):
    make(**{"shot.png": "<svg/>", "paper.pdf": b"%PDF-1.7\xff"})
    for name in ("shot.png", "paper.pdf"):
        with pytest.raises(UsageError) as refused:
            files.image(name)
        assert refused.value.message == f"{name} is no picture that models read."
        assert refused.value.hint == "They read PNG, JPEG, WebP or GIF."


@pytest.mark.parametrize("content", [b"pasted", PNG])
def test_what_is_on_the_clipboard_is_a_text_or_a_picture(tmp_path, content):
    env = Env(None, StringIO(), StringIO(), {}, tmp_path, Dirs(*[tmp_path] * 4))
    on_it = LocalFiles(env, "latin-1", ignored, lambda: content).clipboard()
    assert on_it.name == "clipboard"
    assert (on_it.text, on_it.image is None) in [("pasted", True), ("", False)]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("", ["a b.txt", "main.py", "make.log", "src/"]),
        ("ma", ["main.py", "make.log"]),
        ("src", ["src/"]),
        ("src/", ["src/deep/", "src/x.py"]),
        ("src/d", ["src/deep/"]),
        ("./s", ["./src/"]),
        (".", [".hidden", ".venv/"]),
        (".h", [".hidden"]),
        ("src/.", ["src/.env"]),
        ("~", ["~/"]),
        ("~/n", ["~/notes.txt"]),
        ("nowhere/", []),
        ("main.py/", []),
        ("a [", []),
    ],
)
def test_paths_are_offered_as_a_shell_would(make, files, typed, offered):
    make("main.py", "make.log", "a b.txt", "src/x.py", "src/deep/y.py", "src/.env", "~/notes.txt")
    make(".hidden", ".venv/z.py", "bell\a.txt")
    assert files.offers(typed) == offered


def test_an_absolute_path_is_offered_whole(make, files):
    assert files.offers(f"{make('main.py')}/m") == [f"{make()}/main.py"]


def test_nothing_that_the_repository_ignores_is_offered_until_somebody_is_in_it(make, files):
    make("main.py", "main.pyc", "build/out.pyc", **{".git/HEAD": "", ".gitignore": "*.pyc\nbuild\n"})
    assert files.offers("") == ["main.py"]
    assert files.offers("build/") == ["build/out.pyc"]


def test_of_a_very_large_directory_the_first_are_offered(make, files):
    make(*(f"many/{number:03}" for number in range(300)))
    assert files.offers("many/") == [f"many/{number:03}" for number in range(200)]
    assert files.offers("many/29") == [f"many/29{digit}" for digit in range(10)]


def test_only_files_can_be_read(make, files):
    make("src/a.py")
    names = ("src/a.py", "src", "none", str(Path("/dev/null")), "nul\0")
    assert [name for name in names if files.is_file(name)] == ["src/a.py"]


@pytest.mark.parametrize(
    ("name", "here"),
    [
        ("a.py", True),
        ("src/../src/a.py", True),
        ("../work/a.py", True),
        (".env", False),
        ("src/.git/config", False),
        ("../home/notes.txt", False),
        ("~/notes.txt", False),
        ("/etc/hosts", False),
        ("link", False),
    ],
)
def test_a_file_lies_here_if_it_is_below_the_working_directory_and_not_hidden(make, files, name, here):
    (make("a.py", "src/a.py", ".env", "~/notes.txt") / "link").symlink_to("../home/notes.txt")
    assert files.lies_here(name) is here
