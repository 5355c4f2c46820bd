"""Sends what is due, a hundred notifications at a time, until each is acknowledged."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence

import aiohttp

from sandbox.database import transaction
from sandbox.faults import Fault
from sandbox.journal import Journal
from sandbox.salesforce.desk import Desk
from sandbox.salesforce.outbound.envelope import HEADERS, complaint, envelope
from sandbox.salesforce.outbound.outbox import Message
from sandbox.salesforce.outbound.rules import Rule
from sandbox.salesforce.values import Row

METHOD = "OUTBOUND"
ANSWER_WITHIN_S = 10.0
ANSWER_BYTES_MAX = 100_000
LOOK_EVERY_S = 0.2
"""How soon a message is seen whose time has come, by a clock that may be set."""
log = logging.getLogger(__name__)


class Sender:
    """`base` is the org's own address, as messages tell it."""

    def __init__(self, desk: Desk, journal: Journal) -> None:
        self._desk = desk
        self._journal = journal
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.base = ""

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def wake(self) -> None:
        """Called after each commit."""
        if self._desk.outbound.rules:
            self._wake.set()

    async def _run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            while True:
                self._wake.clear()
                due = self._desk.outbound.due()
                sent = [self._send(http, action, messages) for action, messages in due.items()]
                ends = await asyncio.gather(*sent, return_exceptions=True)
                mistakes = [end for end in ends if isinstance(end, BaseException)]
                for mistake in mistakes:
                    log.error("outbound messages failed %s", type(mistake))
                if mistakes or not due:
                    await self._rest()

    async def _rest(self) -> None:
        wait_s = LOOK_EVERY_S if self._desk.outbound.waiting() else None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._wake.wait()

    async def _send(
        self, http: aiohttp.ClientSession, action: str, messages: Sequence[Message]
    ) -> None:
        rule = self._desk.outbound.rules.get(action)
        if rule is None:
            return
        fault = self._desk.frame.faults.match("salesforce", METHOD, f"/outbound/{rule.name}")
        if fault is not None and fault.effect == "delay":
            await asyncio.sleep(fault.seconds)
        content = self._content(rule, action, messages)
        if content is None:
            return
        status, error = await self._post(http, rule, content, fault)
        self._close(rule, messages, status, error)

    def _content(self, rule: Rule, action: str, messages: Sequence[Message]) -> bytes | None:
        """None when all records are gone: then there is nothing to tell."""
        desk = self._desk
        sobject = desk.org.schema.of(rule.object)
        with transaction(desk.org.connection):
            records: list[tuple[str, Row]] = []
            for message in messages:
                row = desk.org.row(sobject, message.record)
                if row is None or row.get("IsDeleted"):
                    desk.outbound.acknowledge([message])
                else:
                    records.append((message.id, row))
            if not records:
                return None
            session = self._session(rule) if rule.session else ""
        return envelope(rule, action, sobject, records, base=self.base, session=session)

    def _session(self, rule: Rule) -> str:
        user = self._desk.org.value('SELECT "Id" FROM "User" WHERE "Username" = ?', rule.user)
        return self._desk.sessions.open(str(user)) if user else ""

    async def _post(
        self, http: aiohttp.ClientSession, rule: Rule, content: bytes, fault: Fault | None
    ) -> tuple[int, str]:
        """The status, 0 for none, and why the message counts as undelivered."""
        effect = fault.effect if fault else ""
        if effect in ("drop_before_commit", "status"):
            return 0, "The endpoint could not be reached"
        try:
            async with http.post(
                rule.endpoint, data=content, headers=HEADERS, allow_redirects=False
            ) as answer:
                body = await answer.content.read(ANSWER_BYTES_MAX)
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return 0, f"The endpoint could not be reached: {type(error).__name__}"
        if effect == "drop_after_commit":
            return 0, "The answer of the endpoint was lost"
        return status, complaint(status, body)

    def _close(self, rule: Rule, messages: Sequence[Message], status: int, error: str) -> None:
        desk = self._desk
        with transaction(desk.org.connection):
            if error:
                desk.outbound.postpone(rule, messages, error)
            else:
                desk.outbound.acknowledge(messages)
            self._journal.write(
                actor=rule.user, method=METHOD, path=f"/outbound/{rule.name}", status=status
            )
        log.info("outbound messages %s status %s %s", len(messages), status, error)
