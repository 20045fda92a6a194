"""A chat as a web page: replies drawn by markdown-it, their code coloured by pygments."""

import re
from collections.abc import MutableMapping, Sequence
from functools import cache
from html import escape
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_all_lexers, get_lexer_by_name

from chatcli.core.interchange.html import as_html
from chatcli.core.session import Session

_LIGHT, _DARK = "friendly", "night-owl"

# Longer code is data; and some lexers take time by the square of its length.
_LONGEST: Final = 100_000  # characters

_LANGUAGE: Final = re.compile(r"[\w+#.-]+")


def as_page(session: Session) -> str:
    """The way that the chat has gone, as one HTML page that needs nothing else."""
    return as_html(session, _markdown().render, _styles())


class _Renderer(RendererHTML):
    """HTML that leads nowhere by itself: a picture of elsewhere is named, not fetched."""

    def link_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        tokens[idx].attrSet("rel", "noreferrer")
        return self.renderToken(tokens, idx, options, env)

    def image(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        source = str(tokens[idx].attrs["src"])
        words = self.renderInlineAsText(tokens[idx].children, options, env)
        if source.startswith("data:"):  # of a picture: the parser lets no other pass
            return f'<img src="{escape(source)}" alt="{escape(words)}">'
        return escape(f"{words} ({source})")


@cache
def _markdown() -> MarkdownIt:
    options = {"html": False, "highlight": _coloured}
    parser = MarkdownIt("commonmark", options, renderer_cls=_Renderer)
    return parser.enable(["table", "strikethrough"])


def _coloured(code: str, language: str, _: str) -> str:
    """The code as HTML with the classes of pygments."""
    named = _LANGUAGE.fullmatch(language.lower())
    if named is None or named[0] not in _known() or len(code) > _LONGEST:
        return escape(code)
    lexer = get_lexer_by_name(named[0], stripnl=False, ensurenl=False)
    try:
        return str(highlight(code, lexer, HtmlFormatter(nowrap=True)))
    except Exception:  # noqa: BLE001 a mistake in one of 500 lexers must not cost the page
        return escape(code)


@cache
def _known() -> frozenset[str]:
    # Asked for a name that it does not know, pygments would look through every installed package.
    return frozenset(alias for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases)


@cache
def _styles() -> str:
    light, dark = (
        "\n".join(HtmlFormatter(style=style).get_token_style_defs("pre")) for style in (_LIGHT, _DARK)
    )
    by_day, by_night = "not all and (prefers-color-scheme: dark)", "(prefers-color-scheme: dark)"
    return f"@media {by_day} {{\n{light}\n}}\n@media {by_night} {{\n{dark}\n}}\n"
