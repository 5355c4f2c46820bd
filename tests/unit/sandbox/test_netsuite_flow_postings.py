"""Order to cash in the NetSuite stand-in: goods, cash, deposits, returns, refunds, journals."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from sandbox.netsuite.errors import NetSuiteError
from sandbox.netsuite.store import Entry
from tests.unit.sandbox.netsuite_account import USD, Books, line

CHECKING, AR, UNDEPOSITED = 6, 119, 122
STOCK, COST, DEPOSITS, BAD_DEBT, GAIN = 80, 81, 82, 83, 58
SALES, SUBSCRIPTIONS = 54, 55
WAREHOUSE = {"id": "1"}


@pytest.fixture(scope="module")
def account() -> Books:
    return Books()


@pytest.fixture
def books(account: Books) -> Iterator[Books]:
    """The one account, as it was before each test."""
    account.account.connection.execute("BEGIN")
    yield account
    account.account.connection.execute("ROLLBACK")


def box(books: Books) -> Entry:
    return books.create("inventoryItem", itemId="BOX", cost=4, rate=10)


def applied(entry: Entry, amount: object = None) -> dict[str, object]:
    chosen: dict[str, object] = {"doc": {"id": str(entry.id)}, "apply": True}
    return {"items": [chosen if amount is None else {**chosen, "amount": amount}]}


def refused(call: object, wanted: str) -> None:
    assert callable(call)
    with pytest.raises(NetSuiteError, match=wanted):
        call()


def test_goods_leave_at_their_cost_before_they_are_billed(books: Books) -> None:
    order = books.order(books.customer(USD), line(box(books).id, 5, 10), location=WAREHOUSE)
    assert books.status(order) == "B"
    part = {"items": [{"orderLine": 1, "quantity": 2}]}
    first = books.transform(order, "itemFulfillment", inventoryLocation=WAREHOUSE, item=part)
    assert books.postings(first) == {STOCK: Decimal(-8), COST: Decimal(8)}
    assert books.status(first) == "C"
    assert books.status(order) == "E"
    bill = books.transform(order, "invoice")
    assert books.amount(bill, "total") == Decimal(20)
    assert books.status(order) == "D"
    books.transform(order, "itemFulfillment")
    books.transform(order, "invoice")
    assert books.status(order) == "G"
    refused(lambda: books.transform(order, "itemFulfillment"), "at least one line")
    refused(lambda: books.delete(first), "has been billed")


def test_a_picked_fulfilment_ships_later(books: Books) -> None:
    order = books.order(books.customer(USD), line(box(books).id, 1, 10))
    move = books.transform(
        order, "itemFulfillment", inventoryLocation=WAREHOUSE, shipStatus={"id": "A"}
    )
    assert (books.postings(move), books.status(order)) == ({}, "B")
    books.update(move, shipStatus={"id": "C"})
    assert books.postings(move) == {STOCK: Decimal(-4), COST: Decimal(4)}
    assert books.status(order) == "F"
    books.delete(move)
    assert books.status(order) == "B"


def test_a_fulfilment_needs_to_know_where_the_goods_are(books: Books) -> None:
    order = books.order(books.customer(USD), line(box(books).id, 1, 10))
    refused(lambda: books.transform(order, "itemFulfillment"), "Please enter value.s. for: Loc")


def test_more_than_ordered_is_not_fulfilled(books: Books) -> None:
    order = books.order(books.customer(USD), line(box(books).id, 1, 10), location=WAREHOUSE)
    part = {"items": [{"orderLine": 1, "quantity": 2}]}
    refused(lambda: books.transform(order, "itemFulfillment", item=part), "exceeds what is left")


def test_a_cash_sale_is_paid_at_once_and_its_refund_takes_the_money_from_the_bank(
    books: Books,
) -> None:
    order = books.order(books.customer(), line(101, 2, 100))
    sale = books.transform(order, "cashSale")
    assert books.postings(sale) == {UNDEPOSITED: Decimal(206), SUBSCRIPTIONS: Decimal(-206)}
    assert (books.status(sale), books.status(order)) == ("B", "G")
    refund = books.transform(sale, "cashRefund", exchangeRate=1)
    assert books.postings(refund) == {CHECKING: Decimal(-200), SUBSCRIPTIONS: Decimal(200)}
    assert books.amount(books.read(refund), "total") == Decimal(200)
    books.delete(sale)
    assert books.status(order) == "F"


def test_a_deposit_is_a_liability_until_it_is_applied(books: Books) -> None:
    customer = books.customer()
    order = books.order(customer, line(101, 1, 100))
    deposit = books.transform(order, "customerDeposit", payment=60, exchangeRate="1.1")
    assert books.postings(deposit) == {UNDEPOSITED: Decimal(66), DEPOSITS: Decimal(-66)}
    invoice = books.transform(order, "invoice", exchangeRate="1.2")
    use = books.transform(deposit, "depositApplication", apply=applied(invoice, 50))
    assert books.postings(use) == {DEPOSITS: Decimal(55), AR: Decimal(-60), GAIN: Decimal(5)}
    assert books.amount(invoice, "amountRemaining") == Decimal(50)
    assert books.status(deposit) == "A"
    refused(lambda: books.delete(deposit), "dependent records")
    rest = books.create(
        "depositApplication", deposit={"id": str(deposit.id)}, apply=applied(invoice, 10)
    )
    assert books.status(deposit) == "C"
    books.delete(use)
    books.delete(rest)
    assert books.amount(invoice, "amountRemaining") == Decimal(100)
    assert books.status(deposit) == "A"


def test_a_deposit_pays_no_more_than_there_is(books: Books) -> None:
    customer = books.customer(USD)
    deposit = books.create("customerDeposit", customer={"id": str(customer.id)}, payment=10)
    invoice = books.invoice(customer, line(101, 1, 100))
    refused(
        lambda: books.transform(deposit, "depositApplication", apply=applied(invoice, 11)),
        "exceed the amount of the transaction",
    )


def test_a_deposit_can_be_paid_back(books: Books) -> None:
    customer = books.customer(USD)
    deposit = books.create("customerDeposit", customer={"id": str(customer.id)}, payment=10)
    refund = books.transform(deposit, "customerRefund")
    assert books.postings(refund) == {CHECKING: Decimal(-10), DEPOSITS: Decimal(10)}
    assert (books.status(refund), books.status(deposit)) == ("R", "C")


def test_a_paid_invoice_is_credited_and_the_money_goes_back(books: Books) -> None:
    """The invoice stays paid, the customer owes nothing, the bank is less."""
    customer = books.customer(USD)
    invoice = books.invoice(customer, line(101, 1, 1200))
    books.transform(invoice, "customerPayment")
    credit = books.transform(invoice, "creditMemo")
    assert (books.status(credit), books.amount(credit, "unapplied")) == ("A", Decimal(1200))
    refund = books.create(
        "customerRefund", customer={"id": str(customer.id)}, apply=applied(credit, 1200)
    )
    assert books.postings(refund) == {CHECKING: Decimal(-1200), AR: Decimal(1200)}
    assert (books.status(credit), books.status(invoice)) == ("B", "B")
    assert books.amount(credit, "amountRemaining") == Decimal(0)
    refused(lambda: books.delete(credit), "dependent records")
    books.delete(refund)
    assert books.status(credit) == "A"


def test_an_overpayment_is_refunded_without_touching_revenue(books: Books) -> None:
    customer = books.customer()
    payment = books.create(
        "customerPayment", customer={"id": str(customer.id)}, payment=100, exchangeRate="1.1"
    )
    refund = books.transform(payment, "customerRefund", exchangeRate="1.2")
    assert books.postings(refund) == {CHECKING: Decimal(-120), AR: Decimal(110), GAIN: Decimal(10)}
    assert books.amount(payment, "unapplied") == Decimal(0)
    refused(lambda: books.update(payment, payment=50), "refunded")
    books.update(payment, exchangeRate="1.15")
    assert books.postings(refund) == {CHECKING: Decimal(-120), AR: Decimal(115), GAIN: Decimal(5)}


def test_only_what_came_back_is_credited(books: Books) -> None:
    item = box(books)
    order = books.order(books.customer(USD), line(item.id, 5, 10), location=WAREHOUSE)
    books.transform(order, "itemFulfillment")
    invoice = books.transform(order, "invoice")
    wanted = {"items": [line(item.id, 2, 10)]}
    goods = books.transform(invoice, "returnAuthorization", item=wanted, orderStatus={"id": "B"})
    assert books.status(goods) == "B"
    refused(lambda: books.transform(goods, "creditMemo"), "at least one line")
    part = {"items": [{"orderLine": 1, "quantity": 1}]}
    receipt = books.transform(goods, "itemReceipt", item=part)
    assert books.postings(receipt) == {STOCK: Decimal(4), COST: Decimal(-4)}
    assert books.status(goods) == "E"
    credit = books.transform(goods, "creditMemo")
    assert books.amount(credit, "total") == Decimal(10)
    assert books.status(goods) == "D"
    books.transform(goods, "itemReceipt")
    books.transform(goods, "creditMemo")
    assert books.status(goods) == "G"
    refused(lambda: books.transform(goods, "creditMemo"), "at least one line")


def test_a_bad_debt_is_written_off_by_an_item_that_posts_to_the_expense(books: Books) -> None:
    loss = books.create("serviceSaleItem", itemId="BAD-DEBT", incomeAccount={"id": str(BAD_DEBT)})
    invoice = books.invoice(books.customer(USD), line(101, 1, 70))
    credit = books.transform(invoice, "creditMemo", item={"items": [line(loss.id, 1, 70)]})
    assert books.postings(credit) == {AR: Decimal(-70), BAD_DEBT: Decimal(70)}
    assert books.status(invoice) == "B"


def test_a_journal_entry_must_balance(books: Books) -> None:
    customer = books.customer(USD)
    debit = {"account": {"id": str(BAD_DEBT)}, "debit": 10}
    credit = {"account": {"id": str(AR)}, "credit": 10, "entity": {"id": str(customer.id)}}
    entry = books.create("journalEntry", subsidiary={"id": "1"}, line={"items": [debit, credit]})
    assert books.postings(entry) == {BAD_DEBT: Decimal(10), AR: Decimal(-10)}
    rows = books.query(
        f"SELECT id, foreignamount, entity FROM transactionline WHERE transaction = {entry.id}"
        " ORDER BY id"
    )
    assert [row.get("entity") for row in rows] == [None, str(customer.id)]
    refused(
        lambda: books.create(
            "journalEntry",
            subsidiary={"id": "1"},
            line={"items": [debit, {**credit, "credit": 9}]},
        ),
        "not in balance",
    )
    books.update(entry, line={"items": [{"line": 0, "debit": 20}, {"line": 1, "credit": 20}]})
    assert books.postings(entry) == {BAD_DEBT: Decimal(20), AR: Decimal(-20)}
    refund = books.create(
        "customerRefund", customer={"id": str(customer.id)}, apply=applied(entry, 20)
    )
    refused(lambda: books.delete(entry), "dependent records")
    books.delete(refund)
    books.delete(entry)


def test_documents_find_each_other_in_searches(books: Books) -> None:
    order = books.order(books.customer(USD), line(box(books).id, 1, 10), location=WAREHOUSE)
    move = books.transform(order, "itemFulfillment")
    deposit = books.transform(order, "customerDeposit", payment=4)
    invoice = books.transform(order, "invoice")
    books.transform(deposit, "depositApplication", apply=applied(invoice))
    rows = books.query(
        "SELECT previousdoc, nextdoc, nexttype, linktype FROM nexttransactionlink"
        f" WHERE previousdoc IN ({order.id}, {deposit.id}) ORDER BY nextdoc, linktype"
    )
    assert [(row["nexttype"], row["linktype"]) for row in rows] == [
        ("ItemShip", "ShipRcpt"),
        ("CustDep", "OrdDep"),
        ("CustInvc", "OrdBill"),
        ("DepAppl", "DepAppl"),
    ]
    cogs = books.value(
        f"SELECT netamount FROM transactionline WHERE transaction = {move.id} AND iscogs = 'T'"
    )
    assert cogs == "4"


def test_an_estimate_becomes_one_sale_and_posts_nothing(books: Books) -> None:
    estimate = books.transform(
        books.customer(USD), "estimate", item={"items": [line(101, 2, 50)]}, dueDate="2026-12-24"
    )
    assert (books.status(estimate), books.amount(estimate, "total")) == ("A", Decimal(100))
    order = books.transform(estimate, "salesOrder", orderStatus={"id": "B"})
    assert books.amount(order, "total") == Decimal(100)
    assert books.read(order).document["createdFrom"] == {"id": str(estimate.id)}
    assert books.status(estimate) == "B"
    refused(lambda: books.transform(estimate, "invoice"), "invalid reference")
    refused(lambda: books.delete(estimate), "dependent records")
    links = books.query(
        f"SELECT nextdoc, linktype FROM nexttransactionlink WHERE previousdoc = {estimate.id}"
    )
    assert links == [{"nextdoc": str(order.id), "linktype": "EstInvc"}]
    posting = books.query(
        f"SELECT DISTINCT posting FROM transactionaccountingline WHERE transaction = {estimate.id}"
    )
    assert posting == [{"posting": "F"}]
    books.delete(order)
    assert books.status(estimate) == "A"
    books.delete(estimate)
