"""Working stand-ins for what ingest listens to, reads and writes."""

import asyncio
import re
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import replace

from ingest.ports import Cursor, Delivery, Member, ReplayLost, Row, SourceEvent, Start
from kernel.errors import PermanentError, RetryableError
from kernel.messages import ChangeEvent, Coordinates
from kernel.records import RecordRef, salesforce
from kernel.values import Sealed, Value
from runtime.clock import Clock
from runtime.health import Health
from runtime.process import Context
from runtime.telemetry import open_telemetry

IDS = re.compile(r"'([a-zA-Z0-9]{18})'")


def context() -> Context:
    stop = asyncio.Event()
    return Context(
        service="test",
        stop=stop,
        health=Health(stop),
        telemetry=open_telemetry("test", "0"),
        clock=Clock(),
    )


class FakeStream:
    """Delivers what a test hands over, to whoever subscribes; remembers the starts."""

    def __init__(self) -> None:
        self.starts: list[Start] = []
        self._items: asyncio.Queue[Delivery | ReplayLost | Exception] = asyncio.Queue()

    def deliver(self, *events: SourceEvent, unreadable: bool = False, latest: bytes = b"") -> None:
        self._items.put_nowait(Delivery(events=events, latest=latest, unreadable=unreadable))

    def lose(self) -> None:
        self._items.put_nowait(ReplayLost("replayid.corrupted"))

    def break_off(self) -> None:
        self._items.put_nowait(RetryableError("the stream broke off"))

    async def probe(self) -> None:
        return None

    async def deliveries(
        self, start: Start, room: Callable[[], Awaitable[None]]
    ) -> AsyncGenerator[Delivery | ReplayLost, None]:
        self.starts.append(start)
        while True:
            item = await self._items.get()
            if isinstance(item, Exception):
                raise item
            yield item
            if isinstance(item, ReplayLost):
                return
            await room()


class FakeSalesforce:
    """Rows by id; answers any statement that names ids, and sweeps with all of a kind."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Row]] = {}
        self.statements: list[str] = []
        self.failures: list[Exception] = []

    def put(self, kind: str, row: Row) -> None:
        self.rows.setdefault(kind, {})[str(row["Id"])] = row

    async def describe(self, kind: str) -> Row:
        raise PermanentError(f"{kind} is not described here")

    async def query(self, soql: str, *, deleted: bool = False) -> Sequence[Row]:
        self.statements.append(soql)
        if self.failures:
            raise self.failures.pop(0)
        kind = soql.rpartition(" FROM ")[2].partition(" ")[0]
        rows = self.rows.get(kind, {})
        if " ORDER BY " in soql:
            return list(rows.values())
        return [rows[one] for one in IDS.findall(soql) if one in rows]


class FakeStore:
    """Cursors and members in memory."""

    def __init__(self) -> None:
        self.cursors: dict[str, Cursor] = {}
        self.members: set[Member] = set()
        self.failures: list[Exception] = []

    async def load(self, channel: str) -> Cursor | None:
        return self.cursors.get(channel)

    async def store(self, channel: str, cursor: Cursor) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.cursors[channel] = cursor

    async def roots_of(
        self, parts: Collection[RecordRef]
    ) -> Mapping[RecordRef, tuple[RecordRef, ...]]:
        if self.failures:
            raise self.failures.pop(0)
        found = {
            part: tuple(m.root for m in sorted(self.members) if m.part == part) for part in parts
        }
        return {part: roots for part, roots in found.items() if roots}

    async def remember(self, members: Collection[Member]) -> None:
        self.members.update(members)


class FakeLog:
    """Takes everything but messages about the refs that are said to be too large."""

    def __init__(self, too_large: Iterable[RecordRef] = ()) -> None:
        self.events: list[ChangeEvent] = []
        self.failures: list[Exception] = []
        self._too_large = frozenset(too_large)

    async def send(
        self, messages: Sequence[ChangeEvent], *, parents: Mapping[str, str]
    ) -> list[Coordinates]:
        assert parents.keys() >= {message.id for message in messages}
        if self.failures:
            raise self.failures.pop(0)
        if any(message.document and message.ref in self._too_large for message in messages):
            raise PermanentError("a record is larger than the topic takes")
        start = len(self.events)
        self.events += messages
        return [Coordinates("log", 0, start + number) for number in range(len(messages))]


class FakeSeals:
    async def seal(self, items: Sequence[tuple[str, str, Value]]) -> Sequence[Sealed | None]:
        return [Sealed(subject, path, 1, str(value).encode()) for subject, path, value in items]


def line_row(line: str, root: str) -> Row:
    return {"Id": line, "OpportunityId": root, "SystemModstamp": "2026-11-20T09:14:03.000+0000"}


def root_row(record_id: str, **fields: str | None) -> Row:
    return {"Id": record_id, "SystemModstamp": "2026-11-20T09:14:03.000+0000", **fields}


def member(line: str, root: str) -> Member:
    return Member(
        part=salesforce("OpportunityLineItem", line), root=salesforce("Opportunity", root)
    )


def at(event: SourceEvent, number: int) -> SourceEvent:
    """The same event at another place of the stream."""
    return replace(event, replay_id=number.to_bytes(8, "big") + b"\0\0", commit_number=number)
