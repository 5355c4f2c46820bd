"""Keyed concurrency without Kafka: whatever fails, every record is finished once and in order."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kernel.errors import RetryableError
from kernel.headers import BACKFILL, LANE
from runtime.clock import Clock
from runtime.health import Health
from runtime.held import Held, Item, Room
from runtime.process import Context
from runtime.records import Record
from runtime.telemetry import open_telemetry
from runtime.work import Handle, Work
from tests.unit.runtime.test_held import NO_HEADERS, an_item

PARTITION = ("topic", 0)


class Quick(Clock):
    """A clock that waits a thousandth of what it is asked to."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 1000)


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(20_000):
        if holds():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("did not happen in time")


class Bench:
    """A work bench with one partition; `feed` puts (key, number) pairs on it."""

    def __init__(
        self,
        handle: Handle,
        *,
        batch_max: int = 10,
        slots: int = 3,
        backfill_slots: int | None = None,
        first: str | None = None,
    ) -> None:
        stop = asyncio.Event()
        self.ctx = Context(
            service="test",
            stop=stop,
            health=Health(stop),
            telemetry=open_telemetry("test", "0"),
            clock=Quick(),
        )
        self.broken: list[int] = []
        self.failures: list[Exception] = []
        self.held = Held(PARTITION)
        self.room = Room(100_000, 100_000_000)
        self.room.open_for(PARTITION)
        self._offset = 0
        self.work = Work(
            handle,
            self._end,
            batch_max=batch_max,
            slots=slots,
            backfill_slots=backfill_slots,
            first=first,
            within_s=60.0,
            room=self.room,
            ctx=self.ctx,
            fail=self.failures.append,
            dice=random.Random(1),
        )

    def feed(
        self, *keys: str, headers: Mapping[str, str] = NO_HEADERS, held: Held | None = None
    ) -> list[Item]:
        items, held = [], held or self.held
        for key in keys:
            item = an_item(held, self._offset, key=key, headers=headers)
            held.arrived(self._offset)
            self._offset += 1
            items.append(item)
        self.room.take((held.partition, item.size) for item in items)
        self.work.add(items)
        return items

    def another(self, topic: str) -> Held:
        """A partition of another topic."""
        held = Held((topic, 0))
        self.room.open_for(held.partition)
        return held

    async def until_done(self) -> None:
        await until(lambda: not (self.held.unfinished or self.work.in_flight))

    async def _end(self, record: Record, error: Exception) -> None:
        self.broken.append(record.coordinates.offset)


@pytest.mark.parametrize("seed", range(6))
async def test_with_random_failures_every_key_is_handled_once_and_in_order(seed: int) -> None:
    dice = random.Random(seed)
    keys_in_hand: set[str] = set()
    done: dict[str, list[int]] = defaultdict(list)
    hopeless = {7, 77, 377}

    async def handle(records: Sequence[Record]) -> None:
        keys = {record.key for record in records}
        assert not keys & keys_in_hand
        keys_in_hand.update(keys)
        await asyncio.sleep(dice.choice((0, 0, 0.001)))
        keys_in_hand.difference_update(keys)
        if dice.random() < 0.3:
            raise RetryableError("not just now")
        if hopeless & {record.coordinates.offset for record in records}:
            raise ValueError("hopeless")
        for record in records:
            done[record.key].append(record.coordinates.offset)

    bench = Bench(handle, batch_max=7, slots=4)
    for _ in range(10):
        bench.feed(*(f"key-{dice.randrange(25)}" for _ in range(50)))
        await asyncio.sleep(0.005)
    await bench.until_done()
    finished = Counter(offset for offsets in done.values() for offset in offsets)
    assert finished == Counter(set(range(500)) - hopeless)
    assert all(offsets == sorted(offsets) for offsets in done.values())
    assert sorted(bench.broken) == sorted(hopeless)
    assert bench.held.safe == 500
    assert bench.room.records == 0
    assert bench.work.in_flight == bench.work.waiting == 0
    assert bench.failures == []


async def test_the_oldest_records_are_taken_first_so_that_a_restart_repeats_little() -> None:
    units: list[list[int]] = []

    async def handle(records: Sequence[Record]) -> None:
        units.append([record.coordinates.offset for record in records])

    bench = Bench(handle, batch_max=4, slots=1)
    bench.feed(*"abcabcabcabc")
    await bench.until_done()
    assert units == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]


async def test_a_stuck_key_in_a_large_unit_is_found_and_the_rest_goes_on() -> None:
    done: set[str] = set()

    async def handle(records: Sequence[Record]) -> None:
        if any(record.key == "key-13" for record in records):
            raise RetryableError("locked")
        done.update(record.key for record in records)

    bench = Bench(handle, batch_max=100, slots=1)
    bench.feed(*(f"key-{number}" for number in range(64)))
    await until(lambda: len(done) == 63)
    assert "key-13" not in done
    assert bench.held.safe == 13
    bench.work.cancel()


async def test_dropping_a_partition_forgets_its_records_and_frees_their_keys() -> None:
    is_away = True
    done: list[int] = []

    async def handle(records: Sequence[Record]) -> None:
        if is_away:
            raise RetryableError("away")
        done.extend(record.coordinates.offset for record in records)

    bench = Bench(handle, batch_max=2, slots=1)
    bench.feed(*"aabbccdd")
    await until(lambda: bench.work.waiting > 0)
    old = bench.held
    bench.work.drop([old])
    await bench.work.settle([old], 5.0)
    bench.work.drop([old])
    old.is_released = True
    assert bench.room.records == 0
    bench.held = Held(PARTITION)
    is_away = False
    again = bench.feed(*"abcd")
    await bench.until_done()
    assert sorted(done) == sorted(item.record.coordinates.offset for item in again)
    assert bench.ctx.health.is_well("work")


async def test_a_unit_that_runs_when_its_partition_is_lost_ends_without_a_trace() -> None:
    may_go_on = asyncio.Event()
    attempts = 0

    async def handle(records: Sequence[Record]) -> None:
        nonlocal attempts
        attempts += 1
        await may_go_on.wait()
        if attempts == 1:
            raise RetryableError("too late")

    bench = Bench(handle, slots=1)
    bench.feed("a")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    bench.held.is_released = True
    bench.work.drop([bench.held])
    bench.room.close_for(PARTITION)
    bench.room.open_for(PARTITION)
    bench.held = Held(PARTITION)
    bench.feed("a")
    may_go_on.set()
    await bench.until_done()
    assert attempts == 2
    assert bench.room.records == 0


async def test_when_the_outside_is_away_few_new_attempts_join_those_that_wait() -> None:
    started: set[str] = set()

    async def handle(records: Sequence[Record]) -> None:
        started.add(records[0].key)
        raise RetryableError("the vendor is down")

    bench = Bench(handle, batch_max=1, slots=2)
    bench.feed(*(f"key-{number}" for number in range(500)))
    await asyncio.sleep(0.3)
    assert 16 <= len(started) < 40
    bench.work.cancel()


async def test_a_broken_handler_of_broken_records_stops_the_work() -> None:
    async def handle(records: Sequence[Record]) -> None:
        raise ValueError("always")

    bench = Bench(handle)
    bench.broken = None  # type: ignore[assignment]  # so that ending the record breaks as well
    bench.feed("a")
    await until(lambda: len(bench.failures) > 0)
    assert bench.held.safe == 0


IN_LANE = {LANE: BACKFILL}


def is_of_backfill(record: Record) -> bool:
    return record.headers.get(LANE) == BACKFILL


async def test_t8_4_backfill_never_takes_more_than_its_slots_and_the_others_overtake_it() -> None:
    running: Counter[bool] = Counter()
    most: Counter[bool] = Counter()
    done: list[bool] = []

    async def handle(records: Sequence[Record]) -> None:
        (record,) = records
        lane = is_of_backfill(record)
        running[lane] += 1
        most[lane] = max(most[lane], running[lane])
        await asyncio.sleep(0.002)
        running[lane] -= 1
        done.append(lane)

    bench = Bench(handle, batch_max=1, slots=5, backfill_slots=2)
    bench.feed(*(f"old {number}" for number in range(100)), headers=IN_LANE)
    await until(lambda: len(done) >= 4)
    bench.feed(*(f"new {number}" for number in range(30)))
    await bench.until_done()
    assert (most[True], most[False]) == (2, 3)
    assert done.index(False) < 20
    last_live = len(done) - 1 - done[::-1].index(False)
    assert done[:last_live].count(True) < 60
    assert len(done) == 130


async def test_backfill_that_is_tried_again_stays_in_its_lane() -> None:
    running, most = 0, 0
    failed: set[str] = set()

    async def handle(records: Sequence[Record]) -> None:
        nonlocal running, most
        (record,) = records
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1
        if record.key not in failed:
            failed.add(record.key)
            raise RetryableError("busy")

    bench = Bench(handle, batch_max=1, slots=5, backfill_slots=2)
    bench.feed(*(f"key {number}" for number in range(40)), headers=IN_LANE)
    await bench.until_done()
    assert most == 2
    assert len(failed) == 40


async def test_a_record_that_waits_behind_backfill_of_its_own_key_takes_it_along() -> None:
    order: list[tuple[str, bool]] = []
    gate = asyncio.Event()

    async def handle(records: Sequence[Record]) -> None:
        (record,) = records
        order.append((record.key, is_of_backfill(record)))
        if record.key == "first":
            await gate.wait()

    bench = Bench(handle, batch_max=1, slots=2, backfill_slots=1)
    bench.feed("first", "second", "third", headers=IN_LANE)
    await until(lambda: len(order) == 1)
    bench.feed("third")
    await until(lambda: ("third", False) in order)
    assert order == [("first", True), ("third", True), ("third", False)]
    gate.set()
    await bench.until_done()
    assert order[-1] == ("second", True)


@given(some.lists(some.tuples(some.sampled_from("abcdef"), some.booleans()), max_size=60))
def test_in_two_lanes_every_record_is_finished_once_and_in_the_order_of_its_key(
    fed: list[tuple[str, bool]],
) -> None:
    handled: dict[str, list[int]] = defaultdict(list)

    async def handle(records: Sequence[Record]) -> None:
        await asyncio.sleep(0)
        for record in records:
            handled[record.key].append(record.coordinates.offset)

    async def work_off() -> None:
        bench = Bench(handle, batch_max=2, slots=3, backfill_slots=1)
        for key, is_old in fed:
            bench.feed(key, headers=IN_LANE if is_old else NO_HEADERS)
        await bench.until_done()

    asyncio.run(work_off())
    assert sorted(offset for some_of in handled.values() for offset in some_of) == list(
        range(len(fed))
    )
    assert all(offsets == sorted(offsets) for offsets in handled.values())
