"""What a refund request leads to in the books, or why it is held: the accounting table as code."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from kernel.money import is_whole_in_minor_units
from kernel.refunds import Rate, Reason, Rest
from kernel.values import Value
from transform.domain.checks import Fault
from transform.domain.refunds.billed import (
    Billed,
    Left,
    credited_lines,
    left_of,
    unclear,
    unused_of,
)
from transform.domain.refunds.credits import Credit
from transform.domain.refunds.lifting import PAYMENT, Lift, liftable, lifts_of
from transform.domain.refunds.lines import CreditLine, credit_lines
from transform.domain.refunds.request import LEAVE, PAY_BACK, Request

ZERO = Decimal(0)
SALES = frozenset({"invoice", "cashSale"})
"""Documents with lines, whose revenue and tax are taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much goes where. `payout` is paid back after the credit stands."""

    billed: Billed
    gross: Decimal
    applied: Decimal
    payout: Decimal
    lines: tuple[CreditLine, ...]
    day: date | None
    """None: NetSuite's own today."""
    original_day: date | None
    """When it happened, where its period is shut and `day` is later."""
    rate: Decimal | None
    """The exchange rate that the credit must take; None: NetSuite's own for the day."""
    left: Left
    lifts: tuple[Lift, ...] = ()
    """First a payment must settle that much less; nothing is paid back before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a plan is made from."""

    request: Request
    reason: Reason
    billed: Billed
    others: Sequence[Credit]
    """Credits of other requests on the same document."""
    day: date | None
    """When the documents are dated; None where the request does not say or no period is open."""


def plan_of(known: Known) -> Plan | Fault:
    """The first fault in the order in which a person would mend them, else the plan."""
    request, billed = known.request, known.billed
    if fault := _of_currency(request, billed) or _of_amount(request, billed):
        return fault
    if known.reason.needs_item and not known.reason.item:
        return _fault(request, "REASON_NEEDS_ITEM", reason=known.reason.name)
    if other := unclear(billed, known.others):
        return Fault(
            code="WAITS_FOR_CREDIT", params=_params(request, billed), waits_on=other.step
        )  # fmt: skip
    if billed.ref.kind in SALES:
        return _of_sale(known)
    return _of_money(known)


def _of_sale(known: Known) -> Plan | Fault:
    """Revenue and tax of an invoice or a cash sale are taken back."""
    request, billed = known.request, known.billed
    left = left_of(billed, known.others)
    asked = request.amount
    if asked is not None and asked > left.creditable:
        return _over(request, billed, asked, left)
    lines = credit_lines(request, billed, credited_lines(known.others))
    if isinstance(lines, Fault):
        return lines
    gross = sum((line.gross for line in lines), ZERO)
    if gross > left.creditable:
        return _over(request, billed, gross, left)
    if gross <= ZERO:
        return _fault(request, "REFUND_AMOUNT_MISSING")
    if billed.ref.kind == "cashSale":
        return _dated(known, left, gross, ZERO, gross, lines)
    applied = ZERO if request.method == LEAVE else min(gross, left.open)
    payout = gross - applied if pays_back(request, known.reason) else ZERO
    return _dated(known, left, gross, applied, payout, lines)


def pays_back(request: Request, reason: Reason) -> bool:
    """What the invoice does not need, where the request does not say that it stays as credit."""
    if request.method in {LEAVE, PAY_BACK}:
        return request.method == PAY_BACK
    return reason.rest is Rest.REFUND


def _of_money(known: Known) -> Plan | Fault:
    """A payment, deposit or open credit is paid back: no revenue is touched."""
    request, billed = known.request, known.billed
    left = unused_of(billed, known.others)
    amount = left.creditable if request.amount is None else request.amount
    if amount <= left.creditable:
        if amount <= ZERO:
            return _fault(request, "REFUND_AMOUNT_MISSING")
        return _dated(known, left, amount, ZERO, amount, ())
    if billed.ref.kind != PAYMENT:
        return _over(request, billed, amount, left)
    if not known.reason.unapplies:
        return _over(request, billed, amount, left, "PAYMENT_APPLIED")
    whole = liftable(billed, known.others)
    if amount > whole:
        return _over(request, billed, amount, replace(left, creditable=whole))
    plan = _dated(known, left, amount, ZERO, amount, ())
    if isinstance(plan, Fault):
        return plan
    return replace(plan, lifts=lifts_of(billed, known.others, amount))


def _dated(
    known: Known,
    left: Left,
    gross: Decimal,
    applied: Decimal,
    payout: Decimal,
    lines: tuple[CreditLine, ...],
) -> Plan | Fault:
    event = known.request.event_date
    day = known.day
    if event and day is None:
        return _fault(
            known.request, "PERIODS_CLOSED", value=event, billed=known.billed.label
        )  # fmt: skip
    return Plan(
        billed=known.billed,
        gross=gross,
        applied=applied,
        payout=payout,
        lines=lines,
        day=day,
        original_day=event if day != event else None,
        rate=known.billed.rate if known.reason.rate is Rate.INVOICE else None,
        left=left,
    )


def _of_currency(request: Request, billed: Billed) -> Fault | None:
    if request.currency == billed.currency:
        return None
    return _fault(
        request,
        "CURRENCY_MISMATCH",
        currency=request.currency or None,
        billed=billed.label,
        expected=billed.currency,
    )


def _of_amount(request: Request, billed: Billed) -> Fault | None:
    amounts = [request.amount, *(line.amount for line in request.lines)]
    for amount in (one for one in amounts if one is not None):
        if amount <= ZERO:
            return _fault(request, "REFUND_AMOUNT_MISSING")
        if not is_whole_in_minor_units(amount, billed.currency):
            return _fault(
                request, "REFUND_NOT_PAYABLE", value=amount, currency=billed.currency
            )  # fmt: skip
    if request.amount is None and not request.lines and billed.ref.kind in SALES:
        return _fault(request, "REFUND_AMOUNT_MISSING")
    return None


def _over(
    request: Request, billed: Billed, amount: Decimal, left: Left, code: str = "OVER_CREDIT"
) -> Fault:
    params = {
        **_params(request, billed),
        "value": billed.money(amount),
        "max": billed.money(left.creditable),
    }
    return Fault(code=code, params=params)


def _params(request: Request, billed: Billed) -> dict[str, Value]:
    return {"name": request.name, "billed": billed.label}


def _fault(request: Request, code: str, **params: Value) -> Fault:
    return Fault(code=code, params={"name": request.name, **params})
