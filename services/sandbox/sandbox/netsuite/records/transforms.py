"""`!transform`: a new record that starts from another one."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import NetSuiteError, not_found, user_error
from sandbox.netsuite.kinds import FULFILMENT, KINDS, RECEIPT, REQUEST, RETURN, VENDOR, Kind
from sandbox.netsuite.ledger.billing import billed_of
from sandbox.netsuite.records.service import Write, create
from sandbox.netsuite.records.starts import (
    CLOSED,
    cash_sale_to_refund,
    credit_to_refund,
    deposit_to_application,
    estimate_to_sale,
    order_to_deposit,
    order_to_move,
    order_to_request,
    sale_to_return,
)
from sandbox.netsuite.records.wishes import HEAD, LINE, copied, invalid_reference, line_wishes
from sandbox.netsuite.rules.discounts import HEAD_PERCENT, PERCENT, drop_discount
from sandbox.netsuite.rules.lines import NO_LINES
from sandbox.netsuite.rules.orders import MOVED, billable
from sandbox.netsuite.rules.tax import carry_tax
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import (
    ZERO,
    Document,
    flag,
    lines,
    number,
    put_lines,
    ref,
    to,
    whole,
)

FROM_CUSTOMER = (
    "estimate",
    "salesOrder",
    "invoice",
    "cashSale",
    "creditMemo",
    "returnAuthorization",
    "opportunity",
)
SALES = ("salesOrder", "invoice", "cashSale")
MONEY_FROM_CUSTOMER = ("customerPayment", "customerDeposit", "customerRefund")
TO_VENDOR = (
    "companyName isPerson salutation firstName middleName lastName email altEmail phone altPhone"
    " mobilePhone homePhone fax url comments subsidiary currency emailPreference vatRegNumber"
).split()
ADDRESS = ["addressBookAddress", "defaultBilling", "defaultShipping", "label"]
REFUNDABLE = ("creditMemo", "customerPayment", "customerDeposit")
Started = tuple[Document, Document]
Start = Callable[[Work, Entry, Document], Started]
"""Takes source and body; gives what the new record starts from and what of the body is left."""


def transform(
    work: Work,
    source: Entry,
    target: Kind,
    body: Document,
    write: Write,
    *,
    identifier: int | None = None,
) -> Entry:
    """`identifier` is what a seed prescribes."""
    start = STARTS.get((source.kind.name, target.name))
    if start is None:
        raise NetSuiteError(
            400,
            "INVALID_REQUEST",
            f"The record type {source.kind.name} cannot be transformed to {target.name}.",
        )
    document, left = start(work, source, body)
    if left.get("discountRate") is not None:
        document.pop(HEAD_PERCENT, None)
    return create(work, target, left, write, start=document, identifier=identifier)


def find_target(name: str) -> Kind:
    kind = KINDS.get(name.lower())
    if kind is None:
        raise not_found()
    return kind


def _order_to_bill(
    work: Work, order: Entry, body: Document, target: str
) -> tuple[Document, Document]:
    """Everything that can be billed or credited; the body's `orderLine` and `quantity` say less."""
    if ref(order.document, "status") in CLOSED:
        raise invalid_reference(order, target)
    start = copied(order.document, HEAD)
    start["createdFrom"] = to(order.id)
    wishes, left = line_wishes(work, target, body)
    pairs: list[tuple[Document, Document]] = []
    taken = False
    billed = billed_of(work, order.id)
    if billed and not flag(start, HEAD_PERCENT):
        drop_discount(start)
    for line in lines(order.document, "item"):
        if flag(line, PERCENT):
            pairs += [(line, copied(line, LINE))] if taken else []
            continue
        before = billed.get(whole(line, "line"), (ZERO, ZERO))
        new = _billed_line(work, order, line, before, wishes.get(whole(line, "line"), {}))
        taken = new is not None
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
    limit = billable(work, line, MOVED[order.kind.name])
    quantity = number(wish, "quantity", limit)
    if quantity > limit:
        raise user_error(
            f"The quantity of line {whole(line, 'line')} exceeds what is left of the sales order "
            "to bill.",
            "item",
        )
    if quantity <= ZERO:
        return None
    new = copied(line, LINE)
    new |= {"quantity": quantity, "orderDoc": to(order.id), "orderLine": whole(line, "line")}
    if before[0] + quantity == number(line, "quantity"):
        new["amount"] = number(line, "amount") - before[1]
    new |= {name: value for name, value in wish.items() if name not in ("orderLine", "line")}
    if "rate" in wish and "amount" not in wish:
        new.pop("amount", None)
    return new


def _invoice_to_payment(work: Work, invoice: Entry, body: Document) -> tuple[Document, Document]:
    document = invoice.document
    if not number(document, "amountRemaining"):
        raise invalid_reference(invoice, "customerPayment")
    start: Document = {
        "customer": to(ref(document, "entity")),
        "currency": to(ref(document, "currency")),
        "arAcct": to(ref(document, "account")),
        "apply": [{"doc": to(invoice.id), "apply": True}],
        **copied(document, ["subsidiary", "location", "custbody_sf_opportunity_id"]),
    }
    return start, body


def _invoice_to_credit(work: Work, invoice: Entry, body: Document) -> tuple[Document, Document]:
    """The same lines; applied to the invoice as far as that is still open."""
    start = copied(invoice.document, HEAD)
    start["createdFrom"] = to(invoice.id)
    start["account"] = to(ref(invoice.document, "account"))
    pairs = [
        (line, copied(line, [*LINE, "quantity", "amount"]))
        for line in lines(invoice.document, "item")
    ]
    replaced = isinstance(body.get("item"), dict)
    if replaced:
        drop_discount(start)
    else:
        put_lines(start, "item", [new for _, new in pairs])
        carry_tax(invoice.document, pairs, start)
    if number(invoice.document, "amountRemaining"):
        start["apply"] = [{"doc": to(invoice.id), "apply": True}]
    return start, body


def _from_customer(work: Work, customer: Entry, body: Document) -> tuple[Document, Document]:
    return {"entity": to(customer.id)}, body


def _customer_to_payment(work: Work, customer: Entry, body: Document) -> tuple[Document, Document]:
    return {"customer": to(customer.id)}, body


def _customer_to_vendor(work: Work, customer: Entry, body: Document) -> tuple[Document, Document]:
    """A vendor of its own with the same names, ways to reach it, currencies and addresses."""
    start = copied(customer.document, TO_VENDOR)
    currencies = lines(customer.document, "currencyList")
    put_lines(start, "currencyList", [copied(line, ["currency"]) for line in currencies])
    places = lines(customer.document, "addressBook")
    put_lines(start, "addressBook", [copied(line, ADDRESS) for line in places])
    return start, body


def _at(start: Callable[[Work, Entry, Document, str], Started], target: str) -> Start:
    return lambda work, source, body: start(work, source, body, target)


STARTS: Mapping[tuple[str, str], Start] = MappingProxyType(
    {
        **{("estimate", name): _at(estimate_to_sale, name) for name in SALES},
        **{("salesOrder", name): _at(_order_to_bill, name) for name in ("invoice", "cashSale")},
        **{(RETURN, name): _at(_order_to_bill, name) for name in ("creditMemo", "cashRefund")},
        ("salesOrder", FULFILMENT): _at(order_to_move, FULFILMENT),
        ("salesOrder", REQUEST): order_to_request,
        (RETURN, RECEIPT): _at(order_to_move, RECEIPT),
        **{(name, RETURN): sale_to_return for name in ("salesOrder", "invoice", "cashSale")},
        ("cashSale", "cashRefund"): cash_sale_to_refund,
        ("salesOrder", "customerDeposit"): order_to_deposit,
        ("customerDeposit", "depositApplication"): deposit_to_application,
        ("invoice", "customerPayment"): _invoice_to_payment,
        ("invoice", "creditMemo"): _invoice_to_credit,
        **{(name, "customerRefund"): credit_to_refund for name in REFUNDABLE},
        **{("customer", name): _from_customer for name in FROM_CUSTOMER},
        ("customer", VENDOR): _customer_to_vendor,
        **{("customer", name): _customer_to_payment for name in MONEY_FROM_CUSTOMER},
    }
)
