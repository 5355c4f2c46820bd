"""NetSuite's REST record service behind the `NetSuite` port."""

from collections.abc import Mapping
from json import dumps
from urllib.parse import quote

from kernel.records import EXTERNAL_ID_PREFIX, RecordRef
from netsuite_writer.ports import Reply, Saving
from runtime import names
from runtime.fetching import Answer
from runtime.netsuite_account import QUERY
from runtime.telemetry import Telemetry
from runtime.vendor_calls import VendorCalls

RECORDS = "/services/rest/record/v1"
FOUND_MAX = 5
RESTLET = "/app/site/hosting/restlet.nl"
SCRIPT = {
    "script": "customscript_tallystick_restlet",
    "deploy": "customdeploy_tallystick_restlet",
}
"""As deploy/netsuite installs it."""
HEADERS = {
    "Accept": "application/json",
    "X-NetSuite-PropertyNameValidation": "error",  # a field nobody knows is refused, not dropped
}


class RestNetSuite:
    """As many calls at once as there are callers."""

    def __init__(
        self, calls: VendorCalls, scripts: VendorCalls, telemetry: Telemetry, timeout_s: float
    ) -> None:
        """`scripts` are calls of the host of RESTlets."""
        self._calls, self._scripts, self._timeout_s = calls, scripts, timeout_s
        telemetry.watch(names.SLOTS_BUSY, lambda: [(calls.busy, {"system": "netsuite"})])

    async def save(self, saving: Saving) -> Reply:
        if saving.voids:
            return await self._void(saving.target)
        if saving.starts_from:
            return await self._transform(saving.starts_from, saving)
        if saving.target.mark:
            return await self._create(saving)
        method = "PUT" if saving.target.external_id else "PATCH"
        query = {"replace": ",".join(saving.replaces)} if saving.replaces else {}
        return await self._call(method, saving.target, query, saving.body)

    async def read(self, target: RecordRef, fields: tuple[str, ...] = ()) -> Reply:
        query = {"fields": ",".join(fields)} if fields else {"expandSubResources": "true"}
        return await self._call("GET", target, query)

    async def find(self, kind: str, values: Mapping[str, str]) -> Reply:
        where = " AND ".join(f"{name} = {_quoted(value)}" for name, value in values.items())
        answer = await self._calls.send(
            f"find {kind}",
            "POST",
            QUERY,
            query={"limit": str(FOUND_MAX)},
            headers={"Prefer": "transient", "Content-Type": "application/json"},
            body=dumps({"q": f"SELECT id FROM {kind} WHERE {where} ORDER BY id"}),
            timeout_s=self._timeout_s,
        )
        return _reply(answer)

    async def _create(self, saving: Saving) -> Reply:
        answer = await self._calls.send(
            f"POST {saving.target.kind}",
            "POST",
            f"{RECORDS}/{quote(saving.target.kind, safe='')}",
            headers={**HEADERS, "Content-Type": "application/json"},
            body=saving.body,
            timeout_s=self._timeout_s,
        )
        return _reply(answer)

    async def _transform(self, source: RecordRef, saving: Saving) -> Reply:
        kind = quote(saving.target.kind, safe="")
        path = f"{RECORDS}/{quote(source.kind, safe='')}/{_id_in_url(source)}/!transform/{kind}"
        answer = await self._calls.send(
            f"transform {source.kind} {saving.target.kind}",
            "POST",
            path,
            headers={**HEADERS, "Content-Type": "application/json"},
            body=saving.body,
            timeout_s=self._timeout_s,
        )
        return _reply(answer)

    async def _void(self, target: RecordRef) -> Reply:
        body = {"operation": "void", "type": target.kind.lower(), "id": target.id}
        answer = await self._scripts.send(
            f"void {target.kind}",
            "POST",
            RESTLET,
            query=SCRIPT,
            headers={"Accept": "application/json", "Content-Type": "application/json"},
            body=dumps(body),
            timeout_s=self._timeout_s,
        )
        return Reply(
            status=answer.status, record_id=target.id, body=answer.json(), after_s=answer.after_s
        )

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


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


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
