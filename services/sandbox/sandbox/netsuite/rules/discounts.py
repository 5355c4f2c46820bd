"""Discounts: an item and a rate at the head, or a percentage on the line above.

A rate is an amount of the document's currency, or a percentage when it was sent as `-10%`; both
are kept and shown as a number.
"""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import invalid_field, missing, user_error
from sandbox.netsuite.kinds import ITEM
from sandbox.netsuite.ledger.facts import SALES, Currency, special_account
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import ZERO, Document, flag, number, ref, ref_id, rounded

DISCOUNT_ITEM = "discountItem"
DISCOUNT_LINE = 9100
"""Line number of a head's discount in the search tables: above any item line."""
PERCENT = "_percent"
HEAD_PERCENT = "_discountPercent"
NOTHING_ABOVE = "A percentage discount needs a line above it."
"""Our own words: no recorded answer of the vendor is known."""
HUNDRED = Decimal(100)


def read_rate(document: Document, name: str, before: Document | None, mark: str) -> None:
    """A rate as text is a percentage; another number than before is an amount."""
    value = document.get(name)
    if isinstance(value, str):
        document[name] = Decimal(value.removesuffix("%"))
        document[mark] = True
    elif value is None or (before is not None and number(before, name) != number(document, name)):
        document.pop(mark, None)


def head_discount(work: Work, document: Document, before: Document | None, money: Currency) -> None:
    """Sets `discountTotal`, negative for what the customer saves."""
    read_rate(document, "discountRate", before, HEAD_PERCENT)
    if not ref(document, "discountItem"):
        _without_item(document, before)
        return
    item = _discount_item(work, document)
    chosen = before is None or ref(before, "discountItem") != ref(document, "discountItem")
    sent = before is None or number(before, "discountRate") != number(document, "discountRate")
    if document.get("discountRate") is None or (chosen and not sent):
        document["discountRate"] = number(item.document, "rate")
        document[HEAD_PERCENT] = flag(item.document, PERCENT)
    rate = number(document, "discountRate")
    amount = rate
    if flag(document, HEAD_PERCENT):
        amount = number(document, "subtotal") * rate / HUNDRED
    document["discountTotal"] = rounded(amount, money.precision)


def _without_item(document: Document, before: Document | None) -> None:
    """Taking the item away takes its rate along."""
    left = before is not None and number(before, "discountRate") == number(document, "discountRate")
    if number(document, "discountRate") and not left:
        raise missing("Discount Item")
    document.pop("discountRate", None)
    document.pop(HEAD_PERCENT, None)
    document["discountTotal"] = ZERO


def _discount_item(work: Work, document: Document) -> Entry:
    item = work.store.load(ITEM, ref_id(document, "discountItem"))
    if item is None or item.kind.name != DISCOUNT_ITEM or flag(item.document, "isInactive"):
        raise invalid_field(ref(document, "discountItem"), "discountItem", "discountItem")
    return item


def discount_account(work: Work, document: Document) -> int:
    """Where a head's discount is posted."""
    item = work.store.load(ITEM, ref_id(document, "discountItem"))
    own = ref_id(item.document, "account") if item else 0
    return own or special_account(work, SALES)


def percent_amount(line: Document, above: Document | None, money: Currency, path: str) -> None:
    """Of a line that is a percentage: it has no quantity, and the amount follows the line above."""
    if flag(line, "_sold"):
        raise invalid_field(f"{number(line, 'rate')}%", "rate", f"{path}.rate")
    if above is None:
        raise user_error(NOTHING_ABOVE, f"{path}.item")
    line.pop("quantity", None)
    amount = number(above, "amount") * number(line, "rate") / HUNDRED
    line["amount"] = rounded(amount, money.precision)


def drop_discount(document: Document) -> None:
    for name in ("discountItem", "discountRate", HEAD_PERCENT):
        document.pop(name, None)
