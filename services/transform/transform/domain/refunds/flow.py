"""Decides on a refund request: held, withdrawn, or the next document that it leads to.

A request goes step by step: the credit, then the money, then the word that it is done. Each step is
a document with an external id and a link of its own; the request waits on the link of the step that
is under way and is decided again, with what is known by then, once it holds. So it does not matter
where anything is killed, nor which version of the request comes along meanwhile.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from kernel.messages import Result, Version, WriteCommand
from kernel.records import RecordRef, netsuite
from kernel.refunds import Reason
from kernel.values import Document, Fields
from transform.domain.checks import Fault, held
from transform.domain.conversions import named_id
from transform.domain.decisions import Decision, ends
from transform.domain.facts import Case, Facts, Link, Policy, Wanted
from transform.domain.money_rules.periods import ACCOUNTING_PERIOD, open_day, period_on
from transform.domain.named import missing
from transform.domain.newer import newer_than
from transform.domain.refunds import commands, terms
from transform.domain.refunds import request as requests
from transform.domain.refunds.approval import REFERENCES, approval_of, is_approved, rates_wanted
from transform.domain.refunds.billed import Billed, billed_of
from transform.domain.refunds.commands import PAYMENT_METHOD, Order
from transform.domain.refunds.credits import (
    CREDIT,
    PAYOUT,
    RETURN,
    Credit,
    numbered_steps,
    receipt_steps,
    receipts_of,
    returned,
    step_of,
)
from transform.domain.refunds.planning import SALES, Known, Plan, pays_back, plan_of
from transform.domain.refunds.request import CANCELLED, REJECTED, Request, request_of
from transform.domain.refunds.steps import (
    fault_of,
    is_under_way,
    is_undone,
    named,
    own_credit,
    stands,
    waits,
    was_lifted,
    with_path,
)
from transform.domain.refunds.withdrawing import remove, withdrawn

__all__ = ["decide", "remove", "wanted"]

WITHDRAWN = frozenset({CANCELLED, REJECTED})
ZERO = Decimal(0)
UNREAD = Version(0, 0)
BY_WHAT_IS_LEFT = frozenset({"OVER_CREDIT", "PAYMENT_APPLIED", "QUANTITY_OVER"})


def wanted(case: Case, policy: Policy) -> Wanted:
    ref, document = case.change.ref, case.change.document or Document()
    billed = requests.billed_by(document)
    about = frozenset({billed} if billed else ())
    reason = policy.reasons.by_name.get(str(document.fields.get("Reason__c")))
    receipts: frozenset[RecordRef] = frozenset()
    if reason and reason.returns_goods:
        receipts = numbered_steps(ref) | {receipts_of(ref)}
    return Wanted(
        links=receipts | {step_of(ref, step) for step in (CREDIT, PAYOUT, RETURN)},
        targets=frozenset({ref}),
        references=REFERENCES | {ACCOUNTING_PERIOD} | _lists(reason),
        rates=rates_wanted(case),
        bodies=about,
        credits=about | {ref},
    )


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    """With what was asked for remembered, so that an approval counts for nothing else."""
    request = request_of(case.change.ref, document)
    if request.status in WITHDRAWN:
        return withdrawn(case, request, document, facts, policy)
    own = own_credit(request.ref, facts)
    seen = terms.remembered(request, own, facts)
    return replace(_decided(case, request, own, document, facts, policy), seen=seen)


def _decided(
    case: Case,
    request: Request,
    own: Credit | None,
    document: Document,
    facts: Facts,
    policy: Policy,
) -> Decision:
    if request.status in {requests.DRAFT, "Held"}:
        return ends(case, Result.FILTERED, "REFUND_DRAFT", named(request), policy)
    if is_undone(request, facts):
        return held(case, fault_of(request, "REFUND_VOIDED"), policy)
    reason = policy.reasons.by_name.get(request.reason)
    if reason is None:
        return held(
            case, fault_of(request, "REASON_UNKNOWN", reason=request.reason or None), policy
        )
    if request.billed is None:
        return held(case, fault_of(request, "INVOICE_MISSING"), policy)
    order = Order(
        case=case, request=request, reason=reason, document=document, facts=facts, policy=policy
    )
    if own and terms.is_entered(own, facts) and terms.is_changed(request, facts):
        return held(case, fault_of(request, "REFUND_CHANGED"), policy)
    if unknown := _unknown_method(order):
        return held(order.case, unknown, policy)
    return _begun(order, own) if own and stands(order, own.step) else _first(order, request.billed)


def _lists(reason: Reason | None) -> frozenset[str]:
    return frozenset({PAYMENT_METHOD} if reason and reason.payment_method else ())


def _unknown_method(order: Order) -> Fault | None:
    """The way of paying that the table of reasons names, where NetSuite has none such."""
    method = order.reason.payment_method
    if not method or named_id(PAYMENT_METHOD, method, order.facts) is not None:
        return None
    field = f"payment_method of the reason {order.reason.name}"
    return missing(f"Refund request {order.request.name}", field, PAYMENT_METHOD, method)


def _first(order: Order, billed_ref: RecordRef) -> Decision:
    """The first document of a request: its credit, or for money received its payout."""
    request, facts = order.request, order.facts
    body = facts.bodies.get(billed_ref)
    if body is None:
        fault = fault_of(request, "INVOICE_UNKNOWN", kind=billed_ref.kind, id=billed_ref.id)
        return held(order.case, replace(fault, waits_on=billed_ref), order.policy)
    billed = billed_of(billed_ref, body)
    if terms.is_outdated(request, facts):
        return held(order.case, fault_of(request, "APPROVAL_OUTDATED"), order.policy)
    allowed = approval_of(order, billed)
    if isinstance(allowed, Fault):
        return held(order.case, allowed, order.policy)
    own = own_credit(request.ref, facts)
    if own and is_under_way(facts.links.get(own.step)):
        return waits(order, own.step, ())
    plan = plan_of(_known(order, billed))
    if isinstance(plan, Fault):
        return held(order.case, _until_news(plan, billed_ref, facts), order.policy)
    if plan.lifts and not is_approved(request):
        return held(order.case, fault_of(request, "AWAITS_APPROVAL"), order.policy)
    return with_path(_lifted(order, plan) if plan.lifts else _planned(order, plan), allowed)


def _until_news(fault: Fault, billed: RecordRef, facts: Facts) -> Fault:
    """What is held for what is left of a document is looked at again when that one changes."""
    if fault.code not in BY_WHAT_IS_LEFT:
        return fault
    return replace(fault, waits_on=newer_than(billed, facts.latest.get(billed, UNREAD)))


def _lifted(order: Order, plan: Plan) -> Decision:
    """Until NetSuite tells that the payment settles less. What is paid back counts from now on."""
    sent = commands.unapply_command(order, plan)
    params: Fields = {
        "name": order.request.name,
        "billed": plan.billed.label,
        "invoices": ", ".join(lift.of.label for lift in plan.lifts),
        "value": plan.billed.money(sum((lift.by for lift in plan.lifts), ZERO)),
    }
    news = newer_than(plan.billed.ref, order.facts.latest.get(plan.billed.ref, UNREAD))
    fault = Fault(code="PAYMENT_UNAPPLYING", params=params, waits_on=news)
    lines = tuple(lift.remembered for lift in plan.lifts)
    credit = replace(_set_aside(order, plan, sent.source), lines=lines)
    return replace(held(order.case, fault, order.policy), commands=(sent,), credits=(credit,))


def _known(order: Order, billed: Billed) -> Known:
    others = [
        one
        for one in order.facts.credits
        if one.billed == billed.ref and one.request != order.request.ref and not one.voided
    ]
    return Known(
        request=order.request,
        reason=order.reason,
        billed=billed,
        others=others,
        day=_day(order),
    )


def _planned(order: Order, plan: Plan) -> Decision:
    kind = plan.billed.ref.kind
    if order.reason.returns_goods and kind in SALES:
        sent = commands.return_command(order, plan)
    elif kind == "invoice":
        sent = commands.credit_command(order, plan)
    elif kind == "cashSale":
        sent = commands.cash_refund_command(order, plan)
    else:
        dates = commands.dates_of(plan)
        sent = commands.payout_command(order, plan.billed.ref, plan.payout, dates)
    return replace(_sent(order, sent), credits=(_set_aside(order, plan, sent.source),))


def _set_aside(order: Order, plan: Plan, step: RecordRef) -> Credit:
    """What a payment was taken off before stays remembered."""
    before = own_credit(order.request.ref, order.facts)
    lines = tuple(line.counted for line in plan.lines)
    return Credit(
        step=step,
        request=order.request.ref,
        billed=plan.billed.ref,
        gross=plan.gross,
        applied=ZERO if order.reason.returns_goods else plan.applied,
        payout=_to_pay_out(order, plan),
        lines=before.lines if before and was_lifted(before) else lines,
        seen=plan.left.seen,
    )


def _to_pay_out(order: Order, plan: Plan) -> Decimal:
    """By a document of its own. How much of a return it will be, its receipts say."""
    if plan.billed.ref.kind != "invoice":
        return ZERO
    if not order.reason.returns_goods:
        return plan.payout
    return plan.gross if pays_back(order.request, order.reason) else ZERO


def _begun(order: Order, own: Credit) -> Decision:
    """The first document stands: pay out what is due, then say that it is done."""
    if own.step == step_of(order.request.ref, RETURN):
        return _returning(order, own)
    if own.payout:
        payout = step_of(order.request.ref, PAYOUT)
        link = order.facts.links.get(payout)
        if is_under_way(link):
            return waits(order, payout, ())
        if not stands(order, payout):
            return _sent(order, _payout(order, own))
    return _done(order)


def _returning(order: Order, own: Credit) -> Decision:
    """Each receipt is credited when the authorization shows it; see `receipts`. One that was
    refused is tried again with the request."""
    due = [step for step in receipt_steps(own, order.facts.credits) if not stands(order, step)]
    entered = [one for one in order.facts.credits if one.netsuite_id]
    back, whole = returned(own, entered)
    waits_on = receipts_of(order.request.ref)
    if stands(order, waits_on) or (not due and back >= whole):
        return _done(order)
    params: Fields = {"name": order.request.name, "back": back, "whole": whole}
    link = order.facts.links.get(due[0]) if due else None
    if link is not None and link.refusal is not None:
        refused = Fault(code=link.refusal.code, params=link.refusal.params, waits_on=waits_on)
        return replace(held(order.case, refused, order.policy), retries=(due[0],))
    fault = Fault(code="RETURN_AWAITS_RECEIPT", params=params, waits_on=waits_on)
    return held(order.case, fault, order.policy)


def _payout(order: Order, own: Credit) -> WriteCommand:
    source = netsuite(commands.CREDIT_MEMO, own.netsuite_id)
    day = _day(order)
    return commands.payout_command(order, source, own.payout, {"tranDate": day} if day else {})


def _day(order: Order) -> date | None:
    """The day of the event where its period is open, else the first of the next open period."""
    event = order.request.event_date
    if event is None or period_on(event, order.facts) is None:
        return event
    return open_day(event, order.facts)


def _sent(order: Order, sent: WriteCommand) -> Decision:
    reserved = Link(
        source=sent.source, kind=sent.target.kind, external_id=sent.target.external_id or ""
    )
    known = order.facts.links.get(sent.source)
    decision = waits(order, sent.source, (sent,))
    return replace(decision, reserves=() if known else (reserved,))


def _done(order: Order) -> Decision:
    told = commands.done_command(order.case, order.request.ref, order.facts, order.policy)
    if told is None:
        params = {"name": order.request.name}
        return ends(order.case, Result.UNCHANGED, "REFUND_DONE", params, order.policy)
    return Decision(case=order.case, commands=(told,))
