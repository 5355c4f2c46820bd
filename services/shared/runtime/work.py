"""Keyed concurrency: many keys at once, one unit a key, in order inside a key, retried in place."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop

from kernel.errors import FatalError, RetryableError
from runtime import logs, names
from runtime.held import Held, Item, Room
from runtime.lanes import Heap, Lanes, is_backfill
from runtime.process import Context
from runtime.records import Record
from runtime.retry import delay_of

PART = "work"
FIRST_S, MOST_S = 0.05, 5.0
OUTAGE_ATTEMPTS = 2
"""Failed so often, and nothing else has worked since: the part is said to wait."""
SPLIT_EVERY = 6
"""Attempts after which a unit of several keys is split, also when nothing else works."""
FRESH_EVERY_S = 1.0
"""While many units wait for their next attempt, how often another one may join them."""
Handle = Callable[[Sequence[Record]], Awaitable[None]]
Broken = Callable[[Record, Exception], Awaitable[None]]


@dataclass(slots=True, eq=False)
class Unit:
    """Records handled together. No other unit holds one of its keys."""

    items: list[Item]
    attempts: int = 0
    one_by_one: bool = False
    worked_before: int = 0
    """How many units had worked when this one first failed."""
    is_backfill: bool = False

    @property
    def keys(self) -> dict[str, None]:
        return dict.fromkeys(item.key for item in self.items)


class Work:
    """The records in hand and the units they are handled in. Only the event loop uses it."""

    def __init__(
        self,
        handle: Handle,
        broken: Broken,
        *,
        batch_max: int,
        slots: int,
        backfill_slots: int | None = None,
        first: str | None = None,
        within_s: float,
        room: Room,
        ctx: Context,
        fail: Callable[[Exception], None],
        dice: random.Random,
    ) -> None:
        self._handle, self._broken = handle, broken
        self._batch_max, self._slots, self._within_s = batch_max, slots, within_s
        self._backfill_slots = slots if backfill_slots is None else backfill_slots
        self._room, self._ctx, self._fail, self._dice = room, ctx, fail, dice
        self._queues: dict[str, deque[Item]] = {}
        self._lanes = Lanes(first)
        self._taken: set[str] = set()
        self._due: deque[Unit] = deque()
        self._sleeping: dict[asyncio.Task[None], Unit] = {}
        self._running: dict[asyncio.Task[None], Unit] = {}
        self._worked = 0
        self._is_stopped = False
        self._last_failed = False
        self._fresh_since = 0.0
        self._prefers_due = True

    @property
    def in_flight(self) -> int:
        return len(self._running)

    @property
    def waiting(self) -> int:
        return len(self._sleeping) + len(self._due)

    def add(self, items: Iterable[Item]) -> None:
        for item in items:
            queue = self._queues.get(item.key)
            if queue is None:
                queue = self._queues[item.key] = deque()
            queue.append(item)
            overtakes = is_backfill(queue[0]) and not is_backfill(item)
            if item.key not in self._taken and (len(queue) == 1 or overtakes):
                self._offer(item.key)
        self._dispatch()

    def drop(self, helds: Collection[Held]) -> None:
        """Forget the records of these partitions that no unit handles just now."""
        dropped = [item for queue in self._queues.values() for item in queue if item.held in helds]
        for key in {item.key for item in dropped}:
            kept = deque(item for item in self._queues[key] if item.held not in helds)
            if kept:
                self._queues[key] = kept
            else:
                del self._queues[key]
        self._lanes.clear()
        for key in self._queues.keys() - self._taken:
            self._offer(key)
        for unit in (*self._sleeping.values(), *self._due):
            gone = [item for item in unit.items if item.held in helds]
            self._take_out(unit, gone)
            dropped += gone
        self._room.give(dropped)
        if not self.waiting:
            self._ctx.health.well(PART)

    def stop(self) -> None:
        """Start nothing any more."""
        self._is_stopped = True

    async def settle(self, helds: Collection[Held] | None, within_s: float) -> bool:
        """Wait until no unit handles a record of these partitions (None: of any)."""
        tasks = {
            task
            for task, unit in self._running.items()
            if helds is None or any(item.held in helds for item in unit.items)
        }
        if not tasks:
            return True
        _, late = await asyncio.wait(tasks, timeout=within_s)
        return not late

    def cancel(self) -> None:
        for task in (*self._sleeping, *self._running):
            task.cancel()

    def _dispatch(self) -> None:
        while not self._is_stopped and len(self._running) < self._slots:
            unit = self._next()
            if unit is None:
                return
            task = asyncio.create_task(self._run(unit))
            self._running[task] = unit
            task.add_done_callback(self._ran)

    def _next(self) -> Unit | None:
        """A unit that is due again and a fresh one in turn, so that neither keeps out the other."""
        self._prefers_due = not self._prefers_due
        if self._prefers_due:
            return self._again() or self._compose()
        return self._compose() or self._again()

    def _again(self) -> Unit | None:
        """The first that is due, and of the backfill only where its lane has room."""
        is_full = self._is_lane_full()
        self._due = deque(unit for unit in self._due if unit.items)
        for place, unit in enumerate(self._due):
            if not (unit.is_backfill and is_full):
                del self._due[place]
                return unit
        return None

    def _is_lane_full(self) -> bool:
        running = sum(unit.is_backfill for unit in self._running.values())
        return running >= self._backfill_slots

    def _offer(self, key: str) -> None:
        self._lanes.put(key, self._queues[key])

    def _compose(self) -> Unit | None:
        """The oldest records whose keys are free, so that what is finished stays close together
        and a restart repeats little."""
        if self._is_held_back():
            return None
        for lane, heap in self._lanes.in_turn(without_backfill=self._is_lane_full()):
            items = self._taken_from(heap)
            if items:
                self._fresh_since = time.monotonic()
                self._lanes.went(lane)
                return Unit(items, is_backfill=lane.is_backfill)
        return None

    def _taken_from(self, heap: Heap) -> list[Item]:
        items: list[Item] = []
        own: set[str] = set()
        while heap and len(items) < self._batch_max:
            number, key = heappop(heap)
            queue = self._queues.get(key)
            if not queue or queue[0].number != number or (key in self._taken and key not in own):
                continue  # a key that has been taken since it was put here; it comes back by itself
            items.append(queue.popleft())
            own.add(key)
            self._taken.add(key)
            if queue:
                self._offer(key)
            else:
                del self._queues[key]
        return items

    def _is_held_back(self) -> bool:
        """With many units waiting and the last fresh one failed, it is the outside that is away:
        more attempts at once would only press on it."""
        is_crowded = self.waiting >= max(16, 4 * self._slots)
        is_early = time.monotonic() - self._fresh_since < FRESH_EVERY_S
        return is_crowded and self._last_failed and is_early

    async def _run(self, unit: Unit) -> None:
        started = time.monotonic()
        telemetry = self._ctx.telemetry
        telemetry.observe(names.BATCH_SIZE, len(unit.items))
        try:
            await self._attempt(unit)
        except RetryableError as error:
            self._back_off(unit, error)
        except Exception as error:  # a FatalError, or the handling of a broken record broke
            self._fail(error)
        else:
            self._succeeded(unit)
        telemetry.observe(names.HANDLE_SECONDS, time.monotonic() - started)

    async def _attempt(self, unit: Unit) -> None:
        """Handle what is left of the unit; an unexpected error narrows it down to its record."""
        if not unit.one_by_one:
            try:
                await self._handled(unit.items)
                self._finish(unit, unit.items)
                return
            except (RetryableError, FatalError):
                raise
            except Exception as error:  # whatever a record does to the service, the others go on
                if len(unit.items) == 1:
                    await self._end_as_broken(unit.items[0], error)
                    self._finish(unit, unit.items)
                    return
                unit.one_by_one = True
        while unit.items:
            await self._one(unit.items[0])
            self._finish(unit, unit.items[:1])

    async def _one(self, item: Item) -> None:
        try:
            await self._handled([item])
        except (RetryableError, FatalError):
            raise
        except Exception as error:  # the record that nobody can handle
            await self._end_as_broken(item, error)

    async def _handled(self, items: Sequence[Item]) -> None:
        limit = asyncio.timeout(self._within_s)
        try:
            async with limit:
                await self._handle([item.record for item in items])
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise RetryableError(f"not handled within {self._within_s:g} s") from error

    async def _end_as_broken(self, item: Item, error: Exception) -> None:
        where = item.record.coordinates
        logs.warning(names.RECORD_BROKEN, f"{where} cannot be handled", error, at=str(where))
        await self._broken(item.record, error)
        self._ctx.telemetry.count(names.RECORDS_BROKEN, topic=where.topic)

    def _succeeded(self, unit: Unit) -> None:
        self._worked += 1
        if not unit.attempts:
            self._last_failed = False
        self._ctx.health.well(PART)

    def _finish(self, unit: Unit, items: Sequence[Item]) -> None:
        for item in items:
            item.held.finished(item.record.coordinates.offset)
        self._room.give(items)
        self._take_out(unit, items)

    def _take_out(self, unit: Unit, items: Sequence[Item]) -> None:
        """The unit goes on without these; keys that it no longer holds are free for others."""
        if not items:
            return
        gone = {item.number for item in items}
        before = unit.keys
        unit.items = [item for item in unit.items if item.number not in gone]
        for key in before.keys() - unit.keys.keys():
            self._taken.discard(key)
            if key in self._queues:
                self._offer(key)

    def _back_off(self, unit: Unit, error: RetryableError) -> None:
        if not unit.attempts:
            unit.worked_before = self._worked
            self._last_failed = True
        unit.attempts += 1
        self._take_out(unit, [item for item in unit.items if item.held.is_released])
        if not unit.items:
            return
        self._ctx.telemetry.count(names.RETRIES, part=PART)
        self._say_why(unit, error)
        delay_s = delay_of(error, unit.attempts, FIRST_S, MOST_S, self._dice)
        for part in self._split(unit):
            task = asyncio.create_task(self._ctx.clock.sleep(delay_s))
            self._sleeping[task] = part
            task.add_done_callback(self._slept)

    def _split(self, unit: Unit) -> list[Unit]:
        """In two where others get through, or from time to time, to find the keys that do not."""
        keys = list(unit.keys)
        others_work = self._worked > unit.worked_before
        if len(keys) == 1 or not (others_work or unit.attempts % SPLIT_EVERY == 0):
            return [unit]
        first = set(keys[: len(keys) // 2])
        halves = (
            [item for item in unit.items if item.key in first],
            [item for item in unit.items if item.key not in first],
        )
        return [
            Unit(half, unit.attempts, unit.one_by_one, self._worked, unit.is_backfill)
            for half in halves
        ]

    def _say_why(self, unit: Unit, error: RetryableError) -> None:
        if unit.attempts >= OUTAGE_ATTEMPTS and self._worked == unit.worked_before:
            self._ctx.health.waiting(PART, str(error))
        if unit.attempts in {10, 100, 1_000}:
            where = str(unit.items[0].record.coordinates)
            message = f"{len(unit.items)} records failed {unit.attempts} times"
            logs.warning(names.UNIT_RETRIED, message, error, at=where, attempts=unit.attempts)

    def _ran(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        if not task.cancelled():
            self._dispatch()

    def _slept(self, task: asyncio.Task[None]) -> None:
        unit = self._sleeping.pop(task)
        if not task.cancelled():
            self._due.append(unit)
            self._dispatch()
