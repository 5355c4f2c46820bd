"""Entries of price books: made once, the standard one first; changed where they differ."""

from decimal import Decimal

from kernel.exact_json import Json
from salesforce_writer.domain.price_lists import missing_books, plan_of, without_standard
from salesforce_writer.domain.requests import JsonObject

GOLD, STANDARD, PARTNER = "01tGOLD", "01sSTANDARD", "01sPARTNER"
BOOKS = {"1": STANDARD, "5": PARTNER}


def price(level: str, amount: str, currency: str = "EUR", *, active: bool = True) -> JsonObject:
    return {
        "Pricebook2.NS_Price_Level_Id__c": level,
        "Pricebook2.Name": "Base Price" if level == "1" else "Partner",
        "CurrencyIsoCode": currency,
        "UnitPrice": Decimal(amount),
        "IsActive": active,
    }


def entry(number: int, book: str, amount: str, *, active: bool = True) -> dict[str, Json]:
    return {
        "Id": f"01u{number}", "Product2Id": GOLD, "Pricebook2Id": book, "CurrencyIsoCode": "EUR",
        "UnitPrice": Decimal(amount), "IsActive": active,
    }  # fmt: skip


def test_a_new_price_stands_in_the_standard_book_before_the_others() -> None:
    plan = plan_of([price("1", "100"), price("5", "80")], [GOLD], BOOKS, [])
    [standard], [other] = plan.standard, plan.others
    assert (standard["Pricebook2Id"], standard["UnitPrice"]) == (STANDARD, Decimal(100))
    assert (other["Pricebook2Id"], other["UnitPrice"]) == (PARTNER, Decimal(80))
    assert plan.changes == ()


def test_only_what_differs_is_changed_and_nothing_is_made_twice() -> None:
    standing = [entry(1, STANDARD, "100.00"), entry(2, PARTNER, "80")]
    same = plan_of([price("1", "100"), price("5", "80")], [GOLD], BOOKS, standing)
    assert same.is_empty
    plan = plan_of([price("1", "100"), price("5", "75", active=False)], [GOLD], BOOKS, standing)
    assert (plan.standard, plan.others) == ((), ())
    assert plan.changes == ({"id": "01u2", "UnitPrice": Decimal(75), "IsActive": False},)


def test_a_price_that_ended_is_offered_no_more_and_peoples_own_standard_prices_stay() -> None:
    standing = [entry(1, STANDARD, "100"), entry(2, PARTNER, "80"), entry(3, "01sOTHER", "9")]
    plan = plan_of([], [GOLD], BOOKS, standing)
    assert plan.changes == ({"id": "01u2", "IsActive": False},)


def test_every_product_that_sells_the_item_gets_its_price() -> None:
    plan = plan_of([price("1", "100")], [GOLD, "01tBUNDLE"], BOOKS, [])
    assert [row["Product2Id"] for row in plan.standard] == [GOLD, "01tBUNDLE"]


def test_a_level_without_a_book_gets_one() -> None:
    assert missing_books([price("1", "1"), price("7", "1"), price("7", "2", "USD")], BOOKS) == {
        "7": {"NS_Price_Level_Id__c": "7", "Name": "Partner", "IsActive": True}
    }


def test_a_price_without_a_base_price_is_named() -> None:
    wanted = [price("1", "100"), price("5", "80"), price("5", "90", "USD")]
    plan = plan_of(wanted, [GOLD], BOOKS, [])
    assert without_standard(plan, wanted, [], STANDARD) == wanted[2]
    assert (
        without_standard(plan_of(wanted[:2], [GOLD], BOOKS, []), wanted[:2], [], STANDARD) is None
    )
