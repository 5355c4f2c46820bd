"""Prices are read from the item's own record, with the currency's code and nothing unasked."""

from decimal import Decimal

import pytest

from ingest.domain.item_prices import prices_of, record_type_of, unknown_currencies
from ingest.domain.suiteql import faults_of
from kernel.exact_json import Json

ROW: dict[str, Json] = {
    "currencyPage": {"id": "4", "refName": "Euro"},
    "priceLevel": {"id": "1", "refName": "Base Price"},
    "price": Decimal("99.90"),
    "priceQty": 0,
    "discountDisplay": Decimal("0.1"),
}
SYMBOLS = {"4": "EUR"}


@pytest.mark.parametrize(
    ("item", "subtype", "name"),
    [
        ("Service", "Sale", "serviceSaleItem"),
        ("NonInvtPart", "Resale", "nonInventoryResaleItem"),
        ("InvtPart", None, "inventoryItem"),
        ("Service", "Purchase", None),
        ("Discount", None, None),
    ],
)
def test_an_item_is_read_under_its_own_name(
    item: str, subtype: str | None, name: str | None
) -> None:
    assert record_type_of({"itemType": item, "subtype": subtype}) == name


def test_a_price_is_told_with_the_currencys_code_and_nothing_that_no_map_reads() -> None:
    record: dict[str, Json] = {"price": {"items": [ROW]}}
    wanted = ["currency.refName", "price", "priceLevel.id", "quantity"]
    assert prices_of(record, wanted, SYMBOLS) == (
        {
            "currency.refName": "EUR",
            "price": Decimal("99.90"),
            "priceLevel.id": "1",
            "quantity": 0,
        },
    )
    assert prices_of({}, wanted, SYMBOLS) == ()


def test_prices_read_alike_in_whatever_order_they_come() -> None:
    other: dict[str, Json] = {**ROW, "priceLevel": {"id": "5", "refName": "Partner"}}
    one: dict[str, Json] = {"price": {"items": [ROW, other]}}
    two: dict[str, Json] = {"price": {"items": [other, ROW]}}
    assert prices_of(one, ["price"], SYMBOLS) == prices_of(two, ["price"], SYMBOLS)


def test_a_currency_that_is_new_is_noticed() -> None:
    record: dict[str, Json] = {"price": {"items": [ROW]}}
    assert unknown_currencies(record, {})
    assert not unknown_currencies(record, SYMBOLS)


def test_a_map_may_name_what_prices_have_and_nothing_else() -> None:
    assert faults_of("item", ["id"], {"price": ["price", "quantity"]}) == []
    [fault] = faults_of("item", ["id"], {"price": ["discountDisplay"]})
    assert "price.discountDisplay cannot be read" in fault
