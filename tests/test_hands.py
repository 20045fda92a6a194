"""The hands: files that are written, commands, the clipboard, the editor."""

import os
import stat
from contextlib import contextmanager
from io import StringIO

import pytest

from chatcli.core.printout import Printout
from chatcli.env import Dirs, Env
from chatcli.errors import ChatcliError, UsageError
from chatcli.hands import SystemHands


class Desk:
    """A person at a desk of their own: what they are asked, what they answer, what they hear.

    At an ``empty`` one a program does the talking.
    """

    def __init__(self, cwd, *, answer="", printout=None, edited=None, empty=False):
        self.asked = []
        self.heard = []
        self.lent = 0
        self._answer = answer
        self._printout = printout
        self._edited = edited
        dirs = Dirs(*(cwd / name for name in ("config", "cache", "data", "state")))
        env = Env(None, StringIO(), StringIO(), {"HOME": str(cwd / "home")}, cwd, dirs)
        self.hands = SystemHands(
            env,
            run=self.run,
            copy=lambda text: f"{len(text)} letters",
            edit=None if empty else self.edit,
            answer=None if empty else self.answer,
            say=self.heard.append,
            lent=self.lending,
        )

    def answer(self, question):
        self.asked.append(question)
        return self._answer

    def run(self, command, given):
        assert self.lent == 1
        if isinstance(self._printout, Exception):
            raise self._printout
        return self._printout

    def edit(self, path):
        assert self.lent == 1
        self._edited(path)

    @contextmanager
    def lending(self):
        self.lent += 1
        try:
            yield
        finally:
            self.lent -= 1


@pytest.fixture
def folder(tmp_path):
    """A working directory, in which nothing is left behind."""
    work = tmp_path / "work"
    work.mkdir()
    yield work
    assert [path.name for path in work.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("print('größer')\n", "wrote 1 line, 18 bytes, to fix.py"),
        ("one\r\n\ttwo", "wrote 2 lines, 9 bytes, to fix.py"),
        ("", "wrote 0 lines, 0 bytes, to fix.py"),
        ("x\n" * 1500, "wrote 1,500 lines, 3,000 bytes, to fix.py"),
    ],
)
def test_a_file_is_written_byte_for_byte_and_said(folder, text, said):
    assert Desk(folder).hands.write("fix.py", text) == said
    assert (folder / "fix.py").read_bytes() == text.encode()


def test_a_new_file_has_the_usual_mode(folder):
    before = os.umask(0o027)
    try:
        Desk(folder).hands.write("fix.py", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "fix.py").stat().st_mode) == 0o640


def test_a_private_file_is_for_its_owner_alone(folder):
    Desk(folder).hands.write("chat.md", "x", private=True)
    assert stat.S_IMODE((folder / "chat.md").stat().st_mode) == 0o600


@pytest.mark.parametrize("answer", ["y\n", "YES\n", " y \n"])
def test_who_agrees_writes_over_a_file_which_keeps_its_mode(folder, answer):
    (folder / "fix.py").write_text("old")
    (folder / "fix.py").chmod(0o754)
    desk = Desk(folder, answer=answer)
    assert desk.hands.write("fix.py", "new") == "wrote 1 line, 3 bytes, to fix.py"
    assert desk.asked == ["fix.py exists. Write over it? [y/N] "]
    assert (folder / "fix.py").read_text() == "new"
    assert stat.S_IMODE((folder / "fix.py").stat().st_mode) == 0o754


@pytest.mark.parametrize("answer", ["", "\n", "n\n", "no\n", "maybe\n"])
def test_who_does_not_agree_keeps_the_file(folder, answer):
    (folder / "fix.py").write_text("old")
    assert Desk(folder, answer=answer).hands.write("fix.py", "new") == "fix.py exists, and is as it was"
    assert (folder / "fix.py").read_text() == "old"


def test_where_nobody_can_be_asked_a_file_is_kept_and_that_is_an_error(folder):
    (folder / "fix.py").write_text("old")
    with pytest.raises(ChatcliError) as refused:
        Desk(folder, empty=True).hands.write("fix.py", "new")
    assert refused.value.message == "There is nobody to ask: fix.py exists. Write over it?"
    assert refused.value.hint == "Nothing was done. At a terminal you are asked."
    assert (folder / "fix.py").read_text() == "old"


def test_where_nobody_can_be_asked_the_answer_is_no(folder):
    assert not Desk(folder, empty=True).hands.agreed("Send it along?")


def test_a_folder_is_made_only_where_that_is_wanted(folder):
    said = Desk(folder).hands.write("roles/new.md", "x", new_folder=True)
    assert said == "wrote 1 line, 1 byte, to roles/new.md"
    assert (folder / "roles" / "new.md").read_text() == "x"


def test_behind_a_link_the_file_is_written_and_the_link_stays(folder):
    (folder / "real.py").write_text("old")
    (folder / "link.py").symlink_to("real.py")
    Desk(folder, answer="y").hands.write("link.py", "new")
    assert (folder / "link.py").is_symlink()
    assert (folder / "real.py").read_text() == "new"


def test_a_tilde_is_the_home_directory(folder):
    (folder / "home").mkdir()
    Desk(folder).hands.write("~/fix.py", "x")
    Desk(folder).hands.write("~fix.py", "y")
    assert (folder / "home" / "fix.py").read_text() == "x"
    assert (folder / "~fix.py").read_text() == "y"


def test_a_pipe_is_written_to_and_not_replaced(folder):
    os.mkfifo(folder / "pipe")
    reader = os.open(folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    desk = Desk(folder)
    desk.hands.write("pipe", "through")
    assert (os.read(reader, 100), desk.asked) == (b"through", [])
    os.close(reader)


def test_a_pipe_that_is_known_by_its_descriptor_alone_is_written_to(folder):
    reader, writer = os.pipe()
    Desk(folder).hands.write(f"/dev/fd/{writer}", "through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    os.close(writer)


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        ("no/such/fix.py", "No such file or directory", "Its folder is not there: /run mkdir -p makes one."),
        (".", "Is a directory", ""),
        ("x" * 300, "File name too long", ""),
        ("nul\0.py", "embedded null byte", ""),
        ("loop", "Symlink loop from", ""),
    ],
)
def test_what_cannot_be_written_says_why(folder, path, message, hint):
    (folder / "loop").symlink_to("loop")
    with pytest.raises(ChatcliError) as refused:
        Desk(folder).hands.write(path, "x")
    assert refused.value.message.startswith(f"{path} cannot be written: {message}")
    assert refused.value.hint == hint


def test_a_file_that_may_not_be_written_is_not_replaced(folder):
    (folder / "fix.py").write_text("old")
    (folder / "fix.py").chmod(0o444)
    if os.access(folder / "fix.py", os.W_OK):
        pytest.skip("this person may write everything")
    with pytest.raises(ChatcliError, match="it is read-only"):
        Desk(folder, answer="y").hands.write("fix.py", "new")
    assert (folder / "fix.py").read_text() == "old"


@pytest.mark.parametrize(
    ("printout", "printed", "heard"),
    [
        (Printout(0, b"\x1b[32mfine\x1b[0m\r\n"), "fine\n", []),
        (Printout(2, b"wrong\r\n"), "wrong\n", ["[the command ended with status 2]"]),
        (Printout(-2, b"half"), "", ["[SIGINT ended the command]"]),
        (Printout(130, b"half"), "", ["[the command ended with status 130]"]),
        (Printout(-15, b"half"), "half", ["[SIGTERM ended the command]"]),
        (Printout(-35), "", ["[signal 35 ended the command]"]),
        (
            Printout(0, b"\x7fELF\0"),
            "",
            ["[what it printed is no text, so it cannot go along with a message]"],
        ),
    ],
)
def test_a_command_gives_what_it_printed_and_says_how_it_failed(folder, printout, printed, heard):
    desk = Desk(folder, printout=printout)
    assert desk.hands.run("make", None) == printed
    assert (desk.heard, desk.lent) == (heard, 0)


@pytest.mark.parametrize(
    ("printout", "message"),
    [
        (Printout(1), "make all: the command ended with status 1."),
        (Printout(-15), "make all: SIGTERM ended the command."),
    ],
)
def test_a_command_that_fails_where_nobody_watches_is_an_error(folder, printout, message):
    desk = Desk(folder, printout=printout, empty=True)
    with pytest.raises(ChatcliError) as failed:
        desk.hands.run("make all", None)
    assert (failed.value.message, desk.heard, desk.lent) == (message, [], 0)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (FileNotFoundError(2, "No such file or directory"), "No such file or directory"),
        (ValueError("embedded null byte"), "embedded null byte"),
    ],
)
def test_a_shell_that_cannot_be_started_says_so(folder, error, reason):
    desk = Desk(folder, printout=error)
    with pytest.raises(ChatcliError, match=f"The shell cannot run that: {reason}"):
        desk.hands.run("make", None)
    assert desk.lent == 0


def test_the_clipboard_tells_by_what_means(folder):
    assert Desk(folder).hands.copy("four") == "4 letters"


def test_a_text_is_edited_in_a_file_that_nobody_else_reads(folder):
    seen = []

    def edit(path):
        seen.append((path.suffix, stat.S_IMODE(path.parent.stat().st_mode), path.read_bytes()))
        path.write_bytes(b"edited\r\n")

    assert Desk(folder, edited=edit).hands.edit("größer\n", ".md") == "edited\r\n"
    assert seen == [(".md", 0o700, "größer\n".encode())]


def test_without_a_terminal_there_is_no_editor(folder):
    with pytest.raises(UsageError) as refused:
        Desk(folder, empty=True).hands.edit("text", ".md")
    assert refused.value.message == "There is no terminal for an editor."


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda path: path.unlink(), "Nothing was edited: No such file or directory."),
        (lambda path: path.write_bytes(b"\xff"), "What the editor left is not valid utf-8"),
    ],
)
def test_an_editor_that_leaves_nothing_to_read_says_so(folder, edit, message):
    with pytest.raises(ChatcliError) as refused:
        Desk(folder, edited=edit).hands.edit("text", ".md")
    assert refused.value.message.startswith(message)
