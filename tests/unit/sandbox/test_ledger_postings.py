"""The ledger of the NetSuite stand-in: amounts, rates, statuses and entries that follow."""

from decimal import Decimal

import pytest

from sandbox.netsuite.account import Behaviour
from sandbox.netsuite.errors import NetSuiteError
from tests.unit.sandbox.netsuite_account import EUR, JPY, USD, Books, line

AR, UNDEPOSITED, CHECKING, TAX, GAIN = 119, 122, 6, 60, 58
SUBSCRIPTIONS, SERVICES = 55, 56


@pytest.fixture
def books() -> Books:
    return Books()


def refused(books: Books, kind: str, **body: object) -> str:
    with pytest.raises(NetSuiteError) as error:
        books.create(kind, **body)
    return error.value.detail


def test_an_order_in_euro_takes_the_rate_of_its_date_and_moves_no_money(books: Books) -> None:
    order = books.order(
        books.customer(), line(101, 1, 6000), line(102, 1, 2500), line(103, 1, 1500)
    )
    assert books.amount(order, "total") == Decimal("10000")
    assert books.amount(order, "exchangeRate") == Decimal("1.03")
    posted = books.query(
        f"SELECT DISTINCT posting FROM transactionaccountingline WHERE transaction = {order.id}"
    )
    assert posted == [{"posting": "F"}]


def test_an_order_goes_from_pending_approval_to_billed_by_what_happens_to_it(books: Books) -> None:
    order = books.order(books.customer(), line(101, 4, 100), orderStatus={"id": "A"})
    assert books.status(order) == "A"
    books.update(order, orderStatus={"id": "B"})
    assert books.status(order) == "F"
    part = {"items": [{"orderLine": 1, "quantity": 3}]}
    first = books.transform(order, "invoice", item=part)
    assert books.status(order) == "F"
    assert books.amount(first, "total") == Decimal("300")
    second = books.transform(order, "invoice")
    assert books.amount(second, "total") == Decimal("100")
    assert books.status(order) == "G"
    books.delete(second)
    assert books.status(order) == "F"


def test_a_fulfillable_line_waits_for_its_fulfilment(books: Books) -> None:
    item = books.create("inventoryItem", itemId="BOX")
    order = books.order(books.customer(), line(item.id, 1, 10))
    assert books.status(order) == "B"
    with pytest.raises(NetSuiteError, match="at least one line item"):
        books.transform(order, "invoice")


def test_an_order_that_waits_for_approval_cannot_be_billed(books: Books) -> None:
    order = books.order(books.customer(), line(101, 1, 10), orderStatus={"id": "A"})
    with pytest.raises(NetSuiteError, match=f"invalid reference {order.id}"):
        books.transform(order, "invoice")


def test_closing_all_lines_closes_the_order(books: Books) -> None:
    order = books.order(books.customer(), line(101, 1, 10))
    books.update(order, item={"items": [{"line": 1, "isClosed": True}]})
    assert books.status(order) == "H"


def test_an_invoice_debits_receivables_and_credits_each_lines_income(books: Books) -> None:
    invoice = books.invoice(books.customer(), line(101, 1, 6000), line(102, 1, 4000))
    assert books.postings(invoice) == {
        AR: Decimal("10300"),
        SUBSCRIPTIONS: Decimal("-6180"),
        SERVICES: Decimal("-4120"),
    }
    assert books.status(invoice) == "A"


def test_base_amounts_are_rounded_half_up_and_still_balance(books: Books) -> None:
    """EUR 9,999.99 at 1.08345678 is 10,834.56."""
    invoice = books.invoice(
        books.customer(), line(101, 1, 3333.33), line(102, 1, 6666.66), exchangeRate=1.08345678
    )
    posted = books.postings(invoice)
    assert posted[AR] == Decimal("10834.56")
    assert sum(posted.values()) == 0


def test_yen_have_no_minor_unit(books: Books) -> None:
    """JPY 1,234,567 at 0.0067 is 8,271.60."""
    customer = books.customer(JPY)
    invoice = books.invoice(customer, line(101, 3, 411522.4), exchangeRate=0.0067)
    assert books.amount(invoice, "total") == Decimal("1234567")
    assert books.postings(invoice)[AR] == Decimal("8271.60")


def test_a_paid_invoice_is_closed_and_nothing_remains(books: Books) -> None:
    invoice = books.invoice(books.customer(), line(101, 1, 1000))
    payment = books.transform(invoice, "customerPayment", account={"id": str(CHECKING)})
    assert books.status(invoice) == "B"
    assert books.amount(invoice, "amountRemaining") == 0
    assert books.amount(invoice, "amountPaid") == Decimal("1000")
    assert books.status(payment) == "C"
    assert books.postings(payment) == {CHECKING: Decimal("1030"), AR: Decimal("-1030")}


def test_a_payment_in_part_leaves_the_rest_open(books: Books) -> None:
    invoice = books.invoice(books.customer(), line(101, 1, 1000))
    payment = books.transform(invoice, "customerPayment", payment=400)
    assert books.amount(invoice, "amountRemaining") == Decimal("600")
    assert books.status(invoice) == "A"
    assert books.status(payment) == "B"
    books.update(payment, apply={"items": [{"doc": {"id": str(invoice.id)}, "apply": False}]})
    assert books.amount(invoice, "amountRemaining") == Decimal("1000")
    assert books.amount(payment, "unapplied") == Decimal("400")


def test_a_payment_at_another_rate_books_the_realised_gain(books: Books) -> None:
    invoice = books.invoice(books.customer(), line(101, 1, 1000), exchangeRate=1.05)
    payment = books.transform(invoice, "customerPayment", exchangeRate=1.08)
    assert books.postings(payment) == {
        UNDEPOSITED: Decimal("1080"),
        AR: Decimal("-1050"),
        GAIN: Decimal("-30"),
    }


def test_a_credit_at_a_lower_rate_books_the_realised_loss(books: Books) -> None:
    """EUR 1,000 invoiced at 1.10, credited at 1.08: revenue +20, loss 20, nothing receivable."""
    invoice = books.invoice(books.customer(), line(101, 1, 1000), exchangeRate=1.10)
    credit = books.transform(invoice, "creditMemo", exchangeRate=1.08)
    assert books.postings(credit) == {
        AR: Decimal("-1100"),
        SUBSCRIPTIONS: Decimal("1080"),
        GAIN: Decimal("20"),
    }
    assert books.status(invoice) == books.status(credit) == "B"


def test_a_credit_with_tax_takes_the_invoice_down_by_its_gross(books: Books) -> None:
    """1,200.00 with tax; a credit of 250 + 50 leaves 900.00."""
    taxed = {"taxDetailsOverride": True}
    detail = {"taxDetailsReference": "NEW_ITEM_0", "taxRate": 20}
    invoice = books.invoice(
        books.customer(), line(101, 1, 1000), **taxed, taxDetails={"items": [detail]}
    )
    assert books.amount(invoice, "total") == Decimal("1200")
    assert books.postings(invoice)[TAX] == Decimal("-206")
    credit = books.transform(
        invoice,
        "creditMemo",
        item={"items": [line(101, 1, 250)]},
        **taxed,
        taxDetails={"items": [detail]},
    )
    assert books.amount(credit, "total") == Decimal("300")
    assert books.amount(invoice, "amountRemaining") == Decimal("900")


def test_more_than_is_left_cannot_be_applied(books: Books) -> None:
    invoice = books.invoice(books.customer(), line(101, 1, 100))
    document = {"doc": {"id": str(invoice.id)}, "apply": True, "amount": 100.01}
    detail = refused(
        books,
        "customerPayment",
        customer={"id": "601"},
        payment=500,
        apply={"items": [document]},
    )
    assert "exceeds what is left" in detail


def test_a_payment_applies_itself_to_the_oldest_invoice_first(books: Books) -> None:
    customer = books.customer()
    late = books.invoice(customer, line(101, 1, 100), tranDate="2026-11-20")
    early = books.invoice(customer, line(101, 1, 100), tranDate="2026-11-02")
    books.create("customerPayment", customer={"id": str(customer.id)}, payment=150, autoApply=True)
    assert books.amount(early, "amountRemaining") == 0
    assert books.amount(late, "amountRemaining") == Decimal("50")


def test_another_customers_or_currencys_invoice_is_refused(books: Books) -> None:
    own, other = books.customer(), books.customer(companyName="Other")
    invoice = books.invoice(other, line(101, 1, 100))
    apply = {"items": [{"doc": {"id": str(invoice.id)}, "apply": True}]}
    detail = refused(books, "customerPayment", customer={"id": str(own.id)}, apply=apply)
    assert f"Invalid Field Value {invoice.id} for the following field: doc" in detail


def test_the_transaction_currency_must_be_one_of_the_customers(books: Books) -> None:
    customer = books.customer(EUR)
    body = {"entity": {"id": str(customer.id)}, "item": {"items": [line(101, 1, 1)]}}
    detail = refused(books, "salesOrder", **body, currency={"id": str(JPY)})
    assert f"Invalid Field Value {JPY} for the following field: currency" in detail
    books.update(customer, currencyList={"items": [{"currency": {"id": str(JPY)}}]})
    order = books.create("salesOrder", **body, currency={"id": str(JPY)})
    assert books.amount(order, "exchangeRate") < 1


def test_one_subsidiarys_customer_is_not_billed_by_another(books: Books) -> None:
    customer = books.customer(EUR, subsidiary=2)
    detail = refused(
        books,
        "invoice",
        entity={"id": str(customer.id)},
        subsidiary={"id": "1"},
        item={"items": [line(101, 1, 1)]},
    )
    assert "following field: subsidiary" in detail


def test_a_subsidiary_keeps_its_books_in_its_own_currency(books: Books) -> None:
    invoice = books.invoice(books.customer(EUR, subsidiary=2), line(101, 1, 100))
    assert books.amount(invoice, "exchangeRate") == 1
    assert books.postings(invoice)[AR] == Decimal("100")


def test_a_closed_period_takes_no_postings_but_an_order_may_stand_in_it(books: Books) -> None:
    customer = books.customer()
    period = books.query("SELECT id FROM accountingperiod WHERE periodname = 'Jan 2026'")[0]["id"]
    invoice = books.invoice(customer, line(101, 1, 10), tranDate="2026-01-15")
    january = books.create(
        "customer", companyName="Later", subsidiary={"id": "1"}, currency={"id": str(EUR)}
    )
    books.account.connection.execute(
        "UPDATE accountingperiod SET closed = 'T' WHERE id = ?", (period,)
    )
    for attempt in (
        lambda: books.invoice(january, line(101, 1, 10), tranDate="2026-01-20"),
        lambda: books.update(invoice, memo="late"),
        lambda: books.delete(invoice),
    ):
        with pytest.raises(NetSuiteError, match="closed accounting period"):
            attempt()
    assert books.order(january, line(101, 1, 10), tranDate="2026-01-20").id


def test_the_newest_rate_on_or_before_the_date_counts_and_of_one_day_the_last(
    books: Books,
) -> None:
    customer = books.customer()
    for rate in (1.2, 1.25):
        books.create(
            "currencyRate",
            baseCurrency="1",
            transactionCurrency=str(EUR),
            exchangeRate=rate,
            effectiveDate="2026-12-01",
        )
    after = books.order(customer, line(101, 1, 1), tranDate="2026-12-24")
    before = books.order(customer, line(101, 1, 1), tranDate="2026-11-30")
    assert books.amount(after, "exchangeRate") == Decimal("1.25")
    assert books.amount(before, "exchangeRate") == Decimal("1.03")


def test_partial_bills_add_up_to_the_order_to_the_cent(books: Books) -> None:
    order = books.order(books.customer(), line(101, 3, 33.333, amount=100))
    parts = [
        books.transform(order, "invoice", item={"items": [{"orderLine": 1, "quantity": 1}]})
        for _ in range(3)
    ]
    totals = [books.amount(part, "total") for part in parts]
    assert totals == [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]


def test_a_billed_line_cannot_be_removed_or_cut_below_what_was_billed(books: Books) -> None:
    order = books.order(books.customer(), line(101, 5, 10), line(102, 1, 10))
    books.transform(order, "invoice", item={"items": [{"orderLine": 1, "quantity": 2}]})
    with pytest.raises(NetSuiteError, match="has been billed"):
        books.update(order, replace="item", item={"items": [{"line": 2}]})
    with pytest.raises(NetSuiteError, match="following field: quantity"):
        books.update(order, item={"items": [{"line": 1, "quantity": 1}]})
    books.update(order, item={"items": [{"line": 1, "quantity": 2}, {"line": 2, "isClosed": True}]})
    assert books.status(order) == "G"


def test_an_invoice_with_a_payment_can_neither_be_deleted_nor_cut_below_it(books: Books) -> None:
    invoice = books.invoice(books.customer(), line(101, 1, 100))
    payment = books.transform(invoice, "customerPayment", payment=60)
    with pytest.raises(NetSuiteError, match="dependent records"):
        books.delete(invoice)
    with pytest.raises(NetSuiteError, match="less than what has been applied"):
        books.update(invoice, item={"items": [{"line": 1, "rate": 50}]})
    books.update(invoice, item={"items": [{"line": 1, "rate": 60}]})
    assert books.status(invoice) == "B"
    books.delete(payment)
    assert books.amount(invoice, "amountRemaining") == Decimal("60")
    books.delete(invoice)


def test_a_customers_balances_follow_from_the_open_items(books: Books) -> None:
    customer = books.customer()
    books.invoice(customer, line(101, 1, 100), tranDate="2026-11-01", dueDate="2026-11-10")
    invoice = books.invoice(customer, line(101, 1, 50))
    books.transform(invoice, "customerPayment", payment=20)
    order = books.order(customer, line(101, 2, 10))
    books.transform(order, "invoice", item={"items": [{"orderLine": 1, "quantity": 1}]})
    row = books.query(
        "SELECT balancesearch b, overduebalancesearch o, unbilledorderssearch u,"
        f" daysoverduesearch d FROM customer WHERE id = {customer.id}"
    )
    assert row == [{"b": "140", "o": "100", "u": "10", "d": "14"}]


def test_a_currency_with_three_decimals_is_refused(books: Books) -> None:
    detail = refused(books, "currency", name="Dinar", symbol="KWD", currencyPrecision=3)
    assert "currencyPrecision" in detail


def test_a_number_is_never_given_twice(books: Books) -> None:
    customer = books.customer(USD)
    first = books.invoice(customer, line(101, 1, 1))
    books.delete(first)
    second = books.invoice(customer, line(101, 1, 1))
    assert (first.document["tranId"], second.document["tranId"]) == ("INV-1001", "INV-1002")
    assert second.id > first.id


@pytest.mark.parametrize("touches", [False, True])
def test_paying_moves_the_invoices_time_only_where_the_account_behaves_so(touches: bool) -> None:
    books = Books(behaviour=Behaviour(application_touches_target=touches))
    invoice = books.invoice(books.customer(), line(101, 1, 100))
    before = books.read(invoice).modified
    books.clock.advance(3600)
    books.transform(invoice, "customerPayment")
    assert (books.read(invoice).modified != before) is touches


def test_an_invoice_that_was_paid_in_a_closed_period_keeps_its_amount(books: Books) -> None:
    """Its payment would have to be posted again."""
    invoice = books.invoice(books.customer(), line(101, 1, 100), tranDate="2026-02-10")
    books.transform(invoice, "customerPayment", payment=50, tranDate="2026-01-10")
    (period,) = books.query("SELECT id FROM accountingperiod WHERE periodname = 'Jan 2026'")
    january = books.account.store.load("accountingperiod", int(period["id"]))
    assert january is not None
    books.update(january, closed=True)
    with pytest.raises(NetSuiteError, match="closed accounting period"):
        books.update(invoice, exchangeRate=1.5)
    books.update(invoice, memo="still open in February")
