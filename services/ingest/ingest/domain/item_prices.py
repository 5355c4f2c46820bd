"""What an item costs: the rows of its record's sublist `price`, which no search can reach.

Searches of NetSuite have no table of prices, so they are read with the item's own record.
"""

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal, InvalidOperation

from ingest.domain.typed import exact
from ingest.ports import Row
from kernel.exact_json import Json
from kernel.values import Fields, Value

PRICES = "price"
SYMBOL = "currency.refName"
"""The currency's ISO code; the record itself has only its id and its name."""
PRICE_PATHS = frozenset(
    {"priceLevel.id", "priceLevel.refName", SYMBOL, "quantity", "price", "isInactive"}
)
WHOLE_TYPES = {
    "InvtPart": "inventoryItem",
    "Assembly": "assemblyItem",
    "Kit": "kitItem",
    "DwnLdItem": "downloadItem",
}
SOLD_TYPES = {"Service": "service", "NonInvtPart": "nonInventory", "OthCharge": "otherCharge"}
ENDINGS = {"Sale": "SaleItem", "Resale": "ResaleItem"}


def record_type_of(fields: Fields) -> str | None:
    """The record service's word for an item of this type; None for one that has no prices."""
    kind, subtype = str(fields.get("itemType")), str(fields.get("subtype"))
    if kind in WHOLE_TYPES:
        return WHOLE_TYPES[kind]
    is_sold = kind in SOLD_TYPES and subtype in ENDINGS
    return f"{SOLD_TYPES[kind]}{ENDINGS[subtype]}" if is_sold else None


def prices_of(
    record: Row, wanted: Collection[str], symbols: Mapping[str, str]
) -> tuple[Fields, ...]:
    """Of each row what a map reads, always in the same order. `symbols`: ISO codes by id."""
    rows = [_price(row, symbols) for row in _rows(record.get(PRICES))]
    rows.sort(key=lambda row: tuple(str(row[name]) for name in sorted(row)))
    return tuple({name: row[name] for name in sorted(wanted) if name in row} for row in rows)


def unknown_currencies(record: Row, symbols: Mapping[str, str]) -> bool:
    """Whether a price is in a currency that came after `symbols` were read."""
    named = {_of(row, "currencyPage", "id") for row in _rows(record.get(PRICES))} - {None}
    return bool(named - symbols.keys())


def _price(row: Row, symbols: Mapping[str, str]) -> dict[str, Value]:
    return {
        "priceLevel.id": _of(row, "priceLevel", "id"),
        "priceLevel.refName": _of(row, "priceLevel", "refName"),
        SYMBOL: symbols.get(_of(row, "currencyPage", "id") or ""),
        "quantity": _quantity(row),
        "price": _number(row.get("price")),
        "isInactive": row.get("isInactive") is True,
    }


def _rows(sublist: Json) -> Iterator[Row]:
    items = sublist.get("items") if isinstance(sublist, dict) else None
    return (row for row in items if isinstance(row, dict)) if isinstance(items, list) else iter(())


def _of(row: Row, name: str, part: str) -> str | None:
    inner = row.get(name)
    value = inner.get(part) if isinstance(inner, dict) else None
    return str(value) if value not in (None, "") else None


def _quantity(row: Row) -> Value:
    """From how many on the price holds."""
    return _number(row.get("priceQty")) or 0


def _number(value: Json) -> Value:
    if value is None or isinstance(value, bool) or value == "":
        return None
    try:
        return exact(Decimal(str(value)))
    except InvalidOperation:
        return str(value)
