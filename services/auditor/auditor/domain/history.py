"""The story of one record, out of everything the log says of it and of its other half."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from auditor.domain.columns import Columns, LogRecord, place
from auditor.domain.conservation import Ending, Standing, standing_of
from kernel.messages import (
    ChangeEvent,
    Coordinates,
    Message,
    Outcome,
    Result,
    Subject,
    WriteCommand,
)
from kernel.records import RecordRef, System, source_of_external_id
from kernel.values import Document, Fields, Value

CHECKSUM_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
SHORT_ID, LONG_ID, GROUP = 15, 18, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One stored record with what its body says. `message` is None where it does not decode;
    `problem` then says why."""

    record: LogRecord
    columns: Columns
    message: Message | None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened. `copies` are the same message delivered again."""

    entry: Entry
    copies: tuple[Coordinates, ...] = ()

    @property
    def at(self) -> datetime:
        return self.entry.record.logged_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One change from its capture to its end."""

    event_id: str
    ref: str | None
    steps: tuple[Step, ...]
    standing: Standing
    captured_at: datetime | None
    ended_at: datetime | None
    """None while it is in flight or waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    ref: RecordRef
    heading: Fields
    """The record's fields as last read or told."""
    links: Mapping[RecordRef, Fields]
    """Its other halves, each with what is known of it."""
    chapters: tuple[Chapter, ...]
    older_left_out: int
    """Changes that are not told because there are too many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`story` where exactly one record has the name that was asked for."""

    asked: str
    candidates: tuple[RecordRef, ...]
    story: Story | None


@dataclass(frozen=True, slots=True)
class Mention:
    """The refs that one stored record names."""

    ref: str | None
    target: str | None
    written: str | None


def long_id(record_id: str) -> str:
    """The 18 characters of a Salesforce id of 15; anything else as it is.

    The three more spell which letters of each five are capitals.
    """
    if len(record_id) != SHORT_ID or not (record_id.isascii() and record_id.isalnum()):
        return record_id
    groups = (record_id[start : start + GROUP] for start in range(0, SHORT_ID, GROUP))
    sums = (sum(char.isupper() << bit for bit, char in enumerate(group)) for group in groups)
    return record_id + "".join(CHECKSUM_LETTERS[number] for number in sums)


def normal(ref: RecordRef) -> RecordRef:
    if ref.system is not System.SALESFORCE:
        return ref
    return RecordRef(ref.system, ref.kind, long_id(ref.id))


def refs_with_id(record_id: str, mentions: Iterable[Mention]) -> list[RecordRef]:
    """Every record that these rows know under that id."""
    texts = {text for row in mentions for text in (row.ref, row.target, row.written) if text}
    found = (ref for ref in map(_parsed, texts) if ref is not None)
    return sorted(ref for ref in found if ref.id == record_id)


def other_halves(ref: RecordRef, mentions: Iterable[Mention]) -> list[RecordRef]:
    """What was written for this record, and what this record was written for."""
    own = str(ref)
    texts = set()
    for row in mentions:
        if row.ref == own:
            texts.add(row.written or row.target)
        elif own in {row.target, row.written}:
            texts.add(row.ref)
    found = {half for half in map(_parsed, filter(None, texts)) if half is not None}
    if source := source_of_external_id(ref.external_id or ""):
        found.add(source)
    numbered = {half for half in found if half.external_id is None}
    return sorted((numbered or found) - {ref})


def told(
    ref: RecordRef, halves: Sequence[RecordRef], entries: Sequence[Entry], older_left_out: int = 0
) -> Story:
    """`entries` are all records of the changes to be told, in any order."""
    ordered = sorted(entries, key=_moment)
    by_event = sorted(ordered, key=lambda entry: entry.columns.event_id or "")
    chapters = [
        _chapter(event_id, list(group))
        for event_id, group in groupby(by_event, key=lambda entry: entry.columns.event_id or "")
    ]
    return Story(
        ref=ref,
        heading=_known(ref, ordered),
        links={half: _known(half, ordered) for half in halves},
        chapters=tuple(sorted(chapters, key=lambda chapter: _moment(chapter.steps[0].entry))),
        older_left_out=older_left_out,
    )


def _chapter(event_id: str, entries: Sequence[Entry]) -> Chapter:
    """`entries` in the order in which they happened."""
    endings = [_ending(entry) for entry in entries if _ends_change(entry)]
    endings.sort(key=lambda ending: (ending.at.partition, ending.at.offset))
    standing = standing_of(endings)
    captured = [entry for entry in entries if isinstance(entry.message, ChangeEvent)]
    finals = [entry for entry in entries if _ends_change(entry) and _ending(entry).is_final]
    has_ended = standing.state in list(Result) and Result(standing.state).is_final
    return Chapter(
        event_id=event_id,
        ref=entries[0].columns.ref,
        steps=tuple(_steps(entries)),
        standing=standing,
        captured_at=captured[0].record.logged_at if captured else None,
        ended_at=finals[0].record.logged_at if finals and has_ended else None,
    )


def _steps(entries: Sequence[Entry]) -> list[Step]:
    """The same message counts once, where it came first."""
    first: dict[str, Entry] = {}
    copies: dict[str, list[Coordinates]] = {}
    for entry in entries:
        name = (entry.message and entry.columns.message_id) or str(entry.record.at)
        if first.setdefault(name, entry) is not entry:
            copies.setdefault(name, []).append(entry.record.at)
    return [Step(entry=entry, copies=tuple(copies.get(name, ()))) for name, entry in first.items()]


def _ends_change(entry: Entry) -> bool:
    return entry.columns.subject == Subject.CHANGE and entry.columns.result is not None


def _ending(entry: Entry) -> Ending:
    return Ending(
        id=entry.columns.message_id or str(entry.record.at),
        result=entry.columns.result or "",
        at=entry.record.at,
        is_asked_for=entry.columns.operation_id is not None,
    )


def _moment(entry: Entry) -> tuple[datetime, int, tuple[str, int, int]]:
    """Records of one millisecond in the order in which one causes the other."""
    return entry.record.logged_at, _rank(entry), place(entry.record.at)


def _rank(entry: Entry) -> int:
    match entry.message:
        case ChangeEvent():
            return 0
        case WriteCommand():
            return 1
        case Outcome(subject=Subject.COMMAND):
            return 2
    return 3


def _known(ref: RecordRef, entries: Sequence[Entry]) -> Fields:
    """Everything said of a record, the newest word on each field."""
    known: dict[str, Value] = {}
    for entry in entries:
        known.update(_said(ref, entry.message).fields)
    return known


def _said(ref: RecordRef, message: Message | None) -> Document:
    match message:
        case ChangeEvent() if message.ref == ref:
            return message.document or Document()
        case Outcome() if message.written == ref:
            return message.read_back or Document()
        case WriteCommand() if message.target == ref:
            return message.document
    return Document()


def _parsed(text: str) -> RecordRef | None:
    try:
        return RecordRef.parse(text)
    except ValueError:
        return None
