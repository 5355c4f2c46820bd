"""NetSuite's REST record service behind the `NetSuite` port."""

import asyncio
import time
from collections.abc import Mapping
from urllib.parse import quote

import httpx

from kernel.errors import UnknownOutcomeError
from kernel.exact_json import Json, loads
from kernel.records import EXTERNAL_ID_PREFIX, RecordRef
from netsuite_writer.adapters.auth import CREDENTIAL
from netsuite_writer.adapters.calls import limits, translated
from netsuite_writer.ports import Reply, Saving
from runtime import names
from runtime.telemetry import Telemetry
from runtime.tokens import HeldToken

RECORDS = "/services/rest/record/v1"
TOKENS_MAX = 3
"""Tokens that one call tries: its own, a new one, and one more where others wore that out."""
BODY_BYTES_MAX = 16 * 1024 * 1024
HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "X-NetSuite-PropertyNameValidation": "error",  # a field nobody knows is refused, not dropped
}


class RestNetSuite:
    """One call at a time for each caller; a token that has died is renewed once a call."""

    def __init__(
        self, client: httpx.AsyncClient, tokens: HeldToken, telemetry: Telemetry, timeout_s: float
    ) -> None:
        self._client, self._tokens = client, tokens
        self._telemetry, self._timeout_s = telemetry, timeout_s
        self._busy = 0
        telemetry.watch(names.SLOTS_BUSY, lambda: [(self._busy, {"system": "netsuite"})])

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
        token = await self._tokens.current()
        for _ in range(TOKENS_MAX):
            reply = await self._sent(method, target, query, body, token)
            if reply.status != 401:
                self._tokens.worked()
                return reply
            token = await self._tokens.renewed(token)
        raise self._tokens.refusal(f"NetSuite refuses (401) tokens just made with {CREDENTIAL}")

    async def _sent(
        self,
        method: str,
        target: RecordRef,
        query: Mapping[str, str],
        body: str | None,
        token: str,
    ) -> Reply:
        request = self._client.build_request(
            method,
            f"{RECORDS}/{quote(target.kind, safe='')}/{_id_in_url(target)}",
            params=dict(query),
            content=body.encode() if body is not None else None,
            headers={**HEADERS, "Authorization": f"Bearer {token}"},
            timeout=limits(self._timeout_s),
        )
        started, status = time.monotonic(), "none"
        self._busy += 1
        try:
            with translated(f"{method} {target.kind}"):
                async with asyncio.timeout(self._timeout_s):
                    answer = await self._client.send(request, stream=True)
                    status = f"{answer.status_code // 100}xx"
                    try:
                        return _reply(answer, await _body(answer))
                    finally:
                        await answer.aclose()
        finally:
            self._busy -= 1
            self._count(f"{method} {target.kind}", status, time.monotonic() - started)

    def _count(self, operation: str, status: str, seconds: float) -> None:
        self._telemetry.count(
            names.API_CALLS, system="netsuite", operation=operation, status=status
        )
        self._telemetry.observe(names.API_SECONDS, seconds, system="netsuite", operation=operation)


def _id_in_url(target: RecordRef) -> str:
    if target.external_id is None:
        return quote(target.id, safe="")
    return EXTERNAL_ID_PREFIX + quote(target.external_id, safe="")


async def _body(answer: httpx.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in answer.aiter_bytes():
        size += len(part)
        if size > BODY_BYTES_MAX:
            raise UnknownOutcomeError(f"NetSuite's answer is larger than {BODY_BYTES_MAX} bytes")
        parts.append(part)
    return b"".join(parts)


def _reply(answer: httpx.Response, data: bytes) -> Reply:
    """The last step of Location is the record's own id, unless it repeats the external one."""
    try:
        body: Json = loads(data) if data else None
    except ValueError:
        body = None
    named = answer.headers.get("Location", "").rstrip("/").rpartition("/")[2]
    record_id = "" if named.startswith(EXTERNAL_ID_PREFIX) else named
    return Reply(
        status=answer.status_code,
        record_id=record_id,
        body=body,
        after_s=_seconds(answer.headers.get("Retry-After")),
    )


def _seconds(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
