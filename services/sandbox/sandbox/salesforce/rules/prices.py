"""Price books: a custom price needs the standard one, and each exists once a currency."""

from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.values import Stored
from sandbox.salesforce.work import Work

Record = dict[str, Stored]


def before_save(work: Work, before: Record | None, row: Record, given: frozenset[str]) -> None:
    book = work.row("Pricebook2", row["Pricebook2Id"]) or {}
    standard = _standard_price(work, row)
    if before is None:
        _refuse_second(work, row)
        if not book.get("IsStandard") and standard is None:
            message = "No standard price defined for this product"
            raise Refusal("STANDARD_PRICE_NOT_DEFINED", message, fields=())
        product = work.row("Product2", row["Product2Id"]) or {}
        row["Name"], row["ProductCode"] = product.get("Name"), product.get("ProductCode")
    if row["UseStandardPrice"] and not book.get("IsStandard"):
        row["UnitPrice"] = standard


def before_book(work: Work, before: Record | None, row: Record, given: frozenset[str]) -> None:
    """An org's first price book is the standard one."""
    if before is None:
        standard = work.org.value('SELECT 1 FROM "Pricebook2" WHERE "IsStandard" = 1 LIMIT 1')
        row["IsStandard"] = int(standard is None)


def after_product(work: Work, before: Record | None, row: Record | None) -> None:
    """Prices and lines show the product's name and code as they are now."""
    if before is None or row is None:
        return
    if (before["Name"], before["ProductCode"]) == (row["Name"], row["ProductCode"]):
        return
    work.org.connection.execute(
        'UPDATE "PricebookEntry" SET "Name" = ?, "ProductCode" = ? WHERE "Product2Id" = ?',
        (row["Name"], row["ProductCode"], row["Id"]),
    )
    work.org.connection.execute(
        'UPDATE "OpportunityLineItem" SET "ProductCode" = ?, "Name" = substr(coalesce((SELECT'
        ' "Name" FROM "Opportunity" o WHERE o."Id" = "OpportunityId"), \'\') || \' \' || ?, 1, 376)'
        ' WHERE "Product2Id" = ?',
        (row["ProductCode"], row["Name"], row["Id"]),
    )


def _standard_price(work: Work, row: Record) -> Stored:
    currency = ' AND e."CurrencyIsoCode" = ?' if work.org.multi_currency else " AND ? IS NULL"
    return work.org.value(
        'SELECT e."UnitPrice" FROM "PricebookEntry" e JOIN "Pricebook2" b'
        ' ON b."Id" = e."Pricebook2Id" WHERE b."IsStandard" = 1 AND e."IsDeleted" = 0'
        f' AND e."Product2Id" = ?{currency} LIMIT 1',
        row["Product2Id"],
        row.get("CurrencyIsoCode"),
    )


def _refuse_second(work: Work, row: Record) -> None:
    currency = ' AND "CurrencyIsoCode" = ?' if work.org.multi_currency else " AND ? IS NULL"
    other = work.org.value(
        'SELECT "Id" FROM "PricebookEntry" WHERE "Product2Id" = ? AND "Pricebook2Id" = ?'
        f' AND "IsDeleted" = 0{currency} LIMIT 1',
        row["Product2Id"],
        row["Pricebook2Id"],
        row.get("CurrencyIsoCode"),
    )
    if other is not None:
        message = "This price definition already exists in this price book"
        raise Refusal("DUPLICATE_VALUE", message, fields=["Pricebook2Id", "Product2Id"])
