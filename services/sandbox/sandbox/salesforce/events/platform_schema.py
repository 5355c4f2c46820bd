"""The Avro schema of a platform event, and its payloads."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass

from fastavro import schemaless_reader, schemaless_writer
from fastavro.schema import parse_schema
from fastavro.types import Schema as AvroSchema

from sandbox.salesforce.events.avro_schema import schema_id
from sandbox.salesforce.events.definitions import EventDefinition
from sandbox.salesforce.schema import Field

CREATED = (
    {"name": "CreatedDate", "type": "long", "doc": "CreatedDate:DateTime"},
    {"name": "CreatedById", "type": "string", "doc": "CreatedBy:EntityId"},
)
"""The two that every event must have; nobody checks what they say."""


class PayloadError(Exception):
    """Bytes that this schema does not describe; the message is for the publisher."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformSchema:
    definition: EventDefinition
    id: str
    text: str
    parsed: AvroSchema

    def read(self, payload: bytes) -> dict[str, object]:
        """What was published. Bytes that are too few, too many or of other types are refused."""
        buffer = io.BytesIO(payload)
        try:
            found = schemaless_reader(buffer, self.parsed, None)
        except Exception as error:
            # fastavro fails in whatever way the foreign bytes lead it to; all mean the same.
            raise PayloadError(f"The payload does not match the schema {self.id}.") from error
        if buffer.read(1) or not isinstance(found, dict):
            raise PayloadError(f"The payload is longer than the schema {self.id} says.")
        return found

    def write(self, values: Mapping[str, object]) -> bytes:
        buffer = io.BytesIO()
        schemaless_writer(buffer, self.parsed, values)
        return buffer.getvalue()


def platform_schema(definition: EventDefinition) -> PlatformSchema:
    document = {
        "type": "record",
        "name": definition.name,
        "namespace": "com.sforce.eventbus",
        "fields": [*CREATED, *(_field(entry) for entry in definition.fields)],
    }
    text = json.dumps(document, separators=(",", ":"))
    return PlatformSchema(
        definition=definition, id=schema_id(text), text=text, parsed=parse_schema(document)
    )


def _field(entry: Field) -> dict[str, object]:
    if not entry.nillable and entry.type != "boolean":
        return {"name": entry.name, "type": entry.event_type, "doc": entry.event_doc}
    return {
        "name": entry.name,
        "type": ["null", entry.event_type],
        "doc": entry.event_doc,
        "default": None,
    }
