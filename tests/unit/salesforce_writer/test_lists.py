"""Commands that name many records: read, compared, written once, whatever is lost in between."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

import pytest

from kernel.errors import RetryableError, UnknownOutcomeError
from kernel.exact_json import Json, loads
from kernel.messages import Result, WriteCommand
from kernel.records import RecordRef, salesforce
from kernel.values import Document, Fields
from salesforce_writer.ports import Reply, Saving
from tests.unit.salesforce_writer.commands import command
from tests.unit.salesforce_writer.test_attempts import Desk

PRICES = salesforce("PricebookEntry", "eid:Product2.NS_Item_Id__c:105")
RATE = salesforce("DatedConversionRate", "eid:IsoCode@StartDate:EUR@2026-11-24")
Records = list[dict[str, Any]]


class Org:
    """An org with two currencies, a standard price book and perhaps a product, as the port tells
    it: records of a kind, whatever else the query asks."""

    def __init__(self, *, product: bool = True) -> None:
        self.told: dict[str, Records] = {
            "CurrencyType": [
                {"IsoCode": "USD", "IsCorporate": True},
                {"IsoCode": "EUR", "IsCorporate": False},
            ],
            "Product2": [{"Id": "01tGOLD"}] if product else [],
            "Pricebook2": [{"Id": "01sSTANDARD", "IsStandard": True, "NS_Price_Level_Id__c": None}],
            "PricebookEntry": [],
            "DatedConversionRate": [],
        }
        self.writes = 0
        self.loses = False

    async def query(self, soql: str) -> Reply:
        kind = soql.partition(" FROM ")[2].partition(" ")[0]
        return Reply(status=200, body={"records": cast(Json, list(self.told[kind]))})

    async def remove(self, ids: Sequence[str]) -> Reply:
        raise AssertionError(f"nothing is removed: {ids}")

    async def save(self, saving: Saving) -> Reply:
        self.writes += 1
        body = cast(dict[str, Records], loads(saving.body))
        results = [self._saved(record) for record in body["records"]]
        if self.loses:
            self.loses = False
            raise UnknownOutcomeError("no answer to POST")
        return Reply(status=200, body=cast(Json, results))

    def _saved(self, record: dict[str, Any]) -> dict[str, Json]:
        rows = self.told[record.pop("attributes")["type"]]
        if "id" in record:
            row = next(row for row in rows if row["Id"] == record.pop("id"))
            row.update(record)
        else:
            row = {"Id": f"0{len(rows)}", **record}
            rows.append(row)
        return {"id": row["Id"], "success": True, "errors": []}


def desk_of(org: Org) -> Desk:
    desk = Desk()
    attempts = replace(desk.writer.attempts, salesforce=org)
    desk.writer = replace(desk.writer, attempts=attempts)
    return desk


def listed(target: RecordRef, *rows: Fields, **fields: str) -> WriteCommand:
    plain = command(target, fields, part="list")
    return replace(plain, document=Document(fields, {target.kind: rows}))


def price(level: str, amount: str, currency: str = "EUR") -> Fields:
    return {
        "Pricebook2.NS_Price_Level_Id__c": level, "Pricebook2.Name": "Partner",
        "CurrencyIsoCode": currency, "UnitPrice": Decimal(amount), "IsActive": True,
    }  # fmt: skip


def rate(value: str) -> Fields:
    return {"IsoCode": "EUR", "StartDate": "2026-11-24", "ConversionRate": Decimal(value)}


async def test_prices_are_made_once_and_a_missing_book_with_them() -> None:
    org = Org()
    desk = desk_of(org)
    [first] = await desk.handle(listed(PRICES, price("1", "100"), price("5", "80")))
    assert (first.result, first.code) == (Result.APPLIED, "WRITTEN")
    assert [row.get("NS_Price_Level_Id__c") for row in org.told["Pricebook2"]] == [None, "5"]
    assert [row["UnitPrice"] for row in org.told["PricebookEntry"]] == [100, 80]
    writes = org.writes
    [again] = await desk.handle(listed(PRICES, price("1", "100"), price("5", "80")))
    assert (again.result, again.code, org.writes) == (Result.UNCHANGED, "ALREADY_SO", writes)


async def test_an_answer_that_got_lost_makes_no_second_price() -> None:
    org = Org()
    desk, asked = desk_of(org), listed(PRICES, price("1", "100"))
    org.loses = True
    with pytest.raises(RetryableError):
        await desk.handle(asked)
    [outcome] = await desk.handle(asked)
    assert outcome.code == "ALREADY_SO"
    assert len(org.told["PricebookEntry"]) == 1


async def test_a_price_without_a_product_or_a_standard_price_is_held_and_named() -> None:
    [missing] = await desk_of(Org(product=False)).handle(listed(PRICES, price("1", "100")))
    assert (missing.result, missing.code) == (Result.PARKED, "PRODUCT_MISSING")
    assert missing.params["item"] == "105"
    org = Org()
    [alone] = await desk_of(org).handle(listed(PRICES, price("5", "80")))
    assert (alone.code, alone.params["currency"]) == ("STANDARD_PRICE_MISSING", "EUR")
    assert org.told["PricebookEntry"] == []


async def test_a_price_in_a_currency_that_the_org_does_not_have_is_left_out() -> None:
    org = Org()
    [outcome] = await desk_of(org).handle(listed(PRICES, price("1", "100"), price("1", "9", "JPY")))
    assert "left out: the org has no JPY" in outcome.path
    assert [row["CurrencyIsoCode"] for row in org.told["PricebookEntry"]] == ["EUR"]


async def test_a_dated_rate_is_made_then_changed_and_never_doubled() -> None:
    org = Org()
    desk = desk_of(org)
    codes = [
        (await desk.handle(listed(RATE, rate(value), corporate="USD")))[0].code
        for value in ("0.97", "0.97", "0.98")
    ]
    assert codes == ["WRITTEN", "ALREADY_SO", "WRITTEN"]
    [standing] = org.told["DatedConversionRate"]
    assert standing["ConversionRate"] == Decimal("0.98")


async def test_a_rate_against_another_currency_than_the_orgs_own_is_held() -> None:
    org = Org()
    [held] = await desk_of(org).handle(listed(RATE, rate("1"), corporate="GBP"))
    assert (held.result, held.code, held.params["expected"]) == (
        Result.PARKED, "CORPORATE_CURRENCY", "USD",
    )  # fmt: skip
    assert org.writes == 0


async def test_a_rate_of_a_currency_that_the_org_does_not_keep_is_left_out() -> None:
    row = {**rate("1"), "IsoCode": "CHF"}
    [outcome] = await desk_of(Org()).handle(listed(RATE, row, corporate="USD"))
    assert (outcome.result, outcome.code) == (Result.UNCHANGED, "CURRENCY_NOT_KEPT")
