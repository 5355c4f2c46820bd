"""The one consume loop: units of records, ordered by key, committed up to the oldest unfinished."""

import asyncio
import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kernel.errors import RetryableError
from runtime import logs, names
from runtime.fetch import Fetcher, Starts
from runtime.held import Held, Item, Partition, Room
from runtime.process import Context
from runtime.records import Record
from runtime.retry import delay_of
from runtime.work import PART as WORK
from runtime.work import Broken, Handle, Work

PART = "kafka:consumer"
COMMIT_EVERY_S = 1.0
RELEASE_WITHIN_S = 5.0
END_WITHIN_S = 4.0
LEAVE_WITHIN_S = 2.0
"""Together well within the ten seconds that a process has to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumption:
    """What to read, under which name, and how much at once.

    A unit is up to `batch_max` records; up to `slots` units are handled at once, of which at most
    `backfill_slots` hold records of the backfill. At most about `pending_max` records or
    `pending_bytes_max` bytes are held in memory.
    """

    bootstrap: str
    group: str
    instance_id: str
    topics: tuple[str, ...]
    batch_max: int
    slots: int
    backfill_slots: int | None = None
    """None: as many as there are."""
    first: str | None = None
    """One of the topics: its records do not wait behind those of the others, and no unit holds
    records of two topics. None: the oldest come first, wherever they are from."""
    pending_max: int = 5_000
    pending_bytes_max: int = 64_000_000
    handle_within_s: float = 300.0
    """A unit that takes longer is cancelled and tried again."""
    silent_max_s: float = 600.0
    """A member that does not poll for this long loses its partitions. It polls while it works."""


async def consume(
    consumption: Consumption,
    handle: Handle,
    *,
    ctx: Context,
    broken: Broken,
    starts: Starts | None = None,
) -> None:
    """Hand records to `handle` until `ctx.stop` is set; then finish what is in hand and leave.

    Two units never hold the same key, and inside a key the order of the log holds across units. A
    unit counts as finished when `handle` returns. RetryableError: tried again in place after a
    back-off, without end, while other keys go on. FatalError ends the loop and is raised. After
    any other error the unit is handled record by record, and a record that fails by itself goes
    to `broken`, which ends it. Everything is delivered at least once.

    `starts` gives the offsets to start from, for the partitions it knows better than the group.
    """
    desk = _Desk(consumption, handle, broken, starts, ctx)
    await desk.serve()


class _Desk:
    """Joins the fetching thread with the work, on the event loop."""

    def __init__(
        self,
        consumption: Consumption,
        handle: Handle,
        broken: Broken,
        starts: Starts | None,
        ctx: Context,
    ) -> None:
        loop = asyncio.get_running_loop()
        self._ctx, self._starts, self._dice = ctx, starts, random.Random()
        self._held: dict[Partition, Held] = {}
        self._ends: dict[Partition, tuple[int, int]] = {}
        self._number = 0
        self._failed: asyncio.Future[None] = loop.create_future()
        self._room = Room(consumption.pending_max, consumption.pending_bytes_max)
        self._work = Work(
            handle,
            broken,
            batch_max=consumption.batch_max,
            slots=consumption.slots,
            backfill_slots=consumption.backfill_slots,
            first=consumption.first,
            within_s=consumption.handle_within_s,
            room=self._room,
            ctx=ctx,
            fail=self._fail,
            dice=self._dice,
        )
        self._fetcher = Fetcher(
            bootstrap=consumption.bootstrap,
            group=consumption.group,
            instance_id=consumption.instance_id,
            topics=consumption.topics,
            silent_max_s=consumption.silent_max_s,
            room=self._room,
            sink=self,
            starts=self._start_offsets if starts else None,
            loop=loop,
        )

    async def serve(self) -> None:
        self._ctx.health.declare(PART, WORK)
        self._ctx.health.well(WORK)
        self._watch()
        self._fetcher.start()
        committing = asyncio.create_task(self._commit_now_and_then())
        stopping = asyncio.create_task(self._until_stop())
        try:
            await asyncio.wait(
                {stopping, committing, self._failed, self._fetcher.ended},
                return_when=asyncio.FIRST_COMPLETED,
            )
            self._work.stop()
            await self._work.settle(None, END_WITHIN_S)
        finally:
            stopping.cancel()
            committing.cancel()
            self._work.cancel()
            self._fetcher.close(self._to_commit())
            _, late = await asyncio.wait({self._fetcher.ended}, timeout=LEAVE_WITHIN_S)
            if late:
                logs.warning(names.STOPPED_LATE, "left without Kafka's answer to the last commit")
        self._raise_first(self._failed, self._fetcher.ended, committing)

    def arrived(self, records: Sequence[tuple[Record, int]]) -> None:
        items = []
        for record, size in records:
            where = record.coordinates
            held = self._held.get((where.topic, where.partition))
            if held is None:
                continue
            held.arrived(where.offset)
            self._number += 1
            key = record.key or f"\x00{where.topic} {where.partition}"
            items.append(Item(record, held, key, self._number, size))
        self._work.add(items)
        for topic, count in Counter(record.coordinates.topic for record, _ in records).items():
            self._ctx.telemetry.count(names.RECORDS_CONSUMED, count, topic=topic)

    def assigned(self, partitions: Sequence[Partition]) -> None:
        self._held.update({partition: Held(partition) for partition in partitions})
        self._ctx.health.well(PART)
        if partitions:
            logs.info(names.PARTITIONS_ASSIGNED, f"{len(partitions)} partitions assigned")

    async def release(self, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        helds = [self._held[name] for name in partitions if name in self._held]
        self._work.drop(helds)
        await self._work.settle(helds, RELEASE_WITHIN_S)
        offsets = self._to_commit(helds)
        self.lost(partitions)
        return offsets

    def lost(self, partitions: Sequence[Partition]) -> None:
        helds = [self._held.pop(name) for name in partitions if name in self._held]
        self._work.drop(helds)
        for held in helds:
            held.is_released = True
            self._ends.pop(held.partition, None)
        logs.info(names.PARTITIONS_RELEASED, f"{len(helds)} partitions released")

    def committed(self, offsets: Mapping[Partition, int]) -> None:
        for partition, offset in offsets.items():
            if partition in self._held:
                self._held[partition].committed = offset

    def ends(self, offsets: Mapping[Partition, tuple[int, int]]) -> None:
        self._ends = {name: offset for name, offset in offsets.items() if name in self._held}

    def connected(self) -> None:
        self._ctx.health.well(PART)

    def away(self, why: str) -> None:
        self._ctx.health.waiting(PART, why)

    def _to_commit(self, helds: Sequence[Held] | None = None) -> dict[Partition, int]:
        return {
            held.partition: held.safe
            for held in (self._held.values() if helds is None else helds)
            if held.safe is not None and held.safe != held.committed
        }

    async def _commit_now_and_then(self) -> None:
        while True:
            await self._ctx.clock.sleep(COMMIT_EVERY_S)
            self._fetcher.commit(self._to_commit())

    async def _until_stop(self) -> None:
        await self._ctx.stop.wait()

    def _raise_first(self, *ended: asyncio.Future[None]) -> None:
        errors = [one.exception() for one in ended if one.done() and not one.cancelled()]
        for error in filter(None, errors):
            raise error

    async def _start_offsets(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """What the service says, asked until it can say it."""
        attempt = 0
        while self._starts:
            try:
                return await self._starts(partitions)
            except RetryableError as error:
                attempt += 1
                self._ctx.health.waiting(WORK, str(error))
                await self._ctx.clock.sleep(delay_of(error, attempt, 0.1, 1.0, self._dice))
        return {}

    def _fail(self, error: Exception) -> None:
        if not self._failed.done():
            self._failed.set_exception(error)

    def _watch(self) -> None:
        telemetry = self._ctx.telemetry
        telemetry.watch(names.UNITS_IN_FLIGHT, lambda: [(self._work.in_flight, {})])
        telemetry.watch(names.UNITS_WAITING, lambda: [(self._work.waiting, {})])
        telemetry.watch(names.RECORDS_IN_HAND, lambda: [(self._room.records, {})])
        telemetry.watch(names.PARTITIONS_PAUSED, lambda: [(self._fetcher.paused, {})])
        telemetry.watch(names.LAG, self._lags)

    def _lags(self) -> list[tuple[float, Mapping[str, str]]]:
        lags: list[tuple[float, Mapping[str, str]]] = []
        for (topic, number), (end, committed) in self._ends.items():
            safe = self._held[topic, number].safe
            done = committed if safe is None else safe
            labels = {"topic": topic, "partition": str(number)}
            if end >= 0:
                lags.append((max(0, end - max(0, done)), labels))
        return lags


__all__ = ["Consumption", "Record", "consume"]
