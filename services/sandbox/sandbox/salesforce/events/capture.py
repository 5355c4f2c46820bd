"""Turns the changes of one transaction into change events, as the vendor's bus would carry them."""

import io
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from fastavro import schemaless_writer

from sandbox.salesforce.events.avro_schema import (
    COMPOUND_PARTS,
    EventField,
    EventSchema,
    event_schema,
)
from sandbox.salesforce.events.bitmap import bitmaps
from sandbox.salesforce.events.definitions import Definitions
from sandbox.salesforce.events.text_difference import difference
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import SCALED_TYPES, Field, SObject
from sandbox.salesforce.values import Row, Stored
from sandbox.salesforce.work import Change

CHANGES_MAX = 100_000
"""In one transaction; what comes after is told by overflow events."""
EVENT_BYTES_MAX = 1024 * 1024
EPOCH_DAY = date(1970, 1, 1).toordinal()
DAY_MS = 86_400_000
STAMP = "LastModifiedDate"
"""Told with every update, even where two saves fell into one second."""
Body = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What all events of one transaction share."""

    origin: str
    user: str
    key: str
    at_s: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event, encoded; `header` and `fields` stay at hand for gap and overflow faults."""

    id: str
    entity: str
    schema_id: str
    payload: bytes
    header: Mapping[str, object]
    enriched: Mapping[str, bytes] = field(default_factory=dict)
    """Other payloads for topics whose events carry more fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """An event that equal changes may still join. `weight` counts towards the limit of changes in
    one transaction: each changed field of an update."""

    schema: EventSchema
    kind: str
    ids: list[str]
    body: Body = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    nulled: list[str] = field(default_factory=list)
    diffed: list[str] = field(default_factory=list)
    weight: int = 1
    sequence: int = 1
    extra: Mapping[str, Body] = field(default_factory=dict)
    """By topic, the fields that come on top there."""

    def key(self) -> object:
        return (
            self.schema.sobject.name,
            self.kind,
            repr(self.body),
            repr(self.nulled),
            repr(self.extra),
        )


class EventSchemas:
    """The event schemas of the org's captured objects, built on first use.

    When an object's fields change its schema gets a new id; the old one is still known.
    """

    def __init__(self, org: Org) -> None:
        self._org = org
        self._by_object: dict[str, EventSchema] = {}
        self._by_id: dict[str, EventSchema] = {}

    def of(self, sobject: SObject) -> EventSchema:
        known = self._by_object.get(sobject.name)
        if known is None or known.sobject is not sobject:
            known = event_schema(sobject)
            self._by_object[sobject.name] = known
            self._by_id[known.id] = known
        return known

    def by_id(self, identifier: str) -> EventSchema | None:
        for sobject in self._org.schema.objects.values():
            if sobject.capture and identifier not in self._by_id:
                self.of(sobject)
        return self._by_id.get(identifier)


def events_of(
    changes: list[Change],
    commit: Commit,
    schemas: EventSchemas,
    definitions: Definitions | None = None,
) -> list[Event]:
    """In the order of the changes; equal changes of one object are merged into one event.

    Objects that no channel carries leave a gap in the sequence. What goes past the limit of one
    transaction is told by one overflow event an object.
    """
    drafts: dict[object, _Draft] = {}
    lost: dict[str, SObject] = {}
    count = sequence = 0
    for change in changes:
        if not _is_captured(change.sobject, definitions):
            sequence += 1
            continue
        draft = _draft(schemas.of(change.sobject), change)
        if definitions is not None:
            draft = _enriched(draft, change, definitions.enrichments(change.sobject.event))
        count += draft.weight
        if count > CHANGES_MAX:
            lost[change.sobject.name] = change.sobject
            continue
        key = draft.key() if len(changes) > 1 else None
        if key in drafts:
            drafts[key].ids.append(change.id)
        else:
            sequence += 1
            drafts[key] = replace(draft, sequence=sequence)
    events = [_event(draft, commit) for draft in drafts.values()]
    return events + [_overflow(schemas.of(sobject), commit) for sobject in lost.values()]


def _is_captured(sobject: SObject, definitions: Definitions | None) -> bool:
    return sobject.capture and (definitions is None or definitions.captures(sobject.event))


def change_type(change: Change) -> str:
    if not change.exists:
        return "DELETE"
    if change.existed:
        return "UPDATE"
    return "CREATE" if change.before is None else "UNDELETE"


def gap_event(schema: EventSchema, event: Event, *, overflow: bool) -> Event:
    """What subscribers get when the bus could not make the event: no field values at all."""
    header = dict(event.header)
    kind = "GAP_OVERFLOW" if overflow else f"GAP_{header['changeType']}"
    ids: list[str] = [] if overflow else list(_ids(header))
    header |= {"changeType": kind, "recordIds": ids, "sequenceNumber": 1}
    header |= {"changedFields": [], "nulledFields": [], "diffFields": []}
    return _encoded(schema, {}, header)


def _ids(header: Mapping[str, object]) -> Iterator[str]:
    ids = header["recordIds"]
    if isinstance(ids, list):
        yield from (str(identifier) for identifier in ids)


def _draft(schema: EventSchema, change: Change) -> _Draft:
    kind = change_type(change)
    draft = _Draft(schema=schema, kind=kind, ids=[change.id])
    if kind == "DELETE" or change.after is None:
        return draft
    if kind != "UPDATE" or change.before is None:
        return replace(draft, body=_whole(schema, change.after))
    return _difference(draft, change.before, change.after)


def _enriched(draft: _Draft, change: Change, wanted: Mapping[str, tuple[str, ...]]) -> _Draft:
    """Updates and deletions get the fields that a channel adds; other events are whole."""
    row = change.after if draft.kind == "UPDATE" else change.before
    if not wanted or row is None or draft.kind not in ("UPDATE", "DELETE"):
        return draft
    extra: dict[str, Body] = {}
    for topic, names in wanted.items():
        found = _whole(draft.schema, row)
        extra[topic] = {
            name: found[name] for name in names if name in found and name not in draft.body
        }
    return replace(draft, extra=extra)


def _whole(schema: EventSchema, row: Row) -> Body:
    body: Body = {}
    for entry in schema.fields:
        if entry.parts:
            value: object = _compound(entry, row, entry.parts)
        elif row.get(entry.field.name) is None:
            continue
        else:
            value = event_value(entry.field, row)
        if value is not None:
            body[entry.field.name] = value
    return body


def _difference(draft: _Draft, before: Row, after: Row) -> _Draft:
    """Only what changed, with the bitmaps that say so."""
    body: Body = {}
    top: list[int] = []
    nulled: list[int] = []
    diffed: list[int] = []
    parts_changed: dict[int, list[int]] = {}
    parts_nulled: dict[int, list[int]] = {}
    for entry in draft.schema.fields:
        if entry.parts:
            _compare_parts(entry, before, after, body, parts_changed, parts_nulled)
            continue
        name = entry.field.name
        same = before.get(name) == after.get(name)
        if same and (name != STAMP or after.get(name) is None):
            continue
        top.append(entry.position)
        if after.get(name) is None:
            nulled.append(entry.position)
        elif (text := _text_difference(entry.field, before, after)) is not None:
            diffed.append(entry.position)
            body[name] = text
        else:
            body[name] = event_value(entry.field, after)
    return replace(
        draft,
        body=body,
        changed=bitmaps(top, parts_changed),
        nulled=bitmaps(nulled, parts_nulled),
        diffed=bitmaps(diffed, {}),
        weight=len(top) + sum(len(parts) for parts in parts_changed.values()),
    )


def _text_difference(field: Field, before: Row, after: Row) -> str | None:
    if not field.long_text:
        return None
    return difference(str(before.get(field.name) or ""), str(after[field.name]))


def _compare_parts(
    entry: EventField,
    before: Row,
    after: Row,
    body: Body,
    changed: dict[int, list[int]],
    nulled: dict[int, list[int]],
) -> None:
    positions = {part: at for at, part in enumerate(COMPOUND_PARTS[entry.field.event_type])}
    differing = {
        part: field
        for part, field in entry.parts.items()
        if before.get(field.name) != after.get(field.name)
    }
    if not differing:
        return
    changed[entry.position] = [positions[part] for part in differing]
    gone = [positions[part] for part, field in differing.items() if after.get(field.name) is None]
    if gone:
        nulled[entry.position] = gone
    value = _compound(entry, after, differing)
    if value is not None:
        body[entry.field.name] = value


def _compound(entry: EventField, row: Row, parts: Mapping[str, Field]) -> Body | None:
    found = {part: event_value(field, row) for part, field in parts.items()}
    kept = {part: value for part, value in found.items() if value is not None}
    return (
        {part: kept.get(part) for part in COMPOUND_PARTS[entry.field.event_type]} if kept else None
    )


def event_value(field: Field, row: Row) -> object:
    """As the Avro type of the field wants it."""
    stored: Stored = row.get(field.name)
    if stored is None:
        return None
    if field.type == "boolean":
        return bool(stored)
    if field.type in SCALED_TYPES:
        return int(stored) / 10**field.scale
    if field.type == "datetime":
        return int(stored) * 1000
    if field.type == "date":
        return (date.fromisoformat(str(stored)).toordinal() - EPOCH_DAY) * DAY_MS
    return stored


def _event(draft: _Draft, commit: Commit) -> Event:
    """A gap event without values where the whole would be too large for the bus."""
    header = _header(draft.schema, draft.kind, commit) | {
        "recordIds": draft.ids,
        "sequenceNumber": draft.sequence,
        "nulledFields": draft.nulled,
        "diffFields": draft.diffed,
        "changedFields": draft.changed,
    }
    event = _encoded(draft.schema, draft.body, header)
    if len(event.payload) > EVENT_BYTES_MAX:
        return gap_event(draft.schema, event, overflow=False)
    others = {
        topic: _encoded(draft.schema, {**draft.body, **extra}, header).payload
        for topic, extra in draft.extra.items()
        if extra
    }
    return replace(event, enriched=others) if others else event


def _overflow(schema: EventSchema, commit: Commit) -> Event:
    return _encoded(schema, {}, _header(schema, "GAP_OVERFLOW", commit))


def _header(schema: EventSchema, kind: str, commit: Commit) -> dict[str, object]:
    return {
        "entityName": schema.sobject.name,
        "recordIds": [],
        "changeType": kind,
        "changeOrigin": commit.origin,
        "transactionKey": commit.key,
        "sequenceNumber": 1,
        "commitTimestamp": commit.at_s * 1000,
        "commitNumber": commit.number,
        "commitUser": commit.user,
        "nulledFields": [],
        "diffFields": [],
        "changedFields": [],
    }


def _encoded(schema: EventSchema, body: Body, header: Mapping[str, object]) -> Event:
    buffer = io.BytesIO()
    record = {entry.field.name: body.get(entry.field.name) for entry in schema.fields}
    schemaless_writer(buffer, schema.parsed, {"ChangeEventHeader": header, **record})
    return Event(
        id=str(uuid.uuid4()),
        entity=schema.sobject.name,
        schema_id=schema.id,
        payload=buffer.getvalue(),
        header=header,
    )
