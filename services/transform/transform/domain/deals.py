"""Opportunities and orders of Salesforce are sold alike: an order read by a deal's names."""

from collections.abc import Mapping

from kernel.records import RecordRef, salesforce
from kernel.values import Document, Value, value_hash
from transform.domain.facts import Link

OPPORTUNITY, ORDER = "Opportunity", "Order"
MAPS: Mapping[str, str] = {
    OPPORTUNITY: "opportunity-to-sales-order",
    ORDER: "order-to-sales-order",
}
NAMES: Mapping[str, str] = {
    "StageName": "Status",
    "Amount": "TotalAmount",
    "CloseDate": "EffectiveDate",
    "NS_PO_Number__c": "PoNumber",
}
"""What a deal calls a field of an order."""
DEAL_LINES, ORDER_LINES = "OpportunityLineItems", "OrderItems"
ACTIVATED = "Activated"
HAS_ORDER = "order"
"""Stands among what is remembered of an opportunity that has an order of its own, which wins."""
YES = value_hash(True)
SALE = "sale"
"""Kind of the link that an opportunity and its orders reserve before the first sales order: it says
that one side has it, so that of both, decided at once, only one makes a sales order."""


def as_deal(ref: RecordRef, document: Document) -> Document:
    """An order under its own names and a deal's; anything else as it is."""
    if ref.kind != ORDER:
        return document
    fields: dict[str, Value] = {
        **document.fields,
        **{name: document.fields.get(own) for name, own in NAMES.items()},
        "Name": document.fields.get("Name") or document.fields.get("OrderNumber"),
        "IsWon": document.fields.get("StatusCode") == ACTIVATED,
    }
    return Document(fields, {**document.lines, DEAL_LINES: document.lines.get(ORDER_LINES, ())})


def sale_of(ref: RecordRef, document: Document) -> RecordRef | None:
    """What an opportunity and its orders have in common; None for an order of its own."""
    opportunity = ref if ref.kind == OPPORTUNITY else opportunity_of(document)
    return salesforce("Sale", opportunity.id) if opportunity else None


def sale_link(sale: RecordRef) -> Link:
    return Link(source=sale, kind=SALE, external_id="")


def opportunity_of(document: Document) -> RecordRef | None:
    found = document.fields.get("OpportunityId")
    return salesforce(OPPORTUNITY, found) if isinstance(found, str) and found else None
