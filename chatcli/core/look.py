"""How replies look, and the prompt. It is no property of a chat, so no session holds it."""

from typing import Any, Final, NamedTuple

from chatcli.core.kinds import Choice, Chosen, Names, Switch, Text, Value
from chatcli.core.params import Param

# Every theme that there is without a config file; "auto" is dark or light, as the terminal is.
THEMES: Final = ("auto", "dark", "light", "plain")

# What the line below the prompt can tell, in the order in which it does.
TOOLBAR: Final = Chosen(("model", "temperature", "context", "typing", "staged", "modes", "title", "cost"))

LOOK: Final[dict[str, Param]] = {
    look.name: look
    for look in (
        Param("render", Switch(), "draw the Markdown of replies, or show it as it is"),
        Param(
            "theme",
            Text("a theme's name", THEMES),
            "the colours of replies; auto is dark or light, as the terminal is",
        ),
        Param("multiline", Switch(), "Enter makes a new line, and Alt-Enter sends"),
        Param("keys", Choice(("emacs", "vi")), "the keys of the line editor"),
        Param("toolbar", Names(TOOLBAR), "what the line below the prompt tells"),
    )
}


class Look(NamedTuple):
    """Whether replies are drawn (``render``; None: wherever they can be), and in which ``theme``.

    Of the prompt: whether Enter makes a new line (``multiline``), the editor's ``keys``, and the parts of its
    ``toolbar``.
    """

    render: bool | None = None
    theme: str = THEMES[0]
    multiline: bool = False
    keys: str = "emacs"
    toolbar: tuple[str, ...] = TOOLBAR

    def having(self, name: str, value: Value | None) -> "Look":
        """The same with one value set, or back to the usual one by None; it comes from its own kind."""
        changed: dict[str, Any] = {name: self._field_defaults[name] if value is None else value}
        return self._replace(**changed)

    def given(self) -> dict[str, Value]:
        """What is not the usual, in the table's order."""
        return {name: value for name, value in self._asdict().items() if value != self._field_defaults[name]}


USUAL: Final = Look()
