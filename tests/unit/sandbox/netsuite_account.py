"""An account in memory for tests of its rules: no HTTP, the real tables."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sandbox.clock import Clock
from sandbox.database import open_database, transaction
from sandbox.netsuite.account import Account, Behaviour, Work, begin
from sandbox.netsuite.catalog import Catalog, load_catalog
from sandbox.netsuite.fitting import fitted
from sandbox.netsuite.kinds import KINDS
from sandbox.netsuite.principals import FINANCE
from sandbox.netsuite.records.merge import Wish
from sandbox.netsuite.records.service import Write, create, delete, find_record, update, upsert
from sandbox.netsuite.records.transforms import transform
from sandbox.netsuite.schema import schema_of
from sandbox.netsuite.seeds import seed_account
from sandbox.netsuite.store import Entry, Store
from sandbox.netsuite.suiteql.computed import register_computed
from sandbox.netsuite.suiteql.register import SearchFailure, register
from sandbox.netsuite.suiteql.run import search
from sandbox.netsuite.tables import load_tables
from sandbox.netsuite.values import dump, load_document, number
from sandbox.profile import DEFAULT, Profile

NOON = datetime(2026, 11, 24, 20, 0, 30, tzinfo=UTC)
"""Noon in Los Angeles."""
EUR, JPY, USD = 4, 5, 1


def _noon() -> Clock:
    clock = Clock()
    clock.set(NOON)
    return clock


@cache
def _catalog(profile: Profile, *, scripts: bool) -> Catalog:
    return fitted(_whole_catalog(), profile, scripts=scripts)


@cache
def _whole_catalog() -> Catalog:
    return load_catalog()


@cache
def _seeded(profile: Profile) -> bytes:
    """The database of such an account after its seed: made once, as each test begins with it."""
    tables = load_tables(profile)
    connection = open_database(":memory:", schema_of(tables))
    account = Account(
        connection=connection,
        store=Store(connection),
        catalog=_catalog(profile, scripts=False),
        script_catalog=_catalog(profile, scripts=True),
        tables=tables,
        clock=_noon(),
        profile=profile,
        behaviour=Behaviour(),
    )
    register(connection, profile.account_date_format, SearchFailure())
    register_computed(account)
    with transaction(connection):
        seed_account(account, "empty")
    held = connection.serialize()
    connection.close()
    return held


class Books:
    """One account, seeded with `empty`, its clock at noon."""

    def __init__(self, profile: Profile = DEFAULT, behaviour: Behaviour | None = None) -> None:
        connection = open_database(":memory:")
        connection.deserialize(_seeded(profile))
        self.clock = _noon()
        self.account = Account(
            connection=connection,
            store=Store(connection),
            catalog=_catalog(profile, scripts=False),
            script_catalog=_catalog(profile, scripts=True),
            tables=load_tables(profile),
            clock=self.clock,
            profile=profile,
            behaviour=behaviour or Behaviour(),
        )
        self._failure = SearchFailure()
        register(connection, profile.account_date_format, self._failure)
        register_computed(self.account)

    def work(self) -> Work:
        return begin(self.account, FINANCE)

    def create(self, kind: str, **body: Any) -> Entry:
        with transaction(self.account.connection):
            return create(self.work(), KINDS[kind.lower()], _typed(body), Write())

    def update(self, entry: Entry, replace: str = "", **body: Any) -> Entry:
        write = Write(wish=Wish(replace=frozenset({replace} - {""})))
        with transaction(self.account.connection):
            return update(self.work(), self.read(entry), _typed(body), write)

    def upsert(self, kind: str, external_id: str, **body: Any) -> Entry:
        with transaction(self.account.connection):
            return upsert(self.work(), KINDS[kind.lower()], external_id, _typed(body), Write())

    def transform(self, source: Entry, target: str, **body: Any) -> Entry:
        with transaction(self.account.connection):
            fresh = self.read(source)
            return transform(self.work(), fresh, KINDS[target.lower()], _typed(body), Write())

    def delete(self, entry: Entry) -> None:
        with transaction(self.account.connection):
            delete(self.work(), self.read(entry))

    def read(self, entry: Entry) -> Entry:
        return find_record(self.work(), entry.kind, str(entry.id))

    def amount(self, entry: Entry, name: str) -> Decimal:
        return number(self.read(entry).document, name)

    def status(self, entry: Entry) -> str:
        status = self.read(entry).document["status"]
        assert isinstance(status, dict)
        return str(status["id"])

    def query(self, text: str, *parameters: str) -> list[dict[str, str]]:
        return search(self.account, self._failure, text, parameters, 1000, 0).rows

    def value(self, text: str) -> str:
        """Of a query with one row and one column."""
        (row,) = self.query(text)
        (value,) = row.values()
        return value

    def postings(self, entry: Entry) -> dict[int, Decimal]:
        """Base amounts by account."""
        rows = self.account.connection.execute(
            "SELECT account, amount FROM transactionaccountingline"
            ' WHERE "transaction" = ? ORDER BY transactionline',
            (entry.id,),
        ).fetchall()
        posted: dict[int, Decimal] = {}
        for row in rows:
            posted[row[0]] = posted.get(row[0], Decimal(0)) + Decimal(str(row[1]))
        return posted

    def customer(self, currency: int = EUR, subsidiary: int = 1, **body: Any) -> Entry:
        return self.create(
            "customer",
            **{
                "companyName": "Acme GmbH",
                "subsidiary": {"id": str(subsidiary)},
                "currency": {"id": str(currency)},
                **body,
            },
        )

    def order(self, customer: Entry, *lines: dict[str, Any], **body: Any) -> Entry:
        return self.create(
            "salesOrder",
            **{
                "entity": {"id": str(customer.id)},
                "orderStatus": {"id": "B"},
                "item": {"items": list(lines)},
                **body,
            },
        )

    def invoice(self, customer: Entry, *lines: dict[str, Any], **body: Any) -> Entry:
        return self.create(
            "invoice",
            **{"entity": {"id": str(customer.id)}, "item": {"items": list(lines)}, **body},
        )


def books_of_a_deal() -> Books:
    """An order of 10,000.00 EUR, billed in two parts; the first invoice paid in part."""
    books = Books()
    customer = books.customer(externalId="sf-1", email="ap@acme.example")
    books.customer(companyName="Börner & Söhne", externalId="sf-2")
    order = books.order(
        customer, line(101, 1, 6000), line(102, 2, 1250), line(103, 1, 1500), externalId="so-1"
    )
    first = books.transform(
        order,
        "invoice",
        item={"items": [{"orderLine": 2, "quantity": 1}]},
        tranDate="2026-11-02",
        exchangeRate=1.03,
    )
    books.transform(order, "invoice", tranDate="2026-11-23")
    books.transform(first, "customerPayment", payment=750.5)
    return books


def line(item: int, quantity: object, rate: object, **body: Any) -> dict[str, Any]:
    return {"item": {"id": str(item)}, "quantity": quantity, "rate": rate, **body}


def _typed(body: dict[str, Any]) -> Any:
    """As if it had come over the wire."""
    return load_document(dump(body))
