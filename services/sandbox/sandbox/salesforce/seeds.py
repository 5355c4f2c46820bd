"""Fills the org: a catalogue always, a small believable company for the demo, or a file."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.records import create
from sandbox.salesforce.seeds_size import SIZE, fill, parse_size
from sandbox.salesforce.setup import ADMIN_USER, SALES_USER
from sandbox.salesforce.work import DuplicateWish, Work

DATA = Path(__file__).parent / "data"
KEPT = frozenset(
    "Organization User Profile UserRole PermissionSet PermissionSetAssignment CurrencyType"
    " DatedConversionRate RecordType".split()
)
REF = "_ref"
TODAY = "@today"
CURRENCIES = ("USD", "EUR", "GBP", "JPY")
CUSTOM_BOOK = "Enterprise"
STANDARD_BOOK = "Standard Price Book"
Document = Mapping[str, object]
Refs = dict[str, str]


class SeedError(ValueError):
    """A seed that cannot be loaded; the message names the record."""


def seed(desk: Desk, name: str) -> None:
    """`demo`, `empty`, `size:accounts=N,…`, or a JSON file that is loaded on top of `empty`.

    What `history` holds was there before anybody listened: it is loaded without events.
    """
    size = parse_size(name) if name.startswith(SIZE) else None
    document, history = ({}, {}) if size else _documents(name)
    _wipe(desk)
    refs: Refs = {}
    _load(desk, ADMIN_USER, json.loads((DATA / "catalogue.json").read_text()), refs)
    _load_prices(desk, refs)
    _load(desk, SALES_USER, document, refs)
    _load(desk, SALES_USER, history, refs, told=False)
    if size:
        fill(desk.org, size, SALES_USER)


def _documents(name: str) -> tuple[Document, Document]:
    """What is told to everybody, and what was there before."""
    if name == "empty":
        return {}, {}
    if name == "demo":
        found = json.loads((DATA / "demo.json").read_text())
    else:
        try:
            found = json.loads(Path(name).read_text())
        except (OSError, json.JSONDecodeError) as error:
            raise SeedError(f"seed {name}: {error}; use demo, empty or a JSON file") from None
    whole = found if isinstance(found, dict) else {"salesforce": None}
    part, history = whole.get("salesforce", {}), whole.get("salesforce_history", {})
    if not isinstance(part, dict) or not isinstance(history, dict):
        raise SeedError(f'seed {name}: use {{"salesforce": {{"Account": [...]}}}}')
    return part, history


def _wipe(desk: Desk) -> None:
    connection = desk.org.connection
    for sobject in desk.org.schema.objects.values():
        if sobject.name not in KEPT:
            connection.execute(f'DELETE FROM "{sobject.name}"')
    for table in ("match_key", "purged", "locator"):
        connection.execute(f"DELETE FROM {table}")
    desk.bus.forget()


def _load(desk: Desk, user: str, document: Document, refs: Refs, *, told: bool = True) -> None:
    """One transaction an object; `_ref` names a record, `@name` stands for its id."""
    for name, records in document.items():
        sobject = desk.org.schema.find(name)
        if sobject is None or not isinstance(records, list):
            raise SeedError(f"{name}: not an object of this org, or not a list of records")
        work = _work(desk, user)
        for number, record in enumerate(records):
            if not isinstance(record, dict):
                raise SeedError(f"{name} {number}: use an object of fields")
            body = {
                key: _resolved(desk, value, refs)
                for key, value in record.items()
                if key != REF and (sobject.has(key) or desk.org.multi_currency)
            }
            identifier = create(work, sobject, body)
            refs[str(record.get(REF, f"{name}.{number}"))] = identifier
        if told:
            desk.finish(work)


def _work(desk: Desk, user: str) -> Work:
    return Work(desk.org, user=user, duplicates=DuplicateWish(allow_save=True))


def _resolved(desk: Desk, value: object, refs: Refs) -> object:
    if not isinstance(value, str) or not value.startswith("@"):
        return value
    if value.startswith(TODAY):
        days = timedelta(days=int(value.removeprefix(TODAY)))
        return (desk.org.clock.now() + days).date().isoformat()
    if value[1:] not in refs:
        raise SeedError(f"{value}: no record of the seed has this name")
    return refs[value[1:]]


def _load_prices(desk: Desk, refs: Refs) -> None:
    """Each product in the standard book first, then in the custom one, in each currency.

    `@SUB-PLAT/EUR` is then the price in the custom book.
    """
    prices = json.loads((DATA / "prices.json").read_text())
    work = _work(desk, ADMIN_USER)
    entry = desk.org.schema.of("PricebookEntry")
    for book, product, currency, price in _prices(desk, prices):
        body: dict[str, object] = {
            "Pricebook2Id": refs[book],
            "Product2Id": refs[product],
            "UnitPrice": price,
            "IsActive": True,
        }
        if desk.org.multi_currency:
            body["CurrencyIsoCode"] = currency
        identifier = create(work, entry, body)
        for known in CURRENCIES if not desk.org.multi_currency else (currency,):
            refs[f"{product}/{known}"] = identifier
    desk.finish(work)


def _prices(
    desk: Desk, prices: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str, str, Decimal]]:
    currencies = CURRENCIES if desk.org.multi_currency else CURRENCIES[:1]
    for book in (STANDARD_BOOK, CUSTOM_BOOK):
        for product, price in prices.items():
            for currency in currencies:
                yield book, product, currency, Decimal(price[currency])
