"""Salesforce's collections and queries, by simple-salesforce, behind the `Salesforce` port."""

import asyncio
import time
from collections.abc import Callable
from decimal import Decimal

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from kernel.errors import UnknownOutcomeError
from kernel.exact_json import Json
from runtime import names
from runtime.telemetry import Telemetry
from runtime.tokens import HeldToken
from salesforce_writer.adapters.auth import CREDENTIAL
from salesforce_writer.adapters.sessions import Line, open_session, translated
from salesforce_writer.ports import Reply, Saving

COLLECTIONS = "composite/sobjects"
TOKENS_MAX = 3
"""Tokens that one call tries: its own, a new one, and one more where others wore that out."""
MARK = {"Sforce-Call-Options": "client=tallystick"}
"""Change events of what we write carry this name, by which our own echo is known."""
WRITE = {**MARK, "Sforce-Duplicate-Rule-Header": "allowSave=true"}
"""A rule that only warns a person of look-alikes does not stop numbers from being told."""
Call = Callable[[Salesforce], Json]


class SalesforceCollections:
    """As many calls at once as there are slots, each in a thread with a session of its own."""

    def __init__(
        self, line: Line, version: str, tokens: HeldToken, telemetry: Telemetry, slots: int
    ) -> None:
        self._line, self._version, self._tokens = line, version, tokens
        self._telemetry, self._slots = telemetry, slots
        self._sessions: asyncio.LifoQueue[requests.Session] = asyncio.LifoQueue()
        for _ in range(slots):
            self._sessions.put_nowait(open_session())
        telemetry.watch(names.SLOTS_BUSY, lambda: [(self._busy, {"system": "salesforce"})])

    @property
    def _busy(self) -> int:
        return self._slots - self._sessions.qsize()

    async def save(self, saving: Saving) -> Reply:
        parts = [COLLECTIONS, saving.kind, saving.external]
        path = "/".join(filter(None, parts))

        def call(client: Salesforce) -> Json:
            told: Json = client.restful(
                path,
                method="PATCH",
                data=saving.body.encode(),
                headers=WRITE,
                timeout=self._line.timeout,
                verify=self._line.verify,
            )
            return told

        return await self._called("PATCH collections", call)

    async def query(self, soql: str) -> Reply:
        def call(client: Salesforce) -> Json:
            told: Json = client.query(
                soql, headers=MARK, timeout=self._line.timeout, verify=self._line.verify
            )
            return told

        return await self._called("GET query", call)

    def close(self) -> None:
        while not self._sessions.empty():
            self._sessions.get_nowait().close()

    async def _called(self, operation: str, call: Call) -> Reply:
        session = await self._sessions.get()
        try:
            token = await self._tokens.current()
            for _ in range(TOKENS_MAX):
                reply = await asyncio.to_thread(self._sent, operation, call, session, token)
                if reply.status != 401:
                    self._tokens.worked()
                    return reply
                token = await self._tokens.renewed(token)
        finally:
            self._sessions.put_nowait(session)
        raise self._tokens.refusal(f"Salesforce refuses (401) tokens just made by {CREDENTIAL}")

    def _sent(self, operation: str, call: Call, session: requests.Session, token: str) -> Reply:
        """In a thread."""
        client = Salesforce(
            session_id=token,
            instance_url=self._line.url,
            version=self._version,
            session=session,
            parse_float=Decimal,
            object_pairs_hook=dict,
        )
        started, status = time.monotonic(), "none"
        try:
            with translated(operation):
                reply = Reply(status=200, body=call(client))
            status = "2xx"
        except SalesforceError as error:
            reply = Reply(status=error.status, body=_json(error.content))
            status = f"{error.status // 100}xx"
        except ValueError as error:
            raise UnknownOutcomeError(f"the answer to {operation} is not JSON") from error
        finally:
            self._count(operation, status, time.monotonic() - started)
        return reply

    def _count(self, operation: str, status: str, seconds: float) -> None:
        self._telemetry.count(
            names.API_CALLS, system="salesforce", operation=operation, status=status
        )
        self._telemetry.observe(
            names.API_SECONDS, seconds, system="salesforce", operation=operation
        )


def _json(content: object) -> Json:
    """The body of an error: parsed where it was JSON, else a text."""
    return content if isinstance(content, list | dict | str) else None
