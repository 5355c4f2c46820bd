"""Where NetSuite keeps what a map may read of a transaction and its lines.

All kinds stand in one table and have one set of columns; amounts are those of the main line, in the
currency of the transaction where not said otherwise.
"""

from collections.abc import Mapping

from ingest.domain.netsuite_columns import Column, Kind, Source, date_column

TRANSACTION_TYPES = {
    "salesOrder": "SalesOrd",
    "invoice": "CustInvc",
    "creditMemo": "CustCred",
    "customerPayment": "CustPymt",
    "customerRefund": "CustRfnd",
    "customerDeposit": "CustDep",
    "depositApplication": "DepAppl",
    "cashSale": "CashSale",
    "cashRefund": "CashRfnd",
    "returnAuthorization": "RtnAuth",
    "itemReceipt": "ItemRcpt",
    "itemFulfillment": "ItemShip",
}
"""Kind → its type in searches."""
KIND_OF_TYPE = {code: kind for kind, code in TRANSACTION_TYPES.items()}

TRANSACTION_JOINS = {
    "main": "JOIN transactionline m ON m.transaction = t.id AND m.mainline = 'T'",
    "currency": "LEFT JOIN currency c ON c.id = t.currency",
    "subsidiary": "LEFT JOIN subsidiary s ON s.id = m.subsidiary",
    "base": "LEFT JOIN currency b ON b.id = s.currency",
    "books": "LEFT JOIN currency b ON b.isbasecurrency = 'T'",
}
TRANSACTION_COLUMNS = {
    "id": Column("t.id"),
    "tranId": Column("t.tranid"),
    "externalId": Column("t.externalid"),
    "entity.id": Column("t.entity"),
    "createdFrom.id": Column("m.createdfrom", joins=("main",)),
    "status.id": Column("t.status"),
    "status.refName": Column("BUILTIN.DF(t.status)", Kind.LABEL),
    "voided": Column("t.voided", Kind.FLAG),
    "tranDate": date_column("t.trandate"),
    "dueDate": date_column("t.duedate"),
    "terms.refName": Column("BUILTIN.DF(t.terms)"),
    "postingPeriod.id": Column("t.postingperiod"),
    "postingPeriod.refName": Column("BUILTIN.DF(t.postingperiod)"),
    "otherRefNum": Column("t.otherrefnum"),
    "memo": Column("t.memo"),
    "currency.id": Column("t.currency"),
    "currency.refName": Column("c.symbol", joins=("currency",)),
    "exchangeRate": Column("t.exchangerate", Kind.NUMBER),
    "total": Column("t.foreigntotal", Kind.NUMBER),
    "amountPaid": Column("m.foreignamountpaid", Kind.NUMBER, joins=("main",)),
    "amountRemaining": Column("m.foreignamountunpaid", Kind.NUMBER, joins=("main",)),
    "amountUnapplied": Column(
        "NVL(m.foreignpaymentamountunused, m.foreignamountunpaid)", Kind.NUMBER, joins=("main",)
    ),
    "subsidiary.id": Column("m.subsidiary", joins=("main",)),
    "subsidiary.refName": Column("BUILTIN.DF(m.subsidiary)", joins=("main",)),
    "baseTotal": Column("m.netamount", Kind.NUMBER, joins=("main",)),
    "baseCurrency": Column("b.symbol", joins=("main", "subsidiary", "base")),
    "shipDate": date_column("t.shipdate"),
    "trackingNumbers": Column("t.trackingnumberlist"),
}
ONE_BOOK: Mapping[str, Column | None] = {
    "baseCurrency": Column("b.symbol", joins=("books",)),
    "subsidiary.id": None,
    "subsidiary.refName": None,
}
"""Where an account has no subsidiaries, its books are kept in the one base currency."""
RECKONED = frozenset({"subtotal", "taxTotal", "salesOrder.id"})
"""Fields of a transaction that no column holds: they follow from its lines and its links."""

TRANSACTION = Source(
    table="transaction t",
    key="t.id",
    modified="t.lastmodifieddate",
    joins=TRANSACTION_JOINS,
    columns=TRANSACTION_COLUMNS,
    custom="t.",
    always=(
        "t.type AS type",
        "t.tranid AS number",
        "TO_CHAR(t.trandate, 'YYYY-MM-DD') AS day",
        "t.foreigntotal AS total",
    ),
)
LINE = Source(
    table="transactionline l",
    key="l.transaction",
    modified="l.linelastmodifieddate",
    columns={
        "line": Column("l.id", Kind.COUNT),
        "item.id": Column("l.item"),
        "item.refName": Column("BUILTIN.DF(l.item)"),
        "itemType": Column("l.itemtype"),
        "quantity": Column("l.quantity", Kind.NUMBER),
        "rate": Column("l.rate", Kind.NUMBER),
        "amount": Column("l.foreignamount", Kind.NUMBER),
        "taxAmount": Column("l.taxamount", Kind.NUMBER),
        "description": Column("l.memo"),
        "quantityBilled": Column("l.quantitybilled", Kind.NUMBER),
        "quantityFulfilled": Column("l.quantityshiprecv", Kind.NUMBER),
        "isClosed": Column("l.isclosed", Kind.FLAG),
    },
    where="l.mainline = 'F' AND l.iscogs = 'F'",
    custom="l.",
    always=(
        "l.id AS line",
        "l.linesequencenumber AS place",
        "l.item AS item",
        "l.taxline AS tax",
        "l.transactiondiscount AS discount",
        "l.foreignamount AS amount",
    ),
)
APPLICATION_PATHS = frozenset({"doc", "type", "refNum", "amount", "applyDate"})
"""What is read of an application: it follows from links between transactions."""
