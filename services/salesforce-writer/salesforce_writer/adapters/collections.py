"""Salesforce's collections and queries, by simple-salesforce, behind the `Salesforce` port."""

import asyncio
from collections.abc import Callable, Sequence

from kernel.errors import FatalError, UnknownOutcomeError
from kernel.exact_json import Json
from runtime import names
from runtime.blocking_calls import BlockingCalls
from runtime.fetching import Answer
from runtime.lean_salesforce import Salesforce, SalesforceError
from runtime.telemetry import Telemetry
from runtime.vendor_calls import VendorCalls
from salesforce_writer.ports import Reply, Saving

COLLECTIONS = "composite/sobjects"
GONE = 410
MARK = {"Sforce-Call-Options": "client=tallystick", "X-PrettyPrint": "0"}
"""Change events of what we write carry this name, by which our own echo is known."""
WRITE = {**MARK, "Sforce-Duplicate-Rule-Header": "allowSave=true"}
"""A rule that only warns a person of look-alikes does not stop numbers from being told."""
Call = Callable[[Salesforce], Json]


class SalesforceCollections:
    """As many calls at once as there are slots, each in a thread."""

    def __init__(
        self,
        calls: VendorCalls,
        telemetry: Telemetry,
        *,
        version: str,
        slots: int,
        timeout_s: float,
    ) -> None:
        self._calls, self._version, self._timeout_s = calls, version, timeout_s
        self._slots = asyncio.Semaphore(slots)
        telemetry.watch(names.SLOTS_BUSY, lambda: [(calls.busy, {"system": "salesforce"})])

    async def save(self, saving: Saving) -> Reply:
        path = "/".join(filter(None, [COLLECTIONS, saving.kind, saving.external]))

        method = "POST" if saving.creates else "PATCH"

        def call(org: Salesforce) -> Json:
            told: Json = org.restful(path, method=method, data=saving.body.encode(), headers=WRITE)
            return told

        return await self._called(f"{method} collections", call)

    async def remove(self, ids: Sequence[str]) -> Reply:
        which = {"ids": ",".join(ids), "allOrNone": "false"}

        def call(org: Salesforce) -> Json:
            told: Json = org.restful(COLLECTIONS, method="DELETE", params=which, headers=MARK)
            return told

        return await self._called("DELETE collections", call)

    async def query(self, soql: str) -> Reply:
        def call(org: Salesforce) -> Json:
            told: Json = org.query(soql, headers=MARK)
            return told

        return await self._called("GET query", call)

    async def _called(self, operation: str, call: Call) -> Reply:
        async with self._slots:
            line = BlockingCalls(self._calls, operation, self._timeout_s)
            return await asyncio.to_thread(self._sent, operation, line, call)

    def _sent(self, operation: str, line: BlockingCalls, call: Call) -> Reply:
        """In a thread."""
        try:
            body = call(line.salesforce(self._version))
        except SalesforceError as error:
            body = _json(error.content)
        except ValueError as error:
            raise UnknownOutcomeError(f"the answer to {operation} is not JSON") from error
        if line.answer is None:
            raise UnknownOutcomeError(f"no answer to {operation}")
        return _reply(line.answer, body)


def _reply(answer: Answer, body: Json) -> Reply:
    if answer.status == GONE:
        raise FatalError(
            "Salesforce has retired the API version (410): raise SALESFORCE_API_VERSION"
        )
    return Reply(status=answer.status, body=body, after_s=answer.after_s)


def _json(content: object) -> Json:
    """The body of an error: parsed where it was JSON, else a text."""
    return content if isinstance(content, list | dict | str) else None
