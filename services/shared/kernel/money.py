"""Amounts with their currency: exact decimals, never converted, never a float."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

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
