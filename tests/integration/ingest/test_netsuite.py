"""What finance does in NetSuite stands in the log as changes of orders and customers."""

from decimal import Decimal

import pytest

from kernel.messages import ChangeEvent, ChangeKind
from kernel.records import netsuite
from kernel.topics import NETSUITE_CHANGES
from kernel.values import Sealed
from tests.contract.sandbox.netsuite_client import line
from tests.integration.ingest.desk import Desk, fields, lines, order_ref
from tests.log import eventually, never_more

pytestmark = pytest.mark.real


class Is:
    """One invoice with so much left to pay."""

    def __init__(self, amount: int) -> None:
        self._amount = Decimal(amount)

    def __call__(self, change: ChangeEvent) -> bool:
        return [item["amountRemaining"] for item in lines(change, "invoices")] == [self._amount]


def order(desk: Desk, **changed: object) -> str:
    return desk.books.order(desk.books.customer(), line(101, 2, 600.0), **changed)


def test_currencies_come_first_and_only_once(desk: Desk) -> None:
    changes = [m for m in desk.log.messages(NETSUITE_CHANGES) if isinstance(m, ChangeEvent)]
    currencies = [change for change in changes if change.ref.kind == "currency"]
    assert len(currencies) == len({change.ref for change in currencies}) == 5
    euro = next(change for change in currencies if fields(change)["symbol"] == "EUR")
    assert fields(euro) == {
        "id": "4",
        "symbol": "EUR",
        "currencyPrecision": 2,
        "isInactive": False,
        "isBaseCurrency": False,
    }


def test_all_customers_are_told_first_and_then_how_many(desk: Desk) -> None:
    [whole] = desk.changes(netsuite("index", "customer"))
    found = fields(whole)
    standing = desk.books.query("SELECT id FROM customer ORDER BY id")
    first = [row["id"] for row in standing if int(row["id"]) <= int(str(found["last"]))]
    assert found["count"] == len(first)
    for record_id in first:
        assert desk.changes(netsuite("customer", str(record_id)))


def test_a_changed_currency_is_told_again(desk: Desk) -> None:
    desk.books.patch("/currency/3", {"isInactive": True})
    change = desk.change(netsuite("currency", "3"), lambda c: fields(c)["isInactive"] is True)
    assert change.version > desk.changes(netsuite("currency", "3"))[0].version
    desk.books.patch("/currency/3", {"isInactive": False})
    desk.change(
        netsuite("currency", "3"),
        lambda c: c.version > change.version and fields(c)["isInactive"] is False,
    )


def test_a_customer_is_told_by_the_fields_of_the_map(desk: Desk) -> None:
    made = desk.books.customer(externalId="sf-test-Account-1", email="ada@example.com")
    change = desk.change(netsuite("customer", made), lambda c: bool(fields(c)))
    assert {"id", "entityId", "externalId", "companyName", "billing.city"} <= set(fields(change))
    assert isinstance(fields(change)["email"], Sealed)
    assert fields(change)["externalId"] == "sf-test-Account-1"


def test_an_order_is_billed_paid_and_unpaid_again(desk: Desk) -> None:
    made = order(desk, externalId="sf-test-Opportunity-1")
    ref = order_ref(made)
    first = desk.change(ref, lambda change: bool(fields(change)))
    found = fields(first)
    assert (found["externalId"], found["currency.refName"]) == ("sf-test-Opportunity-1", "EUR")
    assert (found["total"], found["status.refName"]) == (Decimal(1200), "Pending Billing")
    assert (found["baseCurrency"], lines(first, "invoices")) == ("USD", ())
    assert found["baseTotal"] == Decimal(1200) * Decimal(str(found["exchangeRate"]))
    invoice = desk.books.post(f"/salesOrder/{made}/!transform/invoice", {})
    billed = desk.change(ref, Is(1200))
    assert fields(billed)["status.refName"] == "Billed"
    [bill] = lines(billed, "invoices")
    assert (bill["id"], bill["total"], bill["status.id"]) == (invoice, Decimal(1200), "A")
    payment = desk.books.post(f"/invoice/{invoice}/!transform/customerPayment", {})
    paid = desk.change(ref, Is(0))
    assert lines(paid, "invoices")[0]["status.id"] == "B"
    answer = desk.books.call("DELETE", f"/record/v1/customerPayment/{payment}")
    assert answer.status_code == 204
    unpaid = desk.change(ref, lambda change: change.version > paid.version and Is(1200)(change))
    versions = [change.version for change in desk.changes(ref)]
    assert versions == sorted(set(versions))
    assert unpaid.version == versions[-1]


def test_a_credit_and_a_payment_that_is_taken_back_find_their_order(desk: Desk) -> None:
    made = order(desk)
    ref = order_ref(made)
    invoice = desk.books.post(f"/salesOrder/{made}/!transform/invoice", {})
    desk.change(ref, Is(1200))
    payment = desk.books.post(f"/invoice/{invoice}/!transform/customerPayment", {})
    paid = desk.change(ref, Is(0))
    body = {"apply": {"items": [{"doc": {"id": invoice}, "apply": False}]}}
    desk.books.patch(f"/customerPayment/{payment}", body)
    desk.change(ref, lambda change: change.version > paid.version and Is(1200)(change))


def test_two_edits_within_a_minute_are_both_told(desk: Desk) -> None:
    made = order(desk, memo="first")
    ref = order_ref(made)
    first = desk.change(ref, lambda change: bool(fields(change)))
    desk.books.patch(f"/salesOrder/{made}", {"orderStatus": {"id": "A"}})
    second = desk.change(ref, lambda c: fields(c)["status.refName"] == "Pending Approval")
    desk.books.patch(f"/salesOrder/{made}", {"orderStatus": {"id": "B"}})
    third = desk.change(ref, lambda c: c.version > second.version)
    assert fields(third)["status.refName"] == fields(first)["status.refName"]
    assert first.version < second.version < third.version
    assert third.version.major - first.version.major <= 60


def test_an_edit_outside_the_map_is_not_told(desk: Desk) -> None:
    made = order(desk)
    ref = order_ref(made)
    desk.change(ref, lambda change: bool(fields(change)))
    desk.books.patch(f"/salesOrder/{made}", {"memo": "for nobody"})
    never_more(lambda: desk.changes(ref), 1)


def test_a_deleted_order_is_told_as_deleted_once(desk: Desk) -> None:
    made = order(desk)
    ref = order_ref(made)
    desk.change(ref, lambda change: bool(fields(change)))
    assert desk.books.call("DELETE", f"/record/v1/salesOrder/{made}").status_code == 204
    gone = desk.change(ref, lambda change: change.kind is ChangeKind.DELETE)
    assert gone.document is None
    never_more(lambda: desk.changes(ref), 2)


def test_more_orders_than_one_call_takes_are_all_told(desk: Desk) -> None:
    customer = desk.books.customer()
    made = [desk.books.order(customer, line(101, 1, 10.0)) for _ in range(30)]
    eventually(lambda: all(desk.changes(order_ref(one)) for one in made))
    assert all(len(desk.changes(order_ref(one))) == 1 for one in made)


def test_an_invoice_is_told_with_its_lines_and_what_settles_it(desk: Desk) -> None:
    """Also one that was not born in Salesforce."""
    books = desk.books
    customer = books.customer()
    body = {"entity": {"id": customer}, "item": {"items": [line(101, 2, 600.0)]}}
    invoice = books.post("/invoice", body)
    ref = netsuite("invoice", invoice)
    told = desk.change(ref, lambda change: bool(fields(change)))
    assert (fields(told)["total"], fields(told)["amountRemaining"]) == (1200, 1200)
    [item] = lines(told, "item")
    assert (item["item.id"], item["quantity"], item["amount"]) == ("101", 2, 1200)
    payment = books.post(f"/invoice/{invoice}/!transform/customerPayment", {"payment": 500.0})
    partly = desk.change(ref, lambda change: fields(change).get("amountRemaining") == 700)
    [applied] = lines(partly, "apply")
    assert (applied["doc"], applied["type"], applied["amount"]) == (payment, "customerPayment", 500)
    paying = netsuite("customerPayment", payment)
    settled = desk.change(paying, lambda change: bool(lines(change, "apply")))
    assert [row["doc"] for row in lines(settled, "apply")] == [invoice]
    assert books.call("DELETE", f"/record/v1/customerPayment/{payment}").status_code == 204
    desk.change(ref, lambda c: c.version > partly.version and not lines(c, "apply"))
    gone = desk.change(paying, lambda change: change.kind is ChangeKind.DELETE)
    assert gone.document is None
