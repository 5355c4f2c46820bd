"""Answers become documents: typed as described, exact, in one order."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ingest.domain.records import document_of, line_ids, modified_at
from ingest.domain.typed import exact
from kernel.exact_json import Json
from kernel.values import content_hash
from tests.unit.ingest.samples import LINE, OPPORTUNITY, OTHER_LINE, shapes

SHAPE = shapes()["Opportunity"]


def line(record_id: str, quantity: str = "1.0") -> dict[str, Json]:
    return {
        "attributes": {"type": "OpportunityLineItem"},
        "Id": record_id,
        "Quantity": Decimal(quantity),
        "Product2": {"attributes": {}, "Name": "Platform", "NS_Item_Id__c": "101"},
        "SecretDate__c": "2026-01-01",
    }


def row(**other: Json) -> dict[str, Json]:
    return {
        "attributes": {"type": "Opportunity"},
        "Id": OPPORTUNITY,
        "Name": "2026-11-20",
        "CloseDate": "2026-11-20",
        "Amount": Decimal("10000.0"),
        "IsWon": True,
        "SystemModstamp": "2026-11-20T09:14:03.000+0000",
        "Account": {"attributes": {}, "Name": "Acme"},
        "OpportunityLineItems": {"done": True, "records": [line(OTHER_LINE), line(LINE)]},
        "Secret__c": "not in the map",
        **other,
    }


def test_values_have_the_types_salesforce_describes() -> None:
    fields = document_of(row(), SHAPE).fields
    assert fields["Name"] == "2026-11-20"
    assert fields["CloseDate"] == date(2026, 11, 20)
    assert fields["Amount"] == Decimal("10000.0")
    assert fields["SystemModstamp"] == datetime(2026, 11, 20, 9, 14, 3, tzinfo=UTC)
    assert fields["Account.Name"] == "Acme"
    assert fields["StageName"] is None


def test_nothing_but_the_map_is_taken_over() -> None:
    document = document_of(row(), SHAPE)
    assert "Secret__c" not in document.fields
    assert all("SecretDate__c" not in item for item in document.lines["OpportunityLineItems"])


def test_lines_read_alike_in_whatever_order_they_come() -> None:
    turned: Json = {"done": True, "records": [line(LINE), line(OTHER_LINE)]}
    first = document_of(row(), SHAPE)
    assert [item["Id"] for item in first.lines["OpportunityLineItems"]] == [LINE, OTHER_LINE]
    assert content_hash(first) == content_hash(document_of(row(OpportunityLineItems=turned), SHAPE))


def test_no_lines_and_no_parent_arrive_as_null() -> None:
    document = document_of(row(OpportunityLineItems=None, Account=None), SHAPE)
    assert document.lines["OpportunityLineItems"] == ()
    assert document.fields["Account.Name"] is None
    assert line_ids(row(OpportunityLineItems=None), "OpportunityLineItems") == []


def test_the_moment_of_a_record_is_its_system_modstamp() -> None:
    assert modified_at(row()) == datetime(2026, 11, 20, 9, 14, 3, tzinfo=UTC)
    assert modified_at({"Id": OPPORTUNITY}) is None


@pytest.mark.parametrize(
    ("number", "held"),
    [
        (7, 7),
        (Decimal("0.30000000000000004"), Decimal("0.3000000000")),
        (Decimal("12345678901234567.89"), Decimal("12345678901234567.89")),
        (2**70, Decimal(2**70)),
        (Decimal("1E+30"), "1E+30"),
    ],
)
def test_a_number_is_kept_as_exactly_as_the_log_can(number: int | Decimal, held: object) -> None:
    assert exact(number) == held
