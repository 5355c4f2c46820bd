"""What every decision on a refund request uses: its own credit, its steps, and how it ends."""

from dataclasses import replace

from kernel.messages import Result, WriteCommand
from kernel.records import RecordRef
from kernel.values import Fields, Value
from transform.domain.checks import Fault
from transform.domain.decisions import Decision, ended
from transform.domain.facts import Facts, Link, LinkStatus
from transform.domain.refunds.commands import Order
from transform.domain.refunds.credits import PAYOUT, Credit
from transform.domain.refunds.lifting import PAYMENT
from transform.domain.refunds.request import Request


def own_credit(request: RecordRef, facts: Facts) -> Credit | None:
    """What an earlier decision on this request set aside."""
    mine = (one for one in facts.credits if one.request == request and not one.voided)
    return next((one for one in mine if not one.part_of), None)


def stands(order: Order, step: RecordRef) -> bool:
    return stands_for(order.facts.links.get(step))


def stands_for(link: Link | None) -> bool:
    return link is not None and link.status is LinkStatus.LINKED


def is_under_way(link: Link | None) -> bool:
    """Reserved and not refused: its command has not ended."""
    return link is not None and link.status is LinkStatus.RESERVED and link.refusal is None


def was_lifted(own: Credit) -> bool:
    return own.billed.kind == PAYMENT and bool(own.lines)


def waits(order: Order, step: RecordRef, sent: tuple[WriteCommand, ...]) -> Decision:
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


def with_path(decision: Decision, *said: str) -> Decision:
    """What led to the decision, before what follows from it."""
    outcome = decision.outcome
    if outcome is None:
        return decision
    return replace(decision, outcome=replace(outcome, path=(*said, *outcome.path)))


def named(request: Request) -> Fields:
    return {"name": request.name, "status": request.status}


def fault_of(request: Request, code: str, **params: Value) -> Fault:
    return Fault(code=code, params={"name": request.name, **params})


def is_undone(request: Request, facts: Facts) -> bool:
    """Whether a credit of the request is void or deleted by now."""
    return any(one.voided for one in facts.credits if one.request == request.ref)
