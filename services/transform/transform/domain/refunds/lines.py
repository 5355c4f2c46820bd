"""Which lines of a billed document are credited, and by how much before tax and in tax."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from kernel.money import minor_units, rounded, split
from kernel.values import Value
from transform.domain.checks import Fault
from transform.domain.refunds.billed import Billed, BilledLine
from transform.domain.refunds.credits import CreditedLine
from transform.domain.refunds.request import Request, RequestLine

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLine:
    """A line of the credit, from a line of the billed document."""

    of: BilledLine
    quantity: Decimal
    """Of goods; 0 where only an amount is credited."""
    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax

    @property
    def counted(self) -> CreditedLine:
        return CreditedLine(line=self.of.key, quantity=self.quantity, net=self.net, tax=self.tax)


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """What our earlier credits left of a line."""

    line: BilledLine
    quantity: Decimal
    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


def open_lines(billed: Billed, credited: Mapping[str, CreditedLine]) -> tuple[Open, ...]:
    return tuple(_open(line, credited.get(line.key)) for line in billed.lines)


def credit_lines(
    request: Request, billed: Billed, credited: Mapping[str, CreditedLine]
) -> tuple[CreditLine, ...] | Fault:
    """The lines that the request names, else its amount over all lines in their proportion."""
    left = open_lines(billed, credited)
    if not request.lines:
        return _over_all(request.amount or ZERO, left, billed.currency)
    by_key = {one.line.key: one for one in left}
    chosen: list[CreditLine] = []
    for wish in request.lines:
        one = by_key.get(wish.line)
        if one is None:
            return _fault(request, "REFUND_LINE_UNKNOWN", billed=billed.label)
        line = _chosen(request, billed, wish, one)
        if isinstance(line, Fault):
            return line
        chosen.append(line)
    total = sum((line.gross for line in chosen), ZERO)
    if request.amount is not None and request.amount != total:
        return _fault(
            request,
            "REFUND_TOTAL_MISMATCH",
            value=billed.money(request.amount),
            expected=billed.money(total),
        )
    return tuple(chosen)


def _over_all(amount: Decimal, left: tuple[Open, ...], currency: str) -> tuple[CreditLine, ...]:
    parts = split(amount, [one.gross for one in left], minor_units(currency))
    each = (
        _part(one, part, one.quantity if part == one.gross else ZERO, currency)
        for one, part in zip(left, parts, strict=True)
    )
    return tuple(line for line in each if line.gross)


def _chosen(
    request: Request, billed: Billed, wish: RequestLine, one: Open
) -> CreditLine | Fault:  # fmt: skip
    if wish.quantity is not None and wish.quantity > one.quantity:
        return _fault(
            request, "QUANTITY_OVER", line=wish.line, value=wish.quantity, max=one.quantity
        )
    gross = _gross_of(wish, one, billed.currency)
    if gross > one.gross:
        return _fault(
            request,
            "OVER_CREDIT",
            billed=f"line {wish.line} of {billed.label}",
            value=billed.money(gross),
            max=billed.money(one.gross),
        )
    quantity = one.quantity if gross == one.gross else ZERO
    return _part(one, gross, wish.quantity or quantity, billed.currency)


def _gross_of(wish: RequestLine, one: Open, currency: str) -> Decimal:
    if wish.amount is not None:
        return wish.amount
    if wish.quantity is None or wish.quantity == one.quantity:
        return one.gross
    return rounded(one.line.gross * wish.quantity / one.line.quantity, currency)


def _part(one: Open, gross: Decimal, quantity: Decimal, currency: str) -> CreditLine:
    """The part's tax is in the line's own proportion; the last part takes what is left of it."""
    net, tax = split(gross, (one.net, one.tax), minor_units(currency))
    return CreditLine(of=one.line, quantity=quantity, net=net, tax=tax)


def _open(line: BilledLine, credited: CreditedLine | None) -> Open:
    if credited is None:
        return Open(line=line, quantity=line.quantity, net=line.net, tax=line.tax)
    return Open(
        line=line,
        quantity=line.quantity - credited.quantity,
        net=line.net - credited.net,
        tax=line.tax - credited.tax,
    )


def _fault(request: Request, code: str, **params: Value) -> Fault:
    return Fault(code=code, params={"name": request.name, **params})
