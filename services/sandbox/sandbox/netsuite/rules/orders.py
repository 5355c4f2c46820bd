"""Sales orders: what may change, what is billed, and the status that follows from it."""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import invalid_field, user_error
from sandbox.netsuite.kinds import SALES_ORDER, STATUS_NAMES, TRANSACTION
from sandbox.netsuite.ledger.billing import billed_of
from sandbox.netsuite.ledger.facts import (
    SALES,
    SALES_ORDERS,
    base_currency,
    currency,
    special_account,
)
from sandbox.netsuite.ledger.postings import Posting, spread, write_postings
from sandbox.netsuite.rules.header import prepare_header, refuse_unmodelled
from sandbox.netsuite.rules.lines import prepare_lines
from sandbox.netsuite.rules.tax import prepare_tax
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import (
    ZERO,
    Document,
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
UNMODELLED = ("discountRate", "discountItem", "shippingCost", "handlingCost", "promoCode")
TAX_LINE = 9000
"""Line number of the tax in the search tables: above any item line."""


def prepare_order(work: Work, entry: Entry, before: Document | None) -> None:
    document = entry.document
    refuse_unmodelled(document, UNMODELLED)
    money = prepare_header(work, entry, before)
    _terms(work, document, before)
    prepare_lines(work, entry, before, money)
    prepare_tax(work, document, money)
    _approval(document)
    billed = billed_of(work, entry.id)
    _keep_billed(document, billed)
    apply_billing(document, billed)


def settle_order(work: Work, entry: Entry) -> None:
    """An order moves no money: its entries stand outside the balance sheet."""
    write_postings(work, entry, sales_postings(work, entry, SALES_ORDERS, SALES_ORDERS))


def _terms(work: Work, document: Document, before: Document | None) -> None:
    if before is None and not ref(document, "terms"):
        customer = work.store.load("entity", ref_id(document, "entity"))
        if customer is not None and ref(customer.document, "terms"):
            document["terms"] = customer.document["terms"]


def _approval(document: Document) -> None:
    if not ref(document, "orderStatus"):
        document["orderStatus"] = {"id": PENDING_APPROVAL}


def _keep_billed(document: Document, billed: dict[int, tuple[Decimal, Decimal]]) -> None:
    """Lines that were billed stay, with at least the billed quantity, and approved."""
    by_number = {whole(line, "line"): line for line in lines(document, "item")}
    for order_line, (quantity, _) in billed.items():
        line = by_number.get(order_line)
        if line is None:
            raise user_error(f"Line {order_line} has been billed and cannot be removed.", "item")
        if number(line, "quantity") < quantity:
            raise invalid_field(number(line, "quantity"), "quantity", "item")
    if billed and ref(document, "orderStatus") == PENDING_APPROVAL:
        raise invalid_field(PENDING_APPROVAL, "orderStatus", "orderStatus")


def apply_billing(document: Document, billed: dict[int, tuple[Decimal, Decimal]]) -> None:
    for line in lines(document, "item"):
        line["quantityBilled"] = billed.get(whole(line, "line"), (ZERO, ZERO))[0]
        line.setdefault("quantityFulfilled", ZERO)
    status = order_status(document)
    document["status"] = {"id": status, "refName": STATUS_NAMES[SALES_ORDER][status]}


def order_status(document: Document) -> str:
    """The letter that follows from approval, closed lines, fulfilment and billing."""
    held = [line for line in lines(document, "item") if not flag(line, "isClosed")]
    approved = ref(document, "orderStatus") != PENDING_APPROVAL
    if not held:
        return "H" if approved else "C"
    if not approved:
        return "A"
    if all(number(line, "quantityBilled") >= number(line, "quantity") for line in held):
        return "G"
    physical = [line for line in held if flag(line, "_fulfillable")]
    waiting = any(number(line, "quantityFulfilled") < number(line, "quantity") for line in physical)
    if not waiting:
        return "F"
    if not any(number(line, "quantityFulfilled") for line in physical):
        return "B"
    to_bill = any(
        number(line, "quantityFulfilled") > number(line, "quantityBilled") for line in physical
    )
    return "E" if to_bill else "D"


def billable(work: Work, line: Document) -> Decimal:
    """The quantity that can be billed now."""
    if flag(line, "isClosed"):
        return ZERO
    limit = number(line, "quantity")
    if flag(line, "_fulfillable") and work.account.behaviour.fulfil_before_billing:
        limit = min(limit, number(line, "quantityFulfilled"))
    return max(limit - number(line, "quantityBilled"), ZERO)


def order_of(work: Work, identifier: int) -> Entry | None:
    entry = work.store.load(TRANSACTION, identifier)
    return entry if entry is not None and entry.kind.name == SALES_ORDER else None


def sales_postings(
    work: Work, entry: Entry, head_role: str, line_role: str, head_account: int = 0
) -> list[Posting]:
    """Debit the head, credit each line's income and the tax; a credit memo turns the signs."""
    document = entry.document
    sign = -1 if entry.kind.name == "creditMemo" else 1
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
    bases = spread(base_total, [amount for _, _, amount in parts], rate, precision)
    head = head_account or special_account(work, head_role)
    return [
        Posting(line=0, account=head, amount=total, base=base_total),
        *(
            Posting(line=line, account=account, amount=-amount, base=-base)
            for (line, account, amount), base in zip(parts, bases, strict=True)
        ),
    ]


def _tax_role(line_role: str) -> str:
    return SALES_ORDERS if line_role == SALES_ORDERS else "SalesTaxPay"


def _income(work: Work, line: Document, role: str) -> int:
    """A sales order's lines stand against the same non-posting account as its head."""
    if role == SALES_ORDERS:
        return special_account(work, SALES_ORDERS)
    return ref_id(line, "account") or whole(line, "_income") or special_account(work, SALES)
