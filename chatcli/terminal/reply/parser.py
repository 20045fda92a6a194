"""The one Markdown parser: CommonMark with tables, strikethrough and math, in two passes.

The block pass finds the blocks; a stream repeats it while its last block grows. The inline pass reads what
is inside a block, once the block is known.
"""

import re
from collections.abc import Iterable, MutableMapping, Sequence
from typing import TypeAlias, TypedDict

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_core import StateCore, text_join
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from chatcli.terminal.escape import clean
from chatcli.terminal.reply.pieces import Blocks, Piece


class Target(TypedDict):
    """Where a link definition leads."""

    href: str
    title: str


References: TypeAlias = MutableMapping[str, Target]  # by normalised label

_DEEPEST = 20  # blocks in blocks; what lies deeper is text

_MATH_BLOCK = {"$$": "$$", r"\[": r"\]"}
# A dollar is money unless it hugs what follows and its partner hugs what comes before. The lengths are
# bounded, so that a page of dollars costs a page of time.
MATH = re.compile(
    r"""\$\$(?:[^\\$]|\\.|\$(?!\$)){1,2000}+\$\$
      | \$(?!\s)(?:[^\\$]|\\.){1,1000}+(?<!\s)\$(?!\d)
      | \\\((?:[^\\]|\\[^)]){1,1000}+\\\)
      | \\\[(?:[^\\]|\\[^\]]){1,2000}+\\\]""",
    re.VERBOSE | re.DOTALL,
)

# Within the row of a table: a border, and the code and math in which a writer means none.
_BORDER = re.compile(r"(?<!\\)\|")
_VERBATIM = re.compile(
    rf"(?<![\\`])(`++).{{1,1000}}?(?<!`)\1(?!`) | (?<!\\)(?:{MATH.pattern})", re.VERBOSE | re.DOTALL
)


def parse(text: str) -> list[Piece]:
    """The whole text in one go: what the pieces of a stream add up to."""
    parser = Parser()
    tokens = parser.blocks(clean(text))
    references: References = {}
    define(tokens, references)
    parser.inlines(tokens, references)
    return [Blocks(tokens)]


class Parser:
    """Markdown source to tokens."""

    def __init__(self) -> None:
        # Two levels are entered at once by a list and its item: the limit of the library, which drops what
        # lies beyond, is never met.
        markdown = MarkdownIt("commonmark", {"inline_definitions": True, "maxNesting": _DEEPEST + 2})
        markdown.enable("strikethrough").disable("html_inline")
        rules = markdown.block.ruler
        rules.before("table", "deep", _deep)
        rules.before("fence", "math", _math_block, {"alt": ["paragraph", "reference", "blockquote", "list"]})
        # As on GitHub: a line that begins a heading, a fence or a list is not the head of a table. The
        # library asks for tables first, and has to know the next line before it knows what this one is.
        rules.before("lheading", "late_table", _table, {"alt": ["paragraph", "reference"]})
        markdown.inline.ruler.before("escape", "math", _math)
        self._markdown = markdown

    def blocks(self, text: str, *, spaced: bool = False, begun: bool = False) -> list[Token]:
        """The block pass: tokens whose inline ones have no children yet.

        Every block says in ``meta["spaced"]`` whether the source has a blank line before it, in the same
        container; ``spaced`` says so of the line before the text. The first line of what has ``begun`` is
        known to be text, and makes no table's head.
        """
        tokens: list[Token] = []
        self._markdown.block.parse(text, self._markdown, {"begun": begun}, tokens)
        _mark_spacing(tokens, text.split("\n"), spaced)
        return tokens

    def inlines(self, tokens: Sequence[Token], references: References) -> None:
        """The inline pass: gives every inline token its children, and adds the definitions among the tokens.

        A link finds the definitions that were known before, and those that stand before it.
        """
        markdown, env = self._markdown, {"references": references}
        for token in tokens:
            if token.type == "inline":
                token.children = []
                markdown.inline.parse(token.content, markdown, env, token.children)
            elif token.type == "definition":
                define([token], references)
        text_join(StateCore("", markdown, env, list(tokens)))


def define(tokens: Iterable[Token], references: References) -> None:
    """Adds the link definitions among the tokens; the first one of a label counts."""
    for token in tokens:
        if token.type == "definition":
            target = Target(href=token.meta["url"], title=token.meta["title"])
            references.setdefault(token.meta["id"], target)


def is_blank(line: str) -> bool:
    """Whether the line has nothing on it, or nothing but the marks of a quote."""
    return not line.strip(" \t>")


def _mark_spacing(tokens: Iterable[Token], lines: Sequence[str], spaced: bool) -> None:
    containers = [-1]  # the lines where the blocks around begin
    for token in tokens:
        if token.nesting < 0:
            containers.pop()
            continue
        line = token.map[0] if token.map else containers[-1]
        if token.type != "inline":
            # What begins on the line of its item's marker has the item's space before it, not its own.
            inside = line == containers[-1]
            token.meta["spaced"] = not inside and (is_blank(lines[line - 1]) if line else spaced)
        if token.nesting > 0:
            containers.append(line)


def _deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A block rule: what is nested too deeply to be drawn is a paragraph of its source."""
    if silent or state.level < _DEEPEST:
        return False
    line = start + 1
    while line < end and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent:
        line += 1
    state.push("paragraph_open", "p", 1).map = [start, line]
    inline = state.push("inline", "", 0)
    inline.map = [start, line]
    inline.content = state.getLines(start, line, state.blkIndent, keepLastLF=False).strip()
    state.push("paragraph_close", "p", -1)
    state.line = line
    return True


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A block rule: a table, of which nothing is dropped. GitHub drops cells beyond the head's columns."""
    if start == 0 and state.env["begun"]:
        return False
    before = len(state.tokens)
    found = table(state, start, end, silent)
    if silent or not found:
        return found
    contents = [token for token in state.tokens[before:] if token.type == "inline"]
    columns = sum([token.map == [start, start + 1] for token in contents])
    for at in range(columns, len(contents), columns):
        line, _ = contents[at].map or (start, end)
        row = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
        if len(_cells(row)) > columns:
            for token, cell in zip(contents[at : at + columns], _fitted(row, columns), strict=True):
                token.content = cell
    return True


def _fitted(row: str, columns: int) -> list[str]:
    """The cells of a row that has too many: code and math are not torn, what is left over joins the last."""
    cells = _cells(_VERBATIM.sub(lambda span: _BORDER.sub(r"\\|", span[0]), row))
    if len(cells) < columns:
        cells = _cells(row)
    while len(cells) > columns and not cells[-1].strip(" \t"):
        cells.pop()
    cells[columns - 1 :] = ["|".join(cells[columns - 1 :])]
    return [cell.strip(" \t") for cell in cells]


def _cells(row: str) -> list[str]:
    """What stands between the borders of a row, of which those at its ends are a frame."""
    cells = [cell.replace(r"\|", "|") for cell in _BORDER.split(row.strip(" \t"))]
    if not cells[0]:
        cells.pop(0)
    if cells and not cells[-1]:
        cells.pop()
    return cells


def _math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    r"""A block rule: from a line that is ``$$`` or ``\[`` to the one that closes it, or to a blank line."""
    first = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith(("$$", r"\["), first) or state.is_code_block(start):
        return False
    closing = _MATH_BLOCK.get(state.src[first : state.eMarks[start]].rstrip(" \t"))
    if closing is None:
        return False
    if silent:
        return True
    line = start + 1
    while line < end and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent:
        text = state.src[state.bMarks[line] : state.eMarks[line]]
        line += 1
        if text.strip(" \t") == closing:
            break
    token = state.push("math_block", "", 0)
    token.map = [start, line]
    token.content = state.getLines(start, line, state.blkIndent, keepLastLF=True)
    state.line = line
    return True


def _math(state: StateInline, silent: bool) -> bool:
    """An inline rule: TeX stays as it was written, its stars and underscores too."""
    if state.src[state.pos] not in "$\\":
        return False
    found = MATH.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        for number, line in enumerate(found[0].split("\n")):
            if number:
                state.push("softbreak", "br", 0)
            state.push("text", "", 0).content = line.strip(" \t") if number else line
    state.pos = found.end()
    return True
