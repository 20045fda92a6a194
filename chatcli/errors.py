"""Every error that a person may see.

    ChatcliError(message, hint)          status
    ├─ UsageError       2   a bad flag, a bad /command, bytes that are not text
    ├─ ConfigError      3   names the file and line, or the variable
    ├─ ContextError     4   the question is larger than the context window; nothing was sent
    ├─ OverBudget       1   the request could pass max_cost or max_total_tokens; nothing was sent
    ├─ StoreError       1   sessions cannot be kept, or read
    └─ ModelError       1   what a model, or the way to it, can answer instead of a reply
       ├─ AuthError     3   no key, or a key that the server refuses
       ├─ RateLimited  75   too many requests; worth trying again
       ├─ Unreachable  75   no connection, or a server that fails; worth trying again
       ├─ Rejected      1   refused for good: unknown model, bad parameter, no credit left
       ├─ TooLong       4   the server counted more prompt tokens than its context window holds
       ├─ BrokenReply   5   the reply is not, or stopped being, what the API promises
       └─ Unavailable   3   the embedded model cannot run here

The message says what happened, the hint what to do next. Both are plain text: whoever prints them
makes them safe for a terminal. ``status`` is the exit code of a program that ends with this error.
"""

from typing import ClassVar


class ChatcliError(Exception):
    """The root. ``message`` is one sentence; ``hint`` is one line, or empty."""

    status: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ChatcliError):
    """What was typed cannot be understood."""

    status = 2


class ConfigError(ChatcliError):
    """A setting is wrong, or one that is needed is missing."""

    status = 3


class ContextError(ChatcliError):
    """The question alone needs ``tokens`` of the ``room`` tokens that a request may have."""

    status = 4

    def __init__(self, message: str, hint: str = "", *, tokens: int, room: int) -> None:
        super().__init__(message, hint)
        self.tokens = tokens
        self.room = room


class OverBudget(ChatcliError):
    """What the person allowed a session to use up could be passed by the next request."""


class StoreError(ChatcliError):
    """Sessions cannot be kept, or read: no room, no right to, a damaged file."""


class ModelError(ChatcliError):
    """What a ``ChatModel`` raises, and nothing else.

    ``retryable`` says that the same request may succeed if it is sent again; ``retry_after`` is the
    number of seconds that the server asked to wait first, or None.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        retryable: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.retryable = retryable
        self.retry_after = retry_after


class AuthError(ModelError):
    """No key, or a key that the server refuses."""

    status = 3


class RateLimited(ModelError):
    """Too many requests or tokens a minute."""

    status = 75


class Unreachable(ModelError):
    """No connection to the server, or the server itself fails."""

    status = 75


class Rejected(ModelError):
    """The server understood the request and will not answer it, however often it is sent."""


class TooLong(ModelError):
    """The prompt does not fit: ``prompt_tokens`` of ``window`` as the server counted, if it said so."""

    status = 4

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        prompt_tokens: int | None = None,
        window: int | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.prompt_tokens = prompt_tokens
        self.window = window


class BrokenReply(ModelError):
    """The reply is not, or stopped being, what the API promises."""

    status = 5


class Unavailable(ModelError):
    """The embedded model cannot run: not installed, not fetched, damaged, or too large for this machine."""

    status = 3
