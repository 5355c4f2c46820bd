"""Avro change events: the header, the names the bitmaps count, parents' ids, nothing else."""

import io
import json
from datetime import UTC, datetime

import pytest
from fastavro import parse_schema, schemaless_writer

from ingest.adapters.change_events import readable, source_event
from kernel.errors import PermanentError

ADDRESS = {
    "type": "record",
    "name": "Address",
    "fields": [
        {"name": name, "type": ["null", "string"], "default": None} for name in ("Street", "City")
    ],
}
STRINGS = {"type": "array", "items": "string"}
HEADER = {
    "type": "record",
    "name": "ChangeEventHeader",
    "fields": [
        {"name": "entityName", "type": "string"},
        {"name": "recordIds", "type": STRINGS},
        {"name": "changeType", "type": {"type": "enum", "name": "ChangeType",
                                        "symbols": ["CREATE", "UPDATE"]}},
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
}  # fmt: skip
SCHEMA = {
    "type": "record",
    "name": "AccountChangeEvent",
    "namespace": "com.sforce.eventbus",
    "fields": [
        {"name": "ChangeEventHeader", "type": HEADER},
        {"name": "Name", "type": ["null", "string"], "default": None},
        {"name": "BillingAddress", "type": ["null", ADDRESS], "default": None},
        {"name": "ShippingAddress", "type": ["null", "Address"], "default": None},
        {"name": "Parent__c", "type": ["null", "string"], "doc": "ForeignKey:EntityId:00N1",
         "default": None},
    ],
}  # fmt: skip


def payload() -> bytes:
    buffer = io.BytesIO()
    header = {
        "entityName": "Account",
        "recordIds": ["001xx000003DGb1AAG"],
        "changeType": "UPDATE",
        "changeOrigin": "",
        "transactionKey": "t",
        "sequenceNumber": 2,
        "commitTimestamp": 1_795_166_043_000,
        "commitNumber": 77,
        "commitUser": "005xx000001SwiUAAS",
        "nulledFields": ["0x02"],
        "diffFields": [],
        "changedFields": ["0x02", "2-0x01"],
    }
    record = {"ChangeEventHeader": header, "Name": "Ada", "Parent__c": "001xx000003DGb2AAG"}
    schemaless_writer(buffer, parse_schema(SCHEMA, named_schemas={}), record)
    return buffer.getvalue()


def test_an_event_is_its_header_and_the_ids_of_parents() -> None:
    event = source_event(readable(json.dumps(SCHEMA)), payload(), b"\x01")
    assert event.entity == "Account"
    assert event.committed_at == datetime(2026, 11, 20, 9, 14, 3, tzinfo=UTC)
    assert (event.commit_number, event.sequence, event.change) == (77, 2, "UPDATE")
    assert sorted(event.bitmaps) == ["0x02", "0x02", "2-0x01"]
    assert event.parents == {"Parent__c": "001xx000003DGb2AAG"}
    assert "Ada" not in repr(event)


def test_a_compound_used_a_second_time_has_its_parts_as_well() -> None:
    names = readable(json.dumps(SCHEMA)).names
    assert names.names[:2] == ("ChangeEventHeader", "Name")
    assert names.parts[2] == names.parts[3] == ("Street", "City")


@pytest.mark.parametrize("spoilt", [b"", b"\xff" * 40, payload()[:-9]])
def test_bytes_that_do_not_read_are_said_to_be_unreadable(spoilt: bytes) -> None:
    with pytest.raises(PermanentError, match="cannot be read"):
        source_event(readable(json.dumps(SCHEMA)), spoilt, b"")


@pytest.mark.parametrize("text", ["", "{}", '{"type": "nonsense"}', json.dumps({"fields": [{}]})])
def test_a_schema_that_does_not_read_is_said_to_be_unreadable(text: str) -> None:
    with pytest.raises(PermanentError, match="schema"):
        readable(text)
