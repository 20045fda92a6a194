"""Every error that a person may see.

    ChatcliError(message, hint)
    ├─ UsageError       a bad flag, a bad /command, bytes that are not text
    ├─ ConfigError      names the file and line, or the variable
    ├─ ContextError     the question is larger than the context window; nothing was sent
    └─ ModelError       what a model, or the way to it, can answer instead of a reply
       ├─ AuthError     no key, or a key that the server refuses
       ├─ RateLimited   too many requests; worth trying again
       ├─ Unreachable   no connection, or a server that fails; worth trying again
       ├─ Rejected      refused for good: unknown model, bad parameter, no credit left
       ├─ TooLong       the server counted more prompt tokens than its context window holds
       ├─ BrokenReply   the reply is not, or stopped being, what the API promises
       └─ Unavailable   the embedded model cannot run here

The message says what happened, the hint what to do next. Both are plain text: whoever prints them
makes them safe for a terminal.
"""


class ChatcliError(Exception):
    """The root. ``message`` is one sentence; ``hint`` is one line, or empty."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ChatcliError):
    """What was typed cannot be understood."""


class ConfigError(ChatcliError):
    """A setting is wrong, or one that is needed is missing."""


class ContextError(ChatcliError):
    """The question alone needs ``tokens`` of the ``room`` tokens that a request may have."""

    def __init__(self, message: str, hint: str = "", *, tokens: int, room: int) -> None:
        super().__init__(message, hint)
        self.tokens = tokens
        self.room = room


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


class RateLimited(ModelError):
    """Too many requests or tokens a minute."""


class Unreachable(ModelError):
    """No connection to the server, or the server itself fails."""


class Rejected(ModelError):
    """The server understood the request and will not answer it, however often it is sent."""


class TooLong(ModelError):
    """The prompt does not fit: ``prompt_tokens`` of ``window`` as the server counted, if it said so."""

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


class Unavailable(ModelError):
    """The embedded model cannot run: not installed, not fetched, damaged, or too large for this machine."""
