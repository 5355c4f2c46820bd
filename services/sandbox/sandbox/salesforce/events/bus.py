"""The event bus: what was captured, in order, for 72 hours, and who waits for more."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sandbox.database import transaction
from sandbox.faults import EVENT_METHOD, REPLAY_METHOD, Fault, Faults
from sandbox.salesforce.events.capture import Event, EventSchemas, gap_event
from sandbox.salesforce.events.channels import Channels
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import SObject

ALL_CHANGES = "/data/ChangeEvents"
RETENTION_S = 72 * 3600
REORDER_S = 1.0
PURGED = "events purged through"
SCHEMA = """
CREATE TABLE IF NOT EXISTS enriched_event (
  id TEXT NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL, PRIMARY KEY (id, topic));
"""
log = logging.getLogger(__name__)


class ReplayLost(Exception):
    """The position is unknown or older than the retention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    replay: int
    id: str
    schema_id: str
    payload: bytes


class _Row(NamedTuple):
    id: str
    entity: str
    schema: str
    payload: bytes


class Bus:
    """`publish` inside the transaction of the change, `wake` after its commit."""

    def __init__(self, org: Org, schemas: EventSchemas, faults: Faults, channels: Channels) -> None:
        self._org = org
        self._schemas = schemas
        self._faults = faults
        self._channels = channels
        self._waiting: set[asyncio.Event] = set()
        self._timer: asyncio.TimerHandle | None = None
        org.connection.executescript(SCHEMA)

    def publish(self, sobject: SObject, event: Event) -> None:
        """Takes in a change event, with what faults make of it."""
        fault = self._fault(f"/data/{sobject.event}")
        if fault is not None and fault.effect in ("event_gap", "event_overflow"):
            overflow = fault.effect == "event_overflow"
            event = gap_event(self._schemas.of(sobject), event, overflow=overflow)
        row = _Row(event.id, event.entity, event.schema_id, event.payload)
        self._org.connection.executemany(
            "INSERT INTO enriched_event VALUES (?, ?, ?)",
            [(event.id, topic, payload) for topic, payload in event.enriched.items()],
        )
        if fault is not None and fault.effect in ("event_delay", "event_reorder"):
            self._hold(row, fault)
            return
        self._append(row)
        if fault is not None and fault.effect == "event_duplicate":
            self._append(row)
        self._release("behind_next = 1 AND entity = ?", row.entity)

    def take(self, name: str, identifier: str, schema_id: str, payload: bytes) -> int:
        """Takes in a platform event and returns its position. Its publisher is told the position
        at once, so of the faults only `event_duplicate` applies."""
        row = _Row(identifier, name, schema_id, payload)
        replay = self._append(row)
        fault = self._fault(f"/event/{name}")
        if fault is not None and fault.effect == "event_duplicate":
            self._append(row)
        return replay

    def wake(self) -> None:
        for waiting in self._waiting:
            waiting.set()

    def join(self) -> asyncio.Event:
        """An event that is set after each commit, until `leave`."""
        waiting = asyncio.Event()
        self._waiting.add(waiting)
        return waiting

    def leave(self, waiting: asyncio.Event) -> None:
        self._waiting.discard(waiting)

    def latest(self) -> int:
        """The newest position; 0 before the first event."""
        value = self._org.value("SELECT seq FROM sqlite_sequence WHERE name = 'event'")
        return int(value or 0)

    def earliest(self) -> int:
        """The position just before the oldest event that is still kept."""
        oldest = self._org.value("SELECT min(replay) FROM event WHERE made >= ?", self._cutoff())
        return self.latest() if oldest is None else int(oldest) - 1

    def check(self, replay: int) -> None:
        """Raises ReplayLost when a subscriber cannot go on from here without a loss."""
        made = self._org.value("SELECT made FROM event WHERE replay = ?", replay)
        too_old = made is not None and int(made) < self._cutoff()
        if too_old or replay > self.latest() or replay < self._org.counters.read(PURGED):
            raise ReplayLost

    def suffer(self, topic: str, call: str) -> None:
        """Raises ReplayLost when a rule takes its place from a subscriber who comes back;
        `retention_exceeded` also takes what was kept until now, from everybody."""
        fault = self._faults.match("salesforce", REPLAY_METHOD, topic, call)
        if fault is None:
            return
        if fault.effect == "retention_exceeded":
            with transaction(self._org.connection):
                self._forget_through(self.latest())
        raise ReplayLost

    def read(
        self, entities: Sequence[str], after: int, limit: int, topic: str = ""
    ) -> list[Delivery]:
        """The next events of these objects or platform events. `topic` names a custom channel,
        whose events may carry more fields."""
        enriched = "(SELECT payload FROM enriched_event WHERE id = event.id AND topic = ?)"
        payload = f"coalesce({enriched}, payload)" if topic else "payload"
        rows = self._org.connection.execute(
            f"SELECT replay, id, schema, {payload} FROM event WHERE replay > ? AND made >= ?"
            f" AND {_only(entities)} ORDER BY replay LIMIT ?",
            (*([topic] if topic else []), after, self._cutoff(), *entities, limit),
        )
        return [
            Delivery(replay=row[0], id=row[1], schema_id=row[2], payload=row[3]) for row in rows
        ]

    def start(self) -> None:
        """Picks up what was held when the process ended, and forgets what is too old."""
        self._purge()
        self._schedule()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def forget(self) -> None:
        """A fresh seed starts with an empty bus, whose positions go on growing."""
        self._org.connection.execute("DELETE FROM event")
        self._org.connection.execute("DELETE FROM held_event")
        self._org.connection.execute("DELETE FROM enriched_event")

    def _fault(self, topic: str) -> Fault | None:
        """A rule for any of the channels that carry the event."""
        name = topic.rpartition("/")[2]
        standard = [ALL_CHANGES] if name in self._channels.definitions.selected else []
        custom = (
            channel.topic
            for channel in self._channels.definitions.channels.values()
            if name in channel.entities
        )
        return self._faults.match("salesforce", EVENT_METHOD, topic, *standard, *custom)

    def _append(self, row: _Row) -> int:
        done = self._org.connection.execute(
            "INSERT INTO event (id, entity, schema, payload, made) VALUES (?, ?, ?, ?, ?)",
            (*row, self._org.now_s()),
        )
        return int(done.lastrowid or 0)

    def _hold(self, row: _Row, fault: Fault) -> None:
        reorder = fault.effect == "event_reorder"
        seconds = fault.seconds or REORDER_S
        due = self._machine_s() + seconds
        self._org.connection.execute(
            "INSERT INTO held_event (id, entity, schema, payload, due, behind_next)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (*row, due, int(reorder)),
        )
        self._schedule()

    def _release(self, condition: str, value: str | float) -> None:
        rows = self._org.connection.execute(
            f"DELETE FROM held_event WHERE {condition}"
            " RETURNING serial, id, entity, schema, payload",
            (value,),
        ).fetchall()
        for row in sorted(rows, key=lambda row: int(row["serial"])):
            self._append(_Row(row["id"], row["entity"], row["schema"], row["payload"]))

    def _schedule(self) -> None:
        """Wakes when the first held event is due."""
        due = self._org.value("SELECT CAST(min(due) * 1000 AS INTEGER) FROM held_event")
        if due is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        wait_s = max(0.0, int(due) / 1000 - self._machine_s())
        self._timer = asyncio.get_running_loop().call_later(wait_s + 0.001, self._release_due)

    def _release_due(self) -> None:
        with transaction(self._org.connection):
            self._release("due <= ?", self._machine_s())
        self.wake()
        self._schedule()

    def _purge(self) -> None:
        with transaction(self._org.connection):
            last = self._org.value("SELECT max(replay) FROM event WHERE made < ?", self._cutoff())
            if last is None:
                return
            self._forget_through(int(last))
            log.info("forgot events older than the retention, through %s", last)

    def _forget_through(self, last: int) -> None:
        self._org.counters.at_least(PURGED, last)
        self._org.connection.execute("DELETE FROM event WHERE replay <= ?", (last,))
        self._org.connection.execute(
            "DELETE FROM enriched_event WHERE id NOT IN"
            " (SELECT id FROM event UNION SELECT id FROM held_event)"
        )

    def _cutoff(self) -> int:
        return self._org.now_s() - RETENTION_S

    def _machine_s(self) -> float:
        return time.time()


def _only(entities: Sequence[str]) -> str:
    """One object by its index; several along the log."""
    if len(entities) == 1:
        return "entity = ?"
    return f"+entity IN ({', '.join('?' * len(entities))})"


def replay_bytes(replay: int) -> bytes:
    """Eight bytes of counter, two of zero, as recorded."""
    return replay.to_bytes(8, "big") + b"\x00\x00"


def replay_number(raw: bytes) -> int:
    """Both lengths that clients send; anything else is corrupted."""
    if len(raw) not in (8, 10) or any(raw[8:]):
        raise ReplayLost
    return int.from_bytes(raw[:8], "big")
