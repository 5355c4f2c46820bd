"""An item is told to the product that sells it already, and never makes a second one."""

import pytest

from kernel.exact_json import Json
from kernel.messages import Result
from kernel.records import salesforce
from tests.unit.salesforce_writer.commands import command
from tests.unit.salesforce_writer.test_attempts import Desk

ITEM = salesforce("Product2", "eid:NS_Item_Id__c:105")
TOLD = {"ProductCode": "SUP-GOLD", "Name": "Gold support"}
FIRST, SECOND = "01txx0000000001AAA", "01txx0000000002AAA"


def products(desk: Desk) -> list[dict[str, Json]]:
    return [dict(row) for (kind, _), row in desk.salesforce.records.items() if kind == "Product2"]


async def test_a_product_with_the_items_code_is_linked_and_not_doubled() -> None:
    desk = Desk()
    desk.salesforce.add("Product2", FIRST, ProductCode="SUP-GOLD", Name="Gold", NS_Item_Id__c=None)
    [outcome] = await desk.handle(command(ITEM, TOLD, part="item"))
    assert outcome.result is Result.APPLIED
    [product] = products(desk)
    assert (product["NS_Item_Id__c"], product["Name"]) == ("105", "Gold support")


async def test_a_product_that_was_linked_by_hand_keeps_its_link() -> None:
    desk = Desk()
    desk.salesforce.add("Product2", FIRST, ProductCode="OLD", NS_Item_Id__c="105")
    await desk.handle(command(ITEM, TOLD, part="item"))
    [product] = products(desk)
    assert (product["Id"], product["ProductCode"]) == (FIRST, "SUP-GOLD")


async def test_of_several_products_of_one_item_the_one_with_its_code_is_told() -> None:
    desk = Desk()
    desk.salesforce.add("Product2", FIRST, ProductCode="BUNDLE", NS_Item_Id__c="105")
    desk.salesforce.add("Product2", SECOND, ProductCode="SUP-GOLD", NS_Item_Id__c="105")
    await desk.handle(command(ITEM, TOLD, part="item"))
    assert [product.get("Name") for product in products(desk)] == [None, "Gold support"]


async def test_a_code_that_another_item_has_is_held() -> None:
    desk = Desk()
    desk.salesforce.add("Product2", FIRST, ProductCode="SUP-GOLD", NS_Item_Id__c="999")
    [outcome] = await desk.handle(command(ITEM, TOLD, part="item"))
    assert (outcome.result, outcome.code) == (Result.PARKED, "CODE_TAKEN")
    assert len(products(desk)) == 1


@pytest.mark.parametrize("code", ["SUP-GOLD", None])
async def test_an_item_that_nobody_sells_yet_becomes_a_product(code: str | None) -> None:
    desk = Desk()
    await desk.handle(command(ITEM, {**TOLD, "ProductCode": code}, part="item"))
    [product] = products(desk)
    assert product["NS_Item_Id__c"] == "105"
