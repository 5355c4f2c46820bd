"""Item lines: what a line must have, what it is worth, and what the lines add up to."""

from collections.abc import Callable
from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import NetSuiteError, invalid_content, invalid_field, user_error
from sandbox.netsuite.kinds import ITEM
from sandbox.netsuite.ledger.facts import Currency
from sandbox.netsuite.rules.discounts import DISCOUNT_ITEM, PERCENT, percent_amount, read_rate
from sandbox.netsuite.rules.gross import amount_from_gross
from sandbox.netsuite.rules.places import belongs, places_belong
from sandbox.netsuite.rules.prices import CUSTOM_LEVEL, default_rate
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import (
    ONE,
    ZERO,
    Document,
    flag,
    lines,
    number,
    put_lines,
    ref,
    ref_id,
    rounded,
    text,
    to,
    whole,
)

NO_LINES = "You must enter at least one line item for this transaction."
NEXT_LINE = "_nextLine"
WITHOUT_SUBTYPE = frozenset({"inventoryItem", "kitItem", "discountItem"})


def prepare_lines(work: Work, entry: Entry, before: Document | None, money: Currency) -> None:
    """Each line gets its number, key, item facts and amount; the head gets the subtotal."""
    document = entry.document
    held = lines(document, "item")
    if not held:
        raise user_error(NO_LINES)
    earlier = {whole(line, "line"): line for line in lines(before or {}, "item")}
    subtotal, above = ZERO, None
    for at, line in enumerate(held):
        path = f"item.items[{at}]"
        number_line(work, document, line, path)
        was = earlier.get(whole(line, "line"))
        read_rate(line, "rate", was, PERCENT)
        amount_from_gross(document, line, was)
        _item(work, document, line, was, money, path)
        places_belong(work, document, line, was, path)
        if flag(line, PERCENT):
            percent_amount(line, above, money, path)
        else:
            _amount(line, was, money, path)
            above = line
        _finish(line)
        _stamp(work, line, was)
        subtotal += number(line, "amount")
    put_lines(document, "item", sorted(held, key=lambda line: whole(line, "line")))
    document["subtotal"] = subtotal


def prepare_moved(
    work: Work,
    document: Document,
    before: Document | None,
    prepare: Callable[[Document, str], None],
) -> None:
    """Lines of goods that move: each gets its number and what `prepare` says of it, by its path."""
    held = [line for line in lines(document, "item") if line.get("itemReceive") is not False]
    if not held:
        raise user_error(NO_LINES)
    earlier = {whole(line, "line"): line for line in lines(before or {}, "item")}
    for at, line in enumerate(held):
        path = f"item.items[{at}]"
        number_line(work, document, line, path)
        prepare(line, path)
        if earlier.get(whole(line, "line")) != line:
            line["_modified"] = work.stamp
    put_lines(document, "item", held)


def number_line(work: Work, document: Document, line: Document, path: str) -> None:
    """A line number, once given, is never given again."""
    following = whole(document, NEXT_LINE, 1)
    if line.get("line") is None:
        line["line"] = following
    elif "_key" not in line and whole(line, "line") < following:
        raise invalid_content(text(line, "line"), "line", f"{path}.line")
    document[NEXT_LINE] = max(following, whole(line, "line") + 1)
    if "_key" not in line:
        line["_key"] = work.store.count("uniquekey")
        line["_created"] = work.stamp
    line["lineUniqueKey"] = text(line, "_key")
    line["taxDetailsReference"] = text(line, "_key")


def _item(
    work: Work,
    document: Document,
    line: Document,
    earlier: Document | None,
    money: Currency,
    path: str,
) -> None:
    identifier = ref_id(line, "item")
    if not identifier:
        raise NetSuiteError(
            400,
            "USER_ERROR",
            "Error while accessing a resource. Please enter value(s) for: Item.",
            {"errorPath": path},
        )
    if earlier is not None and ref(earlier, "item") == ref(line, "item"):
        return
    item = work.store.load(ITEM, identifier)
    if item is None or flag(item.document, "isInactive") or not belongs(document, item):
        raise invalid_field(identifier, "item", path)
    line["itemType"] = {"id": item.kind.code, "refName": item.kind.code}
    in_stock = item.kind.name == "inventoryItem"
    if item.kind.name not in WITHOUT_SUBTYPE:
        line["itemSubtype"] = {"id": "Sale", "refName": "For Sale"}
    line["_sold"] = item.kind.name != DISCOUNT_ITEM
    line["_fulfillable"] = in_stock or flag(item.document, "isFulfillable")
    line["_income"] = ref_id(item.document, "incomeAccount") or ref_id(item.document, "account")
    if not text(line, "description"):
        described = text(item.document, "salesDescription") or text(item.document, "displayName")
        if described:
            line["description"] = described
    if line.get("rate") is None and line.get("amount") is None:
        line["rate"], level = default_rate(work, document, line, item, money)
        line["price"] = to(level)
        if flag(item.document, PERCENT):
            line[PERCENT] = True


def _amount(line: Document, earlier: Document | None, money: Currency, path: str) -> None:
    """Rate times quantity, unless an amount was sent: then that stands."""
    if line.get("quantity") is None:
        line["quantity"] = ONE
    quantity = number(line, "quantity")
    if quantity < 0:
        raise invalid_field(quantity, "quantity", f"{path}.quantity")
    if _amount_was_sent(line, earlier):
        line["amount"] = rounded(number(line, "amount"), money.precision)
        if line.get("rate") is None and quantity:
            line["rate"] = _rate(number(line, "amount"), quantity, money)
    else:
        line["amount"] = rounded(quantity * number(line, "rate"), money.precision)


def _finish(line: Document) -> None:
    line.setdefault("price", to(CUSTOM_LEVEL))
    line.setdefault("isClosed", False)
    line["isOpen"] = not flag(line, "isClosed")


def _amount_was_sent(line: Document, earlier: Document | None) -> bool:
    if line.get("amount") is None:
        return False
    if earlier is None:
        return True
    if number(line, "amount") != number(earlier, "amount"):
        return True
    same = all(number(line, name) == number(earlier, name) for name in ("quantity", "rate"))
    return same


def _rate(amount: Decimal, quantity: Decimal, money: Currency) -> Decimal:
    return rounded(amount / quantity, max(money.precision, 2) + 6).normalize()


def _stamp(work: Work, line: Document, earlier: Document | None) -> None:
    """A line's own time moves only when the line did."""
    if earlier is None or _facts(earlier) != _facts(line):
        line["_modified"] = work.stamp


def _facts(line: Document) -> Document:
    return {
        name: value
        for name, value in line.items()
        if not name.startswith("_") and value is not None
    }
