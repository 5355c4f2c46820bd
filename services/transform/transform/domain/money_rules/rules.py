"""What a deployment settles about money: ages of rates, closed periods, discounts, currencies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kernel.rates import SATURDAY_AND_SUNDAY, Pair


class ClosedPeriod(StrEnum):
    """What becomes of an order whose date lies in a closed period."""

    HOLD = "hold"
    TODAY = "today"
    """It is dated on the day it was closed as won, or the next day with open books."""


class HeaderDiscount(StrEnum):
    """How the discount of a whole opportunity reaches the order."""

    SPLIT = "split"
    """Off the amounts of the lines, in proportion."""
    ITEM = "item"
    """As NetSuite's own discount of the whole order, by a discount item."""


class CustomerCurrency(StrEnum):
    """What becomes of an order in a currency that is not its account's own."""

    ADD = "add"
    """A customer that is made for the order may trade in both."""
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRules:
    """How old the newest rate may be when a document is made, in business days.

    None: the age is not judged. A pair that is not named has `age_max_days`.
    """

    age_max_days: int | None = 1
    by_pair: Mapping[str, int | None] = field(default_factory=dict)
    weekend: frozenset[int] = SATURDAY_AND_SUNDAY

    def age_max_of(self, pair: Pair) -> int | None:
        return self.by_pair.get(str(pair), self.age_max_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyRules:
    rates: RateRules = field(default_factory=RateRules)
    closed_period: ClosedPeriod = ClosedPeriod.TODAY
    header_discount: HeaderDiscount = HeaderDiscount.SPLIT
    discount_item: str = ""
    """Internal id of the discount item; needed for HeaderDiscount.ITEM."""
    customer_currency: CustomerCurrency = CustomerCurrency.ADD
    corporate_currency: str = ""
    """Of the org that is told NetSuite's rates; empty where it is told none."""
    pinned_rates: bool = False
    """Whether an approved contract rate is sent; otherwise an order that asks for one is held."""
