"""What Salesforce says about the mapped fields, and what is missing."""

from dataclasses import replace

from ingest.domain.records import document_of
from ingest.domain.shapes import (
    CURRENCY_FIELD,
    FieldType,
    faults_of,
    kinds_wanted,
    paths_of,
    shape_of,
)
from ingest.domain.soql import documents
from tests.unit.ingest.samples import (
    ACCOUNT_FIELDS,
    OPPORTUNITY_FIELDS,
    described_as,
    org,
    readings,
    shapes,
)


def test_objects_are_asked_for_until_every_path_is_described() -> None:
    reading, everything = readings()["Opportunity"], org()
    assert kinds_wanted(reading, {}) == {"Opportunity"}
    some = {"Opportunity": everything["Opportunity"]}
    assert kinds_wanted(reading, some) == {"Account", "OpportunityLineItem", "User"}
    some |= {name: everything[name] for name in ("Account", "OpportunityLineItem")}
    assert kinds_wanted(reading, some) == {"Product2", "User"}
    assert kinds_wanted(reading, everything) == frozenset()


def test_a_shape_knows_types_the_list_of_lines_and_their_parent() -> None:
    shape = shapes()["Opportunity"]
    assert shape.types["CloseDate"] is FieldType.DATE
    assert shape.types["Amount"] is FieldType.NUMBER
    assert shape.types["Account.Name"] is FieldType.TEXT
    assert shape.types["SystemModstamp"] is FieldType.DATETIME
    line = shape.lines["OpportunityLineItems"]
    assert (line.kind, line.parent) == ("OpportunityLineItem", "OpportunityId")
    assert line.types["Product2.NS_Item_Id__c"] is FieldType.TEXT


def test_a_reference_stands_for_what_is_read_behind_it() -> None:
    shape = shapes()["Opportunity"]
    assert "AccountId" in shape.watched
    assert "Product2Id" in shape.lines["OpportunityLineItems"].watched
    assert "SystemModstamp" not in shape.watched
    assert "NS_SO_Id__c" not in shape.watched


def test_an_address_changes_under_its_compound_name() -> None:
    reading = replace(readings()["Account"], fields=frozenset({"Id", "BillingStreet"}))
    assert shape_of(reading, org()).watched == {"Id", "BillingStreet", "BillingAddress"}


def test_embedded_parents_are_read_behind_their_prefix() -> None:
    paths = set(paths_of(readings()["Opportunity"]))
    assert {"Account.Name", "Account.CurrencyIsoCode", "StageName"} <= paths


def test_every_missing_field_and_list_is_named() -> None:
    less = {
        **org(),
        "Account": described_as({k: v for k, v in ACCOUNT_FIELDS.items() if k != "Phone"}),
        "Opportunity": described_as(
            {k: v for k, v in OPPORTUNITY_FIELDS.items() if k != "NS_PO_Number__c"}
        ),
    }
    assert list(faults_of(readings()["Opportunity"], less)) == [
        "Opportunity.Account.Phone",
        "Opportunity.NS_PO_Number__c",
        "Opportunity has no list OpportunityLineItems",
    ]
    assert list(faults_of(readings()["Opportunity"], org())) == []


def test_an_org_with_one_currency_has_no_field_for_it_and_each_record_still_names_it() -> None:
    names = {"Account": ACCOUNT_FIELDS, "Opportunity": OPPORTUNITY_FIELDS}
    without = {
        kind: described_as(
            {name: type_ for name, type_ in fields.items() if name != CURRENCY_FIELD},
            lists={"OpportunityLineItems": ("OpportunityLineItem", "OpportunityId")},
        )
        for kind, fields in names.items()
    }
    reading, one = readings()["Opportunity"], {**org(), **without}
    assert list(faults_of(reading, one)) == [
        "Opportunity.Account.CurrencyIsoCode",
        "Opportunity.CurrencyIsoCode",
    ]
    assert list(faults_of(reading, one, "USD")) == []
    shape = shape_of(reading, one, "USD")
    assert CURRENCY_FIELD not in documents(shape, ["006xx000001Sv7t"])
    fields = document_of({"Id": "006xx000001Sv7tAAC"}, shape).fields
    assert (fields["CurrencyIsoCode"], fields["Account.CurrencyIsoCode"]) == ("USD", "USD")
    assert shape_of(reading, org(), "USD").constants == {}
