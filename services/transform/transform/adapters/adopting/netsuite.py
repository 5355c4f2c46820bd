"""NetSuite's customers by SuiteQL in keyset pages, and their marks by the record service."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from kernel.errors import FatalError, PermanentError, RetryableError, UnknownOutcomeError
from kernel.exact_json import Json
from runtime.fetching import Answer
from runtime.vendor_calls import VendorCalls
from transform.adopting.ports import Page, Texts
from transform.domain.adopting.records import CUSTOMER_COLUMNS, Customer, customer_of

TIMEOUT_S = 120.0
PAGE_ROWS = 1_000
SUITEQL = "/services/rest/query/v1/suiteql"
SERVER_TIME = "/services/rest/system/v1/serverTime"
RECORDS = "/services/rest/record/v1/customer"
JSON_BODY = {"Content-Type": "application/json"}
TRANSIENT = {**JSON_BODY, "Prefer": "transient"}
STRICT = {**JSON_BODY, "X-NetSuite-PropertyNameValidation": "error"}
FROM = (
    "FROM customer t LEFT JOIN customeraddressbookentityaddress a"
    " ON a.nkey = t.defaultbillingaddress"
)
REFUSED = frozenset({400, 404, 409})


class NetSuiteCustomers:
    """`columns` are paths of CUSTOMER_COLUMNS; as many calls at once as there are slots."""

    def __init__(self, calls: VendorCalls, *, columns: Sequence[str], slots: int) -> None:
        self._calls, self._slots = calls, asyncio.Semaphore(slots)
        # each under a name of its own: NetSuite prints the names in lower case
        self._named = {f"c{place}": path for place, path in enumerate(columns)}
        chosen = ", ".join(f"{CUSTOMER_COLUMNS[p]} AS {name}" for name, p in self._named.items())
        self._select = f"SELECT {chosen} {FROM}"

    async def now(self) -> datetime:
        told = (await self._call("server_time", "GET", SERVER_TIME)).fields()
        try:
            return datetime.fromisoformat(str(told["serverTime"])).astimezone(UTC)
        except (KeyError, ValueError) as error:
            raise RetryableError("NetSuite does not say its time") from error

    async def total(self) -> int:
        rows = await self._rows("SELECT COUNT(*) AS many FROM customer")
        return int(str(rows[0]["many"]))

    async def page(self, after: str) -> Page:
        where = f" WHERE t.id > {int(after)}" if after else ""
        rows = [self._row(r) for r in await self._rows(f"{self._select}{where} ORDER BY t.id")]
        return Page(rows, rows[-1]["id"] if len(rows) == PAGE_ROWS else "")

    async def by_id(self, ids: Sequence[str]) -> Mapping[str, Customer]:
        listed = ", ".join(str(int(one)) for one in ids)
        rows = await self._rows(f"{self._select} WHERE t.id IN ({listed}) ORDER BY t.id")
        return {row["id"]: customer_of(row) for row in map(self._row, rows)}

    async def mark(self, customer_id: str, fields: Texts) -> None:
        path = f"{RECORDS}/{quote(customer_id, safe='')}"
        await self._call("PATCH customer", "PATCH", path, body=fields, headers=STRICT)

    async def _rows(self, sql: str) -> list[Mapping[str, Json]]:
        query, body = {"limit": str(PAGE_ROWS)}, {"q": sql}
        answer = await self._call("query", "POST", SUITEQL, query, body=body, headers=TRANSIENT)
        items = answer.fields().get("items")
        if not isinstance(items, list) or len(items) > PAGE_ROWS:
            raise RetryableError("NetSuite answered a query without the page that was asked for")
        return [{name.lower(): v for name, v in r.items()} for r in items if isinstance(r, dict)]

    def _row(self, row: Mapping[str, Json]) -> Texts:
        return {path: str(row.get(name) or "") for name, path in self._named.items()}

    async def _call(
        self,
        operation: str,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        body: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        content = None if body is None else json.dumps(body)
        try:
            async with self._slots:
                answer = await self._calls.send(
                    operation, method, path, query=query, headers=headers, body=content,
                    timeout_s=TIMEOUT_S,
                )  # fmt: skip
        except UnknownOutcomeError as error:  # the same marks written twice do no harm
            raise RetryableError(str(error)) from error
        if answer.is_success:
            return answer
        raise _translated(answer)


def _translated(answer: Answer) -> Exception:
    details = answer.fields().get("o:errorDetails")
    first = details[0] if isinstance(details, list) and details else {}
    said = first if isinstance(first, dict) else {}
    told = f"{said.get('o:errorCode', '')} {str(said.get('detail', ''))[:200]}".strip()
    text = f"NetSuite: HTTP {answer.status} {told}"
    if answer.status in REFUSED:
        return PermanentError(text)
    if answer.status == 403:
        return FatalError(f"{text}: give the integration role access to customers")
    return RetryableError(text, after_s=answer.after_s)
