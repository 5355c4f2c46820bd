"""Calls of a vendor's API: let in, counted, tried again where only the token had died."""

import time
from collections.abc import Mapping

from runtime import names
from runtime.access import Access
from runtime.fetching import Answer, Fetching, with_query
from runtime.telemetry import Telemetry

UNAUTHORIZED = 401
TOKENS_MAX = 3
"""Tokens that one call tries: its own, a new one, and one more where others wore that out."""


class VendorCalls:
    """`system` names the vendor in metrics; `url` is where its paths begin; `credential` says what
    to check when nobody is let in."""

    def __init__(
        self,
        fetching: Fetching,
        access: Access,
        telemetry: Telemetry,
        *,
        system: str,
        url: str,
        credential: str,
    ) -> None:
        self._fetching, self._access, self._telemetry = fetching, access, telemetry
        self._system, self.url, self._credential = system, url, credential
        self.busy = 0

    async def send(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
        timeout_s: float,
    ) -> Answer:
        """The answer, whatever its status but 401. A refused token is renewed, and the call, which
        did nothing, repeated. Raises as `Fetching.send` does; RetryableError where every token was
        refused, FatalError where that has gone on for long."""
        url = with_query(f"{self.url}{path}", query or {})
        content = None if body is None else body.encode()
        authorization = await self._access.header(method, url)
        for _ in range(TOKENS_MAX):
            told = {**(headers or {}), "Authorization": authorization}
            answer = await self._timed(operation, method, url, told, content, timeout_s)
            if answer.status != UNAUTHORIZED:
                self._access.worked()
                return answer
            authorization = await self._access.renewed(authorization, method, url)
        raise self._access.refusal(f"{self._credential}: every new one is refused (401)")

    async def _timed(
        self,
        operation: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout_s: float,
    ) -> Answer:
        seen = ["none"]
        started = time.monotonic()
        self.busy += 1
        try:
            return await self._fetching.send(
                operation,
                method,
                url,
                headers=headers,
                body=body,
                timeout_s=timeout_s,
                on_status=lambda status: seen.append(f"{status // 100}xx"),
            )
        finally:
            self.busy -= 1
            self._count(operation, seen[-1], time.monotonic() - started)

    def _count(self, operation: str, status: str, seconds: float) -> None:
        system = self._system
        self._telemetry.count(names.API_CALLS, system=system, operation=operation, status=status)
        self._telemetry.observe(names.API_SECONDS, seconds, system=system, operation=operation)
