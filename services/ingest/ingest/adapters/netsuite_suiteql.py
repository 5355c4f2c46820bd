"""NetSuite by SuiteQL over REST: one call at a time, its errors as ours."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from ingest.ports import PAGE_ROWS, Row
from kernel.errors import FatalError, PermanentError, RetryableError
from kernel.exact_json import loads
from runtime import names
from runtime.telemetry import Telemetry
from runtime.tokens import HeldToken

QUERY = "/services/rest/query/v1/suiteql"
SERVER_TIME = "/services/rest/system/v1/serverTime"
TIMEOUT_S = 60.0
RENEWALS_MAX, REFUSED_CALLS_MAX = 3, 5
"""Tokens tried for one call, and calls in a row that may be refused under every one of them."""

DETAIL_MAX = 300
SYSTEM = "netsuite"
REFUSED = frozenset({400, 403, 404})


class NetSuiteSuiteQl:
    """Takes one of the account's concurrency slots and never two."""

    def __init__(
        self, http: httpx.AsyncClient, tokens: HeldToken, telemetry: Telemetry, *, url: str
    ) -> None:
        self._http, self._tokens, self._telemetry, self._url = http, tokens, telemetry, url
        self._slot = asyncio.Lock()
        self._refused_calls = 0

    async def server_time(self) -> datetime:
        body = await self._call("server_time", "GET", SERVER_TIME)
        try:
            return datetime.fromisoformat(str(body["serverTime"])).astimezone(UTC)
        except (KeyError, ValueError) as error:
            raise RetryableError("NetSuite does not say its time") from error

    async def rows(self, sql: str) -> Sequence[Row]:
        body = await self._call(
            "query",
            "POST",
            QUERY,
            params={"limit": str(PAGE_ROWS)},
            json={"q": sql},
            headers={"Prefer": "transient"},
        )
        items = body.get("items")
        if not isinstance(items, list):
            raise RetryableError("NetSuite answered a query without items")
        return [_row(item) for item in items]

    async def _call(
        self, operation: str, method: str, path: str, **arguments: Any
    ) -> Mapping[str, Any]:
        async with self._slot:
            token = await self._tokens.current()
            for _ in range(RENEWALS_MAX):
                answer = await self._timed(operation, method, path, token, arguments)
                if answer.status_code != httpx.codes.UNAUTHORIZED:
                    self._refused_calls = 0
                    return _object(answer)
                token = await self._tokens.renewed(token)
        self._refused_calls += 1
        if self._refused_calls < REFUSED_CALLS_MAX:
            raise RetryableError("NetSuite refuses new tokens")
        raise FatalError(
            "NetSuite refuses every new token of the integration:"
            " check its role and the login audit trail of the account"
        )

    async def _timed(
        self, operation: str, method: str, path: str, token: str, arguments: dict[str, Any]
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", **arguments.get("headers", {})}
        call = {**arguments, "headers": headers, "timeout": TIMEOUT_S}
        started, status = time.monotonic(), "none"
        try:
            answer = await self._http.request(method, f"{self._url}{path}", **call)
            status = f"{answer.status_code // 100}xx"
            return answer
        except httpx.TransportError as error:
            raise RetryableError(f"NetSuite: {type(error).__name__}") from error
        finally:
            took_s = time.monotonic() - started
            self._telemetry.observe(names.API_SECONDS, took_s, system=SYSTEM, operation=operation)
            self._telemetry.count(
                names.API_CALLS, system=SYSTEM, operation=operation, status=status
            )


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    body = _decoded(answer.text)
    if answer.is_success and body is not None:
        return body
    code, detail = _said(body or {})
    text = f"NetSuite: HTTP {answer.status_code} {code} {detail}".rstrip()
    if answer.is_redirect:
        raise FatalError(f"{text}: the account has another address; correct NETSUITE_URL")
    if answer.status_code in REFUSED:
        raise PermanentError(text)
    raise RetryableError(text, after_s=_retry_after_s(answer))


def _decoded(text: str) -> dict[str, Any] | None:
    try:
        body = loads(text)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _said(body: Mapping[str, Any]) -> tuple[str, str]:
    details = body.get("o:errorDetails")
    first = details[0] if isinstance(details, list) and details else {}
    if not isinstance(first, dict):
        return "", ""
    return str(first.get("o:errorCode", "")), str(first.get("detail", ""))[:DETAIL_MAX]


def _retry_after_s(answer: httpx.Response) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else None


def _row(item: Any) -> Row:
    """Names in lower case, whatever a release prints."""
    if not isinstance(item, dict):
        raise RetryableError("NetSuite answered a query with something else than rows")
    return {str(name).lower(): value for name, value in item.items() if name != "links"}
