"""Goods come back: authorized, received, credited; never more than was received."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from kernel.messages import Coordinates, Outcome, Result, Subject, Version
from kernel.records import external_id_of, netsuite
from kernel.values import Document, Fields
from kernel.verdicts import held, outcome_of
from tests.builders import ORG, case, change
from tests.unit.transform.refunds.desk import (
    INVOICE,
    OTHER,
    REQUEST,
    Books,
    applied_by,
    billed_line,
    code_of,
    credited,
    invoice,
    param_of,
    request,
    step,
)
from transform.domain.decisions import Decision
from transform.domain.endings import ChangeState, Conclusion, Ending, conclude
from transform.domain.facts import Link
from transform.domain.mirror_rows import row_link, row_ref
from transform.domain.refunds import entered
from transform.domain.refunds.receipts import decide

RETURN = netsuite("returnAuthorization", "40")
RETURNED = {"Reason__c": "Goods returned"}


class Warehouse(Books):
    """Five sold at 120.00 with tax; what is authorized comes back bit by bit."""

    def authorize(self, quantity: str, **fields: str) -> None:
        self.body = invoice(billed_line("1", "500", "100", quantity="5"))
        asked = request(None, credited("1", quantity=quantity), **RETURNED, **fields)
        [sent] = self.decide(asked).commands
        assert sent.target.kind == "returnAuthorization"
        assert sent.document.fields["orderStatus.id"] == "B"
        self.entered(sent, RETURN.id)

    def receive(self, quantity: str, *, version: int = 1) -> Decision:
        """So many have come back by now."""
        line: Fields = {
            "line": "7",
            "item.id": "101",
            "quantity": Decimal(2),
            "quantityFulfilled": Decimal(quantity),
        }
        fields = {
            "externalId": external_id_of(ORG, step("rma")),
            "createdFrom.id": INVOICE.id,
            "entity.id": "77",
        }
        document = Document(fields, {"item": (line,)})
        event = change(RETURN, document, version=Version(version, 0))
        row = replace(row_link(RETURN.id, stands=True), source=row_ref(RETURN.id))
        links = {**self.facts().links, row_ref(RETURN.id): row}
        links[netsuite("customer", "77")] = Link(
            source=OTHER, kind="customer", external_id="", netsuite_id="77"
        )
        known = replace(self.facts(), links=links)
        found = decide(case(event), document, known, self.policy)
        self.credits = [one for one in self.credits if one.step not in found.uncredits]
        self.credits += found.credits
        steps = [*found.reserves, *found.links]
        self.links |= {link.source: link for link in steps if link.source.kind == "Refund"}
        return found

    def credited_by_hand(self, quantity: str, record_id: str) -> Decision:
        """Finance makes the credit memo from the return."""
        ref, amount = netsuite("creditMemo", record_id), Decimal(quantity) * 100
        line: Fields = {
            "line": "1",
            "item.id": "101",
            "quantity": -Decimal(quantity),
            "amount": -amount,
            "taxAmount": -amount / 5,
        }
        fields: Fields = {
            "createdFrom.id": RETURN.id,
            "total": amount + amount / 5,
            "status.id": "A",
            "entity.id": "77",
        }
        document = Document(fields, {"item": (line,), "apply": ()})
        returned = Document(
            {"externalId": external_id_of(ORG, step("rma")), "createdFrom.id": INVOICE.id}
        )
        known = self.facts()
        known = replace(known, bodies={**known.bodies, RETURN: returned})
        found = entered.decide(case(change(ref, document)), document, known, self.policy)
        self.credits += found.credits
        return found


def refunds(decision: Decision) -> list[str]:
    return [one.target.kind for one in decision.commands if one.source.kind == "Refund"]


def test_t2_5_what_came_back_is_credited_and_no_more() -> None:
    books = Warehouse()
    books.authorize("2")
    waits = books.decide(request(None, credited("1", quantity="2"), **RETURNED))
    assert code_of(waits) == "RETURN_AWAITS_RECEIPT"
    assert refunds(books.receive("0")) == []
    first = books.receive("1")
    assert refunds(first) == ["creditMemo"]
    [credit] = [one for one in first.commands if one.source.kind == "Refund"]
    [line] = credit.document.lines["item"]
    assert (line["orderLine"], line["quantity"]) == (7, Decimal(1))
    assert (line["amount"], line["taxAmount"]) == (Decimal("100.00"), Decimal("20.00"))
    assert applied_by(credit) == [("812", Decimal("120.00"))]
    assert refunds(books.receive("1", version=2)) == []
    books.entered(credit, "41")
    assert refunds(books.receive("1", version=3)) == []
    second = books.receive("2", version=4)
    [credit] = [one for one in second.commands if one.source.kind == "Refund"]
    assert credit.source == step("cm2")
    books.entered(credit, "42")
    third = books.receive("3", version=5)
    assert refunds(third) == []
    assert [link.source for link in third.links] == [step("receipts")]
    assert third.commands or third.outcome
    assert books.receive("3", version=6).links == ()
    asked = request(None, credited("1", quantity="2"), **RETURNED)
    [done] = books.decide(asked).commands
    assert done.document.fields["Status__c"] == "Done"


def test_t2_5_more_than_was_sold_does_not_come_back() -> None:
    books = Warehouse()
    books.authorize("2")
    more = books.decide(request(None, credited("1", quantity="4"), **RETURNED), OTHER)
    assert (code_of(more), param_of(more, "max")) == ("QUANTITY_OVER", "3")
    credit = books.decide(request("400.00"), OTHER)
    assert (code_of(credit), param_of(credit, "max")) == ("OVER_CREDIT", "360.00 EUR")


def test_money_goes_back_for_goods_of_a_paid_invoice() -> None:
    books = Warehouse()
    books.authorize("2", Refund_Method__c="Pay back")
    assert books.body is not None
    books.body = invoice(billed_line("1", "500", "100", quantity="5"), paid="600")
    [credit] = [one for one in books.receive("2").commands if one.source.kind == "Refund"]
    assert applied_by(credit) == []
    books.entered(credit, "41")
    [refund] = [one for one in books.receive("2").commands if one.source.kind == "Refund"]
    assert (refund.target.kind, refund.source) == ("customerRefund", step("rf1"))
    assert applied_by(refund) == [("41", Decimal("240.00"))]


def test_a_return_that_has_begun_is_left_to_finance_when_it_is_cancelled() -> None:
    books = Warehouse()
    books.authorize("2")
    decision = books.decide(request(None, Status__c="Cancelled", **RETURNED))
    assert (code_of(decision), decision.commands) == ("CREDIT_TO_VOID", ())


def ended(desk: Warehouse, decision: Decision, said: Outcome) -> Conclusion:
    """How the command of a receipt ended."""
    [sent] = [one for one in decision.commands if one.source.kind == "Refund"]
    ending = Ending(
        outcome=replace(said, ref=sent.source, target=sent.target),
        command=sent,
        cause=decision.case.cause,
        state=ChangeState.PARKED,
        open_siblings=0,
        sibling_results=frozenset(),
    )
    return conclude(ending, desk.facts(), desk.policy)


def outcome(result: Result, code: str, read_back: Document | None = None) -> Outcome:
    return Outcome(
        id="o1",
        subject=Subject.COMMAND,
        event_id="e1",
        origin=Coordinates("netsuite.commands.v1", 0, 0),
        ref=None,
        result=result,
        code=code,
        written=netsuite("creditMemo", "41") if read_back else None,
        read_back=read_back,
    )


def test_a_refused_credit_of_a_receipt_is_told_on_the_request_with_who_acts() -> None:
    desk = Warehouse()
    desk.authorize("2")
    refused = outcome(Result.PARKED, "TRIED_ENOUGH")
    said = ended(desk, desk.receive("1"), refused).follow_up
    assert said is not None
    assert said.target == REQUEST
    assert said.document.fields["NS_Sync_Status__c"] == "Held"
    assert "[TRIED_ENOUGH]" in str(said.document.fields["NS_Sync_Message__c"])


def test_the_request_tells_how_much_has_come_back() -> None:
    desk = Warehouse()
    desk.authorize("2")
    moment = datetime(2026, 11, 20, 9, 14, tzinfo=UTC)
    body = Document({"tranId": "CM-1", "applied": Decimal(120), "lastModifiedDate": moment})
    told = ended(desk, desk.receive("1"), outcome(Result.APPLIED, "WRITTEN", body)).follow_up
    assert told is not None
    assert told.document.fields["Applied__c"] == Decimal(120)
    assert "1 of 2 have come back" in str(told.document.fields["NS_Sync_Message__c"])


def test_a_request_is_not_done_before_the_credits_of_its_receipts_stand() -> None:
    desk = Warehouse()
    desk.authorize("2")
    asked = request(None, credited("1", quantity="2"), **RETURNED)
    [sent] = [one for one in desk.receive("2").commands if one.source.kind == "Refund"]
    under_way = desk.decide(asked)
    assert (code_of(under_way), param_of(under_way, "back")) == ("RETURN_AWAITS_RECEIPT", "0")
    refusal = outcome(Result.PARKED, "PERMISSION_MISSING")
    desk.links[sent.source] = replace(desk.links[sent.source], refusal=refusal)
    again = desk.decide(asked)
    assert (code_of(again), again.retries) == ("PERMISSION_MISSING", (sent.source,))
    desk.links[sent.source] = replace(desk.links[sent.source], refusal=None)
    desk.entered(sent, "41")
    [done] = desk.decide(asked).commands
    assert done.document.fields["Status__c"] == "Done"


def test_t2_5_what_finance_credited_of_a_return_by_hand_is_not_credited_again() -> None:
    books = Warehouse()
    books.authorize("2")
    books.receive("0")
    theirs = books.credited_by_hand("1", "50")
    [credit] = theirs.credits
    assert (credit.billed, credit.part_of, credit.gross) == (INVOICE, step("rma"), Decimal(120))
    assert theirs.retries == (step("receipts"),)
    assert refunds(books.receive("1")) == []
    second = books.receive("2", version=2)
    [sent] = [one for one in second.commands if one.source.kind == "Refund"]
    [line] = sent.document.lines["item"]
    assert (sent.source, line["quantity"], line["amount"]) == (step("cm1"), 1, Decimal(100))
    books.entered(sent, "51")
    last = books.receive("2", version=3)
    assert (refunds(last), [link.source for link in last.links]) == ([], [step("receipts")])
    other = books.decide(request("361.00"), OTHER)
    assert param_of(other, "max") == "360.00 EUR"


def test_t2_5_a_refused_credit_is_given_up_once_finance_credited_it_by_hand() -> None:
    books = Warehouse()
    books.authorize("2")
    [sent] = [one for one in books.receive("2").commands if one.source.kind == "Refund"]
    refused = outcome_of(sent, held(sent, "NETSUITE_REFUSED"))
    books.links[sent.source] = replace(books.links[sent.source], refusal=refused)
    books.credited_by_hand("2", "50")
    after = books.receive("2", version=2)
    assert (refunds(after), after.uncredits) == ([], (sent.source,))
    assert [link.source for link in after.links] == [step("receipts")]
    [done] = books.decide(request(None, credited("1", quantity="2"), **RETURNED)).commands
    assert done.document.fields["Status__c"] == "Done"
