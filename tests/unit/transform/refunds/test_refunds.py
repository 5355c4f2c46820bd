"""Refunds and credits as a controller wants them: each situation, its documents, its limits."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kernel.messages import ChangeKind, Result, Version
from kernel.records import netsuite
from kernel.sentences import say
from kernel.values import Document, Fields
from tests.builders import case, change
from tests.unit.transform.refunds.desk import (
    INVOICE,
    OTHER,
    REQUEST,
    THIRD,
    Books,
    applied,
    applied_by,
    billed_line,
    code_of,
    credited,
    day,
    invoice,
    lines_of,
    month,
    param_of,
    policy,
    request,
    step,
)
from transform.domain.refunds import telling
from transform.domain.refunds.flow import remove

PAY_BACK = {"Refund_Method__c": "Pay back"}


def test_t2_1_a_refund_on_an_open_invoice_is_one_credit_memo_applied_to_it() -> None:
    books = Books()
    decision = books.decide(request("300.00"))
    [sent] = decision.commands
    assert str(sent.target).endswith(f"creditMemo:eid:sf-00Dxx0000001gPL-Refund-{REQUEST.id}-cm")
    assert lines_of(sent) == [(Decimal("250.00"), Decimal("50.00"))]
    assert applied_by(sent) == [("812", Decimal("300.00"))]
    assert decision.reserves[0].source == step("cm")
    assert code_of(decision) == "CREDIT_UNDER_WAY"
    again = books.decide(request("300.00"))
    assert again.commands == ()
    books.entered(sent, "900")
    [done] = books.decide(request("300.00")).commands
    assert (done.target, done.document.fields["Status__c"]) == (REQUEST, "Done")


def test_t2_2_a_paid_invoice_is_credited_and_the_money_goes_back() -> None:
    books = Books(invoice(paid="1200"))
    credit, refund, done = books.through(request("1200.00", **PAY_BACK))
    assert applied_by(credit) == []
    assert "apply" not in credit.document.lines
    assert lines_of(credit) == [(Decimal(1000), Decimal(200))]
    assert refund.target.kind == "customerRefund"
    assert applied_by(refund) == [("10", Decimal("1200.00"))]
    assert refund.document.fields["createdFrom.type"] == "creditMemo"
    assert done.document.fields["Status__c"] == "Done"


def test_a_paid_invoice_is_credited_and_the_credit_stays_open() -> None:
    books = Books(invoice(paid="1200"))
    kinds = [sent.target.kind for sent in books.through(request("100.00"))]
    assert kinds == ["creditMemo", "NS_Refund_Request__c"]
    books = Books()
    [credit, _] = books.through(request("100.00", Refund_Method__c="Leave as credit"))
    assert applied_by(credit) == []


@pytest.mark.parametrize(
    ("fields", "paid_back"),
    [
        (PAY_BACK, "200.00"),
        ({"Reason__c": "Cancellation"}, "200.00"),
        ({"Reason__c": "Price concession"}, None),
    ],
)
def test_t2_3_a_partly_paid_invoice_takes_what_is_open_and_policy_settles_the_rest(
    fields: dict[str, str], paid_back: str | None
) -> None:
    books = Books(invoice(paid="500"))
    sent = books.through(request("900.00", **fields))
    assert applied_by(sent[0]) == [("812", Decimal("700.00"))]
    refunds = [one for one in sent if one.target.kind == "customerRefund"]
    amounts = [amount for one in refunds for _, amount in applied_by(one)]
    assert amounts == ([Decimal(paid_back)] if paid_back else [])


def test_t2_4_no_more_is_credited_than_is_left() -> None:
    books = Books()
    for number, ref in enumerate((REQUEST, OTHER)):
        [sent] = books.decide(request("400.00"), ref).commands
        books.entered(sent, f"90{number}")
    third = books.decide(request("500.00"), THIRD)
    assert (code_of(third), param_of(third, "max")) == ("OVER_CREDIT", "400.00 EUR")
    assert third.outcome is not None
    assert "max 400.00 EUR" in say("OVER_CREDIT", third.outcome.params)
    [last] = books.decide(request("400.00"), THIRD).commands
    assert applied_by(last) == [("812", Decimal("400.00"))]
    taxes = [line.tax for credit in books.credits for line in credit.lines]
    assert sum(taxes) == Decimal(200)


def test_what_is_under_way_counts_like_what_stands() -> None:
    books = Books()
    books.decide(request("900.00"), OTHER)
    decision = books.decide(request("400.00"))
    assert (code_of(decision), param_of(decision, "max")) == ("OVER_CREDIT", "300.00 EUR")
    [credit] = Books().decide(request("100.00")).credits
    assert credit.seen == Decimal(0)
    [second] = books.decide(request("300.00")).credits
    assert second.seen == Decimal(900)


def test_a_credit_that_finance_entered_counts_too() -> None:
    body = invoice()
    theirs = applied("777", "creditMemo", "1000")
    books = Books(replace(body, lines={**body.lines, "apply": (theirs,)}))
    decision = books.decide(request("300.00"))
    assert (code_of(decision), param_of(decision, "max")) == ("OVER_CREDIT", "200.00 EUR")


def test_while_nobody_can_tell_whose_a_credit_is_the_next_request_waits() -> None:
    books = Books()
    [sent] = books.decide(request("400.00"), OTHER).commands
    assert books.body is not None
    shown = {**books.body.lines, "apply": (applied("901", "creditMemo", "400"),)}
    books.body = replace(books.body, lines=shown)
    decision = books.decide(request("500.00"))
    assert decision.outcome is not None
    assert (decision.outcome.code, decision.outcome.waits_on) == ("WAITS_FOR_CREDIT", sent.source)
    books.entered(sent, "901")
    [credit] = books.decide(request("500.00")).commands
    assert applied_by(credit) == [("812", Decimal("500.00"))]


def test_t2_6_a_correction_takes_the_invoices_rate_and_a_concession_that_of_its_day() -> None:
    whole = invoice(billed_line("1", "1000", "0"))
    [fixed] = Books(whole).decide(request("1000.00", Reason__c="Cancellation")).commands
    assert fixed.document.fields["exchangeRate"] == Decimal("1.1")
    [new] = Books(whole).decide(request("1000.00", Reason__c="Price concession")).commands
    assert "exchangeRate" not in new.document.fields


def test_t2_7_a_refund_before_its_invoice_waits_for_it_and_follows() -> None:
    books = Books(body=None)
    decision = books.decide(request())
    assert decision.outcome is not None
    assert (decision.outcome.result, decision.outcome.code) == (Result.PARKED, "INVOICE_UNKNOWN")
    assert decision.outcome.waits_on == INVOICE
    books.body = invoice()
    assert len(books.decide(request()).commands) == 1


def test_t2_8_a_refund_of_a_closed_month_posts_in_the_next_open_one() -> None:
    january = month("2026-01-01", "2026-01-31", closed=True)
    months = (january, month("2026-02-01", "2026-02-28"), month("2026-03-01", "2026-03-31"))
    books = Books(periods=months)
    [sent] = books.decide(request(Event_Date__c=day("2026-01-15"))).commands
    assert sent.document.fields["tranDate"] == day("2026-02-01")
    assert sent.document.fields["custbody_sf_original_date"] == "2026-01-15"
    [open_month] = Books(periods=months).decide(request(Event_Date__c=day("2026-03-05"))).commands
    assert open_month.document.fields["tranDate"] == day("2026-03-05")
    assert "custbody_sf_original_date" not in open_month.document.fields
    shut = Books(periods=(january,)).decide(request(Event_Date__c=day("2026-01-15")))
    assert code_of(shut) == "PERIODS_CLOSED"


def test_t2_9_a_refund_in_another_currency_is_held() -> None:
    decision = Books().decide(request(CurrencyIsoCode="USD"))
    assert code_of(decision) == "CURRENCY_MISMATCH"
    assert decision.outcome is not None
    assert "in USD, but invoice INV-812 is in EUR" in say(
        "CURRENCY_MISMATCH", decision.outcome.params
    )


def test_lines_are_credited_by_quantity_or_amount_with_their_own_tax() -> None:
    body = invoice(billed_line("1", "500", "95", quantity="5"), billed_line("2", "100", "0"))
    books = Books(body)
    decision = books.decide(request(None, credited("1", quantity="2")))
    assert lines_of(decision.commands[0]) == [(Decimal("200.00"), Decimal("38.00"))]
    more = books.decide(request(None, credited("1", quantity="4")), OTHER)
    assert (code_of(more), param_of(more, "max")) == ("QUANTITY_OVER", "3")
    over = books.decide(request(None, credited("2", amount="100.01")), OTHER)
    assert (code_of(over), param_of(over, "max")) == ("OVER_CREDIT", "100.00 EUR")
    wrong = books.decide(request("90.00", credited("2", amount="100.00")), OTHER)
    assert code_of(wrong) == "REFUND_TOTAL_MISMATCH"
    unknown = books.decide(request(None, credited("9")), OTHER)
    assert code_of(unknown) == "REFUND_LINE_UNKNOWN"


def test_an_amount_over_several_lines_adds_up_exactly() -> None:
    body = invoice(*(billed_line(key, "33.33", "6.33") for key in "123"))
    [sent] = Books(body).decide(request("100.00")).commands
    parts = lines_of(sent)
    assert sum(Decimal(str(net)) + Decimal(str(tax)) for net, tax in parts) == Decimal("100.00")


def test_nobody_approves_what_they_ask_for_and_small_amounts_need_nobody() -> None:
    submitted = {"Status__c": "Submitted", "Approved_By__c": None}
    assert code_of(Books().decide(request(**submitted))) == "AWAITS_APPROVAL"
    unnamed = Books().decide(request(Approved_By__c=None))
    assert code_of(unnamed) == "AWAITS_APPROVAL"
    own = Books().decide(request(Approved_By__c=request().fields["Requested_By__c"]))
    assert code_of(own) == "REQUESTER_IS_APPROVER"


def test_a_reason_must_be_settled_and_may_need_an_item() -> None:
    assert code_of(Books().decide(request(Reason__c="Whim"))) == "REASON_UNKNOWN"
    assert code_of(Books().decide(request(Reason__c="Bad debt"))) == "REASON_NEEDS_ITEM"
    settled = policy({"reason": "Bad debt", "item": "555"})
    [sent] = Books(policy=settled).decide(request(Reason__c="Bad debt")).commands
    assert [line["item.id"] for line in sent.document.lines["item"]] == ["555"]


@pytest.mark.parametrize(
    ("type_", "kind", "name"),
    [
        ("Payment", "customerPayment", "apply"),
        ("Customer Deposit", "customerDeposit", "deposit"),
        ("Credit Memo", "creditMemo", "apply"),
    ],
)
def test_money_that_was_not_used_is_paid_back_without_touching_revenue(
    type_: str, kind: str, name: str
) -> None:
    ref = netsuite(kind, "70")
    fields: Fields = {
        "currency.refName": "EUR",
        "total": Decimal(500),
        "amountUnapplied": Decimal(200),
    }
    books = Books(Document(fields, {"apply": (applied("812", "invoice", "300"),)}), billed=ref)
    about = {"Invoice__r.Type__c": type_, "Invoice__r.NS_Internal_Id__c": "70"}
    reason = {"Reason__c": "Cancellation"}
    over = books.decide(request("200.01", **about, **reason))
    assert code_of(over) == ("PAYMENT_APPLIED" if type_ == "Payment" else "OVER_CREDIT")
    refund, _ = books.through(request("150.00", **about, **reason))
    assert refund.target.kind == "customerRefund"
    assert applied_by(refund, name) == [("70", Decimal("150.00"))]
    second = books.decide(request("60.00", **about, **reason), OTHER)
    assert param_of(second, "max") == "50.00 EUR"


def test_a_cash_sale_is_refunded_in_one_document() -> None:
    ref = netsuite("cashSale", "60")
    books = Books(invoice(), billed=ref)
    about = {"Invoice__r.Type__c": "Cash Sale", "Invoice__r.NS_Internal_Id__c": "60"}
    refund, done = books.through(request("600.00", **about))
    assert (refund.target.kind, done.target) == ("cashRefund", REQUEST)
    assert lines_of(refund) == [(Decimal("500.00"), Decimal("100.00"))]
    assert refund.document.fields["createdFrom.id"] == "60"


def test_t2_11_a_cancelled_request_is_undone_as_far_as_it_went() -> None:
    cancelled = request("1200.00", Status__c="Cancelled", **PAY_BACK)
    early = Books().decide(cancelled)
    assert early.outcome is not None
    assert (early.outcome.result, early.outcome.code) == (Result.FILTERED, "REFUND_WITHDRAWN")

    books = Books(invoice(paid="1200"))
    [credit] = books.decide(request("1200.00", **PAY_BACK)).commands
    assert code_of(books.decide(cancelled)) == "CREDIT_UNDER_WAY"
    books.entered(credit, "900")
    [void] = books.decide(cancelled).commands
    assert (void.target, void.part) == (netsuite("creditMemo", "900"), "void")

    [refund] = books.decide(request("1200.00", **PAY_BACK)).commands
    assert code_of(books.decide(cancelled)) == "REFUND_UNDER_WAY"
    books.entered(refund, "950")
    late = books.decide(cancelled)
    assert late.outcome is not None
    assert (late.outcome.result, late.outcome.code) == (Result.PARKED, "REFUND_PAID_OUT")


def test_t2_11_what_is_undone_shows_as_cancelled_whatever_was_written_over_it_meanwhile() -> None:
    """That it is done may be written in the moment in which a person cancels the request."""
    books = Books()
    [credit] = books.decide(request()).commands
    books.entered(credit, "900")
    first, second = [books.decide(request()).commands[0].document.fields for _ in range(2)]
    assert first["Status__c"] == second["Status__c"] == "Done", "an edit came in between"
    [void] = books.decide(request(Status__c="Cancelled")).commands
    read_back = Document({"tranId": "CM-1", "status.refName": "Voided"})
    cause = case(change(REQUEST, request())).cause
    told = telling.told(cause, void, read_back, Version(1, 0), books.facts(), books.policy)
    assert told is not None
    assert told.document.fields["Status__c"] == "Cancelled"


def test_t2_11_a_voided_credit_does_not_count_and_does_not_come_back() -> None:
    books = Books()
    [credit] = books.decide(request("1200.00")).commands
    books.entered(credit, "900")
    assert code_of(books.decide(request("1.00"), OTHER)) == "OVER_CREDIT"
    books.voided()
    assert code_of(books.decide(request("1200.00"))) == "REFUND_VOIDED"
    assert len(books.decide(request("1200.00"), OTHER).commands) == 1


def test_t2_11_a_reason_can_leave_the_undoing_to_finance() -> None:
    cautious = policy({"reason": "Price concession", "undo": "task"})
    books = Books(policy=cautious)
    [credit] = books.decide(request()).commands
    books.entered(credit, "900")
    decision = books.decide(request(Status__c="Cancelled"))
    assert (code_of(decision), decision.commands) == ("CREDIT_TO_VOID", ())


def test_a_deleted_request_is_not_undone_silently() -> None:
    gone = case(change(REQUEST, None, kind=ChangeKind.DELETE))
    books = Books()
    assert remove(gone, books.facts(), books.policy) is None
    [credit] = books.decide(request()).commands
    books.entered(credit, "900")
    left = remove(gone, books.facts(), books.policy)
    assert left is not None
    assert (code_of(left), param_of(left, "credit")) == ("REFUND_DELETED", "900")


def test_a_draft_waits_for_nobody_and_a_request_without_a_document_is_held() -> None:
    assert code_of(Books().decide(request(Status__c="Draft"))) == "REFUND_DRAFT"
    missing = Books().decide(request(**{"Invoice__r.NS_Internal_Id__c": None}))
    assert code_of(missing) == "INVOICE_MISSING"
    nothing = Books().decide(request(None))
    assert code_of(nothing) == "REFUND_AMOUNT_MISSING"


def test_every_reading_of_a_request_is_checked_for_its_approval() -> None:
    books = Books()
    asker = request().fields["Requested_By__c"]
    raised = books.decide(request("900.00", Approved_By__c=asker))
    assert (code_of(raised), raised.commands) == ("REQUESTER_IS_APPROVER", ())
    back = books.decide(request("900.00", Status__c="Submitted"))
    assert code_of(back) == "AWAITS_APPROVAL"
