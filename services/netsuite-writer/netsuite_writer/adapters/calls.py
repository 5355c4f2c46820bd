"""HTTP calls of NetSuite: the client, its limits, and its errors as ours."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from kernel.errors import RetryableError, UnknownOutcomeError

TRANSIENT = frozenset({408, 429, 502, 503, 504})
CONNECT_TIMEOUT_S = 5.0
KEEP_IDLE_S = 15.0
"""Shorter than a server keeps an idle connection: a call on one that is just being closed would
end without an answer."""
BEFORE_SENDING = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)


def open_client(url: str, ca_file: Path | None, slots: int) -> httpx.AsyncClient:
    """A client of one host with a connection a slot and one for the sign-in."""
    trusted = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=slots + 1, keepalive_timeout=KEEP_IDLE_S, ssl=trusted
        )
        opened = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        # A PUT whose answer was lost would be sent a second time behind our back.
        opened._retry_connection = False
        return opened

    return httpx.AsyncClient(
        base_url=url,
        transport=AiohttpTransport(client=session),
        headers={"User-Agent": "tallystick"},
        follow_redirects=False,
        trust_env=False,
    )


def limits(timeout_s: float) -> httpx.Timeout:
    return httpx.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S)


@contextmanager
def translated(what: str) -> Iterator[None]:
    """RetryableError where nothing was sent, UnknownOutcomeError where no answer came back.

    httpx's own classes do not tell the two apart on this transport; the cause does.
    """
    try:
        yield
    except (httpx.TransportError, aiohttp.ClientError, TimeoutError, OSError) as error:
        cause = error.__cause__ if isinstance(error, httpx.TransportError) else error
        name = type(cause or error).__name__
        if isinstance(cause, BEFORE_SENDING):
            raise RetryableError(f"NetSuite cannot be reached for {what}: {name}") from error
        raise UnknownOutcomeError(f"no answer to {what}: {name}") from error
