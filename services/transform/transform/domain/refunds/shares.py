"""Splits an amount into parts that add up to it exactly: by largest remainder."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from kernel.money import minor_units

ZERO = Decimal(0)


def shares(amount: Decimal, weights: Sequence[Decimal], currency: str) -> tuple[Decimal, ...]:
    """Of each weight its part of `amount`, whole in the currency's minor unit.

    What rounding down leaves goes, one minor unit each, to the parts that lost most; among equals
    to the earlier. Weights that add up to nothing leave all of it to the first.
    """
    whole = sum(weights, ZERO)
    if not weights or whole == ZERO:
        return (amount, *(ZERO for _ in weights[1:])) if weights else ()
    unit = Decimal(1).scaleb(-minor_units(currency))
    exact = [amount * weight / whole for weight in weights]
    parts = [part.quantize(unit, rounding=ROUND_FLOOR) for part in exact]
    missing = int((amount - sum(parts, ZERO)) / unit)
    lost = sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at))
    for at in lost[:missing]:
        parts[at] += unit
    return tuple(parts)
