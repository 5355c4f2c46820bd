"""A quote becomes an estimate; once it is accepted, the sales order of its deal is made of that.

The estimate is decided on like an order, under a name of its own: the step. An accepted quote waits
on the step's link where the estimate does not stand yet, and goes on from there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kernel.messages import Result, Version, WriteCommand
from kernel.records import RecordRef, external_id_of, netsuite, salesforce
from kernel.values import Document, Fields
from transform.domain import orders
from transform.domain.deals import (
    MAPS,
    OPPORTUNITY,
    QUOTE,
    SALE_KIND,
    STEP,
    as_deal,
    opportunity_of,
    sale_link,
    step_of,
)
from transform.domain.decisions import Decision, changed_only, command, ended, is_empty
from transform.domain.facts import Case, Cause, Facts, Link, LinkStatus, Policy, Wanted
from transform.domain.last_sync import FIELD as LAST_SYNC
from transform.domain.last_sync import is_alone, is_new_hour, moment_of
from transform.domain.likeness import Question
from transform.domain.mapping import mapped

ESTIMATE, SALES_ORDER = "estimate", "salesOrder"
ACCEPTED = "Accepted"
PART = "quote"
"""Of the sales order: what is made of the estimate is not compared with what the deal says."""
CARRIED = frozenset({"custbody_sf_opportunity_id", "memo"})
"""Fields of the estimate's head that the order bears too."""
WRITES_BACK: Mapping[str, str] = {
    "id": "NS_Estimate_Id__c",
    "tranId": "NS_Estimate_Number__c",
    "status.refName": "NS_Estimate_Status__c",
}
"""Field of the estimate → field of the quote. NetSuite owns all of them."""


def wanted(case: Case, policy: Policy) -> Wanted:
    opportunity = opportunity_of(case.change.document or Document())
    near = frozenset({opportunity} if opportunity else ())
    sale = frozenset({_sale(opportunity)} if opportunity else ())
    own = Wanted(links=near | sale | {step_of(case.change.ref)}, targets=near)
    return own | orders.wanted(_stepped(case), policy)


def questions(case: Case, document: Document, facts: Facts) -> Iterator[Question]:
    yield from orders.questions(_stepped(case), as_deal(case.change.ref, document), facts)


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    opportunity, step = opportunity_of(document), step_of(case.change.ref)
    is_accepted = document.fields.get("Status") == ACCEPTED and opportunity is not None
    if is_accepted and opportunity and (sold := _sold(case, opportunity, facts, policy)):
        return sold
    dealt = _stepped(case)
    deal = dealt.change.document or Document()
    offered = orders.decide(dealt, deal, facts, policy)
    is_held = offered.outcome is not None and offered.outcome.result is not Result.UNCHANGED
    if not is_accepted or opportunity is None or is_held:
        return _as_the_quotes(offered, case, step)
    link = facts.links.get(step)
    if link is not None and link.status is LinkStatus.LINKED:
        return _ordered(case, deal, opportunity, link, facts, policy)
    under_way = ended(
        case.cause,
        Result.PARKED,
        "QUOTE_UNDER_WAY",
        params={"name": document.fields.get("Name")},
        waits_on=step,
        map_hash=policy.maps.hash,
    )
    return replace(offered, case=case, outcome=under_way)


def told(
    cause: Cause, sent: WriteCommand, read_back: Document, version: Version, facts: Facts,
    policy: Policy,
) -> WriteCommand | None:  # fmt: skip
    """What NetSuite said of the estimate, told on the quote; None where it shows that already."""
    quote = salesforce(QUOTE, sent.source.id.removesuffix(STEP))
    found = {
        field: read_back.fields.get(name)
        for name, field in WRITES_BACK.items()
        if name in read_back.fields
    }
    said: Fields = {"NS_Sync_Status__c": "Synced", "NS_Sync_Message__c": None}
    moment: Fields = {LAST_SYNC: moment_of(version)} if moment_of(version) else {}
    to_write = changed_only(Document({**found, **said, **moment}), quote, facts)
    if is_empty(to_write) or (is_alone(to_write) and not is_new_hour(to_write, quote, facts)):
        return None
    return command(
        cause,
        source=sent.target,
        target=quote,
        part=ESTIMATE,
        version=version,
        document=to_write,
        map_hash=policy.maps.hash,
    )


def _stepped(case: Case) -> Case:
    """The case as the step's, with its document under a deal's names."""
    ref, document = case.change.ref, case.change.document
    deal = as_deal(ref, document) if document else None
    return replace(case, change=replace(case.change, ref=step_of(ref), document=deal))


def _as_the_quotes(decision: Decision, case: Case, step: RecordRef) -> Decision:
    """What was decided on the step is said of the quote, and waits for the quote's own change."""
    outcome = decision.outcome
    if outcome is not None:
        waits_on = case.change.ref if outcome.waits_on == step else outcome.waits_on
        outcome = replace(outcome, ref=case.change.ref, waits_on=waits_on)
    return replace(decision, case=case, outcome=outcome)


def _sold(case: Case, opportunity: RecordRef, facts: Facts, policy: Policy) -> Decision | None:
    """Never two sales orders for one deal: its own, or the one of its order, stands or is made."""
    link, has_order = facts.links.get(opportunity), bool(facts.orders.get(opportunity))
    params: Fields = {}
    if link is not None and link.refusal is None:
        record = f"{case.change.ref.kind} {case.change.ref.id}"
        code, params = "ORDER_STANDS", {"record": record, "opportunity": opportunity.id}
    elif link is None and (has_order or _sale(opportunity) in facts.links):
        code = "ORDER_WINS"
    else:
        return None
    outcome = ended(case.cause, Result.FILTERED, code, params=params, map_hash=policy.maps.hash)
    return Decision(case=case, outcome=outcome)


def _ordered(
    case: Case, deal: Document, opportunity: RecordRef, estimate: Link, facts: Facts, policy: Policy
) -> Decision:
    """The order of the deal, made of the estimate and with the lines as the quote has them now."""
    maps = policy.maps
    offer = mapped(maps.named(MAPS[QUOTE]), deal, facts)
    external_id = external_id_of(policy.org_id, opportunity)
    fields: Fields = {
        "createdFrom.id": estimate.netsuite_id,
        "createdFrom.type": ESTIMATE,
        "orderStatus.id": "A",
        **{name: value for name, value in offer.fields.items() if name in CARRIED},
    }
    sent = command(
        case.cause,
        source=opportunity,
        target=netsuite(SALES_ORDER, f"eid:{external_id}"),
        part=PART,
        version=case.change.version,
        document=Document(fields, offer.lines),
        reads_back=maps.named(MAPS[OPPORTUNITY]).reads_back,
        map_hash=maps.hash,
    )
    reserved = Link(source=opportunity, kind=SALES_ORDER, external_id=external_id)
    new = (
        one for one in (reserved, sale_link(_sale(opportunity))) if one.source not in facts.links
    )
    return Decision(case=case, commands=(sent,), reserves=tuple(new))


def _sale(opportunity: RecordRef) -> RecordRef:
    """What the opportunity, its orders and its quotes reserve before the first sales order."""
    return salesforce(SALE_KIND, opportunity.id)
