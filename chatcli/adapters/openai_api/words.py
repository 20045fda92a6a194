"""The SDK's errors, and those of its transport, in our words."""

import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import httpx2
import openai

from chatcli.core.wire.faults import fault
from chatcli.errors import BrokenReply, ModelError, Rejected, Unreachable

PATIENCE: Final = "Raise --timeout if this model needs longer."

_PATH: Final = "Check the base URL and the network."
_OPENSSL: Final = r"^\[SSL[^]]*\] | \(_ssl\.c:\d+\)$"  # its own words stand between the two


@contextmanager
def our_words(base_url: str, timeout: float, now: Callable[[], float] = time.time) -> Iterator[None]:
    """Turn every foreign error into one of ours. Before the headers the SDK speaks, after them httpx2.

    ``timeout`` is what the connection was given; ``now`` is the wall clock, in seconds since 1970.
    """
    try:
        yield
    except openai.APIStatusError as error:
        raise fault(error.status_code, error.body, error.response.headers, now=now()) from error
    except openai.APIConnectionError as error:
        raise _unreachable(error.__cause__ or error, base_url, timeout) from error
    except httpx2.ReadTimeout as error:
        raise BrokenReply(f"The server fell silent for {timeout:g} s.", PATIENCE) from error
    except httpx2.HTTPError as error:
        raise BrokenReply("The connection was cut before the reply was complete.", "Try again.") from error
    except UnicodeError as error:
        raise _unsendable(error, base_url) from error
    except ImportError as error:
        raise Unreachable(
            "A SOCKS proxy is set, and its package is missing.", "Try: pip install socksio"
        ) from error
    except httpx2.InvalidURL as error:
        raise _no_address(error, base_url) from error
    except ValueError as error:
        reason = f"The proxy that the environment names cannot be used: {reason_of(error)}."
        raise Unreachable(reason, "Check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY.") from error
    except (OSError, openai.OpenAIError) as error:
        raise Unreachable(f"The connection could not be made: {reason_of(error)}", _PATH) from error


def _unsendable(error: UnicodeError, base_url: str) -> ModelError:
    if isinstance(error, UnicodeEncodeError) and error.encoding == "utf-8":
        reason = "The text holds half a character (a lone surrogate), which cannot be sent."
        return Rejected(reason, "Say it without that character.")
    return _no_address(error, base_url)  # the name server's own alphabet


def _no_address(error: Exception, base_url: str) -> Unreachable:
    return Unreachable(f"No address is called {base_url}: {reason_of(error)}.", _PATH)


def _unreachable(error: BaseException, where: str, timeout: float) -> ModelError:
    causes = list(_causes(error))
    for cause in causes:
        match cause:
            case httpx2.ReadTimeout() | httpx2.WriteTimeout():
                return Unreachable(f"No answer from {where} for {timeout:g} s.", PATIENCE)
            case httpx2.ConnectTimeout():
                return Unreachable(f"No connection to {where}: it timed out.", _PATH, retryable=True)
            case ssl.SSLCertVerificationError():
                reason = f"The certificate of {where} cannot be trusted: {cause.verify_message.rstrip('.')}."
                return Rejected(reason, "Set SSL_CERT_FILE to a file with the authority's certificate.")
            case ssl.SSLError():
                reason = f"TLS with {where} failed: {reason_of(cause)}."
                return Rejected(reason, "Is this an http:// server?")
            case socket.gaierror():
                reason = f"The host of {where} has no address: {reason_of(cause)}."
                return Unreachable(reason, _PATH, retryable=True)
            case ConnectionRefusedError():
                reason = f"Nobody listens at {where}: the connection was refused."
                return Unreachable(reason, "Is the server running? Check the base URL.", retryable=True)
            case _:
                pass
    return Unreachable(f"No connection to {where}: {reason_of(causes[-1])}.", _PATH, retryable=True)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def reason_of(error: BaseException) -> str:
    """What the system or OpenSSL says of an error, without their own ornaments."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    plain = re.sub(_OPENSSL, "", " ".join(text.split()))
    return plain.rstrip(".") or type(error).__name__
