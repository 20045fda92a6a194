"""What is said beside a reply, as wide as the terminal is."""

from io import StringIO

from chatcli.errors import UsageError
from chatcli.terminal.voice import Voice

MISTAKE = UsageError("There is no command /temprature.", "Did you mean /temperature?")


def said(by, *, colour=False, columns=24):
    stream = StringIO()
    by(Voice(stream, colour=colour, columns=columns and (lambda: columns)))
    return stream.getvalue()


def test_what_is_said_on_a_terminal_breaks_between_words():
    assert said(lambda voice: voice.say("one\nfour words that are so long")) == (
        "one\nfour words that are so\nlong\n"
    )
    assert said(lambda voice: voice.aside("staged main.py (1,204 tokens)")) == (
        "staged main.py (1,204\ntokens)\n"
    )
    assert said(lambda voice: voice.ask("Write over the file main.py?")) == "Write over the file\nmain.py? "
    assert said(lambda voice: voice.error(MISTAKE)) == (
        "chatcli: error: There is\nno command /temprature.\n  Did you mean\n  /temperature?\n"
    )


def test_what_is_said_elsewhere_is_as_long_as_it_is():
    assert said(lambda voice: voice.say("word " * 40), columns=None) == "word " * 40 + "\n"
    assert said(lambda voice: voice.error(MISTAKE), columns=None) == (
        "chatcli: error: There is no command /temprature.\n  Did you mean /temperature?\n"
    )


def test_colours_take_no_room():
    assert said(lambda voice: voice.aside("as long as the line is."), colour=True) == (
        "\x1b[2mas long as the line is.\x1b[0m\n"
    )
    assert said(lambda voice: voice.error(UsageError("No error: x.")), colour=True, columns=80) == (
        "chatcli: \x1b[31merror:\x1b[0m No error: x.\n"
    )
