"""What a server says when it will not answer, in our words: status and body in, ``ModelError`` out."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from chatcli.errors import AuthError, BrokenReply, ModelError, RateLimited, Rejected, TooLong, Unreachable

_ADDRESS = "Check the base URL: most end in /v1."
_MOST = 300  # characters of a server's words that are shown
_NUMBER = r"\d[\d,_]*"


class Said(NamedTuple):
    """The words of an error body, whatever its shape; empty where the server gave none."""

    message: str = ""
    code: str = ""
    type: str = ""
    param: str = ""
    prompt_tokens: int | None = None
    window: int | None = None

    @classmethod
    def of(cls, body: object) -> "Said":
        """Read ``{"error": {...}}``, ``{"error": "..."}``, ``{"detail": ...}``, a bare error, or a text."""
        if isinstance(body, dict):
            body = body.get("error") or body
        if isinstance(body, str):
            return cls(message=_line(body))
        if not isinstance(body, dict):
            return cls()
        return cls(
            message=_line(_message(body)),
            code=_word(body.get("code")),
            type=_word(body.get("type")),
            param=_word(body.get("param")),
            prompt_tokens=_whole(body.get("n_prompt_tokens")),
            window=_whole(body.get("n_ctx")),
        )


def fault(
    status: int | None,
    body: object,
    headers: Mapping[str, str] | None = None,
    *,
    now: float = 0.0,
) -> ModelError:
    """The error for a refused request, or for one that came inside a stream (``status`` None).

    ``now`` is the wall clock in seconds since 1970, for a ``Retry-After`` that is a date.
    """
    said = Said.of(body)
    if _overflows(status, said):
        return _too_long(said)
    if "insufficient_quota" in {said.code, said.type}:
        return Rejected(
            "The account behind this key has no credit left.",
            said.message or "See the provider's billing page.",
        )
    if status is None:
        return _in_stream(said)
    error = _by_status(status, said, page=_is_page(body))
    if headers is not None:
        error.retryable = _retryable(status, headers)
        error.retry_after = retry_after(headers, now)
    return error


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait: ``retry-after-ms``, or ``retry-after`` in seconds or as a date; None if unsaid."""
    milliseconds = _float(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return max(0.0, milliseconds / 1000)
    text = headers.get("retry-after", "")
    seconds = _float(text)
    if seconds is not None:
        return max(0.0, seconds)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


def _in_stream(said: Said) -> ModelError:
    if {"rate_limit_exceeded", "rate_limit_error"} & {said.code, said.type}:
        return _rate_limited(said)
    return BrokenReply(f"The server broke off with an error{_after(said.message)}", "Try again.")


def _by_status(status: int, said: Said, *, page: bool) -> ModelError:
    words = said.message
    match status:
        case 401:
            hint = "Check the key; chatcli config show tells where it came from."
            return AuthError(f"The server rejected the API key{_after(words)}", hint)
        case 403:
            hint = "Check the key, the project and the region."
            return AuthError(f"The server denies access{_after(words)}", hint)
        case 404:
            return _not_found(words)
        case 429:
            return _rate_limited(said)
        case 408 | 409:
            return Unreachable(f"The server gave up on it ({status}){_after(words)}", "Try again.")
        case _ if status >= 500:
            return Unreachable(f"The server failed ({status}){_after(words)}", "Try again later.")
        case _ if status < 400:
            return Rejected(f"The server redirects ({status}) in place of an answer.", _ADDRESS)
        case _ if page:
            return Rejected(f"The server answered with a web page ({status}).", _ADDRESS)
        case _:
            return Rejected(_sentence(words or f"The server refused the request ({status})"), _where(said))


def _not_found(words: str) -> Rejected:
    if not words:
        return Rejected("There is no chat API at this address (404).", _ADDRESS)
    if any(sign in words for sign in ("v1/responses", "v1/completions", "not a chat model")):
        return Rejected(
            "This model does not answer on Chat Completions, the API that chatcli speaks.",
            "Choose another: the *-pro and *-codex models answer on the Responses API only.",
        )
    return Rejected(_sentence(words), "Choose another model with --model NAME or /model NAME.")


def _rate_limited(said: Said) -> RateLimited:
    return RateLimited(
        f"Too many requests{_after(said.message)}", "Wait a little, then try again.", retryable=True
    )


def _where(said: Said) -> str:
    return (
        f'The parameter is "{said.param}"; /unset or leave out its flag to send none.' if said.param else ""
    )


def _retryable(status: int, headers: Mapping[str, str]) -> bool:
    match headers.get("x-should-retry"):
        case "true":
            return True
        case "false":
            return False
        case _:
            return status in {408, 409, 429} or status >= 500


def _overflows(status: int | None, said: Said) -> bool:
    if said.code == "context_length_exceeded" or said.type == "exceed_context_size_error" or status == 413:
        return True
    words = said.message.lower()
    return status in {400, 422, 500, None} and (
        "maximum context length" in words
        or "context length exceeded" in words
        or "exceeds the context" in words
    )


def _too_long(said: Said) -> TooLong:
    window, tokens = said.window, said.prompt_tokens
    if window is None:
        numbers = [int(re.sub("[,_]", "", found)) for found in re.findall(_NUMBER, said.message)]
        large = [number for number in numbers if number >= 64]
        if "maximum context length" in said.message.lower() and large:
            window = large[0]
            tokens = next((number for number in large[1:] if number > window), None)
    if window is None:
        return TooLong("The prompt is longer than the context window.", said.message)
    counted = f"{tokens:,} tokens" if tokens else "The prompt"
    return TooLong(
        f"{counted} do not fit into the context window of {window:,}.",
        "Ask for less, or /set context to the window's real size.",
        prompt_tokens=tokens,
        window=window,
    )


def _message(body: dict[str, Any]) -> str:
    for key in ("message", "detail", "error_description", "title"):
        value = body.get(key)
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, list):  # FastAPI: [{"loc": ["body", "x"], "msg": "..."}]
            found = [item for item in value if isinstance(item, dict)]
            return "; ".join(f"{_path(item.get('loc'))}{item.get('msg', '')}" for item in found)
    return ""


def _path(loc: object) -> str:
    return ".".join(str(step) for step in loc if step != "body") + ": " if isinstance(loc, list) else ""


def _line(text: str) -> str:
    """One line, not endless."""
    if _is_page(text):
        return ""
    text = " ".join(text.split())
    return text if len(text) <= _MOST else text[: _MOST - 1] + "…"


def _is_page(body: object) -> bool:
    return isinstance(body, str) and body.lstrip()[:1] == "<"


def _after(words: str) -> str:
    return f": {_sentence(words)}" if words else "."


def _sentence(words: str) -> str:
    return words if words[-1:] in {".", "!", "?", "…"} else f"{words}."


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _float(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < 1e9 else None
