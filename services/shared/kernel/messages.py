"""The five messages that travel: a change, a command, an outcome, an operation, an alert."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from kernel.records import RecordRef
from kernel.values import Document, Fields


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """Which of two readings of one document is the newer. Never goes backwards.

    Salesforce: commit number of the capture that caused the read, then SystemModstamp in
    microseconds. NetSuite: last-modified minute in epoch seconds, then the poll's sequence.
    """

    major: int
    minor: int


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Where a record stands in the log."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic} [{self.partition}] @ {self.offset}"


TOO_LARGE = "too-large"


class ChangeKind(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    UNDELETE = "undelete"
    SNAPSHOT = "snapshot"
    """Read without a notice of its own: first load, gap repair, poll."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One notice of the source that led to a reading: who changed what, when, by which door."""

    position: str
    """Where the source's own stream stands: the replay id in hex, or `poll:<sequence>`."""
    kind: ChangeKind
    committed_at: datetime
    user: str
    """Id of the user who committed, in the source system; `system` where it does not say."""
    origin: str = ""
    """The door the change came through, such as Salesforce's changeOrigin."""
    commit_number: int = 0
    transaction: str = ""
    sequence: int = 0
    changed: tuple[str, ...] = ()
    """Names of the fields that changed; empty where the source does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEvent:
    """A document changed in its own system, and how the whole of it reads now.

    The same reading of the same document always has the same id.
    """

    id: str
    ref: RecordRef
    source: str
    """The installation: Salesforce org id (18), NetSuite account id."""
    kind: ChangeKind
    version: Version
    captures: tuple[Capture, ...]
    document: Document | None
    """None where nothing was read: the record is gone, or no capture touched what is mapped.
    None also where the reading is TOO_LARGE for a record of the log."""
    content_hash: str = ""
    """Of the document; TOO_LARGE where it could not travel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteCommand:
    """The other system should hold these fields. Sending it twice does no harm."""

    id: str
    event_id: str
    """The change this serves."""
    origin: Coordinates
    """Where that change stands in the log."""
    round: int
    """How often the change had been released before this decision; 0 at first."""
    source: RecordRef
    target: RecordRef
    """The record to write: by `eid:` (created where missing) or by its id (must exist)."""
    part: str
    """Which share of the target's fields this speaks for; versions are compared inside a part."""
    version: Version
    """The source document's. A writer that has written a newer one ends this as superseded."""
    document: Document
    """Fields by the target's own path: `entity.id`, lines under the sublist's name."""
    reads_back: tuple[str, ...] = ()
    """Fields of the target to report after the write."""
    map_hash: str = ""


class Result(StrEnum):
    APPLIED = "applied"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    FILTERED = "filtered"
    REJECTED = "rejected"
    DEAD = "dead"
    PARKED = "parked"
    REVIEW = "review"

    @property
    def is_final(self) -> bool:
        return self not in {Result.PARKED, Result.REVIEW}


class Subject(StrEnum):
    CHANGE = "change"
    COMMAND = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a change or a command ended, or what it waits for, and why."""

    id: str
    subject: Subject
    event_id: str
    command_id: str = ""
    """Empty for a change's outcome."""
    origin: Coordinates
    """Where the change stands in the log: the dead-letter source."""
    round: int = 0
    ref: RecordRef | None
    """The document that changed; None only where the record could not be decoded."""
    result: Result
    code: str
    """Names the sentence in `kernel.sentences` that says this to a person."""
    params: Fields = field(default_factory=dict)
    """What the sentence is filled with. Personal values stay sealed."""
    path: tuple[str, ...] = ()
    """The steps of the decision, in order."""
    target: RecordRef | None = None
    part: str = ""
    written: RecordRef | None = None
    """The record by the id its own system gave it."""
    version: Version | None = None
    read_back: Document | None = None
    waits_on: RecordRef | None = None
    attempts: int = 0
    duration_ms: int = 0
    map_hash: str = ""
    operation_id: str = ""


class OperationKind(StrEnum):
    REPLAY = "replay"
    RELEASE = "release"
    APPROVE = "approve"
    LINK = "link"
    SIGN_OFF = "sign_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What a person asked for, and why."""

    id: str
    kind: OperationKind
    actor: str
    reason: str
    selection: Fields
    requested_at: datetime


class AlertState(StrEnum):
    RAISED = "raised"
    STILL_ON = "still_on"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something a person must know."""

    id: str
    subject: str
    state: AlertState
    code: str
    params: Fields
    since: datetime


Message = ChangeEvent | WriteCommand | Outcome | Operation | Alert
