from io import StringIO

import pytest

from chatcli.adapters.dotenv_file import read_dotenv
from chatcli.adapters.toml_file import read_toml
from chatcli.config.resolve import config_file, resolve
from chatcli.config.settings import SETTINGS, VARIABLES, Settings
from chatcli.config.values import Layer
from chatcli.core.catalog import Correction
from chatcli.core.kinds import Switch
from chatcli.core.look import LOOK, Look
from chatcli.core.params import LIMITS, PARAMS, Params
from chatcli.env import Dirs, Env
from chatcli.errors import ConfigError


@pytest.fixture
def world(tmp_path):
    """Folders home/config, repo/.git and repo/src; the program stands in repo/src."""
    for folder in ("home/config", "repo/.git", "repo/src"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def env(world, environ=None, cwd="repo/src"):
    home = world / "home"
    return Env(
        stdin=None,
        stdout=StringIO(),
        stderr=StringIO(),
        environ={"HOME": str(home)} | (environ or {}),
        cwd=world / cwd,
        dirs=Dirs(home / "config", home / "cache", home / "data", home / "state"),
    )


def config(world, environ=None, flags=None, cwd="repo/src"):
    return resolve(env(world, environ, cwd), flags or {}, read_dotenv, read_toml)


def refused(world, environ=None, flags=None):
    with pytest.raises(ConfigError) as caught:
        config(world, environ, flags)
    return caught.value.message.replace(str(world), "~"), caught.value.hint


def test_with_nothing_given_the_defaults_hold(world):
    settings = config(world).settings

    assert (settings.model, settings.stream, settings.timeout, settings.encoding) == (
        None,
        True,
        600.0,
        "utf-8",
    )
    assert settings.params == Params()
    assert config(world).origin("stream").layer is Layer.DEFAULT


def test_the_stronger_place_wins_and_every_value_knows_its_place(world):
    toml = world / "home/config/config.toml"
    toml.write_text('model = "file"\n[profiles.work]\nmodel = "profile"\n')
    (world / "home/config/.env").write_text("CHATCLI_MODEL=personal\n")
    (world / "repo/src/.env").write_text("\nCHATCLI_MODEL=project\n")
    environ = {"CHATCLI_MODEL": "environment"}
    flags = {"model": "flag", "profile": "work"}

    def holds(environ, flags):
        found = config(world, environ, flags)
        return found.settings.model, str(found.origin("model")).replace(str(world), "~")

    assert holds(environ, flags) == ("flag", "--model")
    del flags["model"]
    assert holds(environ, flags) == ("environment", "the environment (CHATCLI_MODEL)")
    assert holds({}, flags) == ("project", "./.env line 2")
    (world / "repo/src/.env").unlink()
    assert holds({}, flags) == ("personal", "~/home/config/.env line 1")
    (world / "home/config/.env").unlink()
    assert holds({}, flags) == ("profile", "~/home/config/config.toml line 3")
    assert holds({}, {}) == ("file", "~/home/config/config.toml line 1")
    toml.unlink()
    assert holds({}, {}) == (None, "the default")


def test_a_reader_is_called_only_for_a_file_that_exists(world):
    found = resolve(env(world), {}, read_dotenv=None, read_toml=None)

    assert found.settings.model is None


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("CHATCLI_TEMPERATURE", "0.5", 0.5),
        ("CHATCLI_STOP", r"END|\n\n", ("END", "\n\n")),
        ("CHATCLI_STREAM", "off", False),
        ("CHATCLI_TIMEOUT", "30", 30.0),
        ("CHATCLI_CONTEXT", "8,192", 8192),
        ("CHATCLI_ENCODING", "latin-1", "latin-1"),
        ("OPENAI_BASE_URL", "http://localhost:1", "http://localhost:1"),
        ("OPENAI_ORG_ID", "org-1", "org-1"),
        ("OPENAI_PROJECT_ID", "proj_1", "proj_1"),
        ("OPENAI_API_KEY", "sk-1", "sk-1"),
    ],
)
def test_a_variable_is_read_by_the_kind_of_its_setting(world, name, text, value):
    found = config(world, {name: text})

    assert found.value(VARIABLES[name].name) == value
    assert found.origin(VARIABLES[name].name).named == f"{name} (the environment)"


def test_our_own_variable_is_stronger_than_openai_s(world):
    found = config(
        world, {"OPENAI_BASE_URL": "http://a", "CHATCLI_BASE_URL": "http://b", "OPENAI_API_KEY": "k"}
    )

    assert (found.value("base_url"), found.value("api_key")) == ("http://b", "k")


@pytest.mark.parametrize(
    "name", ["CHATCLI_MODEL", "OPENAI_BASE_URL", "CHATCLI_TEMPERATURE", "CHATCLI_SYSTEM"]
)
def test_an_empty_variable_counts_as_not_set(world, name):
    (world / "home/config/config.toml").write_text(
        'model = "x"\nbase_url = "http://x"\ntemperature = 1\nsystem = "x"\n'
    )
    (world / "repo/src/.env").write_text(f"{name}=\n")

    assert config(world, {name: ""}).origin(VARIABLES[name].name).layer is Layer.FILE


def test_an_empty_text_in_a_profile_or_a_flag_takes_back_what_weaker_places_say(world):
    (world / "home/config/config.toml").write_text(
        'system = "Be brief."\nbase_url = "http://x"\n[profiles.plain]\nsystem = ""\nbase_url = ""\n'
    )

    plain = config(world, flags={"profile": "plain"})
    assert (plain.settings.system, plain.settings.base_url) == (None, None)
    assert config(world, flags={"system": ""}).settings.system is None
    assert config(world).settings.system == "Be brief."


@pytest.mark.parametrize(
    ("environ", "message", "hint"),
    [
        (
            {"CHATCLI_TEMPERATURE": "hot"},
            "CHATCLI_TEMPERATURE must be a number from 0 to 2 (the environment).",
            "It is 'hot' now.",
        ),
        (
            {"CHATCLI_STREAM": "maybe"},
            "CHATCLI_STREAM must be on or off (the environment).",
            "It is 'maybe' now.",
        ),
        (
            {"CHATCLI_ENCODING": "base64"},
            "CHATCLI_ENCODING must be a text encoding, such as utf-8, latin-1, utf-16 (the environment).",
            "It is 'base64' now.",
        ),
    ],
)
def test_a_wrong_variable_is_named(world, environ, message, hint):
    assert refused(world, environ) == (message, hint)


def test_a_wrong_variable_of_a_dotenv_file_is_named_with_its_line(world):
    (world / "repo/.env").write_text("\nOTHER=1\nCHATCLI_TEMPERATURE=hot\n")

    assert refused(world)[0] == "CHATCLI_TEMPERATURE must be a number from 0 to 2 (../.env line 3)."


def test_a_variable_whose_quotes_are_not_closed_is_named_with_its_line(world):
    (world / "repo/src/.env").write_text("OTHER=\"x\nOPENAI_API_KEY='sk-secret\n")

    message, hint = refused(world)
    assert message == "OPENAI_API_KEY (./.env line 2) has no value that can be read."
    assert "sk-secret" not in message + hint


def test_an_unknown_variable_is_mentioned_with_the_nearest_name(world):
    (world / "repo/src/.env").write_text("CHATCLI_QQQQQQQQ=1\nFOREIGN=1\n")

    assert config(world, {"CHATCLI_TEMPRATURE": "1", "CHATCLI_EMPTY": ""}).notices == (
        "CHATCLI_TEMPRATURE (the environment) is no setting. Did you mean CHATCLI_TEMPERATURE?",
        "CHATCLI_QQQQQQQQ (./.env line 1) is no setting.",
    )


@pytest.mark.parametrize(
    ("toml", "message", "hint"),
    [
        (
            '\ntemprature = 1\nmodel = "x"\n',
            "temprature is no setting (~/home/config/config.toml line 2).",
            "Did you mean temperature?",
        ),
        (
            "[palette]\nprompt = 1\n",
            "palette is no setting (~/home/config/config.toml line 1).",
            'See "chatcli --help" for every setting.',
        ),
        (
            "[profiles.work]\nmodle = 'x'\n",
            "modle is no setting of a profile (~/home/config/config.toml line 2).",
            "Did you mean model?",
        ),
        (
            "[profiles.work]\nprofile = 'x'\n",
            "profile is no setting of a profile (~/home/config/config.toml line 2).",
            'See "chatcli --help" for every setting.',
        ),
        (
            "config = 'x'\n",
            "config is no setting (~/home/config/config.toml line 1).",
            'See "chatcli --help" for every setting.',
        ),
        (
            "\n\ntemperature = 'hot'\n",
            "temperature must be a number from 0 to 2 (~/home/config/config.toml line 3).",
            "It is 'hot' now.",
        ),
        (
            "stream = 'on'\n",
            "stream must be true or false (~/home/config/config.toml line 1).",
            "It is 'on' now.",
        ),
        (
            "api_key = 12345678\n",
            "api_key must be a key, in quotes (~/home/config/config.toml line 1).",
            "",
        ),
        (
            "model.name = 'x'\n",
            "model must be a model's name, in quotes (~/home/config/config.toml line 1).",
            "It is {'name': 'x'} now.",
        ),
        (
            "profiles = 1\n",
            "profiles must be a table (~/home/config/config.toml line 1).",
            "A profile begins with a line such as [profiles.work].",
        ),
        (
            "[profiles]\nmodel = 'x'\n",
            "profiles.model must be a table (~/home/config/config.toml line 2).",
            "A profile begins with a line such as [profiles.work].",
        ),
        (
            "seed =\n",
            "~/home/config/config.toml line 1 is not TOML: invalid value.",
            'A line looks like: name = "value"',
        ),
    ],
)
def test_a_wrong_config_file_names_the_line_and_the_nearest_name(world, toml, message, hint):
    (world / "home/config/config.toml").write_text(toml)

    assert refused(world) == (message, hint)


def test_models_stand_in_the_config_file_beside_the_settings(world):
    (world / "home/config/config.toml").write_text(
        'model = "x"\nmax_cost = 0.5\n[models.x]\nwindow = 4096\n[profiles.work]\nmax_total_tokens = 9\n'
    )

    found = config(world, flags={"profile": "work"})

    assert found.models == {"x": Correction(window=4_096)}
    assert (found.settings.max_cost, found.settings.max_total_tokens) == (0.5, 9)


def test_a_wrong_model_in_the_config_file_is_named_with_its_line(world):
    (world / "home/config/config.toml").write_text('model = "x"\n[models.x]\nwindow = "big"\n')

    assert refused(world) == (
        "models.x.window (~/home/config/config.toml line 3) must be a whole number, 1 or more.",
        "It is 'big' now.",
    )


def test_a_config_file_that_cannot_be_read_is_named(world):
    def forbidden(path):
        raise PermissionError(13, "Permission denied")

    (world / "home/config/config.toml").write_text("")
    with pytest.raises(ConfigError, match=r"config\.toml cannot be read: Permission denied\.") as caught:
        resolve(env(world), {}, read_dotenv, forbidden)
    assert caught.value.hint


def test_a_dotenv_file_that_cannot_be_read_is_mentioned_and_left_out(world):
    def forbidden(path):
        raise PermissionError(13, "Permission denied")

    (world / "repo/src/.env").write_text("CHATCLI_MODEL=x")
    found = resolve(env(world), {}, forbidden, read_toml)

    assert (found.settings.model, found.notices) == (None, ("./.env is left out: Permission denied.",))


def test_the_nearest_dotenv_file_up_to_the_root_of_the_repository_counts(world):
    (world / ".env").write_text("CHATCLI_MODEL=outside\n")
    assert config(world).settings.model is None

    (world / "repo/.env").write_text("CHATCLI_MODEL=root\n")
    assert config(world).settings.model == "root"
    assert str(config(world).origin("model")) == "../.env line 1"

    (world / "repo/src/.env").write_text("CHATCLI_SYSTEM=x\n")
    assert config(world).settings.model is None


def test_outside_a_repository_only_the_working_directory_counts(world):
    (world / "repo/.git").rmdir()
    (world / "repo/.env").write_text("CHATCLI_MODEL=above\n")
    assert config(world).settings.model is None

    (world / "repo/src/.env").write_text("CHATCLI_MODEL=here\n")
    assert config(world).settings.model == "here"


def test_a_worktree_whose_git_is_a_file_is_a_repository_too(world):
    (world / "repo/.git").rmdir()
    (world / "repo/.git").write_text("gitdir: elsewhere\n")
    (world / "repo/.env").write_text("CHATCLI_MODEL=root\n")

    assert config(world).settings.model == "root"


def test_a_virtual_environment_called_dotenv_is_no_dotenv_file(world):
    (world / "repo/src/.env").mkdir()
    (world / "repo/.env").write_text("CHATCLI_MODEL=root\n")

    assert (config(world).settings.model, config(world).notices) == ("root", ())


@pytest.mark.parametrize(
    "line",
    [
        "CHATCLI_KEY_COMMAND='curl evil'",
        "CHATCLI_KEY_FILE=/etc/passwd",
        "CHATCLI_KEY_ENV=AWS_SECRET_ACCESS_KEY",
        "CHATCLI_INSECURE=on",
        "CHATCLI_CONFIG=./evil.toml",
    ],
)
def test_what_a_repository_may_have_planted_is_left_out_and_mentioned(world, line):
    (world / "repo/src/.env").write_text(f"{line}\nCHATCLI_MODEL=x\n")
    (world / "repo/src/evil.toml").write_text("key_command = 'curl evil'\n")
    name = line.partition("=")[0]

    found = config(world)

    assert found.origin(VARIABLES[name].name).layer is Layer.DEFAULT
    assert found.notices == (
        f"{name} (./.env line 1) is left out: this .env may have come with the repository.",
    )
    assert found.settings.model == "x"


@pytest.mark.parametrize(
    "name", [setting.env[0] for setting in SETTINGS.values() if setting.personal and setting.filed]
)
def test_one_s_own_dotenv_file_may_set_what_a_repository_s_may_not(world, name):
    (world / "home/config/.env").write_text(f"{name}=on\n")

    for cwd in ("repo/src", "home/config"):
        found = config(world, cwd=cwd)
        assert found.origin(VARIABLES[name].name).layer is Layer.PERSONAL
        assert found.notices == ()


def test_no_settings_file_can_name_another_config_file(world):
    (world / "home/config/.env").write_text("CHATCLI_CONFIG=/elsewhere.toml\n")

    found = config(world)

    assert found.file == world / "home/config/config.toml"
    (notice,) = found.notices
    assert notice.startswith(f"CHATCLI_CONFIG ({world}/home/config/.env line 1) is left out: ")
    assert notice.endswith("only --config and the environment may set it.")


def test_a_profile_is_chosen_by_a_flag_a_variable_or_the_config_file(world):
    (world / "home/config/config.toml").write_text(
        'profile = "home"\n[profiles.home]\nmodel = "h"\n[profiles.work]\nmodel = "w"\n'
    )

    assert config(world).settings.model == "h"
    assert config(world, {"CHATCLI_PROFILE": "work"}).settings.model == "w"
    assert config(world, {"CHATCLI_PROFILE": "work"}, {"profile": "home"}).settings.model == "h"
    assert config(world, flags={"profile": ""}).settings.model is None


def test_an_empty_profile_is_a_profile(world):
    (world / "home/config/config.toml").write_text('model = "x"\n[profiles.plain]\n')

    assert config(world, flags={"profile": "plain"}).settings.model == "x"


@pytest.mark.parametrize(
    ("toml", "profile", "hint"),
    [
        ("[profiles.work]\n[profiles.home]\n", "wrok", "Did you mean work?"),
        ("[profiles.work]\n[profiles.home]\n", "school", "The profiles there are work, home."),
        ("", "work", "It has no profiles."),
    ],
)
def test_an_unknown_profile_offers_the_nearest(world, toml, profile, hint):
    (world / "home/config/config.toml").write_text(toml)

    message = f"There is no profile {profile} in ~/home/config/config.toml, though --profile asks for it."
    assert refused(world, flags={"profile": profile}) == (message, hint)


def test_a_profile_that_is_not_chosen_is_checked_all_the_same(world):
    (world / "home/config/config.toml").write_text("[profiles.work]\ntop_p = 7\n")

    assert refused(world)[0] == "top_p must be a number from 0 to 1 (~/home/config/config.toml line 2)."


@pytest.mark.parametrize(
    ("environ", "flags"),
    [
        ({}, {"config": "mine.toml"}),
        ({"CHATCLI_CONFIG": "mine.toml"}, {}),
        ({"CHATCLI_CONFIG": "~/../repo/src/mine.toml"}, {}),
        ({"CHATCLI_CONFIG": "nowhere.toml"}, {"config": "mine.toml"}),
    ],
)
def test_another_config_file_can_be_named(world, environ, flags):
    (world / "home/config/config.toml").write_text('model = "usual"\n')
    (world / "repo/src/mine.toml").write_text('model = "mine"\n')

    found = config(world, environ, flags)

    assert found.settings.model == "mine"
    assert found.file.samefile(world / "repo/src/mine.toml")
    assert config_file(env(world, environ), flags) == found.file


def test_a_named_config_file_must_exist_and_the_usual_one_need_not(world):
    assert config_file(env(world), {}) == world / "home/config/config.toml"
    assert refused(world, flags={"config": "none.toml"}) == (
        "There is no config file ~/repo/src/none.toml.",
        "It was named by --config or CHATCLI_CONFIG.",
    )


@pytest.mark.parametrize(
    ("name", "flags", "variables"),
    [
        ("model", ("-m", "--model"), ("CHATCLI_MODEL",)),
        ("temperature", ("-t", "--temperature"), ("CHATCLI_TEMPERATURE",)),
        ("max_tokens", ("--max-tokens",), ("CHATCLI_MAX_TOKENS",)),
        ("stream", ("--stream", "--no-stream"), ("CHATCLI_STREAM",)),
        ("render", ("--render", "--raw"), ("CHATCLI_RENDER",)),
        ("base_url", ("--base-url",), ("CHATCLI_BASE_URL", "OPENAI_BASE_URL")),
        ("api_key", (), ("CHATCLI_API_KEY", "OPENAI_API_KEY")),
    ],
)
def test_flags_and_variables_grow_from_the_name(name, flags, variables):
    assert (SETTINGS[name].flags, SETTINGS[name].env) == (flags, variables)


def test_how_replies_look_is_settled_like_everything_else(world):
    toml = world / "home/config/config.toml"
    toml.write_text('theme = "mine"\nrender = true\n[themes.mine]\nbase = "dark"\nh1 = "bold cyan"\n')

    assert config(world).settings.look == Look(True, "mine")
    assert config(world).themes == {"mine": {"base": "dark", "h1": "bold cyan"}}
    assert config(world, {"CHATCLI_RENDER": "off"}, {"theme": "plain"}).settings.look == Look(False, "plain")
    assert str(config(world, flags={"render": False}).origin("render")) == "--raw"
    toml.unlink()
    assert config(world).settings.look == Look()


def test_a_theme_that_is_not_there_is_named_with_whoever_asks_for_it(world):
    (world / "home/config/config.toml").write_text('[profiles.work]\ntheme = "mien"\n[themes.mine]\n')

    assert refused(world, {"CHATCLI_THEME": "drak"}) == (
        "There is no theme drak, though the environment (CHATCLI_THEME) asks for it.",
        "Did you mean dark?",
    )
    assert refused(world, flags={"profile": "work"}) == (
        "There is no theme mien, though ~/home/config/config.toml line 2 asks for it.",
        "Did you mean mine?",
    )
    assert refused(world, flags={"theme": "zebra"}) == (
        "There is no theme zebra, though --theme asks for it.",
        "There are auto, dark, light, plain, mine.",
    )


def test_no_flag_and_no_variable_means_two_things():
    flags = [flag for setting in SETTINGS.values() for flag in setting.flags]
    variables = [name for setting in SETTINGS.values() for name in setting.env]

    assert len(flags) == len(set(flags))
    assert len(variables) == len(set(variables)) == len(VARIABLES)


def test_the_flag_of_a_value_is_one_of_the_setting_s_flags():
    for setting in SETTINGS.values():
        if setting.flags:
            values = (True, False) if isinstance(setting.kind, Switch) else ("x",)
            assert {setting.flag(value) for value in values} <= set(setting.flags)


def test_every_setting_but_the_key_itself_has_its_typed_field():
    typed = set(Settings._fields) - {"params", "limits", "look"} | set(PARAMS) | set(LIMITS) | set(LOOK)

    assert typed == {name for name, setting in SETTINGS.items() if not setting.secret}


def test_every_default_is_a_value_of_its_kind():
    for setting in SETTINGS.values():
        if setting.default is not None:
            assert setting.kind.check(setting.default) == setting.default


def test_a_key_is_not_in_the_repr_of_a_config(world):
    assert "sk-secret" not in repr(config(world, {"OPENAI_API_KEY": "sk-secret"}))
