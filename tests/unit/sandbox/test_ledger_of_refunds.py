"""What a refund does to the books of the NetSuite stand-in: credits, money back, both undone."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from sandbox.netsuite.errors import NetSuiteError
from sandbox.netsuite.records.voiding import void
from sandbox.netsuite.store import Entry
from tests.unit.sandbox.netsuite_account import USD, Books, line

CHECKING, AR, UNDEPOSITED, DEPOSITS, GAIN, TAX = 6, 119, 122, 82, 58, 60
SUBSCRIPTIONS = 55
TAXED = {"taxDetailsOverride": True}
TWENTY_PERCENT = {"items": [{"taxDetailsReference": "NEW_ITEM_0", "taxRate": 20}]}


@pytest.fixture(scope="module")
def account() -> Books:
    return Books()


@pytest.fixture
def books(account: Books) -> Iterator[Books]:
    """The one account, as it was before each test."""
    account.account.connection.execute("BEGIN")
    yield account
    account.account.connection.execute("ROLLBACK")


def applied(entry: Entry, amount: object = None, *, apply: bool = True) -> dict[str, object]:
    chosen: dict[str, object] = {"doc": {"id": str(entry.id)}, "apply": apply}
    return {"items": [chosen if amount is None else {**chosen, "amount": amount}]}


def sum_of(books: Books, *entries: Entry) -> dict[int, Decimal]:
    """Base amounts by account over several documents, zeroes left out."""
    sums: dict[int, Decimal] = {}
    for entry in entries:
        for account, amount in books.postings(entry).items():
            sums[account] = sums.get(account, Decimal(0)) + amount
    return {account: amount for account, amount in sums.items() if amount}


def invoice_of_1200(books: Books, customer: Entry) -> Entry:
    """1,000.00 and 200.00 of tax."""
    return books.invoice(customer, line(101, 1, 1000), **TAXED, taxDetails=TWENTY_PERCENT)


def credit_of(books: Books, invoice: Entry, net: object, **body: object) -> Entry:
    lines = {"items": [line(101, 1, net)]}
    return books.transform(
        invoice, "creditMemo", item=lines, **TAXED, taxDetails=TWENTY_PERCENT, **body
    )


def test_t2_1_a_credit_on_an_open_invoice_splits_net_and_tax(books: Books) -> None:
    invoice = invoice_of_1200(books, books.customer(USD))
    credit = credit_of(books, invoice, 250)
    assert books.postings(credit) == {
        AR: Decimal(-300),
        SUBSCRIPTIONS: Decimal(250),
        TAX: Decimal(50),
    }
    assert books.amount(invoice, "amountRemaining") == Decimal(900)
    assert (books.status(invoice), books.status(credit)) == ("A", "B")


def test_t2_2_money_goes_back_for_an_invoice_that_is_paid(books: Books) -> None:
    customer = books.customer(USD)
    invoice = invoice_of_1200(books, customer)
    payment = books.transform(invoice, "customerPayment", account={"id": str(CHECKING)})
    credit = credit_of(books, invoice, 1000)
    refund = books.transform(credit, "customerRefund", account={"id": str(CHECKING)})
    assert books.postings(refund) == {CHECKING: Decimal(-1200), AR: Decimal(1200)}
    assert sum_of(books, invoice, payment, credit, refund) == {}
    assert (books.status(invoice), books.status(credit), books.status(refund)) == ("B", "B", "R")


def test_t2_3_what_the_invoice_cannot_take_stays_open_and_is_refunded(books: Books) -> None:
    customer = books.customer(USD)
    invoice = invoice_of_1200(books, customer)
    books.transform(invoice, "customerPayment", payment=500)
    credit = credit_of(books, invoice, 750)
    assert books.amount(invoice, "amountRemaining") == Decimal(0)
    assert books.amount(credit, "applied") == Decimal(700)
    assert books.amount(credit, "unapplied") == Decimal(200)
    refund = books.create(
        "customerRefund", customer={"id": str(customer.id)}, apply=applied(credit)
    )
    assert books.amount(refund, "total") == Decimal(200)
    assert books.amount(credit, "unapplied") == Decimal(0)


@pytest.mark.parametrize(
    ("rate", "revenue", "loss"),
    [("1.10", Decimal("-1100"), Decimal(0)), ("1.08", Decimal("-1080"), Decimal(20))],
    ids=["invoice-rate", "credit-date"],
)
def test_t2_6_the_rate_of_the_credit_decides_what_is_exchange_loss(
    books: Books, rate: str, revenue: Decimal, loss: Decimal
) -> None:
    invoice = books.invoice(books.customer(), line(101, 1, 1000), exchangeRate="1.10")
    credit = books.transform(invoice, "creditMemo", exchangeRate=rate)
    both = sum_of(books, invoice, credit)
    assert AR not in both
    assert both.get(GAIN, Decimal(0)) == loss
    assert both.get(SUBSCRIPTIONS, Decimal(0)) == Decimal("-1100") - revenue
    assert books.postings(credit)[SUBSCRIPTIONS] == -revenue


def test_t2_6_an_open_credit_keeps_its_rate_until_it_meets_an_invoice(books: Books) -> None:
    """A credit left open books no exchange result; applying it later does, and undoing takes it."""
    invoice = books.invoice(books.customer(), line(101, 1, 1000), exchangeRate="1.10")
    credit = books.transform(
        invoice, "creditMemo", exchangeRate="1.08", apply=applied(invoice, apply=False)
    )
    assert books.postings(credit) == {AR: Decimal("-1080"), SUBSCRIPTIONS: Decimal("1080")}
    books.update(credit, apply=applied(invoice))
    assert books.postings(credit)[GAIN] == Decimal(20)
    books.update(credit, apply=applied(invoice, 0))
    assert books.postings(credit) == {AR: Decimal("-1080"), SUBSCRIPTIONS: Decimal("1080")}
    assert books.amount(invoice, "amountRemaining") == Decimal(1000)


def test_t2_11_an_applied_credit_is_taken_off_its_invoice_and_voided(books: Books) -> None:
    invoice = books.invoice(books.customer(USD), line(101, 1, 100))
    credit = books.transform(invoice, "creditMemo")
    assert books.status(invoice) == "B"
    books.update(credit, apply=applied(invoice, apply=False))
    assert (books.status(invoice), books.amount(credit, "unapplied")) == ("A", Decimal(100))
    void(books.work(), books.read(credit))
    assert (books.status(credit), books.amount(credit, "total")) == ("V", Decimal(0))
    assert books.postings(credit) == {}
    assert books.amount(invoice, "amountRemaining") == Decimal(100)


def test_a_credit_whose_money_has_gone_back_is_not_voided(books: Books) -> None:
    customer = books.customer(USD)
    invoice = books.invoice(customer, line(101, 1, 100))
    books.transform(invoice, "customerPayment")
    credit = books.transform(invoice, "creditMemo")
    refund = books.transform(credit, "customerRefund")
    with pytest.raises(NetSuiteError, match="dependent records"):
        void(books.work(), books.read(credit))
    void(books.work(), books.read(refund))
    assert (books.status(refund), books.status(credit)) == ("V", "A")
    assert books.amount(credit, "unapplied") == Decimal(100)


def test_an_applied_payment_is_taken_off_and_then_refunded(books: Books) -> None:
    customer = books.customer(USD)
    invoice = books.invoice(customer, line(101, 1, 100))
    payment = books.transform(invoice, "customerPayment")
    with pytest.raises(NetSuiteError, match="invalid reference"):
        books.transform(payment, "customerRefund")
    books.update(payment, apply=applied(invoice, apply=False))
    assert (books.status(invoice), books.amount(payment, "unapplied")) == ("A", Decimal(100))
    refund = books.transform(payment, "customerRefund", apply=applied(payment, 40))
    assert books.postings(refund) == {CHECKING: Decimal(-40), AR: Decimal(40)}
    assert books.amount(payment, "unapplied") == Decimal(60)


def test_one_refund_pays_back_a_credit_and_a_deposit(books: Books) -> None:
    customer = books.customer(USD)
    credit = books.create(
        "creditMemo", entity={"id": str(customer.id)}, item={"items": [line(101, 1, 30)]}
    )
    deposit = books.create("customerDeposit", customer={"id": str(customer.id)}, payment=20)
    refund = books.create(
        "customerRefund",
        customer={"id": str(customer.id)},
        apply=applied(credit, 30),
        deposit=applied(deposit, 15),
    )
    assert books.postings(refund) == {
        CHECKING: Decimal(-45),
        AR: Decimal(30),
        DEPOSITS: Decimal(15),
    }
    assert (books.status(credit), books.status(deposit)) == ("B", "A")
    with pytest.raises(NetSuiteError, match="exceeds what is left"):
        books.transform(deposit, "customerRefund", deposit=applied(deposit, 6))


def test_a_cash_refund_gives_back_chosen_lines_and_no_receivable_moves(books: Books) -> None:
    customer = books.customer(USD)
    sale = books.create(
        "cashSale",
        entity={"id": str(customer.id)},
        item={"items": [line(101, 2, 50)]},
        account={"id": str(CHECKING)},
    )
    refund = books.transform(
        sale,
        "cashRefund",
        item={"items": [line(101, 1, 50)]},
        account={"id": str(CHECKING)},
    )
    assert books.postings(refund) == {CHECKING: Decimal(-50), SUBSCRIPTIONS: Decimal(50)}
    assert sum_of(books, sale, refund) == {CHECKING: Decimal(50), SUBSCRIPTIONS: Decimal(-50)}


@pytest.mark.parametrize("field", ["arLocked", "allLocked", "closed"])
def test_t2_8_a_credit_is_refused_in_a_period_that_takes_no_receivables(
    books: Books, field: str
) -> None:
    """And posts in the next one, against the invoice of the closed month."""
    invoice = books.invoice(books.customer(USD), line(101, 1, 100), tranDate="2026-01-20")
    period = books.account.store.load("accountingperiod", 13)
    assert period is not None
    assert period.document["periodName"] == "Jan 2026"
    books.update(period, **{field: True})
    word = "closed" if field == "closed" else "locked"
    with pytest.raises(NetSuiteError, match=f"a {word} accounting period"):
        books.transform(invoice, "creditMemo", tranDate="2026-01-31")
    credit = books.transform(invoice, "creditMemo", tranDate="2026-02-01")
    assert (books.status(invoice), books.status(credit)) == ("B", "B")


def test_a_payment_uses_the_customers_credit_and_deposit_before_its_money(books: Books) -> None:
    customer = books.customer(USD)
    invoice = books.invoice(customer, line(101, 1, 100))
    credit = books.create(
        "creditMemo", entity={"id": str(customer.id)}, item={"items": [line(101, 1, 30)]}
    )
    deposit = books.create("customerDeposit", customer={"id": str(customer.id)}, payment=20)
    payment = books.transform(
        invoice, "customerPayment", credit=applied(credit), deposit=applied(deposit, 15)
    )
    assert books.amount(payment, "payment") == Decimal(55)
    assert books.postings(payment) == {UNDEPOSITED: Decimal(55), AR: Decimal(-55)}
    assert books.amount(invoice, "amountRemaining") == Decimal(0)
    assert (books.status(invoice), books.status(credit), books.status(deposit)) == ("B", "B", "A")
    (application,) = books.query(
        "SELECT foreigntotal FROM transaction WHERE type = 'DepAppl' ORDER BY id DESC"
    )
    assert application == {"foreigntotal": "15"}
    assert sum_of(books, invoice, credit, payment)[AR] == Decimal(15)


def test_a_payment_takes_no_more_credit_than_there_is_to_pay(books: Books) -> None:
    customer = books.customer(USD)
    invoice = books.invoice(customer, line(101, 1, 100))
    credit = books.create(
        "creditMemo", entity={"id": str(customer.id)}, item={"items": [line(101, 1, 130)]}
    )
    with pytest.raises(NetSuiteError, match="exceed what is applied to invoices"):
        books.transform(invoice, "customerPayment", credit=applied(credit, 120))
    with pytest.raises(NetSuiteError, match="Payment Amount"):
        books.transform(invoice, "customerPayment", credit=applied(credit))
    assert books.amount(invoice, "amountRemaining") == Decimal(100)
