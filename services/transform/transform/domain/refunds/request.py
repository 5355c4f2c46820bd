"""A refund request as Salesforce tells it, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from kernel.records import RecordRef, netsuite
from kernel.values import Document, Fields, Value

LINES = "Lines__r"
KINDS: Mapping[str, str] = {
    "Invoice": "invoice",
    "Cash Sale": "cashSale",
    "Payment": "customerPayment",
    "Customer Deposit": "customerDeposit",
    "Credit Memo": "creditMemo",
}
"""Types of documents on which money or goods can be given back, and their kinds at NetSuite."""
LEAVE, APPLY, PAY_BACK = "Leave as credit", "Apply to invoice", "Pay back"
DRAFT, SUBMITTED, REJECTED, CANCELLED, DONE = (
    "Draft", "Submitted", "Rejected", "Cancelled", "Done",
)  # fmt: skip
APPROVED = frozenset({"Approved", "In progress", DONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    line: str
    """Key of the line in its document; empty where the request does not say."""
    quantity: Decimal | None
    amount: Decimal | None
    """With tax."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    ref: RecordRef
    name: str
    status: str
    reason: str
    method: str
    amount: Decimal | None
    """With tax."""
    currency: str
    event_date: date | None
    requested_by: str
    approved_by: str
    approved_at: datetime | None
    billed: RecordRef | None
    """The document the request is about; None where it names none that can be given back on."""
    lines: tuple[RequestLine, ...]


def request_of(ref: RecordRef, document: Document) -> Request:
    fields = document.fields
    approved_at = fields.get("Approved_At__c")
    event_date = fields.get("Event_Date__c")
    return Request(
        ref=ref,
        name=_text(fields.get("Name")) or ref.id,
        status=_text(fields.get("Status__c")) or DRAFT,
        reason=_text(fields.get("Reason__c")),
        method=_text(fields.get("Refund_Method__c")),
        amount=_number(fields.get("Amount__c")),
        currency=_text(fields.get("CurrencyIsoCode")),
        event_date=event_date if isinstance(event_date, date) else None,
        requested_by=_text(fields.get("Requested_By__c")),
        approved_by=_text(fields.get("Approved_By__c")),
        approved_at=approved_at if isinstance(approved_at, datetime) else None,
        billed=billed_by(document),
        lines=tuple(_line(line) for line in document.lines.get(LINES, ())),
    )


def billed_by(document: Document) -> RecordRef | None:
    kind = KINDS.get(_text(document.fields.get("Invoice__r.Type__c")))
    record_id = _text(document.fields.get("Invoice__r.NS_Internal_Id__c"))
    return netsuite(kind, record_id) if kind and record_id else None


def _line(line: Fields) -> RequestLine:
    """The line's key stands behind its document's id: `812-3`."""
    key = _text(line.get("Transaction_Line__r.NS_Line_Key__c"))
    return RequestLine(
        line=key.rpartition("-")[2],
        quantity=_number(line.get("Quantity__c")),
        amount=_number(line.get("Amount__c")),
    )


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Value) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value)
