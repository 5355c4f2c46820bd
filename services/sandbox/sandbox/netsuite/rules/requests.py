"""Fulfilment requests: what one location shall send of an order. They move and post nothing."""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import invalid_field, missing, user_error
from sandbox.netsuite.kinds import ITEM, REQUEST, SALES_ORDER, STATUS_NAMES, TRANSACTION
from sandbox.netsuite.rules.header import prepare_header
from sandbox.netsuite.rules.lines import prepare_moved
from sandbox.netsuite.rules.orders import order_of
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import (
    ZERO,
    Document,
    lines,
    number,
    ref,
    ref_id,
    text,
    to,
    whole,
)

NEW = "A"
SHIP = "1"
TOO_MUCH = "The quantity of line {line} exceeds what is left of the order to request."


def prepare_request(work: Work, entry: Entry, before: Document | None) -> None:
    document = entry.document
    order = order_of(work, ref_id(document, "createdFrom"))
    if order is None or order.kind.name != SALES_ORDER:
        raise missing("Created From")
    if before is None:
        document["entity"] = to(ref(order.document, "entity"))
    prepare_header(work, entry, before)
    if not ref(document, "location"):
        raise missing("Location")
    document.setdefault("fulfillmentType", {"id": SHIP})
    document["status"] = {"id": NEW, "refName": STATUS_NAMES[REQUEST][NEW]}
    document["orderId"] = str(order.id)
    others = requested_of(work, order.id, without=entry.id)
    prepare_moved(work, document, before, lambda line, path: _line(work, order, line, others, path))


def requested_of(work: Work, order: int, *, without: int = 0) -> dict[int, Decimal]:
    """The quantity of each line of the order that is asked for already."""
    rows = work.connection.execute(
        'SELECT DISTINCT "transaction" FROM transactionline WHERE createdfrom = ?', (order,)
    ).fetchall()
    requested: dict[int, Decimal] = {}
    for identifier in (int(row[0]) for row in rows if row[0] != without):
        entry = work.store.load(TRANSACTION, identifier)
        if entry is None or entry.kind.name != REQUEST:
            continue
        for line in lines(entry.document, "item"):
            key = whole(line, "orderLine")
            requested[key] = requested.get(key, ZERO) + number(line, "quantity")
    return requested


def left_to_request(line: Document, requested: dict[int, Decimal]) -> Decimal:
    """Of a line of the order: neither sent nor asked for."""
    taken = max(requested.get(whole(line, "line"), ZERO), number(line, "quantityFulfilled"))
    return number(line, "quantity") - taken


def _line(work: Work, order: Entry, line: Document, others: dict[int, Decimal], path: str) -> None:
    ordered = {whole(one, "line"): one for one in lines(order.document, "item")}
    order_line = ordered.get(whole(line, "orderLine"))
    if order_line is None:
        raise invalid_field(text(line, "orderLine"), "orderLine", f"{path}.orderLine")
    left = left_to_request(order_line, others)
    quantity = number(line, "quantity", left)
    if quantity <= ZERO:
        raise invalid_field(quantity, "quantity", f"{path}.quantity")
    if quantity > left:
        raise user_error(TOO_MUCH.format(line=whole(line, "orderLine")), f"{path}.quantity")
    item = work.store.load(ITEM, ref_id(order_line, "item"))
    line |= {
        "item": to(ref(order_line, "item")),
        "itemName": text(item.document, "itemId") if item else "",
        "itemType": item.kind.code if item else "",
        "quantity": quantity,
        "quantityRemaining": left - quantity,
        "itemReceive": True,
        "orderDoc": to(order.id),
    }
