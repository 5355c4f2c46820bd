"""Events in, changes out: listener, sweeps and workers joined over stand-ins."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from ingest.app.heartbeat import Heartbeat
from ingest.app.inbox import Inbox
from ingest.app.listening import Intake, Listener
from ingest.app.membership import Membership
from ingest.app.orphans import Orphanage
from ingest.app.progress import Progress
from ingest.app.reader import DocumentReader
from ingest.app.salesforce import carry_salesforce
from ingest.app.sweeping import Sweeper
from ingest.app.working import Workers
from ingest.ports import Cursor, Start
from kernel.errors import FatalError, PermanentError, RetryableError
from kernel.messages import ChangeEvent, ChangeKind
from kernel.records import RecordRef, System, salesforce
from runtime.process import Context
from tests.unit.ingest.fakes import (
    FakeLog,
    FakeSalesforce,
    FakeSeals,
    FakeStore,
    FakeStream,
    at,
    context,
    line_row,
    member,
    root_row,
)
from tests.unit.ingest.samples import (
    ACCOUNT,
    LINE,
    LINE_FIELDS,
    OPPORTUNITY,
    OPPORTUNITY_FIELDS,
    OPPORTUNITY_REF,
    ORG,
    OTHER_LINE,
    OTHER_OPPORTUNITY,
    changing,
    cursor,
    event,
    names_of,
    shapes,
    watch,
)

CHANNEL = "salesforce:test"
ACCOUNT_REF = salesforce("Account", ACCOUNT)
WON = event("Opportunity", OPPORTUNITY, bitmaps=changing(OPPORTUNITY_FIELDS, "StageName"))
LINE_CHANGED = event(
    "OpportunityLineItem",
    LINE,
    bitmaps=changing(LINE_FIELDS, "Quantity"),
    schema=names_of(LINE_FIELDS),
)


@dataclass
class Room:
    """Everything around the joined parts."""

    ctx: Context
    stream: FakeStream
    records: FakeSalesforce
    store: FakeStore
    log: FakeLog

    def changes(self, ref: RecordRef = OPPORTUNITY_REF) -> list[ChangeEvent]:
        return [change for change in self.log.events if change.ref == ref]

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while True:
                if is_so():
                    return
                await asyncio.sleep(0.005)

    async def until_stored(self, number: int) -> None:
        await self.until(lambda: self.cursor().commit_number >= number)

    def cursor(self) -> Cursor:
        return self.store.cursors.get(CHANNEL, Cursor())


@asynccontextmanager
async def running(
    *, stored: Cursor | None = None, too_large: tuple[RecordRef, ...] = (), earliest: bool = True
) -> AsyncIterator[Room]:
    room = Room(context(), FakeStream(), FakeSalesforce(), FakeStore(), FakeLog(too_large))
    if stored:
        room.store.cursors[CHANNEL] = stored
    room.records.put("Opportunity", root_row(OPPORTUNITY, StageName="Closed Won"))
    room.records.put("Opportunity", root_row(OTHER_OPPORTUNITY, StageName="Prospecting"))
    room.records.put("Account", root_row(ACCOUNT, Name="Acme"))
    working = asyncio.create_task(carry(room, earliest=earliest))
    try:
        yield room
        room.ctx.stop.set()
        await asyncio.wait_for(working, 10)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def carry(room: Room, *, earliest: bool) -> None:
    ctx, membership = room.ctx, Membership(room.store)
    progress = Progress(room.store, CHANNEL, ctx)
    await progress.load()
    inbox = Inbox(ctx.clock, window_s=0.0, notices_max=1_000)
    sweeper = Sweeper(room.records, inbox, progress, ctx)
    reader = DocumentReader(
        room.records, FakeSeals(), room.log, membership, ctx, source=ORG, shapes=shapes()
    )
    intake = Intake(
        inbox=inbox,
        progress=progress,
        membership=membership,
        orphanage=Orphanage(room.records, membership),
        sweeper=sweeper,
    )
    heartbeat = Heartbeat(System.SALESFORCE, CHANNEL, ctx)
    listener = Listener(room.stream, watch(), intake, heartbeat, ctx, earliest=earliest)
    workers = Workers(inbox, reader, progress, ctx)
    await carry_salesforce(listener, sweeper, workers, inbox, progress, ctx, readers=2)


async def test_an_event_becomes_a_change_and_then_the_cursor_moves() -> None:
    async with running() as room:
        room.stream.deliver(at(WON, 7))
        await room.until_stored(7)
    [change] = room.changes()
    assert change.document is not None
    assert change.document.fields["StageName"] == "Closed Won"
    assert room.cursor().replay_id == at(WON, 7).replay_id
    assert room.cursor().produced is not None


@pytest.mark.parametrize(
    ("stored", "earliest", "start"),
    [
        (None, True, Start(earliest=True)),
        (None, False, Start()),
        (cursor(5), True, Start(replay_id=cursor(5).replay_id)),
    ],
)
async def test_a_channel_begins_where_it_was_left(
    stored: Cursor | None, earliest: bool, start: Start
) -> None:
    async with running(stored=stored, earliest=earliest) as room:
        await room.until(lambda: bool(room.stream.starts))
    assert room.stream.starts == [start]


async def test_after_an_adoption_the_stream_begins_at_its_moment() -> None:
    """What was committed before is known; what was committed since is not left out."""
    moment = datetime.now(UTC) - timedelta(hours=1)
    before = replace(at(WON, 7), committed_at=moment - timedelta(milliseconds=1))
    since = replace(at(WON, 8), committed_at=moment)
    async with running(stored=Cursor(committed_at=moment), earliest=False) as room:
        room.stream.deliver(before, since)
        await room.until_stored(8)
    assert room.stream.starts == [Start(earliest=True)]
    (change,) = room.changes()
    assert [capture.commit_number for capture in change.captures] == [8]


async def test_an_adoption_longer_ago_than_events_are_kept_reads_all_that_changed_since() -> None:
    moment = datetime.now(UTC) - timedelta(hours=100)
    async with running(stored=Cursor(committed_at=moment)) as room:
        await room.until(lambda: len(room.log.events) == 3)
    assert {change.kind for change in room.log.events} == {ChangeKind.SNAPSHOT}


async def test_a_stream_that_breaks_off_goes_on_behind_what_is_in_hand() -> None:
    async with running() as room:
        room.records.failures = [RetryableError("busy")] * 3
        room.stream.deliver(at(WON, 7))
        room.stream.break_off()
        await room.until(lambda: len(room.stream.starts) == 2)
        await room.until(lambda: bool(room.changes()))
    assert room.stream.starts[1] == Start(replay_id=at(WON, 7).replay_id)
    assert len(room.changes()) == 1


async def test_events_nobody_keeps_any_more_are_replaced_by_a_reading_of_all() -> None:
    async with running(stored=cursor(5)) as room:
        room.stream.lose()
        await room.until(lambda: len(room.log.events) == 3)
        await room.until(lambda: len(room.stream.starts) == 2)
        room.stream.deliver(at(WON, 9))
        await room.until_stored(9)
    assert room.stream.starts[1] == Start(earliest=True)
    swept, later = room.changes()
    assert swept.kind is ChangeKind.SNAPSHOT
    assert swept.version.major == 5
    assert swept.version < later.version
    sweeps = [text for text in room.records.statements if "ORDER BY SystemModstamp" in text]
    assert "2026-11-20T09:09:08.000Z" in sweeps[0]  # five minutes before the last commit


async def test_the_cursor_waits_for_a_sweep() -> None:
    async with running(stored=cursor(5)) as room:
        room.records.failures = [RetryableError("busy")] * 2
        room.stream.deliver(at(event("Opportunity", change="GAP_OVERFLOW"), 7), at(WON, 8))
        await room.until_stored(8)
    assert {change.ref.id for change in room.log.events} == {OPPORTUNITY, OTHER_OPPORTUNITY}


async def test_an_event_that_cannot_be_read_makes_all_that_changed_be_read() -> None:
    async with running(stored=cursor(5)) as room:
        room.stream.deliver(at(WON, 7), unreadable=True)
        await room.until_stored(7)
    assert {change.ref.id for change in room.log.events} == {
        OPPORTUNITY, OTHER_OPPORTUNITY, ACCOUNT
    }  # fmt: skip


async def test_a_line_finds_its_document_in_what_is_remembered() -> None:
    async with running() as room:
        room.store.members.add(member(LINE, OPPORTUNITY))
        room.stream.deliver(at(LINE_CHANGED, 7))
        await room.until_stored(7)
    assert len(room.changes()) == 1
    assert not any("FROM OpportunityLineItem WHERE" in text for text in room.records.statements)


async def test_many_lines_of_one_document_in_one_event_are_one_notice() -> None:
    both = event(
        "OpportunityLineItem",
        LINE,
        OTHER_LINE,
        bitmaps=changing(LINE_FIELDS, "SortOrder"),
        schema=names_of(LINE_FIELDS),
    )
    async with running() as room:
        room.store.members |= {member(LINE, OPPORTUNITY), member(OTHER_LINE, OPPORTUNITY)}
        room.stream.deliver(at(both, 7))
        await room.until_stored(7)
    [change] = room.changes()
    assert change.document is None
    assert change.captures[0].changed == ("OpportunityLineItems.SortOrder",)


async def test_a_line_finds_its_document_by_asking_and_is_remembered() -> None:
    async with running() as room:
        room.records.put("OpportunityLineItem", line_row(LINE, OPPORTUNITY))
        room.stream.deliver(at(LINE_CHANGED, 7))
        await room.until_stored(7)
    assert len(room.changes()) == 1
    assert member(LINE, OPPORTUNITY) in room.store.members


async def test_a_line_made_and_deleted_at_once_finds_its_document_in_its_own_event() -> None:
    made = event(
        "OpportunityLineItem",
        OTHER_LINE,
        change="CREATE",
        schema=names_of(LINE_FIELDS),
        parents={"OpportunityId": OPPORTUNITY},
    )
    gone = event("OpportunityLineItem", OTHER_LINE, change="DELETE", schema=names_of(LINE_FIELDS))
    async with running() as room:
        room.stream.deliver(at(made, 7), at(gone, 8))
        await room.until_stored(8)
    captures = [capture for change in room.changes() for capture in change.captures]
    assert len({capture.position for capture in captures}) == 2


async def test_a_line_whose_document_nobody_knows_makes_all_that_changed_be_read() -> None:
    async with running() as room:
        room.stream.deliver(at(LINE_CHANGED, 7))
        await room.until_stored(7)
    assert {change.ref.id for change in room.log.events} == {OPPORTUNITY, OTHER_OPPORTUNITY}


async def test_what_cannot_be_looked_up_now_is_delivered_again() -> None:
    async with running(stored=cursor(5)) as room:
        room.store.members.add(member(LINE, OPPORTUNITY))
        room.store.failures = [RetryableError("PostgreSQL is away")]
        room.stream.deliver(at(LINE_CHANGED, 7))
        await room.until(lambda: len(room.stream.starts) == 2)
        room.stream.deliver(at(LINE_CHANGED, 7))
        await room.until_stored(7)
    assert room.stream.starts[1] == Start(replay_id=cursor(5).replay_id)


async def test_a_log_that_is_away_is_waited_for() -> None:
    async with running() as room:
        room.log.failures = [RetryableError("Kafka is away")] * 2
        room.stream.deliver(at(WON, 7))
        await room.until_stored(7)
    assert len(room.changes()) == 1


async def test_reading_that_is_refused_holds_its_kind_and_lets_others_pass() -> None:
    account = event("Account", ACCOUNT, change="CREATE")
    async with running() as room:
        room.records.failures = [PermanentError("No such column 'Mood__c'")]
        room.stream.deliver(at(WON, 7))
        await room.until(lambda: "salesforce:Opportunity" in room.ctx.health.parts)
        room.stream.deliver(at(account, 8))
        await room.until(lambda: bool(room.changes(ACCOUNT_REF)))
        await room.until_stored(8)
    assert len(room.changes()) == 1
    assert room.ctx.health.parts["salesforce:Opportunity"] == "well"


async def test_a_document_too_large_for_the_log_does_not_stop_the_others() -> None:
    both = event("Opportunity", OPPORTUNITY, OTHER_OPPORTUNITY, change="CREATE")
    async with running(too_large=(OPPORTUNITY_REF,)) as room:
        room.stream.deliver(at(both, 7))
        await room.until_stored(7)
    content = {change.ref.id: change.document is not None for change in room.log.events}
    assert content == {OTHER_OPPORTUNITY: True, OPPORTUNITY: False}


async def test_a_sign_of_life_moves_the_cursor() -> None:
    async with running(stored=cursor(5)) as room:
        room.stream.deliver(latest=cursor(9).replay_id or b"")
        await room.until(lambda: room.cursor().replay_id == cursor(9).replay_id)
    assert room.cursor().commit_number == 5


async def test_refused_access_ends_everything() -> None:
    room = Room(context(), FakeStream(), FakeSalesforce(), FakeStore(), FakeLog())
    room.records.failures = [FatalError("Salesforce refused the sign-in")]
    room.stream.deliver(at(WON, 7))
    with pytest.raises(FatalError, match="refused the sign-in"):
        await asyncio.wait_for(carry(room, earliest=True), 10)
