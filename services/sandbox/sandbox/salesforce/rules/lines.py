"""Opportunity lines: which price they may have, what they cost, and the deal they add up to."""

from decimal import ROUND_HALF_UP, Decimal

from sandbox.salesforce.errors import integrity
from sandbox.salesforce.rules.opportunities import expected_revenue
from sandbox.salesforce.values import Stored, scaled, unscaled
from sandbox.salesforce.work import Work

Record = dict[str, Stored]
CENT = Decimal("0.01")
NAME_LENGTH = 376


def before_save(work: Work, before: Record | None, row: Record, given: frozenset[str]) -> None:
    if before is None:
        _take_from_price(work, row)
    if not row["Quantity"]:
        raise integrity("Quantity", "quantity must be nonzero", ["Quantity"])
    _calculate(before, row, given)


def after_save(work: Work, before: Record | None, row: Record | None) -> None:
    """The opportunity's amount is the sum of its lines."""
    line = row or before
    if line is None:
        return
    opportunity = work.row("Opportunity", line["OpportunityId"])
    if opportunity is None:
        return
    total, count = work.org.connection.execute(
        'SELECT sum("TotalPrice"), count(*) FROM "OpportunityLineItem" WHERE "OpportunityId" = ?',
        (opportunity["Id"],),
    ).fetchone()
    after = opportunity | {"Amount": total or 0, "HasOpportunityLineItem": int(count > 0)}
    if after["Pricebook2Id"] is None and row is not None:
        after["Pricebook2Id"] = _price_book_of(work, row)
    after["ExpectedRevenue"] = expected_revenue(after)
    work.update(work.org.schema.of("Opportunity"), opportunity, after)


def _take_from_price(work: Work, row: Record) -> None:
    opportunity = work.row("Opportunity", row["OpportunityId"])
    if opportunity is None:
        raise integrity("OpportunityId", "opportunity ID is not valid", ["OpportunityId"])
    entry = _entry(work, opportunity, row)
    product = work.org.row("Product2", entry["Product2Id"]) or {}
    row["PricebookEntryId"] = entry["Id"]
    row["Product2Id"] = entry["Product2Id"]
    row["ProductCode"] = product.get("ProductCode")
    row["Name"] = f"{opportunity['Name']} {product.get('Name') or ''}".strip()[:NAME_LENGTH]
    row["ListPrice"] = entry["UnitPrice"]
    if "CurrencyIsoCode" in row:
        row["CurrencyIsoCode"] = opportunity["CurrencyIsoCode"]


def _entry(work: Work, opportunity: Record, row: Record) -> Record:
    """The price that the line names, if the opportunity may use it."""
    identifier = row["PricebookEntryId"] or _entry_of_product(work, opportunity, row)
    entry = work.row("PricebookEntry", identifier)
    field = "PricebookEntryId"
    if entry is None:
        raise integrity(f"{field}, Product2Id", "must specify either one", [field])
    if not entry["IsActive"]:
        raise integrity(field, "pricebook entry has been inactivated", [field])
    book = opportunity["Pricebook2Id"]
    if book is not None and entry["Pricebook2Id"] != book:
        why = "pricebook entry is in a different pricebook than the one assigned to the opportunity"
        raise integrity(field, why, [field])
    if entry.get("CurrencyIsoCode") != opportunity.get("CurrencyIsoCode"):
        why = "pricebook entry currency code does not match opportunity currency code"
        raise integrity("unknown", why, [field])
    if book is None:
        chosen = work.row("Pricebook2", entry["Pricebook2Id"])
        if chosen is None or not chosen["IsActive"]:
            raise integrity(field, "pricebook has been inactivated", [field])
    return entry


def _entry_of_product(work: Work, opportunity: Record, row: Record) -> Stored:
    """A line may name the product alone when the opportunity has its price book."""
    if row["Product2Id"] is None or opportunity["Pricebook2Id"] is None:
        return None
    currency = ' AND "CurrencyIsoCode" = ?' if work.org.multi_currency else " AND ? IS NULL"
    return work.org.value(
        'SELECT "Id" FROM "PricebookEntry" WHERE "Product2Id" = ? AND "Pricebook2Id" = ?'
        f' AND "IsDeleted" = 0{currency} ORDER BY "IsActive" DESC LIMIT 1',
        row["Product2Id"],
        opportunity["Pricebook2Id"],
        opportunity.get("CurrencyIsoCode"),
    )


def _price_book_of(work: Work, row: Record) -> Stored:
    return work.org.value(
        'SELECT "Pricebook2Id" FROM "PricebookEntry" WHERE "Id" = ?', row["PricebookEntryId"]
    )


def _calculate(before: Record | None, row: Record, given: frozenset[str]) -> None:
    """One of unit price and total price is given, the other follows; a new quantity alone keeps
    the total."""
    has_unit = "UnitPrice" in given and row["UnitPrice"] is not None
    has_total = "TotalPrice" in given and row["TotalPrice"] is not None
    if has_unit and has_total:
        why = "only one of unit price or total price may be specified"
        raise integrity("unknown", why, ["UnitPrice", "TotalPrice"])
    quantity = unscaled(row["Quantity"], 2)
    rest = 1 - unscaled(row["Discount"], 2) / 100
    keeps_total = before is not None and not has_unit and "Discount" not in given
    if has_total or keeps_total:
        total = unscaled(row["TotalPrice"], 2)
        if rest and ("Quantity" in given or has_total):
            row["UnitPrice"] = _cents(total / quantity / rest)
    else:
        if row["UnitPrice"] is None:
            row["UnitPrice"] = row["ListPrice"]
        row["TotalPrice"] = _cents(quantity * unscaled(row["UnitPrice"], 2) * rest)
    row["Subtotal"] = _cents(quantity * unscaled(row["UnitPrice"], 2))


def _cents(amount: Decimal) -> int:
    return scaled(amount.quantize(CENT, rounding=ROUND_HALF_UP), 2)
