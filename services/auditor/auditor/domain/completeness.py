"""Offsets against rows: the log has no holes, so every offset of a partition must have its row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

RANGES_NAMED_MAX = 100
"""Ranges of offsets named one by one; the numbers of records are exact however many there are."""


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    topic: str
    number: int

    def __str__(self) -> str:
        return f"{self.topic} [{self.number}]"


@dataclass(frozen=True, slots=True)
class Watermarks:
    """What Kafka says of a partition: its first offset, and the offset the next record gets."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Span:
    """What the store holds of a partition; `count` is 0 and the ends mean nothing where none."""

    first: int
    last: int
    count: int

    @property
    def is_gapless(self) -> bool:
        return self.count == 0 or self.count == self.last - self.first + 1


EMPTY = Span(0, -1, 0)


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """Offsets from `first` to `last`, both included."""

    partition: Partition
    first: int
    last: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        if self.first == self.last:
            return f"{self.partition} @ {self.first}"
        return f"{self.partition} @ {self.first}-{self.last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """`missing` are holes before the newest row of their partition, `behind` is what the store
    has not taken in yet, `beyond` are rows where the log has no record any more."""

    topics: int
    partitions: int
    rows: int
    missing_count: int
    behind_count: int
    missing: tuple[Range, ...]
    behind: tuple[Range, ...]
    beyond: tuple[Range, ...]

    @property
    def has_caught_up(self) -> bool:
        return not self.behind_count

    @property
    def is_whole(self) -> bool:
        return not (self.missing_count or self.behind_count or self.beyond)


def judged(
    watermarks: Mapping[Partition, Watermarks],
    spans: Mapping[Partition, Span],
    holes: Sequence[Range],
    beyond: Sequence[Range],
) -> Completeness:
    """`spans` count the rows below the high watermark, `holes` lie between the ends of a span."""
    missing = [*_missing_at_the_start(watermarks, spans), *holes]
    behind = list(not_stored_yet(watermarks, spans))
    return Completeness(
        topics=len({partition.topic for partition in watermarks}),
        partitions=len(watermarks),
        rows=sum(span.count for span in spans.values()),
        missing_count=_missing_count(watermarks, spans),
        behind_count=sum(part.count for part in behind),
        missing=tuple(sorted(missing)[:RANGES_NAMED_MAX]),
        behind=tuple(sorted(behind)[:RANGES_NAMED_MAX]),
        beyond=tuple(sorted(beyond)[:RANGES_NAMED_MAX]),
    )


def not_stored_yet(
    watermarks: Mapping[Partition, Watermarks], spans: Mapping[Partition, Span]
) -> Iterator[Range]:
    """What the log holds behind the newest row of each partition."""
    for partition, marks in watermarks.items():
        span = spans.get(partition, EMPTY)
        first = max(span.last + 1, marks.low) if span.count else marks.low
        if first < marks.high:
            yield Range(partition, first, marks.high - 1)


def is_behind(watermarks: Mapping[Partition, Watermarks], newest: Mapping[Partition, int]) -> bool:
    """Whether the log holds anything newer than the newest row of its partition."""
    return any(
        marks.low < marks.high and newest.get(partition, -1) + 1 < marks.high
        for partition, marks in watermarks.items()
    )


def beyond_the_log(
    newest: Mapping[Partition, int], watermarks: Mapping[Partition, Watermarks]
) -> Iterator[Range]:
    """Rows where the log has no record: it was cut or made anew. `newest` is the greatest offset
    stored of each partition, taken before the watermarks were asked for."""
    for partition, last in newest.items():
        high = watermarks[partition].high if partition in watermarks else 0
        if last >= high:
            yield Range(partition, high, last)


def first_missing(marks: Watermarks, span: Span, holes: Iterable[Range]) -> int:
    """Where reading must go on so that the store becomes whole. Rows that are there already are
    refused by their key, so reading them again does no harm."""
    if not span.count or span.first > marks.low:
        return marks.low
    starts = (hole.first for hole in holes if hole.last >= marks.low)
    return max(min(starts, default=span.last + 1), marks.low)


def _missing_at_the_start(
    watermarks: Mapping[Partition, Watermarks], spans: Mapping[Partition, Span]
) -> Iterator[Range]:
    for partition, span in spans.items():
        low = watermarks[partition].low
        if span.count and span.first > low:
            yield Range(partition, low, span.first - 1)


def _missing_count(
    watermarks: Mapping[Partition, Watermarks], spans: Mapping[Partition, Span]
) -> int:
    """A store that is older than the log's first offset keeps what the log has given up."""
    return sum(
        span.last + 1 - min(span.first, watermarks[partition].low) - span.count
        for partition, span in spans.items()
        if span.count
    )
