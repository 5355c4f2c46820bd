"""Rules of the platform that the flow from deal to order leans on."""

from typing import Any

import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.salesforce_client import Rest


@pytest.fixture
def rest(sandbox: Sandbox) -> Rest:
    return Rest(sandbox)


def price(rest: Rest, code: str, currency: str, book: str = "Enterprise") -> str:
    soql = (
        f"SELECT Id FROM PricebookEntry WHERE Product2.ProductCode = '{code}'"
        f" AND CurrencyIsoCode = '{currency}' AND Pricebook2.Name = '{book}'"
    )
    return str(rest.query(soql)[0]["Id"])


def deal(rest: Rest, currency: str = "EUR", **fields: Any) -> str:
    body = {"StageName": "Prospecting", "CloseDate": "2026-12-31", "CurrencyIsoCode": currency}
    return rest.create("Opportunity", Name="A deal", **{**body, **fields})


def line(
    rest: Rest, opportunity: str, code: str = "SUB-PLAT", currency: str = "EUR", **fields: Any
) -> str:
    entry = price(rest, code, currency)
    return rest.create(
        "OpportunityLineItem", OpportunityId=opportunity, PricebookEntryId=entry, **fields
    )


def test_the_stage_decides_probability_category_and_whether_it_is_closed(rest: Rest) -> None:
    opportunity = deal(rest)
    rest.update("Opportunity", opportunity, StageName="Closed Won")
    won = rest.get("Opportunity", opportunity)
    assert (won["IsClosed"], won["IsWon"], won["Probability"]) == (True, True, 100.0)
    assert (won["ForecastCategory"], won["ForecastCategoryName"]) == ("Closed", "Closed")
    rest.update("Opportunity", opportunity, StageName="Qualification", Probability=33)
    assert rest.get("Opportunity", opportunity)["Probability"] == 33.0


def test_the_amount_is_the_sum_of_the_lines_whatever_is_written(rest: Rest) -> None:
    opportunity = deal(rest, Amount=1)
    first = line(rest, opportunity, Quantity=2, UnitPrice=100.5)
    line(rest, opportunity, "SUP-SILVER", Quantity=3, TotalPrice=100)
    found = rest.get("Opportunity", opportunity)
    assert found["Amount"] == 301.0
    assert found["HasOpportunityLineItem"] is True
    assert found["ExpectedRevenue"] == 30.1
    rest.update("Opportunity", opportunity, Amount=5)
    assert rest.get("Opportunity", opportunity)["Amount"] == 301.0
    rest.delete("OpportunityLineItem", first)
    assert rest.get("Opportunity", opportunity)["Amount"] == 100.0


def test_a_new_quantity_alone_keeps_the_total_and_moves_the_price(rest: Rest) -> None:
    opportunity = deal(rest)
    item = line(rest, opportunity, Quantity=2, UnitPrice=50)
    rest.update("OpportunityLineItem", item, Quantity=4)
    found = rest.get("OpportunityLineItem", item)
    assert (found["TotalPrice"], found["UnitPrice"], found["Quantity"]) == (100.0, 25.0, 4.0)
    rest.update("OpportunityLineItem", item, UnitPrice=30)
    assert rest.get("OpportunityLineItem", item)["TotalPrice"] == 120.0


def test_a_line_without_a_price_takes_the_list_price(rest: Rest) -> None:
    item = line(rest, deal(rest), Quantity=2)
    found = rest.get("OpportunityLineItem", item)
    assert (found["ListPrice"], found["UnitPrice"], found["TotalPrice"]) == (
        6000.0,
        6000.0,
        12000.0,
    )
    assert found["Name"] == "A deal Platform subscription"
    assert found["ProductCode"] == "SUB-PLAT"


def test_the_first_line_chooses_the_price_book(rest: Rest) -> None:
    opportunity = deal(rest)
    line(rest, opportunity, Quantity=1)
    book = rest.get("Opportunity", opportunity)["Pricebook2Id"]
    assert rest.get("Pricebook2", book)["Name"] == "Enterprise"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"Quantity": 1, "UnitPrice": 1, "TotalPrice": 1}, "only one of unit price or total price"),
        ({"Quantity": 0}, "quantity must be nonzero"),
    ],
)
def test_a_line_that_contradicts_itself_is_refused(
    rest: Rest, fields: dict[str, object], words: str
) -> None:
    body = {
        "OpportunityId": deal(rest),
        "PricebookEntryId": price(rest, "SUB-PLAT", "EUR"),
        **fields,
    }
    status, error = rest.refused("POST", "/sobjects/OpportunityLineItem", body)
    assert (status, error["errorCode"]) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert words in error["message"]


def test_a_price_of_another_currency_or_book_is_refused(rest: Rest) -> None:
    opportunity = deal(rest)
    dollars = {
        "OpportunityId": opportunity,
        "PricebookEntryId": price(rest, "SUB-PLAT", "USD"),
        "Quantity": 1,
    }
    _, error = rest.refused("POST", "/sobjects/OpportunityLineItem", dollars)
    assert "currency code does not match" in error["message"]
    line(rest, opportunity, Quantity=1)
    standard = price(rest, "SUB-PLAT", "EUR", "Standard Price Book")
    other_book = {"OpportunityId": opportunity, "PricebookEntryId": standard, "Quantity": 1}
    _, error = rest.refused("POST", "/sobjects/OpportunityLineItem", other_book)
    assert "different pricebook" in error["message"]


def test_with_lines_the_currency_and_price_book_are_fixed(rest: Rest) -> None:
    opportunity = deal(rest)
    line(rest, opportunity, Quantity=1)
    path = f"/sobjects/Opportunity/{opportunity}"
    for body in ({"CurrencyIsoCode": "USD"}, {"Pricebook2Id": None}):
        assert rest.refused("PATCH", path, body)[1]["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"


def test_a_custom_price_needs_the_standard_price_first_and_exists_once(rest: Rest) -> None:
    product = rest.create("Product2", Name="New thing", IsActive=True)
    books = {book["Name"]: book["Id"] for book in rest.query("SELECT Id, Name FROM Pricebook2")}
    custom = {
        "Product2Id": product,
        "Pricebook2Id": books["Enterprise"],
        "UnitPrice": 1,
        "IsActive": True,
        "CurrencyIsoCode": "USD",
    }
    _, error = rest.refused("POST", "/sobjects/PricebookEntry", custom)
    assert error["errorCode"] == "STANDARD_PRICE_NOT_DEFINED"
    rest.create("PricebookEntry", **{**custom, "Pricebook2Id": books["Standard Price Book"]})
    rest.create("PricebookEntry", **custom)
    _, error = rest.refused("POST", "/sobjects/PricebookEntry", custom)
    assert error["errorCode"] == "DUPLICATE_VALUE"


def test_read_only_fields_are_refused_and_stay_as_they_were(rest: Rest) -> None:
    opportunity = deal(rest)
    _, error = rest.refused("PATCH", f"/sobjects/Opportunity/{opportunity}", {"IsWon": True})
    assert error["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert error["fields"] == ["IsWon"]


def test_deleting_a_deal_takes_its_lines_and_a_won_deal_keeps_its_account(rest: Rest) -> None:
    account = rest.create("Account", Name="Keeper of deals")
    opportunity = deal(rest, AccountId=account)
    item = line(rest, opportunity, Quantity=1)
    rest.delete("Opportunity", opportunity)
    assert rest.refused("GET", f"/sobjects/OpportunityLineItem/{item}")[0] == 404
    deal(rest, AccountId=account, StageName="Closed Won")
    status, error = rest.refused("DELETE", f"/sobjects/Account/{account}")
    assert (status, error["errorCode"]) == (400, "DELETE_FAILED")


def test_a_system_modstamp_never_goes_back_with_the_clock(sandbox: Sandbox, rest: Rest) -> None:
    account = rest.create("Account", Name="Time traveller")
    sandbox.clock(advance_s=86400)
    rest.update("Account", account, Phone="1")
    late = rest.get("Account", account)["SystemModstamp"]
    sandbox.clock(now=None)
    rest.update("Account", account, Phone="2")
    assert rest.get("Account", account)["SystemModstamp"] == late


def test_a_line_stamps_its_deal(sandbox: Sandbox, rest: Rest) -> None:
    opportunity = deal(rest)
    before = rest.get("Opportunity", opportunity)
    sandbox.clock(advance_s=5)
    line(Rest(sandbox, "admin"), opportunity, Quantity=1)
    after = rest.get("Opportunity", opportunity)
    assert after["SystemModstamp"] > before["SystemModstamp"]
    assert after["LastModifiedById"] != before["LastModifiedById"]
