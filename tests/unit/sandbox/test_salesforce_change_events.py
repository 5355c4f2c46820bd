"""Schemas, their ids, bitmaps and replay positions of change events."""

import base64
import hashlib
import json
from pathlib import Path

import pytest
from fastavro.schema import to_parsing_canonical_form
from hypothesis import given
from hypothesis import strategies as st

from sandbox.salesforce.events.avro_schema import EventSchema, event_schema, schema_id
from sandbox.salesforce.events.bitmap import bitmaps, decode, encode
from sandbox.salesforce.events.bus import ReplayLost, replay_bytes, replay_number
from sandbox.salesforce.package import read_package
from sandbox.salesforce.standard import org_schema

PACKAGE = Path(__file__).parents[3] / "deploy" / "salesforce"


def schema_of(name: str, *features: str) -> EventSchema:
    return event_schema(org_schema(read_package(PACKAGE), frozenset(features)).of(name))


def place(schema: EventSchema, name: str) -> int:
    return next(field.position for field in schema.fields if field.field.name == name)


def test_recorded_bitmaps_name_the_fields_they_named() -> None:
    """Recorded in an org with record types and one currency."""
    account = schema_of("Account", "record_types")
    assert decode("0x800002") == [place(account, "Name"), place(account, "LastModifiedDate")]
    assert place(account, "ShippingAddress") == 6
    parts = list(account.fields[5].parts)
    assert parts[0] == "Street"
    assert bitmaps([place(account, "LastModifiedDate")], {6: [0]}) == ["0x800000", "6-0x01"]
    assert bitmaps([], {6: [7, 8]}) == ["6-0x0180"]
    assert encode([23, 68]) == "0x100000000000800000"


@given(st.sets(st.integers(min_value=0, max_value=200), min_size=1))
def test_a_bitmap_is_read_back_and_is_upper_case_in_whole_bytes(positions: set[int]) -> None:
    text = encode(positions)
    assert decode(text) == sorted(positions)
    assert len(text) % 2 == 0
    assert text[2:] == text[2:].upper()


def test_the_schema_id_is_the_digest_of_the_canonical_form() -> None:
    schema = schema_of("Opportunity", "multi_currency")
    canonical = to_parsing_canonical_form(json.loads(schema.text)).encode()
    digest = base64.urlsafe_b64encode(hashlib.md5(canonical).digest()).decode()
    assert schema.id == digest.rstrip("=") == schema_id(schema.text)
    assert len(schema.id) == 22


def test_a_schema_has_the_header_first_and_leaves_out_what_events_never_carry() -> None:
    fields = json.loads(schema_of("Opportunity", "multi_currency").text)["fields"]
    names = [field["name"] for field in fields]
    assert names[0] == "ChangeEventHeader"
    header = fields[0]["type"]["fields"]
    assert [part["name"] for part in header] == [
        "entityName", "recordIds", "changeType", "changeOrigin", "transactionKey",
        "sequenceNumber", "commitTimestamp", "commitNumber", "commitUser", "nulledFields",
        "diffFields", "changedFields",
    ]  # fmt: skip
    assert not {"Id", "IsDeleted", "SystemModstamp", "LastActivityDate"} & set(names)
    assert fields[names.index("Amount")] == {
        "name": "Amount",
        "type": ["null", "double"],
        "doc": "Data:Currency",
        "default": None,
    }
    assert fields[names.index("CloseDate")]["type"] == ["null", "long"]
    assert fields[names.index("NS_SO_Id__c")]["doc"].startswith("Data:Text:00N")


def test_a_compound_is_written_once_and_then_named() -> None:
    fields = {field["name"]: field for field in json.loads(schema_of("Account").text)["fields"]}
    assert fields["BillingAddress"]["type"][1]["name"] == "Address"
    assert fields["ShippingAddress"]["type"] == ["null", "Address"]
    contact = {field["name"]: field for field in json.loads(schema_of("Contact").text)["fields"]}
    assert [part["name"] for part in contact["Name"]["type"][1]["fields"]] == [
        "Salutation", "FirstName", "LastName",
    ]  # fmt: skip


def test_a_recorded_position_is_read_and_written() -> None:
    recorded = base64.b64decode("AAAAAAAXkCkAAA==")
    assert replay_number(recorded) == replay_number(recorded[:8]) == 1544233
    assert replay_bytes(1544233) == recorded


@pytest.mark.parametrize("raw", [b"", b"abc", b"\0" * 9, b"\0" * 9 + b"\1", b"\0" * 12])
def test_other_bytes_are_no_position(raw: bytes) -> None:
    with pytest.raises(ReplayLost):
        replay_number(raw)
