"""The search tables of transactions: head, lines, accounting amounts, links."""

from collections.abc import Mapping
from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.kinds import (
    CASH_REFUND,
    CREDIT_MEMO,
    DEPOSIT,
    DEPOSIT_APPLICATION,
    JOURNAL,
    PAYMENT,
    REFUND,
    REQUEST,
    RETURN,
    TRANSACTION,
)
from sandbox.netsuite.ledger.open_items import (
    DEBIT,
    OpenItem,
    applications_from,
    applications_to,
    find,
    used_by,
    uses_of,
)
from sandbox.netsuite.rules.discounts import DISCOUNT_LINE
from sandbox.netsuite.rules.estimates import estimate_of
from sandbox.netsuite.rules.moves import COST_LINES
from sandbox.netsuite.rules.orders import TAX_LINE
from sandbox.netsuite.rules.settling import FX_LINE, RECEIVABLE_LINE
from sandbox.netsuite.search.journals import journal_line, replace_journal_lines
from sandbox.netsuite.search.rows import Cell, Row, put, remove, row_of
from sandbox.netsuite.store import Entry
from sandbox.netsuite.timing import day, local_minute
from sandbox.netsuite.values import ZERO, Document, flag, lines, number, ref, ref_id, text, whole

REVERSED = frozenset({CREDIT_MEMO, CASH_REFUND, RETURN, REFUND})
"""Of the head line: what the customer owes is positive, lines of a sale stand against it."""
MONEY = frozenset({PAYMENT, DEPOSIT, DEPOSIT_APPLICATION, REFUND})
"""No item lines: one line of money, and one an account that it meets."""
DEPOSIT_LINKS = {DEPOSIT_APPLICATION: "DepAppl", REFUND: "DepRefund"}
ESTIMATE_LINK = "EstInvc"
ORIGINS = (
    (RETURN, "createdFrom", "SaleRet"),
    (DEPOSIT, "salesOrder", "OrdDep"),
    (REQUEST, "createdFrom", "FftReq"),
)
BOTH_WAYS = (
    ("sales_order", "OrdBill", "_billing", "invoice", "order_line", "invoice_line", "amount"),
    ("source", "ShipRcpt", "_move", "document", "source_line", "document_line", "quantity"),
)
SIGNED = (("amount", "amount"), ("taxAmount", "taxamount"))
"""Of a line: they have the sign of its `foreignamount`."""
Posted = Mapping[int, tuple[int, float]]
"""Line to account and base amount."""


def project_transaction(work: Work, entry: Entry) -> None:
    item = find(work, entry.id)
    posted = _posted(work, entry)
    put(work, "transaction", _head(work, entry, item))
    if entry.kind.name == JOURNAL:
        replace_journal_lines(work, entry, item, posted, _common(work, entry))
    else:
        _replace_lines(work, entry, item, posted)
    _accounting_amounts(work, entry, item)
    _links(work, entry)


def project_settlement(work: Work, entry: Entry) -> None:
    """Only what changes when something is applied to the transaction."""
    item = find(work, entry.id)
    put(work, "transaction", _head(work, entry, item))
    if item is not None:
        work.connection.execute(
            "UPDATE transactionline SET foreignamountpaid = ?, foreignamountunpaid = ?"
            ' WHERE "transaction" = ? AND id = 0',
            (float(item.settled), float(item.remaining), entry.id),
        )
    _accounting_amounts(work, entry, item)


def _posted(work: Work, entry: Entry) -> Posted:
    rows = work.connection.execute(
        "SELECT transactionline, account, amount FROM transactionaccountingline"
        ' WHERE "transaction" = ?',
        (entry.id,),
    ).fetchall()
    return {row["transactionline"]: (row["account"], row["amount"]) for row in rows}


def _head(work: Work, entry: Entry, item: OpenItem | None) -> Row:
    document, kind = entry.document, entry.kind
    row = row_of(work, "transaction", document)
    total = number(document, "total") * sign_of(entry)
    row |= {
        "id": entry.id,
        "externalid": entry.external_id,
        "type": kind.code,
        "recordtype": kind.path,
        "abbrevtype": kind.abbreviation,
        "status": ref(document, "status"),
        "entity": _party(document) or None,
        "foreigntotal": float(total),
        "posting": "T" if kind.posting else "F",
        "voided": "T" if flag(document, "_voided") else "F",
        "void": "T" if flag(document, "_voided") else "F",
        "trandisplayname": f"{kind.title} #{text(document, 'tranId')}",
        "typebaseddocumentnumber": text(document, "tranId"),
        "employee": ref_id(document, "salesRep") or None,
        "createdby": entry.creator,
        "lastmodifiedby": entry.modifier,
        "createddate": local_minute(entry.created),
        "lastmodifieddate": local_minute(entry.modified),
    }
    if item is not None:
        row["foreignamountpaid"] = float(item.settled)
        row["foreignamountunpaid"] = float(item.remaining)
        row["closedate"] = _closed_on(work, item)
    return row


def sign_of(entry: Entry) -> int:
    return -1 if entry.kind.name in REVERSED else 1


def _closed_on(work: Work, item: OpenItem) -> Cell:
    if item.remaining:
        return None
    met = [
        *applications_to(work, item.id),
        *applications_from(work, item.id),
        *uses_of(work, item.id),
    ]
    return day(max([item.day, *(one.day for one in met)]))


def _party(document: Document) -> int:
    return ref_id(document, "entity") or ref_id(document, "customer")


def _replace_lines(work: Work, entry: Entry, item: OpenItem | None, posted: Posted) -> None:
    remove(work, "transactionline", "transaction", entry.id)
    common = _common(work, entry)
    put(work, "transactionline", {**common, **_main_line(entry, item, posted)})
    sign = sign_of(entry)
    for at, line in enumerate(lines(entry.document, "item"), start=1):
        put(work, "transactionline", {**common, **_item_line(work, line, at, sign, posted)})
    known = {0, *(whole(line, "line") for line in lines(entry.document, "item"))}
    for identifier in posted:
        if identifier not in known:
            put(work, "transactionline", {**common, **_extra_line(entry, identifier, posted)})


def _common(work: Work, entry: Entry) -> Row:
    document = entry.document
    subsidiary = ref_id(document, "subsidiary")
    return {
        "transaction": entry.id,
        "entity": _party(document),
        "subsidiary": subsidiary or None,
        "location": ref_id(document, "location") or None,
        "department": ref_id(document, "department") or None,
        "class": ref_id(document, "class") or None,
        "mainline": "F",
        "taxline": "F",
        "iscogs": "F",
        "isfxvariance": "F",
        "isclosed": "F",
        "linecreateddate": local_minute(entry.created),
        "linelastmodifieddate": local_minute(entry.modified),
        "documentnumber": text(document, "tranId"),
        "createdfrom": ref_id(document, "createdFrom") or None,
    }


def _main_line(entry: Entry, item: OpenItem | None, posted: Posted) -> Row:
    document = entry.document
    amount = number(document, "total") * sign_of(entry)
    return {
        "id": 0,
        "linesequencenumber": 0,
        "mainline": "T",
        "uniquekey": whole(document, "_key"),
        "memo": text(document, "memo") or None,
        **_amounts(amount, posted, 0),
        "foreignamountpaid": float(item.settled) if item else None,
        "foreignamountunpaid": float(item.remaining) if item else None,
    }


def _amounts(amount: Decimal, posted: Posted, line: int) -> Row:
    account, base = posted.get(line, (None, 0.0))
    return {
        "foreignamount": float(amount),
        "netamount": base,
        "debitforeignamount": float(amount) if amount > ZERO else None,
        "creditforeignamount": float(-amount) if amount < ZERO else None,
        "account": account,
        "expenseaccount": account if line else None,
    }


def _item_line(work: Work, line: Document, at: int, sign: int, posted: Posted) -> Row:
    row = row_of(work, "transactionline", line)
    number_of_line = whole(line, "line")
    row |= {
        "id": number_of_line,
        "linesequencenumber": at,
        "uniquekey": whole(line, "_key"),
        "itemtype": ref(line, "itemType") or text(line, "itemType"),
        "quantity": float(-sign * number(line, "quantity")) if "quantity" in line else None,
        "quantityshiprecv": float(
            number(line, "quantityFulfilled") + number(line, "quantityReceived")
        ),
        "quantitybilled": float(number(line, "quantityBilled")),
        "rate": float(number(line, "rate")) if line.get("rate") is not None else None,
        "isclosed": "T" if flag(line, "isClosed") else "F",
        "memo": text(line, "description") or None,
        "linecreateddate": local_minute(text(line, "_created")),
        "linelastmodifieddate": local_minute(text(line, "_modified")),
        **_amounts(_amount(line, sign, posted), posted, number_of_line),
    }
    for name, column in SIGNED:
        if line.get(name) is not None:
            row[column] = float(-sign * number(line, name))
    if ref(line, "orderDoc"):
        row["createdfrom"] = ref_id(line, "orderDoc")
    return row


def _amount(line: Document, sign: int, posted: Posted) -> Decimal:
    """Goods that move have no price here, only a cost in base currency."""
    if "_stocked" in line:
        return Decimal(repr(posted.get(whole(line, "line"), (0, 0.0))[1]))
    return -sign * number(line, "amount")


def _extra_line(entry: Entry, identifier: int, posted: Posted) -> Row:
    document = entry.document
    is_cost = identifier > COST_LINES
    return {
        "id": identifier,
        "linesequencenumber": identifier,
        "uniquekey": -(entry.id * 10000 + identifier),
        "taxline": "T" if identifier == TAX_LINE else "F",
        "isfxvariance": "T" if identifier == FX_LINE else "F",
        "iscogs": "T" if is_cost else "F",
        "transactiondiscount": "T" if identifier == DISCOUNT_LINE else "F",
        "item": _item_of(document, identifier),
        **_amounts(_extra_amount(entry, identifier, posted), posted, identifier),
    }


def _item_of(document: Document, identifier: int) -> Cell:
    """Of a line of cost the item that moved, of a head's discount its own."""
    if identifier == DISCOUNT_LINE:
        return ref_id(document, "discountItem")
    for line in lines(document, "item"):
        if whole(line, "line") == identifier - COST_LINES:
            return ref_id(line, "item")
    return None


def _extra_amount(entry: Entry, identifier: int, posted: Posted) -> Decimal:
    document = entry.document
    if identifier > COST_LINES:
        return Decimal(repr(posted[identifier][1]))
    if identifier == FX_LINE:
        return ZERO
    if identifier == DISCOUNT_LINE:
        return -number(document, "discountTotal") * sign_of(entry)
    if identifier == TAX_LINE:
        return -number(document, "taxTotal") * sign_of(entry)
    parts = document.get("_parts")
    if isinstance(parts, dict):
        return number(parts, str(identifier))
    return -number(document, "total")


def _accounting_amounts(work: Work, entry: Entry, item: OpenItem | None) -> None:
    """Paid and unpaid of an invoice, used and unused of a payment or credit, in base currency."""
    if item is None:
        return
    settled, left = float(item.base - item.base_remaining), float(item.base_remaining)
    is_invoice = item.side == DEBIT
    columns = (
        ("amountpaid", "amountunpaid")
        if is_invoice
        else (
            "paymentamountused",
            "paymentamountunused",
        )
    )
    line = RECEIVABLE_LINE if entry.kind.name in MONEY else 0
    if entry.kind.name == JOURNAL:
        line = journal_line(entry)
    work.connection.execute(
        f"UPDATE transactionaccountingline SET {columns[0]} = ?, {columns[1]} = ?"
        ' WHERE "transaction" = ? AND transactionline = ?',
        (settled, left, entry.id, line),
    )


def _links(work: Work, entry: Entry) -> None:
    work.connection.execute("DELETE FROM _link WHERE nextdoc = ?", (entry.id,))
    modified = local_minute(entry.modified)
    for order, kind, table, own, order_line, own_line, measure in BOTH_WAYS:
        for row in work.connection.execute(
            f"SELECT {order}, {order_line}, {own_line}, {measure} FROM {table} WHERE {own} = ?",
            (entry.id,),
        ).fetchall():
            ends = (row[0], row[1], _code(work, row[0]))
            _link(work, entry, ends, row[2], kind, Decimal(row[3]), modified)
    next_line = RECEIVABLE_LINE if entry.kind.name in MONEY else 0
    for one in applications_from(work, entry.id):
        ends = (one.target, 0, _code(work, one.target))
        _link(work, entry, ends, next_line, "Payment", one.amount, modified)
    for one in used_by(work, entry.id):
        code = _code(work, one.source)
        kind = DEPOSIT_LINKS[entry.kind.name] if code == "CustDep" else "Payment"
        _link(work, entry, (one.source, 0, code), 0, kind, one.amount, modified)
    _origin(work, entry, modified)


def _origin(work: Work, entry: Entry, modified: str) -> None:
    """A return's sale, the order that a deposit was made for, the estimate of a sale."""
    document = entry.document
    for kind, name, link_type in ORIGINS:
        source = ref_id(document, name) if entry.kind.name == kind else 0
        if source:
            ends = (source, 0, _code(work, source))
            _link(work, entry, ends, 0, link_type, number(document, "total"), modified)
    for source in estimate_of(work, entry):
        ends = (source, 0, _code(work, source))
        _link(work, entry, ends, 0, ESTIMATE_LINK, number(document, "total"), modified)


def _code(work: Work, identifier: int) -> str:
    kind = work.store.kind(TRANSACTION, identifier)
    return kind.code if kind else ""


def _link(
    work: Work,
    entry: Entry,
    previous: tuple[int, int, str],
    next_line: int,
    link_type: str,
    amount: Decimal,
    modified: str,
) -> None:
    work.connection.execute(
        "INSERT OR REPLACE INTO _link VALUES (?,?,?,?,?,?,?,?,?)",
        (
            *previous,
            entry.id,
            next_line,
            entry.kind.code,
            link_type,
            float(amount),
            modified,
        ),
    )
