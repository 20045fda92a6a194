"""Writes the documents that are grown from the code; with ``--check``, says which of them are stale."""

import sys
from collections.abc import Callable
from pathlib import Path

from chatcli.commands import COMMANDS
from chatcli.commands.looking import KEYS
from chatcli.commands.registry import markdown
from chatcli.commands.settings import KNOBS
from chatcli.config.settings import SETTINGS, Setting
from chatcli.config.text import example, template
from chatcli.core.kinds import as_text

ROOT = Path(__file__).parent.parent


def configuration() -> str:
    """docs/configuration.md: prose around the table of settings."""
    prose = (ROOT / "docs/templates/configuration.md").read_text(encoding="utf-8")
    personal = [f"`{setting.name}`" for setting in SETTINGS.values() if setting.personal]
    return prose.format(
        settings=_table(),
        personal=f"{', '.join(personal[:-1])} and {personal[-1]}",
        template=template(),
    )


def env_example() -> str:
    """.env.example: every variable, commented out."""
    head = (
        "# Copy this file to .env and take away the # in front of what you want to set.\n"
        "# docs/configuration.md explains what goes where.\n"
    )
    return head + "".join(_variables(setting) for setting in SETTINGS.values() if setting.filed)


def commands() -> str:
    """docs/commands.md: prose around the tables of commands, of what /set takes, and of keys."""
    prose = (ROOT / "docs/templates/commands.md").read_text(encoding="utf-8")
    knobs = "".join(
        f"\n| `{knob.name}` | {_cell(knob.kind.takes)} | {knob.help} |" for knob in KNOBS.values()
    )
    keys = "".join(f"\n| {key} | {what} |" for key, what in KEYS.items())
    return prose.format(
        commands=markdown(COMMANDS),
        knobs=f"| name | takes | what it is |\n|---|---|---|{knobs}",
        keys=f"| press | to |\n|---|---|{keys}",
    )


# Every generated document, and the function that writes it.
DOCUMENTS: dict[str, Callable[[], str]] = {
    "docs/configuration.md": configuration,
    "docs/commands.md": commands,
    ".env.example": env_example,
}


def stale(root: Path = ROOT) -> list[str]:
    """The documents that differ from what the code says."""
    return [name for name, written in DOCUMENTS.items() if _content(root / name) != written()]


def main(arguments: list[str]) -> int:
    """Write what is stale, or only say so; the exit status."""
    names = stale()
    for name in names:
        if "--check" in arguments:
            print(f"{name} is stale. Run: python docs/generate.py", file=sys.stderr)
        else:
            (ROOT / name).write_text(DOCUMENTS[name](), encoding="utf-8")
            print(f"{name} written")
    return 1 if names and "--check" in arguments else 0


def _content(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _table() -> str:
    head = "| setting | flag | variable | takes | default | what it is |\n|---|---|---|---|---|---|\n"
    return head + "\n".join(_row(setting) for setting in SETTINGS.values())


def _row(setting: Setting) -> str:
    cells = (
        f"`{setting.name}`",
        _codes(setting.flags),
        _codes(setting.env),
        setting.kind.takes,
        "" if setting.default is None else f"`{as_text(setting.default)}`",
        setting.help,
    )
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _codes(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _variables(setting: Setting) -> str:
    where = "# (not taken from the .env of a working directory)\n" if setting.personal else ""
    text = as_text(example(setting))
    value = f'"{text}"' if " " in text else text
    lines = "".join(f"# {name}={value}\n" for name in reversed(setting.env))
    return f"\n# {setting.help} ({setting.kind.takes})\n{where}{lines}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
