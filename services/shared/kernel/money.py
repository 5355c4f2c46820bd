"""Amounts with their currency: exact decimals, never converted, never a float."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

MINOR_UNITS_DEFAULT = 2
MINOR_UNITS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
"""Digits behind the point where ISO 4217 says other than two."""


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` in units (not cents) of `currency`, an ISO 4217 code."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount:,.{minor_units(self.currency)}f} {self.currency}"


def minor_units(currency: str) -> int:
    """Digits behind the point: JPY 0, EUR 2, KWD 3."""
    return MINOR_UNITS.get(currency, MINOR_UNITS_DEFAULT)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Half-up to the currency's minor unit."""
    return amount.quantize(Decimal(1).scaleb(-minor_units(currency)), rounding=ROUND_HALF_UP)


def is_whole_in_minor_units(amount: Decimal, currency: str) -> bool:
    """Whether the amount can be paid: 1,234.50 JPY cannot."""
    return amount == rounded(amount, currency)


def split(total: Decimal, weights: Sequence[Decimal], digits: int) -> tuple[Decimal, ...]:
    """Parts of a total in proportion to the weights, that add up to it exactly.

    By largest remainder: each part is rounded down to its digits, and the units that are left go
    to the parts that lost most, the earlier one first. `total` has no more than these digits; it
    and the weights are 0 or more. Without any weight the first part is the whole.
    """
    if not weights:
        return ()
    unit, whole = Decimal(1).scaleb(-digits), sum(weights, Decimal(0))
    if whole == 0:
        return (total, *(Decimal(0) for _ in weights[1:]))
    exact = [total * weight / whole for weight in weights]
    parts = [part.quantize(unit, rounding=ROUND_FLOOR) for part in exact]
    left = int((total - sum(parts, Decimal(0))) / unit)
    by_loss = sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_loss[:left]:
        parts[at] += unit
    return tuple(parts)
