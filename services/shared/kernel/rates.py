"""What a rate is worth: base units for one unit of a currency, and how old a rate may be."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from kernel.money import minor_units

RATE_DIGITS = 8
"""NetSuite keeps rates with up to eight decimals."""
LOOK_BACK_DAYS = 400
SATURDAY_AND_SUNDAY = frozenset({5, 6})
"""As `date.weekday` counts: Monday is 0."""


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """`currency` is what amounts are agreed in, `base` what the books are kept in; ISO codes."""

    currency: str
    base: str

    def __str__(self) -> str:
        return f"{self.currency}/{self.base}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One row of NetSuite's table of exchange rates."""

    pair: Pair
    value: Decimal
    """Units of `base` for one of `currency`."""
    effective: date


def preview(amount: Decimal, rate: Decimal, base: str, digits: int | None = None) -> Decimal:
    """What NetSuite books for an amount: times the rate, half up to the base's minor unit.

    `digits` are those that NetSuite keeps of the base currency, where they are known.
    """
    places = minor_units(base) if digits is None else digits
    return (amount * rate).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def business_days(after: date, until: date, weekend: Collection[int]) -> int:
    """Days in (after, until] that are no weekend; 0 where `until` does not lie behind."""
    count = (until - after).days
    days = (after + timedelta(days=step) for step in range(1, min(count, LOOK_BACK_DAYS) + 1))
    return sum(1 for day in days if day.weekday() not in weekend)


def oldest_allowed(day: date, age_max_days: int, weekend: Collection[int]) -> date:
    """The earliest effective date from which a rate is still fresh on `day`."""
    oldest = day
    for _ in range(LOOK_BACK_DAYS):
        earlier = oldest - timedelta(days=1)
        if business_days(earlier, day, weekend) > age_max_days:
            break
        oldest = earlier
    return oldest


def rate_effect(amount: Decimal, first: Decimal, second: Decimal, base: str) -> Decimal:
    """How much the base amount moves when `second` takes the place of `first`."""
    return preview(amount, second, base) - preview(amount, first, base)
