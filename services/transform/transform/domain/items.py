"""A NetSuite item becomes a product, or is told to the one that sells it already."""

from kernel.messages import Result
from kernel.records import RecordRef, salesforce
from kernel.values import Document
from transform.domain.decisions import Decision, changed_only, command, ended, is_empty
from transform.domain.facts import Case, Facts, Policy, Wanted
from transform.domain.mapping import mapped

MAP = "item-to-product"
PRODUCT, KEY = "Product2", "NS_Item_Id__c"


def product_target(item: RecordRef) -> RecordRef:
    """The product that names the item. The writer finds one that has only the item's code."""
    return salesforce(PRODUCT, f"eid:{KEY}:{item.id}")


def wanted(case: Case, policy: Policy) -> Wanted:
    return Wanted(targets=frozenset({product_target(case.change.ref)}))


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    record_map = policy.maps.named(MAP)
    fields = document.fields
    name = fields.get("displayName") or fields.get("itemId")
    target = product_target(case.change.ref)
    complete = Document({**fields, "item.name": name})
    to_write = changed_only(mapped(record_map, complete, facts), target, facts)
    if is_empty(to_write):
        ends = ended(case.cause, Result.UNCHANGED, "UNCHANGED", map_hash=policy.maps.hash)
        return Decision(case=case, outcome=ends)
    sent = command(
        case.cause,
        source=case.change.ref,
        target=target,
        part=record_map.part,
        version=case.change.version,
        document=to_write,
        map_hash=policy.maps.hash,
    )
    return Decision(case=case, commands=(sent,))
