"""The search tables of transactions: head, lines, accounting amounts, links."""

from collections.abc import Mapping
from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.kinds import CREDIT_MEMO, INVOICE, PAYMENT, SALES_ORDER
from sandbox.netsuite.ledger.open_items import (
    OpenItem,
    applications_from,
    applications_to,
    find,
)
from sandbox.netsuite.rules.orders import TAX_LINE
from sandbox.netsuite.rules.settling import FX_LINE, RECEIVABLE_LINE
from sandbox.netsuite.search.rows import Cell, Row, put, remove, row_of
from sandbox.netsuite.store import Entry
from sandbox.netsuite.timing import day, local_minute
from sandbox.netsuite.values import ZERO, Document, flag, lines, number, ref, ref_id, text, whole

SIGNS = {SALES_ORDER: 1, INVOICE: 1, PAYMENT: 1, CREDIT_MEMO: -1}
"""Of the head line: what the customer owes is positive, lines of a sale stand against it."""
Posted = Mapping[int, tuple[int, float]]
"""Line to account and base amount."""


def project_transaction(work: Work, entry: Entry) -> None:
    item = find(work, entry.id)
    posted = _posted(work, entry)
    put(work, "transaction", _head(work, entry, item))
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
    total = number(document, "total") * SIGNS[kind.name]
    row |= {
        "id": entry.id,
        "externalid": entry.external_id,
        "type": kind.code,
        "recordtype": kind.path,
        "abbrevtype": kind.abbreviation,
        "status": ref(document, "status"),
        "entity": _party(document),
        "foreigntotal": float(total),
        "posting": "T" if kind.posting else "F",
        "voided": "F",
        "void": "F",
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


def _closed_on(work: Work, item: OpenItem) -> Cell:
    if item.remaining:
        return None
    met = applications_to(work, item.id) or applications_from(work, item.id)
    return day(max([item.day, *(one.day for one in met)]))


def _party(document: Document) -> int:
    return ref_id(document, "entity") or ref_id(document, "customer")


def _replace_lines(work: Work, entry: Entry, item: OpenItem | None, posted: Posted) -> None:
    remove(work, "transactionline", "transaction", entry.id)
    common = _common(work, entry)
    put(work, "transactionline", {**common, **_main_line(entry, item, posted)})
    sign = SIGNS[entry.kind.name]
    for at, line in enumerate(lines(entry.document, "item"), start=1):
        put(work, "transactionline", {**common, **_item_line(work, line, at, sign, posted)})
    for identifier in (RECEIVABLE_LINE, TAX_LINE, FX_LINE):
        extra = identifier == RECEIVABLE_LINE and entry.kind.name != PAYMENT
        if identifier in posted and not extra:
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
    amount = number(document, "total") * SIGNS[entry.kind.name]
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
        "itemtype": ref(line, "itemType"),
        "quantity": float(-sign * number(line, "quantity")),
        "quantityshiprecv": float(number(line, "quantityFulfilled")),
        "quantitybilled": float(number(line, "quantityBilled")),
        "rate": float(number(line, "rate")) if line.get("rate") is not None else None,
        "isclosed": "T" if flag(line, "isClosed") else "F",
        "memo": text(line, "description") or None,
        "linecreateddate": local_minute(text(line, "_created")),
        "linelastmodifieddate": local_minute(text(line, "_modified")),
        **_amounts(-sign * number(line, "amount"), posted, number_of_line),
    }
    if ref(line, "orderDoc"):
        row["createdfrom"] = ref_id(line, "orderDoc")
    return row


def _extra_line(entry: Entry, identifier: int, posted: Posted) -> Row:
    document = entry.document
    amounts = {
        RECEIVABLE_LINE: -number(document, "total"),
        TAX_LINE: -number(document, "taxTotal") * SIGNS[entry.kind.name],
        FX_LINE: ZERO,
    }
    return {
        "id": identifier,
        "linesequencenumber": identifier,
        "uniquekey": -(entry.id * 10000 + identifier),
        "taxline": "T" if identifier == TAX_LINE else "F",
        "isfxvariance": "T" if identifier == FX_LINE else "F",
        **_amounts(amounts[identifier], posted, identifier),
    }


def _accounting_amounts(work: Work, entry: Entry, item: OpenItem | None) -> None:
    """Paid and unpaid of an invoice, used and unused of a payment or credit, in base currency."""
    if item is None:
        return
    settled, left = float(item.base - item.base_remaining), float(item.base_remaining)
    is_invoice = entry.kind.name == INVOICE
    columns = (
        ("amountpaid", "amountunpaid")
        if is_invoice
        else (
            "paymentamountused",
            "paymentamountunused",
        )
    )
    line = RECEIVABLE_LINE if entry.kind.name == PAYMENT else 0
    work.connection.execute(
        f"UPDATE transactionaccountingline SET {columns[0]} = ?, {columns[1]} = ?"
        ' WHERE "transaction" = ? AND transactionline = ?',
        (settled, left, entry.id, line),
    )


def _links(work: Work, entry: Entry) -> None:
    work.connection.execute("DELETE FROM _link WHERE nextdoc = ?", (entry.id,))
    modified = local_minute(entry.modified)
    for row in work.connection.execute(
        "SELECT sales_order, order_line, invoice_line, amount FROM _billing WHERE invoice = ?",
        (entry.id,),
    ).fetchall():
        ends = (row["sales_order"], row["order_line"], "SalesOrd")
        _link(work, entry, ends, row["invoice_line"], "OrdBill", Decimal(row["amount"]), modified)
    next_line = RECEIVABLE_LINE if entry.kind.name == PAYMENT else 0
    for one in applications_from(work, entry.id):
        ends = (one.target, 0, "CustInvc")
        _link(work, entry, ends, next_line, "Payment", one.amount, modified)


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
        "INSERT INTO _link VALUES (?,?,?,?,?,?,?,?,?)",
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
