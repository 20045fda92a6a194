import re
from io import StringIO

from chatcli.adapters.dotenv_file import read_dotenv
from chatcli.adapters.toml_file import read_toml
from chatcli.config.resolve import resolve
from chatcli.config.settings import SETTINGS, VARIABLES
from chatcli.config.text import example
from chatcli.config.values import Layer
from chatcli.env import Dirs, Env
from docs.generate import DOCUMENTS, configuration, env_example, stale


def test_the_generated_documents_are_up_to_date():
    assert stale() == []


def test_a_document_that_differs_or_is_missing_is_stale(tmp_path):
    (tmp_path / "docs").mkdir()
    for name, written in DOCUMENTS.items():
        (tmp_path / name).write_text(written(), encoding="utf-8")
    assert stale(tmp_path) == []

    (tmp_path / ".env.example").write_text("# an older one\n")
    (tmp_path / "docs/configuration.md").unlink()
    assert stale(tmp_path) == ["docs/configuration.md", ".env.example"]


def test_the_configuration_page_has_a_row_of_six_cells_for_every_setting():
    rows = re.findall(r"^\| `(\w+)` \|.*", configuration(), re.MULTILINE)
    cells = {
        len(re.split(r"(?<!\\)\|", row)) - 2 for row in re.findall(r"^\| `.*", configuration(), re.MULTILINE)
    }

    assert rows == list(SETTINGS)
    assert cells == {6}


def test_every_line_of_the_example_works_once_its_hash_is_taken_away(tmp_path):
    dirs = Dirs(*(tmp_path / name for name in ("config", "cache", "data", "state")))
    dirs.config.mkdir()
    live = re.sub(r"^# (?=[A-Z_]+=)", "", env_example(), flags=re.MULTILINE).replace(
        "CHATCLI_PROFILE=work\n", ""
    )
    (dirs.config / ".env").write_text(live)

    found = resolve(Env(None, StringIO(), StringIO(), {}, tmp_path, dirs), {}, read_dotenv, read_toml)

    assert found.notices == ()
    for name, setting in SETTINGS.items():
        if setting.filed and name != "profile":
            assert found.value(name) == example(setting)
            assert found.origin(name).layer is Layer.PERSONAL


def test_the_example_names_every_variable_that_a_file_may_set_and_sets_none():
    named = re.findall(r"^# ([A-Z_]+)=", env_example(), re.MULTILINE)

    assert set(named) == {name for name, setting in VARIABLES.items() if setting.filed}
    assert all(line.startswith("#") for line in env_example().splitlines() if line)
