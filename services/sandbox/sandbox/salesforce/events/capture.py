"""Turns the changes of one transaction into change events, as the vendor's bus would carry them."""

import io
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from fastavro import schemaless_writer

from sandbox.salesforce.events.avro_schema import (
    COMPOUND_PARTS,
    EventField,
    EventSchema,
    event_schema,
)
from sandbox.salesforce.events.bitmap import bitmaps
from sandbox.salesforce.schema import SCALED_TYPES, Field, Schema, SObject
from sandbox.salesforce.values import Row, Stored
from sandbox.salesforce.work import Change

EPOCH_DAY = date(1970, 1, 1).toordinal()
DAY_MS = 86_400_000
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


class EventSchemas:
    """The event schemas of the org's captured objects, built on first use."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._by_object: dict[str, EventSchema] = {}

    def of(self, sobject: SObject) -> EventSchema:
        if sobject.name not in self._by_object:
            self._by_object[sobject.name] = event_schema(sobject)
        return self._by_object[sobject.name]

    def by_id(self, identifier: str) -> EventSchema | None:
        for sobject in self._schema.objects.values():
            if sobject.capture and self.of(sobject).id == identifier:
                return self.of(sobject)
        return None


def events_of(changes: list[Change], commit: Commit, schemas: EventSchemas) -> list[Event]:
    """In the order of the changes; equal changes of one object are merged into one event."""
    merged: dict[tuple[str, str], tuple[EventSchema, Body, list[str], Mapping[str, list[str]]]] = {}
    for change in changes:
        if not change.sobject.capture:
            continue
        schema = schemas.of(change.sobject)
        kind = change_type(change)
        body, changed = _body(schema, change, kind)
        key = (f"{change.sobject.name} {kind}", repr((sorted(body.items()), changed)))
        if key in merged:
            merged[key][2].append(change.id)
        else:
            merged[key] = (schema, body | {"_kind": kind}, [change.id], changed)
    return [
        _event(schema, body, ids, changed, commit, sequence)
        for sequence, (schema, body, ids, changed) in enumerate(merged.values(), start=1)
    ]


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


def _body(schema: EventSchema, change: Change, kind: str) -> tuple[Body, Mapping[str, list[str]]]:
    nothing: Mapping[str, list[str]] = {"changed": [], "nulled": []}
    if kind == "DELETE" or change.after is None:
        return {}, nothing
    if kind != "UPDATE" or change.before is None:
        return _whole(schema, change.after), nothing
    return _difference(schema, change.before, change.after)


def _whole(schema: EventSchema, row: Row) -> Body:
    body: Body = {}
    for entry in schema.fields:
        value = _compound(entry, row, entry.parts) if entry.parts else _value(entry.field, row)
        if value is not None:
            body[entry.field.name] = value
    return body


def _difference(
    schema: EventSchema, before: Row, after: Row
) -> tuple[Body, Mapping[str, list[str]]]:
    """Only what changed; a compound holds only its changed parts."""
    body: Body = {}
    top: list[int] = []
    nulled: list[int] = []
    parts_changed: dict[int, list[int]] = {}
    parts_nulled: dict[int, list[int]] = {}
    for entry in schema.fields:
        if entry.parts:
            _compare_parts(entry, before, after, body, parts_changed, parts_nulled)
            continue
        name = entry.field.name
        if before.get(name) != after.get(name):
            top.append(entry.position)
            if after.get(name) is None:
                nulled.append(entry.position)
            else:
                body[name] = _value(entry.field, after)
    changed = {
        "changed": bitmaps(top, parts_changed),
        "nulled": bitmaps(nulled, parts_nulled),
    }
    return body, changed


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
    found = {part: _value(field, row) for part, field in parts.items()}
    kept = {part: value for part, value in found.items() if value is not None}
    return (
        {part: kept.get(part) for part in COMPOUND_PARTS[entry.field.event_type]} if kept else None
    )


def _value(field: Field, row: Row) -> object:
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


def _event(
    schema: EventSchema,
    body: Body,
    ids: list[str],
    changed: Mapping[str, list[str]],
    commit: Commit,
    sequence: int,
) -> Event:
    kind = str(body.pop("_kind"))
    header: dict[str, object] = {
        "entityName": schema.sobject.name,
        "recordIds": ids,
        "changeType": kind,
        "changeOrigin": commit.origin,
        "transactionKey": commit.key,
        "sequenceNumber": sequence,
        "commitTimestamp": commit.at_s * 1000,
        "commitNumber": commit.number,
        "commitUser": commit.user,
        "nulledFields": changed["nulled"],
        "diffFields": [],
        "changedFields": changed["changed"],
    }
    return _encoded(schema, body, header)


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
