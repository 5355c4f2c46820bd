"""Whether somebody who may has said yes: requested, approved by another, or below a limit."""

from datetime import date, datetime

from kernel.money import Money
from kernel.rates import Pair, Rate, preview
from transform.domain.checks import Fault
from transform.domain.facts import Case, RateDay
from transform.domain.money_rules.books import CURRENCY, ROOT, SUBSIDIARY, base_currency
from transform.domain.money_rules.rates import newest_rate, stale_rate
from transform.domain.refunds.billed import Billed
from transform.domain.refunds.commands import Order
from transform.domain.refunds.request import APPROVED, Request
from transform.domain.refunds.steps import fault_of

REFERENCES = frozenset({SUBSIDIARY, CURRENCY})


def rates_wanted(case: Case) -> frozenset[RateDay]:
    """By which a request below a limit is compared with it."""
    document, day = case.change.document, told_on(case)
    currency = document.fields.get("CurrencyIsoCode") if document else None
    return frozenset({RateDay(currency, day)} if isinstance(currency, str) and day else ())


def told_on(case: Case) -> date | None:
    """The day, in UTC, on which the request was last changed."""
    document = case.change.document
    changed_at = document.fields.get("SystemModstamp") if document else None
    return case.told_on or (changed_at.date() if isinstance(changed_at, datetime) else None)


def approval_of(order: Order, billed: Billed) -> Fault | str:
    """Finance keeps control: without an approval only what the reason's limit allows.

    What allows it in words, or why nothing may be entered yet.
    """
    request = order.request
    if is_approved(request):
        if request.approved_by == request.requested_by:
            return fault_of(request, "REQUESTER_IS_APPROVER")
        return f"approved by {request.approved_by}"
    if request.amount is None or not order.reason.auto_limit:
        return fault_of(request, "AWAITS_APPROVAL")
    return _below_limit(order, billed, request)


def is_approved(request: Request) -> bool:
    return request.status in APPROVED and bool(request.approved_by)


def _below_limit(order: Order, billed: Billed, request: Request) -> Fault | str:
    """The limit is in the currency of the billed document's books: today's rate counts, not that
    of the day on which it was billed."""
    amount, limit, reason = request.amount, order.reason.auto_limit, order.reason.name
    base = billed.base or base_currency(billed.subsidiary or ROOT, order.facts)
    rate = _rate(order, Pair(billed.currency, base)) if base else None
    if amount is None or base is None or (rate is None and base != billed.currency):
        return fault_of(request, "LIMIT_WITHOUT_RATE", reason=reason, currency=billed.currency)
    worth = Money(preview(amount, rate.value, base) if rate else amount, base)
    allowed = Money(limit, base)
    at = f" at NetSuite's rate {rate.value} of {rate.effective.isoformat()}" if rate else ""
    said = f"{billed.money(amount)} is {worth}{at}"
    if worth.amount > limit:
        return fault_of(request, "OVER_LIMIT", reason=reason, worth=said, limit=str(allowed))
    return f"below the limit of {allowed}: {said}"


def _rate(order: Order, pair: Pair) -> Rate | None:
    """NetSuite's of the day on which the request was last changed; None where it is too old."""
    day, rules = told_on(order.case), order.policy.money.rates
    if day is None or stale_rate(pair, day, day, order.facts, rules):
        return None
    return newest_rate(pair, day, order.facts)
