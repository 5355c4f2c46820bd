"""Entries of price books as they should stand beside those that do: what to make, what to change.

Salesforce keeps one entry a product, book and currency, refuses a second one, and wants the
standard price before any other: so a list can be written again at any time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kernel.exact_json import Json
from salesforce_writer.domain.comparing import same
from salesforce_writer.domain.requests import CURRENCY, JsonObject

ENTRY, BOOK, LEVEL_KEY = "PricebookEntry", "Pricebook2", "NS_Price_Level_Id__c"
LEVEL, BOOK_NAME = f"{BOOK}.{LEVEL_KEY}", f"{BOOK}.Name"
PRODUCT, BOOK_ID = "Product2Id", "Pricebook2Id"
BASE_LEVEL = "1"
"""NetSuite's level Base Price is Salesforce's Standard Price Book."""
MAY_CHANGE = ("UnitPrice", "IsActive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`standard` comes before `others`; `changes` name their record by its id."""

    standard: tuple[JsonObject, ...]
    others: tuple[JsonObject, ...]
    changes: tuple[JsonObject, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.standard or self.others or self.changes)


def missing_books(
    wanted: Iterable[Mapping[str, Json]], books: Mapping[str, str]
) -> dict[str, JsonObject]:
    """By level, what is to be made; `books` are the ids of those that stand, by level."""
    return {
        str(row[LEVEL]): {LEVEL_KEY: row[LEVEL], "Name": row.get(BOOK_NAME), "IsActive": True}
        for row in wanted
        if str(row[LEVEL]) not in books
    }


def plan_of(
    wanted: Sequence[Mapping[str, Json]],
    products: Sequence[str],
    books: Mapping[str, str],
    entries: Sequence[Mapping[str, Json]],
) -> Plan:
    """For each product that sells the item. What stands in our books and is not wanted is
    switched off; what people added to the standard book is theirs."""
    standing = {_key(entry): entry for entry in entries}
    rows = {key: row for product in products for key, row in _rows(wanted, product, books)}
    made = [(key, row) for key, row in rows.items() if key not in standing]
    standard = books.get(BASE_LEVEL)
    return Plan(
        standard=tuple(row for key, row in made if key[1] == standard),
        others=tuple(row for key, row in made if key[1] != standard),
        changes=(
            *_changes(rows, standing),
            *_switched_off(rows, standing, {*books.values()} - {standard}),
        ),
    )


def without_standard(
    plan: Plan,
    wanted: Sequence[Mapping[str, Json]],
    entries: Sequence[Mapping[str, Json]],
    standard: str,
) -> Mapping[str, Json] | None:
    """The first price for which Salesforce has no standard one, and gets none."""
    stands = {entry.get(CURRENCY) for entry in entries if entry.get(BOOK_ID) == standard}
    comes = {row.get(CURRENCY) for row in plan.standard}
    alone = (row for row in wanted if row.get(CURRENCY) not in stands | comes)
    return next(alone, None) if plan.others else None


Key = tuple[str, str, str]


def _rows(
    wanted: Iterable[Mapping[str, Json]], product: str, books: Mapping[str, str]
) -> Iterator[tuple[Key, JsonObject]]:
    for row in wanted:
        kept = {name: row[name] for name in (*MAY_CHANGE, CURRENCY) if row.get(name) is not None}
        made: JsonObject = {PRODUCT: product, BOOK_ID: books[str(row[LEVEL])], **kept}
        yield _key(made), made


def _changes(
    rows: Mapping[Key, JsonObject], standing: Mapping[Key, Mapping[str, Json]]
) -> Iterator[JsonObject]:
    for key, row in rows.items():
        there = standing.get(key)
        if there is None:
            continue
        differs = {n: row[n] for n in MAY_CHANGE if n in row and not same(row[n], there.get(n))}
        if differs:
            yield {"id": there["Id"], **differs}


def _switched_off(
    rows: Mapping[Key, JsonObject], standing: Mapping[Key, Mapping[str, Json]], ours: set[str]
) -> Iterator[JsonObject]:
    for key, there in standing.items():
        if key not in rows and key[1] in ours and there.get("IsActive") is True:
            yield {"id": there["Id"], "IsActive": False}


def _key(entry: Mapping[str, Json]) -> Key:
    return str(entry[PRODUCT]), str(entry[BOOK_ID]), str(entry.get(CURRENCY) or "")
