"""What is in hand: which offset is safe to commit, and whose share of the room is used up."""

import random
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as some

from kernel.messages import Coordinates
from runtime.held import Held, Item, Room
from runtime.records import Record

A, B = ("topic", 0), ("topic", 1)
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def an_item(
    held: Held,
    offset: int = 0,
    *,
    key: str = "key",
    size: int = 10,
    headers: Mapping[str, str] = NO_HEADERS,
) -> Item:
    topic, partition = held.partition
    where = Coordinates(topic, partition, offset)
    return Item(
        Record(where, key, b"", headers, datetime(2026, 1, 1, tzinfo=UTC)), held, key, offset, size
    )


def test_nothing_is_safe_before_a_record_arrived() -> None:
    assert Held(A).safe is None


def test_the_oldest_unfinished_record_holds_the_commit_back() -> None:
    held = Held(A)
    for offset in (10, 11, 12):
        held.arrived(offset)
    held.finished(11)
    held.finished(12)
    assert held.safe == 10
    held.finished(10)
    assert held.safe == 13


@given(some.lists(some.integers(0, 60), unique=True, min_size=1), some.randoms())
def test_everything_before_the_safe_offset_is_finished_whatever_the_order(
    offsets: list[int], dice: random.Random
) -> None:
    held = Held(A)
    for offset in sorted(offsets):
        held.arrived(offset)
    unfinished = set(offsets)
    for offset in dice.sample(offsets, len(offsets)):
        assert held.safe is not None
        assert not any(one < held.safe for one in unfinished)
        held.finished(offset)
        unfinished.discard(offset)
    assert held.safe == max(offsets) + 1


def test_the_room_is_full_by_records_or_by_bytes() -> None:
    room = Room(records_max=4, bytes_max=100)
    room.open_for(A)
    room.take([(A, 1)] * 3)
    assert not room.is_full()
    room.take([(A, 1)])
    assert room.is_full()
    by_bytes = Room(records_max=1_000, bytes_max=100)
    by_bytes.open_for(A)
    by_bytes.take([(A, 100)])
    assert by_bytes.is_full()


def test_only_partitions_over_their_share_are_named() -> None:
    room = Room(records_max=10, bytes_max=1_000)
    room.open_for(A)
    room.open_for(B)
    room.take([(A, 1)] * 8 + [(B, 1)] * 2)
    assert room.over(1.0) == {A}
    assert room.over(0.3) == {A, B}
    room.close_for(A)
    assert room.records == 2


def test_a_record_of_a_released_partition_gives_no_room_back_twice() -> None:
    room = Room(records_max=10, bytes_max=1_000)
    room.open_for(A)
    old = Held(A)
    room.take([(A, 10)])
    room.close_for(A)
    old.is_released = True
    room.open_for(A)
    room.take([(A, 10)])
    room.give([an_item(old)])
    assert room.records == 1


def test_whoever_waits_for_room_wakes_up_when_half_of_it_is_free() -> None:
    room = Room(records_max=4, bytes_max=1_000)
    room.open_for(A)
    held = Held(A)
    room.take([(A, 10)] * 4)
    waiter = threading.Thread(target=room.await_half, args=(30.0,))
    waiter.start()
    room.give([an_item(held)] * 2)
    waiter.join(10)
    assert not waiter.is_alive()
