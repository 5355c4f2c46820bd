"""Listen to Salesforce's change events: connect, take in, connect again where it broke off."""

from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.app.heartbeat import Heartbeat
from ingest.app.inbox import Inbox, Waiting
from ingest.app.lifetime import Patience
from ingest.app.membership import Membership
from ingest.app.orphans import Homes, Orphanage, housed
from ingest.app.progress import Progress
from ingest.app.sweeping import Due, Sweeper
from ingest.domain.changes import Noticed, Sweep, Watch, noticed, one_per_document
from ingest.ports import ChangeStream, Cursor, Delivery, ReplayLost, SourceEvent, Start
from kernel.errors import PermanentError, RetryableError
from kernel.messages import Capture, ChangeKind
from runtime import logs, names
from runtime.process import Context

EVENTS = "salesforce:events"
SWEEP_MARGIN = timedelta(minutes=5)
KEPT = timedelta(hours=72)
"""How long Salesforce keeps events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Where notices go."""

    inbox: Inbox
    progress: Progress
    membership: Membership
    orphanage: Orphanage
    sweeper: Sweeper


class Listener:
    """`earliest`: a channel without a cursor begins at its oldest event, else at the next one."""

    def __init__(
        self,
        stream: ChangeStream,
        watch: Watch,
        intake: Intake,
        heartbeat: Heartbeat,
        ctx: Context,
        *,
        earliest: bool,
    ) -> None:
        self._stream, self._watch, self._intake = stream, watch, intake
        self._heartbeat, self._ctx, self._earliest = heartbeat, ctx, earliest
        self._lost: bytes | None = None
        self._adopted_at: datetime | None = None
        self._patience = Patience(ctx)

    async def listen(self) -> None:
        """Ends only by an error or by being cancelled."""
        self._begin_where_adoption_ended()
        failures = 0
        while True:
            try:
                await self._stream.probe()
                self._ctx.health.well(EVENTS)
                async with aclosing(self._stream.deliveries(self._start(), self._room)) as items:
                    async for item in items:
                        await self._received(item)
                        failures = 0
            except (RetryableError, PermanentError) as error:
                failures += 1
                await self._patience.pause(EVENTS, error, failures)

    def _begin_where_adoption_ended(self) -> None:
        """A cursor of a moment alone was left by an adoption: what came before it is known."""
        opened = self._intake.progress.opened
        if opened.replay_id is not None or opened.committed_at is None:
            return
        self._adopted_at, self._earliest = opened.committed_at, True
        if opened.committed_at < self._ctx.clock.now() - KEPT:
            self._read_all_again("Salesforce no longer keeps the events since the adoption")

    async def _room(self) -> None:
        await self._intake.inbox.room()
        await self._intake.progress.room()

    def _start(self) -> Start:
        """Behind what is in hand, unless Salesforce no longer knows that place."""
        replay_id = self._intake.progress.opened.replay_id
        if replay_id is None or replay_id == self._lost:
            return Start(earliest=self._earliest or replay_id is not None)
        return Start(replay_id=replay_id)

    async def _received(self, item: Delivery | ReplayLost) -> None:
        self._heartbeat.beat()
        if isinstance(item, ReplayLost):
            self._lost = self._intake.progress.opened.replay_id
            self._read_all_again(item.reason)
            return
        events = [event for event in item.events if not self._is_adopted(event)]
        found = [(event, noticed(event, self._watch)) for event in events]
        self._intake.membership.note(member for _, some in found for member in some.members)
        orphans = [orphan for _, some in found for orphan in some.orphans]
        homes = await self._intake.orphanage.homes(orphans) if orphans else {}
        # from here on nothing waits: an event is in hand as a whole or not at all
        if item.unreadable:
            self._read_all_again("an event could not be read")
        for event, some in found:
            self._take_in(event, some, homes)
        if not item.events and item.latest:
            self._intake.progress.open(Cursor(replay_id=item.latest), parts=0)

    def _is_adopted(self, event: SourceEvent) -> bool:
        return self._adopted_at is not None and event.committed_at < self._adopted_at

    def _take_in(self, event: SourceEvent, found: Noticed, homes: Homes) -> None:
        adopted, extra = housed(found.orphans, homes)
        notices, sweeps = one_per_document([*found.notices, *adopted]), [*found.sweeps, *extra]
        last = self._intake.progress.reached.committed_at or event.committed_at
        since = min(last, event.committed_at) - SWEEP_MARGIN
        position = self._intake.progress.open(_cursor(event), len(notices) + len(sweeps))
        self._intake.inbox.put(Waiting(notice, position) for notice in notices)
        for sweep in sweeps:
            self._intake.sweeper.add(Due(sweep, since, position))
        counter = names.CAPTURES if notices or sweeps else names.EVENTS_OUTSIDE
        amount = len(notices) + len(sweeps) or 1
        self._ctx.telemetry.count(counter, amount, system="salesforce", kind=event.entity)

    def _read_all_again(self, reason: str) -> None:
        """What happened since the newest commit that is in the log is not known: read all of it.

        These readings count as newer than every event before and older than every one to come.
        """
        opened, reached = self._intake.progress.opened, self._intake.progress.reached
        now = self._ctx.clock.now()
        since = (reached.committed_at or now - KEPT) - SWEEP_MARGIN
        logs.warning(
            names.REPLAY_LOST, f"changes since {since} are read again: {reason}", since=since
        )
        capture = Capture(
            position=f"since {since.isoformat()}",
            kind=ChangeKind.SNAPSHOT,
            committed_at=now,
            user="system",
            commit_number=opened.commit_number,
        )
        shapes = list(self._watch.roots.values())
        position = self._intake.progress.open(opened, len(shapes))
        for shape in shapes:
            self._intake.sweeper.add(Due(Sweep(shape=shape, capture=capture), since, position))


def _cursor(event: SourceEvent) -> Cursor:
    return Cursor(
        replay_id=event.replay_id,
        committed_at=event.committed_at,
        commit_number=event.commit_number,
    )
