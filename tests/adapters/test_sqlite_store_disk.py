"""What a database must live through: killed programs, several at once, full disks, damage, other versions."""

import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from shutil import copyfile, rmtree
from tempfile import mkdtemp

import pytest

from chatcli.adapters.sqlite_store.schema import STEPS, backups
from chatcli.adapters.sqlite_store.store import SqliteStore
from chatcli.core.messages import Finish, Reply
from chatcli.core.session import Session
from chatcli.errors import StoreError

SCRIPT = Path(__file__).with_name("sessions_script.py")
ROOT = SCRIPT.parent.parent.parent
KILLS = 200
NOBODY = 65_534


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "sessions.db"


@pytest.fixture
def opened(path):
    """Opens the archive as another program would."""
    stores = []

    def opened(**kwargs):
        stores.append(SqliteStore(path, lambda: 1_700_000_000.0, **kwargs))
        return stores[-1]

    yield opened
    for store in stores:
        store.close()


def keeping(path, which, *name_and_turns):
    """A program that keeps turns in a session, and prints what it has kept."""
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(path), which, *name_and_turns],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def killed(program, name, lines):
    """What a program had kept that was killed when it had printed so many lines."""
    program.stdin.write(f"{name}\n")
    program.stdin.flush()
    pid = int(program.stdout.readline())
    promised = [program.stdout.readline() for _ in range(lines)]
    os.kill(pid, signal.SIGKILL)
    promised += iter(program.stdout.readline, "over\n")
    return [line.strip() for line in promised]


def all_texts(store, which):
    return [one.message.text for one in store.whole(which).said]


def is_kept(line, texts):
    """What was heard of a reply is kept when more of that reply is."""
    return any(text.startswith(line) for text in texts)


def test_whatever_the_moment_at_which_a_program_is_killed_all_that_it_kept_is_there(path, opened):
    chance = random.Random(6)
    with keeping(path, "a") as program:
        promised = [text for at in range(KILLS) for text in killed(program, at, chance.randint(0, 7))]
        program.stdin.close()
        assert program.stderr.read() == ""

    store = opened()
    texts = all_texts(store, "a")
    assert [text for text in promised if not is_kept(text, texts)] == []
    assert store.check() == []
    assert store.open("a").branches == ()


def test_after_a_kill_the_reply_that_was_coming_is_marked(path, opened):
    with keeping(path, "a") as program:
        kept = killed(program, "x", 2)
        program.stdin.close()

    session = opened().open("a")

    assert kept[:2] == ["x asks 0?", "x hears 0"]
    assert session.messages[0].text == "x asks 0?"
    last = session.messages[-1]
    assert last.finish in {None, Finish.STOP} or (last.text, last.finish) == (kept[-1], Finish.INTERRUPTED)


@pytest.mark.parametrize("programs", [2, 8])
def test_programs_that_write_in_one_session_at_once_lose_nothing(path, opened, programs):
    names = [f"p{number}" for number in range(programs)]
    begun = [keeping(path, "a", name, "12") for name in names]
    errors = [program.communicate()[1] for program in begun]

    assert errors == [""] * programs
    store = opened()
    texts = all_texts(store, "a")
    wanted = {
        text
        for name in names
        for at in range(12)
        for text in (f"{name} asks {at}?", f"{name} hears {at} and ends.")
    }
    assert wanted == set(texts)
    assert len(texts) == len(wanted)
    session = store.open("a")
    on_ways = {message.text for way in (session.messages, *session.branches) for message in way}
    assert on_ways == wanted
    assert store.check() == []


def test_six_first_runs_at_the_same_moment_all_succeed(tmp_path):
    for home in range(4):
        path = tmp_path / f"home{home}" / "data" / "sessions.db"
        begun = [keeping(path, f"s{number}", "x", "1") for number in range(6)]

        assert [program.communicate()[1] for program in begun] == [""] * 6
        with closing(SqliteStore(path, float)) as store:
            assert sorted(record.id for record in store.records()) == [f"s{number}" for number in range(6)]


def test_a_full_disk_is_told_and_what_was_said_is_kept_when_there_is_room_again(opened):
    store = opened()
    session = Session("m", id="a").asked("One?")
    store.asked(session)
    session = session.answered(Reply("Yes.", Finish.STOP)).asked("word " * 20_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(StoreError) as caught:
            store.asked(session)
        assert [record.turns for record in store.records()] == [1]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.hint

    store.answered(session, Reply("No.", Finish.STOP))

    assert opened().open("a") == session.answered(Reply("No.", Finish.STOP))
    assert store.check() == []


@pytest.fixture
def barred():
    """A folder in which, once it is barred, nobody may write: not even root, who is nobody until the end."""
    folder = Path(mkdtemp())

    def barred(mode=0o500):
        for file in folder.iterdir():
            file.chmod(0o400)
        folder.chmod(mode)
        if not os.geteuid():
            for place in (folder, *folder.iterdir()):
                os.chown(place, NOBODY, NOBODY)
            os.setegid(NOBODY)
            os.seteuid(NOBODY)

    yield folder, barred
    os.seteuid(os.getuid())
    os.setegid(os.getgid())
    folder.chmod(0o700)
    rmtree(folder)


def test_on_a_full_disk_all_can_be_read(opened):
    with closing(opened()) as store:
        store.asked(Session("m", id="a").asked("When?"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        assert [record.first for record in opened().records()] == ["When?"]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_where_nothing_may_be_written_all_can_be_read(barred):
    folder, bar = barred
    path = folder / "sessions.db"
    session = Session("m", title="Lisbon", id="a").asked("One?")
    with closing(SqliteStore(path, float)) as store:
        store.asked(session)
    bar()

    with closing(SqliteStore(path, float)) as store:
        assert store.named("lisbon") == store.records()[0]
        assert [hit.snippet for hit in store.search("one")] == ["One?"]
        assert store.open("a") == store.whole("a").session == session
        assert store.stats().messages == 1
        with pytest.raises(StoreError, match="may not be written") as caught:
            store.asked(session.asked("Two?"))
        with pytest.raises(StoreError, match="may not be written"):
            store.check()
    assert caught.value.hint == "Look at its rights, and at its folder's."
    assert [file.name for file in folder.iterdir() if file.name != ".lock"] == ["sessions.db"]


def test_where_nothing_may_be_written_what_stands_in_the_log_is_read_too(barred):
    folder, bar = barred
    path, copy = folder / "first.db", folder / "sessions.db"
    with closing(SqliteStore(path, float)) as store:
        store.asked(Session("m", id="a").asked("One?"))
        for part in ("", "-wal", "-shm"):  # as they are when the program is killed
            copyfile(f"{path}{part}", f"{copy}{part}")
    bar()

    with closing(SqliteStore(copy, float)) as store:
        assert [record.id for record in store.records()] == ["a"]


def test_a_file_that_may_not_be_written_in_a_folder_that_may_is_read(barred):
    folder, bar = barred
    path = folder / "sessions.db"
    session = Session("m", id="a").asked("One?")
    with closing(SqliteStore(path, float)) as store:
        store.asked(session)
    bar(0o700)

    with closing(SqliteStore(path, float)) as store:
        assert store.open("a") == session
        with pytest.raises(StoreError, match="may not be written"):
            store.asked(session.asked("Two?"))
        assert store.open("a") == session


def test_an_old_database_that_cannot_be_brought_up_to_date_is_told(barred):
    folder, bar = barred
    path = folder / "sessions.db"
    with closing(SqliteStore(path, float)) as store:
        store.asked(Session("m", id="a").asked("One?"))
    bar()

    with (
        closing(SqliteStore(path, float, steps=(*STEPS, ["CREATE TABLE future (text)"]))) as newer,
        pytest.raises(StoreError, match="written by an older chatcli, and cannot be brought up to date"),
    ):
        newer.records()


def test_a_folder_that_may_not_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("no folder")
    store = SqliteStore(tmp_path / "file" / "sessions.db", float)

    with pytest.raises(StoreError, match="cannot be used: File exists"):
        store.asked(Session(id="a").asked("One?"))


def test_what_failed_may_be_tried_again(tmp_path, path):
    path.parent.write_text("no folder")
    store = SqliteStore(path, float)
    session = Session("m", id="a").asked("One?")
    with pytest.raises(StoreError):
        store.asked(session)
    path.parent.unlink()

    store.asked(session)
    assert store.open("a") == session
    store.close()


@pytest.mark.parametrize("content", [b"no database at all, " * 400, b"SQLite format 3\0" + b"\xff" * 9_000])
def test_a_file_that_is_no_database_is_told_and_left_alone(path, opened, content):
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(StoreError, match=r"sessions.db is damaged"):
        opened().records()

    assert path.read_bytes() == content
    assert opened().check()[0].startswith(f"{path} is damaged")


def test_what_only_keeps_it_from_being_used_is_no_damage(path, opened):
    newer = opened(steps=(*STEPS, ["CREATE TABLE future (text)"]))
    newer.asked(Session("m", id="a").asked("One?"))
    newer.close()
    with pytest.raises(StoreError, match="written by a newer chatcli"):
        opened().check()

    path.unlink()
    path.mkdir()
    with pytest.raises(StoreError, match="cannot be used"):
        opened().check()


def test_a_damaged_page_is_found(path, opened):
    store = opened()
    session = Session("m", id="a")
    for number in range(40):
        session = session.asked(f"{number} " * 200)
        store.asked(session)
    store.close()
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xa5" * 4096
    path.write_bytes(content)

    assert opened().check()


def test_a_sound_database_has_nothing_wrong_with_it(opened):
    opened().asked(Session("m", id="a").asked("One?"))

    assert opened().check() == []


def test_another_programs_database_is_refused_and_left_alone(path, opened):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (text)")
    content = path.read_bytes()

    with pytest.raises(StoreError, match=r"is no database of chatcli's"):
        opened().records()

    assert path.read_bytes() == content


def test_an_empty_file_becomes_a_database(path, opened):
    path.parent.mkdir()
    path.touch()
    assert opened().records() == []

    opened().asked(Session("m", id="a").asked("One?"))

    assert [record.id for record in opened().records()] == ["a"]


def test_what_a_killed_program_had_begun_to_make_does_not_matter(path, opened):
    path.parent.mkdir()
    path.with_name("sessions.db.draft").write_bytes(b"half of it")
    path.with_name("sessions.db.draft-wal").write_bytes(b"half of that")

    opened().asked(Session("m", id="a").asked("One?"))

    assert [record.id for record in opened().records()] == ["a"]
    assert not list(path.parent.glob("*draft*"))


def test_a_newer_database_is_refused_and_left_alone(path, opened):
    newer = opened(steps=(*STEPS, ["CREATE TABLE future (text)"]))
    newer.asked(Session("m", id="a").asked("One?"))
    newer.close()
    content = path.read_bytes()

    with pytest.raises(
        StoreError, match=r"written by a newer chatcli: its version is 2, this one knows 1"
    ) as caught:
        opened().asked(Session("m", id="b").asked("Two?"))

    assert caught.value.hint == "Update chatcli. The file is as it was."
    assert path.read_bytes() == content


def test_an_older_database_is_copied_and_then_brought_up_to_date(path, opened):
    older = opened()
    older.asked(Session("m", id="a").asked("One?"))
    newer = opened(steps=(*STEPS, ["ALTER TABLE session ADD COLUMN colour TEXT"]))

    assert newer.open("a").messages[0].text == "One?"

    [copy] = backups(path)
    assert copy.name == "sessions.db.before-2"
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(SqliteStore(copy, float)) as before:
        assert before.open("a") == newer.open("a")
    with closing(sqlite3.connect(path)) as now:
        assert now.execute("SELECT colour FROM session").fetchall() == [(None,)]


def test_a_step_that_fails_leaves_the_database_as_it_was(path, opened):
    opened().asked(Session("m", id="a").asked("One?"))
    broken = opened(steps=(*STEPS, ["CREATE TABLE fine (text)", "CREATE TABLE session (text)"]))

    with pytest.raises(StoreError, match="already exists"):
        broken.records()

    assert [record.id for record in opened().records()] == ["a"]
    with closing(sqlite3.connect(path)) as now:
        assert now.execute("SELECT name FROM sqlite_master WHERE name = 'fine'").fetchall() == []


def test_what_is_removed_is_in_no_copy_either(path, opened):
    opened().asked(Session("m", id="a").asked("xylophone?"))
    newer = opened(steps=(*STEPS, ["CREATE TABLE future (text)"]))
    newer.records()
    assert backups(path)

    newer.remove(newer.records())

    assert [file for file in path.parent.iterdir() if b"xylophone" in file.read_bytes()] == []
