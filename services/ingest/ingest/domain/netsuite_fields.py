"""Where NetSuite keeps what a map may read: the REST name of a field and its SuiteQL column.

SuiteQL has other names than the record service and lacks its computed fields.
"""

import re

from ingest.domain.item_prices import PRICE_PATHS, PRICES
from ingest.domain.netsuite_columns import Column, Kind, Source, date_column
from ingest.domain.netsuite_transaction_fields import (
    APPLICATION_PATHS,
    LINE,
    ONE_BOOK,
    RECKONED,
    TRANSACTION,
    TRANSACTION_TYPES,
)
from kernel.records import TRANSACTION_KINDS

CUSTOM_FIELD = re.compile(r"cust(?:body|entity|record|item)[a-z0-9_]+")
CUSTOM_COLUMN = re.compile(r"custcol[a-z0-9_]+")

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
        "subsidiary.id": Column("t.subsidiary", is_one_world=True),
        "billing.addr1": Column("a.addr1", joins=("billing",)),
        "billing.addr2": Column("a.addr2", joins=("billing",)),
        "billing.city": Column("a.city", joins=("billing",)),
        "billing.zip": Column("a.zip", joins=("billing",)),
        "billing.country": Column("a.country", joins=("billing",)),
        "currency.id": Column("t.currency"),
        "currency.refName": Column("c.symbol", joins=("currency",)),
        "terms.id": Column("t.terms"),
        "terms.refName": Column("BUILTIN.DF(t.terms)"),
        "creditHoldOverride": Column("t.creditholdoverride"),
        "taxable": Column("t.taxable", Kind.FLAG),
        "creditLimit": Column("t.creditlimit", Kind.NUMBER),
        "firstSaleDate": date_column("t.firstsaledate"),
        "balance": Column("t.balancesearch", Kind.NUMBER),
        "overdueBalance": Column("t.overduebalancesearch", Kind.NUMBER),
        "unbilledOrders": Column("t.unbilledorderssearch", Kind.NUMBER),
        "depositBalance": Column("t.depositbalancesearch", Kind.NUMBER),
        "daysOverdue": Column("t.daysoverduesearch", Kind.COUNT),
    },
    custom="t.",
)
ITEM = Source(
    table="item t",
    key="t.id",
    modified="t.lastmodifieddate",
    columns={
        "id": Column("t.id"),
        "itemId": Column("t.itemid"),
        "externalId": Column("t.externalid"),
        "displayName": Column("t.displayname"),
        "salesDescription": Column("t.description"),
        "itemType": Column("t.itemtype"),
        "subtype": Column("t.subtype"),
        "isInactive": Column("t.isinactive", Kind.FLAG),
        "class.refName": Column("BUILTIN.DF(t.class)"),
        "department.refName": Column("BUILTIN.DF(t.department)"),
    },
    custom="t.",
)


def _listed(table: str, **more: Column) -> Source:
    """A list that finance keeps: what is in it is named to people."""
    return Source(
        table=f"{table} t",
        key="t.id",
        modified="SYSDATE",
        columns={
            "id": Column("t.id"),
            "name": Column("t.name"),
            "isInactive": Column("t.isinactive", Kind.FLAG),
            **more,
        },
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
        "fullName": Column("t.fullname"),
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
        "effectiveDate": date_column("t.effectivedate"),
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
        "startDate": date_column("t.startdate"),
        "endDate": date_column("t.enddate"),
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
PRICE_LEVEL = _listed("pricelevel")
CONTACT = Source(
    table="contact t",
    key="t.id",
    modified="t.lastmodifieddate",
    columns={"id": Column("t.id"), "externalId": Column("t.externalid")},
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
"""Read where its map is switched on: these rates translate books for reports and are never
a transaction's rate."""


FULL_NAME = Column("t.fullname")
NAMED = {
    "location": _listed("location", fullName=FULL_NAME),
    "department": _listed("department", fullName=FULL_NAME),
    "classification": _listed("classification", fullName=FULL_NAME),
    "paymentMethod": _listed("paymentmethod"),
}
"""Lists that a map or the table of reasons may name entries of. An account that does not keep one,
or whose role may not see it, does without."""
REFERENCES = {
    "currency": CURRENCY,
    "subsidiary": SUBSIDIARY,
    **NAMED,
    "currencyRate": CURRENCY_RATE,
    "accountingPeriod": ACCOUNTING_PERIOD,
    "term": TERM,
    "priceLevel": PRICE_LEVEL,
    "employee": EMPLOYEE,
    "contact": CONTACT,
    "consolidatedRate": CONSOLIDATED_RATE,
}
"""Few rows that change seldom: read whole, in this order, and before everything else."""
SOURCES = {
    **dict.fromkeys(TRANSACTION_TYPES, TRANSACTION),
    "customer": CUSTOMER,
    "item": ITEM,
    **REFERENCES,
}

INVOICES, CREDITS, LINES, APPLICATIONS = "invoices", "credits", "item", "apply"
CREDITED = frozenset({"amount", "applied"})
"""Of an order's credit: how much was made for the order, and how much settles its invoices."""
LISTS = {
    **{kind: frozenset({LINES, APPLICATIONS}) for kind in TRANSACTION_TYPES},
    "salesOrder": frozenset({INVOICES, CREDITS, LINES, APPLICATIONS}),
    "item": frozenset({PRICES}),
}
"""Lists of a document: its lines, what it settles or is settled by; of an order its invoices and
what was credited of it."""


WHOLE_LISTS = {APPLICATIONS: APPLICATION_PATHS, PRICES: PRICE_PATHS}
"""Lists that are not columns of a table: their fields by name."""


CURRENCY_PATHS = frozenset({"currency.id", "currency.refName", "exchangeRate", "baseCurrency"})


def source_for(kind: str, currency: str) -> Source:
    """`currency` is that of an account that has one and no table of currencies."""
    return _the_one(currency) if currency and kind == "currency" else SOURCES[kind]


def _the_one(currency: str) -> Source:
    """The row that such a table would have."""
    return Source(
        table="dual",
        key="1",
        modified="SYSDATE",
        columns={
            "id": Column("'1'"),
            "name": Column(f"'{currency}'"),
            "symbol": Column(f"'{currency}'"),
            "isInactive": Column("'F'", Kind.FLAG),
            "isBaseCurrency": Column("'T'", Kind.FLAG),
        },
    )


def _in_one_currency(path: str, currency: str) -> Column | None:
    """What every record of such an account would say."""
    if path == "exchangeRate":
        return Column("1", Kind.NUMBER)
    return None if path == "currency.id" else Column(f"'{currency}'")


def column_of(source: Source, path: str, *, one_world: bool, currency: str = "") -> Column | None:
    """None for a field that cannot be read. `currency` is that of an account that has one."""
    if currency and source in (CUSTOMER, TRANSACTION) and path in CURRENCY_PATHS:
        return _in_one_currency(path, currency)
    if not one_world and source is TRANSACTION and path in ONE_BOOK:
        return ONE_BOOK[path]
    if path in source.columns:
        found = source.columns[path]
        return None if found.is_one_world and not one_world else found
    pattern = CUSTOM_COLUMN if source is LINE else CUSTOM_FIELD
    is_custom = source.custom and pattern.fullmatch(path)
    return Column(f"{source.custom}{path}") if is_custom else None


def can_be_read(kind: str, path: str, name: str = "") -> bool:
    """Of a document of the kind, or of its list of that name."""
    if name in WHOLE_LISTS:
        return path in WHOLE_LISTS[name]
    if name == CREDITS and path in CREDITED:
        return True
    if kind in TRANSACTION_KINDS and name != LINES and path in RECKONED:
        return True
    return column_of(source_of(kind, name), path, one_world=True) is not None


def readable(kind: str, name: str = "") -> list[str]:
    """The fields that a map may name, custom ones left out."""
    if name in WHOLE_LISTS:
        return sorted(WHOLE_LISTS[name])
    if name == CREDITS:
        return sorted({*TRANSACTION.columns, *CREDITED, *RECKONED})
    own = RECKONED if kind in TRANSACTION_KINDS and name != LINES else frozenset()
    return sorted({*source_of(kind, name).columns, *own})


def source_of(kind: str, name: str) -> Source:
    return LINE if name == LINES else SOURCES[kind]
