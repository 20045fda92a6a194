"""What is said: messages, and the reply with its measurements."""

from enum import Enum
from typing import Final, NamedTuple

# What the model is asked when it is to continue a reply that was cut off: nobody has typed this.
GO_ON: Final = (
    "Go on exactly where your last reply broke off, without a remark and without repeating any of it."
)


class Role(Enum):
    """Who speaks, in the API's own words."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class Finish(Enum):
    """Why a reply ended (the API's *finish reason*, and the ends that the API has no word for)."""

    STOP = "stop"  # the model was done
    LENGTH = "length"  # max_tokens, or the end of the context window
    FILTERED = "content_filter"  # the provider withheld the rest
    INTERRUPTED = "interrupted"  # the person stopped it
    TRUNCATED = "truncated"  # the stream ended without saying that it was done
    FAILED = "failed"  # an error took the place of the rest


class Image(NamedTuple):
    """A picture that goes along with a question: its name, MIME type, bytes, and size in pixels."""

    name: str
    mime: str
    data: bytes
    width: int
    height: int


class Message(NamedTuple):
    """One message; of an assistant's, ``finish`` says how it ended, and ``model`` who gave it.

    Of a person's, the first ``along`` characters are texts that came along with what was asked.
    """

    role: Role
    text: str
    finish: Finish | None = None
    images: tuple[Image, ...] = ()
    model: str | None = None
    along: int = 0

    @property
    def asked(self) -> str:
        """What a person asked, without what came along; where nothing was asked, all of it."""
        return self.text[self.along :] or self.text

    @property
    def goes_on(self) -> bool:
        """Whether it only asks for the rest of a reply."""
        return self.role is Role.USER and self.text == GO_ON

    @property
    def shown(self) -> str:
        """What a person sees of a question."""
        return "(go on)" if self.goes_on else self.asked


class Usage(NamedTuple):
    """Tokens of one request. ``cached`` is part of ``prompt``, ``reasoning`` part of ``completion``."""

    prompt: int
    completion: int
    cached: int = 0
    reasoning: int = 0

    @property
    def total(self) -> int:
        """Prompt and completion tokens together."""
        return self.prompt + self.completion


class Reply(NamedTuple):
    """What came back: whole, or what there was of it when it ended.

    ``seconds`` is how long it took, ``first`` how long it was until the first piece; None if none came.
    ``model`` is who gave it, where the request named nobody.
    """

    text: str
    finish: Finish
    reasoning: str = ""
    usage: Usage | None = None
    seconds: float = 0.0
    first: float | None = None
    model: str | None = None
