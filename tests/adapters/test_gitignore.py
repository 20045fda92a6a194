"""What a repository ignores; git itself is the judge."""

import os
import shutil
import subprocess

import pytest

from chatcli.adapters.gitignore import ignored


@pytest.fixture
def repository(tmp_path):
    """Makes one, with these texts as the .gitignore of these folders."""

    def made(root="", **folders):
        for name, text in {".": root, **folders}.items():
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / ".gitignore").write_text(text)
        (tmp_path / ".git").mkdir()
        return tmp_path

    return made


def names_that(ignores, *names):
    return [name for name in names if ignores(name)]


def test_what_the_nearest_file_says_holds(repository):
    folder = repository(root="*.log\nbuild/\n/top\n", inner="!keep.log\n*.tmp\n")
    here = ignored(folder)
    assert names_that(here, "a.log", "a.tmp", "build/", "build", "top", "a.py") == ["a.log", "build/", "top"]
    inner = ignored(folder / "inner")
    assert names_that(inner, "a.log", "keep.log", "a.tmp", "top") == ["a.log", "a.tmp"]


def test_a_file_says_something_of_all_that_lies_beneath_it(repository):
    folder = repository(root="deep/**/x\nsub/a.py\n")
    for name in ("deep/er", "sub/more"):
        (folder / name).mkdir(parents=True)
    assert names_that(ignored(folder / "deep" / "er"), "x", "y") == ["x"]
    assert names_that(ignored(folder / "sub"), "a.py", "b.py") == ["a.py"]
    assert names_that(ignored(folder / "sub" / "more"), "a.py") == []


def test_whoever_looks_into_a_folder_that_is_ignored_finds_what_is_there(repository):
    folder = repository(root="build/\n*.o\n")
    (folder / "build" / "debug").mkdir(parents=True)
    assert names_that(ignored(folder / "build"), "a.o", "a.py") == []
    assert names_that(ignored(folder / "build" / "debug"), "a.o") == []


def test_outside_of_a_repository_nothing_is_ignored(tmp_path):
    (tmp_path / ".gitignore").write_text("*\n")
    assert names_that(ignored(tmp_path), "a.py") == []


def test_a_line_that_is_no_pattern_is_passed_over(repository):
    folder = repository(root="!\n\\\n*.log\n")
    assert names_that(ignored(folder), "a.log", "a.py") == ["a.log"]


def test_a_file_that_changes_is_read_again(repository):
    folder = repository(root="*.log\n")
    assert names_that(ignored(folder), "a.log", "a.py") == ["a.log"]
    (folder / ".gitignore").write_text("*.py\n")
    assert names_that(ignored(folder), "a.log", "a.py") == ["a.py"]


PATTERNS = """\
# a comment
*.py[co]
\\#hash
!/kept.pyc
doc/*.txt
**/cache
a/**/z
*~
"""
PATHS = ["x.pyc", "kept.pyc", "#hash", "doc/a.txt", "doc/b/a.txt", "b/cache", "a/z", "a/b/z", "n~", "x.py"]


@pytest.mark.skipif(not shutil.which("git"), reason="needs the program git")
def test_git_itself_says_the_same(repository):
    folder = repository(PATTERNS)
    (folder / ".git").rmdir()
    world = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", "init", "-q"], cwd=folder, env=world, check=True)
    for path in PATHS:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
    ask = ["git", "check-ignore", "--", *PATHS]
    told = subprocess.run(ask, cwd=folder, env=world, capture_output=True, text=True, check=True).stdout
    ours = [path for path in PATHS if ignored((folder / path).parent)(path.rpartition("/")[2])]
    assert ours == told.splitlines()
    assert len(ours) == 7
