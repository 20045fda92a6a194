"""The chat and what lies around it, as a value: what commands look at, and answer with."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from chatcli.core.look import USUAL, Look
from chatcli.core.messages import Image, Role
from chatcli.core.session import Session


class Staged(NamedTuple):
    """What goes along with the next message: the text under this name, or the image."""

    name: str
    text: str = ""
    image: Image | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """The open ``session``; how things look; what is ``staged`` for the next message.

    ``shelf`` holds the other chats of this run, the last one first; ``private`` says that nothing of this
    one may be kept. ``unanswered`` is what was asked last, if no answer came.
    """

    session: Session
    look: Look = USUAL
    staged: tuple[Staged, ...] = ()
    shelf: tuple[Session, ...] = ()
    private: bool = False
    unanswered: str = ""

    def with_open(self, session: Session) -> "Desk":
        """The desk with this session open. One that ends in a question goes on before it: no answer came."""
        if not session.messages or session.messages[-1].role is not Role.USER:
            return replace(self, session=session, unanswered="")
        before = session.back_to(len(session.turns) - 1)
        return replace(self, session=before, unanswered=session.messages[-1].asked)
