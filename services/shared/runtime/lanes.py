"""The keys that are free, by the lane in which their oldest record waits."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappush
from typing import NamedTuple

from kernel.headers import BACKFILL, LANE
from runtime.held import Item

Heap = list[tuple[int, str]]
"""Keys by the number of their oldest record. A key may stand there more than once, and after it
was taken: whoever pops one looks whether it still holds."""


class Lane(NamedTuple):
    """A unit holds records of one lane."""

    is_backfill: bool
    topic: str
    """Empty where the records of all topics may stand in one unit."""


@dataclass(slots=True)
class Lanes:
    """`first`: a topic whose records do not wait behind what else has come; None: all are alike."""

    first: str | None = None
    _heaps: dict[Lane, Heap] = field(default_factory=dict)
    _had_first: bool = False

    def put(self, key: str, waiting: Sequence[Item]) -> None:
        """A key goes with the backfill only while nothing else waits behind it."""
        oldest = waiting[0]
        topic = oldest.record.coordinates.topic if self.first else ""
        lane = Lane(all(map(is_backfill, waiting)), topic)
        heappush(self._heaps.setdefault(lane, []), (oldest.number, key))

    def in_turn(self, *, without_backfill: bool) -> list[tuple[Lane, Heap]]:
        """Those with something in them: the first topic every other time at least, else the one
        with the older record before the others."""
        filled = [
            (lane, heap)
            for lane, heap in self._heaps.items()
            if heap and not (without_backfill and lane.is_backfill)
        ]
        return sorted(filled, key=lambda item: (not self._is_preferred(item[0]), item[1][0]))

    def went(self, lane: Lane) -> None:
        """A unit of this lane was begun."""
        self._had_first = lane.topic == self.first

    def clear(self) -> None:
        self._heaps.clear()

    def _is_preferred(self, lane: Lane) -> bool:
        return lane.topic == self.first and not (self._had_first or lane.is_backfill)


def is_backfill(item: Item) -> bool:
    return item.record.headers.get(LANE) == BACKFILL
