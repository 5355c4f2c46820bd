"""Merged customers in the NetSuite stand-in: one is left, and it owes what both owed."""

from decimal import Decimal

import pytest

from sandbox.database import transaction
from sandbox.netsuite.errors import NetSuiteError
from sandbox.netsuite.records.merging import merge_customers
from sandbox.netsuite.store import Entry
from tests.unit.sandbox.ledger_sums import BALANCED, CONTROL
from tests.unit.sandbox.netsuite_account import EUR, USD, Books, line

AR = 119


@pytest.fixture
def books() -> Books:
    return Books()


def merged(books: Books, master: Entry, duplicate: Entry) -> list[int]:
    with transaction(books.account.connection):
        return merge_customers(books.work(), books.read(master), books.read(duplicate))


def test_t1_7_the_masters_books_hold_what_the_duplicates_held(books: Books) -> None:
    master = books.customer(USD, companyName="Acme", externalId="sf-1")
    duplicate = books.customer(EUR, companyName="ACME Corp", externalId="sf-2")
    branch = books.customer(USD, companyName="Branch", parent={"id": str(duplicate.id)})
    person = books.create("contact", firstName="A", company={"id": str(duplicate.id)})
    order = books.order(duplicate, line(101, 1, 100))
    invoice = books.transform(order, "invoice")
    payment = books.transform(invoice, "customerPayment", payment=40)
    before = books.account.connection.execute(CONTROL).fetchall()
    moved = merged(books, master, duplicate)
    assert moved == [order.id, invoice.id, payment.id]
    with pytest.raises(NetSuiteError, match="does not exist"):
        books.read(duplicate)
    gone = books.query("SELECT type, recordid FROM deletedrecord")
    assert gone == [{"type": "customer", "recordid": str(duplicate.id)}]
    found = books.query(f"SELECT id FROM transaction WHERE entity = {master.id} ORDER BY id")
    assert [int(row["id"]) for row in found] == moved
    assert books.read(branch).document["parent"] == {"id": str(master.id)}
    assert books.read(person).document["company"] == {"id": str(master.id)}
    assert books.read(master).external_id == "sf-1"
    assert books.account.connection.execute(BALANCED).fetchall() == []
    after = books.account.connection.execute(CONTROL).fetchall()
    assert [tuple(row) for row in after] == [tuple(row) for row in before]
    rest = books.transform(invoice, "customerPayment")
    assert books.amount(rest, "payment") == Decimal(60)
    assert books.status(invoice) == "B"


def test_customers_of_two_subsidiaries_are_not_merged(books: Books) -> None:
    master, other = books.customer(USD), books.customer(USD, 2, companyName="Other")
    with pytest.raises(NetSuiteError, match="different subsidiaries"):
        merged(books, master, other)
    with pytest.raises(NetSuiteError, match="itself"):
        merged(books, master, master)
