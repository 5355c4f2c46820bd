"""Fulfilments and receipts: goods leave for an order or come back for a return, at their cost."""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import invalid_field, missing, user_error
from sandbox.netsuite.kinds import FULFILMENT, ITEM, STATUS_NAMES
from sandbox.netsuite.ledger.billing import billed_of, moved_of
from sandbox.netsuite.ledger.facts import (
    COST_OF_GOODS,
    INVENTORY,
    base_currency,
    currency,
    special_account,
)
from sandbox.netsuite.ledger.postings import Posting, write_postings
from sandbox.netsuite.rules.header import prepare_header
from sandbox.netsuite.rules.lines import prepare_moved
from sandbox.netsuite.rules.orders import order_of
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
    text,
    to,
    whole,
)

SHIPPED = "C"
COST_LINES = 20_000
"""In the search tables the cost of line 3 is line 20003."""
TOO_MUCH = "The quantity of line {line} exceeds what is left of the order to fulfill or receive."


def prepare_move(work: Work, entry: Entry, before: Document | None) -> None:
    document = entry.document
    source = order_of(work, ref_id(document, "createdFrom"))
    if source is None:
        raise missing("Created From")
    if before is None:
        document["entity"] = to(ref(source.document, "entity"))
    prepare_header(work, entry, before)
    if entry.kind.name == FULFILMENT:
        _status(document)
    document["orderId"] = source.id
    document["orderType"] = source.kind.code
    prepare_moved(work, document, before, lambda line, path: _line(work, entry, source, line, path))


def _status(document: Document) -> None:
    letter = ref(document, "shipStatus") or SHIPPED
    if letter not in STATUS_NAMES[FULFILMENT]:
        raise invalid_field(letter, "shipStatus", "shipStatus")
    named: Document = {"id": letter, "refName": STATUS_NAMES[FULFILMENT][letter]}
    document["shipStatus"], document["status"] = {**named}, {**named}


def _line(work: Work, entry: Entry, source: Entry, line: Document, path: str) -> None:
    ordered = {whole(one, "line"): one for one in lines(source.document, "item")}
    order_line = ordered.get(whole(line, "orderLine"))
    if order_line is None:
        raise invalid_field(text(line, "orderLine"), "orderLine", f"{path}.orderLine")
    left = number(order_line, "quantity") - moved_of(work, source.id, entry.id).get(
        whole(line, "orderLine"), ZERO
    )
    quantity = number(line, "quantity", left)
    if quantity <= ZERO:
        raise invalid_field(quantity, "quantity", f"{path}.quantity")
    if quantity > left:
        raise user_error(TOO_MUCH.format(line=whole(line, "orderLine")), f"{path}.quantity")
    item = work.store.load(ITEM, ref_id(order_line, "item"))
    facts = item.document if item else {}
    line |= {
        "item": to(ref(order_line, "item")),
        "itemName": text(facts, "itemId"),
        "itemType": item.kind.code if item else "",
        "quantity": quantity,
        "quantityRemaining": left - quantity,
        "itemReceive": True,
        "orderDoc": to(source.id),
        "_stocked": item is not None and item.kind.name == "inventoryItem",
    }
    if line.get("_cost") is None:
        line["_cost"] = number(facts, "averageCost") or number(facts, "cost")
        line["_asset"] = ref_id(facts, "assetAccount")
        line["_expense"] = ref_id(facts, "cogsAccount")


def settle_move(work: Work, entry: Entry) -> set[int]:
    """Note the quantities and post their cost. Returns the order that was moved."""
    clear_move(work, entry.id)
    source = ref_id(entry.document, "createdFrom")
    if is_done(entry):
        work.connection.executemany(
            "INSERT INTO _move (document, document_line, source, source_line, quantity)"
            " VALUES (?,?,?,?,?)",
            [
                (
                    entry.id,
                    whole(line, "line"),
                    source,
                    whole(line, "orderLine"),
                    str(number(line, "quantity")),
                )
                for line in lines(entry.document, "item")
            ],
        )
    _keep_billed(work, source)
    write_postings(work, entry, _postings(work, entry) if is_done(entry) else [])
    return {source}


def is_done(entry: Entry) -> bool:
    """Picked and packed goods are still in the warehouse."""
    return entry.kind.name != FULFILMENT or ref(entry.document, "status") == SHIPPED


def clear_move(work: Work, identifier: int) -> None:
    work.connection.execute("DELETE FROM _move WHERE document = ?", (identifier,))


def _keep_billed(work: Work, source: int) -> None:
    """What was billed after it was moved cannot be moved back."""
    order = order_of(work, source)
    if order is None or not work.account.behaviour.fulfil_before_billing:
        return
    billed, moved = billed_of(work, source), moved_of(work, source)
    for line in lines(order.document, "item"):
        key = whole(line, "line")
        if flag(line, "_fulfillable") and billed.get(key, (ZERO,))[0] > moved.get(key, ZERO):
            raise user_error(f"Line {key} of the order has been billed.", "item")


def withdraw_move(work: Work, entry: Entry) -> set[int]:
    clear_move(work, entry.id)
    source = ref_id(entry.document, "createdFrom")
    _keep_billed(work, source)
    return {source}


def _postings(work: Work, entry: Entry) -> list[Posting]:
    """A fulfilment credits stock and debits its cost; a receipt the other way round."""
    document = entry.document
    sign = 1 if entry.kind.name == FULFILMENT else -1
    precision = currency(work, base_currency(work, ref_id(document, "subsidiary"))).precision
    postings: list[Posting] = []
    for line in lines(document, "item"):
        amount = rounded(number(line, "_cost") * number(line, "quantity"), precision) * sign
        if flag(line, "_stocked") and amount:
            postings += _cost_of(work, line, amount)
    return postings


def _cost_of(work: Work, line: Document, amount: Decimal) -> list[Posting]:
    stock = whole(line, "_asset") or special_account(work, INVENTORY)
    cost = whole(line, "_expense") or special_account(work, COST_OF_GOODS)
    at = whole(line, "line")
    return [
        Posting(line=at, account=stock, amount=-amount, base=-amount),
        Posting(line=COST_LINES + at, account=cost, amount=amount, base=amount),
    ]
