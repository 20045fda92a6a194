"""Code in colours, line by line: what a lexer knows at the end of a line is carried to the next.

A line is drawn once, and for good, so its colours cannot depend on the lines after it. Most lexers of
pygments are tables of regular expressions with a stack of states, and that stack is all they remember.
What such a lexer would match over several lines at once, as a comment or a string, is carried as such.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from pygments.lexer import (
    ExtendedRegexLexer,
    Lexer,
    LexerContext,
    RegexLexer,
)
from pygments.lexers import get_all_lexers, get_lexer_by_name
from pygments.styles import get_style_by_name
from pygments.token import (
    STANDARD_TYPES,
    Comment,
    Error,
    Generic,
    Keyword,
    Name,
    Number,
    Operator,
    String,
    Token,
    _TokenType,
)
from rich.style import Style

from chatcli.terminal.reply.runs import BARE, Ink, Inks, Run
from chatcli.terminal.reply.themes import COLOURLESS, TERMINAL

_Kind: TypeAlias = Any  # of token: pygments makes these at run time
_Lexed: TypeAlias = tuple[_Kind, str]

# A longer line is data rather than code. Some lexers take time by the square of its length.
_LONGEST: Final = 500  # characters

_LANGUAGE: Final = re.compile(r"[\w+#*.-]+")
# What people write and pygments does not know.
_ALSO: Final = {
    "cjs": "javascript",
    "conf": "ini",
    "env": "bash",
    "gradle": "groovy",
    "h": "c",
    "hpp": "cpp",
    "jsonc": "json",
    "jsonl": "json",
    "kt": "kotlin",
    "mjs": "javascript",
    "patch": "diff",
    "svelte": "html",
    "svg": "xml",
}

# What may begin here and end in a later line, and how it ends: a heredoc with its word.
_OPENING: Final = re.compile(
    r"""/\*|"{3}|'{3}|<!--|\{-|\(\*|--\[\[|["'`]|<<-?\s*["']?\\?(?P<word>\w+)["']?"""
)
_QUOTES: Final = {"'", '"'}
_CLOSING: Final = {"/*": "*/", "<!--": "-->", "{-": "-}", "(*": "*)", "--[[": "]]"}

# Where a quoted string may have several lines. Elsewhere a single quote is an apostrophe, or not yet closed.
_QUOTING: Final = {"bash", "clojure", "common-lisp", "emacs-lisp", "fish", "perl", "php", "powershell", "sql"}

# The script or style of an HTML page: a lexer that does not see its end thinks that it is only this line.
_EMBEDDED: Final = {"script-content", "style-content"}

_TERMINAL: Final = {
    kind: Style.parse(style)
    for kind, style in {
        Token: "",
        Comment: "dim italic",
        Comment.Preproc: "magenta",
        Generic.Deleted: "red",
        Generic.Heading: "bold",
        Generic.Inserted: "green",
        Generic.Prompt: "dim",
        Generic.Subheading: "cyan",
        Keyword: "magenta",
        Keyword.Constant: "cyan",
        Keyword.Type: "cyan",
        Name.Attribute: "cyan",
        Name.Builtin: "cyan",
        Name.Class: "bold",
        Name.Decorator: "magenta",
        Name.Exception: "cyan",
        Name.Function: "bold",
        Name.Tag: "magenta",
        Number: "cyan",
        Operator.Word: "magenta",
        String: "green",
    }.items()
}


class Unclosed(NamedTuple):
    """A comment or a string that goes on until ``closing``."""

    kind: _Kind
    closing: str


class Code(NamedTuple):
    """What is known of a block of code at the end of a line."""

    lexer: Lexer | None
    stack: tuple[str, ...] = ("root",)
    unclosed: Unclosed | None = None


class Highlighter:
    """Code as runs of text, in the colours of one style."""

    def __init__(self, syntax: str, inks: Inks, *, few: bool) -> None:
        """``few``: the terminal has too few colours for a style of pygments."""
        self._inks = inks
        in_palette = syntax == TERMINAL or (few and syntax != COLOURLESS)
        self._style_of = _terminal_style if in_palette else _pygments_style(syntax)
        self._of_kind: dict[_Kind, Ink] = {}

    def line(self, text: str, code: Code) -> tuple[list[Run], Code]:
        """One line, without its newline, and what is known after it."""
        if code.lexer is None or len(text) > _LONGEST:
            return [Run(text, self._ink(Token))], code
        lexed, code = _lex(text, code)
        runs: list[Run] = []
        part, last = "", BARE
        for kind, more in lexed:
            ink = self._of_kind.get(kind) or self._ink(kind)
            if ink is last:
                part += more
                continue
            if part:
                runs.append(Run(part, last))
            part, last = more, ink
        return [*runs, Run(part, last)], code

    def _ink(self, kind: _Kind) -> Ink:
        ink = self._of_kind[kind] = self._inks.of(self._style_of(kind))
        return ink


def begin(info: str) -> Code:
    """A block of code of which only the info string of its fence is known."""
    named = _LANGUAGE.search(info)
    return Code(_lexer(named[0].lower().lstrip(".")) if named else None)


def _terminal_style(kind: _Kind) -> Style:
    while kind not in _TERMINAL:
        kind = kind.parent
    return _TERMINAL[kind]


def _pygments_style(name: str) -> Callable[[_Kind], Style]:
    style = get_style_by_name(name)
    usual = style.style_for_token(Token)["color"]

    def style_of(kind: _Kind) -> Style:
        while kind not in STANDARD_TYPES:
            kind = kind.parent
        if kind is Error:  # most often a sketch, or a language newer than its lexer
            return Style.null()
        if kind is String.Doc:  # only where it is one line: it should look like the others
            kind = String
        facts = style.style_for_token(kind)
        colour = facts["color"]
        return Style(
            color=f"#{colour}" if colour and colour != usual else None,
            bold=facts["bold"],
            italic=facts["italic"],
            underline=facts["underline"],
        )

    return style_of


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    # Asked for a name that it does not know, pygments would look through every installed package.
    return frozenset(alias for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases)


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    language = _ALSO.get(language, language)
    return get_lexer_by_name(language) if language in _known() else None


# A block of code within a list is drawn again with every line that it grows by.
@lru_cache(maxsize=128)
def _lex(text: str, code: Code) -> tuple[Sequence[_Lexed], Code]:
    try:
        lexed, after = _lex_by(code.lexer, text + "\n", code)
    except Exception:  # noqa: BLE001 a mistake in one of 500 lexers must not cost the reply
        return [(Token, text)], code
    if "".join([part for _, part in lexed]) != text + "\n":
        return [(Token, text)], after
    *lexed, (kind, last) = [(kind, part) for kind, part in lexed if part]
    return [*lexed, (kind, last.removesuffix("\n"))], after


def _lex_by(lexer: Lexer, text: str, code: Code) -> tuple[list[_Lexed], Code]:
    if isinstance(lexer, ExtendedRegexLexer):
        if type(lexer).get_tokens_unprocessed is ExtendedRegexLexer.get_tokens_unprocessed:
            context = LexerContext(text, 0, list(code.stack))
            lexed = [(kind, part) for _, kind, part in lexer.get_tokens_unprocessed(context=context)]
            return lexed, code._replace(stack=tuple(context.stack))
    elif isinstance(lexer, RegexLexer):
        return _Scan(lexer, text, code).all()
    return [(kind, part) for _, kind, part in lexer.get_tokens_unprocessed(text)], code


class _Scan:
    """What ``RegexLexer.get_tokens_unprocessed`` does, for one line, with all that must be kept."""

    def __init__(self, lexer: RegexLexer, text: str, code: Code) -> None:
        self._lexer = lexer
        self._rules = lexer._tokens  # noqa: SLF001 there is no other door
        self._text = text
        self._code = code
        self._stack = list(code.stack)
        self._unclosed = code.unclosed

    def all(self) -> tuple[list[_Lexed], Code]:
        lexed: list[_Lexed] = []
        at = 0
        if self._unclosed:
            at = self._end_of(self._unclosed)
            lexed.append((self._unclosed.kind, self._text[:at]))
            if at < len(self._text):
                self._unclosed = None
        lexed += self._tokens(at)
        return lexed, Code(self._code.lexer, tuple(self._stack), self._unclosed)

    def _tokens(self, at: int) -> Iterator[_Lexed]:
        text, stack, rules = self._text, self._stack, self._rules
        while at < len(text):
            if unclosed := self._opening(at):
                self._unclosed = unclosed
                yield unclosed.kind, text[at:]
                return
            for match_at, action, move in rules[stack[-1]]:
                if match := match_at(text, at):
                    if type(action) is _TokenType:
                        yield action, match[0]
                    elif action is not None:
                        for _, kind, part in action(self._lexer, match):
                            yield kind, part
                    at = match.end()
                    if move is not None and not (stack[-1] in _EMBEDDED and "</" not in match[0]):
                        self._move(move)
                    break
            else:
                if text[at] == "\n":
                    stack[:] = ["root"]
                yield Error, text[at]
                at += 1

    def _move(self, move: int | str | tuple[str, ...]) -> None:
        stack = self._stack
        if isinstance(move, int):  # so many states are left
            del stack[max(1, len(stack) + move) :]
            return
        for state in move if isinstance(move, tuple) else (move,):
            if state == "#push":
                stack.append(stack[-1])
            elif state != "#pop":
                stack.append(state)
            elif len(stack) > 1:
                stack.pop()

    def _opening(self, at: int) -> Unclosed | None:
        """What begins here and is not closed in this line, if the lexer would match it over several."""
        opening = _OPENING.match(self._text, at)
        if opening is None:
            return None
        closing = opening["word"] or _CLOSING.get(opening[0], opening[0])
        if closing in self._text[opening.end() :]:
            return None
        if closing in _QUOTES and self._lexer.aliases[0] not in _QUOTING:
            return None
        kind = _kind_of(self._lexer, self._stack[-1], f"{opening[0]}\n{closing}")
        return Unclosed(kind, closing) if kind else None

    def _end_of(self, unclosed: Unclosed) -> int:
        closing = self._text.find(unclosed.closing)
        return len(self._text) if closing < 0 else closing + len(unclosed.closing)


@lru_cache(maxsize=256)
def _kind_of(lexer: RegexLexer, state: str, sample: str) -> _Kind | None:
    """The kind of comment or string that a lexer takes all of the sample for, in one step."""
    for match_at, action, move in lexer._tokens[state]:  # noqa: SLF001 there is no other door
        if match := match_at(sample, 0):
            one = match.end() == len(sample) and move is None and type(action) is _TokenType
            return action if one and (action in Comment or action in String) else None
    return None
