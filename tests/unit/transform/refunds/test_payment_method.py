"""The way in which money goes back is named by the table of reasons and looked up in NetSuite."""

from kernel.messages import Result
from kernel.records import netsuite
from kernel.values import Fields
from tests.unit.transform.refunds.desk import Books, code_of, invoice, param_of, policy, request
from transform.domain.facts import Reference

PAY_BACK = {"Refund_Method__c": "Pay back"}
BY_WIRE = policy({"reason": "Price concession", "payment_method": "wire transfer"})
FIELDS: Fields = {"id": "3", "name": "Wire Transfer", "isInactive": False}
WIRE = Reference(kind="paymentMethod", id="3", key="3", fields=FIELDS)


def test_a_refund_names_the_way_of_paying_that_its_reason_says() -> None:
    books = Books(invoice(paid="1200"), policy=BY_WIRE, periods=(WIRE,))
    _, refund, _ = books.through(request("1200.00", **PAY_BACK))
    assert refund.document.fields["paymentOption.id"] == "3"


def test_a_refund_waits_for_a_way_of_paying_that_netsuite_does_not_have() -> None:
    books = Books(invoice(paid="1200"), policy=BY_WIRE)
    decision = books.decide(request("1200.00", **PAY_BACK))
    assert decision.outcome is not None
    assert (decision.outcome.result, code_of(decision)) == (Result.PARKED, "REFERENCE_MISSING")
    assert param_of(decision, "value") == "wire transfer"
    assert decision.outcome.waits_on == netsuite("paymentMethod", "wire transfer")
    assert not decision.commands
