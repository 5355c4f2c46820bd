"""Salesforce's collections and queries behind the `Salesforce` port."""

import asyncio
from collections.abc import Mapping

from kernel.errors import FatalError, UnknownOutcomeError
from runtime import names
from runtime.fetching import Answer
from runtime.telemetry import Telemetry
from runtime.vendor_calls import VendorCalls
from salesforce_writer.ports import Reply, Saving

DATA = "/services/data"
COLLECTIONS = "composite/sobjects"
GONE = 410
MARK = {"Sforce-Call-Options": "client=tallystick", "Accept": "application/json"}
"""Change events of what we write carry this name, by which our own echo is known."""
WRITE = {
    **MARK,
    "Content-Type": "application/json",
    "Sforce-Duplicate-Rule-Header": "allowSave=true",
}
"""A rule that only warns a person of look-alikes does not stop numbers from being told."""


class SalesforceCollections:
    """As many calls at once as there are slots."""

    def __init__(
        self,
        calls: VendorCalls,
        telemetry: Telemetry,
        *,
        version: str,
        slots: int,
        timeout_s: float,
    ) -> None:
        self._calls, self._timeout_s = calls, timeout_s
        self._base = f"{DATA}/v{version}"
        self._slots = asyncio.Semaphore(slots)
        telemetry.watch(names.SLOTS_BUSY, lambda: [(calls.busy, {"system": "salesforce"})])

    async def save(self, saving: Saving) -> Reply:
        path = "/".join(filter(None, [self._base, COLLECTIONS, saving.kind, saving.external]))
        return await self._called("PATCH collections", "PATCH", path, WRITE, body=saving.body)

    async def query(self, soql: str) -> Reply:
        return await self._called("GET query", "GET", f"{self._base}/query/", MARK, {"q": soql})

    async def _called(
        self,
        operation: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        body: str | None = None,
    ) -> Reply:
        async with self._slots:
            answer = await self._calls.send(
                operation,
                method,
                path,
                query=query,
                headers=headers,
                body=body,
                timeout_s=self._timeout_s,
            )
        return _reply(operation, answer)


def _reply(operation: str, answer: Answer) -> Reply:
    if answer.status == GONE:
        raise FatalError(
            "Salesforce has retired the API version (410): raise SALESFORCE_API_VERSION"
        )
    body = answer.json()
    if answer.is_success and body is None:
        raise UnknownOutcomeError(f"the answer to {operation} is not JSON")
    return Reply(status=answer.status, body=body, after_s=answer.after_s)
