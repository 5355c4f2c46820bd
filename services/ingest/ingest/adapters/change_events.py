"""Salesforce's Avro change events as values of ours: the header, and no field but parents' ids."""

import io
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fastavro import parse_schema, schemaless_reader
from fastavro.types import Schema

from ingest.ports import EventSchema, SourceEvent
from kernel.errors import PermanentError

HEADER = "ChangeEventHeader"
BITMAPS = ("changedFields", "nulledFields", "diffFields")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FOREIGN_KEY = "ForeignKey:"
UNREADABLE = (
    ValueError, KeyError, TypeError, IndexError, EOFError, OverflowError, ArithmeticError,
    struct.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadableSchema:
    """A schema ready to read with."""

    avro: Schema
    names: EventSchema
    parents: frozenset[str]
    """Fields that hold the id of another record."""


def readable(text: str) -> ReadableSchema:
    """PermanentError where the text is not the schema of a change event."""
    try:
        raw = json.loads(text)
        fields = raw["fields"]
        named = {record["name"]: record for record in _records(raw)}
        return ReadableSchema(
            avro=parse_schema(raw, named_schemas={}),
            names=EventSchema(
                names=tuple(str(field["name"]) for field in fields),
                parts={place: parts for place, field in enumerate(fields)
                       if (parts := _parts(field["type"], named))},
            ),
            parents=frozenset(str(field["name"]) for field in fields if _is_parent(field)),
        )  # fmt: skip
    except UNREADABLE as error:
        raise PermanentError(f"a change event's schema cannot be read: {error}") from error


def source_event(schema: ReadableSchema, payload: bytes, replay_id: bytes) -> SourceEvent:
    """PermanentError where the payload does not read by its schema."""
    try:
        record: Any = schemaless_reader(io.BytesIO(payload), schema.avro, None)
        header = record[HEADER]
        return SourceEvent(
            replay_id=replay_id,
            entity=str(header["entityName"]),
            record_ids=tuple(map(str, header["recordIds"])),
            change=str(header["changeType"]),
            origin=str(header["changeOrigin"]),
            transaction=str(header["transactionKey"]),
            sequence=int(header["sequenceNumber"]),
            committed_at=EPOCH + timedelta(milliseconds=int(header["commitTimestamp"])),
            commit_number=int(header["commitNumber"]),
            user=str(header["commitUser"]),
            bitmaps=tuple(str(text) for name in BITMAPS for text in header[name]),
            schema=schema.names,
            parents={name: record[name] for name in schema.parents
                     if isinstance(record.get(name), str)},
        )  # fmt: skip
    except UNREADABLE as error:
        raise PermanentError(f"a change event cannot be read: {type(error).__name__}") from error


def _records(node: Any) -> Iterator[dict[str, Any]]:
    """Every record defined anywhere in a schema; later ones are used by name."""
    if isinstance(node, dict):
        if node.get("type") == "record":
            yield node
        for value in node.values():
            yield from _records(value)
    elif isinstance(node, list):
        for value in node:
            yield from _records(value)


def _parts(kind: Any, named: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    options = kind if isinstance(kind, list) else [kind]
    for option in options:
        name = option.get("name") if isinstance(option, dict) else option
        record = named.get(str(name).rpartition(".")[2])
        if record is not None:
            return tuple(str(field["name"]) for field in record["fields"])
    return ()


def _is_parent(field: dict[str, Any]) -> bool:
    return str(field.get("doc", "")).startswith(FOREIGN_KEY) or str(field["name"]).endswith("Id")
