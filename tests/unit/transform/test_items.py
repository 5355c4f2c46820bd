"""Items of NetSuite become products, where somebody asks for it and a rule lets them."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kernel.maps import Maps
from kernel.messages import Result, Version
from kernel.records import netsuite
from kernel.values import Document, Fields, Value
from tests.builders import POLICY, case, change, facts
from transform.domain.decisions import Decision, hashes
from transform.domain.facts import Facts
from transform.domain.last_sync import FIELD as LAST_SYNC
from transform.domain.last_sync import moment_of
from transform.domain.prices import product_target
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


def test_when_a_product_last_agreed_is_told_beside_what_is_new_and_never_alone() -> None:
    (sent,) = decided(item()).commands
    assert sent.document.fields[LAST_SYNC] == moment_of(Version(7, 0))
    known = facts(applied={(sent.target, n): h for n, h in hashes(sent.document).items()})
    policy, later = replace(POLICY, maps=enabled()), Version(120, 0)
    same = decide(case(change(ITEM, item(), version=later)), known, policy)
    assert same.commands == ()
    news = case(change(ITEM, item(displayName="Support, gold"), version=later))
    (told,) = decide(news, known, policy).commands
    assert told.document.fields == {"Name": "Support, gold", LAST_SYNC: moment_of(later)}


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


def priced(*rows: Fields) -> Document:
    return replace(item(), lines={"price": rows})


def price(level: str, amount: Value, currency: str = "EUR", quantity: int = 0) -> Fields:
    return {
        "priceLevel.id": level, "priceLevel.refName": f"Level {level}", "price": amount,
        "currency.refName": currency, "quantity": quantity, "isInactive": False,
    }  # fmt: skip


def test_prices_follow_the_product_and_wait_until_it_stands() -> None:
    document = priced(price("5", Decimal(80)), price("1", Decimal(100)))
    first = decided(document)
    assert [str(sent.target.kind) for sent in first.commands] == ["Product2"]
    assert first.outcome is not None
    assert (first.outcome.code, first.outcome.waits_on) == (
        "WAITS_FOR_PRODUCT", first.commands[0].target,
    )  # fmt: skip
    product = first.commands[0]
    known = facts(applied={(product.target, n): h for n, h in hashes(product.document).items()})
    (sent,) = decided(document, known).commands
    assert str(sent.target) == "salesforce:PricebookEntry:eid:Product2.NS_Item_Id__c:105"
    levels = [
        row["Pricebook2.NS_Price_Level_Id__c"] for row in sent.document.lines["PricebookEntry"]
    ]
    assert levels == ["1", "5"]
    applied = {(sent.target, n): h for n, h in hashes(sent.document).items()}
    again = decided(document, facts(applied={**known.applied, **applied})).outcome
    assert again is not None
    assert again.result is Result.UNCHANGED


def test_a_price_book_holds_the_price_of_one_and_no_custom_price() -> None:
    document = priced(
        price("1", Decimal(90), quantity=10), price("1", Decimal(100)), price("-1", Decimal(5)),
        price("1", Decimal(110), "USD"), price("5", None),
    )  # fmt: skip
    sent = decided(document, facts(applied={(product_target(ITEM), "Name"): "other"})).commands[-1]
    rows = sent.document.lines["PricebookEntry"]
    assert [(row["CurrencyIsoCode"], row["UnitPrice"]) for row in rows] == [
        ("EUR", Decimal(100)), ("USD", Decimal(110)),
    ]  # fmt: skip
    assert all(row["IsActive"] is True for row in rows)


def test_a_price_level_is_a_price_book_but_for_the_base_and_the_custom_one() -> None:
    def told(level: str) -> Decision:
        document = Document({"id": level, "name": "Partner", "isInactive": False})
        event = change(netsuite("priceLevel", level), document, version=Version(7, 0))
        return decide(case(event), facts(), replace(POLICY, maps=enabled()))

    (sent,) = told("5").commands
    assert str(sent.target) == "salesforce:Pricebook2:eid:NS_Price_Level_Id__c:5"
    assert sent.document.fields == {"Name": "Partner", "IsActive": True}
    assert told("1").commands == told("-1").commands == ()
