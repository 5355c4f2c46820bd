"""Voids in the NetSuite stand-in: the document stays, its amounts go."""

from decimal import Decimal

import pytest

from sandbox.database import transaction
from sandbox.netsuite.account import Behaviour
from sandbox.netsuite.errors import NetSuiteError
from sandbox.netsuite.records.voiding import void
from sandbox.netsuite.store import Entry
from tests.unit.sandbox.netsuite_account import EUR, USD, Books, line


@pytest.fixture(scope="module")
def books() -> Books:
    return Books()


def voided(books: Books, entry: Entry) -> Entry:
    with transaction(books.account.connection):
        return void(books.work(), books.read(entry))


def test_a_voided_payment_opens_its_invoice_again(books: Books) -> None:
    invoice = books.invoice(books.customer(USD), line(101, 1, 70))
    payment = books.transform(invoice, "customerPayment")
    with pytest.raises(NetSuiteError, match="dependent"):
        voided(books, invoice)
    voided(books, payment)
    assert (books.status(payment), books.status(invoice)) == ("R", "A")
    assert books.amount(invoice, "amountRemaining") == Decimal(70)
    assert books.postings(payment) == {}
    shown = books.query(f"SELECT voided, foreigntotal FROM transaction WHERE id = {payment.id}")
    assert shown == [{"voided": "T", "foreigntotal": "0"}]
    with pytest.raises(NetSuiteError, match="has been voided"):
        books.update(payment, payment=5)
    books.delete(payment)


def test_a_voided_invoice_gives_its_order_back_to_be_billed(books: Books) -> None:
    order = books.order(books.customer(USD), line(101, 1, 70))
    invoice = books.transform(order, "invoice")
    voided(books, invoice)
    assert (books.status(invoice), books.status(order)) == ("V", "F")
    assert books.amount(invoice, "total") == Decimal(0)


def test_an_order_is_closed_and_not_voided(books: Books) -> None:
    order = books.order(books.customer(USD), line(101, 1, 70))
    with pytest.raises(NetSuiteError, match="cannot be voided"):
        voided(books, order)


def test_nothing_is_voided_in_a_closed_period(books: Books) -> None:
    invoice = books.invoice(books.customer(USD), line(101, 1, 70), tranDate="2026-01-15")
    period = books.account.store.load("accountingperiod", 13)
    assert period is not None
    books.update(period, closed=True)
    with pytest.raises(NetSuiteError, match="closed accounting period"):
        voided(books, invoice)


def test_a_refund_is_turned_round_by_a_journal_where_that_is_preferred() -> None:
    books = Books(behaviour=Behaviour(reversing_voids=True))
    invoice = books.invoice(books.customer(EUR), line(101, 1, 70), exchangeRate="1.1")
    with pytest.raises(NetSuiteError, match="cannot be voided"):
        voided(books, invoice)
    credit = books.transform(invoice, "creditMemo", apply={"items": []}, autoApply=False)
    books.update(credit, apply={"items": [{"doc": {"id": str(invoice.id)}, "apply": False}]})
    refund = books.transform(credit, "customerRefund", exchangeRate="1.3")
    entries = books.postings(refund)
    assert entries
    journal = voided(books, refund)
    assert (books.status(refund), books.status(credit)) == ("V", "A")
    assert books.postings(refund) == entries
    assert journal.kind.name == "journalEntry"
    assert books.postings(journal) == {account: -amount for account, amount in entries.items()}
    for entry in (journal, refund):
        with pytest.raises(NetSuiteError, match="dependent records"):
            books.delete(entry)
    with pytest.raises(NetSuiteError, match="has been voided"):
        books.update(journal, memo="mine")
