"""How a reply looks: what each kind of thing is drawn in."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pygments.styles import get_style_by_name
from pygments.util import ClassNotFound
from rich.errors import StyleSyntaxError
from rich.style import Style

TERMINAL = "terminal"  # syntax in the colours of the terminal's own palette, legible on any background
COLOURLESS = "bw"  # syntax in bold and italic only


class Theme(NamedTuple):
    """Styles by what they are for. ``syntax`` names a style of pygments, or is ``terminal``."""

    h1: Style
    h2: Style
    h3: Style
    h4: Style
    h5: Style
    h6: Style
    strong: Style
    emphasis: Style
    strike: Style
    code: Style  # within a line of text
    math: Style
    link: Style
    url: Style  # what a link or an image leads to
    image: Style
    marker: Style  # of a list's item
    done: Style  # the ticked box of a task
    bar: Style  # before a quote
    quote: Style
    label: Style  # the language above a block of code
    rule: Style
    grid: Style  # the lines of a table
    head: Style  # the first row of a table
    html: Style
    syntax: str

    def heading(self, tag: str) -> Style:
        """The style of h1 to h6."""
        return (self.h1, self.h2, self.h3, self.h4, self.h5, self.h6)[int(tag[1:]) - 1]


def _theme(syntax: str, base: Theme, **styles: str) -> Theme:
    changes = {name: Style.parse(text) for name, text in styles.items()}
    return base._replace(**changes, syntax=syntax)


# No colours: attributes tell things apart.
PLAIN = Theme(
    h1=Style.parse("bold underline"),
    h2=Style.parse("bold"),
    h3=Style.parse("bold"),
    h4=Style.parse("bold italic"),
    h5=Style.parse("italic"),
    h6=Style.parse("italic"),
    strong=Style.parse("bold"),
    emphasis=Style.parse("italic"),
    strike=Style.parse("strike"),
    code=Style.parse("bold"),
    math=Style.parse("italic"),
    link=Style.parse("underline"),
    url=Style.parse("dim"),
    image=Style.parse("bold"),
    marker=Style.null(),
    done=Style.parse("bold"),
    bar=Style.parse("dim"),
    quote=Style.null(),
    label=Style.parse("dim italic"),
    rule=Style.parse("dim"),
    grid=Style.parse("dim"),
    head=Style.parse("bold"),
    html=Style.parse("dim"),
    syntax=COLOURLESS,
)

# The background is not known: only colours of the terminal's palette that are legible on both.
AUTO = _theme(
    TERMINAL,
    PLAIN,
    h3="bold cyan",
    h4="bold",
    h5="bold italic",
    code="cyan",
    math="magenta",
    image="cyan",
    marker="cyan",
    done="green",
)

DARK = _theme(
    "night-owl",
    AUTO,
    h1="bold underline #82aaff",
    h2="bold #82aaff",
    h3="bold #7fdbca",
    code="#ecc48d",
    math="#c792ea",
    link="underline #82aaff",
    image="#7fdbca",
    marker="#7fdbca",
    done="#addb67",
    bar="#7f8fa6",
)

LIGHT = _theme(
    "friendly",
    AUTO,
    h1="bold underline #0b4fa8",
    h2="bold #0b4fa8",
    h3="bold #0f6e74",
    code="#a3324f",
    math="#7b3fa0",
    link="underline #0b4fa8",
    image="#0f6e74",
    marker="#0f6e74",
    done="#2f7d32",
    bar="#7a8794",
)

THEMES: Final[Mapping[str, Theme]] = {"dark": DARK, "light": LIGHT, "auto": AUTO, "plain": PLAIN}


def in_few_colours(theme: Theme) -> Theme:
    """The theme for a terminal of 16 colours, of which our fine shades would all become white or black."""
    return AUTO if theme in (DARK, LIGHT) else theme


def named(name: str, adjustments: Mapping[str, str]) -> Theme:
    """The theme of this name, one of ours or a person's own, with its adjustments.

    ``adjustments`` gives fields of ``Theme``; ``base`` names the theme that it begins from.

    Raises:
        ValueError: with what is wrong, for the person who wrote it.
    """
    if name not in THEMES and not adjustments:
        raise ValueError(f"there is no theme {name!r}: {', '.join(THEMES)}, or one of your own")
    base = adjustments.get("base", name if name in THEMES else "auto")
    if base not in THEMES:
        raise ValueError(f"base must be one of {', '.join(THEMES)}, not {base!r}")
    changes: dict[str, Any] = {
        field: _read(field, text) for field, text in adjustments.items() if field != "base"
    }
    return THEMES[base]._replace(**changes)


def _read(field: str, text: str) -> Style | str:
    if field == "syntax":
        return _syntax(text)
    if field not in Theme._fields:
        raise ValueError(f"there is nothing named {field!r} to style: base, {', '.join(Theme._fields)}")
    try:
        return Style.parse(text)
    except StyleSyntaxError:
        raise ValueError(
            f'{field} must be a style such as "bold magenta" or "#82aaff", not {text!r}'
        ) from None


def _syntax(name: str) -> str:
    if name == TERMINAL:
        return name
    try:
        get_style_by_name(name)
    except ClassNotFound:
        raise ValueError(
            f'syntax must be {TERMINAL} or a style of pygments such as "monokai", not {name!r}'
        ) from None
    return name
