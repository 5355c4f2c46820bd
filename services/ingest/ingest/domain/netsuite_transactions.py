"""A transaction as a document: head, lines and what settles what, with the signs of the record
service.

Searches tell amounts with the sign they have in the books: lines of a sale stand against its head,
a credit turns both round. The record service tells all of them as people write them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.domain.netsuite_documents import fields_of, text_of
from ingest.domain.netsuite_fields import APPLICATIONS, CREDITS, INVOICES, LINES
from ingest.domain.netsuite_links import (
    ORDER_KIND,
    Graph,
    bills_of,
    credits_of,
    order_of,
    settlements_of,
)
from ingest.domain.netsuite_transaction_fields import KIND_OF_TYPE, LINE, TRANSACTION
from ingest.domain.suiteql import Selection, selection
from ingest.domain.typed import exact, iso_date
from ingest.ports import Row
from kernel.exact_json import Json
from kernel.maps import Reading
from kernel.records import TRANSACTION_KINDS, RecordRef, netsuite
from kernel.values import Document, Fields, Value

TURNED_ROUND = frozenset({"creditMemo", "cashRefund", "returnAuthorization"})
"""Their lines stand in searches with the sign that people give them."""
MOVES = frozenset({"itemFulfillment", "itemReceipt"})
"""Which sign the quantity of goods that move has depends on the side: people give none."""
SIGNED = frozenset({"quantity", "amount"})
TAX = "taxAmount"
ONLY_OF = {
    "amountPaid": frozenset({"invoice"}),
    "amountRemaining": frozenset({"invoice"}),
    "amountUnapplied": frozenset({"creditMemo", "customerPayment", "customerDeposit"}),
}
"""Open amounts that other kinds do not have, whatever a search says of them."""
ABSOLUTE = frozenset({"total", "baseTotal", "amountPaid", "amountRemaining", "amountUnapplied"})


@dataclass(frozen=True, slots=True)
class Rows:
    """What searches told of some transactions and of those around them."""

    heads: Mapping[str, Row]
    lines: Mapping[str, Sequence[Row]]
    """By transaction, in the order of the lines' ids."""
    graph: Graph


@dataclass(frozen=True, slots=True)
class Chosen:
    """How the columns of heads and lines are named in the answers."""

    heads: Selection
    lines: Selection


def chosen_of(plans: Mapping[str, Reading], *, one_world: bool, currency: str = "") -> Chosen:
    """What any of these kinds reads, in one selection for all."""
    transactions = [plan for kind, plan in plans.items() if kind in TRANSACTION_KINDS]
    heads = {path for plan in transactions for path in plan.fields}
    for name in (INVOICES, CREDITS):
        heads |= {path for plan in transactions for path in plan.lines.get(name, ())}
    lines = {path for plan in transactions for path in plan.lines.get(LINES, ())}
    return Chosen(
        selection(TRANSACTION, heads, one_world=one_world, currency=currency),
        selection(LINE, lines, one_world=one_world),
    )


def kind_of(row: Row) -> str:
    """The kind of a head's row; of a type that is not read, the type itself."""
    code = text_of(row, "type")
    return KIND_OF_TYPE.get(code, code)


def transaction_document(ref: RecordRef, rows: Rows, chosen: Chosen, plan: Reading) -> Document:
    """Only what the plan reads."""
    lists = {name: _list(name, ref, rows, chosen, paths) for name, paths in plan.lines.items()}
    return Document(_head(ref, rows, chosen, plan.fields), lists)


def _list(
    name: str, ref: RecordRef, rows: Rows, chosen: Chosen, paths: frozenset[str]
) -> tuple[Fields, ...]:
    if name == LINES:
        lines = (row for row in _in_order(rows.lines.get(ref.id, ())) if _is_item(row))
        return tuple(_line(ref.kind, row, chosen.lines, paths) for row in lines)
    if name == APPLICATIONS:
        return tuple(_applications(ref, rows, paths))
    if name == CREDITS:
        return tuple(_credits(ref, rows, chosen, paths))
    if name == INVOICES:
        bills = [one for one in bills_of(rows.graph, ref.id) if one.id in rows.heads]
        return tuple(_head(one, rows, chosen, paths) for one in bills)
    raise ValueError(f"{name} is no list of a transaction")


def _head(ref: RecordRef, rows: Rows, chosen: Chosen, paths: frozenset[str]) -> Fields:
    found = fields_of(rows.heads[ref.id], chosen.heads)
    reckoned = _reckoned(ref, rows)
    fields: dict[str, Value] = {}
    for path in sorted(paths & (found.keys() | reckoned.keys())):
        value = reckoned[path] if path in reckoned else found[path]
        if ref.kind not in ONLY_OF.get(path, (ref.kind,)):
            value = None
        fields[path] = _absolute(value) if path in ABSOLUTE else value
    return fields


def _reckoned(ref: RecordRef, rows: Rows) -> Fields:
    """Sums of the lines; nothing where it has no items, such as a payment."""
    lines = rows.lines.get(ref.id, ())
    items = [row for row in lines if _is_item(row)]
    order = ref.id if ref.kind == ORDER_KIND else order_of(rows.graph, ref)
    if not items or ref.kind in MOVES:
        return {"subtotal": None, "taxTotal": None, "salesOrder.id": order}
    taxes = [row for row in lines if text_of(row, "tax") == "T"]
    return {
        "subtotal": _sum(ref.kind, items),
        "taxTotal": _sum(ref.kind, taxes),
        "salesOrder.id": order,
    }


def _line(kind: str, row: Row, chosen: Selection, paths: frozenset[str]) -> Fields:
    """The sign that searches give the tax is not documented: it goes with its line's amount."""
    found = fields_of(row, chosen)
    line = {path: _as_people_write(kind, path, value) for path, value in found.items()}
    if isinstance(line.get(TAX), int | Decimal):
        is_less = _number(row.get("amount")) * (1 if kind in TURNED_ROUND else -1) < 0
        line[TAX] = _with_sign(line[TAX], is_less)
    return {path: value for path, value in line.items() if path in paths}


def _as_people_write(kind: str, path: str, value: Value) -> Value:
    if path not in SIGNED:
        return value
    if kind in MOVES:
        return _absolute(value)
    return _signed(kind, value)


def _applications(ref: RecordRef, rows: Rows, paths: frozenset[str]) -> Iterable[Fields]:
    for other, paying, amount in settlements_of(rows.graph, ref.id):
        head = rows.heads.get(other.id, {})
        fields: Fields = {
            "doc": other.id,
            "type": other.kind,
            "refNum": text_of(head, "number") or None,
            "amount": exact(abs(amount)),
            "applyDate": iso_date(text_of(rows.heads.get(paying.id, {}), "day")),
        }
        yield {path: fields[path] for path in sorted(paths)}


def _credits(ref: RecordRef, rows: Rows, chosen: Chosen, paths: frozenset[str]) -> Iterable[Fields]:
    for credit in credits_of(rows.graph, ref.id):
        row = rows.heads.get(credit.id)
        if row is None:
            continue
        own = netsuite(kind_of(row), credit.id)
        total = abs(_number(row.get("total")))
        amount = total if credit.whole else credit.applied
        fields = {"amount": exact(amount), "applied": exact(credit.applied)}
        head = _head(own, rows, chosen, paths)
        yield {path: fields.get(path, head.get(path)) for path in sorted(paths)}


def credit_ids(graph: Graph, orders: Iterable[RecordRef]) -> set[str]:
    return {credit.id for ref in orders for credit in credits_of(graph, ref.id)}


def _is_item(row: Row) -> bool:
    return (
        bool(text_of(row, "item"))
        and text_of(row, "tax") != "T"
        and text_of(row, "discount") != "T"
    )


def _in_order(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (_number(row.get("place")), _number(row.get("line"))))


def _sum(kind: str, rows: Iterable[Row]) -> Value:
    return _signed(kind, exact(sum((_number(row.get("amount")) for row in rows), Decimal(0))))


def _signed(kind: str, value: Value) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return value
    return value if kind in TURNED_ROUND else Decimal(0) - Decimal(value)


def _with_sign(value: Value, is_less: bool) -> Value:
    size = _absolute(value)
    return Decimal(0) - size if is_less and isinstance(size, Decimal) else size


def _absolute(value: Value) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return value
    return abs(Decimal(value))


def _number(raw: Json) -> Decimal:
    return Decimal(str(raw)) if raw not in (None, "") else Decimal(0)
