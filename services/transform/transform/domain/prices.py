"""Prices of a NetSuite item become entries of price books: one book a price level."""

from collections.abc import Iterator
from decimal import Decimal

from kernel.maps import RecordMap
from kernel.messages import Outcome, Result, WriteCommand
from kernel.records import RecordRef, System, salesforce
from kernel.values import Document, Fields, Value
from transform.domain.decisions import ended, news_for
from transform.domain.facts import Case, Facts, Link, Policy
from transform.domain.mapping import mapped

MAP, BOOK_MAP = "item-to-price-book", "price-level-to-price-book"
PRODUCT, KEY = "Product2", "NS_Item_Id__c"
ENTRY, BOOK, LEVEL_KEY = "PricebookEntry", "Pricebook2", "NS_Price_Level_Id__c"
PRICES, LEVEL, CURRENCY = "price", "priceLevel.id", "currency.refName"
SOLD = "soldItem"
"""Kind under which the product of an item is linked, by the item's id."""
BASE_LEVEL, CUSTOM_LEVEL = "1", "-1"
"""NetSuite's own levels: Base Price is Salesforce's Standard Price Book, Custom is no price."""


def enabled(name: str, policy: Policy) -> RecordMap | None:
    """The map of this name, where it is switched on."""
    found = (one for one in policy.maps.sources(System.NETSUITE) if one.name == name)
    return next(found, None)


def product_target(item: RecordRef) -> RecordRef:
    """The product that names the item. The writer finds one that has only the item's code."""
    return salesforce(PRODUCT, f"eid:{KEY}:{item.id}")


def entries_target(item: RecordRef) -> RecordRef:
    """All entries of the product that sells the item, as one: the standard one has to be first."""
    return salesforce(ENTRY, f"eid:{PRODUCT}.{KEY}:{item.id}")


def sold_link(product: RecordRef, item: RecordRef) -> Link | None:
    """The product of an item was told of it: prices may name it from now on."""
    told = product == product_target(item)
    return Link(source=product, kind=SOLD, external_id="", netsuite_id=item.id) if told else None


def prices_command(
    case: Case, document: Document, facts: Facts, policy: Policy
) -> WriteCommand | None:
    """What price books should hold of the item; None where they hold it, or nobody asks."""
    record_map = enabled(MAP, policy)
    if record_map is None or PRICES not in document.lines:
        return None
    target = entries_target(case.change.ref)
    chosen = Document(document.fields, {PRICES: tuple(_of_one(document.lines[PRICES]))})
    told = mapped(record_map, chosen, facts)
    return news_for(target, told, case, facts, policy, part=record_map.part)


def waits_for_product(case: Case, facts: Facts, policy: Policy) -> Outcome | None:
    """Until the product was told of its item, no entry can name it."""
    target = product_target(case.change.ref)
    if any(told == target for told, _ in facts.applied):
        return None
    return ended(
        case.cause,
        Result.PARKED,
        "WAITS_FOR_PRODUCT",
        params={"item": case.change.ref.id},
        path=("the product comes first",),
        waits_on=target,
        map_hash=policy.maps.hash,
    )


def book_command(
    case: Case, document: Document, facts: Facts, policy: Policy
) -> WriteCommand | None:
    """The price book of a level; the standard one has its name from Salesforce."""
    record_map, level = enabled(BOOK_MAP, policy), case.change.ref.id
    if record_map is None or level in {BASE_LEVEL, CUSTOM_LEVEL}:
        return None
    target = book_target(level)
    told = mapped(record_map, document, facts)
    return news_for(target, told, case, facts, policy, part=record_map.part)


def book_target(level: str) -> RecordRef:
    return salesforce(BOOK, f"eid:{LEVEL_KEY}:{level}")


def _of_one(rows: tuple[Fields, ...]) -> Iterator[Fields]:
    """Of each level and currency the price for the smallest quantity, the base level first."""
    best: dict[tuple[Value, Value], Fields] = {}
    for row in rows:
        if row.get("price") is None or row.get(LEVEL) in {None, CUSTOM_LEVEL}:
            continue
        key = (row.get(LEVEL), row.get(CURRENCY))
        if key not in best or _from(row) < _from(best[key]):
            best[key] = row
    yield from sorted(best.values(), key=_place)


def _from(row: Fields) -> Decimal:
    quantity = row.get("quantity")
    return Decimal(quantity) if isinstance(quantity, int | Decimal) else Decimal(0)


def _place(row: Fields) -> tuple[bool, str, str]:
    return row.get(LEVEL) != BASE_LEVEL, str(row.get(LEVEL)), str(row.get(CURRENCY))
