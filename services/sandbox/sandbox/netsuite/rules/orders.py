"""Sales orders and return authorisations: what may change, what is billed, what status follows."""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import invalid_field, user_error
from sandbox.netsuite.kinds import (
    CASH_REFUND,
    CREDIT_MEMO,
    ESTIMATE,
    RETURN,
    SALES_ORDER,
    STATUS_NAMES,
    TRANSACTION,
)
from sandbox.netsuite.ledger.billing import billed_of, moved_of
from sandbox.netsuite.ledger.facts import (
    ESTIMATES,
    RETURNS,
    SALES,
    SALES_ORDERS,
    TAX_PAYABLE,
    base_currency,
    currency,
    special_account,
)
from sandbox.netsuite.ledger.postings import Posting, spread, write_postings
from sandbox.netsuite.rules.discounts import DISCOUNT_LINE, PERCENT, discount_account
from sandbox.netsuite.rules.header import prepare_header, refuse_unmodelled
from sandbox.netsuite.rules.lines import prepare_lines
from sandbox.netsuite.rules.tax import prepare_tax
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import (
    ZERO,
    Document,
    dump,
    flag,
    lines,
    number,
    ref,
    ref_id,
    rounded,
    whole,
)

PENDING_APPROVAL = "A"
APPROVED = "B"
UNMODELLED = ("shippingCost", "handlingCost", "promoCode")
ORDERS = (SALES_ORDER, RETURN)
NON_POSTING = {SALES_ORDER: SALES_ORDERS, RETURN: RETURNS, ESTIMATE: ESTIMATES}
REVERSED = frozenset({CREDIT_MEMO, CASH_REFUND, RETURN})
MOVED = {SALES_ORDER: "quantityFulfilled", RETURN: "quantityReceived"}
TAX_LINE = 9000
"""Line number of the tax in the search tables: above any item line."""


def prepare_order(work: Work, entry: Entry, before: Document | None) -> None:
    document = entry.document
    refuse_unmodelled(document, UNMODELLED)
    money = prepare_header(work, entry, before)
    _terms(work, document, before)
    prepare_lines(work, entry, before, money)
    prepare_tax(work, document, before, money)
    _approval(document)
    billed = billed_of(work, entry.id)
    moved = moved_of(work, entry.id)
    _keep_billed(document, billed, moved)
    apply_billing(entry, billed, moved)


def settle_order(work: Work, entry: Entry) -> None:
    """An order moves no money: its entries stand outside the balance sheet."""
    role = NON_POSTING[entry.kind.name]
    write_postings(work, entry, sales_postings(work, entry, role, role))


def _terms(work: Work, document: Document, before: Document | None) -> None:
    if before is None and not ref(document, "terms"):
        customer = work.store.load("entity", ref_id(document, "entity"))
        if customer is not None and ref(customer.document, "terms"):
            document["terms"] = customer.document["terms"]


def _approval(document: Document) -> None:
    if not ref(document, "orderStatus"):
        document["orderStatus"] = {"id": PENDING_APPROVAL}


def _keep_billed(
    document: Document,
    billed: dict[int, tuple[Decimal, Decimal]],
    moved: dict[int, Decimal],
) -> None:
    """Lines that were billed or moved stay, with at least that quantity, and approved."""
    by_number = {whole(line, "line"): line for line in lines(document, "item")}
    for order_line, (quantity, _) in billed.items():
        line = by_number.get(order_line)
        if line is None:
            raise user_error(f"Line {order_line} has been billed and cannot be removed.", "item")
        if number(line, "quantity") < quantity:
            raise invalid_field(number(line, "quantity"), "quantity", "item")
    for order_line, moved_quantity in moved.items():
        line = by_number.get(order_line)
        if line is None:
            raise user_error(f"Line {order_line} has been fulfilled and cannot be removed.", "item")
        if number(line, "quantity") < moved_quantity:
            raise invalid_field(number(line, "quantity"), "quantity", "item")
    if (billed or moved) and ref(document, "orderStatus") == PENDING_APPROVAL:
        raise invalid_field(PENDING_APPROVAL, "orderStatus", "orderStatus")


def apply_billing(
    entry: Entry, billed: dict[int, tuple[Decimal, Decimal]], moved: dict[int, Decimal]
) -> None:
    document, name = entry.document, MOVED[entry.kind.name]
    for line in lines(document, "item"):
        line["quantityBilled"] = billed.get(whole(line, "line"), (ZERO, ZERO))[0]
        line[name] = moved.get(whole(line, "line"), ZERO)
    status = order_status(document, name)
    document["status"] = {"id": status, "refName": STATUS_NAMES[entry.kind.name][status]}


def restate_order(work: Work, entry: Entry) -> None:
    """After something was billed or moved: quantities, status, and the times of lines."""
    earlier = {whole(line, "line"): dump(line) for line in lines(entry.document, "item")}
    apply_billing(entry, billed_of(work, entry.id), moved_of(work, entry.id))
    for line in lines(entry.document, "item"):
        if earlier[whole(line, "line")] != dump(line):
            line["_modified"] = work.stamp


def order_status(document: Document, moved: str) -> str:
    """The letter that follows from approval, closed lines, fulfilment and billing."""
    held = [
        line
        for line in lines(document, "item")
        if not (flag(line, "isClosed") or flag(line, PERCENT))
    ]
    approved = ref(document, "orderStatus") != PENDING_APPROVAL
    if not held:
        return "H" if approved else "C"
    if not approved:
        return "A"
    if all(number(line, "quantityBilled") >= number(line, "quantity") for line in held):
        return "G"
    physical = [line for line in held if flag(line, "_fulfillable")]
    if not any(number(line, moved) < number(line, "quantity") for line in physical):
        return "F"
    if not any(number(line, moved) for line in physical):
        return "B"
    to_bill = any(number(line, moved) > number(line, "quantityBilled") for line in physical)
    return "E" if to_bill else "D"


def billable(work: Work, line: Document, moved: str = "quantityFulfilled") -> Decimal:
    """The quantity that can be billed now."""
    if flag(line, "isClosed"):
        return ZERO
    limit = number(line, "quantity")
    if flag(line, "_fulfillable") and work.account.behaviour.fulfil_before_billing:
        limit = min(limit, number(line, moved))
    return max(limit - number(line, "quantityBilled"), ZERO)


def order_of(work: Work, identifier: int) -> Entry | None:
    entry = work.store.load(TRANSACTION, identifier)
    return entry if entry is not None and entry.kind.name in ORDERS else None


def sales_postings(
    work: Work, entry: Entry, head_role: str, line_role: str, head_account: int = 0
) -> list[Posting]:
    """Debit the head, credit each line's income and the tax; a credit memo turns the signs."""
    document = entry.document
    sign = -1 if entry.kind.name in REVERSED else 1
    total, tax = number(document, "total") * sign, number(document, "taxTotal") * sign
    precision = currency(work, base_currency(work, ref_id(document, "subsidiary"))).precision
    rate = number(document, "exchangeRate")
    base_total = rounded(total * rate, precision)
    parts = [
        (whole(line, "line"), _income(work, line, line_role), number(line, "amount") * sign)
        for line in lines(document, "item")
    ]
    if tax:
        parts.append((TAX_LINE, special_account(work, _tax_role(line_role)), tax))
    discount = number(document, "discountTotal") * sign
    if discount:
        parts.append((DISCOUNT_LINE, _discount(work, document, line_role), discount))
    bases = spread(base_total, [amount for _, _, amount in parts], rate, precision)
    head = head_account or special_account(work, head_role)
    return [
        Posting(line=0, account=head, amount=total, base=base_total),
        *(
            Posting(line=line, account=account, amount=-amount, base=-base)
            for (line, account, amount), base in zip(parts, bases, strict=True)
        ),
    ]


def _discount(work: Work, document: Document, role: str) -> int:
    if role in NON_POSTING.values():
        return special_account(work, role)
    return discount_account(work, document)


def _tax_role(line_role: str) -> str:
    return line_role if line_role in NON_POSTING.values() else TAX_PAYABLE


def _income(work: Work, line: Document, role: str) -> int:
    """An order's lines stand against the same non-posting account as its head."""
    if role in NON_POSTING.values():
        return special_account(work, role)
    return ref_id(line, "account") or whole(line, "_income") or special_account(work, SALES)
