"""The house stands as docs/design.md draws it: who may import whom, and what is loaded when."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.scripted import ScriptedServer, reply

HOUSE = Path(__file__).parent.parent / "chatcli"
FILES = sorted(HOUSE.rglob("*.py"))

BASE = {"core", "errors"}

# Each room, and the rooms it may import. A file is judged by the first line that fits it.
MAY_IMPORT = {
    "__init__": set(),
    "__main__": {"cli", "env", "interrupts"},
    "errors": set(),
    "core": BASE,
    "commands": BASE | {"commands"},
    "adapters.openai_api": BASE | {"adapters.openai_api"},
    "adapters.sqlite_store": BASE | {"adapters.sqlite_store"},
    "adapters": BASE,
    "terminal.escape": set(),
    "terminal.columns": set(),
    "terminal.voice": BASE | {"terminal.columns", "terminal.escape"},
    "terminal.status": BASE | {"terminal.columns", "terminal.escape"},
    "terminal.asides": BASE | {"terminal.status", "terminal.voice"},
    "terminal.plain": BASE | {"terminal.asides", "terminal.escape", "terminal.voice"},
    "terminal.jsonl": BASE | {"terminal.asides", "terminal.voice"},
    "terminal.prompt": BASE | {"terminal.prompt"},
    "terminal.reply.view": BASE
    | {"terminal.asides", "terminal.caps", "terminal.escape", "terminal.plain", "terminal.reply"},
    "terminal.reply": BASE | {"terminal.escape", "terminal.reply"},
    "terminal": BASE | {"terminal.escape", "terminal.voice"},
    "env": BASE,
    "deferred": BASE,
    "interrupts": set(),
    "pump": BASE,
    "config": BASE | {"config", "env"},
    "engine": BASE | {"scribe"},
    "scribe": BASE,
    "resuming": BASE,
    "models": BASE | {"deferred"},
    "repl": BASE | {"commands", "engine", "scribe"},
    "inputs": BASE | {"env"},
    "files": BASE | {"env", "inputs"},
    "outputs": set(),
    "hands": BASE | {"env", "inputs", "outputs"},
    "oneshot": BASE | {"engine", "env", "inputs", "interrupts"},
    "driven": BASE | {"interrupts", "oneshot", "repl"},
    "counter": BASE | {"env", "inputs", "models"},
    "sessions": BASE
    | {"env", "inputs", "outputs", "sessions", "terminal.columns", "terminal.escape", "terminal.voice"},
    "stage": {"*"},
    "app": {"*"},
    "runs": BASE | {"app", "config", "deferred", "env", "interrupts", "sessions"},
    "cli": BASE | {"app", "runs", "config", "env", "interrupts", "sessions"},
}

# The one library outside the standard one that a file may import.
LIBRARY = {
    "env": {"platformdirs"},
    "adapters.code_blocks": {"markdown_it"},
    "adapters.dotenv_file": {"dotenv"},
    "adapters.gitignore": {"pathspec"},
    "adapters.llama_server": {"xllamacpp"},
    "adapters.openai_api.line": {"openai", "httpx2"},  # httpx2 is what openai speaks through
    "adapters.openai_api.call": {"openai", "httpx2"},
    "adapters.openai_api.words": {"openai", "httpx2"},
    "adapters.page": {"markdown_it", "pygments"},  # Markdown, and the code in it
    "adapters.tiktoken_count": {"tiktoken"},
    "adapters.yaml_file": {"yaml"},
    "terminal.picker": {"prompt_toolkit"},
    "terminal.progress": {"rich"},
    "terminal.prompt.completion": {"prompt_toolkit"},
    "terminal.prompt.folds": {"prompt_toolkit"},
    "terminal.prompt.history": {"prompt_toolkit"},
    "terminal.prompt.keys": {"prompt_toolkit"},
    "terminal.prompt.prompt": {"prompt_toolkit"},
    "terminal.prompt.parser": {"prompt_toolkit"},
    "terminal.prompt.searching": {"prompt_toolkit"},
    "terminal.reply.cutter": {"markdown_it"},
    "terminal.reply.elements": {"markdown_it", "rich"},  # tokens in, rows out
    "terminal.reply.highlight": {"pygments", "rich"},
    "terminal.reply.inline": {"markdown_it", "rich"},
    "terminal.reply.parser": {"markdown_it"},
    "terminal.reply.pieces": {"markdown_it"},
    "terminal.reply.runs": {"rich"},
    "terminal.reply.settler": {"markdown_it"},
    "terminal.reply.tables": {"markdown_it", "rich"},
    "terminal.reply.themes": {"pygments", "rich"},
    "terminal.reply.waiting": {"rich"},
}


def name_of(path):
    parts = path.relative_to(HOUSE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or "__init__"


def imports_of(path):
    """Every module that a file imports, wherever in the file; type-only ones too."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom():
                assert node.level == 0, f"{path}: imports are absolute"
                inner = (f"{node.module}.{alias.name}" for alias in node.names)
                yield from (
                    module if module.removeprefix("chatcli.") in NAMES else node.module for module in inner
                )


NAMES = {name_of(path) for path in FILES}


def ours_of(path):
    """The files of the house that a file imports."""
    modules = (module for module in imports_of(path) if module.partition(".")[0] == "chatcli")
    return {module.removeprefix("chatcli.") if module != "chatcli" else "__init__" for module in modules}


def within(name, rooms):
    return "*" in rooms or any(name == room or name.startswith(f"{room}.") for room in rooms)


def rule_for(name):
    return next(rooms for room, rooms in MAY_IMPORT.items() if within(name, {room}))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_imports_only_the_rooms_it_may(path):
    rooms = rule_for(name_of(path)) | {"__init__"}  # __init__ holds the version
    assert [other for other in ours_of(path) if not within(other, rooms)] == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_imports_only_its_one_library(path):
    allowed = LIBRARY.get(name_of(path), set())
    tops = {module.partition(".")[0] for module in imports_of(path)} - {"chatcli"}
    assert tops - set(sys.stdlib_module_names) <= allowed


def test_no_file_imports_in_a_circle():
    graph = {name_of(path): ours_of(path) for path in FILES}
    done, path = set(), []

    def visit(name):
        assert name not in path, f"a circle: {' → '.join([*path, name])}"
        if name in done or name not in graph:
            return
        path.append(name)
        for other in graph[name]:
            visit(other)
        path.pop()
        done.add(name)

    for name in graph:
        visit(name)


@pytest.mark.parametrize("path", sorted((HOUSE / "adapters").rglob("*.py")), ids=name_of)
def test_adapters_do_not_know_each_other(path):
    own_room = ".".join(name_of(path).split(".")[:2])
    assert [
        other for other in ours_of(path) if within(other, {"adapters"}) and not within(other, {own_room})
    ] == []


HEAVY = [
    "dotenv",
    "httpx2",
    "markdown_it",
    "openai",
    "pathspec",
    "prompt_toolkit",
    "pydantic",
    "pygments",
    "rich",
    "tiktoken",
    "tomllib",
    "xllamacpp",
    "yaml",
]


def loaded_by(steps, **variables):
    """Which heavy libraries a fresh process has loaded when it has taken these steps."""
    program = "\n".join(
        (
            "import sys",
            "from chatcli.app import App",
            "from chatcli.cli import main",
            "from chatcli.env import Env",
            steps,
            f"print('LOADED', *(name for name in {HEAVY} if name in sys.modules))",
        )
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **variables},
    )
    return set(done.stdout.rpartition("LOADED")[2].split())


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_help_and_version_load_no_heavy_library(flag):
    assert loaded_by(f"main(['{flag}'], Env.real())") == set()


def test_the_first_prompt_loads_the_line_editor_and_nothing_else(tmp_path):
    assert loaded_by("App(Env.real(), {}).prompt(None)", HOME=str(tmp_path)) == {"prompt_toolkit"}


def test_a_piped_question_loads_the_sdk_and_nothing_that_draws(tmp_path):
    with ScriptedServer(reply("Hello")) as server:
        loaded = loaded_by(
            "main(['Say hello'], Env.real())",
            HOME=str(tmp_path),
            OPENAI_BASE_URL=server.url,
            OPENAI_API_KEY="k",
        )
        assert len(server.questions) == 1
    assert loaded == {"openai", "httpx2", "pydantic"}
