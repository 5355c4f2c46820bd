"""The Avro schema of an object's change event, and the id that the vendor derives from it."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from fastavro.schema import parse_schema, to_parsing_canonical_form
from fastavro.types import Schema as AvroSchema

from sandbox.salesforce.schema import NAME_PARTS, Field, SObject

ADDRESS_PARTS = (
    "Street", "City", "State", "PostalCode", "Country", "StateCode", "CountryCode", "Latitude",
    "Longitude", "GeocodeAccuracy",
)  # fmt: skip
COMPOUND_PARTS: Mapping[str, tuple[str, ...]] = {
    "Address": ADDRESS_PARTS,
    "PersonName": NAME_PARTS,
    "Location": ("Latitude", "Longitude"),
}
NUMBERS = frozenset({"Latitude", "Longitude"})
CHANGE_TYPES = (
    "CREATE", "UPDATE", "DELETE", "UNDELETE", "GAP_CREATE", "GAP_UPDATE", "GAP_DELETE",
    "GAP_UNDELETE", "GAP_OVERFLOW", "SNAPSHOT",
)  # fmt: skip
STRINGS = {"type": "array", "items": "string"}
HEADER = {
    "name": "ChangeEventHeader",
    "type": {
        "type": "record",
        "name": "ChangeEventHeader",
        "fields": [
            {"name": "entityName", "type": "string"},
            {"name": "recordIds", "type": STRINGS},
            {
                "name": "changeType",
                "type": {"type": "enum", "name": "ChangeType", "symbols": list(CHANGE_TYPES)},
            },
            {"name": "changeOrigin", "type": "string"},
            {"name": "transactionKey", "type": "string"},
            {"name": "sequenceNumber", "type": "int"},
            {"name": "commitTimestamp", "type": "long"},
            {"name": "commitNumber", "type": "long"},
            {"name": "commitUser", "type": "string"},
            {"name": "nulledFields", "type": STRINGS},
            {"name": "diffFields", "type": STRINGS},
            {"name": "changedFields", "type": STRINGS},
        ],
    },
    "doc": "Data:ComplexValueType",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventField:
    """One top-level field: `parts` maps a compound's Avro names to the object's fields."""

    field: Field
    position: int
    parts: Mapping[str, Field]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSchema:
    sobject: SObject
    id: str
    text: str
    parsed: AvroSchema
    fields: tuple[EventField, ...]


def event_schema(sobject: SObject) -> EventSchema:
    """Fields in the order of the describe; compounds once in full, then by name."""
    captured = [field for field in sobject.fields if field.event_type]
    defined: set[str] = set()
    document = {
        "type": "record",
        "name": sobject.event,
        "namespace": "com.sforce.eventbus",
        "fields": [HEADER, *(_avro_field(field, defined) for field in captured)],
    }
    text = json.dumps(document, separators=(",", ":"))
    fields = tuple(
        EventField(field=field, position=position, parts=_parts(sobject, field))
        for position, field in enumerate(captured, start=1)
    )
    return EventSchema(
        sobject=sobject,
        id=schema_id(text),
        text=text,
        parsed=parse_schema(document),
        fields=fields,
    )


def schema_id(text: str) -> str:
    """MD5 of the parsing canonical form, base64url without padding."""
    canonical = to_parsing_canonical_form(json.loads(text))
    digest = hashlib.md5(canonical.encode(), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _avro_field(field: Field, defined: set[str]) -> dict[str, object]:
    return {
        "name": field.name,
        "type": ["null", _avro_type(field.event_type, defined)],
        "doc": field.event_doc,
        "default": None,
    }


def _avro_type(name: str, defined: set[str]) -> object:
    if name not in COMPOUND_PARTS or name in defined:
        return name
    defined.add(name)
    fields = [
        {"name": part, "type": ["null", "double" if part in NUMBERS else "string"], "default": None}
        for part in COMPOUND_PARTS[name]
    ]
    return {"type": "record", "name": name, "fields": fields}


def _parts(sobject: SObject, field: Field) -> dict[str, Field]:
    if field.event_type == "PersonName":
        found = {part: sobject.field(part) for part in NAME_PARTS}
    elif field.event_type == "Address":
        stem = field.name.removesuffix("Address")
        found = {part: sobject.field(stem + part) for part in ADDRESS_PARTS}
    else:
        return {}
    return {part: entry for part, entry in found.items() if entry is not None}
