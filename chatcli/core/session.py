"""The conversation as a value: it is never changed, only replaced."""

from dataclasses import dataclass, replace

from chatcli.core.messages import Message, Reply, Role
from chatcli.core.params import Params


@dataclass(frozen=True, slots=True)
class Session:
    """Who is asked (``model``; None: whatever the server serves), how, and all that was said, oldest first.

    ``context`` is the context window in tokens that the person set, or None to go by what is known of the
    model. The system text is kept apart from the messages, so that nothing can push it out.
    """

    model: str | None = None
    system: str = ""
    params: Params = Params()
    context: int | None = None
    messages: tuple[Message, ...] = ()

    def asked(self, text: str) -> "Session":
        """The session with one more question."""
        return replace(self, messages=(*self.messages, Message(Role.USER, text)))

    def answered(self, reply: Reply) -> "Session":
        """The session with the reply to its last question, whole or as much as came."""
        return replace(self, messages=(*self.messages, Message(Role.ASSISTANT, reply.text, reply.finish)))

    def cleared(self) -> "Session":
        """A new conversation with the same model, system text and parameters."""
        return replace(self, messages=())
