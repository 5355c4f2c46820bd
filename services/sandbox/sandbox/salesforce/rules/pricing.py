"""What a line of a deal, an order or a quote may take from the price book."""

from decimal import ROUND_HALF_UP, Decimal

from sandbox.salesforce.errors import integrity
from sandbox.salesforce.values import Stored, scaled, unscaled
from sandbox.salesforce.work import Work

Record = dict[str, Stored]
CENT = Decimal("0.01")
ENTRY = "PricebookEntryId"


def cents(amount: Decimal) -> int:
    return scaled(amount.quantize(CENT, rounding=ROUND_HALF_UP), 2)


def times(quantity: Stored, price: Stored) -> Decimal:
    """Both with two decimals, as lines store them."""
    return unscaled(quantity, 2) * unscaled(price, 2)


def take_from_price(work: Work, owner: Record, row: Record, *, owner_name: str) -> Record:
    """Fills in what follows from the price that the line names; returns the price's product."""
    entry = usable_entry(work, owner, row, owner_name=owner_name)
    row[ENTRY] = entry["Id"]
    row["Product2Id"] = entry["Product2Id"]
    row["ListPrice"] = entry["UnitPrice"]
    if "CurrencyIsoCode" in row:
        row["CurrencyIsoCode"] = owner["CurrencyIsoCode"]
    return work.org.row("Product2", entry["Product2Id"]) or {}


def usable_entry(work: Work, owner: Record, row: Record, *, owner_name: str) -> Record:
    """The price that the line names, if the owner's price book and currency allow it."""
    identifier = row[ENTRY] or _entry_of_product(work, owner, row)
    entry = work.row("PricebookEntry", identifier)
    if entry is None:
        raise integrity(f"{ENTRY}, Product2Id", "must specify either one", [ENTRY])
    if not entry["IsActive"]:
        raise integrity(ENTRY, "pricebook entry has been inactivated", [ENTRY])
    book = owner["Pricebook2Id"]
    if book is not None and entry["Pricebook2Id"] != book:
        why = (
            f"pricebook entry is in a different pricebook than the one assigned to the {owner_name}"
        )
        raise integrity(ENTRY, why, [ENTRY])
    if entry.get("CurrencyIsoCode") != owner.get("CurrencyIsoCode"):
        why = f"pricebook entry currency code does not match {owner_name} currency code"
        raise integrity("unknown", why, [ENTRY])
    if book is None:
        chosen = work.row("Pricebook2", entry["Pricebook2Id"])
        if chosen is None or not chosen["IsActive"]:
            raise integrity(ENTRY, "pricebook has been inactivated", [ENTRY])
    return entry


def book_of(work: Work, row: Record) -> Stored:
    """The price book of the line's price."""
    return work.org.value('SELECT "Pricebook2Id" FROM "PricebookEntry" WHERE "Id" = ?', row[ENTRY])


def needs_quantity(row: Record) -> None:
    if not row["Quantity"]:
        raise integrity("Quantity", "quantity must be nonzero", ["Quantity"])


def keep_with_lines(before: Record, row: Record, count: int) -> None:
    """Price book and currency are fixed as soon as there are lines."""
    for name, what in (("Pricebook2Id", "price book"), ("CurrencyIsoCode", "currency")):
        if count and row.get(name) != before.get(name):
            raise integrity(name, f"{what} cannot be changed: the record has line items", [name])


def _entry_of_product(work: Work, owner: Record, row: Record) -> Stored:
    """A line may name the product alone when its owner has a price book."""
    if row["Product2Id"] is None or owner["Pricebook2Id"] is None:
        return None
    currency = ' AND "CurrencyIsoCode" = ?' if work.org.multi_currency else " AND ? IS NULL"
    return work.org.value(
        'SELECT "Id" FROM "PricebookEntry" WHERE "Product2Id" = ? AND "Pricebook2Id" = ?'
        f' AND "IsDeleted" = 0{currency} ORDER BY "IsActive" DESC LIMIT 1',
        row["Product2Id"],
        owner["Pricebook2Id"],
        owner.get("CurrencyIsoCode"),
    )
