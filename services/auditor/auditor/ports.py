"""What the auditor needs from outside: a store that grows, counts of it, and the log's ends."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from auditor.domain.columns import LogRecord
from auditor.domain.completeness import Partition, Range, Span, Watermarks
from auditor.domain.conservation import Group
from auditor.domain.history import Mention
from auditor.domain.waiting import Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The store at one moment. `spans` and `holes` are of rows below the high watermarks."""

    spans: Mapping[Partition, Span]
    holes: Sequence[Range]
    newest: Mapping[Partition, int]
    groups: Sequence[Group]
    captured: Mapping[str, int]
    is_guarded: bool
    """Whether the table still refuses changes of its rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """A waiting change as it is stored: its own record and its outcome's."""

    code: str
    waits_on: str
    change: LogRecord
    outcome: LogRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    groups: Sequence[Group]
    causes: Sequence[Cause]
    waiting: Sequence[WaitingRow]


class Store(Protocol):
    """The only one that writes."""

    async def append(self, records: Sequence[LogRecord]) -> None:
        """All of them or none; a record that is there already is left as it is."""
        ...


class Counts(Protocol):
    async def newest(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """The greatest offset stored of each partition that has rows."""
        ...

    async def ends(
        self, partitions: Collection[Partition]
    ) -> tuple[Mapping[Partition, Span], Sequence[Range]]:
        """What is stored of each partition that has rows, and the holes in between."""
        ...

    async def count(self, watermarks: Mapping[Partition, Watermarks]) -> Count:
        """Everything `verify` counts, of one and the same moment."""
        ...

    async def suspects(self, limit: int) -> Sequence[str]:
        """Ids of changes whose outcomes cannot be."""
        ...

    async def standings(self, limit: int) -> Standings:
        """The changes by state, and up to `limit` of those that wait."""
        ...


class Shelf(Protocol):
    """Finds the records of a story."""

    async def mentions(self, ref_or_id: str) -> Sequence[Mention]:
        """Distinct rows that name this record; a bare id names it in any system."""
        ...

    async def events(self, ref: str, limit: int) -> Sequence[str]:
        """Ids of the newest changes that have to do with the record, the newest first."""
        ...

    async def events_captured(self, ref: str, limit: int) -> Sequence[str]:
        """Ids of the newest changes of this record itself, the newest first."""
        ...

    async def records(self, event_ids: Collection[str], limit: int) -> Sequence[LogRecord]:
        """Everything that is stored of these changes."""
        ...


class Log(Protocol):
    async def watermarks(self) -> Mapping[Partition, Watermarks]:
        """Of every partition of every topic of ours. Those of outcomes are asked for before those
        of changes, so that an outcome below them has its change below theirs."""
        ...
