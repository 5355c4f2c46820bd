"""Opportunities, orders and quotes of Salesforce are sold alike: each read by a deal's names."""

from collections.abc import Mapping

from kernel.records import RecordRef, salesforce
from kernel.values import Document, Value, value_hash
from transform.domain.facts import Link

OPPORTUNITY, ORDER, QUOTE = "Opportunity", "Order", "Quote"
MAPS: Mapping[str, str] = {
    OPPORTUNITY: "opportunity-to-sales-order",
    ORDER: "order-to-sales-order",
    QUOTE: "quote-to-estimate",
}
NAMES: Mapping[str, str] = {
    "StageName": "Status",
    "Amount": "TotalAmount",
    "CloseDate": "EffectiveDate",
    "NS_PO_Number__c": "PoNumber",
}
"""What a deal calls a field of an order."""
DEAL_LINES, ORDER_LINES = "OpportunityLineItems", "OrderItems"
QUOTE_LINES, OWN_LINE = "QuoteLineItems", "OpportunityLineItemId"
ACTIVATED = "Activated"
OFFERED = frozenset({"Approved", "Presented", "Accepted"})
"""Statuses in which a quote stands in NetSuite as an estimate."""
STEP = "-estimate"
"""Ends the id under which the estimate of a quote is decided on, as a deal of its own."""
ORDER_MARK = "order:"
"""Stands before the id of each order among what is remembered of the opportunity that it was made
from: as long as there is one, it wins."""
YES = value_hash(True)
SALE_KIND, SALE = "Sale", "sale"
"""Kinds of the link that an opportunity, its orders and its quotes reserve before the first sales
order: it says that one has it, so that of all, decided at once, only one makes a sales order."""


def as_deal(ref: RecordRef, document: Document) -> Document:
    """An order or a quote under its own names and a deal's; anything else as it is."""
    if ref.kind == QUOTE:
        return _quoted(document)
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
    return salesforce(SALE_KIND, opportunity.id) if opportunity else None


def order_noted(opportunity: RecordRef, order: RecordRef) -> tuple[RecordRef, str]:
    """Where it is remembered that the opportunity has this order."""
    return (opportunity, f"{ORDER_MARK}{order.id}")


def sale_link(sale: RecordRef) -> Link:
    return Link(source=sale, kind=SALE, external_id="")


def step_of(quote: RecordRef) -> RecordRef:
    return salesforce(quote.kind, f"{quote.id}{STEP}")


def opportunity_of(document: Document) -> RecordRef | None:
    found = document.fields.get("OpportunityId")
    return salesforce(OPPORTUNITY, found) if isinstance(found, str) and found else None


def _quoted(document: Document) -> Document:
    """A line that stands in the deal too goes under that line's id: so the order that is made of
    the quote has the lines that the deal will be won with."""
    fields: dict[str, Value] = {
        **document.fields,
        "StageName": document.fields.get("Status"),
        "Amount": document.fields.get("TotalPrice"),
        "IsWon": document.fields.get("Status") in OFFERED,
    }
    lines = tuple(
        {**line, "Id": line.get(OWN_LINE) or line.get("Id")}
        for line in document.lines.get(QUOTE_LINES, ())
    )
    return Document(fields, {**document.lines, QUOTE_LINES: lines, DEAL_LINES: lines})
