"""HTTP to one vendor: allowed hosts only, TLS always checked, nothing followed, all limited."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import AddressFamily
from urllib.parse import quote, urlencode

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from httpx_aiohttp import AiohttpTransport

from kernel.errors import FatalError, RetryableError, UnknownOutcomeError
from kernel.exact_json import Json, loads
from runtime.bodies import TooLargeError, UnreadableError, whole
from runtime.hosts import Hosts, is_private
from runtime.trust import trusted

CONNECT_TIMEOUT_S = 5.0
KEEP_IDLE_S = 15.0
"""Shorter than a server keeps an idle connection: a call on one that is just being closed would
end without an answer."""

BODY_BYTES_MAX = 64 * 1024 * 1024
PART_BYTES = 64 * 1024
HEADER_BYTES_MAX = 16 * 1024
URL_CHARS_MAX = 16_384
"""Salesforce refuses longer ones; a longer one of ours is a mistake."""

BEFORE_SENDING = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    httpx.UnsupportedProtocol,
)
HEADERS = {"User-Agent": "tallystick", "Accept-Encoding": "gzip"}


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` have their names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_redirect(self) -> bool:
        return 300 <= self.status < 400

    def json(self) -> Json:
        """None where the body is empty or no JSON."""
        try:
            return loads(self.body) if self.body else None
        except (ValueError, RecursionError):
            return None

    def fields(self) -> Mapping[str, Json]:
        """The JSON object in the body; empty where it holds none."""
        body = self.json()
        return body if isinstance(body, dict) else {}

    @property
    def after_s(self) -> float | None:
        """The wait that the answer asks for, in seconds."""
        text = self.headers.get("retry-after", "")
        return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


class Fetching:
    """`name` is the vendor's, for messages. To be built while an event loop runs."""

    def __init__(self, name: str, hosts: Hosts, *, ca_file: Path | None, connections: int) -> None:
        self._name, self._hosts = name, hosts
        trust = trusted(ca_file)
        connector = aiohttp.TCPConnector(
            limit=connections,
            keepalive_timeout=KEEP_IDLE_S,
            ssl=trust,
            resolver=_PublicOnly(hosts),
        )
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            max_line_size=HEADER_BYTES_MAX,
            max_field_size=HEADER_BYTES_MAX,
        )
        # A PUT whose answer was lost would be sent a second time behind our back.
        session._retry_connection = False
        self._client = httpx.AsyncClient(
            transport=AiohttpTransport(client=session, verify=trust),
            headers=HEADERS,
            follow_redirects=False,
            trust_env=False,  # neither proxies nor .netrc change where a token goes
        )

    async def send(
        self,
        what: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_s: float,
        on_status: Callable[[int], None] | None = None,
    ) -> Answer:
        """The answer, whatever its status. `what` names the call in messages, `url` is complete
        and quoted. RetryableError where nothing was sent, UnknownOutcomeError where no answer came
        back, FatalError where the host is not allowed."""
        self._hosts.check(url)
        if len(url) > URL_CHARS_MAX:
            raise FatalError(f"the address of {what} has more than {URL_CHARS_MAX} characters")
        request = self._client.build_request(
            method, url, headers=headers, content=body, timeout=_timeout(timeout_s)
        )
        try:
            async with asyncio.timeout(timeout_s):
                answer = await self._client.send(request, stream=True)
                try:
                    if on_status:
                        on_status(answer.status_code)
                    return await _answer(answer)
                finally:
                    await answer.aclose()
        except (httpx.HTTPError, aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._translated(what, _told(error)) from error
        except (TooLargeError, UnreadableError) as error:
            raise UnknownOutcomeError(f"{self._name}'s answer to {what}: {error}") from error

    async def close(self) -> None:
        await self._client.aclose()

    def _translated(self, what: str, error: Exception) -> Exception:
        name = type(error).__name__
        if isinstance(getattr(error, "os_error", None), _PrivateAddressError):
            return FatalError(
                f"nothing is sent: {self._name}'s host leads to a private address; name the host in"
                " OUTBOUND_HOSTS if that is meant"
            )
        if isinstance(error, BEFORE_SENDING):
            return RetryableError(f"{self._name} cannot be reached for {what}: {name}")
        return UnknownOutcomeError(f"no answer to {what}: {name}")


@asynccontextmanager
async def open_fetching(
    name: str, hosts: Hosts, *, ca_file: Path | None, connections: int
) -> AsyncIterator[Fetching]:
    fetching = Fetching(name, hosts, ca_file=ca_file, connections=connections)
    try:
        yield fetching
    finally:
        await fetching.close()


def with_query(url: str, query: Mapping[str, str]) -> str:
    """Quoted as signatures want it: blanks as %20."""
    return f"{url}?{urlencode(query, quote_via=quote, safe='')}" if query else url


def form_of(fields: Mapping[str, str]) -> bytes:
    return urlencode(fields).encode()


def _told(error: Exception) -> Exception:
    """On this transport httpx's classes do not tell what was sent before it failed; causes do."""
    cause = error.__cause__
    return cause if isinstance(cause, aiohttp.ClientError | OSError) else error


async def _answer(answer: httpx.Response) -> Answer:
    coding = answer.headers.get("Content-Encoding", "").strip().lower()
    body = await whole(answer.aiter_raw(PART_BYTES), coding, BODY_BYTES_MAX)
    return Answer(answer.status_code, dict(answer.headers), body)


def _timeout(total_s: float) -> httpx.Timeout:
    return httpx.Timeout(total_s, connect=min(total_s, CONNECT_TIMEOUT_S))


class _PrivateAddressError(OSError):
    pass


class _PublicOnly(AbstractResolver):
    """Refuses names that lead into our own networks, unless a setting names them."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts, self._resolver = hosts, aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AddressFamily.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if host not in self._hosts.named and any(is_private(one["host"]) for one in found):
            raise _PrivateAddressError(host)
        return found

    async def close(self) -> None:
        await self._resolver.close()
