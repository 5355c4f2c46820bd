"""NetSuite's REST record service behind the `NetSuite` port."""

from collections.abc import Mapping
from urllib.parse import quote

from kernel.records import EXTERNAL_ID_PREFIX, RecordRef
from netsuite_writer.ports import Reply, Saving
from runtime import names
from runtime.fetching import Answer
from runtime.telemetry import Telemetry
from runtime.vendor_calls import VendorCalls

RECORDS = "/services/rest/record/v1"
HEADERS = {
    "Accept": "application/json",
    "X-NetSuite-PropertyNameValidation": "error",  # a field nobody knows is refused, not dropped
}


class RestNetSuite:
    """As many calls at once as there are callers."""

    def __init__(self, calls: VendorCalls, telemetry: Telemetry, timeout_s: float) -> None:
        self._calls, self._timeout_s = calls, timeout_s
        telemetry.watch(names.SLOTS_BUSY, lambda: [(calls.busy, {"system": "netsuite"})])

    async def save(self, saving: Saving) -> Reply:
        method = "PUT" if saving.target.external_id else "PATCH"
        query = {"replace": ",".join(saving.replaces)} if saving.replaces else {}
        return await self._call(method, saving.target, query, saving.body)

    async def read(self, target: RecordRef, fields: tuple[str, ...] = ()) -> Reply:
        query = {"fields": ",".join(fields)} if fields else {"expandSubResources": "true"}
        return await self._call("GET", target, query)

    async def _call(
        self, method: str, target: RecordRef, query: Mapping[str, str], body: str | None = None
    ) -> Reply:
        typed = {} if body is None else {"Content-Type": "application/json"}
        answer = await self._calls.send(
            f"{method} {target.kind}",
            method,
            f"{RECORDS}/{quote(target.kind, safe='')}/{_id_in_url(target)}",
            query=query,
            headers={**HEADERS, **typed},
            body=body,
            timeout_s=self._timeout_s,
        )
        return _reply(answer)


def _id_in_url(target: RecordRef) -> str:
    if target.external_id is None:
        return quote(target.id, safe="")
    return EXTERNAL_ID_PREFIX + quote(target.external_id, safe="")


def _reply(answer: Answer) -> Reply:
    """The last step of Location is the record's own id, unless it repeats the external one."""
    named = answer.headers.get("location", "").rstrip("/").rpartition("/")[2]
    record_id = "" if named.startswith(EXTERNAL_ID_PREFIX) else named
    return Reply(
        status=answer.status, record_id=record_id, body=answer.json(), after_s=answer.after_s
    )
