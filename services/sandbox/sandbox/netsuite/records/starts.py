"""What a transformation brings along where goods move, come back, or money is paid back."""

from sandbox.netsuite.account import Work
from sandbox.netsuite.catalog import Property, Shape
from sandbox.netsuite.errors import invalid_content, missing, user_error
from sandbox.netsuite.kinds import ITEM, REQUEST, RETURN
from sandbox.netsuite.ledger.open_items import find
from sandbox.netsuite.records.references import resolve
from sandbox.netsuite.records.wishes import HEAD, LINE, copied, invalid_reference, line_wishes
from sandbox.netsuite.rules.discounts import drop_discount
from sandbox.netsuite.rules.lines import NO_LINES
from sandbox.netsuite.rules.orders import MOVED
from sandbox.netsuite.rules.requests import left_to_request, requested_of
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

CLOSED = ("A", "C", "H")


def order_to_move(
    work: Work, order: Entry, body: Document, target: str
) -> tuple[Document, Document]:
    """Everything that has not moved yet; `orderLine`, `quantity`, `itemReceive` move less."""
    if ref(order.document, "status") in CLOSED:
        raise invalid_reference(order, target)
    start = copied(order.document, ["entity", "subsidiary", "memo", "department", "class"])
    start["createdFrom"] = to(order.id)
    wishes, left = line_wishes(work, target, body)
    place = _chosen_place(work, left, "inventoryLocation")
    moving: list[Document] = []
    for line in lines(order.document, "item"):
        new = _moving(order, line, wishes.get(whole(line, "line"), {}))
        if new is not None:
            location = place or line.get("location") or order.document.get("location")
            if location is not None:
                new.setdefault("location", location)
            elif _is_stock(work, line):
                raise missing("Location")
            moving.append(new)
    if not moving:
        raise user_error(NO_LINES)
    put_lines(start, "item", moving)
    return start, left


def order_to_request(work: Work, order: Entry, body: Document) -> tuple[Document, Document]:
    """All that one location shall send: the body's, else the order's, else the lines' only one.

    Where the body names none, lines that have another location are not asked of this one.
    """
    if ref(order.document, "status") in CLOSED:
        raise invalid_reference(order, REQUEST)
    start = copied(order.document, ["entity", "subsidiary", "memo"])
    start["createdFrom"] = to(order.id)
    wishes, left = line_wishes(work, REQUEST, body)
    place = _chosen_place(work, left, "location")
    asked = place or _own_place(order)
    if asked is None:
        raise missing("Location")
    start["location"] = asked
    requested = requested_of(work, order.id)
    asking: list[Document] = []
    for line in lines(order.document, "item"):
        wish = wishes.get(whole(line, "line"), {})
        new = _moving(order, line, wish)
        if new is None or (place is None and (line.get("location") or asked) != asked):
            continue
        if "quantity" not in wish:
            new["quantity"] = left_to_request(line, requested)
        if number(new, "quantity") > ZERO:
            asking.append(new | {"location": asked})
    if not asking:
        raise user_error(NO_LINES)
    put_lines(start, "item", asking)
    return start, left


def _chosen_place(work: Work, left: Document, name: str) -> Document | None:
    """The location that the body names, taken out of it."""
    chosen = left.pop(name, None)
    if chosen is None:
        return None
    place = resolve(work, Property(name=name, shape=Shape.REFERENCE, target="location"), chosen)
    if place is None:
        raise invalid_content(chosen, name, name)
    return place


def _own_place(order: Entry) -> Document | None:
    if ref(order.document, "location"):
        return to(ref(order.document, "location"))
    held = {ref(line, "location") for line in lines(order.document, "item")} - {""}
    return to(held.pop()) if len(held) == 1 else None


def _is_stock(work: Work, line: Document) -> bool:
    kind = work.store.kind(ITEM, int(ref(line, "item") or 0))
    return kind is not None and kind.name == "inventoryItem"


def _moving(order: Entry, line: Document, wish: Document) -> Document | None:
    left = number(line, "quantity") - number(line, MOVED[order.kind.name])
    unwanted = wish.get("itemReceive") is False or number(wish, "quantity", left) <= ZERO
    if flag(line, "isClosed") or not flag(line, "_fulfillable") or left <= ZERO or unwanted:
        return None
    new = copied(line, ["item", "description", "custcol_sf_line_id"])
    new |= {"orderDoc": to(order.id), "orderLine": whole(line, "line"), "quantity": left}
    return new | {name: value for name, value in wish.items() if name not in ("orderLine", "line")}


def sale_to_return(work: Work, sale: Entry, body: Document) -> tuple[Document, Document]:
    """All that was sold; the body's lines replace them when it has any."""
    if ref(sale.document, "status") in CLOSED and sale.kind.name == "salesOrder":
        raise invalid_reference(sale, RETURN)
    return _same_lines(sale, body)


def estimate_to_sale(
    work: Work, estimate: Entry, body: Document, target: str
) -> tuple[Document, Document]:
    """All that was offered, once; the body's lines replace it when it has any."""
    if ref(estimate.document, "status") != "A":
        raise invalid_reference(estimate, target)
    return _same_lines(estimate, body)


def cash_sale_to_refund(work: Work, sale: Entry, body: Document) -> tuple[Document, Document]:
    start, left = _same_lines(sale, body)
    start |= copied(sale.document, ["account"])
    return start, left


def _same_lines(sale: Entry, body: Document) -> tuple[Document, Document]:
    start = copied(sale.document, HEAD)
    start["createdFrom"] = to(sale.id)
    if isinstance(body.get("item"), dict):
        drop_discount(start)
        return start, body
    pairs = [
        (line, copied(line, [*LINE, "quantity", "amount"]))
        for line in lines(sale.document, "item")
        if not flag(line, "isClosed")
    ]
    put_lines(start, "item", [new for _, new in pairs])
    carry_tax(sale.document, pairs, start)
    return start, body


def order_to_deposit(work: Work, order: Entry, body: Document) -> tuple[Document, Document]:
    document = order.document
    start = {
        "customer": to(ref(document, "entity")),
        "salesOrder": to(order.id),
        **copied(document, ["currency", "subsidiary", "location"]),
    }
    start["payment"] = number(document, "total")
    return start, body


def deposit_to_application(work: Work, deposit: Entry, body: Document) -> tuple[Document, Document]:
    item = find(work, deposit.id)
    if item is None or not item.remaining:
        raise invalid_reference(deposit, "depositApplication")
    return {"deposit": to(deposit.id)}, body


def credit_to_refund(work: Work, credit: Entry, body: Document) -> tuple[Document, Document]:
    """All that is left of a credit memo, payment or deposit."""
    item = find(work, credit.id)
    if item is None or not item.remaining:
        raise invalid_reference(credit, "customerRefund")
    document = credit.document
    sublist = "deposit" if credit.kind.name == "customerDeposit" else "apply"
    start: Document = {
        "customer": to(item.entity),
        "currency": to(item.currency),
        "arAcct": to(item.account),
        sublist: [{"doc": to(credit.id), "apply": True}],
        **copied(document, ["subsidiary", "location", "custbody_sf_opportunity_id"]),
    }
    if sublist == "deposit":
        del start["arAcct"]
    return start, body
