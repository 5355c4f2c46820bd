"""The map: shipped tables, a deployment's overlay, and faults that people can find."""

from pathlib import Path

import pytest

from kernel.maps import (
    CONVERSIONS,
    OWNERS,
    RETENTIONS,
    Maps,
    Owner,
    Retention,
    reading_of,
    readings_of,
)
from kernel.maps.faults import MapsError
from kernel.records import System
from runtime.maps import load_maps
from tests.builders import shipped_maps
from transform.domain.conversions import CONVERT


def with_overlay(directory: Path, text: str) -> Maps:
    (directory / "overlay.yaml").write_text(text)
    return load_maps(directory)


def test_every_conversion_that_a_rule_may_name_exists() -> None:
    assert set(CONVERT) == set(CONVERSIONS)


def test_t7_1_every_owner_that_a_rule_may_name_is_read_and_has_its_meaning(tmp_path: Path) -> None:
    rows = "".join(
        f"\n  - {{read: A{number}__c, write: a{number}, owner: {owner}, personal: no, purpose: x}}"
        for number, owner in enumerate(OWNERS)
    )
    maps = with_overlay(tmp_path, f"map: account-to-customer\nrules:{rows}\n")
    rules = {rule.write: rule.owner for rule in maps.named("account-to-customer").rules}
    assert [rules[f"a{number}"] for number in range(len(OWNERS))] == list(Owner)
    assert set(RETENTIONS) == set(Retention)


def test_every_shipped_rule_says_why_its_field_travels() -> None:
    for record_map in shipped_maps().maps:
        for rule in (*record_map.rules, *(r for lines in record_map.lines for r in lines.rules)):
            assert rule.purpose, f"{record_map.name}: {rule.write}"


def test_a_document_is_read_with_its_lines_and_its_parent_and_nothing_else() -> None:
    maps = shipped_maps()
    reading = reading_of(maps, maps.named("opportunity-to-sales-order"))
    assert "NextStep" not in reading.fields
    assert "TotalPrice" in reading.lines["OpportunityLineItems"]
    assert reading.embedded["Account"].personal >= {"Name", "Phone", "NS_Billing_Email__c"}
    assert reading.personal == {"Name"}


def test_two_maps_of_one_kind_are_read_as_one_document(tmp_path: Path) -> None:
    maps = with_overlay(
        tmp_path,
        """
map: order-to-row
reads: netsuite salesOrder
writes: salesforce NS_Transaction__c
part: row
keeps: yes
rules:
  - {read: memo, write: Memo__c, owner: netsuite, personal: no, purpose: shows the memo}
lines:
  - read: item
    write: ""
    needed: [{read: line, purpose: names the line}]
""",
    )
    reading = readings_of(maps, System.NETSUITE)["salesOrder"]
    assert reading.fields >= {"memo", "tranId", "externalId"}
    assert set(reading.lines) == {"invoices", "credits", "item", "apply"}
    assert maps.keeps(System.NETSUITE, "salesOrder")
    assert not shipped_maps().keeps(System.SALESFORCE, "Product2")


def test_a_map_that_is_not_enabled_reads_nothing(tmp_path: Path) -> None:
    maps = with_overlay(tmp_path, "map: product-to-item\nenabled: no\n")
    assert maps.of_source(System.SALESFORCE, "Product2") is None
    assert "Product2" not in readings_of(maps, System.SALESFORCE)


def test_an_overlay_changes_adds_and_removes_single_rows(tmp_path: Path) -> None:
    maps = with_overlay(
        tmp_path,
        """
map: account-to-customer
rules:
  - {read: Name, write: companyName, owner: netsuite, personal: yes, purpose: finance names it}
  - {read: Industry, write: category.id, owner: salesforce, personal: no, purpose: groups reports}
  - {write: phone, remove: yes}
""",
    )
    rules = {rule.write: rule for rule in maps.named("account-to-customer").rules}
    assert rules["companyName"].owner is Owner.NETSUITE
    assert rules["category.id"].read == "Industry"
    assert "phone" not in rules
    assert "email" in rules
    assert maps.hash != shipped_maps().hash


def test_every_fault_is_named_with_its_place_and_remedy(tmp_path: Path) -> None:
    with pytest.raises(MapsError) as caught:
        with_overlay(
            tmp_path,
            """
map: account-to-customer
colour: red
rules:
  - {read: Name, write: companyName, owner: sales, personal: yes, purpose: x}
  - {read: Fax, write: fax, owner: salesforce, personal: perhaps, purpose: x}
  - {read: Rating, owner: salesforce, personal: no, purpose: x}
  - {read: Type, write: category, convert: shout, owner: salesforce, personal: no}
  - {write: nothing, remove: yes}
""",
        )
    faults = "\n".join(caught.value.faults)
    assert "overlay.yaml:3: 'colour' is unknown" in faults
    assert "overlay.yaml:5: owner 'sales' is unknown: use one of salesforce" in faults
    assert "overlay.yaml:6: 'personal' is 'perhaps': write yes or no" in faults
    assert "overlay.yaml:7: 'write' is missing" in faults
    assert "overlay.yaml:8: conversion 'shout' is unknown" in faults
    assert "overlay.yaml:8: 'purpose' is missing" in faults
    assert "overlay.yaml:9: there is no row with write: nothing to remove" in faults


def test_personal_fields_need_to_say_whom_they_are_about(tmp_path: Path) -> None:
    with pytest.raises(MapsError, match="personal fields need a 'subject'"):
        with_overlay(
            tmp_path,
            """
map: case-to-case
reads: salesforce Case
writes: netsuite supportCase
part: record
rules:
  - {read: Subject, write: title, owner: salesforce, personal: yes, purpose: x}
""",
        )


def test_the_same_tables_have_the_same_hash() -> None:
    assert shipped_maps().hash == shipped_maps().hash
    assert shipped_maps().of_source(System.SALESFORCE, "Opportunity") is not None
