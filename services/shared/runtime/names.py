"""Every metric, span and log event by name, each with its unit and what it means."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counter:
    """Only grows. `labels` names what it is split by."""

    name: str
    unit: str
    meaning: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Histogram:
    name: str
    unit: str
    meaning: str
    buckets: tuple[float, ...]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gauge:
    """How it stands now."""

    name: str
    unit: str
    meaning: str
    labels: tuple[str, ...] = ()


SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
SIZES = (1.0, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000)

RECORDS_CONSUMED = Counter(
    "tallystick.records.consumed", "{record}", "records handed to the service", ("topic",)
)
RECORDS_PRODUCED = Counter(
    "tallystick.records.produced", "{record}", "records acknowledged by Kafka", ("topic",)
)
RECORDS_BROKEN = Counter(
    "tallystick.records.broken", "{record}", "records ended as dead by the consume loop", ("topic",)
)
RETRIES = Counter("tallystick.retries", "{attempt}", "attempts after the first one", ("part",))
OUTCOMES = Counter(
    "tallystick.outcomes", "{outcome}", "outcomes produced", ("subject", "result", "code")
)
CAPTURES = Counter("tallystick.captures", "{capture}", "notices of a source", ("system", "kind"))
EVENTS_OUTSIDE = Counter(
    "tallystick.events.outside", "{event}", "events of a source about records in no map",
    ("system", "kind"),
)  # fmt: skip
API_CALLS = Counter(
    "tallystick.api.calls", "{call}", "calls of a vendor; status is 2xx, 4xx, 5xx or none",
    ("system", "operation", "status"),
)  # fmt: skip
BATCH_SIZE = Histogram("tallystick.batch.size", "{record}", "records of one unit of work", SIZES)
HANDLE_SECONDS = Histogram("tallystick.handle", "s", "one unit of work, one attempt", SECONDS)
PRODUCE_SECONDS = Histogram("tallystick.produce", "s", "sent until all acknowledged", SECONDS)
API_SECONDS = Histogram(
    "tallystick.api", "s", "one call of a vendor, sent until answered", SECONDS,
    ("system", "operation"),
)  # fmt: skip
UNITS_IN_FLIGHT = Gauge("tallystick.units.in_flight", "{unit}", "units being handled")
UNITS_WAITING = Gauge("tallystick.units.waiting", "{unit}", "units between two attempts")
RECORDS_IN_HAND = Gauge("tallystick.records.in_hand", "{record}", "fetched and not yet finished")
PARTITIONS_PAUSED = Gauge("tallystick.partitions.paused", "{partition}", "paused because full")
LAG = Gauge(
    "tallystick.lag", "{record}", "records of the log not yet finished", ("topic", "partition")
)
HEARTBEAT_AGE = Gauge(
    "tallystick.heartbeat.age", "s", "since a channel last proved that it lives",
    ("system", "channel"),
)  # fmt: skip
SLOTS_BUSY = Gauge("tallystick.slots.busy", "{slot}", "calls of a vendor in flight", ("system",))
PART_WELL = Gauge("tallystick.part.well", "1", "1 where a part is well, 0 where not", ("part",))

SPAN_CAPTURE = "capture"  # a document is read at its source and becomes a change
SPAN_DECIDE = "decide"  # a change, an outcome or an operation is decided on
SPAN_WRITE = "write"  # a command is carried out at a vendor
SPAN_STORE = "store"  # a record is put into the event store
SPAN_PRODUCE = "produce"  # a message that no record caused is sent

STARTED = "started"  # the service runs; its health address, its version
STOPPING = "stopping"  # it was asked to end
STOPPED = "stopped"  # it has ended by itself
STOPPED_LATE = "stopped_late"  # work was still in hand at the end of the time it has
FATAL = "fatal"  # going on would do harm; the process ends
PART_WAITING = "part_waiting"  # a part this service needs is away
PART_WELL_AGAIN = "part_well"
TOPIC_CREATED = "topic_created"
PARTITIONS_ASSIGNED = "partitions_assigned"
PARTITIONS_RELEASED = "partitions_released"
COMMIT_FAILED = "commit_failed"  # tried again a second later
REFERENCES_MISSING = "references_missing"  # a list of NetSuite that the account or role lacks
RECORD_BROKEN = "record_broken"  # ended as dead; coordinates and type of the error
UNIT_RETRIED = "unit_retried"  # many attempts failed
SCHEMA_MIGRATED = "schema_migrated"
EVENT_UNREADABLE = "event_unreadable"  # an event of a source could not be decoded
REPLAY_LOST = "replay_lost"  # a source no longer has the events behind our cursor
SWEPT = "swept"  # documents read again because no event named them
CHANGE_TOO_LARGE = "change_too_large"  # a document does not fit into a record of the log
STORE_UNPROTECTED = "store_unprotected"  # its refusal of changes was switched off before the start
STORE_HAS_HOLES = "store_has_holes"  # the event store lacks rows and is read again from there
RULING_IGNORED = "ruling_ignored"  # a review was settled before, or there is no such review
LIBRARY = "library"  # a line of a library
