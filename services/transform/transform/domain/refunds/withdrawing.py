"""A request that is cancelled, rejected or deleted: undone as far as it went, never in silence."""

from dataclasses import replace
from decimal import Decimal

from kernel.messages import Result
from kernel.refunds import Undo
from kernel.values import Document, Fields, value_hash
from transform.domain.checks import Fault, held
from transform.domain.decisions import Decision, ends, news_for
from transform.domain.facts import Case, Facts, Policy
from transform.domain.refunds import commands
from transform.domain.refunds.billed import billed_of
from transform.domain.refunds.commands import Order
from transform.domain.refunds.credits import CREDIT, PAYOUT, RETURN, Credit, step_of
from transform.domain.refunds.request import Request
from transform.domain.refunds.steps import (
    fault_of,
    is_under_way,
    is_undone,
    named,
    own_credit,
    stands,
    waits,
    was_lifted,
)

ZERO = Decimal(0)


def withdrawn(
    case: Case, request: Request, document: Document, facts: Facts, policy: Policy
) -> Decision:
    """Before anything stands: nothing happens. After the credit: it is undone, as the reason
    says. After the money: a person acts."""
    own = own_credit(request.ref, facts)
    reason = policy.reasons.by_name.get(request.reason)
    if own is None and is_undone(request, facts):
        return _undone(case, request, facts, policy)
    if own is None or reason is None:
        return ends(case, Result.FILTERED, "REFUND_WITHDRAWN", named(request), policy)
    order = Order(
        case=case, request=request, reason=reason, document=document, facts=facts, policy=policy
    )
    for name in (PAYOUT, CREDIT, RETURN):
        step = step_of(request.ref, name)
        if is_under_way(facts.links.get(step)):
            return waits(order, step, ())
    if stands(order, step_of(request.ref, PAYOUT)):
        return held(case, fault_of(request, "REFUND_PAID_OUT"), policy)
    if not stands(order, own.step):
        if was_lifted(own):
            return _left_unapplied(order, own)
        return replace(
            ends(case, Result.FILTERED, "REFUND_WITHDRAWN", named(request), policy),
            uncredits=(own.step,),
        )
    is_return = own.step == step_of(request.ref, RETURN)
    if reason.undo is Undo.TASK or is_return:
        return held(case, fault_of(request, "CREDIT_TO_VOID", credit=own.netsuite_id), policy)
    return Decision(case=case, commands=(commands.void_command(order, own),))


def _undone(case: Case, request: Request, facts: Facts, policy: Policy) -> Decision:
    """By us or by finance; a request that still says that somebody has to act says so no more."""
    undone = ends(case, Result.FILTERED, "CREDIT_UNDONE", named(request), policy)
    if facts.applied.get((request.ref, commands.SYNC_STATUS)) != value_hash("Held"):
        return undone
    message = "The request was cancelled: its credit is void or deleted in NetSuite."
    said = Document({commands.SYNC_STATUS: "Synced", commands.SYNC_MESSAGE: message})
    told = news_for(request.ref, said, case, facts, policy, part=commands.PART)
    return replace(undone, commands=(told,), outcome=None) if told else undone


def remove(case: Case, facts: Facts, policy: Policy) -> Decision | None:
    """A deleted request: what stands stays, and finance is told; what does not is given up."""
    own = own_credit(case.change.ref, facts)
    if own is None:
        return None
    link = facts.links.get(own.step)
    if link is None or link.refusal is not None:
        left = ends(case, Result.FILTERED, "DELETED_AT_SOURCE", {"system": "salesforce"}, policy)
        if was_lifted(own):
            left = held(case, _unapplied(own, case.change.ref.id, facts), policy)
        return replace(left, uncredits=(own.step,))
    params: Fields = {"id": case.change.ref.id, "credit": own.netsuite_id or None}
    return held(case, Fault(code="REFUND_DELETED", params=params), policy)


def _left_unapplied(order: Order, own: Credit) -> Decision:
    """Nothing is paid back any more, but an invoice may be open that was settled."""
    fault = _unapplied(own, order.request.name, order.facts)
    given_up = replace(own, gross=ZERO, payout=ZERO, seen=_others_of(own, order.facts))
    return replace(held(order.case, fault, order.policy), credits=(given_up,))


def _unapplied(own: Credit, name: str, facts: Facts) -> Fault:
    body = facts.bodies.get(own.billed)
    label = billed_of(own.billed, body).label if body else f"{own.billed.kind} {own.billed.id}"
    return Fault(code="PAYMENT_UNAPPLIED", params={"name": name, "billed": label})


def _others_of(own: Credit, facts: Facts) -> Decimal:
    """Sum of what other requests take of the same document."""
    return sum(
        (
            one.gross
            for one in facts.credits
            if one.billed == own.billed
            and one.request != own.request
            and not one.voided
            and not one.part_of
        ),
        ZERO,
    )
