"""What the seeds of the NetSuite stand-in hold, in every kind of account."""

from dataclasses import replace

import pytest

from sandbox.database import transaction
from sandbox.netsuite.seeds import seed_account
from sandbox.profile import DEFAULT, Profile
from tests.unit.sandbox.netsuite_account import Books

OPEN = "SELECT id, total, remaining FROM _open_item WHERE is_open = 1 ORDER BY id"
UNBALANCED = (
    'SELECT "transaction" FROM transactionaccountingline GROUP BY "transaction"'
    " HAVING abs(sum(amount)) > 0.001"
)
KINDS = (
    DEFAULT,
    replace(DEFAULT, one_world=False),
    replace(DEFAULT, suite_tax=False),
    replace(DEFAULT, one_world=False, multi_currency=False),
)


def demo(profile: Profile) -> Books:
    books = Books(profile)
    with transaction(books.account.connection):
        seed_account(books.account, "demo")
    return books


@pytest.mark.parametrize("profile", KINDS, ids=["default", "single", "legacy", "one-currency"])
def test_the_demo_company_has_done_a_quarter_of_business(profile: Profile) -> None:
    books = demo(profile)
    run = books.account.connection.execute
    assert run(UNBALANCED).fetchall() == []
    counted = {row[0]: row[1] for row in run('SELECT type, count(*) FROM "transaction" GROUP BY 1')}
    assert set(counted) == set(
        "SalesOrd CustInvc CustPymt CustCred CustDep DepAppl CustRfnd RtnAuth ItemShip ItemRcpt"
        " CashSale Journal".split()
    )
    assert [row["id"] for row in run(OPEN).fetchall()] == [403, 421]


def test_new_records_are_numbered_behind_the_demo() -> None:
    books = demo(DEFAULT)
    customer = books.customer()
    assert (customer.id, customer.document["entityId"]) == (601, "CUST-77")


def test_the_demo_holds_the_same_customer_twice() -> None:
    names = demo(DEFAULT).query(
        "SELECT companyname FROM customer WHERE email = 'payables@cascade.example' ORDER BY id"
    )
    assert [row["companyname"] for row in names] == [
        "Cascade Outfitters Inc",
        "Cascade Outfitters, Inc.",
    ]
