"""Rows of a poll lead to the documents they touch."""

from datetime import UTC, datetime, timedelta

from ingest.domain.affected import part_of, touched
from ingest.domain.windows import Sighting
from kernel.messages import ChangeKind
from kernel.records import netsuite

AT = datetime(2026, 11, 20, 9, 14, tzinfo=UTC)
KINDS = ["customer", "salesOrder"]
ORDER, OTHER_ORDER = netsuite("salesOrder", "812"), netsuite("salesOrder", "90")
PAYMENT = netsuite("transaction", "815")


def row(kind: str, record_id: str, minutes: int = 0, *, deleted: bool = False) -> Sighting:
    at = AT + timedelta(minutes=minutes)
    return Sighting(kind=kind, id=record_id, at=at, user="11", deleted=deleted)


def test_an_order_and_a_customer_are_documents_of_their_own() -> None:
    found = touched([row("SalesOrd", "812"), row("customer", "77")], {}, KINDS, 5)
    assert list(found) == [netsuite("customer", "77"), ORDER]
    [capture] = found[ORDER].captures
    assert (capture.position, capture.kind, capture.origin) == ("poll:5", ChangeKind.SNAPSHOT, "")
    assert capture.user == "11"


def test_a_payment_touches_every_order_it_belongs_or_belonged_to() -> None:
    payment = row("CustPymt", "815", 2)
    found = touched([payment, row("SalesOrd", "812")], {PAYMENT: (ORDER, OTHER_ORDER)}, KINDS, 5)
    assert [capture.origin for capture in found[ORDER].captures] == ["", "CustPymt 815"]
    assert [capture.origin for capture in found[OTHER_ORDER].captures] == ["CustPymt 815"]
    assert found[ORDER].newest == payment.at


def test_a_deleted_payment_still_finds_its_order_which_is_not_deleted() -> None:
    for name in ("customerpayment", "Customer Payment", "CustPymt"):
        found = touched([row(name, "815", deleted=True)], {PAYMENT: (ORDER,)}, KINDS, 5)
        assert [capture.kind for capture in found[ORDER].captures] == [ChangeKind.SNAPSHOT]


def test_a_deleted_order_is_noticed_as_deleted() -> None:
    for name in ("salesorder", "Sales Order", "SalesOrd"):
        found = touched([row(name, "812", deleted=True)], {}, KINDS, 5)
        assert [capture.kind for capture in found[ORDER].captures] == [ChangeKind.DELETE]


def test_kinds_in_no_map_and_records_of_nobody_touch_nothing() -> None:
    assert touched([row("customer", "77")], {}, ["salesOrder"], 5) == {}
    assert touched([row("CustInvc", "813"), row("bin", "A-1", deleted=True)], {}, KINDS, 5) == {}


def test_a_transaction_of_any_kind_is_a_document_and_touches_its_customer() -> None:
    kinds = ["customer", "customerPayment", "creditMemo"]
    customer = netsuite("customer", "77")
    rows = [row("CustPymt", "815"), row("Credit Memo", "816", 1, deleted=True)]
    roots = {PAYMENT: (customer,), netsuite("transaction", "816"): (customer,)}
    found = touched(rows, roots, kinds, 5)
    payment, credit = netsuite("customerPayment", "815"), netsuite("creditMemo", "816")
    assert list(found) == [payment, customer, credit]
    assert found[credit].captures[0].kind is ChangeKind.DELETE
    assert [capture.kind for capture in found[customer].captures] == [ChangeKind.SNAPSHOT] * 2


def test_only_transactions_are_parts() -> None:
    assert part_of(row("customer", "77")) is None
    assert part_of(row("SalesOrd", "812")) == netsuite("transaction", "812")
    assert part_of(row("customrecord", "A-1")) is None
    assert part_of(row("CustPymt", "815")) == PAYMENT
