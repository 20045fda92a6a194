"""What a repository ignores: its .gitignore files, as git reads them."""

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path

from pathspec import GitIgnoreSpec


def ignored(folder: Path) -> Callable[[str], bool]:
    """Whether the repository around ``folder`` ignores a name in it; a directory's ends in ``/``.

    In a folder that is ignored itself nothing is: whoever looks there wants what is there.
    """
    folders = _from_the_root(folder.resolve())
    names = [each.name for each in folders]
    rules = [_rules(_text(each / ".gitignore")) for each in folders]

    def ignores(depth: int, name: str) -> bool:
        for above in range(depth, -1, -1):  # the nearest file that speaks of it decides
            verdict = rules[above].check_file("/".join((*names[above + 1 : depth + 1], name))).include
            if verdict is not None:
                return verdict
        return False

    deepest = len(folders) - 1
    if any(ignores(depth, f"{names[depth + 1]}/") for depth in range(deepest)):
        return lambda _name: False
    return partial(ignores, deepest)


def _from_the_root(folder: Path) -> list[Path]:
    """The folders from the repository's root down to this one; none where there is no repository."""
    above = [folder, *folder.parents]
    root = next((at for at, each in enumerate(above) if (each / ".git").exists()), -1)
    return above[root::-1] if root >= 0 else []


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


@lru_cache
def _rules(text: str) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(filter(_is_pattern, text.splitlines()))


def _is_pattern(line: str) -> bool:
    """Git passes over a line that is none."""
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
