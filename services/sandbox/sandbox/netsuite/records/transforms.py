"""`!transform`: a new record that starts from another one."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import NetSuiteError, not_found, user_error
from sandbox.netsuite.kinds import KINDS, Kind
from sandbox.netsuite.ledger.billing import billed_of
from sandbox.netsuite.records.clean import Cleaner
from sandbox.netsuite.records.service import Write, create
from sandbox.netsuite.rules.lines import NO_LINES
from sandbox.netsuite.rules.orders import billable
from sandbox.netsuite.rules.tax import carry_tax
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import (
    ZERO,
    Document,
    lines,
    number,
    put_lines,
    ref,
    to,
    whole,
)

HEAD = (
    "entity currency subsidiary terms location department class memo otherRefNum salesRep"
    " billingAddress shippingAddress startDate endDate email custbody_sf_opportunity_id"
).split()
LINE = "item description price rate custcol_sf_line_id department class location".split()
FROM_CUSTOMER = ("salesOrder", "invoice", "creditMemo")
Start = Callable[[Work, Entry, Document], tuple[Document, Document]]
"""Takes source and body; gives what the new record starts from and what of the body is left."""


def transform(work: Work, source: Entry, target: Kind, body: Document, write: Write) -> Entry:
    start = STARTS.get((source.kind.name, target.name))
    if start is None:
        raise NetSuiteError(
            400,
            "INVALID_REQUEST",
            f"The record type {source.kind.name} cannot be transformed to {target.name}.",
        )
    document, left = start(work, source, body)
    return create(work, target, left, write, start=document)


def find_target(name: str) -> Kind:
    kind = KINDS.get(name.lower())
    if kind is None:
        raise not_found()
    return kind


def _copied(source: Document, names: list[str]) -> Document:
    return {name: source[name] for name in names if source.get(name) is not None}


def invalid_reference(source: Entry, target: str) -> NetSuiteError:
    return user_error(f"You can not initialize {target}: invalid reference {source.id}.")


def _order_to_invoice(work: Work, order: Entry, body: Document) -> tuple[Document, Document]:
    """Everything that can be billed; `orderLine` and `quantity` of the body bill less."""
    if ref(order.document, "status") in ("A", "C", "H"):
        raise invalid_reference(order, "invoice")
    start = _copied(order.document, HEAD)
    start["createdFrom"] = to(order.id)
    wishes, left = _line_wishes(work, "invoice", body)
    pairs: list[tuple[Document, Document]] = []
    billed = billed_of(work, order.id)
    for line in lines(order.document, "item"):
        before = billed.get(whole(line, "line"), (ZERO, ZERO))
        new = _billed_line(work, order, line, before, wishes.get(whole(line, "line"), {}))
        if new is not None:
            pairs.append((line, new))
    if not pairs:
        raise user_error(NO_LINES)
    put_lines(start, "item", [new for _, new in pairs])
    carry_tax(order.document, pairs, start)
    return start, left


def _billed_line(
    work: Work, order: Entry, line: Document, before: tuple[Decimal, Decimal], wish: Document
) -> Document | None:
    """The last part of a line takes what is left of its amount: the parts add up to the order."""
    limit = billable(work, line)
    quantity = number(wish, "quantity", limit)
    if quantity > limit:
        raise user_error(
            f"The quantity of line {whole(line, 'line')} exceeds what is left of the sales order "
            "to bill.",
            "item",
        )
    if quantity <= ZERO:
        return None
    new = _copied(line, LINE)
    new |= {"quantity": quantity, "orderDoc": to(order.id), "orderLine": whole(line, "line")}
    if before[0] + quantity == number(line, "quantity"):
        new["amount"] = number(line, "amount") - before[1]
    new |= {name: value for name, value in wish.items() if name not in ("orderLine", "line")}
    if "rate" in wish and "amount" not in wish:
        new.pop("amount", None)
    return new


def _line_wishes(work: Work, target: str, body: Document) -> tuple[dict[int, Document], Document]:
    """What the body says of order lines, cleaned; and the body without it."""
    sent = body.get("item")
    items = sent.get("items") if isinstance(sent, dict) else None
    if not isinstance(items, list):
        return {}, body
    inner = work.account.catalog[target.lower()].properties["item"].inner
    wishes: dict[int, Document] = {}
    others: list[Document] = []
    for at, line in enumerate(items):
        if isinstance(line, dict) and line.get("orderLine") is not None:
            clean = Cleaner(work, Write().checks).record(inner, line, f"item.items[{at}]")
            wishes[whole(clean, "orderLine")] = clean
        elif isinstance(line, dict):
            others.append(line)
    left: Document = {name: value for name, value in body.items() if name != "item"}
    if others:
        left["item"] = {"items": [*others]}
    return wishes, left


def _invoice_to_payment(work: Work, invoice: Entry, body: Document) -> tuple[Document, Document]:
    document = invoice.document
    if not number(document, "amountRemaining"):
        raise invalid_reference(invoice, "customerPayment")
    start: Document = {
        "customer": to(ref(document, "entity")),
        "currency": to(ref(document, "currency")),
        "arAcct": to(ref(document, "account")),
        "apply": [{"doc": to(invoice.id), "apply": True}],
        **_copied(document, ["subsidiary", "location", "custbody_sf_opportunity_id"]),
    }
    return start, body


def _invoice_to_credit(work: Work, invoice: Entry, body: Document) -> tuple[Document, Document]:
    """The same lines; applied to the invoice as far as that is still open."""
    start = _copied(invoice.document, HEAD)
    start["createdFrom"] = to(invoice.id)
    start["account"] = to(ref(invoice.document, "account"))
    pairs = [
        (line, _copied(line, [*LINE, "quantity", "amount"]))
        for line in lines(invoice.document, "item")
    ]
    replaced = isinstance(body.get("item"), dict)
    if not replaced:
        put_lines(start, "item", [new for _, new in pairs])
        carry_tax(invoice.document, pairs, start)
    if number(invoice.document, "amountRemaining"):
        start["apply"] = [{"doc": to(invoice.id), "apply": True}]
    return start, body


def _from_customer(work: Work, customer: Entry, body: Document) -> tuple[Document, Document]:
    return {"entity": to(customer.id)}, body


def _customer_to_payment(work: Work, customer: Entry, body: Document) -> tuple[Document, Document]:
    return {"customer": to(customer.id)}, body


STARTS: Mapping[tuple[str, str], Start] = {
    ("salesOrder", "invoice"): _order_to_invoice,
    ("invoice", "customerPayment"): _invoice_to_payment,
    ("invoice", "creditMemo"): _invoice_to_credit,
    ("customer", "customerPayment"): _customer_to_payment,
    **{("customer", name): _from_customer for name in FROM_CUSTOMER},
}
