"""The records in hand: of each partition which are unfinished, and how many there are in all."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from runtime.records import Record

Partition = tuple[str, int]


@dataclass(slots=True, eq=False)
class Held:
    """One assigned partition from its assignment to its release. Only the event loop uses it."""

    partition: Partition
    unfinished: set[int] = field(default_factory=set)
    next: int | None = None
    """The offset behind the last record that arrived; None before the first."""
    committed: int | None = None
    is_released: bool = False

    def arrived(self, offset: int) -> None:
        self.unfinished.add(offset)
        self.next = max(offset + 1, self.next or 0)

    def finished(self, offset: int) -> None:
        self.unfinished.discard(offset)

    @property
    def safe(self) -> int | None:
        """Everything before this offset is finished: the one to commit."""
        return min(self.unfinished) if self.unfinished else self.next


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A record in hand. `key` is what order hangs on, `number` counts arrivals, `size` is bytes."""

    record: Record
    held: Held
    key: str
    number: int
    size: int


class Room:
    """How many records and bytes are in hand; filled by the fetching thread, emptied by the loop.

    Each partition has an equal share, so that one that is stuck cannot take all of the room.
    """

    def __init__(self, records_max: int, bytes_max: int) -> None:
        self._records_max, self._bytes_max = records_max, bytes_max
        self._records: dict[Partition, int] = {}
        self._bytes: dict[Partition, int] = {}
        self._changed = threading.Condition()

    def open_for(self, partition: Partition) -> None:
        with self._changed:
            self._records[partition] = self._bytes[partition] = 0

    def close_for(self, partition: Partition) -> None:
        with self._changed:
            self._records.pop(partition, None)
            self._bytes.pop(partition, None)
            self._changed.notify_all()

    def take(self, records: Iterable[tuple[Partition, int]]) -> None:
        """Each with its partition, which is open, and its size."""
        with self._changed:
            for partition, size in records:
                self._records[partition] += 1
                self._bytes[partition] += size

    def give(self, items: Iterable[Item]) -> None:
        with self._changed:
            for item in items:
                if not item.held.is_released:
                    self._records[item.held.partition] -= 1
                    self._bytes[item.held.partition] -= item.size
            self._changed.notify_all()

    @property
    def records(self) -> int:
        with self._changed:
            return sum(self._records.values())

    def is_full(self) -> bool:
        with self._changed:
            return self._filled() >= 1.0

    def await_half(self, timeout_s: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._filled() <= 0.5, timeout_s)

    def over(self, part_of_share: float) -> set[Partition]:
        """Partitions that hold at least this part of their share."""
        with self._changed:
            count = max(1, len(self._records))
            records = self._records_max / count * part_of_share
            size = self._bytes_max / count * part_of_share
            return {
                partition
                for partition, held in self._records.items()
                if held >= records or self._bytes[partition] >= size
            }

    def _filled(self) -> float:
        return max(
            sum(self._records.values()) / self._records_max,
            sum(self._bytes.values()) / self._bytes_max,
        )
