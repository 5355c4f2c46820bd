"""What an order's invoices and credits add up to, as sales wants to see it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kernel.values import Document, Fields, Value

INVOICES, CREDITS = "invoices", "credits"
ZERO = Decimal(0)
NO_MONEY = frozenset({"V", "E"})
"""Status letters of invoices that are voided or rejected: nothing is owed on them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """Sums over an order's invoices and credits, in transaction currency."""

    ordered: Decimal
    billed: Decimal
    credited: Decimal
    """All that was credited of it, also where the money went back or stays as a credit."""
    applied: Decimal
    """How much of that settles its invoices."""
    remaining: Decimal
    is_overdue: bool = False
    """Something is still to be paid that was due."""

    @property
    def paid(self) -> Decimal:
        return self.billed - self.remaining - self.applied

    @property
    def net(self) -> Decimal:
        return self.billed - self.credited

    @property
    def status(self) -> str:
        """Not billed, Partly billed, Billed, Partly paid, Paid, Credited or Overdue."""
        if self.billed == ZERO:
            return "Not billed"
        if self.net <= ZERO:
            return "Credited"
        if self.is_overdue:
            return "Overdue"
        if self.remaining == ZERO and self.billed >= self.ordered:
            return "Paid"
        if self.paid > ZERO:
            return "Partly paid"
        return "Billed" if self.billed >= self.ordered else "Partly billed"


def billing_of(order: Document, today: date | None = None) -> Billing | None:
    """None where the document was read without its invoices. `today` as the reading has it; what
    is due later than then is not overdue."""
    if INVOICES not in order.lines:
        return None
    invoices = _counted(order.lines[INVOICES])
    credits = _counted(order.lines.get(CREDITS, ()))
    return Billing(
        ordered=_amount(order.fields.get("total")),
        billed=_sum(invoices, "total"),
        credited=_sum(credits, "amount"),
        applied=_sum(credits, "applied"),
        remaining=_sum(invoices, "amountRemaining"),
        is_overdue=any(_is_overdue(line, today) for line in invoices),
    )


def with_billing(order: Document, today: date | None = None) -> Document:
    """The document with its sums as the fields `billing.*` that a map can read."""
    billing = billing_of(order, today)
    if billing is None:
        return order
    sums: dict[str, Value] = {
        "billing.status": billing.status,
        "billing.billed": billing.billed,
        "billing.net": billing.net,
        "billing.paid": billing.paid,
        "billing.remaining": billing.remaining,
    }
    return Document({**order.fields, **sums}, order.lines)


def _counted(lines: tuple[Fields, ...]) -> list[Fields]:
    return [line for line in lines if line.get("status.id") not in NO_MONEY]


def _is_overdue(invoice: Fields, today: date | None) -> bool:
    due = invoice.get("dueDate")
    is_open = _amount(invoice.get("amountRemaining")) > ZERO
    return is_open and today is not None and isinstance(due, date) and due < today


def _sum(lines: list[Fields], name: str) -> Decimal:
    return sum((_amount(line.get(name)) for line in lines), ZERO)


def _amount(value: Value) -> Decimal:
    return Decimal(value) if isinstance(value, int | Decimal) else ZERO
