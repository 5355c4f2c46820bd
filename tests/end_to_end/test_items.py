"""Items of NetSuite become products of Salesforce; orders that waited for one follow."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.log import eventually
from tests.world import QUIET_WITHIN_S, World, running_world

SWITCHED_ON = "map: item-to-product\nenabled: yes\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    overlay = tmp_path_factory.mktemp("overlay")
    (overlay / "items.yaml").write_text(SWITCHED_ON)
    state = tmp_path_factory.mktemp("items") / "state"
    with running_world(state, extra={"MAPS_OVERLAY_DIR": str(overlay)}) as running:
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
