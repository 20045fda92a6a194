"""Code in colours, line by line."""

import re

import pytest

from chatcli.terminal.reply.highlight import Highlighter, begin
from chatcli.terminal.reply.runs import Inks, whole
from chatcli.terminal.reply.themes import COLOURLESS, TERMINAL
from tests.documents import fuzz

CODES = {
    "": "plain",
    "35": "keyword",
    "32": "string",
    "2;3": "comment",
    "36": "name",
    "1": "defined",
    "31": "gone",
}


def coloured(language, *lines):
    """Each line as (what it is, text), in the palette of the terminal."""
    highlighter = Highlighter(TERMINAL, Inks("standard", hyperlinks=False), few=True)
    code = begin(language)
    drawn = []
    for line in lines:
        runs, code = highlighter.line(line, code)
        drawn.append(
            [(CODES[run.ink.on.removeprefix("\x1b[").removesuffix("m")], run.text.strip()) for run in runs]
        )
    return [[(kind, text) for kind, text in runs if text] for runs in drawn]


def test_a_line_has_the_colours_of_its_language():
    [line] = coloured("python", "def hello(): return 'hi'  # greet")
    assert line == [
        ("keyword", "def"),
        ("defined", "hello"),
        ("plain", "():"),
        ("keyword", "return"),
        ("string", "'hi'"),
        ("comment", "# greet"),
    ]


@pytest.mark.parametrize(
    ("language", "lines", "kind", "then"),
    [
        ("python", ['x = """one', "two", 'three"""; def'], "string", "keyword"),
        ("python", ["f('''one", "two", "three'''); def"], "string", "keyword"),
        ("c", ["/* one", "int two", "three */ int"], "comment", "name"),
        ("cpp", ["/* one", "* two", "three */ int"], "comment", "name"),
        ("java", ["/** one", "* two", "three */ class"], "comment", "keyword"),
        ("js", ["/* one", "let two", "three */ let"], "comment", "keyword"),
        ("ts", ["x = `one", "let two", "three`; let"], "string", "keyword"),
        ("css", ["/* one", "two", "three */ a"], "comment", "keyword"),
        ("go", ["x := `one", "func two", "three`; func"], "string", "keyword"),
        ("rust", ["/* one", "fn two", "three */ fn"], "comment", "keyword"),
        ("sql", ["/* one", "select two", "three */ select"], "comment", "keyword"),
        ("html", ["<!-- one", "<p>two", "three --><p>"], "comment", "keyword"),
        ("bash", ["echo 'one", "if two", "three'; if"], "string", "keyword"),
        ("bash", ['echo "one', "if two", 'three"; if'], "string", "keyword"),
        ("sql", ["select 'one", "from two", "three' from"], "string", "keyword"),
        ("bash", ["cat <<'EOF'", "it's", "EOF", "if"], "string", "keyword"),
        ("haskell", ["{- one", "let two", "three -} let"], "comment", "keyword"),
        ("lua", ["--[[ one", "local two", "three ]] local"], "comment", "keyword"),
        ("kotlin", ['x = """one', "fun two", 'three"""; fun'], "string", "keyword"),
    ],
)
def test_a_comment_or_a_string_goes_on_over_lines_and_ends(language, lines, kind, then):
    first, *middle, last = coloured(language, *lines)
    assert first[-1][0] == kind
    assert [kind for kind, _ in middle[0]] == [kind]
    assert (then, last[-1][1]) in last or then in [kind for kind, _ in last]


def test_a_mark_that_opens_nothing_in_a_language_is_left_alone():
    assert coloured("python", "# don't", "def f") == [
        [("comment", "# don't")],
        [("keyword", "def"), ("defined", "f")],
    ]
    assert coloured("jsx", "<p>Don't</p>", "let x")[1] == [("keyword", "let"), ("plain", "x")]
    assert coloured("c", "char c = '\\''; // it's", "int x;")[1] == [("name", "int"), ("plain", "x;")]


def test_a_script_in_a_page_is_coloured_until_it_ends():
    lines = coloured("html", "<script>", "let x = 1;", "let y;", "</script>", "let it be")
    assert ("keyword", "let") in lines[1]
    assert ("keyword", "let") in lines[2]
    assert lines[4] == [("plain", "let it be")]


def test_a_diff_shows_what_went_and_what_came():
    assert coloured("diff", "-old", "+new", " same") == [
        [("gone", "-old")],
        [("string", "+new")],
        [("plain", "same")],
    ]


@pytest.mark.parametrize(
    ("info", "name"),
    [
        ("python", "Python"),
        ("Python", "Python"),
        ("py title=x.py", "Python"),
        ("rust,no_run", "Rust"),
        ("{.js .numbered}", "JavaScript"),
        ("c++", "C++"),
        ("f#", "F#"),
        ("jsonc", "JSON"),
        ("objective-c", "Objective-C"),
    ],
)
def test_a_language_is_known_by_many_names(info, name):
    lexer = begin(info).lexer
    assert lexer is not None
    assert lexer.name == name


@pytest.mark.parametrize("info", ["", "   ", "klingon", "<T>", "../../etc", "\x1b[31m"])
def test_an_unknown_language_is_plain(info):
    assert begin(info).lexer is None
    assert coloured(info, "def x") == [[("plain", "def x")]]


LANGUAGES = """
ada asm awk bash basic bat bibtex brainfuck c clojure cmake cobol coffeescript console cpp csharp css cuda d
dart diff django docker elixir elm erb erlang fish fortran fsharp gherkin glsl go graphql groovy haml
haskell hcl html http ini irc java javascript jinja json json5 jsx julia kotlin latex less lisp llvm lua
make markdown mathematica matlab mysql nasm nginx nim nix objective-c ocaml pascal perl perl6 php powershell
prolog properties protobuf pug pycon python pytb r racket rconsole rest robotframework ruby rust sass scala
scheme scss smalltalk solidity sql swift tcl terraform text toml tsx typescript vbnet verilog vhdl vim vue
wast xml xquery yaml zig
""".split()  # noqa: SIM905 - a list would be a hundred lines


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_changes_the_text(language):
    highlighter = Highlighter("monokai", Inks("truecolor", hyperlinks=False), few=False)
    code = begin(language)
    assert code.lexer is not None
    source = (
        "\n".join(fuzz(seed) for seed in range(8))
        + "\n/* a\n<<X 'b\n\"c\n`d\n{{ e }}\n<% f\n#{g}\n\n  \n@h: i;\n"
    )
    for line in re.split(r"\r\n?|\n", source):
        runs, code = highlighter.line(line, code)
        assert "".join(run.text for run in runs) == line


def test_a_very_long_line_is_plain_and_the_next_one_is_not():
    long = "x = [" + "1, " * 1000 + "]"
    assert coloured("python", long, "def f")[0] == [("plain", long)]
    assert coloured("python", long, "def f")[1][0] == ("keyword", "def")


def test_without_colours_there_is_bold_and_italic():
    highlighter = Highlighter(COLOURLESS, Inks(None, hyperlinks=False), few=False)
    runs, _ = highlighter.line("def f(): pass  # x", begin("python"))
    assert whole(runs).ansi == "\x1b[1mdef\x1b[0m f(): \x1b[1mpass\x1b[0m  \x1b[3m# x\x1b[0m"
