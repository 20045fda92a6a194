"""Settles a growing reply: source in, final pieces out, and how the rest would look now."""

import re

from chatcli.terminal.escape import clean
from chatcli.terminal.reply.cutter import LARGE, Cutter
from chatcli.terminal.reply.parser import Parser
from chatcli.terminal.reply.pieces import Piece, Verbatim

_SHOWN = 4_096  # characters of an open block too large to be drawn as Markdown: its end

# The beginning of a line that may yet turn out to be markup: drawn now, it would flash as something else.
_ONLY_A_MARKER = re.compile(
    r"""[ \t>]*+(?:[-+*][ \t]++|\d{1,9}[.)][ \t]++)*+   # quotes and items
        (?: [-+*] | \d{1,9}[.)]? | (?<=[ \t])\[[ xX]?\]?   # an item, a task
          | \#{1,6}[ \t]*                               # a heading
          | (?:[-*_=][ \t]*+)++                         # a rule, an underline
          | [|:\- \t]+                                  # the rule below a table's head
          | `{1,2} | `{3,}[^`]* | ~+ | ~{3,}.*          # a fence
        )?""",
    re.VERBOSE,
)
_TABLE_RULE = re.compile(r"[|:\- \t]*")
_CELL_BORDER = re.compile(r"(?<!\\)\|")


class Settler:
    """Source in, final pieces out, and the open tail.

    Joined, the pieces of ``take`` and ``finish`` say what ``parse`` says of the whole text, wherever that was
    torn. Only a link whose definition comes after it stays as it was written.
    """

    def __init__(self, parser: Parser | None = None) -> None:
        self._cutter = Cutter(parser or Parser())
        self._fed: list[str] = []
        self._unread = ""  # what was fed, joined; as it came

    def feed(self, text: str) -> None:
        """Keeps the text: any piece of the source."""
        self._fed.append(text)

    @property
    def backlog(self) -> int:
        """How many characters ``take`` has yet to read. Half a line is no backlog."""
        self._join()
        return self._unread.rfind("\n") + 1

    def take(self, most: int = LARGE) -> list[Piece]:
        """What has become final. Reads about ``most`` characters further, in whole lines; call it again."""
        self._join()
        end = self._unread.rfind("\n", 0, most) + 1 or self._unread.find("\n", most) + 1
        lines, self._unread = clean(self._unread[:end]), self._unread[end:]
        pieces = self._cutter.read(lines)
        return pieces if self.backlog else [*pieces, *self._ahead()]

    def tail(self) -> list[Piece]:
        """The open block as it would look now, half a line and all. Changes nothing."""
        partial = "" if self.backlog else self._half()
        source = self._cutter.block.source
        if len(source) + len(partial) > LARGE:
            return [Verbatim(clean((source[-_SHOWN:] + partial[-_SHOWN:])[-_SHOWN:]))]
        return self._cutter.look().read(self._showing(clean(partial)), final=True)

    def finish(self) -> list[Piece]:
        """All that is left, final."""
        pieces: list[Piece] = []
        while self.backlog:
            pieces += self.take()
        rest, self._unread = clean(self._unread), ""
        return [*pieces, *self._cutter.read(rest, final=True), *self._cutter.close()]

    def _half(self) -> str:
        """The line that has not ended; what may be half a line end is not shown."""
        return self._unread.removesuffix("\r")

    def _ahead(self) -> list[Piece]:
        """What is final of a long paragraph though its line has not ended."""
        half = self._half()
        if _ONLY_A_MARKER.fullmatch(half) and not self._cutter.in_a_line:
            half = ""
        pieces = self._cutter.ahead(clean(half))
        if pieces:
            self._unread = self._unread[len(half) :]
        return pieces

    def _join(self) -> None:
        if self._fed:
            self._unread += "".join(self._fed)
            self._fed.clear()

    def _showing(self, partial: str) -> str:
        """What to show of a line that has not ended: nothing while it can only be a marker."""
        if self._cutter.fence:
            return "" if self._cutter.fence.half_closing.fullmatch(partial) else partial
        if self._cutter.in_a_line:
            return partial
        return self._table_begun(partial) or ("" if _ONLY_A_MARKER.fullmatch(partial) else partial)

    def _table_begun(self, partial: str) -> str:
        """The rest of the head that a line with a border at its left will be: no raw borders flash by."""
        source = self._cutter.block.source
        head, _, rule = (source + partial).partition("\n")
        if self._cutter.head or not head.startswith("|") or not _TABLE_RULE.fullmatch(rule):
            return ""
        columns = len(_CELL_BORDER.split(head.rstrip(" \t").removesuffix("|"))) - 1
        rule = "|---" * columns
        return rule if source else f"{head}\n{rule}"
