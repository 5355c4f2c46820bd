"""A payment that is paid back although it settles invoices: how much less it must settle first."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from transform.domain.refunds.billed import Application, Billed
from transform.domain.refunds.credits import Credit, CreditedLine

PAYMENT, INVOICE = "customerPayment", "invoice"
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """One application of the payment."""

    of: Application
    by: Decimal

    @property
    def stays(self) -> Decimal:
        """At most this much of it."""
        return self.of.amount - self.by

    @property
    def remembered(self) -> CreditedLine:
        """On the refund's own credit: the document that opens again, and by how much."""
        return CreditedLine(line=self.of.doc, quantity=ZERO, net=self.by, tax=ZERO)


def liftable(billed: Billed, others: Iterable[Credit]) -> Decimal:
    """How much of a payment can be paid back if it settles nothing: all but what went back."""
    ours = tuple(others)
    known = {credit.netsuite_id for credit in ours}
    gone = sum(
        (one.amount for one in billed.applications if one.type != INVOICE and one.doc not in known),
        ZERO,
    )
    return max(billed.total - gone - sum((credit.gross for credit in ours), ZERO), ZERO)


def lifts_of(billed: Billed, others: Iterable[Credit], amount: Decimal) -> tuple[Lift, ...]:
    """The last applications first, as much as `amount` and our refunds under way need."""
    shown = {one.doc for one in billed.applications}
    under_way = sum((one.gross for one in others if one.netsuite_id not in shown), ZERO)
    unapplied = billed.total - sum((one.amount for one in billed.applications), ZERO)
    needed = under_way + amount - min(billed.remaining, unapplied)
    found: list[Lift] = []
    for one in reversed([each for each in billed.applications if each.type == INVOICE]):
        by = min(needed, one.amount)
        if by > ZERO:
            found.append(Lift(of=one, by=by))
            needed -= by
    return tuple(found)
