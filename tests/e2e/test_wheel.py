"""The wheel: built, looked into, installed in a clean environment, and run far away from the source."""

import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

from chatcli import __version__
from tests.servers.scripted import ScriptedServer, reply

SOURCE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    shelf = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(shelf), str(SOURCE))
    [built] = shelf.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The program, alone in an environment with what it depends on."""
    place = tmp_path_factory.mktemp("clean")
    venv.create(place, with_pip=False, symlinks=True)
    pip("--python", str(place / "bin/python"), "install", "--no-compile", f"{wheel}[local]")
    return (str(place / "bin/chatcli"),)


def pip(*args):
    subprocess.run(
        [sys.executable, "-m", "pip", *args, "--quiet", "--disable-pip-version-check"],
        check=True,
        timeout=300,
    )


def test_the_wheel_holds_all_that_the_program_needs_and_nothing_else(wheel):
    with ZipFile(wheel) as parts:
        names = set(parts.namelist())
    data = {f"chatcli/data/{name}" for name in ("o200k_base.sep.z", "cl100k_base.sep.z", "models.json")}

    assert names >= data | {"chatcli/py.typed", "chatcli/adapters/llama_server.py"}
    assert {name.partition("/")[0] for name in names} == {"chatcli", f"chatcli-{__version__}.dist-info"}
    assert any(name.endswith("/LICENSE") for name in names)


def test_the_installed_program_says_its_version(installed, world):
    ran = world.run("--version", command=installed)

    assert (ran.status, ran.out, ran.err) == (0, f"chatcli {__version__}\n".encode(), "")


def test_the_installed_program_asks_a_server_and_counts_tokens(installed, world):
    with ScriptedServer(reply("Hello.")) as server:
        ran = world.run("--base-url", server.url, "--context", "64", "hello " * 15, command=installed)

    assert (ran.status, ran.out, ran.err) == (0, b"Hello.", "")


def test_the_installed_program_runs_the_embedded_model(installed, toy):
    ran = toy.run(
        "--model", "local", "--threads", "1", "--context", "512", "--max-tokens", "4", "Hi", command=installed
    )

    assert (ran.status, ran.err) == (
        5,
        "[stopped at max_tokens 4]\n",
    )
    assert ran.out


def test_the_installed_program_says_how_to_fetch_the_weights(installed, world):
    ran = world.run("local", "path", command=installed)

    assert (ran.status, ran.out) == (3, b"")
    assert ran.err.splitlines()[1] == "  Fetch them (98 MB): chatcli local pull"
