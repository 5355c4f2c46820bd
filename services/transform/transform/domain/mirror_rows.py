"""The rows that show a NetSuite transaction in Salesforce: their keys and what they hold."""

from collections.abc import Iterator
from dataclasses import dataclass

from kernel.maps import RecordMap
from kernel.records import TRANSACTION_KINDS, RecordRef, netsuite, salesforce
from kernel.values import Document, Fields
from transform.domain.facts import Facts, Link, LinkStatus
from transform.domain.lifecycle import DELETED
from transform.domain.mapping import mapped

ROW, LINE, APPLICATION = "NS_Transaction__c", "NS_Transaction_Line__c", "NS_Application__c"
ROW_KEY, LINE_KEY, APPLICATION_KEY = (
    "NS_Internal_Id__c",
    "NS_Line_Key__c",
    "NS_Application_Key__c",
)
PARENT, PAYING, APPLIED_TO, SOURCE = (
    f"{relationship}.{ROW_KEY}"
    for relationship in (
        "Transaction__r",
        "Paying_Transaction__r",
        "Applied_To__r",
        "Source_Transaction__r",
    )
)
SOLD = {"Opportunity__c": "Opportunity", "Order__c": "Order"}
"""Fields that name what a document was sold by, and its kind."""
GONE = ":gone"
"""Ends the part of a command that removes its target."""
LINK_KIND = "transactionRow"
"""Kind under which the link of a transaction to its row is kept; the transaction itself may be
linked to what it was made from, under its own kind."""
USES = frozenset({"customerRefund", "depositApplication"})
"""Kinds that settle, or use up, whatever they are applied to."""
TYPES = {
    "salesOrder": "Sales Order",
    "invoice": "Invoice",
    "creditMemo": "Credit Memo",
    "customerPayment": "Payment",
    "customerRefund": "Customer Refund",
    "customerDeposit": "Customer Deposit",
    "depositApplication": "Deposit Application",
    "cashSale": "Cash Sale",
    "cashRefund": "Cash Refund",
    "returnAuthorization": "Return Authorization",
    "itemReceipt": "Item Receipt",
    "itemFulfillment": "Item Fulfillment",
}
"""Kind → what the row calls it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A row below: a line, or an application with the transaction that it settles."""

    target: RecordRef
    document: Document
    settles: RecordRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """As they should stand."""

    header: Document
    children: tuple[Child, ...]


def row_ref(transaction: str) -> RecordRef:
    return salesforce(ROW, f"eid:{ROW_KEY}:{transaction}")


def row_link(transaction: str, *, stands: bool) -> Link:
    return Link(
        source=row_ref(transaction),
        kind=LINK_KIND,
        external_id="",
        netsuite_id=transaction if stands else "",
    )


def stands(transaction: str, facts: Facts) -> bool:
    link = facts.links.get(row_ref(transaction))
    return link is not None and link.status is LinkStatus.LINKED


def rows_of(ref: RecordRef, document: Document, record_map: RecordMap, facts: Facts) -> Rows:
    complete = _complete(ref, document)
    found = mapped(record_map, complete, facts)
    source = document.fields.get("createdFrom.id")
    parents = {SOURCE: source} if source and stands(str(source), facts) else {}
    gone = {field: None for field, kind in SOLD.items() if _is_gone(kind, found, field, facts)}
    lines = zip(complete.lines.get("item", ()), found.lines.get(LINE, ()), strict=True)
    settled = zip(complete.lines.get("apply", ()), found.lines.get(APPLICATION, ()), strict=True)
    return Rows(
        header=Document({**found.fields, **parents, **gone}),
        children=(
            *(_line(ref, line, fields) for line, fields in lines),
            *(_application(ref, line, fields) for line, fields in settled),
        ),
    )


def _is_gone(kind: str, found: Document, field: str, facts: Facts) -> bool:
    """A row cannot name what lies in the recycle bin."""
    record_id = found.fields.get(field)
    known = isinstance(record_id, str) and facts.applied.get((salesforce(kind, record_id), DELETED))
    return bool(known)


def children_of(ref: RecordRef, document: Document) -> tuple[RecordRef, ...]:
    """The rows below."""
    return (
        *(_line_ref(ref, line) for line in document.lines.get("item", ())),
        *(_application_ref(ref, line) for line in _settling(ref, document)),
    )


def settled_by(ref: RecordRef, document: Document) -> tuple[RecordRef, ...]:
    """The transactions that this one settles or uses up."""
    return tuple(_other(line) for line in _settling(ref, document))


def _complete(ref: RecordRef, document: Document) -> Document:
    """With what a map can read besides: the type's name, and on each line the currency."""
    currency = {"document.currency": document.fields.get("currency.refName")}
    lists = {"item": document.lines.get("item", ()), "apply": tuple(_settling(ref, document))}
    return Document(
        {**document.fields, "row.type": TYPES[ref.kind]},
        {name: tuple({**line, **currency} for line in lines) for name, lines in lists.items()},
    )


def _settling(ref: RecordRef, document: Document) -> Iterator[Fields]:
    """Applications by which this one settles another; the other one's reading names them too, but
    each row is told by one side."""
    for line in document.lines.get("apply", ()):
        kind = line.get("type")
        settles_it = ref.kind in USES or (kind == "invoice" and ref.kind != "invoice")
        if settles_it and kind in TRANSACTION_KINDS:
            yield line


def _line(ref: RecordRef, line: Fields, fields: Fields) -> Child:
    return Child(target=_line_ref(ref, line), document=Document({**fields, PARENT: ref.id}))


def _application(ref: RecordRef, line: Fields, fields: Fields) -> Child:
    other = _other(line)
    document = Document({**fields, PAYING: ref.id, APPLIED_TO: other.id})
    return Child(target=_application_ref(ref, line), document=document, settles=other)


def _line_ref(ref: RecordRef, line: Fields) -> RecordRef:
    return salesforce(LINE, f"eid:{LINE_KEY}:{ref.id}-{line.get('line')}")


def _application_ref(ref: RecordRef, line: Fields) -> RecordRef:
    return salesforce(APPLICATION, f"eid:{APPLICATION_KEY}:{ref.id}-{line.get('doc')}")


def _other(line: Fields) -> RecordRef:
    return netsuite(str(line.get("type")), str(line.get("doc")))
