"""``chatcli sessions`` through the program's front door, with a database in a home of its own."""

import json
import os
import sqlite3
import time
from contextlib import closing, nullcontext
from io import BytesIO, StringIO
from itertools import count
from pathlib import Path

import pytest

from chatcli.adapters.sqlite_store.store import SqliteStore
from chatcli.cli import main
from chatcli.core.archive import Whole
from chatcli.core.interchange.formats import Format
from chatcli.core.messages import Finish, Reply, Usage
from chatcli.core.session import Session
from chatcli.env import Dirs, Env
from chatcli.sessions.errands import Sessions
from chatcli.sessions.incoming import Source
from chatcli.terminal.voice import Voice

IMPORTS = Path(__file__).parent / "data" / "imports"
DAY = 86_400


class Given(BytesIO):
    """Standard input; before a line of it is read, something happens."""

    def __init__(self, content, meanwhile):
        super().__init__(content)
        self._meanwhile = meanwhile

    def readline(self, *size):
        if self._meanwhile:
            self._meanwhile()
        return super().readline(*size)


class Home:
    """Where sessions are kept, a person who answers if asked, and the program."""

    def __init__(self, path):
        self.path = path
        self.file = path / "data" / "sessions.db"

    def keep(self, which, *turns, title="", model="m", days=0, usage=None):
        """Keep a session of these turns, said so many days ago."""
        store = SqliteStore(self.file, lambda: time.time() - days * DAY)
        session = Session(model, title=title, id=which)
        for question, answer in turns:
            session = session.asked(question)
            store.asked(session)
            reply = Reply(answer, Finish.STOP, usage=usage)
            store.answered(session, reply)
            session = session.answered(reply)
        store.close()

    def run(self, *argv, typed=None, stdin=b"", watched=False, meanwhile=None):
        """Status, stdout, stderr. ``typed``: somebody sits at the keyboard; ``watched``: and sees stdout.

        ``meanwhile`` is called before they answer.
        """
        dirs = Dirs(*(self.path / name for name in ("config", "cache", "data", "state")))
        out, err, asked = StringIO(), StringIO(), typed is not None
        given = Given(typed.encode() if typed is not None else stdin, meanwhile)
        tty = {"stdin_tty": asked, "stderr_tty": asked, "stdout_tty": watched}
        env = Env(given, out, err, {"TERM": "xterm", "NO_COLOR": "1"}, self.path, dirs, **tty)
        return main(["sessions", *argv], env), out.getvalue(), err.getvalue()

    def go_on(self, which, question, answer, back=0):
        """Another program goes on with a session; perhaps it goes so many turns back first."""
        store = SqliteStore(self.file, time.time)
        session = store.open(which)
        session = session.back_to(len(session.turns) - back).asked(question)
        store.asked(session)
        store.answered(session, Reply(answer, Finish.STOP))
        store.close()

    def ids(self):
        return [each["id"] for each in json.loads(self.run("list", "--json")[1])]


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


@pytest.fixture
def travels(home):
    """Three chats, the newest about a ferry."""
    home.keep("aaa", ("Where is Porto?", "In **Portugal**."), title="Porto", model="gpt-x", days=100)
    home.keep("bbb", ("Where is Faro?", "In the south."), ("And the lighthouse?", "There too."), days=3)
    home.keep("ccc", ("When does the ferry leave?", "At noon.\n\nThe *last ferry* leaves at six."))
    return home


def test_the_list_tells_id_time_turns_model_and_heading_the_last_session_first(travels):
    done, out, err = travels.run("list")

    assert (done, err) == (0, "")
    date = time.strftime("%Y-%m-%d", time.localtime(time.time() - 100 * DAY))
    assert out.splitlines() == [
        "ccc  just now    1 turn   m      When does the ferry leave?",
        "bbb  3 d ago     2 turns  m      Where is Faro?",
        f"aaa  {date}  1 turn   gpt-x  Porto",
    ]


def test_without_an_errand_the_sessions_are_listed(travels):
    assert travels.run() == travels.run("list")


def test_the_list_can_be_cut_by_number_time_and_model(travels):
    def ids(*flags):
        return [line[:3] for line in travels.run("list", *flags)[1].splitlines()]

    assert ids("--limit", "2") == ["ccc", "bbb"]
    assert ids("--since", "1w") == ["ccc", "bbb"]
    assert ids("--since", "12h") == ["ccc"]
    assert ids("--since", "2w ago") == ["ccc", "bbb"]
    assert ids("--model", "gpt-x") == ["aaa"]
    assert ids("--limit", "2", "--all") == ["ccc", "bbb", "aaa"]


def test_a_list_that_was_cut_says_so_beside_it(travels):
    assert travels.run("list", "--limit", "2")[2] == "these are the last 2; --all lists every one\n"
    assert travels.run("list", "--limit", "3")[2] == ""


def test_the_list_as_json_has_every_fact(travels):
    first, *_ = json.loads(travels.run("list", "--json")[1])

    assert (first["id"], first["turns"], first["first"]) == ("ccc", 1, "When does the ferry leave?")
    assert first["updated"] == pytest.approx(time.time(), abs=600)


def test_where_nothing_is_kept_the_list_is_empty_and_says_why(home):
    assert home.run("list") == (0, "", "no sessions are kept yet\n")
    assert home.run("list", "--json")[:2] == (0, "[]\n")


def test_a_time_that_is_none_is_told_with_what_is(travels):
    done, out, err = travels.run("list", "--since", "yesterday")

    assert (done, out) == (2, "")
    assert "--since must be a length of time such as 12h, 90d or 2w, or a date" in err


def test_in_a_pipe_a_session_is_shown_as_markdown(travels):
    assert travels.run("show", "aaa") == (
        0,
        "# Porto\n\n## You\n\nWhere is Porto?\n\n## gpt-x\n\nIn **Portugal**.\n",
        "",
    )


def test_on_a_terminal_a_session_is_shown_as_it_looked(travels):
    done, out, err = travels.run("show", "aaa", watched=True)

    assert done == 0
    assert "1> Where is Porto?\n" in out
    assert "In \x1b[1mPortugal\x1b[0m." in out
    assert err.endswith(" · 1 turn · gpt-x · Porto\n")


def test_a_session_that_has_gone_other_ways_too_says_where_they_are(travels):
    travels.go_on("aaa", "And the river?", "The Douro.", back=1)

    assert travels.run("show", "aaa", watched=True)[2].endswith(
        "\nit has gone other ways too: /branch in chatcli -S aaa lists them\n"
    )
    assert "other ways" not in travels.run("show", "bbb", watched=True)[2]


def test_in_a_pipe_a_session_is_drawn_where_that_is_wanted(travels):
    assert travels.run("show", "aaa", "--render")[1] == "\n1> Where is Porto?\nIn Portugal.\n"


def test_a_session_is_found_by_its_title_and_by_its_first_question(travels):
    assert travels.run("show", "porto") == travels.run("show", "aaa")
    assert travels.run("show", "Where", "is", "Faro?") == travels.run("show", "bbb")


def test_a_session_that_is_not_there_is_told(travels):
    done, out, err = travels.run("show", "nowhere")

    assert (done, out) == (2, "")
    assert err.splitlines()[0] == "chatcli: error: There is no session 'nowhere'."


def test_a_session_is_shown_as_json_and_as_a_page(travels):
    assert json.loads(travels.run("show", "Porto", "--json")[1])["messages"][1] == {
        "role": "assistant",
        "content": "In **Portugal**.",
        "model": "gpt-x",
        "finish_reason": "stop",
    }
    assert "<strong>Portugal</strong>" in travels.run("show", "Porto", "--html")[1]


def test_what_was_found_is_printed_with_the_place_where_it_was_said(travels):
    assert travels.run("search", "lighthouse") == (
        0,
        "bbb · 3 d ago · you in turn 2 · Where is Faro?\n    And the lighthouse?\n",
        "",
    )


def test_the_words_that_were_sought_are_bold_on_a_terminal(travels):
    assert "    And the \x1b[1mlighthouse\x1b[22m?\n" in travels.run("search", "lighthouse", watched=True)[1]


def test_a_search_can_be_cut_by_time_model_role_and_number(travels):
    def found(*flags):
        return len(json.loads(travels.run("search", "--json", *flags)[1]))

    assert found("in") == 2
    assert found("in", "--model", "gpt-x") == 1
    assert found("in", "--since", "1w") == 1
    assert found("ferry") == 2
    assert found("ferry", "--role", "assistant") == 1
    assert found("ferry", "--limit", "1") == 1


def test_a_hit_as_json_tells_where_the_words_stand(travels):
    [hit] = json.loads(travels.run("search", "lighthouse", "--json")[1])

    assert (hit["session"], hit["turn"], hit["role"]) == ("bbb", 2, "user")
    [[start, end]] = hit["marks"]
    assert hit["snippet"][start:end] == "lighthouse"


def test_what_is_nowhere_is_told_and_is_no_error(travels):
    assert travels.run("search", "aeroplane") == (0, "", "nothing was found\n")


def test_nothing_that_was_said_steers_the_terminal(home):
    home.keep("aaa", ("\x1b[2J ferry \x9b2J", "a ferry \x1b]0;boo\x07"), title="\x1b[31mred\nline")

    for argv in (
        ["list"],
        ["search", "ferry"],
        ["show", "aaa"],
        ["show", "aaa", "--json"],
        ["export", "aaa"],
    ):
        done, out, err = home.run(*argv, watched=True)
        assert done == 0
        written = (out + err).replace("\x1b[1m", "").replace("\x1b[22m", "")
        assert not {"\x1b", "\x9b", "\x07"} & set(written), argv


def test_a_session_gets_another_title(travels):
    assert travels.run("rename", "bbb", "Faro", "in", "May") == (0, "", "title → Faro in May\n")
    assert travels.run("show", "faro in may")[1].startswith("# Faro in May\n")


def test_json_lines_hold_everything_and_come_back_in_another_home(travels, tmp_path):
    _, exported, _ = travels.run("export", "--all")
    other = Home(tmp_path / "other")
    other.path.mkdir()

    done, out, err = other.run("import", "-", "--yes", stdin=exported.encode())

    assert (done, out) == (0, "")
    assert err.endswith("imported 3 sessions\n")
    assert other.run("export", "--all")[1] == exported


def test_an_export_goes_to_a_file_that_only_its_owner_reads_in_the_format_of_its_name(travels):
    done, out, err = travels.run("export", "aaa", "-o", "porto.md")

    assert (done, out, err) == (0, "", "wrote 1 session to porto.md\n")
    assert (travels.path / "porto.md").read_text() == travels.run("show", "aaa")[1]
    assert (travels.path / "porto.md").stat().st_mode & 0o777 == 0o600


def test_several_sessions_are_one_list_of_json_and_one_text_of_markdown(travels):
    chats = json.loads(travels.run("export", "aaa", "bbb", "--format", "json")[1])
    assert [chat["title"] for chat in chats] == ["Porto", "Where is Faro?"]
    both = travels.run("export", "aaa", "bbb", "--format", "md")[1]
    assert both == f"{travels.run('show', 'aaa')[1]}\n{travels.run('show', 'bbb')[1]}"


def test_a_page_holds_one_session(travels):
    assert travels.run("export", "--all", "--format", "html")[0] == 2
    assert "<strong>Portugal</strong>" in travels.run("export", "aaa", "--format", "html")[1]


def test_an_export_needs_names_or_all_and_not_both(travels):
    assert travels.run("export")[0] == 2
    assert travels.run("export", "aaa", "--all")[0] == 2


def test_a_file_that_is_there_is_written_over_only_if_somebody_says_so(travels):
    file = travels.path / "mine.md"
    file.write_text("precious")

    assert travels.run("export", "aaa", "-o", "mine.md")[0] == 2
    assert travels.run("export", "aaa", "-o", "mine.md", typed="n\n")[0] == 1
    assert file.read_text() == "precious"
    assert travels.run("export", "aaa", "-o", "mine.md", typed="y\n")[0] == 0
    assert file.read_text().startswith("# Porto")
    assert travels.run("export", "bbb", "-o", "mine.md", "--yes")[0] == 0
    assert file.read_text().startswith("# Where is Faro?")


def test_a_file_that_cannot_be_written_is_told_and_nothing_is_left_behind(travels):
    done, out, err = travels.run("export", "aaa", "-o", "no/such/folder.md")

    assert (done, out) == (1, "")
    assert "no/such/folder.md cannot be written: No such file or directory." in err
    (travels.path / "folder").mkdir()
    assert travels.run("export", "aaa", "-o", "folder", "--yes")[0] == 1
    assert not list(travels.path.glob(".chatcli-*"))


def test_a_pipe_is_written_into_and_stays_a_pipe(travels):
    os.mkfifo(travels.path / "pipe")
    reader = os.open(travels.path / "pipe", os.O_RDONLY | os.O_NONBLOCK)

    assert travels.run("export", "--all", "-o", "pipe") == (0, "", "wrote 3 sessions to pipe\n")
    assert os.read(reader, 1 << 16).decode() == travels.run("export", "--all")[1]
    os.close(reader)
    assert (travels.path / "pipe").is_fifo()


def test_behind_a_link_the_file_is_written_which_keeps_its_mode(travels):
    (travels.path / "real.md").write_text("old")
    (travels.path / "real.md").chmod(0o640)
    (travels.path / "link.md").symlink_to("real.md")

    assert travels.run("export", "aaa", "-o", "link.md", "--yes")[0] == 0
    assert (travels.path / "link.md").is_symlink()
    assert (travels.path / "real.md").read_text().startswith("# Porto")
    assert (travels.path / "real.md").stat().st_mode & 0o777 == 0o640


@pytest.fixture
def damaged(home):
    """Six chats, the long third of which cannot be read any more."""
    for number in range(6):
        home.keep(f"s{number}", ("Hello?", f"Reply {number}. " * 3_000), title=f"Chat {number}")
    page = home.file.read_bytes().index(b"Reply 2. " * 400) // 4096 + 1
    with home.file.open("r+b") as file:
        file.seek(page * 4096)
        file.write(bytes(4096))
    return home


def test_what_can_be_read_of_a_damaged_database_is_exported_and_the_rest_is_named(damaged):
    done, out, err = damaged.run("export", "--all")

    assert done == 1
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["s5", "s4", "s3", "s1", "s0"]
    first, second, _ = err.splitlines()
    assert first.startswith("left out: s2  Chat 2: ")
    assert second == "chatcli: error: 1 of 6 sessions cannot be read."


def test_the_rescue_goes_to_a_file_too_and_can_be_imported(damaged, tmp_path):
    other = Home(tmp_path / "other")
    other.path.mkdir()

    assert damaged.run("export", "--all", "-o", str(tmp_path / "saved.jsonl"))[0] == 1
    assert other.run("import", str(tmp_path / "saved.jsonl"), "--yes")[0] == 0
    assert sorted(other.ids()) == ["s0", "s1", "s3", "s4", "s5"]


def test_where_nothing_can_be_read_the_file_stays_as_it_was(damaged):
    (damaged.path / "mine.jsonl").write_text("precious")

    done, out, err = damaged.run("export", "s2", "-o", "mine.jsonl", "--yes")

    assert (done, out) == (1, "")
    assert "None of it can be read, so nothing was written." in err
    assert (damaged.path / "mine.jsonl").read_text() == "precious"


@pytest.mark.parametrize(
    ("file", "program", "sessions", "question"),
    [
        ("conversations.json", "ChatGPT", 2, "What is the capital of Portugal?"),
        ("llm-0.27.db", "llm", 3, "What is the capital of Portugal?"),
        ("aichat-0.30.yaml", "aichat", 1, "When does the ferry leave?"),
        ("sgpt-1.5.json", "sgpt", 1, "How many people live there?"),
    ],
)
def test_the_chats_of_other_programs_are_recognised_and_taken_in(home, file, program, sessions, question):
    done, out, err = home.run("import", str(IMPORTS / file), "--yes")

    assert (done, out) == (0, "")
    assert f"({program}): {sessions} session" in err
    assert len(home.ids()) == sessions
    assert question in home.run("export", "--all", "--format", "md")[1]


def test_what_would_come_is_shown_first_and_comes_only_after_a_yes(home):
    file = str(IMPORTS / "sgpt-1.5.json")

    done, out, err = home.run("import", file, typed="n\n")
    assert (done, out) == (0, "")
    assert "would come:\n  2 turns    sgpt-1.5.json\nImport 1 session? [y/N] " in err
    assert err.endswith("nothing was imported\n")
    assert home.ids() == []

    assert home.run("import", file, typed="y\n")[0] == 0
    assert len(home.ids()) == 1


def stop():
    raise KeyboardInterrupt


def test_ctrl_c_at_the_question_says_that_nothing_was_imported(home):
    done, out, err = home.run("import", str(IMPORTS / "sgpt-1.5.json"), typed="", meanwhile=stop)

    assert (done, out) == (130, "")
    assert err.endswith("\nnothing was imported\n")
    assert home.ids() == []


@pytest.mark.parametrize(
    ("stopped", "said", "kept"),
    [(False, "imported 2 sessions", 2), (True, "nothing was imported", 0)],
)
def test_an_import_that_is_stopped_takes_in_nothing_and_says_so(home, stopped, said, kept):
    heard = StringIO()
    times = count(1)

    class Files:
        def source(self, name):
            return Source(name, Format.OURS, self.chats)

        def chats(self):
            time = next(times)  # they are read once to be shown, and once to be taken in
            for which in ("a", "b"):
                session = Session(None, id=which).asked(f"{which}?")
                yield Whole(session, 1.0, 2.0)
            if time == 2 and stopped:
                raise KeyboardInterrupt

    store = SqliteStore(home.file, time.time)
    nowhere = Dirs(*[home.path] * 4)
    sessions = Sessions(
        Env(None, StringIO(), heard, {}, home.path, nowhere),
        store,
        Voice(heard, colour=False),
        now=time.time,
        agreed=lambda _question: True,
        view=lambda: None,
        page=lambda _session: "",
        incoming=Files(),
        untyped=lambda typed, _entries: typed,
        bar=lambda _title: nullcontext(lambda _done, _total: None),
        columns=lambda: 80,
    )
    with pytest.raises(KeyboardInterrupt) if stopped else nullcontext():
        sessions.take_in(["chats"], consent=True)

    assert heard.getvalue().endswith(f"{said}\n")
    assert len(store.records()) == kept
    store.close()


def test_where_nobody_can_be_asked_nothing_comes_without_a_yes_ahead(home):
    done, out, err = home.run("import", str(IMPORTS / "sgpt-1.5.json"))

    assert (done, out) == (2, "")
    assert "would come:" in err
    assert err.endswith(
        "chatcli: error: There is nobody to ask, so nothing was done.\n  --yes agrees ahead.\n"
    )
    assert home.ids() == []


def test_what_is_here_already_is_told_and_not_taken_twice(home):
    file = str(IMPORTS / "conversations.json")
    home.run("import", file, "--yes")

    done, _, err = home.run("import", file, "--yes")

    assert done == 0
    assert f"{file} (ChatGPT): 0 sessions to come, 2 here already\n" in err
    assert err.endswith("nothing is new\n")
    assert len(home.ids()) == 2


def test_what_had_to_stay_behind_is_told(home):
    assert (
        "stays behind: pictures, which the file names but does not hold: 1\n"
        in home.run("import", str(IMPORTS / "conversations.json"), "--yes")[2]
    )


def test_of_a_file_that_breaks_in_the_middle_nothing_comes(travels, tmp_path):
    lines = travels.run("export", "--all")[1].splitlines()
    file = tmp_path / "half.jsonl"
    file.write_text(f"{lines[0]}\n{lines[1][:40]}\n")
    other = Home(tmp_path / "other")
    other.path.mkdir()

    done, _, err = other.run("import", str(file), "--yes")

    assert done == 2
    assert f"{file}, line 2" in err
    assert other.ids() == []


@pytest.mark.parametrize("content", [b"", b"Dear diary", b"\x00\xff"])
def test_a_file_that_holds_no_chats_is_told(home, content):
    (home.path / "file").write_bytes(content)

    done, _, err = home.run("import", "file", "--yes")

    assert done == 2
    assert "file holds no chats in a format that is known." in err


def test_a_file_that_is_not_there_is_told(home):
    assert "nothing.json cannot be read: No such file or directory." in home.run("import", "nothing.json")[2]


def test_on_a_terminal_a_bar_shows_how_far_the_import_is(home):
    err = home.run("import", str(IMPORTS / "conversations.json"), typed="y\n")[2]

    assert "importing" in err
    assert "2/2" in err


def test_what_would_go_is_shown_first_and_goes_only_after_a_yes(travels):
    done, out, err = travels.run("rm", "Porto", typed="n\n")
    assert (done, out) == (0, "")
    assert "would go:\n  aaa  " in err
    assert err.endswith("Delete 1 session for good? [y/N] nothing was deleted\n")
    assert travels.ids() == ["ccc", "bbb", "aaa"]

    assert travels.run("rm", "Porto", typed="y\n")[2].endswith("deleted 1 session\n")
    assert travels.ids() == ["ccc", "bbb"]


def test_sessions_older_than_that_go_and_the_others_stay(travels):
    assert travels.run("rm", "--older-than", "90d")[0] == 2
    assert travels.ids() == ["ccc", "bbb", "aaa"]

    assert travels.run("rm", "--older-than", "90d", "--yes")[0] == 0
    assert travels.ids() == ["ccc", "bbb"]
    assert travels.run("rm", "--older-than", "90d", "--yes") == (0, "", "no session is that old\n")


def test_of_names_of_which_one_is_not_there_none_goes(travels):
    assert travels.run("rm", "aaa", "nowhere", "--yes")[0] == 2
    assert travels.ids() == ["ccc", "bbb", "aaa"]


def test_a_session_that_is_named_twice_goes_once(travels):
    assert travels.run("rm", "aaa", "Porto", "--yes")[0] == 0
    assert travels.ids() == ["ccc", "bbb"]


def test_a_session_that_went_on_while_it_was_asked_is_left_alone_and_named(travels):
    done, _, err = travels.run(
        "rm", "aaa", "bbb", typed="y\n", meanwhile=lambda: travels.go_on("bbb", "And now?", "Now too.")
    )

    assert done == 1
    assert err.endswith("deleted 1 session\nleft alone, it has changed meanwhile: bbb  Where is Faro?\n")
    assert travels.ids() == ["bbb", "ccc"]
    assert "And now?" in travels.run("show", "bbb")[1]


def test_what_was_asked_in_a_session_leaves_what_was_typed_too(travels):
    history = travels.path / "state" / "history"
    history.parent.mkdir()
    history.write_text(
        "\n\n+Where is Faro?\n\n\n+/title Faro\n\n\n+Where is Porto?\n\n\n+And the\n+lighthouse?\n"
        "\n# 2026-11-01\n+And the lighthouse?\n\n\n+Where is Faro?\n"
    )
    history.chmod(0o600)

    assert travels.run("rm", "bbb", "--yes")[0] == 0
    assert history.read_text() == ("\n\n+/title Faro\n\n\n+Where is Porto?\n\n\n+And the\n+lighthouse?\n")
    assert history.stat().st_mode & 0o777 == 0o600


def test_what_was_typed_stays_when_nothing_was_deleted(travels):
    history = travels.path / "state" / "history"
    history.parent.mkdir()
    history.write_text("\n\n+Where is Faro?\n")

    assert travels.run("rm", "bbb", typed="n\n")[0] == 0
    assert history.read_text() == "\n\n+Where is Faro?\n"


def test_an_errand_tells_as_json_what_it_did(travels):
    def told(*argv, **given):
        return json.loads(travels.run(*argv, "--json", **given)[1])

    file = str(IMPORTS / "conversations.json")
    assert told("rename", "Porto", "In", "Porto") == {"id": "aaa", "title": "In Porto"}
    assert told("check") == {"sound": True, "damages": []}
    assert told("export", "aaa")["title"] == "In Porto"
    assert [chat["title"] for chat in told("export", "aaa", "ccc")] == [
        "In Porto",
        "When does the ferry leave?",
    ]
    assert told("rm", "aaa", typed="n\n") == {"deleted": [], "left_alone": []}
    assert told("rm", "aaa", "ccc", "--yes") == {"deleted": ["aaa", "ccc"], "left_alone": []}
    imported = told("import", file, "--yes")
    assert sorted(imported["imported"]) == sorted(set(travels.ids()) - {"bbb"})
    assert {"file": file, "what": "notes of a model's thoughts: 1"} in imported["left_out"]
    again = told("import", file, "--yes")
    assert (again["imported"], sorted(again["duplicates"])) == ([], sorted(imported["imported"]))


def test_rm_needs_names_or_an_age_and_not_both(travels):
    assert travels.run("rm", "--yes")[0] == 2
    assert travels.run("rm", "aaa", "--older-than", "1d", "--yes")[0] == 2
    assert travels.ids() == ["ccc", "bbb", "aaa"]


def test_of_many_sessions_that_would_go_the_first_are_shown_and_the_others_counted(home):
    for number in range(25):
        home.keep(f"s{number}", ("Hello?", "Hello."))

    err = home.run("rm", "--older-than", "2100-01-01")[2]

    assert err.count("Hello?") == 20
    assert "  and 5 more\n" in err


def test_the_figures_tell_what_is_kept_and_what_each_model_took(home):
    home.keep("aaa", ("Hello?", "Hello."), usage=Usage(1_000, 234))

    done, out, err = home.run("stats")

    assert (done, err) == (0, "")
    first, second = out.splitlines()
    assert first.startswith("1 session, 2 messages, the first of them just now; ")
    assert second == "m  1 reply  1,234 tokens"
    assert json.loads(home.run("stats", "--json")[1])["models"][0]["tokens"] == 1_234


def test_a_sound_database_is_said_to_be_sound(travels):
    assert travels.run("check") == (0, "", "all is sound\n")


def test_a_damaged_database_is_told_with_status_1(travels):
    with travels.file.open("r+b") as file:
        for page in range(2, travels.file.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 64)

    done, out, err = travels.run("check")

    assert done == 1
    assert out
    assert "The sessions are damaged." in err


def test_what_is_damaged_is_told_as_json_too(damaged):
    done, out, err = damaged.run("check", "--json")

    assert done == 1
    assert json.loads(out)["sound"] is False
    assert json.loads(out)["damages"]
    assert "The sessions are damaged." in err


def newer(file):
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA user_version = 99")


def in_its_place(file):
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("spoil", [newer, in_its_place])
def test_what_cannot_be_used_is_not_called_damaged(travels, spoil):
    spoil(travels.file)

    done, out, err = travels.run("check")

    assert (done, out) == (1, "")
    assert str(travels.file) in err.replace("\n", " ")
    assert "damaged" not in err


def test_words_are_found_in_a_title_too(home):
    home.keep("aaa", ("Hello?", "Hello."), title="Zanzibar voyage")

    done, out, _ = home.run("search", "zanzibar")
    assert (done, out) == (0, "aaa · just now · its title · Zanzibar voyage\n    Zanzibar voyage\n")
    assert json.loads(home.run("search", "zanzibar", "--json")[1])[0]["role"] is None


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["dance"], "chatcli sessions takes one of list, show, search,"),
        (["show"], "chatcli sessions show takes ID|TITLE."),
        (["rename", "aaa"], "chatcli sessions rename takes ID|TITLE NEW-TITLE."),
        (["list", "aaa"], "chatcli sessions list takes nothing but flags."),
        (["list", "--limit", "0"], "--limit must be a whole number, 1 or more, not '0'."),
        (["list", "--sinse", "1d"], "There is no flag --sinse.\n  Did you mean --since?"),
        (["rename", "a", "b", "--x"], "--x.\n  chatcli sessions rename --help lists every flag; a word that"),
        (["search", "-hello"], "error: --help takes no value, not 'ello'.\n  chatcli sessions search --help"),
        (["search", "ferry", "--limit"], "error: --limit needs a value."),
        (["search", "ferry", "--role", "me"], "--role must be one of user, assistant, not 'me'."),
        (["export", "aaa", "--format", "pdf"], "--format must be one of md, json, jsonl, html, not 'pdf'."),
        (["export", "aaa", "--all"], "Names and --all are given: it is one or the other."),
        (["export"], "Which sessions are to be exported?"),
        (["rm", "aaa", "--older-than", "9d"], "Names and --older-than are given: it is one or the other."),
        (["rm", "--older-than", ""], "--older-than must be a length of time"),
        (["search", "..."], "There is no word"),
        (["import", "-"], "stdin holds no chats"),
    ],
)
def test_wrong_use_says_what_is_right(travels, argv, told):
    done, out, err = travels.run(*argv)

    assert (done, out) == (2, "")
    assert told in err


@pytest.mark.parametrize(
    "name", ["list", "show", "search", "rename", "export", "import", "rm", "stats", "check"]
)
def test_every_errand_explains_itself(home, name):
    done, out, _ = home.run(name, "--help")

    assert done == 0
    assert out.startswith(f"usage: chatcli sessions {name} [flags]")
    assert f"{name}  " in home.run("--help")[1]
