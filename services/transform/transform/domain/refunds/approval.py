"""Whether somebody who may has said yes: requested, approved by another, or below a limit."""

from decimal import Decimal

from kernel.refunds import Reason
from transform.domain.checks import Fault
from transform.domain.refunds.billed import Billed
from transform.domain.refunds.request import APPROVED, Request

ONE = Decimal(1)


def unapproved(request: Request, reason: Reason, billed: Billed) -> Fault | None:
    """Finance keeps control: without an approval only what the reason's limit allows."""
    if is_approved(request):
        if request.approved_by == request.requested_by:
            return Fault(code="REQUESTER_IS_APPROVER", params={"name": request.name})
        return None
    if _is_small(request, reason, billed):
        return None
    return Fault(code="AWAITS_APPROVAL", params={"name": request.name})


def is_approved(request: Request) -> bool:
    return request.status in APPROVED and bool(request.approved_by)


def _is_small(request: Request, reason: Reason, billed: Billed) -> bool:
    """The limit is in base currency, so the billed document's own rate counts."""
    if request.amount is None or not reason.auto_limit:
        return False
    return request.amount * (billed.rate or ONE) <= reason.auto_limit
