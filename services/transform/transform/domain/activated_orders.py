"""An activated order becomes the sales order, instead of the opportunity it came from."""

from collections.abc import Iterator
from dataclasses import replace

from kernel.messages import Outcome, Result
from kernel.values import Document
from transform.domain import orders
from transform.domain.deals import HAS_ORDER, YES, as_deal, opportunity_of, sale_of
from transform.domain.decisions import Decision, ended
from transform.domain.facts import Case, Facts, Policy, Wanted
from transform.domain.likeness import Question


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
    seen = {(opportunity, HAS_ORDER): YES} if opportunity else {}
    return replace(decision, case=case, seen={**decision.seen, **seen})


def gone(case: Case, facts: Facts, policy: Policy) -> Decision | None:
    """Its sales order is cancelled, and then the opportunity may have one of its own again."""
    document = facts.bodies.get(case.change.ref, Document())
    opportunity, sale = opportunity_of(document), sale_of(case.change.ref, document)
    decision = orders.gone(case, facts, policy)
    is_waiting = decision and decision.outcome and not decision.outcome.result.is_final
    if opportunity is None or sale is None or is_waiting:
        return decision
    freed = decision or Decision(case=case, outcome=_deleted(case, policy))
    return replace(freed, seen={(opportunity, HAS_ORDER): ""}, unlinks=(sale,))


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
