"""HTTP sessions with Salesforce, and the errors of their calls as ours."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectTimeout, RequestException
from urllib3.exceptions import MaxRetryError, NewConnectionError

from kernel.errors import RetryableError, UnknownOutcomeError

CONNECT_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Where Salesforce is and how long to wait for it; said again at every call."""

    url: str
    ca_file: Path | None
    timeout_s: float

    @property
    def timeout(self) -> tuple[float, float]:
        return CONNECT_TIMEOUT_S, self.timeout_s

    @property
    def verify(self) -> str | bool:
        return str(self.ca_file) if self.ca_file else True


def open_session() -> requests.Session:
    """For one thread at a time: one connection, and nothing is sent a second time."""
    session = requests.Session()
    session.mount("https://", HTTPAdapter(pool_connections=1, pool_maxsize=1, max_retries=0))
    return session


@contextmanager
def translated(what: str) -> Iterator[None]:
    """RetryableError where nothing was sent, UnknownOutcomeError where no answer came back."""
    try:
        yield
    except (RequestException, OSError) as error:
        name = type(error).__name__
        if _was_before_sending(error):
            raise RetryableError(f"Salesforce cannot be reached for {what}: {name}") from error
        raise UnknownOutcomeError(f"no answer to {what}: {name}") from error


def _was_before_sending(error: Exception) -> bool:
    reason = error.args[0].reason if _is_wrapped(error) else None
    return isinstance(error, ConnectTimeout) or (
        isinstance(reason, NewConnectionError) or _is_certificate(reason)
    )


def _is_wrapped(error: Exception) -> bool:
    return bool(error.args) and isinstance(error.args[0], MaxRetryError)


def _is_certificate(reason: object) -> bool:
    """Refused in the handshake; other TLS errors can come in the middle of an answer."""
    cause = reason.args[0] if isinstance(reason, Exception) and reason.args else reason
    return isinstance(cause, ssl.SSLCertVerificationError)
