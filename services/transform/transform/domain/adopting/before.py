"""What was closed before both systems were adopted has its order already, in whatever way."""

from datetime import date, datetime

from kernel.records import RecordRef
from kernel.values import Document
from transform.domain.facts import Facts

ADOPTION, WATERMARK = "adoption", "watermark"
"""Kind and key of the reference that says since when the stream is followed."""


def closed_before_adoption(ref: RecordRef, document: Document, facts: Facts) -> date | None:
    """The day on which it was closed, where that lies before the adoption and no order of ours
    stands; None: it is followed like any other."""
    adopted = facts.references.get((ADOPTION, WATERMARK))
    closed = document.fields.get("CloseDate")
    if adopted is None or ref in facts.links or not isinstance(closed, date):
        return None
    since = datetime.fromisoformat(str(adopted.fields.get("at"))).date()
    return closed if closed < since else None
