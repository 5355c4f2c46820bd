"""NetSuite by SuiteQL and single records over REST: one call at a time, its errors as ours."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from ingest.ports import PAGE_ROWS, Row
from kernel.errors import FatalError, PermanentError, RetryableError, UnknownOutcomeError
from kernel.exact_json import Json
from runtime.fetching import Answer
from runtime.vendor_calls import VendorCalls

RECORD = "/services/rest/record/v1"
QUERY = "/services/rest/query/v1/suiteql"
SERVER_TIME = "/services/rest/system/v1/serverTime"
TIMEOUT_S = 60.0
DETAIL_MAX = 300
REFUSED = frozenset({400, 403, 404})
MISSING = frozenset({404, 410})
EXPANDED = {"expandSubResources": "true"}
JSON_BODY = {"Content-Type": "application/json", "Prefer": "transient"}


class NetSuiteSuiteQl:
    """Takes one of the account's concurrency slots and never two."""

    def __init__(self, calls: VendorCalls) -> None:
        self._calls = calls
        self._slot = asyncio.Lock()

    async def server_time(self) -> datetime:
        body = await self._call("server_time", "GET", SERVER_TIME)
        try:
            return datetime.fromisoformat(str(body["serverTime"])).astimezone(UTC)
        except (KeyError, ValueError) as error:
            raise RetryableError("NetSuite does not say its time") from error

    async def rows(self, sql: str) -> Sequence[Row]:
        query = {"limit": str(PAGE_ROWS)}
        body = await self._call("query", "POST", QUERY, query, json.dumps({"q": sql}))
        items = body.get("items")
        if not isinstance(items, list) or len(items) > PAGE_ROWS:
            raise RetryableError("NetSuite answered a query without the page that was asked for")
        return [_row(item) for item in items]

    async def record(self, kind: str, record_id: str) -> Row | None:
        answer = await self._sent("record", "GET", f"{RECORD}/{kind}/{record_id}", EXPANDED)
        return None if answer.status in MISSING else _object(answer)

    async def _call(
        self,
        operation: str,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: str | None = None,
    ) -> Mapping[str, Json]:
        return _object(await self._sent(operation, method, path, query, body))

    async def _sent(
        self,
        operation: str,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: str | None = None,
    ) -> Answer:
        headers = JSON_BODY if body else {}
        try:
            async with self._slot:
                answer = await self._calls.send(
                    operation,
                    method,
                    path,
                    query=query,
                    headers=headers,
                    body=body,
                    timeout_s=TIMEOUT_S,
                )
        except UnknownOutcomeError as error:  # reading twice does no harm
            raise RetryableError(str(error)) from error
        return answer


def _object(answer: Answer) -> Mapping[str, Json]:
    body = answer.json()
    if answer.is_success and isinstance(body, dict):
        return body
    code, detail = _said(answer.fields())
    text = f"NetSuite: HTTP {answer.status} {code} {detail}".rstrip()
    if answer.is_redirect:
        raise FatalError(f"{text}: the account has another address; correct NETSUITE_URL")
    if answer.status in REFUSED:
        raise PermanentError(text)
    raise RetryableError(text, after_s=answer.after_s)


def _said(body: Mapping[str, Json]) -> tuple[str, str]:
    details = body.get("o:errorDetails")
    first = details[0] if isinstance(details, list) and details else {}
    if not isinstance(first, dict):
        return "", ""
    return str(first.get("o:errorCode", "")), str(first.get("detail", ""))[:DETAIL_MAX]


def _row(item: Json) -> Row:
    """Names in lower case, whatever a release prints."""
    if not isinstance(item, dict):
        raise RetryableError("NetSuite answered a query with something else than rows")
    return {str(name).lower(): value for name, value in item.items() if name != "links"}
