"""What an order's invoices add up to, as sales wants to see it: billed, paid, remaining, status."""

from dataclasses import dataclass
from decimal import Decimal

from kernel.values import Document, Fields, Value

INVOICES = "invoices"
ZERO = Decimal(0)
NO_MONEY = frozenset({"V", "E"})
"""Status letters of invoices that are voided or rejected: nothing is owed on them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """Sums over an order's invoices, in transaction currency."""

    ordered: Decimal
    billed: Decimal
    paid: Decimal
    remaining: Decimal

    @property
    def status(self) -> str:
        """Not billed, Partly billed, Billed, Partly paid or Paid."""
        if self.billed == ZERO:
            return "Not billed"
        if self.remaining == ZERO and self.billed >= self.ordered:
            return "Paid"
        if self.paid > ZERO:
            return "Partly paid"
        return "Billed" if self.billed >= self.ordered else "Partly billed"


def billing_of(order: Document) -> Billing | None:
    """None where the document was read without its invoices."""
    if INVOICES not in order.lines:
        return None
    counted = [line for line in order.lines[INVOICES] if line.get("status.id") not in NO_MONEY]
    billed, remaining = _sum(counted, "total"), _sum(counted, "amountRemaining")
    return Billing(
        ordered=_amount(order.fields.get("total")),
        billed=billed,
        paid=billed - remaining,
        remaining=remaining,
    )


def with_billing(order: Document) -> Document:
    """The document with its sums as the fields `billing.*` that a map can read."""
    billing = billing_of(order)
    if billing is None:
        return order
    sums: dict[str, Value] = {
        "billing.status": billing.status,
        "billing.billed": billing.billed,
        "billing.paid": billing.paid,
        "billing.remaining": billing.remaining,
    }
    return Document({**order.fields, **sums}, order.lines)


def _sum(lines: list[Fields], name: str) -> Decimal:
    return sum((_amount(line.get(name)) for line in lines), ZERO)


def _amount(value: Value) -> Decimal:
    return Decimal(value) if isinstance(value, int | Decimal) else ZERO
