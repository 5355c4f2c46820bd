"""A rate that a contract fixes: it is sent only with a reason and somebody else's approval."""

from decimal import Decimal

from kernel.rates import RATE_DIGITS
from kernel.values import Document

RATE, REASON = "NS_Pinned_Rate__c", "NS_Pinned_Rate_Reason__c"
APPROVER, OWNER = "NS_Pinned_Rate_Approved_By__c", "OwnerId"


def pinned_rate(document: Document) -> Decimal | None:
    """Base units for one of the order's currency; None where NetSuite's own rate is wanted."""
    value = document.fields.get(RATE)
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return Decimal(value) if is_number else None  # type: ignore[arg-type]  # a number by now


def lacks(document: Document, rate: Decimal) -> str | None:
    """What a pinned rate is missing, as a sentence goes on; None where it may be sent."""
    fields = document.fields
    if rate <= 0 or rate != round(rate, RATE_DIGITS):
        return f"a value above zero with at most {RATE_DIGITS} decimals"
    if not fields.get(REASON):
        return "a reason"
    if not fields.get(APPROVER):
        return "somebody who approved it"
    if fields.get(APPROVER) == fields.get(OWNER):
        return "an approver who does not own the deal"
    return None
