"""Salesforce's accounts by Bulk API 2.0, and their identity fields by collections."""

import asyncio
import csv
import io
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from kernel.errors import FatalError, PermanentError, RetryableError, UnknownOutcomeError
from kernel.exact_json import Json
from runtime.fetching import Answer
from runtime.vendor_calls import VendorCalls
from transform.adopting.ports import Page, Texts
from transform.domain.adopting.records import ACCOUNT, IDENTITY

TIMEOUT_S = 120.0
PAGE_ROWS = 10_000
POLL_S = 0.5
JOB_WITHIN_S = 3_600.0
CLIENT = {"Sforce-Call-Options": "client=tallystick"}
"""Change events of what we write carry this name, by which our own echo is known."""
JSON_BODY = {"Content-Type": "application/json"}
END = "null"
"""How the locator of the last page reads."""


class SalesforceAccounts:
    def __init__(self, calls: VendorCalls, *, version: str) -> None:
        self._calls, self._root = calls, f"/services/data/v{version}"

    async def now(self) -> datetime:
        answer = await self._call("limits", "GET", "/limits")
        try:
            return parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
        except ValueError as error:
            raise RetryableError("Salesforce does not say its time") from error

    async def begin(self, fields: Collection[str]) -> str:
        known = await self._fields()
        if missing := [name for name in IDENTITY if name not in known]:
            raise FatalError(
                f"Account has no {', '.join(missing)} for the integration user: deploy the package"
                " of deploy/salesforce and assign its permission set"
            )
        chosen = sorted({*IDENTITY, *(name for name in fields if name in known)})
        soql = f"SELECT {', '.join(chosen)} FROM {ACCOUNT}"
        body = json.dumps({"operation": "query", "query": soql})
        answer = await self._call("bulk query", "POST", "/jobs/query", body=body)
        return str(answer.fields()["id"])

    async def complete(self, reading: str) -> int:
        """How many accounts there are, once Salesforce has gathered them."""
        async with asyncio.timeout(JOB_WITHIN_S):
            total = await self._total(reading)
            while total is None:
                await asyncio.sleep(POLL_S)
                total = await self._total(reading)
        return total

    async def page(self, reading: str, place: str) -> Page:
        query = {"maxRecords": str(PAGE_ROWS), **({"locator": place} if place else {})}
        path = f"/jobs/query/{reading}/results"
        answer = await self._call("bulk results", "GET", path, query=query)
        rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
        following = answer.headers.get("sforce-locator", END)
        return Page(rows, "" if following == END else following)

    async def identities(self, ids: Sequence[str]) -> Mapping[str, Texts]:
        body = json.dumps({"ids": list(ids), "fields": list(IDENTITY)})
        path = f"/composite/sobjects/{ACCOUNT}"
        rows = (await self._call("POST collections", "POST", path, body=body)).json()
        assert isinstance(rows, list)
        return {
            str(row["Id"]): {name: str(row.get(name) or "") for name in IDENTITY}
            for row in rows
            if isinstance(row, dict)
        }

    async def tell(self, updates: Mapping[str, Texts]) -> Mapping[str, str]:
        records = [
            {"attributes": {"type": ACCOUNT}, "id": account, **fields}
            for account, fields in updates.items()
        ]
        body = json.dumps({"allOrNone": False, "records": records})
        headers = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
        answer = await self._call(
            "PATCH collections", "PATCH", "/composite/sobjects", body=body, headers=headers
        )
        results = answer.json()
        assert isinstance(results, list)
        return {
            account: _error_of(result)
            for account, result in zip(updates, results, strict=True)
            if isinstance(result, dict) and not result.get("success")
        }

    async def _total(self, reading: str) -> int | None:
        told = (await self._call("bulk query", "GET", f"/jobs/query/{reading}")).fields()
        state = told.get("state")
        if state in {"Failed", "Aborted"}:
            raise FatalError(
                f"Salesforce's job {reading} ended as {state}: {told.get('errorMessage', '')}"
            )
        return int(str(told["numberRecordsProcessed"])) if state == "JobComplete" else None

    async def _fields(self) -> frozenset[str]:
        told = (await self._call("describe", "GET", f"/sobjects/{ACCOUNT}/describe")).fields()
        fields = told.get("fields")
        assert isinstance(fields, list)
        return frozenset(str(one["name"]) for one in fields if isinstance(one, dict))

    async def _call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        told = {**CLIENT, **(JSON_BODY if body else {}), **(headers or {})}
        try:
            answer = await self._calls.send(
                operation,
                method,
                f"{self._root}{path}",
                query=query,
                headers=told,
                body=body,
                timeout_s=TIMEOUT_S,
            )
        except UnknownOutcomeError as error:  # reading twice, or the same value, does no harm
            raise RetryableError(str(error)) from error
        if answer.is_success:
            return answer
        raise _translated(answer)


def _translated(answer: Answer) -> Exception:
    code, message = _said(answer.json())
    text = f"Salesforce: HTTP {answer.status} {code} {message}".rstrip()
    if answer.status in {400, 404}:
        return PermanentError(text)
    if answer.status in {403, 410} and code != "REQUEST_LIMIT_EXCEEDED":
        return FatalError(f"{text}: give the integration user access")
    return RetryableError(text, after_s=answer.after_s)


def _error_of(result: Mapping[str, Json]) -> str:
    return " ".join(_said(result.get("errors"))) or "Salesforce did not say why"


def _said(content: Json) -> tuple[str, str]:
    first = content[0] if isinstance(content, list) and content else {}
    if not isinstance(first, dict):
        return "", ""
    code = first.get("errorCode") or first.get("statusCode") or ""
    return str(code), " ".join(str(first.get("message", "")).split())[:200]
