"""The order as the map made it, with its discount, its date and its rate as policy wants them."""

from kernel.records import RecordRef
from kernel.values import Document, Fields
from transform.domain.facts import Case, Facts, Policy
from transform.domain.money_rules.books import digits_of
from transform.domain.money_rules.discounts import (
    DISCOUNT,
    ITEM_FIELD,
    RATE_FIELD,
    discount_of,
    discounted,
)
from transform.domain.money_rules.order_faults import day_of, is_made
from transform.domain.money_rules.periods import open_day, period_on
from transform.domain.money_rules.pinned import pinned_rate

DATE, RATE = "tranDate", "exchangeRate"


def with_money(
    order: Document, source: Document, case: Case, target: RecordRef, facts: Facts, policy: Policy
) -> Document:
    """To be asked once the order has no fault."""
    discount = discount_of(source)
    digits = digits_of(str(source.fields.get("CurrencyIsoCode")), facts)
    with_discount = discounted(order, discount, digits, policy.money)
    fields = dict(with_discount.fields)
    if not discount and DISCOUNT in source.fields:
        fields |= _without_discount(target, facts)
    rate = pinned_rate(source)
    if rate is not None and policy.money.pinned_rates:
        fields[RATE] = rate
    return Document(_dated(fields, case, source, facts), with_discount.lines)


def _without_discount(target: RecordRef, facts: Facts) -> Fields:
    """A discount that was written before is taken away."""
    names = (ITEM_FIELD, RATE_FIELD)
    return {name: None for name in names if (target, name) in facts.applied}


def _dated(fields: Fields, case: Case, source: Document, facts: Facts) -> Fields:
    """A date in a closed period becomes an open one; an order that stands keeps the one it has."""
    day = day_of(source)
    period = period_on(day, facts) if day else None
    if day is None or DATE not in fields or period is None or period.is_open:
        return fields
    if is_made(case.change.ref, facts):
        return {name: value for name, value in fields.items() if name != DATE}
    told_on = case.told_on or day
    return {**fields, DATE: open_day(max(day, told_on), facts)}
