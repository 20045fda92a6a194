"""Lines of a program: what becomes of each, and of the run."""

from chatcli.commands import COMMANDS
from chatcli.commands.registry import Registry
from chatcli.core.desk import Desk
from chatcli.core.messages import Finish
from chatcli.core.session import Session
from chatcli.driven import Score, drive
from chatcli.engine import Engine
from chatcli.errors import Rejected
from chatcli.repl import Repl
from tests.commands.test_registry import WORLD
from tests.fakes import FakeClock, Files, Hands, ScriptedModel, holding


class Run:
    """A chat that is driven by these lines, and all that came of it."""

    def __init__(self, *lines, replies=(), files=()):
        self.heard = []
        self.failed = []
        self.model = ScriptedModel(*replies)
        score = Score([].append, self, lambda error: self.failed.append(error.message))
        engine = Engine(self.model, holding(8192), score, FakeClock())
        registry = Registry(COMMANDS, WORLD._replace(files=Files(dict(files))))
        repl = Repl(Desk(Session("m")), score, registry, engine, score, Hands())
        self.status = drive(repl, lines, "utf-8", score)

    def say(self, text):
        self.heard.append(text)

    def aside(self, text):
        self.heard.append(text)

    def error(self, error):
        self.heard.append(error.message)

    @property
    def asked(self):
        return [request.messages[-1].text for request in self.model.requests]


def test_every_line_is_a_message_without_its_end():
    run = Run(b"one\n", b"\n", b"two\r\n", b" three", b" /exit", replies=(["1"], ["2"], ["3"]))
    assert (run.asked, run.status) == (["one", "two", " three"], 0)


def test_the_first_that_goes_wrong_gives_the_exit_code():
    assert Run(b"a\n", b"b\n", replies=(["Cut", Finish.LENGTH], [Rejected("No.")])).status == 5
    assert Run(b"a\n", b"b\n", replies=([Rejected("No.")], ["Cut", Finish.LENGTH])).status == 1
    assert Run(b"/nonsense\n", b"a\n", replies=([Rejected("No.")],)).status == 2


def test_what_fails_without_a_turn_is_told_apart():
    run = Run(b"\xff\n", b"/nonsense\n", b"a\n", replies=([Rejected("No.")],))
    assert run.failed == [
        "Line 1 is not valid utf-8: byte 0xff at offset 0.",
        "There is no command /nonsense.",
    ]
    assert run.heard == run.failed  # the turn's own error is the view's to tell


def test_exit_leaves_the_rest_unsaid():
    assert Run(b"/exit\n", b"hi\n").asked == []


def test_ctrl_c_in_a_reply_ends_everything():
    run = Run(b"a\n", b"b\n", replies=(["Hel", KeyboardInterrupt()],))
    assert (run.asked, run.status) == (["a"], 130)


def test_ctrl_c_in_a_reply_ends_the_files_that_asked_for_it():
    files = {"outer": "/load inner\nnever", "inner": "a\nnever"}
    run = Run(b"/load outer\n", b"never\n", replies=(["Hel", KeyboardInterrupt()],), files=files)
    assert (run.asked, run.status) == (["a"], 130)


def test_what_a_file_says_is_shown_before_it_is_done():
    run = Run(b"/load script\n", replies=(["1"],), files={"script": "/temperature 0\n\na\n"})
    assert run.heard == ["> /temperature 0", "temperature → 0", "> a"]


def test_a_file_that_leaves_leaves():
    assert Run(b"/load script\n", b"never\n", files={"script": "/exit\nnever"}).asked == []
