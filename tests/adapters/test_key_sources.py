import pytest

from chatcli.adapters.key_sources import read_key_file, run_key_command
from chatcli.core.readings import KeyFile, Ran


@pytest.mark.parametrize(("mode", "shared"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_a_key_file_says_whether_others_can_read_it(tmp_path, mode, shared):
    path = tmp_path / "key"
    path.write_text("sk-1\n")
    path.chmod(mode)

    assert read_key_file(path) == KeyFile("sk-1\n", shared)


def test_a_key_file_that_is_missing_or_no_text_raises(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\x00")

    with pytest.raises(FileNotFoundError):
        read_key_file(tmp_path / "none")
    with pytest.raises(UnicodeDecodeError):
        read_key_file(tmp_path / "binary")


def test_a_command_runs_in_the_shell_with_the_given_variables_and_folder(tmp_path):
    (tmp_path / "key").write_text("sk-1")

    ran = run_key_command(
        'cat key; printf " $NAME\\n"; echo why >&2; exit 3', {"NAME": "x", "PATH": "/bin"}, tmp_path
    )

    assert ran == Ran(3, "sk-1 x\n", "why\n")


def test_a_command_finds_its_input_empty(tmp_path):
    assert run_key_command("cat; echo done", {"PATH": "/bin"}, tmp_path) == Ran(0, "done\n", "")
