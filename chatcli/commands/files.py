"""Commands that lay things ready for the next message: files, pictures, the clipboard."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from chatcli.commands.outcomes import Arrange, Confirm, Outcome, Say
from chatcli.commands.registry import Arg, Call, Command, World, paths
from chatcli.core.attach import message
from chatcli.core.budget import PER_MESSAGE
from chatcli.core.desk import Staged
from chatcli.core.picture import SUFFIXES
from chatcli.core.session import Session
from chatcli.errors import ChatcliError, UsageError

MOST_FILES: Final = 50  # that a directory or a pattern may stand for
MOST_BYTES: Final = 1_000_000

_MOST_NAMED: Final = 5  # of what goes along; more are only counted
_WORD: Final = r"""(?x) "([^"]*)"? | '([^']*)' | ((?:\\\s|\S)+)"""  # as typed, or as a terminal drops a file


def stage_files(call: Call) -> Outcome:
    """``/file PATH...`` stages them, ``/file -N`` takes one away, ``/file`` lists what is staged."""
    words = _words(call)
    if not words:
        return Say(_listing(call))
    if all(re.fullmatch(r"-\d{1,9}", word) for word in words):
        return _unstaged(call, words)
    added: list[Staged] = []
    left_out: list[str] = []
    asks = False
    for word in words:
        found = _found(call, word)
        if found == [word]:
            added.append(call.world.files.staged(word))
            continue
        asks = asks or not re.search(r"[*?[]", word)  # a directory holds what nobody has named
        readable, unreadable = _taken(call, found)
        added += readable
        left_out += unreadable
    if not added:
        raise UsageError(f"{call.argument} holds no text and no picture.")
    outcome = _staged(call, added, left_out)
    if not asks:
        return outcome
    what = described(call.world, call.session, added)
    return Confirm(f"Send {what} along with the next message?", outcome, "nothing was staged")


def stage_pictures(call: Call) -> Outcome:
    """``/image PATH...``."""
    words = _words(call)
    if not words:
        raise UsageError("/image needs the path of a picture.", "For example /image shot.png.")
    return _staged(call, [Staged(word, image=call.world.files.image(word)) for word in words])


def stage_clipboard(call: Call) -> Outcome:
    """``/paste``."""
    return _staged(call, [call.world.files.clipboard()])


def described(world: World, session: Session, staged: Sequence[Staged]) -> str:
    """What goes along, with the tokens that it takes: "main.py (1,204 tokens), shot.png (765 tokens)"."""
    measure = world.gauge.measure(session)
    alone = [message("", [each]) for each in staged]
    costs = [measure.weights.of(each) - PER_MESSAGE for each in alone]
    about = "" if measure.exact and not measure.weights.guesses(alone) else "~"
    if len(staged) > _MOST_NAMED:
        return f"{len(staged)} files ({about}{sum(costs):,} tokens)"
    named = (f"{each.name} ({about}{cost:,} tokens)" for each, cost in zip(staged, costs, strict=True))
    return ", ".join(named)


def _words(call: Call) -> list[str]:
    if call.world.files.is_file(call.argument):  # it may have blanks
        return [call.argument]
    found = re.findall(_WORD, call.argument)
    return [double or single or re.sub(r"\\(\s)", r"\1", plain) for double, single, plain in found]


def _found(call: Call, word: str) -> list[str]:
    """The files that a word stands for."""
    found = list(call.world.files.found(word, MOST_FILES + 1))
    if not found:
        raise UsageError(f"There is no file {word}.", _NONE)
    if len(found) > MOST_FILES:
        raise UsageError(f"{word} stands for more than {MOST_FILES} files.", _FEWER)
    size = sum(map(call.world.files.size, found))
    if found != [word] and size > MOST_BYTES:
        raise UsageError(f"{word} stands for {len(found)} files of {size / 1e6:,.1f} MB.", _FEWER)
    return found


def _taken(call: Call, names: Iterable[str]) -> tuple[list[Staged], list[str]]:
    """The files that are texts or pictures; the names of the others."""
    readable, unreadable = [], []
    for name in names:
        try:
            readable.append(call.world.files.staged(name))
        except ChatcliError:
            unreadable.append(name)
    return readable, unreadable


def _staged(call: Call, added: Sequence[Staged], left_out: Sequence[str] = ()) -> Outcome:
    names = {each.name for each in added}  # who stages a file again has changed it
    kept = (each for each in call.desk.staged if each.name not in names)
    parts = [f"staged {described(call.world, call.session, added)}"]
    if left_out:
        parts.append(f"left out, being no text: {', '.join(left_out)}")
    if any(each.image for each in added) and call.facts.sees(call.session) is False:
        parts.append(f"{call.session.model} cannot look at pictures: choose another with /model")
    return Arrange(replace(call.desk, staged=(*kept, *added)), "; ".join(parts))


def _unstaged(call: Call, words: Sequence[str]) -> Outcome:
    staged = call.desk.staged
    numbers = {int(word[1:]) for word in words}
    if not all(1 <= number <= len(staged) for number in numbers):
        count = f"there are {len(staged)} things" if len(staged) > 1 else "there is one thing"
        raise UsageError(
            f"Nothing that is staged has the number {max(numbers)}.",
            f"/file lists what is staged: {count}." if staged else "Nothing is staged.",
        )
    gone = [each.name for number, each in enumerate(staged, 1) if number in numbers]
    kept = tuple(each for number, each in enumerate(staged, 1) if number not in numbers)
    return Arrange(replace(call.desk, staged=kept), f"no longer staged: {', '.join(gone)}")


def _listing(call: Call) -> str:
    staged = call.desk.staged
    if not staged:
        return "nothing is staged"
    lines = (described(call.world, call.session, [each]) for each in staged)
    return "\n".join(f"{number:>2}  {line}" for number, line in enumerate(lines, 1))


def _pictures(call: Call) -> Iterable[str]:
    return (path for path in paths(call) if path.strip('"').lower().endswith((*SUFFIXES, "/")))


_NONE: Final = "Tab completes a name; in a directory, what is hidden or ignored does not count."
_FEWER: Final = f"Name fewer: {MOST_FILES} files and {MOST_BYTES / 1e6:.0f} MB at once are the most."

COMMANDS: Final = (
    Command(
        "file",
        "send files along with the next message, or list what is staged; -N takes one away",
        stage_files,
        Arg("[PATH... | -N]", paths),
        example="/file main.py",
    ),
    Command(
        "image",
        "send pictures along with the next message",
        stage_pictures,
        Arg("PATH...", _pictures),
        example="/image shot.png",
    ),
    Command(
        "paste",
        "send what is on the clipboard along with the next message",
        stage_clipboard,
        example="/paste",
    ),
)
