"""Discounts at the head and on lines: what they take off, where they are posted, what is billed."""

from decimal import Decimal
from typing import Any

import pytest

from sandbox.netsuite.errors import NetSuiteError
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import lines, number
from tests.unit.sandbox.netsuite_account import EUR, USD, Books, line

AR, SUBSCRIPTIONS, ALLOWANCES = 119, 55, 84


@pytest.fixture(scope="module")
def books() -> Books:
    return Books()


@pytest.fixture(scope="module")
def fixed(books: Books) -> dict[str, str]:
    return discount(books, "TEN-OFF", -10)


@pytest.fixture(scope="module")
def share(books: Books) -> dict[str, str]:
    return discount(books, "TEN-PERCENT", "-10%")


def discount(books: Books, name: str, rate: object) -> dict[str, str]:
    item = books.create("discountItem", itemId=name, rate=rate, account={"id": str(ALLOWANCES)})
    return {"id": str(item.id)}


def posted(receivable: int, sold: int, off: int) -> dict[int, Decimal]:
    accounts = (AR, SUBSCRIPTIONS, ALLOWANCES)
    return dict(zip(accounts, map(Decimal, (receivable, sold, off)), strict=True))


def order(books: Books, *held: dict[str, Any], **body: Any) -> Entry:
    return books.order(books.customer(USD), *held, **body)


def test_an_amount_at_the_head_is_posted_to_the_discounts_account(
    books: Books, fixed: dict[str, str]
) -> None:
    body = {"discountItem": fixed, "discountRate": -25}
    invoice = books.invoice(books.customer(USD), line(101, 1, 100), **body)
    assert books.amount(invoice, "subtotal") == 100
    assert books.amount(invoice, "discountTotal") == -25
    assert books.amount(invoice, "amountRemaining") == books.amount(invoice, "total") == 75
    assert books.postings(invoice) == posted(75, -100, 25)
    found = books.query(
        "SELECT item, foreignamount FROM transactionline"
        f" WHERE transaction = {invoice.id} AND transactiondiscount = 'T'"
    )
    assert found == [{"item": fixed["id"], "foreignamount": "25"}]


def test_a_percentage_at_the_head_follows_the_lines(books: Books) -> None:
    item = discount(books, "HEAD-PERCENT", 0)
    sold = order(books, line(101, 1, "33.33"), discountItem=item, discountRate="-10%")
    assert books.amount(sold, "discountTotal") == Decimal("-3.33")
    assert books.amount(sold, "discountRate") == -10
    books.update(sold, item={"items": [{"line": 1, "rate": 200}]})
    assert books.amount(sold, "total") == 180
    books.update(sold, discountRate=-10)
    assert books.amount(sold, "total") == 180
    books.update(sold, discountRate=-50)
    assert books.amount(sold, "total") == 150
    books.update(sold, discountItem=None)
    assert books.amount(sold, "total") == 200


def test_the_items_own_rate_is_the_usual_one(
    books: Books, fixed: dict[str, str], share: dict[str, str]
) -> None:
    sold = order(books, line(101, 2, 100), discountItem=fixed)
    assert books.amount(sold, "total") == 190
    books.update(sold, discountItem=share)
    assert books.amount(sold, "total") == 180


def test_an_amount_is_billed_once_and_a_percentage_with_every_part(
    books: Books, fixed: dict[str, str], share: dict[str, str]
) -> None:
    for item, parts in ((fixed, [90, 100]), (share, [90, 90])):
        sold = order(books, line(101, 2, 100), discountItem=item)
        half = {"items": [{"orderLine": 1, "quantity": 1}]}
        first = books.transform(sold, "invoice", item=half)
        rest = books.transform(sold, "invoice")
        assert [int(books.amount(one, "total")) for one in (first, rest)] == parts
        assert books.status(sold) == "G"


def test_a_credit_of_the_whole_takes_the_discount_back(books: Books, fixed: dict[str, str]) -> None:
    invoice = books.invoice(books.customer(EUR), line(101, 1, 100), discountItem=fixed)
    credit = books.transform(invoice, "creditMemo")
    assert books.amount(credit, "total") == 90
    assert books.status(invoice) == "B"
    assert sum(books.postings(credit).values()) == 0


def test_a_percentage_on_a_line_is_of_the_line_above(books: Books, share: dict[str, str]) -> None:
    sold = order(books, line(101, 2, 100), {"item": share}, line(102, 1, 50))
    _, off, _ = lines(books.read(sold).document, "item")
    assert number(off, "amount") == -20
    assert number(off, "rate") == -10
    assert "quantity" not in off
    assert books.amount(sold, "total") == 230
    half = {"items": [{"orderLine": 1, "quantity": 1}, {"orderLine": 3, "quantity": 0}]}
    first = books.transform(sold, "invoice", item=half)
    assert books.amount(first, "total") == 90
    assert books.postings(first) == posted(90, -100, 10)
    rest = books.transform(sold, "invoice")
    assert books.amount(rest, "total") == 140
    assert books.status(sold) == "G"


def test_a_discount_without_its_ground_is_refused(books: Books, share: dict[str, str]) -> None:
    with pytest.raises(NetSuiteError, match="Please enter value"):
        order(books, line(101, 1, 100), discountRate=-5)
    with pytest.raises(NetSuiteError, match="needs a line above"):
        order(books, {"item": share})
    with pytest.raises(NetSuiteError, match="Invalid Field Value 101"):
        order(books, line(101, 1, 100), discountItem={"id": "101"})
    with pytest.raises(NetSuiteError, match="Invalid Field Value 5%"):
        order(books, line(101, 1, "5%"))
    with pytest.raises(NetSuiteError, match="Invalid Field Value 5%"):
        books.create("serviceSaleItem", itemId="NO-SHARE", rate="5%")
    with pytest.raises(NetSuiteError, match="can not be negative"):
        order(books, line(101, 1, 100), discountItem=share, discountRate=-101)
