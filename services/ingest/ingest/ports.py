"""What ingest needs from outside, in its own words, and the values that cross."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kernel.exact_json import Json
from kernel.messages import ChangeEvent, Coordinates, Version
from kernel.records import RecordRef, System
from kernel.values import Sealed, Value

Row = Mapping[str, Json]
"""A record in a vendor's answer; numbers are exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSchema:
    """Names of a change event's fields in the order its bitmaps count them; for a compound field
    also the names of its parts, by the compound's place."""

    names: tuple[str, ...]
    parts: Mapping[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEvent:
    """One Salesforce change event as delivered, its values left out but for a few ids."""

    replay_id: bytes
    entity: str
    record_ids: tuple[str, ...]
    change: str
    """CREATE, UPDATE, DELETE, UNDELETE, their GAP_ twins, GAP_OVERFLOW, SNAPSHOT."""
    origin: str
    transaction: str
    sequence: int
    committed_at: datetime
    commit_number: int
    user: str
    bitmaps: tuple[str, ...]
    """Changed, nulled and diffed fields together, as they stand in the header."""
    schema: EventSchema
    parents: Mapping[str, str]
    """Ids of parent records the event carries, by field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What one answer of the stream brought; without events it is a sign of life."""

    events: tuple[SourceEvent, ...]
    latest: bytes
    """The replay id up to which the channel has been delivered; empty where not said."""

    unreadable: bool = False
    """Some event among these could not be read: what it told of is not known."""


@dataclass(frozen=True, slots=True)
class ReplayLost:
    """The replay id is too old or unknown; what came after it must be read again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Start:
    """Where to begin: behind a replay id, at the oldest event kept, or at the next one."""

    replay_id: bytes | None = None
    earliest: bool = False


class ChangeStream(Protocol):
    """Salesforce's change events."""

    async def probe(self) -> None:
        """Ask whether the channel is there. RetryableError when away, FatalError when refused."""
        ...

    def deliveries(
        self, start: Start, room: Callable[[], Awaitable[None]]
    ) -> AsyncGenerator[Delivery | ReplayLost, None]:
        """Ends only by an error of ours or after ReplayLost. `room` is awaited before more is
        asked for."""
        ...


class Salesforce(Protocol):
    """Salesforce's records. RetryableError when away, FatalError when access is refused."""

    async def describe(self, kind: str) -> Row: ...

    async def query(self, soql: str, *, deleted: bool = False) -> Sequence[Row]:
        """All rows; `deleted` also finds those in the recycle bin."""
        ...


class NetSuite(Protocol):
    """NetSuite's records, one call at a time. PermanentError when a statement is refused."""

    async def server_time(self) -> datetime: ...

    async def rows(self, sql: str) -> Sequence[Row]:
        """At most one page of `PAGE_ROWS` rows, column names in lower case."""
        ...

    async def record(self, kind: str, record_id: str) -> Row | None:
        """One whole record with its sublists; None where it is not there any more."""
        ...


PAGE_ROWS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a channel has been brought into the log."""

    replay_id: bytes | None = None
    committed_at: datetime | None = None
    """Salesforce: newest commit that is in the log. NetSuite: start of the last whole poll."""
    commit_number: int = 0
    sequence: int = 0
    """Polls that have brought something."""
    produced: Coordinates | None = None
    """Where the last record behind this cursor stands in the log."""


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """A record that is part of another one's document."""

    part: RecordRef
    root: RecordRef


@dataclass(frozen=True, slots=True, kw_only=True)
class LastReading:
    """What was last decided to send about a document."""

    content: str
    version: Version
    sequence: int
    """The poll that decided it."""


class Cursors(Protocol):
    async def load(self, channel: str) -> Cursor | None: ...

    async def store(self, channel: str, cursor: Cursor) -> None: ...


class Members(Protocol):
    async def roots_of(
        self, parts: Collection[RecordRef]
    ) -> Mapping[RecordRef, tuple[RecordRef, ...]]:
        """Parts that are not known are left out."""
        ...

    async def remember(self, members: Collection[Member]) -> None: ...


class Readings(Protocol):
    async def latest(self, refs: Collection[RecordRef]) -> Mapping[RecordRef, LastReading]: ...

    async def after(self, system: System, sequence: int) -> Mapping[RecordRef, LastReading]:
        """Readings decided in polls later than this one."""
        ...

    async def decide(self, readings: Mapping[RecordRef, LastReading]) -> None: ...


class ChangeLog(Protocol):
    """The log that every service reads."""

    async def send(
        self, messages: Sequence[ChangeEvent], *, parents: Mapping[str, str]
    ) -> list[Coordinates]:
        """Where each stands, once all are there. `parents`: traceparent by event id.
        RetryableError when away, PermanentError for a message that is too large."""
        ...


class Seals(Protocol):
    async def seal(self, items: Sequence[tuple[str, str, Value]]) -> Sequence[Sealed | None]:
        """Of each (subject, path, value) the sealed value, in the same order."""
        ...
