"""How far something is that takes a while: a bar on a terminal; elsewhere a line at either end, or none."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TextIO, TypeAlias

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

Told: TypeAlias = Callable[[int, int], None]


def download_bar(stream: TextIO, title: str, *, tty: bool) -> AbstractContextManager[Told]:
    """Gives the function to call with the bytes that have come and the bytes there are (0: unknown)."""
    return _bar(stream, title, DownloadColumn()) if tty else _lines(stream, title)


def counting_bar(stream: TextIO, title: str, *, tty: bool) -> AbstractContextManager[Told]:
    """Gives the function to call with how many are done, of how many; without a terminal it says nothing."""
    return _bar(stream, title, MofNCompleteColumn()) if tty else nullcontext(lambda _done, _total: None)


@contextmanager
def _bar(stream: TextIO, title: str, amount: ProgressColumn) -> Iterator[Told]:
    """Redrawn in place, and gone at the end: what came of it is the caller's to say."""
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        amount,
        TimeRemainingColumn(),
        console=Console(file=stream, force_terminal=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


@contextmanager
def _lines(stream: TextIO, title: str) -> Iterator[Told]:
    """Silent until the first bytes come, so that nothing is announced that was there already."""
    came = 0

    def tell(done: int, total: int) -> None:
        nonlocal came
        if not came:
            size = f" ({total / 1e6:.0f} MB)" if total else ""
            stream.write(f"Fetching {title}{size} ...\n")
            stream.flush()
        came = max(came, done, 1)

    yield tell
    if came:
        stream.write(f"Fetched {title}.\n")
        stream.flush()
