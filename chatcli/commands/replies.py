"""Commands that treat replies as data: shown, taken apart, copied, written to files, handed to commands."""

import re
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import Final, TypeAlias

from chatcli.commands.outcomes import Copy, Outcome, Run, Say, Show, Write
from chatcli.commands.registry import Arg, Call, Command, Offer, paths
from chatcli.core.code import CodeBlock
from chatcli.core.desk import Desk
from chatcli.core.messages import Message
from chatcli.core.session import Session, first_words
from chatcli.core.transcript import as_json, as_json_lines, as_markdown
from chatcli.errors import UsageError

_ON: Final = "[> file or | command]"
_LONGEST: Final = 50  # characters of a file's name
_WRITTEN: Final[dict[str, Callable[[Session], str]]] = {
    ".md": as_markdown,
    ".jsonl": as_json_lines,
    ".json": as_json,
}

_HandOn: TypeAlias = Callable[[str], Outcome]


def show_last(call: Call) -> Outcome:
    """``/last``: drawn anew, as wide as the terminal is now; or handed on as it was written."""
    text = last_reply(call).text
    before, hand_on = handed_on(call)
    if before:
        how = "For example /last > answer.md."
        raise UsageError(f"/last takes > file or | command, not {before!r}.", how)
    return hand_on(text) if hand_on else Show(text, rendered=True)


def show_source(call: Call) -> Outcome:
    """``/raw``: the Markdown that the model wrote."""
    return Show(last_reply(call).text, rendered=False)


def code(call: Call) -> Outcome:
    """``/code``: the source of a block, shown or handed on; of several, without a number, which there are.

    Handed on without a number it is the last one.
    """
    blocks = _blocks(call)
    which, hand_on = handed_on(call)
    if not which and not hand_on and len(blocks) > 1:
        return Say("\n".join(_listing(blocks)))
    source = blocks[_number(call, which, blocks) - 1 if which else -1].source
    return hand_on(source) if hand_on else Show(source, rendered=False)


def copy(call: Call) -> Outcome:
    """``/copy``: the last reply; ``/copy n``: its n-th block of code. Exactly as they were written."""
    if not call.argument:
        return Copy(last_reply(call).text, "the last reply")
    blocks = _blocks(call)
    number = _number(call, call.argument, blocks)
    return Copy(blocks[number - 1].source, f"block {number} ({_described(blocks[number - 1])})")


def save(call: Call) -> Outcome:
    """``/save file``: the chat; the end of the file's name says how it is written."""
    if not call.argument:
        raise UsageError("/save needs a file.", "For example /save chat.md, or chat.json, or chat.jsonl.")
    name = _unquoted(call.argument)
    return Write(name, _WRITTEN.get(PurePath(name).suffix.lower(), as_markdown)(_said(call)), private=True)


def export(call: Call) -> Outcome:
    """``/export``: the chat, in a file that is called like it."""
    session = _said(call)
    kind = call.argument.lower().removeprefix(".") or "md"
    if f".{kind}" not in _WRITTEN:
        kinds = ", ".join(known.removeprefix(".") for known in _WRITTEN)
        raise UsageError(f"A chat cannot be written as {call.argument!r}.", f"It can as {kinds}.")
    name = re.sub(r"\W+", "-", session.heading.lower())[:_LONGEST].strip("-_")
    return Write(f"{name or 'chat'}.{kind}", _WRITTEN[f".{kind}"](session), private=True)


def run(call: Call) -> Outcome:
    """``/run command``, or ``!command``: what it prints may go along with the next message."""
    if not call.argument:
        raise UsageError("/run needs a command.", "For example !ls, which is /run ls.")
    return Run(call.argument, attach=True)


def last_reply(call: Call) -> Message:
    """The last thing that the model said. Raises UsageError if it has said nothing."""
    if reply := call.session.last_reply:
        return reply
    raise UsageError("There is no reply yet.", "Ask something first.")


def handed_on(call: Call) -> tuple[str, _HandOn | None]:
    """The argument up to ``> file`` or ``| command``, and what these make of a text, if one is there.

    All that follows the sign is the file's name, or the command.
    """
    found = re.search(r"[>|]", call.argument)
    if found is None:
        return call.argument, None
    before, target = call.argument[: found.start()].strip(), call.argument[found.end() :].strip()
    if found[0] == "|":
        if not target:
            raise UsageError("A command is missing behind |.", f"For example /{call.name} | less.")
        return before, lambda text: Run(target, given=text)
    if target.startswith(">"):
        appending = f"/{call.name} {before} | cat >> {target[1:].strip() or 'FILE'}"
        raise UsageError("There is no >> here.", f"A command can append: {' '.join(appending.split())}.")
    name = _unquoted(target)
    if not name:
        raise UsageError("A file is missing behind >.", f"For example /{call.name} > FILE.")
    return before, lambda text: Write(name, text)


def _unquoted(name: str) -> str:
    """A file's name; nobody needs quotes here, and some will type them."""
    return name[1:-1] if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'" else name


def _blocks(call: Call) -> list[CodeBlock]:
    if blocks := list(call.world.blocks(last_reply(call).text)):
        return blocks
    raise UsageError("There is no code in the last reply.", "/last shows it, /last > FILE writes all of it.")


def _number(call: Call, typed: str, blocks: list[CodeBlock]) -> int:
    """The number of the block that is meant."""
    if not re.fullmatch(r"[0-9]{1,9}", typed):
        raise UsageError(f"{typed!r} is not the number of a block.", f"For example /{call.name} 1.")
    number = int(typed)
    if not 1 <= number <= len(blocks):
        there = "one block" if len(blocks) == 1 else f"{len(blocks)} blocks"
        raise UsageError(f"There is no block {number}: the last reply has {there} of code.", "/code shows.")
    return number


def _listing(blocks: list[CodeBlock]) -> Iterable[str]:
    width = max(len(_described(block)) for block in blocks)
    for number, block in enumerate(blocks, 1):
        yield f"{number:>3}  {_described(block):<{width}}  {first_words(block.source)}".rstrip()
    yield "/code 1 shows one; /code 1 > FILE and /code 1 | COMMAND hand it on"


def _described(block: CodeBlock) -> str:
    lines = len(block.source.splitlines())
    return f"{block.language or 'text'}, {lines:,} line{'' if lines == 1 else 's'}"


def _said(call: Call) -> Session:
    if call.session.messages:
        return call.session
    raise UsageError("Nothing has been said yet.", "Ask something first.")


def _targets(call: Call) -> Iterable[str]:
    """The files that could stand behind ``>``, or among the words of a command."""
    return paths(call) if re.search(r"[>|]", call.argument) else ()


def _operands(call: Call) -> Iterable[str]:
    """The files among the words of a command; the first is its name."""
    return paths(call) if " " in call.argument else ()


def _numbers(call: Call) -> Iterable[Offer | str]:
    if " " in call.argument:
        return _targets(call)
    blocks = call.world.blocks(last_reply(call).text) if _answered(call.desk) else ()
    return [Offer(f"{number}", _described(block)) for number, block in enumerate(blocks, 1)]


def _answered(desk: Desk) -> bool:
    return desk.session.last_reply is not None


def _talked(desk: Desk) -> bool:
    return bool(desk.session.messages)


COMMANDS: Final = (
    Command(
        "last",
        "draw the last reply again, as wide as the terminal is now; or hand it on as it was written",
        show_last,
        Arg(_ON, _targets),
        example="/last > answer.md",
        when=_answered,
    ),
    Command("raw", "show the last reply as the model wrote it", show_source, example="/raw", when=_answered),
    Command(
        "code",
        "show the code of the last reply, or hand it on: its n-th block, or else the last",
        code,
        Arg(f"[n] {_ON}", _numbers),
        example="/code 1 | sh -n",
        when=_answered,
    ),
    Command(
        "copy",
        "put the last reply on the clipboard, or its n-th block of code",
        copy,
        Arg("[n]", _numbers),
        example="/copy",
        when=_answered,
    ),
    Command(
        "save",
        "write the chat to a file: as Markdown, or as JSON where the name ends in .json or .jsonl",
        save,
        Arg("FILE", paths),
        example="/save chat.md",
        when=_talked,
    ),
    Command(
        "export",
        "write the chat to a file that is called like it",
        export,
        Arg("[md | json | jsonl]", lambda _call: (kind.removeprefix(".") for kind in _WRITTEN)),
        example="/export",
        when=_talked,
    ),
    Command(
        "run",
        "run a command in the shell (so does !command); its output can go along with a message",
        run,
        Arg("COMMAND", _operands),
        example="/run ls",
    ),
)
