"""Reads booked documents from both systems, as the integration's own users see them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation

from kernel.errors import PermanentError, RetryableError, UnknownOutcomeError
from kernel.exact_json import Json
from kernel.rate_reports import Booked
from kernel.rates import Pair
from ops.checks.settings import NetSuite, Salesforce
from ops.checks.vendor import said_in
from ops.local.errors import UnreachableError
from runtime.clock import Clock
from runtime.fetching import Answer, open_fetching
from runtime.netsuite_sign_in import netsuite_access, netsuite_calls
from runtime.salesforce_sign_in import SalesforceSignIn, salesforce_calls
from runtime.telemetry import open_telemetry
from runtime.tokens import HeldToken
from runtime.vendor_calls import VendorCalls

SUITEQL = "/services/rest/query/v1/suiteql"
PAGE_ROWS, PAGES_MAX = 1_000, 500
TIMEOUT_S = 60.0
SERVICE = "ops"
Row = dict[str, Json]

COLUMNS = (
    "SELECT t.id AS id, t.tranid AS number, TO_CHAR(t.trandate, 'YYYY-MM-DD') AS day,"
    " c.symbol AS currency, b.symbol AS base, t.exchangerate AS rate, t.foreigntotal AS total,"
    " m.netamount AS basetotal, t.voided AS voided FROM transaction t"
    " JOIN transactionline m ON m.transaction = t.id AND m.mainline = 'T'"
    " JOIN currency c ON c.id = t.currency"
)
MANY_BOOKS = " JOIN subsidiary s ON s.id = m.subsidiary JOIN currency b ON b.id = s.currency"
ONE_BOOK = " JOIN currency b ON b.isbasecurrency = 'T'"


class NetSuiteBooks:
    def __init__(self, calls: VendorCalls, *, one_world: bool) -> None:
        self._calls = calls
        self._from = COLUMNS + (MANY_BOOKS if one_world else ONE_BOOK)

    async def documents(self, where: str) -> list[Booked]:
        """Those that are not voided, oldest first. `where` is trusted: it is not user input."""
        found: list[Booked] = []
        after = 0
        for _ in range(PAGES_MAX):
            rows = await rows_of(
                self._calls, f"{self._from} WHERE {where} AND t.id > {after} ORDER BY t.id"
            )
            found += [_of_netsuite(row) for row in rows if str(row.get("voided")) != "T"]
            if len(rows) < PAGE_ROWS:
                return found
            after = int(str(rows[-1]["id"]))
        raise UnreachableError(f"NetSuite has more than {PAGES_MAX * PAGE_ROWS} such documents")

    async def invoices_of(self, order: Booked) -> list[Booked]:
        made = f"SELECT nextdoc FROM nexttransactionlink WHERE previousdoc = {int(order.id)}"
        return await self.documents(f"t.type = 'CustInvc' AND t.id IN ({made})")

    async def orders_of(self, invoice: Booked) -> list[Booked]:
        made = f"SELECT previousdoc FROM nexttransactionlink WHERE nextdoc = {int(invoice.id)}"
        return await self.documents(f"t.type = 'SalesOrd' AND t.id IN ({made})")

    async def with_rate_day(self, item: Booked) -> Booked:
        """When the rate that NetSuite has for the document's day became effective; unknown where
        the document was booked at another one."""
        rows = await rows_of(
            self._calls,
            "SELECT r.exchangerate AS rate, TO_CHAR(r.effectivedate, 'YYYY-MM-DD') AS day"
            " FROM currencyrate r JOIN currency c ON c.id = r.transactioncurrency"
            " JOIN currency b ON b.id = r.basecurrency"
            f" WHERE c.symbol = '{item.pair.currency}' AND b.symbol = '{item.pair.base}'"
            f" AND r.effectivedate <= TO_DATE('{item.day.isoformat()}', 'YYYY-MM-DD')"
            " ORDER BY r.effectivedate DESC, r.id DESC FETCH NEXT 1 ROWS ONLY",
        )
        if not rows or _decimal(rows[0]["rate"]) != item.rate:
            return item
        return replace(item, rate_day=date.fromisoformat(str(rows[0]["day"])))


@asynccontextmanager
async def open_books(settings: NetSuite) -> AsyncIterator[NetSuiteBooks]:
    there = settings.connection
    async with open_fetching(
        "NetSuite", there.hosts, ca_file=settings.ca_file, connections=1
    ) as fetching:
        access = netsuite_access(fetching, Clock(), there)
        calls = netsuite_calls(fetching, access, open_telemetry(SERVICE, "0"), there)
        yield NetSuiteBooks(calls, one_world=await _is_one_world(calls))


async def _is_one_world(calls: VendorCalls) -> bool:
    return (await _asked(calls, "SELECT id FROM subsidiary WHERE id = 1")).is_success


async def rows_of(calls: VendorCalls, sql: str) -> list[Row]:
    answer = await _asked(calls, sql)
    items = answer.fields().get("items")
    if not answer.is_success or not isinstance(items, list):
        raise UnreachableError(f"NetSuite does not answer: {said_in(answer)}")
    return [{name.lower(): value for name, value in row.items()}
            for row in items if isinstance(row, dict)]  # fmt: skip


async def _asked(calls: VendorCalls, sql: str) -> Answer:
    headers = {"Content-Type": "application/json", "Prefer": "transient"}
    query, body = {"limit": str(PAGE_ROWS)}, json.dumps({"q": sql})
    try:
        return await calls.send(
            "query", "POST", SUITEQL, query=query, headers=headers, body=body, timeout_s=TIMEOUT_S
        )
    except (RetryableError, UnknownOutcomeError, PermanentError) as error:
        raise UnreachableError(f"NetSuite cannot be read: {error}") from error


async def shown_in_salesforce(settings: Salesforce, where: str) -> list[Booked]:
    """Rows of NS_Transaction__c. `where` is trusted: it is not user input."""
    org = settings.connection
    currency = "" if settings.currency else ", CurrencyIsoCode"
    soql = (
        "SELECT NS_Internal_Id__c, Name, Date__c, Base_Currency__c, Exchange_Rate__c, Total__c,"
        f" Base_Total__c{currency} FROM NS_Transaction__c WHERE {where} ORDER BY Id"
    )
    async with open_fetching(
        "Salesforce", org.hosts, ca_file=settings.ca_file, connections=1
    ) as fetching:
        tokens = HeldToken(SalesforceSignIn(fetching, Clock(), org), Clock())
        calls = salesforce_calls(fetching, tokens, open_telemetry(SERVICE, "0"), org)
        first = f"/services/data/v{org.api_version}/query"
        rows = [row async for row in _pages(calls, first, {"q": soql})]
    return [_of_salesforce(row, settings.currency) for row in rows]


async def _pages(calls: VendorCalls, path: str, query: dict[str, str]) -> AsyncIterator[Row]:
    for _ in range(PAGES_MAX):
        try:
            answer = await calls.send("query", "GET", path, query=query, timeout_s=TIMEOUT_S)
        except (RetryableError, UnknownOutcomeError, PermanentError) as error:
            raise UnreachableError(f"Salesforce cannot be read: {error}") from error
        body = answer.fields()
        records = body.get("records")
        if not answer.is_success or not isinstance(records, list):
            raise UnreachableError(f"Salesforce does not answer: {said_in(answer)}")
        for row in records:
            if isinstance(row, dict):
                yield row
        if body.get("done"):
            return
        path, query = str(body.get("nextRecordsUrl")), {}
    raise UnreachableError(f"Salesforce answers with more than {PAGES_MAX} pages")


def _of_netsuite(row: Row) -> Booked:
    return Booked(
        id=str(row["id"]),
        number=str(row["number"]),
        day=date.fromisoformat(str(row["day"])),
        pair=Pair(str(row["currency"]), str(row["base"])),
        rate=_decimal(row.get("rate")),
        total=_decimal(row.get("total")),
        base_total=_decimal(row.get("basetotal")),
    )


def _of_salesforce(row: Row, currency: str) -> Booked:
    return Booked(
        id=str(row["NS_Internal_Id__c"]),
        number=str(row["Name"]),
        day=date.fromisoformat(str(row["Date__c"])),
        pair=Pair(currency or str(row["CurrencyIsoCode"]), str(row["Base_Currency__c"])),
        rate=_decimal(row.get("Exchange_Rate__c")),
        total=_decimal(row.get("Total__c")),
        base_total=_decimal(row.get("Base_Total__c")),
    )


def _decimal(value: Json) -> Decimal:
    try:
        return Decimal(str(value)).normalize() + 0
    except InvalidOperation:
        return Decimal(0)
