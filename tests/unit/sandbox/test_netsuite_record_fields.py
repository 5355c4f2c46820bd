"""Every record type and field of the list is there, is kept as it was sent, and is shown so."""

import csv
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from sandbox.netsuite.catalog import DATA, Property, Shape
from sandbox.netsuite.kinds import KINDS
from sandbox.netsuite.records.computed import with_computed
from sandbox.netsuite.records.render import View, render
from sandbox.netsuite.records.service import COMPUTED
from sandbox.netsuite.store import Entry
from tests.unit.sandbox.netsuite_account import USD, Books, line

OF_THE_BOOKS = frozenset(
    "exchangeRate discountRate shippingCost handlingCost undepFunds currencyPrecision isPerson"
    " closedOnDate closed allLocked arLocked externalId".split()
)
"""Fields with rules of their own, which other tests tell."""
LISTS: dict[str, dict[str, Any]] = {
    "contact": {"firstName": "A", "lastName": "B", "subsidiary": {"id": "1"}},
    "employee": {"lastName": "B"},
    "vendor": {"companyName": "V", "subsidiary": {"id": "1"}},
    "serviceSaleItem": {"itemId": "SERVICE"},
    "nonInventorySaleItem": {"itemId": "THING"},
    "inventoryItem": {"itemId": "STOCK", "cost": 2},
    "discountItem": {"itemId": "OFF", "rate": -1},
    "kitItem": {"itemId": "KIT"},
    "currency": {"name": "Krona", "symbol": "SEK"},
    "currencyRate": {
        "baseCurrency": "1",
        "transactionCurrency": "4",
        "exchangeRate": 1.5,
        "effectiveDate": "2020-01-01",
    },
    "subsidiary": {"name": "S", "currency": "1"},
    "account": {"acctName": "A", "acctType": {"id": "Income"}},
    "accountingPeriod": {"periodName": "P", "startDate": "2030-01-01", "endDate": "2030-01-31"},
    "salesTaxItem": {"description": "T", "rate": 1},
    "nexus": {"country": {"id": "FR"}},
    "message": {"subject": "M"},
}
NAMED = ("term", "location", "department", "classification", "priceLevel", "paymentMethod")
SOLD = ("estimate", "salesOrder", "invoice", "cashSale", "creditMemo", "cashRefund")


def listed() -> dict[str, list[str]]:
    types: dict[str, list[str]] = defaultdict(list)
    with (DATA / "records.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if "." not in row["path"]:
                types[row["record"]].append(row["path"])
    return types


@pytest.fixture(scope="module")
def books() -> Books:
    return Books()


@pytest.fixture(scope="module")
def samples(books: Books) -> dict[str, Entry]:
    """One of each record type, nothing of which hangs on it."""
    made = {name: books.create(name, **body) for name, body in LISTS.items()}
    made |= {name: books.create(name, name="N") for name in (*NAMED, "taxType")}
    customer = made["customer"] = books.customer(USD)
    who, whom = {"entity": {"id": str(customer.id)}}, {"customer": {"id": str(customer.id)}}
    sold = {"items": [line(101, 1, 30)]}
    made |= {name: books.create(name, **who, item=sold) for name in SOLD}
    for name in ("customerPayment", "customerDeposit"):
        made[name] = books.create(name, **whom, payment=7)
    paid = books.create("customerPayment", **whom, payment=7)
    made["customerRefund"] = books.transform(paid, "customerRefund")
    held = books.create("customerDeposit", **whom, payment=7)
    met = {"items": [{"doc": {"id": str(made["invoice"].id)}, "amount": 1}]}
    made["depositApplication"] = books.transform(held, "depositApplication", apply=met)
    sides = [{"account": "6", "debit": 1}, {"account": "83", "credit": 1}]
    made["journalEntry"] = books.create(
        "journalEntry", subsidiary={"id": "1"}, line={"items": sides}
    )
    goods = line(made["inventoryItem"].id, 1, 3)
    place = {"inventoryLocation": {"id": "1"}}
    made["opportunity"] = books.create("opportunity", **who)
    made["fulfillmentRequest"] = books.transform(
        books.order(customer, goods), "fulfillmentRequest", location={"id": "1"}
    )
    made["itemFulfillment"] = books.transform(
        books.order(customer, goods), "itemFulfillment", **place
    )
    back = books.create(
        "returnAuthorization", **who, orderStatus={"id": "B"}, item={"items": [goods]}
    )
    made["itemReceipt"] = books.transform(back, "itemReceipt", **place)
    made["returnAuthorization"] = books.create("returnAuthorization", **who, item=sold)
    return made


def test_every_record_type_of_the_list_is_one_of_the_account(books: Books) -> None:
    assert {name.lower() for name in listed()} == set(KINDS) == set(books.account.catalog)
    for name, paths in listed().items():
        shown = books.account.catalog[name.lower()].properties
        assert set(paths) <= set(shown)


@pytest.mark.parametrize("name", sorted(set(listed()) - {"consolidatedExchangeRate"}))
def test_what_is_sent_is_kept_and_shown(books: Books, samples: dict[str, Entry], name: str) -> None:
    sent = {
        item.name: value
        for item in books.account.catalog[name.lower()].properties.values()
        if item.name not in COMPUTED | OF_THE_BOOKS | {"id", "refName"}
        and (value := a_value(item, name)) is not None
    }
    entry = books.update(samples[name], **sent)
    work = books.work()
    shown = render(work, with_computed(work, books.read(entry)), View())
    different = {key: shown.get(key) for key, value in sent.items() if plain(shown, key) != value}
    assert different == {}


def a_value(item: Property, text: str) -> object:
    """None where the field is no single value."""
    match item.shape:
        case Shape.STRING:
            return text
        case Shape.BOOLEAN:
            return True
        case Shape.INTEGER:
            return 3
        case Shape.NUMBER:
            return 2.5
        case Shape.DATE:
            return "2026-11-20"
        case Shape.DATETIME:
            return "2026-11-20T10:00:00Z"
        case Shape.ENUMERATION:
            return item.values[0] if item.values else "X"
        case _:
            return None


def plain(shown: dict[str, Any], name: str) -> object:
    value = shown.get(name)
    if isinstance(value, dict):
        return value["id"]
    return float(value) if isinstance(value, Decimal) else value


def test_a_consolidated_rate_is_read_as_a_record_and_never_written(books: Books) -> None:
    rows = books.query(
        "SELECT id, currentrate FROM consolidatedexchangerate"
        " WHERE fromsubsidiary = 2 AND tosubsidiary = 1 AND ROWNUM <= 1"
    )
    work = books.work()
    entry = work.store.load("consolidatedexchangerate", int(rows[0]["id"]))
    assert entry is not None
    shown = render(work, entry, View())
    assert str(shown["currentRate"]) == rows[0]["currentrate"]
    assert KINDS["consolidatedexchangerate"].reckoned


def test_a_kit_is_sold_at_its_own_price(books: Books) -> None:
    kit = books.create("kitItem", itemId="KIT-OF-TWO", rate=12)
    sold = books.invoice(books.customer(USD), {"item": {"id": str(kit.id)}, "quantity": 2})
    assert books.amount(sold, "total") == 24
    found = books.query(f"SELECT itemtype, subtype FROM item WHERE id = {kit.id}")
    assert found == [{"itemtype": "Kit"}]


def test_a_name_that_was_taken_back_is_not_remembered(books: Books) -> None:
    term = books.create("term", name="As it was")
    connection = books.account.connection
    connection.execute("SAVEPOINT undone")
    books.update(term, name="As it never was")
    assert books.account.store.kind_and_name("term", term.id)[1] == "As it never was"
    connection.execute("ROLLBACK TO undone")
    connection.execute("RELEASE undone")
    for _ in range(2):
        assert books.work().store.kind_and_name("term", term.id)[1] == "As it was"
    books.update(term, name="As it is now")
    assert books.work().store.kind_and_name("term", term.id)[1] == "As it is now"
