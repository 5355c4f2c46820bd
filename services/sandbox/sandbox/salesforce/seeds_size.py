"""A big org on request: accounts, and deals with lines, the same for the same seed number."""

import random
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import timedelta
from itertools import islice

from sandbox.salesforce.duplicates import name_key, website_key
from sandbox.salesforce.ids import CHECKSUM, DIGITS, make_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.rules.opportunities import CATEGORIES
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.standard import stages
from sandbox.salesforce.values import EPOCH, Stored

SIZE = "size:"
ACCOUNTS_MAX = 10_000_000
LINES_MAX = 50
BATCH = 5_000
CACHE_KIB = 128_000
YEARS_S = 3 * 365 * 86_400
DAY_S = 86_400
WORDS = (
    "North Harbour Silver Cedar Summit Delta Granite Meadow Copper Orchard Falcon Beacon River"
    " Amber Castle Willow Atlas Juniper Comet Prairie"
).split()
TRADES = "Foods Tools Logistics Media Textiles Energy Robotics Pharma Glass Paper".split()
FORMS = {"USD": "Inc", "EUR": "GmbH", "GBP": "Ltd", "JPY": "KK"}
TOWNS = {
    "USD": ("Springfield", "62701", "USA"),
    "EUR": ("Berlin", "10117", "Germany"),
    "GBP": ("London", "EC4Y 1AU", "United Kingdom"),
    "JPY": ("Tokyo", "100-0005", "Japan"),
}
INDUSTRIES = ("Manufacturing", "Technology", "Consulting", "Electronics", "Retail")
PAIRS = len(DIGITS) ** 2


class SizeError(ValueError):
    """A size that cannot be read; the message names the part and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    accounts: int = 1000
    opportunities: int = 200
    lines: int = 2
    """At most, on each opportunity; at least one."""
    seed: int = 1


def parse_size(name: str) -> Size:
    """Such as size:accounts=1000000,opportunities=200000,seed=7."""
    known = {field.name: 0 for field in fields(Size)}
    wishes: dict[str, int] = {}
    for wish in filter(None, name.removeprefix(SIZE).split(",")):
        key, _, text = wish.partition("=")
        if key not in known or not text.isdecimal():
            raise SizeError(f"{wish}: use {', '.join(f'{known_key}=N' for known_key in known)}")
        wishes[key] = int(text)
    size = Size(**wishes)
    if max(size.accounts, size.opportunities) > ACCOUNTS_MAX or not 1 <= size.lines <= LINES_MAX:
        limits = f"at most {ACCOUNTS_MAX} records of a kind, 1 to {LINES_MAX} lines"
        raise SizeError(f"{name}: {limits}")
    if size.opportunities and not size.accounts:
        raise SizeError(f"{name}: opportunities need accounts")
    return size


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A line's price: entry, product, its code, its name, and hundredths of the currency."""

    entry: str
    product: str
    code: str
    name: str
    cents: int


def fill(org: Org, size: Size, owner: str) -> None:
    """Adds the records behind those that are there; they were all made before this moment."""
    dice = random.Random(size.seed)
    names = ("Account", "Opportunity", "OpportunityLineItem")
    with _bare(org.connection, names):
        accounts = _Accounts(org, owner, dice, org.counters.read("id Account") + 1)
        accounts.add(size.accounts)
        deals = _Deals(org, owner, dice, accounts.first, size)
        deals.add()


@contextmanager
def _bare(connection: sqlite3.Connection, names: Sequence[str]) -> Iterator[None]:
    """Without the indexes of these tables, which are cheaper to make afterwards."""
    marks = ", ".join("?" * (len(names) + 1))
    found = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        f" AND tbl_name IN ({marks})",
        (*names, "match_key"),
    ).fetchall()
    kept = connection.execute("PRAGMA cache_size").fetchone()[0]
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    for row in found:
        connection.execute(f'DROP INDEX "{row[0]}"')
    yield
    for row in found:
        connection.execute(row[1])
    connection.execute(f"PRAGMA cache_size = {kept}")


class _Accounts:
    def __init__(self, org: Org, owner: str, dice: random.Random, first: int) -> None:
        self._org = org
        self._owner = owner
        self._dice = dice
        self.first = first

    def add(self, count: int) -> None:
        org = self._org
        org.counters.take("id Account", max(count, 1))
        version = org.counters.take("version", max(count, 1))
        columns = _columns(org, "Account")
        rows = self._rows(count, version, currencies_of(org))
        for batch in iter(lambda: list(islice(rows, BATCH)), []):
            _insert(org.connection, org.schema.of("Account"), columns, batch)
            org.connection.executemany(
                "INSERT INTO match_key (id, name, website) VALUES (?, ?, ?)",
                [
                    (row["Id"], name_key(str(row["Name"])), website_key(row["Website"]))
                    for row in batch
                ],
            )

    def _rows(
        self, count: int, version: int, currencies: Sequence[str]
    ) -> Iterator[dict[str, Stored]]:
        now = self._org.now_s()
        for number, identifier in enumerate(ids("001", self.first, count)):
            currency = currencies[number % len(currencies)]
            made = now - YEARS_S + YEARS_S * number // count
            yield self._account(number, currency) | {
                "Id": identifier,
                **stamps(made, self._owner),
                "_version": version + number,
            }

    def _account(self, number: int, currency: str) -> dict[str, Stored]:
        dice = self._dice
        word, trade = WORDS[number % len(WORDS)], TRADES[number // len(WORDS) % len(TRADES)]
        town, code, country = TOWNS[currency]
        return {
            "Name": f"{word} {trade} {number} {FORMS[currency]}",
            "CurrencyIsoCode": currency,
            "Type": "Customer - Direct" if number % 4 else "Prospect",
            "Industry": INDUSTRIES[number % len(INDUSTRIES)],
            "Phone": f"+1 555 {int(dice.random() * 1e7):07d}",
            "Website": f"https://{word.lower()}-{number}.example",
            "BillingStreet": f"{1 + number % 400} {trade} Street",
            "BillingCity": town,
            "BillingPostalCode": code,
            "BillingCountry": country,
        }


class _Deals:
    """Opportunities and their lines, as the rules would have left them."""

    def __init__(
        self, org: Org, owner: str, dice: random.Random, first_account: int, size: Size
    ) -> None:
        self._org = org
        self._owner = owner
        self._dice = dice
        self._first_account = first_account
        self._size = size
        self._currencies = currencies_of(org)
        self._book = str(org.value('SELECT "Id" FROM "Pricebook2" WHERE "IsStandard" = 0 LIMIT 1'))
        self._prices = {code: prices_of(org, self._book, code) for code in self._currencies}
        self._stages = list(stages().values())

    def add(self) -> None:
        org, count = self._org, self._size.opportunities
        first = org.counters.take("id Opportunity", max(count, 1))
        version = org.counters.take("version", max(count * (self._size.lines + 1), 1))
        opportunity = org.schema.of("Opportunity")
        line = org.schema.of("OpportunityLineItem")
        columns = _columns(org, "Opportunity"), _columns(org, "OpportunityLineItem")
        numbers = iter(enumerate(ids("006", first, count)))
        for batch in iter(lambda: list(islice(numbers, BATCH)), []):
            made = [self._deal(number, identifier) for number, identifier in batch]
            lines = [entry for _, entries in made for entry in entries]
            self._finish_lines(lines, version)
            version += len(lines) + len(made)
            deals = [deal | {"_version": version - at} for at, (deal, _) in enumerate(made, 1)]
            _insert(org.connection, opportunity, columns[0], deals)
            _insert(org.connection, line, columns[1], lines)

    def _finish_lines(self, lines: Sequence[dict[str, Stored]], version: int) -> None:
        first = self._org.counters.take("id OpportunityLineItem", len(lines))
        for at, (line, identifier) in enumerate(
            zip(lines, ids("00k", first, len(lines)), strict=True)
        ):
            line["Id"] = identifier
            line["_version"] = version + at

    def _deal(
        self, number: int, identifier: str
    ) -> tuple[dict[str, Stored], list[dict[str, Stored]]]:
        place = int(self._dice.random() * self._size.accounts)
        currency = self._currencies[place % len(self._currencies)]
        stage = self._stages[int(self._dice.random() * len(self._stages))]
        now = self._org.now_s()
        made = now - YEARS_S + YEARS_S * number // self._size.opportunities
        shared: dict[str, Stored] = {"CurrencyIsoCode": currency, **stamps(made, self._owner)}
        name = f"Deal {number}"
        lines = self._lines(name, identifier, currency, shared)
        amount = sum(int(line["TotalPrice"] or 0) for line in lines)
        closes = made + DAY_S * (30 if stage["closed"] == "yes" else 1200)
        day = (EPOCH + timedelta(seconds=closes)).date()
        return {
            **shared,
            "Id": identifier,
            "AccountId": make_id("001", self._first_account + place),
            "Name": name,
            "Pricebook2Id": self._book,
            "StageName": stage["stage"],
            "Probability": int(stage["probability"]),
            "IsClosed": int(stage["closed"] == "yes"),
            "IsWon": int(stage["won"] == "yes"),
            "ForecastCategoryName": stage["category_name"],
            "ForecastCategory": CATEGORIES[stage["category_name"]],
            "Amount": amount,
            "ExpectedRevenue": (amount * int(stage["probability"]) + 50) // 100,
            "CloseDate": day.isoformat(),
            "FiscalYear": day.year,
            "FiscalQuarter": (day.month + 2) // 3,
            "Fiscal": f"{day.year} {(day.month + 2) // 3}",
            "PushCount": 0,
            "HasOpportunityLineItem": 1,
        }, lines

    def _lines(
        self, deal: str, identifier: str, currency: str, shared: Mapping[str, Stored]
    ) -> list[dict[str, Stored]]:
        prices = self._prices[currency]
        found = []
        for place in range(1 + int(self._dice.random() * self._size.lines)):
            price = prices[int(self._dice.random() * len(prices))]
            quantity = 1 + int(self._dice.random() * 9)
            total = price.cents * quantity
            found.append(
                {
                    **shared,
                    "OpportunityId": identifier,
                    "PricebookEntryId": price.entry,
                    "Product2Id": price.product,
                    "ProductCode": price.code,
                    "Name": f"{deal} {price.name}",
                    "Quantity": quantity * 100,
                    "ListPrice": price.cents,
                    "UnitPrice": price.cents,
                    "TotalPrice": total,
                    "Subtotal": total,
                    "SortOrder": place + 1,
                }
            )
        return found


def currencies_of(org: Org) -> tuple[str, ...]:
    return tuple(FORMS) if org.multi_currency else ("USD",)


def prices_of(org: Org, book: str, currency: str) -> list[Price]:
    """Of this book and currency, in the order they were made."""
    clause = ' AND e."CurrencyIsoCode" = ?' if org.multi_currency else " AND ? IS NOT NULL"
    rows = org.connection.execute(
        'SELECT e."Id", p."Id", p."ProductCode", p."Name", e."UnitPrice" FROM "PricebookEntry" e'
        ' JOIN "Product2" p ON p."Id" = e."Product2Id" WHERE e."Pricebook2Id" = ?'
        f' AND e."IsDeleted" = 0{clause} ORDER BY e."Id"',
        (book, currency),
    )
    return [Price(entry=r[0], product=r[1], code=r[2], name=r[3], cents=r[4]) for r in rows]


def stamps(made: int, owner: str) -> dict[str, Stored]:
    return {
        "CreatedDate": made,
        "LastModifiedDate": made,
        "SystemModstamp": made,
        "CreatedById": owner,
        "LastModifiedById": owner,
        "OwnerId": owner,
    }


def ids(prefix: str, first: int, count: int) -> Iterator[str]:
    """Of consecutive serials, quicker than one by one: what the last two characters add to the
    checksum stands in a table."""
    tails = [high + low for high in DIGITS for low in DIGITS]
    upper = [(tail[0].isupper() << 3) + (tail[1].isupper() << 4) for tail in tails]
    end = first + count
    for block in range(first - first % PAIRS, end, PAIRS):
        model = make_id(prefix, block)
        bits = CHECKSUM.index(model[17])
        for at in range(max(first - block, 0), min(end - block, PAIRS)):
            yield f"{model[:13]}{tails[at]}{model[15:17]}{CHECKSUM[bits + upper[at]]}"


def _columns(org: Org, name: str) -> dict[str, Stored]:
    """Every column with the value it has where a record says nothing of it."""
    made = org.schema.of(name)
    return {
        field.name: int(bool(field.default)) if field.type == "boolean" else field.default
        for field in made.stored
    }


def _insert(
    connection: sqlite3.Connection,
    sobject: SObject,
    columns: Mapping[str, Stored],
    rows: Sequence[Mapping[str, Stored]],
) -> None:
    """Rows of one batch have the same keys; columns of features that are off are left out."""
    if not rows:
        return
    given = [name for name in rows[0] if name in columns or name == "_version"]
    fixed = {
        name: value for name, value in columns.items() if name not in given and value is not None
    }
    names = ", ".join(f'"{name}"' for name in (*given, *fixed))
    marks = ", ".join([*("?" * len(given)), *(_literal(value) for value in fixed.values())])
    connection.executemany(
        f'INSERT INTO "{sobject.name}" ({names}) VALUES ({marks})',
        [[row[name] for name in given] for row in rows],
    )


def _literal(value: Stored) -> str:
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
