"""Decides on a refund request: held, withdrawn, or the next document that it leads to.

A request goes step by step: the credit, then the money, then the word that it is done. Each step is
a document with an external id and a link of its own; the request waits on the link of the step that
is under way and is decided again, with what is known by then, once it holds. So it does not matter
where anything is killed, nor which version of the request comes along meanwhile.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from kernel.messages import Result, WriteCommand
from kernel.records import RecordRef, netsuite
from kernel.refunds import Undo
from kernel.values import Document, Fields, Value
from transform.domain.checks import Fault
from transform.domain.decisions import Decision, ended
from transform.domain.facts import Case, Facts, Link, LinkStatus, Policy, Wanted
from transform.domain.money_rules.periods import ACCOUNTING_PERIOD, open_day, period_on
from transform.domain.refunds import commands
from transform.domain.refunds import request as requests
from transform.domain.refunds.approval import unapproved
from transform.domain.refunds.billed import Billed, billed_of
from transform.domain.refunds.commands import Order
from transform.domain.refunds.credits import CREDIT, PAYOUT, RETURN, Credit, step_of
from transform.domain.refunds.planning import SALES, Known, Plan, pays_back, plan_of
from transform.domain.refunds.request import CANCELLED, REJECTED, Request, request_of

WITHDRAWN = frozenset({CANCELLED, REJECTED})
ZERO = Decimal(0)


def wanted(case: Case, policy: Policy) -> Wanted:
    ref, document = case.change.ref, case.change.document or Document()
    billed = requests.billed_by(document)
    about = frozenset({billed} if billed else ())
    return Wanted(
        links=frozenset(step_of(ref, step) for step in (CREDIT, PAYOUT, RETURN)),
        targets=frozenset({ref}),
        references=frozenset({ACCOUNTING_PERIOD}),
        bodies=about,
        credits=about | {ref},
    )


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    request = request_of(case.change.ref, document)
    if request.status in WITHDRAWN:
        return _withdrawn(case, request, document, facts, policy)
    if request.status in {requests.DRAFT, "Held"}:
        return _ends(case, Result.FILTERED, "REFUND_DRAFT", _named(request), policy)
    if any(one.voided for one in facts.credits if one.request == request.ref):
        return _held(case, _fault(request, "REFUND_VOIDED"), policy)
    reason = policy.reasons.by_name.get(request.reason)
    if reason is None:
        return _held(case, _fault(request, "REASON_UNKNOWN", reason=request.reason or None), policy)
    if request.billed is None:
        return _held(case, _fault(request, "INVOICE_MISSING"), policy)
    order = Order(
        case=case, request=request, reason=reason, document=document, facts=facts, policy=policy
    )
    own = own_credit(request.ref, facts)
    return _begun(order, own) if own and _stands(order, own.step) else _first(order, request.billed)


def remove(case: Case, facts: Facts, policy: Policy) -> Decision | None:
    """A deleted request: what stands stays, and finance is told; what does not is given up."""
    own = own_credit(case.change.ref, facts)
    if own is None:
        return None
    link = facts.links.get(own.step)
    if link is None or link.refusal is not None:
        ends = _ends(case, Result.FILTERED, "DELETED_AT_SOURCE", {"system": "salesforce"}, policy)
        return replace(ends, uncredits=(own.step,))
    params: Fields = {"id": case.change.ref.id, "credit": own.netsuite_id or None}
    return _held(case, Fault(code="REFUND_DELETED", params=params), policy)


def own_credit(request: RecordRef, facts: Facts) -> Credit | None:
    """What an earlier decision on this request set aside."""
    mine = (one for one in facts.credits if one.request == request and not one.voided)
    return next((one for one in mine if not one.part_of), None)


def _first(order: Order, billed_ref: RecordRef) -> Decision:
    """The first document of a request: its credit, or for money received its payout."""
    request, facts = order.request, order.facts
    body = facts.bodies.get(billed_ref)
    if body is None:
        fault = _fault(request, "INVOICE_UNKNOWN", kind=billed_ref.kind, id=billed_ref.id)
        return _held(order.case, replace(fault, waits_on=billed_ref), order.policy)
    billed = billed_of(billed_ref, body)
    if fault_of := unapproved(request, order.reason, billed):
        return _held(order.case, fault_of, order.policy)
    own = own_credit(request.ref, facts)
    if own and _is_under_way(facts.links.get(own.step)):
        return _waits(order, own.step, ())
    plan = plan_of(_known(order, billed))
    if isinstance(plan, Fault):
        return _held(order.case, plan, order.policy)
    return _planned(order, plan)


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
    credit = Credit(
        step=sent.source,
        request=order.request.ref,
        billed=plan.billed.ref,
        gross=plan.gross,
        applied=ZERO if order.reason.returns_goods else plan.applied,
        payout=_to_pay_out(order, plan),
        lines=tuple(line.counted for line in plan.lines),
        seen=plan.left.seen,
    )
    return replace(_sent(order, sent), credits=(credit,))


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
        if _is_under_way(link):
            return _waits(order, payout, ())
        if not _stands(order, payout):
            return _sent(order, _payout(order, own))
    return _done(order)


def _returning(order: Order, own: Credit) -> Decision:
    """Each receipt is credited when the authorization shows it; see `receipts`."""
    parts = [one for one in order.facts.credits if one.part_of == own.step and not one.voided]
    back = sum((line.quantity for part in parts for line in part.lines), ZERO)
    whole = sum((line.quantity for line in own.lines), ZERO)
    if back >= whole:
        return _done(order)
    params: Fields = {"name": order.request.name, "back": back, "whole": whole}
    waits_on = step_of(order.request.ref, "receipts")
    fault = Fault(code="RETURN_AWAITS_RECEIPT", params=params, waits_on=waits_on)
    return _held(order.case, fault, order.policy)


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
    decision = _waits(order, sent.source, (sent,))
    return replace(decision, reserves=() if known else (reserved,))


def _waits(order: Order, step: RecordRef, sent: tuple[WriteCommand, ...]) -> Decision:
    outcome = ended(
        order.case.cause,
        Result.PARKED,
        "REFUND_UNDER_WAY" if step.id.endswith(f"-{PAYOUT}") else "CREDIT_UNDER_WAY",
        params={"name": order.request.name},
        path=tuple(f"{one.target.kind} for {one.source}" for one in sent),
        waits_on=step,
        map_hash=order.policy.maps.hash,
    )
    return Decision(case=order.case, commands=sent, outcome=outcome)


def _done(order: Order) -> Decision:
    told = commands.done_command(order.case, order.request.ref, order.facts, order.policy)
    if told is None:
        params = {"name": order.request.name}
        return _ends(order.case, Result.UNCHANGED, "REFUND_DONE", params, order.policy)
    return Decision(case=order.case, commands=(told,))


def _withdrawn(
    case: Case, request: Request, document: Document, facts: Facts, policy: Policy
) -> Decision:
    """Before anything stands: nothing happens. After the credit: it is undone, as the reason
    says. After the money: a person acts."""
    own = own_credit(request.ref, facts)
    reason = policy.reasons.by_name.get(request.reason)
    if own is None or reason is None:
        return _ends(case, Result.FILTERED, "REFUND_WITHDRAWN", _named(request), policy)
    order = Order(
        case=case, request=request, reason=reason, document=document, facts=facts, policy=policy
    )
    for name in (PAYOUT, CREDIT, RETURN):
        step = step_of(request.ref, name)
        if _is_under_way(facts.links.get(step)):
            return _waits(order, step, ())
    if _stands(order, step_of(request.ref, PAYOUT)):
        return _held(case, _fault(request, "REFUND_PAID_OUT"), policy)
    if not _stands(order, own.step):
        return replace(
            _ends(case, Result.FILTERED, "REFUND_WITHDRAWN", _named(request), policy),
            uncredits=(own.step,),
        )
    is_return = own.step == step_of(request.ref, RETURN)
    if reason.undo is Undo.TASK or is_return:
        return _held(case, _fault(request, "CREDIT_TO_VOID", credit=own.netsuite_id), policy)
    return Decision(case=case, commands=(commands.void_command(order, own),))


def _stands(order: Order, step: RecordRef) -> bool:
    link = order.facts.links.get(step)
    return link is not None and link.status is LinkStatus.LINKED


def _is_under_way(link: Link | None) -> bool:
    """Reserved and not refused: its command has not ended."""
    return link is not None and link.status is LinkStatus.RESERVED and link.refusal is None


def _named(request: Request) -> Fields:
    return {"name": request.name, "status": request.status}


def _fault(request: Request, code: str, **params: Value) -> Fault:
    return Fault(code=code, params={"name": request.name, **params})


def _held(case: Case, fault: Fault, policy: Policy) -> Decision:
    outcome = ended(
        case.cause,
        fault.result,
        fault.code,
        params=fault.params,
        path=(f"check failed: {fault.code}",),
        waits_on=fault.waits_on or case.change.ref,
        map_hash=policy.maps.hash,
    )
    return Decision(case=case, outcome=outcome)


def _ends(case: Case, result: Result, code: str, params: Fields, policy: Policy) -> Decision:
    outcome = ended(case.cause, result, code, params=params, map_hash=policy.maps.hash)
    return Decision(case=case, outcome=outcome)
