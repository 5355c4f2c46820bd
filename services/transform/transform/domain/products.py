"""A product that names its NetSuite item is linked to it; orders that waited for that follow."""

from kernel.messages import Result
from kernel.values import Document
from transform.domain.decisions import Decision, ended
from transform.domain.facts import Case, Facts, Link, Policy, Wanted

KIND = "item"
FIELD = "NS_Item_Id__c"


def wanted(case: Case, policy: Policy) -> Wanted:
    return Wanted(links=frozenset({case.change.ref}))


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    item = document.fields.get(FIELD)
    link = facts.links.get(case.change.ref)
    map_hash = policy.maps.hash
    if not isinstance(item, str) or not item:
        unlinks = (case.change.ref,) if link else ()
        outcome = ended(case.cause, Result.FILTERED, "PRODUCT_WITHOUT_ITEM", map_hash=map_hash)
        return Decision(case=case, outcome=outcome, unlinks=unlinks)
    if link and link.netsuite_id == item:
        outcome = ended(case.cause, Result.UNCHANGED, "UNCHANGED", map_hash=map_hash)
        return Decision(case=case, outcome=outcome)
    linked = Link(source=case.change.ref, kind=KIND, external_id="", netsuite_id=item)
    outcome = ended(
        case.cause, Result.APPLIED, "PRODUCT_LINKED", params={"item": item}, map_hash=map_hash
    )
    return Decision(case=case, outcome=outcome, links=(linked,))
