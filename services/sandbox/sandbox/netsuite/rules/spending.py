"""A payment's own lists of credits and deposits: they pay first, the money pays the rest.

What is chosen there is applied by the credit memo, the unapplied payment or a deposit application
itself, as if a person had opened that one: no second way of settling. The payment then keeps the
applications that are left for it.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import invalid_field, user_error
from sandbox.netsuite.kinds import PAYMENT
from sandbox.netsuite.ledger.facts import currency
from sandbox.netsuite.ledger.open_items import (
    CREDIT,
    DEPOSIT,
    OpenItem,
    applications_from,
    find,
    open_of,
)
from sandbox.netsuite.rules.refunds import credit_line
from sandbox.netsuite.rules.settling import OVER_APPLIED, wanted_amount
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import ZERO, Document, Value, flag, lines, put_lines, ref_id, to

SIDES = {"credit": CREDIT, "deposit": DEPOSIT}
MORE_THAN_INVOICES = "The credits and deposits chosen exceed what is applied to invoices."
"""Our own words: no recorded answer of the vendor is known."""


@dataclass(slots=True, kw_only=True)
class Spending:
    """Credit or deposit id to what it pays of which invoice."""

    credits: dict[int, dict[int, Decimal]] = field(default_factory=dict)
    deposits: dict[int, dict[int, Decimal]] = field(default_factory=dict)


def take_spending(work: Work, entry: Entry) -> Spending:
    """Take the chosen lines off the document of a payment, and off what it applies itself."""
    spending = Spending()
    if entry.kind.name != PAYMENT:
        return spending
    document = entry.document
    wanted: dict[int, Decimal] | None = None
    for sublist, side in SIDES.items():
        chosen = lines(document, sublist)
        document.pop(sublist, None)
        for at, line in enumerate(chosen):
            if not _is_chosen(line):
                continue
            wanted = _invoices(work, entry) if wanted is None else wanted
            source = _source(work, document, line, side, f"{sublist}.items[{at}].doc")
            amount = _amount(work, document, line, source, sum(wanted.values(), ZERO))
            target = spending.credits if side == CREDIT else spending.deposits
            target[source.id] = _spread(amount, wanted)
    if wanted is not None:
        _leave(document, wanted)
    return spending


def applied_by(work: Work, source: int, parts: dict[int, Decimal]) -> Document:
    """What to send to a credit so that it pays the parts beside what it pays already."""
    held = {one.target: one.amount for one in applications_from(work, source)}
    wished: list[Value] = [
        {"doc": to(invoice), "apply": True, "amount": amount + held.get(invoice, ZERO)}
        for invoice, amount in parts.items()
    ]
    return {"apply": {"items": wished}}


def spendable_lines(work: Work, entry: Entry) -> Document:
    """The customer's open credits and deposits as a payment shows them, unticked."""
    shown: Document = {}
    for sublist, side in SIDES.items():
        found: list[Value] = []
        for item in open_of(work, ref_id(entry.document, "customer"), side):
            if item.id == entry.id or item.currency != ref_id(entry.document, "currency"):
                continue
            line = credit_line(work, item, len(found), None)
            if "applyDate" in line:
                line["creditDate"] = line.pop("applyDate")
            found.append(line)
        shown[sublist] = found
    return shown


def _is_chosen(line: Document) -> bool:
    return flag(line, "apply") or (line.get("apply") is None and line.get("amount") is not None)


def _source(work: Work, document: Document, line: Document, side: int, path: str) -> OpenItem:
    """A credit or deposit of the same customer, subsidiary and currency."""
    item = find(work, ref_id(line, "doc"))
    if (
        item is None
        or item.side != side
        or item.entity != ref_id(document, "customer")
        or (document.get("currency") and item.currency != ref_id(document, "currency"))
        or (document.get("subsidiary") and item.subsidiary != ref_id(document, "subsidiary"))
    ):
        raise invalid_field(ref_id(line, "doc"), "doc", path)
    return item


def _amount(
    work: Work, document: Document, line: Document, source: OpenItem, left: Decimal
) -> Decimal:
    precision = currency(work, source.currency).precision
    amount = wanted_amount(line, source, ZERO, left, precision)
    if amount < ZERO or amount > source.remaining:
        raise user_error(OVER_APPLIED.format(doc=source.id))
    if amount > left:
        raise user_error(MORE_THAN_INVOICES)
    return amount


def _invoices(work: Work, entry: Entry) -> dict[int, Decimal]:
    """What the payment's own lines want to pay, in their order."""
    held = {one.target: one.amount for one in applications_from(work, entry.id)}
    wanted: dict[int, Decimal] = {}
    for line in lines(entry.document, "apply"):
        item = find(work, ref_id(line, "doc"))
        if item is not None:
            precision = currency(work, item.currency).precision
            own = held.get(item.id, ZERO)
            wanted[item.id] = wanted_amount(line, item, own, None, precision)
    return wanted


def _spread(amount: Decimal, wanted: dict[int, Decimal]) -> dict[int, Decimal]:
    """Over the invoices in their order; lowers what is wanted of each."""
    parts: dict[int, Decimal] = {}
    for invoice, left in wanted.items():
        part = min(amount, left)
        if part:
            parts[invoice] = part
            wanted[invoice] = left - part
            amount -= part
    return parts


def _leave(document: Document, wanted: dict[int, Decimal]) -> None:
    """The payment's lines say by amount what is left for it."""
    kept = lines(document, "apply")
    for line in kept:
        left = wanted.get(ref_id(line, "doc"), ZERO)
        line["apply"], line["amount"] = bool(left), left
    put_lines(document, "apply", kept)
