"""What an item costs: by price level, currency and quantity, or the one rate it has."""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.ledger.facts import Currency
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import (
    ONE,
    Document,
    flag,
    lines,
    number,
    ref,
    ref_id,
    rounded,
    whole,
)

CUSTOM_LEVEL, BASE_LEVEL = "-1", "1"
HUNDRED = Decimal(100)


def default_rate(
    work: Work, document: Document, line: Document, item: Entry, money: Currency
) -> tuple[Decimal, str]:
    """The rate and the price level that it comes from: the line's, the customer's or the base."""
    quantity = number(line, "quantity", ONE)
    chosen = ref(line, "price")
    if chosen in ("", CUSTOM_LEVEL):
        chosen = _customers_level(work, document)
    exact = _priced(item, chosen, money.id, quantity)
    if exact is not None:
        return exact, chosen
    base = _priced(item, BASE_LEVEL, money.id, quantity)
    if base is None:
        base = number(item.document, "rate")
    level = work.store.load("pricelevel", int(chosen))
    percent = number(level.document, "discountPct") if level else Decimal(0)
    if percent:
        return rounded(base * (HUNDRED + percent) / HUNDRED, money.precision), chosen
    return base, chosen


def _customers_level(work: Work, document: Document) -> str:
    customer = work.store.load("entity", ref_id(document, "entity"))
    level = ref(customer.document, "priceLevel") if customer else ""
    return level if level.isdigit() else BASE_LEVEL


def _priced(item: Entry, level: str, currency: int, quantity: Decimal) -> Decimal | None:
    """Of the rows for this level and currency the one with the largest quantity reached."""
    fitting = [
        (whole(row, "priceQty"), number(row, "price"))
        for row in lines(item.document, "price")
        if ref(row, "priceLevel") == level
        and ref_id(row, "currencyPage") == currency
        and row.get("price") is not None
        and not flag(row, "isInactive")
        and whole(row, "priceQty") <= quantity
    ]
    return max(fitting)[1] if fitting else None
