"""An overpayment that settles an invoice: taken off it first, then paid back, each once."""

from decimal import Decimal

from kernel.messages import ChangeKind, Version
from kernel.records import netsuite
from kernel.values import Document, Fields
from tests.builders import case, change
from tests.unit.transform.refunds.desk import (
    OTHER,
    REQUEST,
    Books,
    applied,
    applied_by,
    code_of,
    param_of,
    policy,
    request,
)
from transform.domain.newer import newer_than
from transform.domain.refunds.flow import remove

PAYMENT = netsuite("customerPayment", "70")
ABOUT = {
    "Invoice__r.Type__c": "Payment",
    "Invoice__r.NS_Internal_Id__c": PAYMENT.id,
    "Reason__c": "Overpayment",
}


def paid(*settles: Fields, unapplied: str = "0", total: str = "500") -> Document:
    fields: Fields = {
        "tranId": "PAY-70",
        "currency.refName": "EUR",
        "baseCurrency": "EUR",
        "total": Decimal(total),
        "amountRemaining": None,
        "amountUnapplied": Decimal(unapplied),
    }
    return Document(fields, {"apply": settles})


def settled(amount: str, invoice: str = "812") -> Fields:
    return applied(invoice, "invoice", amount)


def books(*settles: Fields, unapplied: str = "0") -> Books:
    return Books(paid(*settles, unapplied=unapplied), billed=PAYMENT)


def taken_off(lines: tuple[Fields, ...]) -> list[tuple[object, object]]:
    """Which document may be settled by how much at most."""
    return [(line["doc.id"], line["amount"]) for line in lines]


def test_a_payment_is_taken_off_its_invoice_before_it_is_paid_back() -> None:
    desk = books(settled("500"))
    decision = desk.decide(request("300.00", **ABOUT))
    [sent] = decision.commands
    assert (sent.target, sent.part) == (PAYMENT, "unapply")
    assert taken_off(sent.document.lines["apply"]) == [("812", Decimal("200.00"))]
    assert (decision.reserves, code_of(decision)) == ((), "PAYMENT_UNAPPLYING")
    assert decision.outcome is not None
    assert decision.outcome.waits_on == newer_than(PAYMENT, Version(0, 0))
    desk.body = paid(settled("200"), unapplied="300")
    refund, done = desk.through(request("300.00", **ABOUT))
    assert (refund.target.kind, applied_by(refund)) == ("customerRefund", [("70", Decimal(300))])
    assert done.document.fields["Status__c"] == "Done"


def test_the_last_applications_go_first_and_no_more_than_is_needed() -> None:
    desk = books(settled("200", "811"), settled("250", "812"), unapplied="50")
    [sent] = desk.decide(request("320.00", **ABOUT)).commands
    assert taken_off(sent.document.lines["apply"]) == [
        ("812", Decimal(0)),
        ("811", Decimal("180.00")),
    ]


def test_what_is_under_way_for_another_request_counts() -> None:
    desk = books(settled("500"))
    desk.decide(request("300.00", **ABOUT))
    [second] = desk.decide(request("200.00", **ABOUT), OTHER).commands
    assert taken_off(second.document.lines["apply"]) == [("812", Decimal(0))]
    third = books(settled("500"))
    third.decide(request("300.00", **ABOUT))
    over = third.decide(request("200.01", **ABOUT), OTHER)
    assert (code_of(over), param_of(over, "max")) == ("OVER_CREDIT", "200.00 EUR")


def test_a_payment_that_was_paid_back_is_not_taken_off_any_more() -> None:
    desk = books(settled("500"))
    desk.decide(request("300.00", **ABOUT))
    desk.body = paid(settled("200"), unapplied="300")
    [refund] = desk.decide(request("300.00", **ABOUT)).commands
    again = desk.decide(request("300.00", Approved_By__c="005xx000001SwiWAAS", **ABOUT))
    assert (again.commands, code_of(again)) == ((), "REFUND_UNDER_WAY")
    desk.entered(refund, "900")
    desk.body = paid(settled("200"), applied("900", "customerRefund", "300"))
    over = desk.decide(request("200.01", **ABOUT), OTHER)
    assert (code_of(over), param_of(over, "max")) == ("OVER_CREDIT", "200.00 EUR")


def test_reopening_an_invoice_needs_an_approval_and_a_reason_that_may() -> None:
    small = Books(
        paid(settled("500")),
        billed=PAYMENT,
        policy=policy({"reason": "Overpayment", "auto_limit": "1000"}),
    )
    submitted = {"Status__c": "Submitted", "Approved_By__c": None}
    assert code_of(small.decide(request("300.00", **ABOUT, **submitted))) == "AWAITS_APPROVAL"
    small.body = paid(settled("200"), unapplied="300")
    assert len(small.decide(request("300.00", **ABOUT, **submitted)).commands) == 1
    other = books(settled("500")).decide(request("1.00", **{**ABOUT, "Reason__c": "Cancellation"}))
    assert code_of(other) == "PAYMENT_APPLIED"
    assert other.outcome is not None
    assert other.outcome.waits_on == newer_than(PAYMENT, Version(0, 0))


def test_t2_11_a_request_cancelled_after_the_payment_was_taken_off_is_told_to_finance() -> None:
    desk = books(settled("500"))
    desk.decide(request("300.00", **ABOUT))
    for _ in range(2):
        left = desk.decide(request("300.00", Status__c="Cancelled", **ABOUT))
        assert (code_of(left), left.commands) == ("PAYMENT_UNAPPLIED", ())
    assert len(desk.decide(request("500.00", **ABOUT), OTHER).commands) == 1


def test_a_request_deleted_after_the_payment_was_taken_off_is_told_to_finance() -> None:
    desk = books(settled("500"))
    desk.decide(request("300.00", **ABOUT))
    gone = remove(case(change(REQUEST, None, kind=ChangeKind.DELETE)), desk.facts(), desk.policy)
    assert gone is not None
    assert code_of(gone) == "PAYMENT_UNAPPLIED"
