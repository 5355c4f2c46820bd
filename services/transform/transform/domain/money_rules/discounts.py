"""The discount of a whole opportunity: off the lines to the cent, or by a discount item."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from kernel.money import split
from kernel.values import Document, Fields, Value
from transform.domain.money_rules.rules import HeaderDiscount, MoneyRules

DISCOUNT = "NS_Discount__c"
ITEM_LINES = "item"
RATE_UNIT = Decimal("0.00000001")
ZERO = Decimal(0)
ITEM_FIELD, RATE_FIELD = "discountItem.id", "discountRate"


def discount_of(document: Document) -> Decimal:
    """In the currency of the opportunity; 0 where there is none."""
    return _number(document.fields.get(DISCOUNT))


def discounted(order: Document, discount: Decimal, digits: int, rules: MoneyRules) -> Document:
    """The order with the discount in it; `order` is as the map made it."""
    if discount == ZERO:
        return order
    if rules.header_discount is HeaderDiscount.ITEM:
        fields = {**order.fields, ITEM_FIELD: rules.discount_item, RATE_FIELD: -discount}
        return Document(fields, order.lines)
    lines = order.lines.get(ITEM_LINES, ())
    return Document(order.fields, {**order.lines, ITEM_LINES: _reduced(lines, discount, digits)})


def _reduced(lines: Sequence[Fields], discount: Decimal, digits: int) -> tuple[Fields, ...]:
    amounts = [_number(line.get("amount")) for line in lines]
    parts = split(discount, amounts, digits)
    return tuple(
        {**line, "amount": amount - part, "rate": _rate(line, amount - part)}
        for line, amount, part in zip(lines, amounts, parts, strict=True)
    )


def _rate(line: Fields, amount: Decimal) -> Value:
    quantity = _number(line.get("quantity"))
    if quantity == ZERO:
        return line.get("rate")
    return (amount / quantity).quantize(RATE_UNIT, rounding=ROUND_HALF_UP)


def _number(value: Value) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return ZERO
    return Decimal(value)
