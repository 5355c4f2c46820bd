"""Tax of a transaction: with SuiteTax what `taxDetails` says when it overrides, else by code."""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import invalid_content, user_error
from sandbox.netsuite.ledger.facts import Currency
from sandbox.netsuite.records.merge import key_of
from sandbox.netsuite.rules.discounts import head_discount
from sandbox.netsuite.rules.gross import NEW_LINE
from sandbox.netsuite.rules.legacy_tax import legacy_taxes
from sandbox.netsuite.values import (
    ZERO,
    Document,
    flag,
    lines,
    number,
    put_lines,
    rounded,
    text,
)

HUNDRED = Decimal(100)


def prepare_tax(work: Work, document: Document, before: Document | None, money: Currency) -> None:
    """Sets the head's discount, the lines' tax, `taxTotal` and `total`."""
    head_discount(work, document, before, money)
    if work.account.profile.suite_tax:
        document["taxTotal"] = _details(document, money)
    else:
        document["taxTotal"] = legacy_taxes(work, document, money)
    document["total"] = sum(
        (number(document, name) for name in ("subtotal", "discountTotal", "taxTotal")), ZERO
    )
    if number(document, "total") < 0:
        raise user_error("The total can not be negative.")


def _details(document: Document, money: Currency) -> Decimal:
    """The sum of what the details say of the lines; without an override there are none."""
    if not flag(document, "taxDetailsOverride"):
        document.pop("taxDetails", None)
    by_line: dict[str, Decimal] = {}
    for at, detail in enumerate(lines(document, "taxDetails")):
        line = _line_of(document, detail, at)
        amount = _detail(detail, line, money)
        key = text(line, "taxDetailsReference")
        by_line[key] = by_line.get(key, ZERO) + amount
    for line in lines(document, "item"):
        tax = by_line.get(text(line, "taxDetailsReference"), ZERO)
        line["taxAmount"] = tax
        line["grossAmt"] = number(line, "amount") + tax
    return sum(by_line.values(), ZERO)


def _line_of(document: Document, detail: Document, at: int) -> Document:
    """By the line's reference, or for a line that is new in this request by its place in it."""
    reference = key_of(detail, "taxDetailsReference")
    held = lines(document, "item")
    if reference.startswith(NEW_LINE):
        place = reference.removeprefix(NEW_LINE)
        if place.isdigit() and int(place) < len(held):
            found = held[int(place)]
            detail["taxDetailsReference"] = {"id": text(found, "taxDetailsReference")}
            return found
    for line in held:
        if text(line, "taxDetailsReference") == reference:
            return line
    where = f"taxDetails.items[{at}].taxDetailsReference"
    raise invalid_content(reference, "taxDetailsReference", where)


def _detail(detail: Document, line: Document, money: Currency) -> Decimal:
    if detail.get("taxBasis") is None:
        detail["taxBasis"] = number(line, "amount")
    if detail.get("taxAmount") is None:
        amount = number(detail, "taxBasis") * number(detail, "taxRate") / HUNDRED
        detail["taxAmount"] = amount
    detail["taxAmount"] = rounded(number(detail, "taxAmount"), money.precision)
    detail["netAmount"] = number(line, "amount")
    detail["lineType"] = "Item"
    return number(detail, "taxAmount")


def carry_tax(source: Document, pairs: list[tuple[Document, Document]], target: Document) -> None:
    """The tax details of a transformed transaction: the same rates on the new lines' amounts.

    `pairs` are (source line, new line); an amount that is billed in full keeps its tax as it was.
    """
    if not flag(source, "taxDetailsOverride"):
        return
    carried: list[Document] = []
    for place, (old, new) in enumerate(pairs):
        for detail in lines(source, "taxDetails"):
            if key_of(detail, "taxDetailsReference") == text(old, "taxDetailsReference"):
                carried.append(_carried(detail, old, new, place))
    target["taxDetailsOverride"] = True
    put_lines(target, "taxDetails", carried)


def _carried(detail: Document, old: Document, new: Document, place: int) -> Document:
    copy: Document = {
        name: detail[name] for name in ("taxCode", "taxType", "taxRate") if name in detail
    }
    copy["taxDetailsReference"] = {"id": f"{NEW_LINE}{place}"}
    whole, part = number(old, "amount"), number(new, "amount")
    if whole == part:
        copy["taxAmount"] = number(detail, "taxAmount")
    elif whole:
        copy["taxAmount"] = number(detail, "taxAmount") * part / whole
    return copy
