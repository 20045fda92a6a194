"""The embedded model: llama.cpp's server in a child process, started when it is needed.

In a process of its own, because llama.cpp holds the interpreter still while it loads, and takes it down when
it crashes. What is said to the server over HTTP is the business of the ``speak`` that is handed in.
"""

import functools
import json
import os
import secrets
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from chatcli.core.events import Chunk, Chunks, CountingModel, Request
from chatcli.errors import ModelError, Unavailable

COMMAND = (sys.executable, "-P", str(Path(__file__).with_name("llama_server.py")))
_PULL = 'Fetch the embedded model with "chatcli local pull".'
_NAME_A_FILE = "Name a model in GGUF format: --model local:/path/to/model.gguf"


def threads_for(cpus: int) -> int:
    """All but one: a thread that waits for a busy CPU makes all the others wait (148 tokens/s become 5)."""
    return max(1, cpus - 1)


def usable_cpus() -> int:
    """The CPUs that this process may use, which may be fewer than there are."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(affinity(0)) if affinity else os.cpu_count() or 1


# For requests that say nothing else: as SmolLM2's authors advise, and it repeats itself without the penalty.
SAMPLING: Final = {"temp": 0.2, "top_p": 0.9, "penalty_repeat": 1.1}


@dataclass(frozen=True, slots=True)
class Setup:
    """What makes one server differ from another; ``sampling`` holds llama.cpp's names for its defaults."""

    model: str
    context: int
    threads: int
    sampling: Mapping[str, float] = field(default_factory=dict)


class LocalServer:
    """A llama.cpp server on a free loopback port, open only to who knows its ``key``.

    It starts at once and nobody waits: ``ready`` will hold its address when it listens, or the
    ``Unavailable`` that says why it does not.
    """

    def __init__(self, setup: Setup, command: Sequence[str] = COMMAND, patience: float = 120.0) -> None:
        self.setup = setup
        self.key = secrets.token_urlsafe()
        self.ready: Future[str] = Future()
        try:
            self._process = subprocess.Popen(
                command,
                bufsize=0,
                stdin=subprocess.PIPE,  # never closed before the child is to end
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is meant for us
            )
        except OSError as error:
            raise Unavailable(f"The embedded model cannot be started: {error.strerror}.") from error
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it is dead already, and the listener will say why
            self._process.stdin.write(json.dumps({**asdict(setup), "key": self.key}).encode() + b"\n")
        threading.Thread(target=self._listen, args=(patience,), daemon=True).start()

    @property
    def alive(self) -> bool:
        """The process is there; perhaps it is still loading."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it in whatever phase it is: it has nothing to save."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        self._process.stdin.close()

    def _listen(self, patience: float) -> None:
        """Read what the child prints as long as it lives: its address, or the last words of a failure."""
        last = ""
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            late = not select.select([lines], [], [], patience)[0]
            if late:
                self._process.kill()
            for line in lines:
                last = line.decode(errors="replace").strip() or last
                if last.startswith("http://") and not self.ready.done():
                    self.ready.set_result(last)
        status = self._process.wait()
        if not self.ready.done():
            self.ready.set_exception(_too_slow(patience) if late else _failure(self.setup, status, last))


class LocalModel:
    """Answers for ``local`` (the ``weights``) and ``local:/path/to/any.gguf``, with one server at a time.

    ``speak`` makes the model that talks to a server, from its address and key. ``context`` is the window of a
    request that names none. A request for another model or window starts the server anew, and so does the
    next one when the server has died.
    """

    def __init__(
        self,
        weights: Path,
        context: int,
        threads: int | None,
        speak: Callable[[str, str], CountingModel],
        launch: Callable[[Setup], LocalServer] = LocalServer,
    ) -> None:
        self.speak = functools.lru_cache(maxsize=1)(speak)  # once for each server, not for each turn
        self._weights = weights
        self._context = context
        self._threads = threads or threads_for(usable_cpus())
        self._launch = launch
        self._lock = threading.Lock()
        self._server: LocalServer | None = None

    def stream(self, request: Request) -> Chunks:
        return _Answer(self, request)

    def count(self, request: Request) -> int | None:
        """The tokens of a prompt, exactly; None while its server does not run."""
        with suppress(ModelError):
            server = self.server(request.model, request.context)
            if server.ready.done():
                return self.speak(server.ready.result(), server.key).count(request)
        return None

    def warm(self, model: str, context: int | None = None) -> None:
        """Have all ready for the first question. Takes its time, so call it in a thread of its own.

        It raises nothing: the turn that needs the model will tell what is wrong with it.
        """
        with suppress(ModelError):
            server = self.server(model, context)
            self.speak(server.ready.result(), server.key)

    def close(self) -> None:
        """End the server; a later turn would start it again."""
        with self._lock:
            self._stop()

    def server(self, model: str | None, context: int | None = None) -> LocalServer:
        """The server for a model and its window, started if it does not run; perhaps it is still loading."""
        name = (model or "").removeprefix("local").removeprefix(":")
        path = Path(os.path.expanduser(name)) if name else self._weights  # noqa: PTH111 - pathlib's can raise
        sampling = SAMPLING if path == self._weights else {}
        setup = Setup(str(path), context or self._context, self._threads, sampling)
        with self._lock:
            if self._server is None or self._server.setup != setup or not self._server.alive:
                self._stop()
                _check(path, _PULL if path == self._weights else _NAME_A_FILE)
                self._server = self._launch(setup)
            return self._server

    def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self._server = None


class _Answer:
    """A reply on its way, the start of the server included."""

    def __init__(self, model: LocalModel, request: Request) -> None:
        self._model = model
        self._request = request
        self._wake = threading.Event()  # the server listens, or has failed, or we hang up
        self._lock = threading.Lock()
        self._hung_up = threading.Event()
        self._chunks: Chunks | None = None

    def __iter__(self) -> Iterator[Chunk]:
        if self._hung_up.is_set():
            return
        server = self._model.server(self._request.model, self._request.context)
        server.ready.add_done_callback(lambda _: self._wake.set())
        self._wake.wait()
        if self._hung_up.is_set():  # the server goes on loading: the next turn will want it
            return
        voice = self._model.speak(server.ready.result(), server.key)
        with self._lock:
            if self._hung_up.is_set():
                return
            self._chunks = voice.stream(self._request)
        yield from self._chunks

    def close(self) -> None:
        with self._lock:
            self._hung_up.set()
        self._wake.set()
        if self._chunks is not None:
            self._chunks.close()


def _check(path: Path, hint: str) -> None:
    """Refuse at once what llama.cpp would refuse with fewer words."""
    try:
        if not path.is_file():
            raise Unavailable(f"There is no model file {path}.", hint)
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise Unavailable(f"Cannot read the model file {path}: {error.strerror}.", hint) from error
    if magic != b"GGUF":
        raise Unavailable(f"The file {path} is no model: it is not in GGUF format.", hint)


def _failure(setup: Setup, status: int, last: str) -> Unavailable:
    """Why a child that never listened has ended, from its exit status and the last line that it printed."""
    if "No module named 'xllamacpp'" in last:
        return Unavailable("The embedded model is not installed.", "pip install 'chatcli[local]'")
    if "Failed to init server" in last:
        return Unavailable(
            f"llama.cpp cannot load {setup.model} with a context window of {setup.context} tokens.",
            'The file is damaged or cut short ("chatcli local pull" mends the embedded model\'s), '
            "or memory is short: try a smaller context window.",
        )
    if status < 0:
        return Unavailable(
            f"The embedded model ended while it started ({signal.strsignal(-status) or -status}).",
            "Perhaps memory ran out: try a smaller context window, or a smaller model.",
        )
    return Unavailable(
        f"The embedded model ended while it started, with status {status}{last and f': {last}'}",
        "Try again, or install it anew: pip install --force-reinstall 'chatcli[local]'",
    )


def _too_slow(patience: float) -> Unavailable:
    return Unavailable(
        f"The embedded model was not ready within {patience:g} seconds.",
        "Try again when the machine is less busy, or with a smaller model.",
    )
