"""Rules of orders, quotes, contracts, cases and currencies."""

from typing import Any

import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.salesforce_client import Rest


@pytest.fixture
def rest(sandbox: Sandbox) -> Rest:
    return Rest(sandbox)


def price(rest: Rest, currency: str = "EUR", code: str = "SUB-PLAT") -> str:
    soql = (
        f"SELECT Id FROM PricebookEntry WHERE Product2.ProductCode = '{code}'"
        f" AND CurrencyIsoCode = '{currency}' AND Pricebook2.Name = 'Enterprise'"
    )
    return str(rest.query(soql)[0]["Id"])


def book(rest: Rest) -> str:
    return str(rest.query("SELECT Id FROM Pricebook2 WHERE Name = 'Enterprise'")[0]["Id"])


def order(rest: Rest, **fields: Any) -> str:
    body = {
        "AccountId": rest.create("Account", Name="Buyer of orders"),
        "EffectiveDate": "2026-12-01",
        "Status": "Draft",
        "Pricebook2Id": book(rest),
        "CurrencyIsoCode": "EUR",
    }
    return rest.create("Order", **{**body, **fields})


def item(rest: Rest, made: str, **fields: Any) -> str:
    return rest.create("OrderItem", OrderId=made, PricebookEntryId=price(rest), **fields)


def test_an_order_is_numbered_and_the_sum_of_its_products(rest: Rest) -> None:
    made = order(rest)
    first = item(rest, made, Quantity=2, UnitPrice=10.5)
    item(rest, made, Quantity=1)
    found = rest.get("Order", made)
    assert (found["TotalAmount"], found["StatusCode"]) == (6021.0, "Draft")
    assert found["OrderNumber"].isdigit()
    line = rest.get("OrderItem", first)
    assert (line["TotalPrice"], line["ListPrice"], line["AvailableQuantity"]) == (21.0, 6000.0, 2.0)
    assert line["CurrencyIsoCode"] == "EUR"
    rest.update("OrderItem", first, Quantity=3)
    assert rest.get("Order", made)["TotalAmount"] == 6031.5
    rest.delete("OrderItem", first)
    assert rest.get("Order", made)["TotalAmount"] == 6000.0


def test_an_order_is_activated_with_products_and_then_keeps_them(rest: Rest) -> None:
    made = order(rest)
    path = f"/sobjects/Order/{made}"
    status, error = rest.refused("PATCH", path, {"Status": "Activated"})
    assert (status, error["errorCode"]) == (400, "FAILED_ACTIVATION")
    line = item(rest, made, Quantity=1)
    rest.update("Order", made, Status="Activated")
    found = rest.get("Order", made)
    assert (found["StatusCode"], found["ActivatedDate"] is not None) == ("Activated", True)
    _, error = rest.refused("PATCH", f"/sobjects/OrderItem/{line}", {"Quantity": 2})
    assert error["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    rest.update("OrderItem", line, Description="Delivered", NS_Qty_Shipped__c=1)
    for refused in (f"/sobjects/OrderItem/{line}", path):
        assert rest.refused("DELETE", refused)[1]["errorCode"] == "DELETE_FAILED"
    assert rest.refused("PATCH", path, {"Pricebook2Id": None})[0] == 400
    rest.update("Order", made, Status="Draft")
    assert rest.get("Order", made)["ActivatedDate"] is None
    rest.delete("Order", made)


def test_an_order_needs_an_account_to_be_activated_and_is_not_born_so(rest: Rest) -> None:
    made = order(rest, AccountId=None)
    item(rest, made, Quantity=1)
    _, error = rest.refused("PATCH", f"/sobjects/Order/{made}", {"Status": "Activated"})
    assert error["errorCode"] == "FAILED_ACTIVATION"
    body = {"EffectiveDate": "2026-12-01", "Status": "Activated"}
    assert rest.refused("POST", "/sobjects/Order", body)[1]["errorCode"] == "FAILED_ACTIVATION"


def test_an_order_takes_prices_of_its_own_book_and_currency(rest: Rest) -> None:
    without = order(rest, Pricebook2Id=None)
    body = {"OrderId": without, "PricebookEntryId": price(rest), "Quantity": 1}
    assert "price book" in rest.refused("POST", "/sobjects/OrderItem", body)[1]["message"]
    body = {"OrderId": order(rest), "PricebookEntryId": price(rest, "USD"), "Quantity": 1}
    _, error = rest.refused("POST", "/sobjects/OrderItem", body)
    assert "does not match order currency code" in error["message"]


def test_an_order_starts_within_its_contract(rest: Rest) -> None:
    account = rest.create("Account", Name="Contract holder")
    contract = rest.create(
        "Contract", AccountId=account, Status="Draft", StartDate="2026-01-31", ContractTerm=1
    )
    assert rest.get("Contract", contract)["EndDate"] == "2026-02-27"
    rest.update("Contract", contract, Status="Activated")
    found = rest.get("Contract", contract)
    assert (found["StatusCode"], found["ActivatedDate"] is not None) == ("Activated", True)
    body = {"ContractId": contract, "AccountId": account, "Status": "Draft"}
    status, error = rest.refused("POST", "/sobjects/Order", {**body, "EffectiveDate": "2026-02-28"})
    assert (status, error) == (
        400,
        {
            "message": "Order Start Date can't be later than its contract's end date.:"
            " Order Start Date",
            "errorCode": "FIELD_INTEGRITY_EXCEPTION",
            "fields": ["EffectiveDate"],
        },
    )
    assert rest.refused("DELETE", f"/sobjects/Contract/{contract}")[1]["errorCode"] == (
        "DELETE_FAILED"
    )


def test_a_quote_is_in_the_currency_of_its_deal_and_the_sum_of_its_lines(rest: Rest) -> None:
    deal = rest.create(
        "Opportunity",
        Name="Quoted",
        StageName="Prospecting",
        CloseDate="2026-12-31",
        CurrencyIsoCode="EUR",
    )
    quote = rest.create("Quote", Name="Offer", OpportunityId=deal, Tax=19, ShippingHandling=1)
    line = {"QuoteId": quote, "PricebookEntryId": price(rest), "Quantity": 2}
    first = rest.create("QuoteLineItem", **line, UnitPrice=100, Discount=10)
    rest.create("QuoteLineItem", **line, UnitPrice=50)
    found = rest.get("Quote", quote)
    assert (found["Subtotal"], found["TotalPrice"], found["GrandTotal"]) == (300.0, 280.0, 300.0)
    assert (found["LineItemCount"], found["Discount"]) == (2, 6.67)
    assert (found["CurrencyIsoCode"], found["Pricebook2Id"]) == ("EUR", book(rest))
    assert len(found["QuoteNumber"]) == 8
    rest.delete("QuoteLineItem", first)
    assert rest.get("Quote", quote)["TotalPrice"] == 100.0
    rest.delete("Quote", quote)


def test_a_case_is_closed_by_its_status(rest: Rest) -> None:
    case = rest.create("Case", Subject="Where is it?")
    assert rest.get("Case", case)["IsClosed"] is False
    rest.update("Case", case, Status="Closed")
    found = rest.get("Case", case)
    assert (found["IsClosed"], found["ClosedDate"] is not None) == (True, True)


def test_the_corporate_currency_is_worth_one_of_itself(rest: Rest) -> None:
    rates = {
        record["IsoCode"]: record["Id"]
        for record in rest.query("SELECT Id, IsoCode FROM CurrencyType")
    }
    path = f"/sobjects/CurrencyType/{rates['USD']}"
    assert rest.refused("PATCH", path, {"ConversionRate": 2})[0] == 400
    assert rest.refused("PATCH", f"/sobjects/CurrencyType/{rates['EUR']}", {"ConversionRate": 0})
    rest.update("CurrencyType", rates["EUR"], ConversionRate=0.95)
    assert rest.get("CurrencyType", rates["EUR"])["ConversionRate"] == 0.95
    rest.update("CurrencyType", rates["EUR"], ConversionRate=0.970874)


def test_dated_rates_follow_each_other_without_a_gap(rest: Rest) -> None:
    rates = rest.query(
        "SELECT Id, StartDate, NextStartDate, ConversionRate FROM DatedConversionRate"
        " WHERE IsoCode = 'EUR' ORDER BY StartDate"
    )
    ends = [rate["NextStartDate"] for rate in rates]
    assert ends == [*(rate["StartDate"] for rate in rates[1:]), "9999-12-31"]
    path = f"/sobjects/DatedConversionRate/{rates[0]['Id']}"
    assert rest.refused("PATCH", path, {"ConversionRate": -1})[0] == 400
    rest.update("DatedConversionRate", rates[0]["Id"], ConversionRate=0.9)
    assert rest.get("DatedConversionRate", rates[0]["Id"])["ConversionRate"] == 0.9


def test_a_new_dated_rate_ends_the_one_before_it(rest: Rest) -> None:
    asked = (
        "SELECT StartDate, NextStartDate, ConversionRate FROM DatedConversionRate"
        " WHERE IsoCode = 'EUR' ORDER BY StartDate"
    )
    last = rest.query(asked)[-1]["StartDate"]
    between = f"{int(last[:4]) + 1}-03-14"
    fresh = {"IsoCode": "EUR", "StartDate": between, "ConversionRate": 0.97}
    rest.create("DatedConversionRate", **fresh)
    earlier, made = rest.query(asked)[-2:]
    assert (earlier["StartDate"], earlier["NextStartDate"]) == (last, between)
    assert (made["NextStartDate"], made["ConversionRate"]) == ("9999-12-31", 0.97)
    again = rest.refused("POST", "/sobjects/DatedConversionRate", fresh)[1]
    assert again["errorCode"] == "DUPLICATE_VALUE"
    unknown = rest.refused("POST", "/sobjects/DatedConversionRate", {**fresh, "IsoCode": "AED"})
    assert unknown[0] == 400


def test_an_inactive_user_owns_nothing_new(sandbox: Sandbox) -> None:
    admin = Rest(sandbox, "admin")
    sales = admin.query("SELECT Id FROM User WHERE Alias = 'sales'")[0]["Id"]
    account = admin.create("Account", Name="Handed over")
    admin.update("User", sales, IsActive=False)
    status, error = admin.refused("PATCH", f"/sobjects/Account/{account}", {"OwnerId": sales})
    admin.update("User", sales, IsActive=True)
    assert (status, error["errorCode"]) == (400, "INACTIVE_OWNER_OR_USER")
    assert error["message"].endswith("as owner of account")
    admin.update("Account", account, OwnerId=sales)
