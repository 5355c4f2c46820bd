"""The consume loop on a real Kafka: order, commits, retries, broken records, fullness."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import pytest

from kernel.errors import FatalError, RetryableError
from runtime.consume import Record, consume
from runtime.process import Context
from tests.integration.conftest import MakeTopic
from tests.integration.runtime.parts import (
    committed,
    consumption,
    fill,
    never_broken,
    numbered,
    until,
)

pytestmark = pytest.mark.real


async def test_each_key_keeps_its_order_while_many_keys_are_handled_at_once(
    kafka: str, make_topic: MakeTopic, ctx: Context
) -> None:
    topic = make_topic(partitions=6)
    fill(kafka, topic, numbered(keys=120, each=20))
    dice = random.Random(7)
    in_hand: set[str] = set()
    at_once: list[int] = []
    seen: dict[str, list[int]] = defaultdict(list)

    async def handle(records: Sequence[Record]) -> None:
        keys = {record.key for record in records}
        assert not keys & in_hand, "a key is in two units"
        in_hand.update(keys)
        at_once.append(len(in_hand))
        await asyncio.sleep(dice.uniform(0, 0.01))
        for record in records:
            seen[record.key].append(int(record.value or b""))
        in_hand.difference_update(keys)
        if sum(map(len, seen.values())) == 2_400:
            ctx.stop.set()

    await consume(
        consumption(kafka, topic, batch_max=3, slots=8), handle, ctx=ctx, broken=never_broken
    )
    assert len(seen) == 120
    assert all(numbers == list(range(20)) for numbers in seen.values())
    assert max(at_once) > 8


async def test_only_what_lies_before_the_oldest_unfinished_record_is_committed(
    kafka: str, make_topic: MakeTopic, ctx: Context
) -> None:
    topic = make_topic(partitions=1)
    fill(kafka, topic, [(f"key-{number}", b"") for number in range(50)])
    release = asyncio.Event()
    handled: list[int] = []

    async def handle(records: Sequence[Record]) -> None:
        if records[0].coordinates.offset == 7:
            await release.wait()
        handled.append(records[0].coordinates.offset)

    running = asyncio.create_task(
        consume(consumption(kafka, topic, batch_max=1), handle, ctx=ctx, broken=never_broken)
    )
    await until(lambda: len(handled) == 49)
    await until(lambda: committed(kafka, topic, topic, 1) == {0: 7})
    release.set()
    await until(lambda: committed(kafka, topic, topic, 1) == {0: 50})
    ctx.stop.set()
    await running


async def test_a_poisoned_key_waits_alone_and_then_follows_in_order(
    kafka: str, make_topic: MakeTopic, ctx: Context
) -> None:
    topic = make_topic()
    fill(kafka, topic, numbered(keys=20, each=10))
    is_cured = False
    seen: dict[str, list[int]] = defaultdict(list)

    async def handle(records: Sequence[Record]) -> None:
        if not is_cured and any(record.key == "key-3" for record in records):
            raise RetryableError("key-3 is locked")
        for record in records:
            seen[record.key].append(int(record.value or b""))

    running = asyncio.create_task(
        consume(
            consumption(kafka, topic, batch_max=50, slots=1), handle, ctx=ctx, broken=never_broken
        )
    )
    await until(lambda: len(seen) == 19 and all(len(some) == 10 for some in seen.values()))
    assert "key-3" not in seen
    is_cured = True
    await until(lambda: len(seen["key-3"]) == 10)
    ctx.stop.set()
    await running
    assert all(numbers == list(range(10)) for numbers in seen.values())


async def test_an_outage_is_said_once_on_health_and_retried_in_place_until_it_is_over(
    kafka: str, make_topic: MakeTopic, ctx: Context
) -> None:
    topic = make_topic(partitions=1)
    fill(kafka, topic, numbered(keys=5, each=4))
    is_away = True
    attempts = 0
    handled: list[Record] = []

    async def handle(records: Sequence[Record]) -> None:
        nonlocal attempts
        attempts += 1
        if is_away:
            raise RetryableError("the ledger is away")
        handled.extend(records)

    running = asyncio.create_task(
        consume(consumption(kafka, topic), handle, ctx=ctx, broken=never_broken)
    )
    await until(lambda: ctx.health.parts.get("work") == "the ledger is away")
    assert not ctx.health.ready
    await until(lambda: attempts > 4)
    is_away = False
    await until(lambda: len(handled) == 20)
    assert ctx.health.ready
    assert [record.coordinates.offset for record in handled] == list(range(20))
    ctx.stop.set()
    await running


async def test_one_broken_record_is_ended_by_itself_and_its_neighbours_are_handled(
    kafka: str, make_topic: MakeTopic, ctx: Context
) -> None:
    topic = make_topic(partitions=1)
    fill(kafka, topic, [(f"key-{number % 4}", str(number).encode()) for number in range(40)])
    handled: list[int] = []
    ended: list[int] = []

    async def handle(records: Sequence[Record]) -> None:
        if any(record.value == b"13" for record in records):
            raise ZeroDivisionError("13 cannot be divided")
        handled.extend(int(record.value or b"") for record in records)

    async def broken(record: Record, error: Exception) -> None:
        assert isinstance(error, ZeroDivisionError)
        ended.append(int(record.value or b""))

    running = asyncio.create_task(
        consume(consumption(kafka, topic, slots=1), handle, ctx=ctx, broken=broken)
    )
    await until(lambda: committed(kafka, topic, topic, 1) == {0: 40})
    ctx.stop.set()
    await running
    assert ended == [13]
    assert handled == [number for number in range(40) if number != 13]


async def test_a_fatal_error_ends_the_loop_and_its_record_is_not_committed(
    kafka: str, make_topic: MakeTopic, ctx: Context
) -> None:
    topic = make_topic(partitions=1)
    fill(kafka, topic, [("key", str(number).encode()) for number in range(5)])

    async def handle(records: Sequence[Record]) -> None:
        if records[0].value == b"3":
            raise FatalError("the credentials were revoked")

    with pytest.raises(FatalError, match="the credentials were revoked"):
        await consume(consumption(kafka, topic, batch_max=1), handle, ctx=ctx, broken=never_broken)
    assert committed(kafka, topic, topic, 1) == {0: 3}


async def test_a_full_consumer_pauses_keeps_its_partitions_and_resumes(
    kafka: str, make_topic: MakeTopic, ctx: Context
) -> None:
    topic = make_topic(partitions=2)
    fill(kafka, topic, numbered(keys=50, each=60))
    held = asyncio.Event()
    handled: list[tuple[int, int]] = []

    async def handle(records: Sequence[Record]) -> None:
        await held.wait()
        handled.extend((item.coordinates.partition, item.coordinates.offset) for item in records)

    slow = consumption(kafka, topic, batch_max=10, slots=2, pending_max=100, silent_max_s=8.0)
    running = asyncio.create_task(consume(slow, handle, ctx=ctx, broken=never_broken))
    await until(lambda: metric(ctx, "tallystick_partitions_paused") == 2)
    in_hand = metric(ctx, "tallystick_records_in_hand")
    await asyncio.sleep(slow.silent_max_s + 2)
    assert metric(ctx, "tallystick_records_in_hand") == in_hand
    assert in_hand <= 2 * 500 + 100
    held.set()
    await until(lambda: len(handled) == 3_000)
    ctx.stop.set()
    await running
    assert len(set(handled)) == 3_000, "a rebalance would have brought records again"


async def test_a_partition_full_of_a_stuck_key_does_not_stop_the_others(
    kafka: str, make_topic: MakeTopic, ctx: Context
) -> None:
    topic = make_topic(partitions=4)
    fill(kafka, topic, [("stuck", b"x") for _ in range(1_500)])
    fill(kafka, topic, numbered(keys=200, each=10))
    elsewhere: set[str] = set()
    stuck_at: set[int] = set()

    async def handle(records: Sequence[Record]) -> None:
        if records[0].key == "stuck":
            stuck_at.add(records[0].coordinates.partition)
            raise RetryableError("stuck")
        elsewhere.update(record.key for record in records)

    running = asyncio.create_task(
        consume(
            consumption(kafka, topic, batch_max=1, slots=2, pending_max=400),
            handle,
            ctx=ctx,
            broken=never_broken,
        )
    )
    await until(lambda: metric(ctx, "tallystick_partitions_paused") >= 1)
    await until(lambda: len(elsewhere) > 100)
    ctx.stop.set()
    await running
    assert len(stuck_at) == 1


async def test_records_without_a_key_keep_the_order_of_their_partition(
    kafka: str, make_topic: MakeTopic, ctx: Context
) -> None:
    topic = make_topic(partitions=1)
    fill(kafka, topic, [(None, str(number).encode()) for number in range(30)])
    seen: list[int] = []

    async def handle(records: Sequence[Record]) -> None:
        await asyncio.sleep(0.001)
        seen.extend(int(record.value or b"") for record in records)

    running = asyncio.create_task(
        consume(consumption(kafka, topic, batch_max=2), handle, ctx=ctx, broken=never_broken)
    )
    await until(lambda: len(seen) == 30)
    ctx.stop.set()
    await running
    assert seen == list(range(30))


async def test_a_record_as_large_as_a_topic_takes_passes_between_small_ones(
    kafka: str, make_topic: MakeTopic, ctx: Context
) -> None:
    topic = make_topic(partitions=2)
    large = [(f"key-{number}", bytes([number]) * 900_000) for number in range(12)]
    fill(kafka, topic, [*numbered(keys=20, each=2), *large, *numbered(keys=20, each=2)])
    sizes: list[int] = []

    async def handle(records: Sequence[Record]) -> None:
        sizes.extend(len(record.value or b"") for record in records)

    running = asyncio.create_task(
        consume(
            consumption(kafka, topic, pending_bytes_max=2_000_000),
            handle,
            ctx=ctx,
            broken=never_broken,
        )
    )
    await until(lambda: len(sizes) == 92)
    ctx.stop.set()
    await running
    assert sizes.count(900_000) == 12


async def test_reading_starts_where_the_service_says_once_it_can_say_it(
    kafka: str, make_topic: MakeTopic, ctx: Context
) -> None:
    topic = make_topic(partitions=2)
    fill(kafka, topic, numbered(keys=40, each=5))
    seen: list[tuple[int, int]] = []
    asked = 0

    async def handle(records: Sequence[Record]) -> None:
        seen.extend((item.coordinates.partition, item.coordinates.offset) for item in records)

    async def starts(partitions: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], int]:
        nonlocal asked
        asked += 1
        if asked < 3:
            raise RetryableError("the store is away")
        return {partition: 90 for partition in partitions if partition[1] == 0}

    running = asyncio.create_task(
        consume(consumption(kafka, topic), handle, ctx=ctx, broken=never_broken, starts=starts)
    )
    await until(lambda: sum(part == 1 for part, _ in seen) + 90 >= 100 or len(seen) > 100)
    await until(lambda: ctx.health.ready)
    ctx.stop.set()
    await running
    assert min(offset for part, offset in seen if part == 0) == 90
    assert min(offset for part, offset in seen if part == 1) == 0


async def test_a_handler_that_hangs_is_cancelled_and_its_records_come_again(
    kafka: str, make_topic: MakeTopic, ctx: Context
) -> None:
    topic = make_topic(partitions=1)
    fill(kafka, topic, [("key", b"1")])
    attempts = 0

    async def handle(records: Sequence[Record]) -> None:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            await asyncio.Event().wait()
        ctx.stop.set()

    await consume(
        consumption(kafka, topic, handle_within_s=0.2), handle, ctx=ctx, broken=never_broken
    )
    assert attempts == 2


def metric(ctx: Context, name: str) -> float:
    """The value of a gauge without labels; -1 before there is one."""
    for line in ctx.telemetry.exposition().decode().splitlines():
        if line.split("{")[0].split(" ")[0] == name:
            return float(line.rsplit(" ", 1)[1])
    return -1.0
