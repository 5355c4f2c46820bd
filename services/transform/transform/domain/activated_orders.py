"""An activated order becomes the sales order, instead of the opportunity it came from."""

from collections.abc import Iterator
from dataclasses import replace

from kernel.messages import Outcome, Result
from kernel.records import RecordRef, salesforce
from kernel.values import Document
from transform.domain import orders
from transform.domain.deals import OPPORTUNITY, YES, as_deal, opportunity_of, order_noted, sale_of
from transform.domain.decisions import Decision, ended
from transform.domain.facts import Case, Facts, Policy, Wanted
from transform.domain.likeness import Question

MADE_FROM = "made from"
"""Stands among what is remembered of a deleted order, with its opportunity's id."""


def wanted(case: Case, policy: Policy) -> Wanted:
    opportunity = opportunity_of(case.change.document or Document())
    near = frozenset({opportunity}) if opportunity else frozenset()
    own = Wanted(links=near, targets=near, bodies=frozenset({case.change.ref}))
    return own | orders.wanted(_dealt(case), policy)


def questions(case: Case, document: Document, facts: Facts) -> Iterator[Question]:
    yield from orders.questions(case, as_deal(case.change.ref, document), facts)


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    """Never two sales orders: where the opportunity's stands already, it goes on."""
    ref, opportunity = case.change.ref, opportunity_of(document)
    if opportunity and opportunity in facts.links and ref not in facts.links:
        outcome = ended(
            case.cause,
            Result.FILTERED,
            "ORDER_STANDS",
            params={"record": f"{ref.kind} {ref.id}", "opportunity": opportunity.id},
            map_hash=policy.maps.hash,
        )
        return Decision(case=case, outcome=outcome)
    decision = orders.decide(_dealt(case), as_deal(ref, document), facts, policy)
    seen = _moved(case, opportunity, facts)
    if opportunity:
        seen[order_noted(opportunity, ref)] = YES
    return replace(decision, case=case, seen={**decision.seen, **seen})


def gone(case: Case, facts: Facts, policy: Policy) -> Decision | None:
    """Its sales order is cancelled; the opportunity may have one of its own again once it has no
    other order. While the cancelling waits, the order's document is kept no more."""
    ref = case.change.ref
    opportunity = _before(ref, facts)
    decision = orders.gone(case, facts, policy)
    sale = sale_of(opportunity, Document()) if opportunity else None
    if opportunity is None or sale is None:
        return decision
    if decision and decision.outcome and not decision.outcome.result.is_final:
        return replace(decision, seen={(ref, MADE_FROM): opportunity.id})
    freed = decision or Decision(case=case, outcome=_deleted(case, policy))
    return replace(freed, seen={order_noted(opportunity, ref): ""}, unlinks=(sale,))


def _before(ref: RecordRef, facts: Facts) -> RecordRef | None:
    """The opportunity that the order was made from when it was read last."""
    if ref in facts.bodies:
        return opportunity_of(facts.bodies[ref])
    noted = facts.applied.get((ref, MADE_FROM))
    return salesforce(OPPORTUNITY, noted) if noted else None


def _moved(
    case: Case, opportunity: RecordRef | None, facts: Facts
) -> dict[tuple[RecordRef, str], str]:
    """What is to be forgotten of an opportunity that had the order before."""
    before = _before(case.change.ref, facts)
    is_other = before is not None and before != opportunity
    return {order_noted(before, case.change.ref): ""} if before and is_other else {}


def _deleted(case: Case, policy: Policy) -> Outcome:
    return ended(
        case.cause,
        Result.FILTERED,
        "DELETED_AT_SOURCE",
        params={"system": "salesforce"},
        map_hash=policy.maps.hash,
    )


def _dealt(case: Case) -> Case:
    """The case with its document under a deal's names; what is stored is the case as it came."""
    document = case.change.document
    if document is None:
        return case
    return replace(case, change=replace(case.change, document=as_deal(case.change.ref, document)))
