"""Where NetSuite keeps what a map may read: the REST name of a field and its SuiteQL column.

SuiteQL has other names than the record service and lacks its computed fields; amounts are those of
the main line, in the currency of the transaction where not said otherwise. All kinds of
transactions stand in one table and have one set of columns.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kernel.records import TRANSACTION_KINDS

CUSTOM_FIELD = re.compile(r"cust(?:body|entity|record|item)[a-z0-9_]+")
CUSTOM_COLUMN = re.compile(r"custcol[a-z0-9_]+")


class Kind(StrEnum):
    """How an answer's text is read; every value arrives as text."""

    TEXT = "text"
    LABEL = "label"
    """A status as people read it, behind the name of its type: `Sales Order : Billed`."""
    NUMBER = "number"
    COUNT = "count"
    """A whole number."""
    FLAG = "flag"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Column:
    sql: str
    kind: Kind = Kind.TEXT
    joins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One kind of record. `joins` stand in the order in which they build on each other."""

    table: str
    key: str
    modified: str
    columns: Mapping[str, Column]
    where: str = ""
    joins: Mapping[str, str] = field(default_factory=dict)
    custom: str = ""
    """What stands before the name of a custom field; empty where there are none."""
    always: tuple[str, ...] = ()
    """What is selected whatever the map reads."""


def _date(name: str) -> Column:
    return Column(f"TO_CHAR({name}, 'YYYY-MM-DD')", Kind.DATE)


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
    "tranDate": _date("t.trandate"),
    "dueDate": _date("t.duedate"),
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
    "shipDate": _date("t.shipdate"),
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
    always=("t.type AS type", "t.tranid AS number", "TO_CHAR(t.trandate, 'YYYY-MM-DD') AS day"),
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

CUSTOMER = Source(
    table="customer t",
    key="t.id",
    modified="t.lastmodifieddate",
    joins={
        "currency": "LEFT JOIN currency c ON c.id = t.currency",
        "billing": "LEFT JOIN customeraddressbookentityaddress a"
        " ON a.nkey = t.defaultbillingaddress",
    },
    columns={
        "id": Column("t.id"),
        "entityId": Column("t.entityid"),
        "externalId": Column("t.externalid"),
        "companyName": Column("t.companyname"),
        "firstName": Column("t.firstname"),
        "lastName": Column("t.lastname"),
        "isPerson": Column("t.isperson", Kind.FLAG),
        "isInactive": Column("t.isinactive", Kind.FLAG),
        "email": Column("t.email"),
        "phone": Column("t.phone"),
        "url": Column("t.url"),
        "vatRegNumber": Column("t.vatregnumber"),
        "parent.id": Column("t.parent"),
        "billing.addr1": Column("a.addr1", joins=("billing",)),
        "billing.addr2": Column("a.addr2", joins=("billing",)),
        "billing.city": Column("a.city", joins=("billing",)),
        "billing.zip": Column("a.zip", joins=("billing",)),
        "billing.country": Column("a.country", joins=("billing",)),
        "currency.id": Column("t.currency"),
        "currency.refName": Column("c.symbol", joins=("currency",)),
        "terms.id": Column("t.terms"),
        "terms.refName": Column("BUILTIN.DF(t.terms)"),
        "creditLimit": Column("t.creditlimit", Kind.NUMBER),
        "balance": Column("t.balancesearch", Kind.NUMBER),
        "overdueBalance": Column("t.overduebalancesearch", Kind.NUMBER),
        "unbilledOrders": Column("t.unbilledorderssearch", Kind.NUMBER),
        "depositBalance": Column("t.depositbalancesearch", Kind.NUMBER),
        "daysOverdue": Column("t.daysoverduesearch", Kind.COUNT),
    },
    custom="t.",
)
CURRENCY = Source(
    table="currency t",
    key="t.id",
    modified="t.lastmodifieddate",
    columns={
        "id": Column("t.id"),
        "name": Column("t.name"),
        "symbol": Column("t.symbol"),
        "currencyPrecision": Column("t.currencyprecision", Kind.COUNT),
        "isInactive": Column("t.isinactive", Kind.FLAG),
        "isBaseCurrency": Column("t.isbasecurrency", Kind.FLAG),
    },
)
SUBSIDIARY = Source(
    table="subsidiary t",
    key="t.id",
    modified="t.lastmodifieddate",
    joins={"currency": "LEFT JOIN currency c ON c.id = t.currency"},
    columns={
        "id": Column("t.id"),
        "name": Column("t.name"),
        "isInactive": Column("t.isinactive", Kind.FLAG),
        "currency.id": Column("t.currency"),
        "currency.refName": Column("c.symbol", joins=("currency",)),
    },
)
RATE_DAYS = 35
"""How far back rates are read: what is dated before is settled, and NetSuite knows its rate."""
CURRENCY_RATE = Source(
    table="currencyrate t",
    key="t.id",
    modified="t.lastmodifieddate",
    where=f"t.effectivedate >= TRUNC(SYSDATE) - {RATE_DAYS}",
    joins={
        "base": "JOIN currency b ON b.id = t.basecurrency",
        "foreign": "JOIN currency f ON f.id = t.transactioncurrency",
    },
    columns={
        "id": Column("t.id"),
        "baseCurrency.id": Column("t.basecurrency"),
        "baseCurrency.refName": Column("b.symbol", joins=("base",)),
        "transactionCurrency.id": Column("t.transactioncurrency"),
        "transactionCurrency.refName": Column("f.symbol", joins=("foreign",)),
        "exchangeRate": Column("t.exchangerate", Kind.NUMBER),
        "effectiveDate": _date("t.effectivedate"),
    },
)
ACCOUNTING_PERIOD = Source(
    table="accountingperiod t",
    key="t.id",
    modified="t.lastmodifieddate",
    where="t.isquarter = 'F' AND t.isyear = 'F'",
    columns={
        "id": Column("t.id"),
        "periodName": Column("t.periodname"),
        "startDate": _date("t.startdate"),
        "endDate": _date("t.enddate"),
        "closed": Column("t.closed", Kind.FLAG),
        "allLocked": Column("t.alllocked", Kind.FLAG),
        "arLocked": Column("t.arlocked", Kind.FLAG),
        "apLocked": Column("t.aplocked", Kind.FLAG),
        "isAdjust": Column("t.isadjust", Kind.FLAG),
        "isPosting": Column("t.isposting", Kind.FLAG),
        "isInactive": Column("t.isinactive", Kind.FLAG),
    },
)
TERM = Source(
    table="term t",
    key="t.id",
    modified="t.lastmodifieddate",
    columns={
        "id": Column("t.id"),
        "name": Column("t.name"),
        "daysUntilNetDue": Column("t.daysuntilnetdue", Kind.COUNT),
        "isInactive": Column("t.isinactive", Kind.FLAG),
    },
)
PRICE_LEVEL = Source(
    table="pricelevel t",
    key="t.id",
    modified="SYSDATE",
    columns={
        "id": Column("t.id"),
        "name": Column("t.name"),
        "isInactive": Column("t.isinactive", Kind.FLAG),
    },
)
EMPLOYEE = Source(
    table="employee t",
    key="t.id",
    modified="SYSDATE",
    columns={
        "id": Column("t.id"),
        "isSalesRep": Column("t.issalesrep", Kind.FLAG),
        "isInactive": Column("t.isinactive", Kind.FLAG),
    },
)
CONSOLIDATED_RATE = Source(
    table="consolidatedexchangerate t",
    key="t.id",
    modified="SYSDATE",
    where="t.isperiodclosed = 'F'",
    columns={
        "id": Column("t.id"),
        "postingPeriod.id": Column("t.postingperiod"),
        "fromSubsidiary.id": Column("t.fromsubsidiary"),
        "toSubsidiary.id": Column("t.tosubsidiary"),
        "currentRate": Column("t.currentrate", Kind.NUMBER),
        "averageRate": Column("t.averagerate", Kind.NUMBER),
        "historicalRate": Column("t.historicalrate", Kind.NUMBER),
    },
)
"""Only where a table of your own names it: these rates translate books for reports and are never
a transaction's rate."""

REFERENCES = {
    "currency": CURRENCY,
    "subsidiary": SUBSIDIARY,
    "currencyRate": CURRENCY_RATE,
    "accountingPeriod": ACCOUNTING_PERIOD,
    "term": TERM,
    "priceLevel": PRICE_LEVEL,
    "employee": EMPLOYEE,
    "consolidatedRate": CONSOLIDATED_RATE,
}
"""Few rows that change seldom: read whole, in this order, and before everything else."""
SOURCES = {
    **dict.fromkeys(TRANSACTION_TYPES, TRANSACTION),
    "customer": CUSTOMER,
    **REFERENCES,
}

INVOICES, LINES, APPLICATIONS = "invoices", "item", "apply"
LISTS = {
    **{kind: frozenset({LINES, APPLICATIONS}) for kind in TRANSACTION_TYPES},
    "salesOrder": frozenset({INVOICES, LINES, APPLICATIONS}),
}
"""Lists of a document: its lines, what it settles or is settled by, the invoices of an order."""


def column_of(source: Source, path: str, *, one_world: bool) -> Column | None:
    """None for a field that cannot be read."""
    if not one_world and source is TRANSACTION and path in ONE_BOOK:
        return ONE_BOOK[path]
    if path in source.columns:
        return source.columns[path]
    pattern = CUSTOM_COLUMN if source is LINE else CUSTOM_FIELD
    is_custom = source.custom and pattern.fullmatch(path)
    return Column(f"{source.custom}{path}") if is_custom else None


def can_be_read(kind: str, path: str, name: str = "") -> bool:
    """Of a document of the kind, or of its list of that name."""
    if name == APPLICATIONS:
        return path in APPLICATION_PATHS
    if kind in TRANSACTION_KINDS and name != LINES and path in RECKONED:
        return True
    return column_of(source_of(kind, name), path, one_world=True) is not None


def readable(kind: str, name: str = "") -> list[str]:
    """The fields that a map may name, custom ones left out."""
    if name == APPLICATIONS:
        return sorted(APPLICATION_PATHS)
    own = RECKONED if kind in TRANSACTION_KINDS and name != LINES else frozenset()
    return sorted({*source_of(kind, name).columns, *own})


def source_of(kind: str, name: str) -> Source:
    return LINE if name == LINES else SOURCES[kind]
