"""Taxes without SuiteTax, prices by level, currency and quantity, and locked periods."""

from dataclasses import replace
from decimal import Decimal

import pytest

from sandbox.database import transaction
from sandbox.netsuite.account import begin
from sandbox.netsuite.errors import NetSuiteError
from sandbox.netsuite.kinds import KINDS
from sandbox.netsuite.principals import ADMINISTRATOR
from sandbox.netsuite.records.service import Write, create
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import lines
from sandbox.profile import DEFAULT
from tests.unit.sandbox.netsuite_account import EUR, USD, Books, line

AR, INCOME, TAX = 119, 55, 60


@pytest.fixture(scope="module")
def books() -> Books:
    return Books()


@pytest.fixture(scope="module")
def legacy() -> Books:
    """As scripts work in it."""
    books = Books(replace(DEFAULT, suite_tax=False))
    books.account = books.account.in_script
    return books


def test_a_taxable_customers_code_taxes_every_line(legacy: Books) -> None:
    customer = legacy.customer(USD, taxable=True, taxItem={"id": "9"})
    invoice = legacy.invoice(customer, line(101, 1, 100), line(101, 1, 50, isTaxable=False))
    assert legacy.amount(invoice, "taxTotal") == Decimal(10)
    assert legacy.postings(invoice) == {AR: Decimal(160), INCOME: Decimal(-150), TAX: Decimal(-10)}
    credit = legacy.transform(invoice, "creditMemo")
    assert legacy.amount(credit, "total") == Decimal(160)
    assert legacy.amount(invoice, "amountRemaining") == Decimal(0)


def test_a_lines_own_tax_code_comes_first(legacy: Books) -> None:
    order = legacy.order(legacy.customer(EUR), line(101, 1, 100, taxCode={"id": "5"}))
    invoice = legacy.transform(order, "invoice")
    assert legacy.amount(invoice, "total") == Decimal(119)


@pytest.mark.parametrize(("before_tax", "tax"), [(True, 9), (False, 10)])
def test_a_discount_before_tax_lowers_what_is_taxed(
    legacy: Books, before_tax: bool, tax: int
) -> None:
    off = legacy.create("discountItem", itemId=f"OFF-{tax}", rate="-10%", isPreTax=before_tax)
    item = {"id": str(off.id)}
    customer = legacy.customer(USD, taxable=True, taxItem={"id": "9"})
    at_the_head = legacy.invoice(customer, line(101, 1, 100), discountItem=item)
    on_a_line = legacy.invoice(customer, line(101, 1, 100), {"item": item})
    for invoice in (at_the_head, on_a_line):
        assert legacy.amount(invoice, "taxTotal") == tax
        assert legacy.amount(invoice, "total") == 90 + tax


def test_a_line_is_searched_with_its_tax_in_the_sign_of_its_amount(books: Books) -> None:
    detail = {"taxDetailsReference": "NEW_ITEM_0", "taxRate": 19}
    invoice = books.invoice(
        books.customer(USD),
        line(101, 1, 100),
        taxDetailsOverride=True,
        taxDetails={"items": [detail]},
    )
    credit = books.transform(invoice, "creditMemo")
    for entry, sign in ((invoice, "-"), (credit, "")):
        (row,) = books.query(
            "SELECT foreignamount, taxamount FROM transactionline"
            f" WHERE transaction = {entry.id} AND item IS NOT NULL"
        )
        assert row == {"foreignamount": f"{sign}100", "taxamount": f"{sign}19"}


def test_an_unknown_tax_code_is_refused(books: Books) -> None:
    detail = {"taxDetailsReference": "NEW_ITEM_0", "taxRate": 19, "taxCode": {"id": "99"}}
    with pytest.raises(NetSuiteError, match="Invalid Field Value 99"):
        books.invoice(
            books.customer(EUR),
            line(101, 1, 100),
            taxDetailsOverride=True,
            taxDetails={"items": [detail]},
        )


def test_a_price_follows_level_currency_and_quantity(books: Books) -> None:
    partner = books.create("priceLevel", name="Partner", discountPct=-10)
    rows = [
        {"currencyPage": "1", "priceLevel": "1", "price": 100},
        {"currencyPage": "1", "priceLevel": "1", "priceQty": 10, "price": 80},
        {"currencyPage": "4", "priceLevel": "1", "price": 90},
    ]
    item = books.create("serviceSaleItem", itemId="STEP", rate=1, price={"items": rows})

    def rate(currency: int, quantity: int, **body: object) -> Decimal:
        customer = books.customer(currency, **body)
        wanted = {"item": {"id": str(item.id)}, "quantity": quantity}
        order = books.order(customer, wanted)
        return books.amount(order, "total") / quantity

    assert rate(USD, 1) == Decimal(100)
    assert rate(USD, 12) == Decimal(80)
    assert rate(EUR, 12) == Decimal(90)
    assert rate(USD, 1, priceLevel={"id": str(partner.id)}) == Decimal(90)
    own = books.order(books.customer(USD), line(item.id, 1, 55))
    (held,) = lines(books.read(own).document, "item")
    assert held["price"] == {"id": "-1"}


def test_a_locked_period_is_open_to_who_may_override_it(books: Books) -> None:
    period = books.account.store.load("accountingperiod", 14)
    assert period is not None
    books.update(period, arLocked=True)
    customer = books.customer(USD)
    with pytest.raises(NetSuiteError, match="locked accounting period"):
        books.invoice(customer, line(101, 1, 10), tranDate="2026-02-10")
    debit = {"account": {"id": "83"}, "debit": 1}
    credit = {"account": {"id": "6"}, "credit": 1}
    books.create(
        "journalEntry",
        subsidiary={"id": "1"},
        tranDate="2026-02-10",
        line={"items": [debit, credit]},
    )
    with transaction(books.account.connection):
        create(
            begin(books.account, ADMINISTRATOR),
            KINDS["invoice"],
            {
                "entity": {"id": str(customer.id)},
                "tranDate": "2026-02-10",
                "item": {"items": [{"item": {"id": "101"}, "quantity": 1}]},
            },
            Write(),
        )


def test_what_follows_from_a_payment_is_noted_on_the_invoice_too(books: Books) -> None:
    invoice = books.invoice(books.customer(USD), line(101, 1, 10))
    books.transform(invoice, "customerPayment")
    notes = books.query(
        "SELECT field, oldvalue, newvalue FROM systemnote"
        f" WHERE recordid = {invoice.id} AND type = 'Set' AND field = 'STATUS'"
    )
    assert notes == [{"field": "STATUS", "oldvalue": "A", "newvalue": "B"}]


def test_a_location_of_another_company_is_refused(books: Books) -> None:
    here, away = (
        books.create("location", name=f"Store {one}", subsidiary={"items": [{"id": one}]})
        for one in ("1", "2")
    )
    customer = books.customer(USD)
    books.order(customer, line(101, 1, 5), location={"id": str(here.id)})
    words = f"Invalid Field Value {away.id} for the following field: location"
    with pytest.raises(NetSuiteError, match=words) as at_the_head:
        books.order(customer, line(101, 1, 5), location={"id": str(away.id)})
    with pytest.raises(NetSuiteError, match=words) as on_a_line:
        books.order(customer, line(101, 1, 5), line(101, 1, 5, location={"id": str(away.id)}))
    assert at_the_head.value.where == {"errorPath": "location"}
    assert on_a_line.value.where == {"errorPath": "item.items[1]"}


def gross_line(books: Books, gross: int, **detail: object) -> Entry:
    told = {"taxDetailsReference": "NEW_ITEM_0", **detail}
    return books.invoice(
        books.customer(USD),
        {"item": {"id": "101"}, "quantity": 2, "grossAmt": gross},
        taxDetailsOverride=bool(detail),
        taxDetails={"items": [told]},
    )


def test_a_gross_amount_that_is_sent_makes_the_amount(books: Books) -> None:
    for entry, amount in (
        (gross_line(books, 238, taxRate=19), 200),
        (gross_line(books, 238, taxAmount=8), 230),
        (gross_line(books, 238), 238),
    ):
        (held,) = lines(books.read(entry).document, "item")
        assert (held["amount"], held["rate"], held["grossAmt"]) == (amount, amount / 2, 238)
    changed = books.update(entry, item={"items": [{"line": 1, "grossAmt": 100}]})
    assert books.amount(changed, "total") == 100


def test_before_its_release_a_gross_amount_is_ignored() -> None:
    old = gross_line(Books(replace(DEFAULT, netsuite_release="2025.2")), 238)
    assert old.document["total"] == 12_000
