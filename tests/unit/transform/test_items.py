"""Items of NetSuite become products, where somebody asks for it and a rule lets them."""

from dataclasses import replace

import pytest

from kernel.maps import Maps
from kernel.messages import Result, Version
from kernel.records import netsuite
from kernel.values import Document, Fields, Value
from tests.builders import POLICY, case, change, facts
from transform.domain.decisions import Decision, hashes
from transform.domain.facts import Facts
from transform.pipeline import decide

ITEM = netsuite("item", "105")


def enabled() -> Maps:
    maps = tuple(replace(one, enabled=True) for one in POLICY.maps.maps)
    return replace(POLICY.maps, maps=maps)


def item(**fields: Value) -> Document:
    root: Fields = {
        "id": "105",
        "itemId": "SUP-GOLD",
        "displayName": "Gold support",
        "salesDescription": None,
        "itemType": "Service",
        "subtype": "Sale",
        "isInactive": False,
        **fields,
    }
    return Document(root)


def decided(document: Document, known: Facts | None = None) -> Decision:
    policy = replace(POLICY, maps=enabled())
    return decide(case(change(ITEM, document, version=Version(7, 0))), known or facts(), policy)


def test_an_item_is_told_to_the_product_that_names_it() -> None:
    (sent,) = decided(item()).commands
    assert str(sent.target) == "salesforce:Product2:eid:NS_Item_Id__c:105"
    assert sent.document.fields["ProductCode"] == "SUP-GOLD"
    assert sent.document.fields["Name"] == "Gold support"
    assert sent.document.fields["IsActive"] is True
    known = facts(applied={(sent.target, n): h for n, h in hashes(sent.document).items()})
    again = decided(item(), known)
    assert again.outcome is not None
    assert again.outcome.result is Result.UNCHANGED
    (gone,) = decided(item(isInactive=True), known).commands
    assert gone.document.fields == {"IsActive": False}


def test_an_item_without_a_name_is_called_by_its_code() -> None:
    assert decided(item(displayName=None)).commands[0].document.fields["Name"] == "SUP-GOLD"


@pytest.mark.parametrize(
    ("fields", "rule"),
    [({"itemType": "Description"}, "item-not-sold"), ({"subtype": "Purchase"}, "item-only-bought")],
)
def test_what_is_not_sold_stays_in_netsuite(fields: dict[str, Value], rule: str) -> None:
    outcome = decided(item(**fields)).outcome
    assert outcome is not None
    assert (outcome.code, outcome.params["rule"]) == ("FILTERED_BY_RULE", rule)


def test_the_map_ships_switched_off() -> None:
    assert not POLICY.maps.named("item-to-product").enabled
    assert POLICY.maps.of_source(ITEM.system, "item") is None
