from io import StringIO

import pytest

from chatcli.adapters.dotenv_file import read_dotenv
from chatcli.adapters.toml_file import read_toml
from chatcli.config.endpoint import OPENAI, endpoint
from chatcli.config.resolve import resolve
from chatcli.core.readings import KeyFile, Ran
from chatcli.env import Dirs, Env
from chatcli.errors import ConfigError

URL = "https://other.example/v1"
PLACES = ("flag", "environment", "project", "personal", "profile", "file")


class World:
    """A machine with something in each place that a setting can come from, and a vault of keys."""

    def __init__(self, root):
        self.root = root
        (root / "repo").mkdir()
        (root / "config").mkdir()
        self.environ = {"HOME": str(root / "home"), "NAMED": "named-key"}
        self.flags = {}
        self.texts = {"project": [], "personal": [], "profile": [], "file": []}
        self.files = {}
        self.commands = {}
        self.opened = []

    def put(self, place, name, value):
        """Give a setting in a place, as it is written there."""
        variable = {"api_key": "OPENAI_API_KEY", "base_url": "OPENAI_BASE_URL"}.get(
            name, f"CHATCLI_{name.upper()}"
        )
        match place:
            case "flag":
                self.flags[name] = value
            case "environment":
                self.environ[variable] = value
            case "project" | "personal":
                self.texts[place].append(f"{variable}='{value}'")
            case "profile" | "file":
                self.texts[place].append(f"{name} = '{value}'")
        return self

    def config(self):
        toml = ["profile = 'work'", *self.texts["file"], "[profiles.work]", *self.texts["profile"]]
        (self.root / "config/config.toml").write_text("\n".join(toml))
        (self.root / "config/.env").write_text("\n".join(self.texts["personal"]))
        (self.root / "repo/.env").write_text("\n".join(self.texts["project"]))
        return resolve(self.env(), self.flags, read_dotenv, read_toml)

    def env(self):
        dirs = Dirs(*(self.root / name for name in ("config", "cache", "data", "state")))
        return Env(None, StringIO(), StringIO(), self.environ, self.root / "repo", dirs)

    def endpoint(self):
        return endpoint(self.config(), self.env(), self.read_file, self.run_command)

    def refused(self):
        with pytest.raises(ConfigError) as caught:
            self.endpoint()
        return caught.value.message.replace(str(self.root), "~"), caught.value.hint

    def read_file(self, path):
        self.opened.append(path)
        return self.files[str(path)]

    def run_command(self, command):
        self.opened.append(command)
        return self.commands[command]


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def test_with_nothing_given_it_is_openai_without_a_key(world):
    found = world.endpoint()

    assert (found.base_url, found.api_key, found.is_openai, found.notices) == (OPENAI, None, True, ())


# Where a URL comes from, and from where a key may follow it.
MAY_FOLLOW = {
    "flag": {"flag"},
    "environment": {"flag", "environment"},
    "project": {"project"},
    "personal": {"flag", "personal"},
    "profile": {"flag", "profile"},
    "file": {"flag", "file"},
}


@pytest.mark.parametrize("url_place", PLACES)
@pytest.mark.parametrize("key_place", PLACES)
def test_a_key_goes_only_to_the_endpoint_that_it_was_given_with(world, url_place, key_place):
    world.put(url_place, "base_url", URL)
    if key_place == "flag":
        world.put("flag", "key_env", "NAMED")
    else:
        world.put(key_place, "api_key", "named-key")

    found = world.endpoint()

    assert found.base_url == URL
    if key_place in MAY_FOLLOW[url_place]:
        assert (found.api_key, found.notices) == ("named-key", ())
    else:
        assert found.api_key is None
        assert len(found.notices) == 1
        assert f"is not sent to {URL}" in found.notices[0]
        assert "named-key" not in found.notices[0]


@pytest.mark.parametrize("url_place", [None, *PLACES])
@pytest.mark.parametrize("key_place", PLACES)
def test_openai_gets_a_key_from_anywhere_wherever_its_url_stands(world, url_place, key_place):
    if url_place:
        world.put(url_place, "base_url", "https://api.openai.com/v1/")
    if key_place == "flag":
        world.put("flag", "key_env", "NAMED")
    else:
        world.put(key_place, "api_key", "named-key")

    found = world.endpoint()

    assert (found.base_url, found.api_key, found.notices) == (OPENAI, "named-key", ())


def test_openai_gets_the_key_of_the_strongest_place(world):
    for place in PLACES[1:]:
        world.put(place, "api_key", f"{place}-key")
    assert world.endpoint().api_key == "environment-key"

    world.put("flag", "key_env", "NAMED")
    assert world.endpoint().api_key == "named-key"


def test_in_one_place_a_key_that_is_pointed_at_beats_a_key_that_is_written_down(world):
    world.put("profile", "api_key", "written").put("profile", "key_command", "vault")
    world.commands["vault"] = Ran(0, "from-vault\n", "")

    assert world.endpoint().api_key == "from-vault"


@pytest.mark.parametrize(
    "url", ["https://api.openai.com/v1x", "https://api.openai.com.evil.example/v1", "https://api.openai.com"]
)
def test_a_url_that_only_looks_like_openai_s_is_another_endpoint(world, url):
    world.put("project", "base_url", url).put("environment", "api_key", "sk-secret")

    assert world.endpoint().api_key is None


@pytest.mark.parametrize("name", ["key_env", "key_file", "key_command"])
def test_nothing_is_opened_for_a_url_from_a_repository(world, name):
    world.put("project", "base_url", URL)
    world.put("flag", name, "NAMED").put("file", "key_command", "vault").put("profile", "key_file", "/key")

    found = world.endpoint()

    assert (found.api_key, world.opened) == (None, [])


def test_only_the_key_that_is_sent_is_fetched(world):
    world.put("environment", "api_key", "sk-env").put("profile", "key_command", "vault").put(
        "file", "key_file", "/key"
    )

    assert (world.endpoint().api_key, world.opened) == ("sk-env", [])


def test_a_key_that_stays_behind_is_mentioned_with_the_way_to_send_it(world):
    world.put("environment", "api_key", "sk-env")
    world.put("project", "model", "x").put("project", "base_url", URL)
    why = "a key goes only to the endpoint it was given with"

    (notice,) = world.endpoint().notices
    what, _, how = notice.partition(f": {why}. ")
    assert what == f"OPENAI_API_KEY (the environment) is not sent to {URL} (./.env line 2)"
    assert how == f"To send it, add --base-url {URL} and --key-env OPENAI_API_KEY."

    world.put("flag", "base_url", URL)
    (notice,) = world.endpoint().notices
    what, _, how = notice.partition(f": {why}. ")
    assert what == f"OPENAI_API_KEY (the environment) is not sent to {URL} (the command line)"
    assert how == "To send it, add --key-env OPENAI_API_KEY."


def test_a_key_of_a_file_that_stays_behind_can_be_named_in_three_ways(world):
    world.put("file", "api_key", "sk-file").put("profile", "base_url", URL)

    (notice,) = world.endpoint().notices

    assert notice.endswith("To send it, add --key-env, --key-file or --key-command.")


def test_the_advice_that_the_notice_gives_works(world):
    world.put("environment", "api_key", "sk-env").put("project", "base_url", URL)
    world.put("flag", "base_url", URL).put("flag", "key_env", "OPENAI_API_KEY")

    assert (world.endpoint().api_key, world.endpoint().notices) == ("sk-env", ())


def test_a_key_elsewhere_is_not_mentioned_where_the_endpoint_has_its_own(world):
    world.put("environment", "api_key", "sk-env").put("profile", "base_url", URL).put(
        "profile", "api_key", "none"
    )

    assert (world.endpoint().api_key, world.endpoint().notices) == ("none", ())


@pytest.mark.parametrize("blank", ["", " ", "\t"])
def test_a_blank_key_counts_as_not_set(world, blank):
    world.put("environment", "api_key", blank).put("file", "api_key", "from-file")

    assert world.endpoint().api_key == "from-file"


def test_blanks_and_line_ends_around_a_key_are_no_part_of_it(world):
    world.put("environment", "api_key", " sk-1\r\n")

    assert world.endpoint().api_key == "sk-1"


@pytest.mark.parametrize("url_place", PLACES)
@pytest.mark.parametrize("id_place", PLACES)
def test_organization_and_project_follow_the_rule_of_keys(world, url_place, id_place):
    world.put(url_place, "base_url", URL)
    world.put(id_place, "organization", "org-1").put(id_place, "project", "proj_1")

    found = world.endpoint()

    expected = ("org-1", "proj_1") if id_place in MAY_FOLLOW[url_place] else (None, None)
    assert (found.organization, found.project) == expected


def test_openai_gets_the_organization_of_the_strongest_place(world):
    world.put("file", "organization", "org-file").put("environment", "organization", "org-env")

    assert world.endpoint().organization == "org-env"


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8080/v1",
        "http://LOCALHOST",
        "http://llm.localhost/v1",
        "http://127.0.0.1:1",
        "http://127.1.2.3/v1",
        "http://[::1]:8080/v1",
        "https://other.example/v1",
    ],
)
def test_a_loopback_or_encrypted_url_is_taken(world, url):
    world.put("flag", "base_url", f" {url}/ ")

    assert world.endpoint().base_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://other.example/v1",
        "http://192.168.1.5:8080",
        "http://0.0.0.0:8080",
        "http://127.0.0.1.evil.example",
        "http://127.evil.example",
        "http://localhost.evil.example",
        "http://notlocalhost",
        "http://evil.example%2f.localhost",
        "http://evil.example#.localhost",
        "http://evil.example?.localhost",
        "HTTP://other.example",
        "http://[::2]/v1",
    ],
)
def test_plain_http_to_another_machine_is_refused_unless_it_is_allowed(world, url):
    world.put("environment", "base_url", url)

    message, hint = world.refused()
    assert message.startswith(f"OPENAI_BASE_URL (the environment) is {url}: over plain http")
    assert "--insecure" in hint

    world.put("flag", "insecure", True)
    assert world.endpoint().base_url == url


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("localhost:8080", "Did you mean http://localhost:8080/v1?"),
        ("localhost", "Did you mean http://localhost/v1?"),
        ("127.0.0.1:8080/api", "Did you mean http://127.0.0.1:8080/api?"),
        ("llm.example.com", "Did you mean https://llm.example.com/v1?"),
        ("//llm.example.com/v1", "Did you mean https://llm.example.com/v1?"),
        ("llm.example.com:8443/v1", "Did you mean https://llm.example.com:8443/v1?"),
        ("ftp://llm.example.com", "A URL looks like https://host/v1."),
        ("file:///etc/passwd", "A URL looks like https://host/v1."),
        ("https://", "A URL looks like https://host/v1."),
        ("https:/host/v1", "A URL looks like https://host/v1."),
        ("https:///v1", "A URL looks like https://host/v1."),
        ("https://host:port/v1", "A URL looks like https://host/v1."),
        ("https://host:99999/v1", "A URL looks like https://host/v1."),
        ("https://host:0/v1", "A URL looks like https://host/v1."),
        ("https://ho st/v1", "A URL looks like https://host/v1."),
        ("http://localhost\\.evil.example", "A URL looks like https://host/v1."),
        ("http://local\nhost", "A URL looks like https://host/v1."),
        ("http://[::1", "A URL looks like https://host/v1."),
    ],
)
def test_what_is_no_url_is_refused_with_advice(world, url, hint):
    world.flags["base_url"] = url

    message, advice = world.refused()

    assert message.startswith("--base-url")
    assert advice == hint


@pytest.mark.parametrize(
    "url",
    [
        "https://me:pass@host/v1",
        "https://pass@host",
        "me:pass@host",
        "http:/me:pass@host",
        "http://localhost@pass",
    ],
)
def test_a_url_with_a_password_is_refused_and_not_repeated(world, url):
    world.put("environment", "base_url", url)

    message, hint = world.refused()

    assert message == "OPENAI_BASE_URL (the environment) holds a user name or a password."
    assert "pass@" not in message + hint


def test_an_at_sign_in_the_path_is_no_password(world):
    world.put("flag", "base_url", "https://host/@cf/v1")

    assert world.endpoint().base_url == "https://host/@cf/v1"


def test_a_named_variable_that_is_not_set_is_an_error(world):
    world.put("profile", "key_env", "MISSING")

    message, hint = world.refused()
    assert message == "key_env (~/config/config.toml line 3) names a variable that is not set: MISSING."
    assert hint == "Try: export MISSING=..."


@pytest.mark.parametrize(
    ("place", "name", "opened"),
    [
        ("flag", "/etc/key", "/etc/key"),
        ("flag", "key", "{root}/repo/key"),
        ("environment", "key", "{root}/repo/key"),
        ("personal", "key", "{root}/config/key"),
        ("profile", "key", "{root}/config/key"),
        ("file", "keys/work", "{root}/config/keys/work"),
        ("file", "~/.key", "{root}/home/.key"),
    ],
)
def test_a_key_file_is_looked_for_where_its_name_was_written(world, place, name, opened):
    path = opened.format(root=world.root)
    world.put(place, "key_file", name).files[path] = KeyFile(" sk-file\n", shared=False)

    assert (world.endpoint().api_key, world.endpoint().notices) == ("sk-file", ())


def test_a_key_file_that_others_can_read_is_mentioned(world):
    world.put("flag", "key_file", "/key").files["/key"] = KeyFile("sk-file", shared=True)

    found = world.endpoint()

    assert found.api_key == "sk-file"
    assert found.notices == ("Others can read the key file /key. Try: chmod 600 /key",)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (FileNotFoundError(2, "No such file or directory"), "No such file or directory"),
        (PermissionError(13, "Permission denied"), "Permission denied"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "it is not text"),
    ],
)
def test_a_key_file_that_cannot_be_read_is_an_error(world, error, reason):
    def unreadable(path):
        raise error

    world.put("flag", "key_file", "/key")
    with pytest.raises(ConfigError) as caught:
        endpoint(world.config(), world.env(), unreadable, world.run_command)

    assert caught.value.message == f"The key file /key cannot be read: {reason}."
    assert caught.value.hint == "It was named by --key-file."


def test_an_empty_key_file_is_an_error(world):
    world.put("flag", "key_file", "/key").files["/key"] = KeyFile(" \n", shared=False)

    assert world.refused() == ("The key file /key is empty.", "It was named by --key-file.")


def test_the_first_line_that_a_key_command_prints_is_the_key(world):
    world.put("file", "key_command", "vault get llm")
    world.commands["vault get llm"] = Ran(0, "\n sk-vault \nuser: me\n", "a word of warning\n")

    assert world.endpoint().api_key == "sk-vault"


@pytest.mark.parametrize(
    ("ran", "message", "hint"),
    [
        (Ran(1, "", "locked\nunlock the vault first\n\n"), "failed with status 1.", "unlock the vault first"),
        (Ran(127, "half-a-key", ""), "failed with status 127.", ""),
        (Ran(0, " \n", "no such entry\n"), "printed no key.", "no such entry"),
    ],
)
def test_a_key_command_that_gives_no_key_is_an_error_in_its_own_words(world, ran, message, hint):
    world.put("flag", "key_command", "vault").commands["vault"] = ran

    assert world.refused() == (f"--key-command {message}", hint)


def test_a_key_command_that_cannot_be_run_is_an_error(world):
    def no_shell(command):
        raise FileNotFoundError(2, "No such file or directory")

    world.put("flag", "key_command", "vault")
    with pytest.raises(ConfigError, match=r"--key-command cannot be run: No such file or directory\."):
        endpoint(world.config(), world.env(), world.read_file, no_shell)


@pytest.mark.parametrize(
    "key", ["sk-caf\u00e9", "sk-\u2026", "sk-1\nsk-2", "sk-\x00", "sk-\x7f", "sk-\udcff"]
)
@pytest.mark.parametrize("name", ["api_key", "organization"])
def test_a_text_that_cannot_be_sent_is_refused_and_not_repeated(world, name, key):
    world.put("environment", name, key)

    message, hint = world.refused()

    assert "gives a text with a character that cannot be sent." in message
    assert key not in message + hint


def test_a_key_is_not_in_the_repr_of_an_endpoint(world):
    world.put("environment", "api_key", "sk-secret")

    assert "sk-secret" not in repr(world.endpoint())
