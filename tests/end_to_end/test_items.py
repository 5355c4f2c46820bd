"""What an overlay switches on and off: items become products, quotes estimates; an org without
orders sells by its opportunities alone.

In a company where another application owns the external ids of customers.
"""

import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.log import eventually
from tests.world import QUIET_WITHIN_S, Deal, World, running_world

SWITCHED_ON = "".join(
    f"- map: {name}\n  enabled: yes\n"
    for name in (
        "item-to-product",
        "item-to-price-book",
        "price-level-to-price-book",
        "quote-to-estimate",
    )
)
WITHOUT_ORDERS = Path(__file__).parents[2] / "deploy" / "overlays" / "without-orders"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    overlay = tmp_path_factory.mktemp("overlay")
    (overlay / "more.yaml").write_text(SWITCHED_ON)
    for table in WITHOUT_ORDERS.glob("*.yaml"):
        shutil.copy(table, overlay)
    state = tmp_path_factory.mktemp("items") / "state"
    extra = {"MAPS_OVERLAY_DIR": str(overlay), "IDENTITY_STRATEGY": "field"}
    with running_world(state, extra=extra) as running:
        yield running


def product(world: World, code: str, **shown: object) -> Mapping[str, Any]:
    """The one product with a code, once it shows these values."""

    def look() -> Mapping[str, Any] | None:
        fields = "Id, Name, IsActive, NS_Item_Id__c, NS_Item_Type__c"
        found = world.rep.query(f"SELECT {fields} FROM Product2 WHERE ProductCode = '{code}'")
        assert len(found) < 2, found
        return found[0] if found and shown.items() <= dict(found[0]).items() else None

    return eventually(look, within_s=QUIET_WITHIN_S)


def test_products_that_stand_already_are_linked_and_not_doubled(world: World) -> None:
    before = world.rep.query("SELECT Id FROM Product2")
    for code, item in (("SUP-GOLD", "105"), ("SUB-PLAT", "101"), ("HW-GATE", "104")):
        product(world, code, NS_Item_Id__c=item)
    assert world.quiet()["holds"]
    assert len(world.rep.query("SELECT Id FROM Product2")) == len(before)


def test_an_order_follows_its_item_and_a_change_of_the_item_its_product(world: World) -> None:
    made = world.catalogue_owner.create(
        "Product2", Name="Later", ProductCode="LATER", IsActive=True
    )
    standard = world.rep.one("SELECT Id FROM Pricebook2 WHERE IsStandard = true")["Id"]
    selling = world.rep.query("SELECT Id FROM Pricebook2 WHERE IsStandard = false")[0]["Id"]
    for book in (standard, selling):
        world.catalogue_owner.create(
            "PricebookEntry", Pricebook2Id=book, Product2Id=made, UnitPrice=50, IsActive=True,
            CurrencyIsoCode="EUR",
        )  # fmt: skip
    deal = world.open_deal(world.account("Wartet GmbH"), product="LATER", price=50)
    world.win(deal)
    world.told(deal, NS_Sync_Status__c="Waiting")
    keeper = world.item_keeper()
    item = keeper.create(
        "serviceSaleItem", itemId="LATER", displayName="Later", incomeAccount={"id": "56"}
    )
    product(world, "LATER", NS_Item_Id__c=item)
    order = world.numbered(deal)["NS_SO_Id__c"]
    assert world.accountant.record("salesOrder", order)["total"] == Decimal(50)
    keeper.update("serviceSaleItem", item, displayName="Sooner", isInactive=True)
    product(world, "LATER", Name="Sooner", IsActive=False)
    keeper.close()
    assert world.quiet()["holds"]


def test_an_accepted_quote_becomes_the_one_sales_order_of_its_deal(world: World) -> None:
    deal = world.open_deal(world.account("Angebot GmbH"), quantity=2, price=100)
    quote = quoted(world, deal)
    world.quiet()
    assert not estimates(world, quote), "nobody has approved it yet"
    world.rep.update("Quote", quote, Status="Presented")
    told = quote_told(world, quote, NS_Sync_Status__c="Synced")
    offer = world.accountant.record("estimate", told["NS_Estimate_Id__c"])
    assert (offer["total"], offer["tranId"]) == (Decimal(200), told["NS_Estimate_Number__c"])
    assert offer["externalId"].endswith(f"-Quote-{quote}")
    assert not world.orders(deal)
    world.rep.update("Quote", quote, Status="Accepted")
    order_id = world.numbered(deal)["NS_SO_Id__c"]
    order = world.accountant.record("salesOrder", order_id)
    assert (order["createdFrom"]["id"], order["total"]) == (offer["id"], Decimal(200))
    world.quiet()
    world.win(deal)
    world.rep.update("Opportunity", deal.opportunity_id, NS_PO_Number__c="PO-4")
    world.until_order(order_id, otherRefNum="PO-4")
    assert world.quiet()["holds"]
    assert [one["id"] for one in world.orders(deal)] == [order_id]
    (line,) = world.accountant.record("salesOrder", order_id)["item"]["items"]
    assert (line["quantity"], line["rate"]) == (2, 100)
    assert world.accountant.record("estimate", offer["id"])["status"]["refName"] == "Processed"


def test_a_quote_that_is_accepted_at_once_goes_by_its_estimate_too(world: World) -> None:
    deal = world.open_deal(world.account("Zusage sofort GmbH"), quantity=2, price=100)
    quote = quoted(world, deal)
    world.rep.update("Quote", quote, Status="Accepted")
    order_id = world.numbered(deal)["NS_SO_Id__c"]
    assert world.quiet()["holds"]
    (offer,) = estimates(world, quote)
    order = world.accountant.record("salesOrder", order_id)
    assert order["createdFrom"]["id"] == offer["id"]
    assert len(world.orders(deal)) == 1


def quoted(world: World, deal: Deal) -> str:
    """A draft with the one line of the deal, as syncing leaves it."""
    line = world.rep.one(
        "SELECT Id, PricebookEntryId, Quantity, UnitPrice FROM OpportunityLineItem"
        f" WHERE OpportunityId = '{deal.opportunity_id}'"
    )
    quote = world.rep.create(
        "Quote", OpportunityId=deal.opportunity_id, Name=f"{deal.name}, offer", Status="Draft"
    )
    world.rep.create(
        "QuoteLineItem",
        QuoteId=quote,
        OpportunityLineItemId=line["Id"],
        PricebookEntryId=line["PricebookEntryId"],
        Quantity=float(line["Quantity"]),
        UnitPrice=float(line["UnitPrice"]),
    )
    return quote


def quote_told(world: World, quote: str, **shown: object) -> Mapping[str, Any]:
    """The quote once it shows these values."""
    names = "NS_Estimate_Id__c, NS_Estimate_Number__c, NS_Sync_Status__c"

    def look() -> Mapping[str, Any] | None:
        now = world.rep.one(f"SELECT {names} FROM Quote WHERE Id = '{quote}'")
        return now if shown.items() <= dict(now).items() else None

    return eventually(look, within_s=QUIET_WITHIN_S)


def estimates(world: World, quote: str) -> Sequence[Mapping[str, Any]]:
    return world.accountant.query(
        f"SELECT id FROM transaction WHERE type = 'Estimate' AND externalid LIKE '%-Quote-{quote}'"
    )


def entries(world: World, code: str) -> dict[tuple[str, str], Decimal]:
    """What price books offer of a product, by book and currency."""
    found = world.rep.query(
        "SELECT Pricebook2.Name, CurrencyIsoCode, UnitPrice FROM PricebookEntry"
        f" WHERE Product2.ProductCode = '{code}' AND IsActive = true"
    )
    return {
        (row["Pricebook2"]["Name"], row["CurrencyIsoCode"]): Decimal(str(row["UnitPrice"]))
        for row in found
    }


def price(level: str, currency: str, amount: float) -> dict[str, object]:
    return {"priceLevel": {"id": level}, "currencyPage": {"id": currency}, "price": amount}


def test_prices_of_an_item_stand_in_the_book_of_their_level_and_follow_it(world: World) -> None:
    keeper = world.item_keeper()
    level = keeper.create("priceLevel", name="Partner")
    rows = [price("1", "4", 50), price("1", "1", 55), price(level, "4", 40)]
    item = keeper.create(
        "serviceSaleItem", itemId="PRICED", displayName="Priced", incomeAccount={"id": "56"},
        price={"items": rows},
    )  # fmt: skip
    standard = "Standard Price Book"
    told = {(standard, "EUR"): 50, (standard, "USD"): 55, ("Partner", "EUR"): 40}

    def shows(wanted: Mapping[tuple[str, str], int]) -> bool:
        return entries(world, "PRICED") == {key: Decimal(value) for key, value in wanted.items()}

    eventually(lambda: shows(told), within_s=QUIET_WITHIN_S)
    mark = world.end_of_journal("salesforce")
    changed = [price("1", "4", 60), price("1", "1", 55)]
    keeper.update("serviceSaleItem", f"{item}?replace=price", price={"items": changed})
    eventually(
        lambda: shows({(standard, "EUR"): 60, (standard, "USD"): 55}), within_s=QUIET_WITHIN_S
    )
    keeper.close()
    assert world.quiet()["holds"]
    ours = [m for m in world.mutations("salesforce", mark) if m["record"] == "PricebookEntry"]
    assert len(ours) == 2, ours


def test_t1_1_a_customer_without_an_external_id_is_made_once_whatever_is_killed(
    world: World,
) -> None:
    """Delivered three times, and the writer ends between NetSuite's commit and ours."""
    channel = {"system": "salesforce", "method": "EVENT", "path": "*", "effect": "event_duplicate"}
    lost = {
        "system": "netsuite",
        "method": "POST",
        "path": "/record/v1/customer",
        "effect": "drop_after_commit",
        "times": 1,
    }
    world.faults(channel, {**channel}, lost)
    deal = world.open_deal(world.account("Fremde Nummern KG"))
    world.win(deal)
    eventually(lambda: bearing(world, deal), within_s=QUIET_WITHIN_S)
    world.stack.kill("netsuite-writer", signal.SIGKILL)
    shown = world.numbered(deal)
    world.rep.update("Account", deal.account_id, Phone="+49 30 90")
    (customer_id,) = bearing(world, deal)
    assert shown["Account"]["NS_Customer_Id__c"] == customer_id

    def look() -> bool:
        return bool(world.accountant.record("customer", customer_id).get("phone") == "+49 30 90")

    eventually(look, within_s=QUIET_WITHIN_S)
    assert world.quiet()["holds"]
    assert bearing(world, deal) == [customer_id]
    assert not world.accountant.record("customer", customer_id).get("externalId")
    (order,) = world.orders(deal)
    assert str(order["externalid"]).endswith(deal.opportunity_id)


def bearing(world: World, deal: Deal) -> list[str]:
    """Customers with the account's id in their field."""
    query = f"SELECT id FROM customer WHERE custentity_sf_account_id = '{deal.account_id}'"
    return [str(row["id"]) for row in world.accountant.query(query)]
