import os
import subprocess
import sys
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from pathlib import Path

import pytest

from chatcli.cli import main
from chatcli.env import Dirs, Env


@dataclass
class World:
    """A folder to stand in, and a home; nothing of it outlives the test."""

    home: Path
    environ: dict[str, str] = field(default_factory=dict)

    def run(self, *argv, stdin=b""):
        out, err = StringIO(), StringIO()
        dirs = Dirs(*(self.home / name for name in ("config", "cache", "data", "state")))
        piped = None if stdin is None else BytesIO(stdin)
        status = main(["tokens", *argv], Env(piped, out, err, self.environ, self.home, dirs))
        return status, out.getvalue(), err.getvalue()


@pytest.fixture
def world(tmp_path):
    (tmp_path / "a.txt").write_text("tiktoken is great!")
    (tmp_path / "b.txt").write_text("hello world")
    (tmp_path / "latin.txt").write_bytes("Grüße".encode("latin-1"))
    return World(tmp_path)


@pytest.mark.parametrize(
    ("argv", "stdin", "out"),
    [
        ([], b"hello world", "2\n"),
        ([], b"", "0\n"),
        ([], None, "0\n"),
        (["-"], b"hello world", "2 -\n"),
        (["a.txt"], b"", "6 a.txt\n"),
        (["a.txt", "b.txt"], b"", "6 a.txt\n2 b.txt\n8 total\n"),
        (["a.txt", "-"], b"hello world", "6 a.txt\n2 -\n8 total\n"),
        (["--model", "gpt-4", "b.txt"], b"", "2 <$0.0001 b.txt\n"),
        (
            ["--model", "gpt-4", "a.txt", "b.txt"],
            b"",
            "6  $0.0002 a.txt\n2 <$0.0001 b.txt\n8  $0.0002 total\n",
        ),
        (["--model", "llama3.2:3b", "b.txt"], b"", "~2 b.txt\n"),
        (["--model", "local", "b.txt"], b"", "~2 $0 b.txt\n"),
        (["--encoding", "latin-1", "latin.txt"], b"", "3 latin.txt\n"),
    ],
)
def test_tokens_are_counted_like_words_by_wc(world, argv, stdin, out):
    assert world.run(*argv, stdin=stdin) == (0, out, "")


def test_each_model_counts_with_its_own_tokenizer(world):
    text = "お誕生日おめでとう".encode()
    assert world.run("--model", "gpt-4o", stdin=text) == (0, "8 <$0.0001\n", "")
    assert world.run("--model", "gpt-4", stdin=text) == (0, "9 $0.0003\n", "")


def test_a_price_of_one_s_own_counts(world):
    (world.home / "config").mkdir()
    (world.home / "config/config.toml").write_text(
        '[models."llama3.2:3b"]\nprice = { prompt = 50_000, completion = 0 }\n'
    )
    assert world.run("--model", "llama3.2:3b", "b.txt") == (0, "~2 $0.10 b.txt\n", "")


def test_no_key_is_asked_for_and_no_command_run_for_one(world):
    world.environ.update(CHATCLI_KEY_COMMAND="echo ran > ran; echo sk-1", OPENAI_BASE_URL="http://10.0.0.1")
    assert world.run("b.txt") == (0, "2 b.txt\n", "")
    assert not (world.home / "ran").exists()


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (["none.txt"], "none.txt cannot be read: No such file or directory."),
        (["a.txt", "."], ". cannot be read: Is a directory."),
        (["latin.txt"], "latin.txt is not valid utf-8: byte 0xfc at offset 2."),
        (["--modle", "x"], "There is no flag --modle."),
    ],
)
def test_what_cannot_be_counted_is_named_and_nothing_is_printed(world, argv, complaint):
    status, out, err = world.run(*argv)
    assert (status, out) == (2, "")
    assert complaint in err
    assert len(err.splitlines()) == 2


def test_counting_loads_the_tokenizer_and_nothing_that_speaks_or_draws(tmp_path):
    program = (
        "import sys; from chatcli.cli import main; from chatcli.env import Env; main(['tokens'], Env.real());"
        "print(*sorted({'openai', 'httpx2', 'rich', 'prompt_toolkit', 'tiktoken'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        input="hello world",
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "2\ntiktoken\n"
