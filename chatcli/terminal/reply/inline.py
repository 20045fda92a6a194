"""The words of one block: emphasis, code, links and images, as runs of text."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from markdown_it.token import Token
from rich.style import Style

from chatcli.terminal.reply.runs import Inks, Run, flat
from chatcli.terminal.reply.themes import Theme

_ADDRESS: Final = re.compile(r"https?://[!#-;=?-_a-{}~]+", re.IGNORECASE)
_BREAK: Final = re.compile(r" *<br */?> *", re.IGNORECASE)
_PUNCTUATION: Final = ".,:;!?'*_~])"  # what ends the sentence around an address rather than the address


class Inline:
    """Turns the inline tokens of a block into lines of runs, in one theme's styles."""

    def __init__(self, theme: Theme, inks: Inks) -> None:
        self.inks = inks
        self.theme = theme
        self.styles = {
            "strong_open": theme.strong,
            "em_open": theme.emphasis,
            "s_open": theme.strike,
            "link_open": theme.link,
            "code_inline": theme.code,
        }

    def lines(self, tokens: Iterable[Token], base: Style) -> list[list[Run]]:
        """The lines of a block, of which each has its runs. Every line break of the source is one."""
        writing = _Writing(self, base)
        for token in tokens:
            writing.add(token)
        return writing.lines

    def cell(self, tokens: Iterable[Token], base: Style) -> list[list[Run]]:
        """The lines of a table's cell, where ``<br>`` is the only way to begin another one."""
        writing = _Writing(self, base)
        for token in tokens:
            if token.type == "text" and _BREAK.search(token.content):
                for number, part in enumerate(_BREAK.split(token.content)):
                    if number:
                        writing.break_line()
                    writing.text(part)
            else:
                writing.add(token)
        return writing.lines


class _Writing:
    """The lines of one block, as they grow token by token."""

    def __init__(self, inline: Inline, base: Style) -> None:
        self._inline = inline
        self._ink_of = inline.inks.of
        self._line: list[Run] = []
        self.lines = [self._line]
        self._style = base
        self._ink = self._ink_of(base)
        self._around: list[Style] = []  # the styles outside of what is open
        self._url = ""  # where the open link leads
        self._from = 0  # the first run of its text, if that began in this line

    def add(self, token: Token) -> None:
        kind = token.type
        if kind == "text":
            self.text(token.content)
        elif kind == "link_open":
            self._open(kind)
            self._url = str(token.attrs.get("href", ""))
            self._ink = self._ink_of(self._style, self._url)
            self._from = len(self._line)
        elif kind == "link_close":
            self._close_link(token)
        elif kind == "image":
            self._image(token)
        elif kind in {"softbreak", "hardbreak"}:
            self.break_line()
        elif token.nesting > 0:
            self._open(kind)
        elif token.nesting < 0:
            self._close()
        elif token.content:
            style = self._style + self._inline.styles.get(kind, Style.null())
            self._line.append(Run(flat(token.content), self._ink_of(style, self._url)))

    def break_line(self) -> None:
        self._line = []
        self.lines.append(self._line)
        self._from = 0

    def _open(self, kind: str) -> None:
        self._around.append(self._style)
        self._style += self._inline.styles.get(kind, Style.null())
        self._ink = self._ink_of(self._style, self._url)

    def _close(self) -> None:
        self._style = self._around.pop()
        self._ink = self._ink_of(self._style, self._url)

    def text(self, text: str) -> None:
        if "://" not in text or self._url:
            if text:
                self._line.append(Run(flat(text), self._ink))
            return
        link = self._style + self._inline.theme.link
        for part, url in _addresses(flat(text)):
            self._line.append(Run(part, self._ink_of(link, url) if url else self._ink))

    def _close_link(self, token: Token) -> None:
        url, self._url = self._url, ""
        self._close()
        text = "".join([run.text for run in self._line[self._from :]])
        if token.markup not in {"autolink", "linkify"} and url not in {"", text, f"mailto:{text}"}:
            self._tell(url)

    def _image(self, token: Token) -> None:
        url = str(token.attrs.get("src", ""))
        alt = "".join([" " if "break" in child.type else child.content for child in token.children or ()])
        style = self._style + self._inline.theme.image
        self._line.append(Run(flat(f"🌆 {alt}".rstrip()), self._ink_of(style, self._url or url)))
        if url:
            self._tell(url)

    def _tell(self, url: str) -> None:
        """Where a link leads, for the eye and for a terminal that opens what it can read."""
        ink = self._ink_of(self._style + self._inline.theme.url, self._url or url)
        before = [Run(" ", self._ink)] if self._line else []
        self._line += [*before, Run(f"({flat(url)})", ink)]


def _addresses(text: str) -> Iterator[tuple[str, str]]:
    """The parts of a text, each with the URL that it is, or none."""
    end = 0
    for match in _ADDRESS.finditer(text):
        url = match[0]
        while url[-1] in _PUNCTUATION and not (url[-1] == ")" and url.count("(") == url.count(")")):
            url = url[:-1]
        if match.start() > end:
            yield text[end : match.start()], ""
        yield url, url
        end = match.start() + len(url)
    if end < len(text):
        yield text[end:], ""
