"""NetSuite's changes into the log: poll, read what changed, produce, and remember how far."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from ingest.app.calendar import Calendar
from ingest.app.first_customers import FirstCustomers
from ingest.app.first_items import FirstItems
from ingest.app.heartbeat import Heartbeat
from ingest.app.late_customers import LateCustomers
from ingest.app.lifetime import Patience, ended
from ingest.app.membership import Membership
from ingest.app.netsuite_reading import Found, NetSuiteReader, Told
from ingest.app.netsuite_search import NetSuiteSearch
from ingest.domain.affected import Touched, part_of, position_of, touched
from ingest.domain.netsuite_documents import AccountClock
from ingest.domain.netsuite_fields import NAMED, REFERENCES
from ingest.domain.netsuite_links import Graph, part, touched_by
from ingest.domain.suiteql import IDS_MAX
from ingest.domain.windows import CUSTOMER, ITEM, Poll, Sighting, Sightings, window_start
from ingest.ports import Cursor, Cursors, Member, Readings
from kernel.messages import Capture, ChangeKind
from kernel.records import TRANSACTION_KINDS, RecordRef, System, netsuite
from runtime import logs, names
from runtime.health import StopRequestedError
from runtime.process import Context

RECORDS, STORE = "netsuite", "postgres:sync"
CURRENCY, CALENDAR = "currency", "calendar"
FINISH_WITHIN_S = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    poll_s: float
    reference_s: float
    overlap: timedelta
    margin: timedelta
    again: timedelta
    lookback: timedelta


@dataclass(frozen=True, slots=True)
class Memory:
    """What outlives the process."""

    cursors: Cursors
    membership: Membership
    readings: Readings


@dataclass(frozen=True, slots=True)
class First:
    """What is read whole before the first poll."""

    customers: FirstCustomers
    items: FirstItems
    late: LateCustomers
    """And what of the later polls belongs to the time before."""


class NetSuitePoller:
    """`kinds` are the kinds of documents that some map reads."""

    def __init__(
        self,
        search: NetSuiteSearch,
        reader: NetSuiteReader,
        first: First,
        memory: Memory,
        patience: Patience,
        ctx: Context,
        *,
        channel: str,
        kinds: Collection[str],
        timing: Timing,
    ) -> None:
        self._search, self._reader, self._memory = search, reader, memory
        self._first = first
        self._calendar = Calendar(
            search=search,
            cursors=memory.cursors,
            patience=patience,
            channel=f"{channel}:{CALENDAR}",
        )
        self._patience, self._ctx, self._channel = patience, ctx, channel
        self._wanted = [kind for kind in REFERENCES if kind in kinds]
        self._references: list[str] = []
        self._documents = [kind for kind in kinds if kind not in REFERENCES]
        self._timing = timing
        self._heartbeat = Heartbeat(System.NETSUITE, "suiteql", ctx)
        self._sightings = Sightings(timing.margin, timing.again)
        self._cursor = Cursor()
        self._references_due_at = 0.0

    async def run(self) -> None:
        """Poll without end."""
        stored = await self._patience.until_it_works(
            STORE, lambda: self._memory.cursors.load(self._channel)
        )
        self._cursor = stored or Cursor()
        self._references = [kind for kind in self._wanted if await self._is_there(kind)]
        await self._bring_references()
        await self._bring_first()
        while True:
            started = self._ctx.clock.monotonic()
            await self._poll()
            self._heartbeat.beat()
            self._ctx.health.well(RECORDS)
            left_s = started + self._timing.poll_s - self._ctx.clock.monotonic()
            await self._patience.wait(max(left_s, 0.0))

    async def _is_there(self, kind: str) -> bool:
        """An account without many currencies has no rates, one without OneWorld no subsidiaries;
        currencies are waited for. A list that only names things is done without where it is
        another than we know."""
        if kind in NAMED:
            is_there = await self._reader.can_read(kind)
        else:
            is_there = kind == CURRENCY or await self._search.knows(REFERENCES[kind])
        if not is_there:
            said = f"NetSuite has no {kind} for our role"
            logs.warning(names.REFERENCES_MISSING, said, kind=kind)
        return is_there

    async def _bring_references(self) -> None:
        """What is looked up comes before everything that is decided by it."""
        now = await self._search.now()
        clock = await self._search.clock(now)
        poll = Poll(self._cursor.sequence + 1, self._cursor.sequence)
        told = [item async for item in self._tell_references(now, clock, poll)]
        if any(item.events for item in told):
            await self._acknowledge(poll)

    async def _bring_first(self) -> None:
        """Before the first poll, each as a poll of its own."""
        for kind, first in ((CUSTOMER, self._first.customers), (ITEM, self._first.items)):
            if kind not in self._documents:
                continue
            poll = Poll(self._cursor.sequence + 1, self._cursor.sequence)
            await first.bring(poll, partial(self._acknowledge, poll))

    async def _acknowledge(self, poll: Poll) -> None:
        await self._keep(replace(self._cursor, sequence=poll.sequence))

    async def _poll(self) -> None:
        """Nothing of a poll counts before all of it is in the log."""
        now = await self._search.now()
        clock = await self._search.clock(now)
        poll = Poll(self._cursor.sequence + 1, self._cursor.sequence)
        told = [item async for item in self._tell_references(now, clock, poll)]
        since = window_start(
            self._cursor.committed_at, now, self._timing.lookback, self._timing.overlap
        )
        rows = await self._search.changes(since, clock, items=ITEM in self._documents)
        due = await self._calendar.turned(now, clock)
        rows += due.rows if due else ()
        news = self._sightings.news(rows, now)
        graph = await self._search.graph({own.id for row in news if (own := part_of(row))})
        roots = await self._roots(news, graph)
        found = touched(news, roots, self._documents, poll.sequence)
        documents = {**await self._unacknowledged(now, poll), **found}
        again = due.orders(roots) if due else frozenset()
        told += [item async for item in self._tell(documents, graph, clock, poll, again)]
        for item in told:
            await self._first.late.note(item.documents, new=item.new)
        told += [item async for item in self._first.late.bring(clock, poll)]
        await self._store(now, poll, told)
        if due:
            await self._calendar.done(due)
        self._sightings.note(news, now)
        self._sightings.forget(since)

    async def _tell_references(
        self, now: datetime, clock: AccountClock, poll: Poll
    ) -> AsyncIterator[Told]:
        if self._ctx.clock.monotonic() < self._references_due_at:
            return
        for kind in self._references:
            found = await self._reader.read(kind, None, clock)
            entries = {
                ref: Touched([_notice(item.modified_at or now, poll)])
                for ref, item in found.items()
            }
            yield await self._reader.tell(entries, found, poll)
        self._references_due_at = self._ctx.clock.monotonic() + self._timing.reference_s

    async def _tell(
        self,
        documents: Mapping[RecordRef, Touched],
        graph: Graph,
        clock: AccountClock,
        poll: Poll,
        again: Collection[RecordRef],
    ) -> AsyncIterator[Told]:
        """Chunk by chunk, as many documents as one query names: transactions of all kinds
        together, then each other kind."""
        transactions = [ref for ref in documents if ref.kind in TRANSACTION_KINDS]
        for refs in _chunks(transactions):
            found = await self._reader.read_transactions(refs, graph, clock)
            yield await self._tell_some(refs, documents, found, poll, again)
        for kind in self._documents:
            if kind in TRANSACTION_KINDS:
                continue
            for refs in _chunks([ref for ref in documents if ref.kind == kind]):
                found = await self._reader.read(kind, [ref.id for ref in refs], clock)
                yield await self._tell_some(refs, documents, found, poll)

    async def _tell_some(
        self,
        refs: Sequence[RecordRef],
        documents: Mapping[RecordRef, Touched],
        found: Mapping[RecordRef, Found],
        poll: Poll,
        again: Collection[RecordRef] = (),
    ) -> Told:
        some = {ref: documents[ref] for ref in refs}
        told = await self._reader.tell(some, found, poll, again)
        captures = Counter[str]()
        for ref, entry in some.items():
            captures[ref.kind] += len(entry.captures)
        for kind, count in captures.items():
            self._ctx.telemetry.count(names.CAPTURES, count, system=str(System.NETSUITE), kind=kind)
        return told

    async def _roots(
        self, rows: Sequence[Sighting], graph: Graph
    ) -> dict[RecordRef, tuple[RecordRef, ...]]:
        """The documents of each part: what NetSuite says now, and what it said before."""
        parts = sorted({own for row in rows if (own := part_of(row))})
        if not parts:
            return {}
        members = [
            Member(part=own, root=root) for own in parts for root in touched_by(graph, own.id)
        ]
        members += [
            Member(part=part(row.id), root=netsuite(CUSTOMER, row.entity))
            for row in rows
            if row.entity
        ]
        wait = self._patience.until_it_works
        await wait(STORE, lambda: self._memory.membership.remember(members))
        return await wait(STORE, lambda: self._memory.membership.roots_of(parts))

    async def _unacknowledged(self, now: datetime, poll: Poll) -> dict[RecordRef, Touched]:
        """What an earlier poll decided and may not have sent."""
        readings = await self._patience.until_it_works(
            STORE, lambda: self._memory.readings.after(System.NETSUITE, poll.acknowledged)
        )
        return {
            ref: Touched([_notice(now, poll)]) for ref in readings if ref.kind in self._documents
        }

    async def _store(self, now: datetime, poll: Poll, told: Sequence[Told]) -> None:
        cursor = replace(self._cursor, committed_at=now)
        if any(item.events for item in told):
            produced = [item.last for item in told if item.last]
            last = produced[-1] if produced else cursor.produced
            cursor = replace(cursor, sequence=poll.sequence, produced=last)
        await self._keep(cursor)

    async def _keep(self, cursor: Cursor) -> None:
        await self._patience.until_it_works(
            STORE, lambda: self._memory.cursors.store(self._channel, cursor)
        )
        self._cursor = cursor


async def carry_netsuite(poller: NetSuitePoller, ctx: Context) -> None:
    """Until the process shall end: then the poll under way is finished if it can be in time."""
    polling = asyncio.create_task(poller.run())
    stopping = asyncio.create_task(_stopped(ctx))
    try:
        await asyncio.wait({polling, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if ctx.stop.is_set():
            await asyncio.wait({polling}, timeout=FINISH_WITHIN_S)
        if polling.done():
            with suppress(StopRequestedError):
                polling.result()
    finally:
        await ended(polling, stopping)


async def _stopped(ctx: Context) -> None:
    await ctx.stop.wait()


def _chunks(refs: Sequence[RecordRef]) -> list[Sequence[RecordRef]]:
    return [refs[start : start + IDS_MAX] for start in range(0, len(refs), IDS_MAX)]


def _notice(at: datetime, poll: Poll) -> Capture:
    return Capture(
        position=position_of(poll.sequence),
        kind=ChangeKind.SNAPSHOT,
        committed_at=at,
        user="system",
    )
