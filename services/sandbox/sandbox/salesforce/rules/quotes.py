"""Quotes: numbered, in the deal's currency, and the sum of their lines."""

from decimal import Decimal

from sandbox.salesforce.errors import integrity
from sandbox.salesforce.rules.pricing import (
    book_of,
    cents,
    keep_with_lines,
    needs_quantity,
    take_from_price,
    times,
)
from sandbox.salesforce.values import Stored, unscaled
from sandbox.salesforce.work import Work

Record = dict[str, Stored]


def before_save(work: Work, before: Record | None, row: Record, given: frozenset[str]) -> None:
    if before is not None:
        keep_with_lines(before, row, int(row["LineItemCount"] or 0))
        _add_up(row)
        return
    opportunity = work.row("Opportunity", row["OpportunityId"])
    if opportunity is None:
        raise integrity("OpportunityId", "opportunity ID is not valid", ["OpportunityId"])
    row["QuoteNumber"] = f"{work.org.counters.take('number Quote'):08d}"
    row["AccountId"] = opportunity["AccountId"]
    row["LineItemCount"] = row["Subtotal"] = row["TotalPrice"] = 0
    row["CanCreateQuoteLineItems"] = 1
    if row["Pricebook2Id"] is None:
        row["Pricebook2Id"] = opportunity["Pricebook2Id"]
    if "CurrencyIsoCode" in row:
        row["CurrencyIsoCode"] = opportunity["CurrencyIsoCode"]
    _add_up(row)


def before_line(work: Work, before: Record | None, row: Record, given: frozenset[str]) -> None:
    if before is None:
        quote = work.row("Quote", row["QuoteId"])
        if quote is None:
            raise integrity("QuoteId", "quote ID is not valid", ["QuoteId"])
        take_from_price(work, quote, row, owner_name="quote")
        if row["UnitPrice"] is None:
            row["UnitPrice"] = row["ListPrice"]
    needs_quantity(row)
    rest = 1 - unscaled(row["Discount"], 2) / 100
    row["Subtotal"] = cents(times(row["Quantity"], row["UnitPrice"]))
    row["TotalPrice"] = cents(times(row["Quantity"], row["UnitPrice"]) * rest)


def after_line(work: Work, before: Record | None, row: Record | None) -> None:
    line = row or before or {}
    quote = work.row("Quote", line.get("QuoteId"))
    if quote is None:
        return
    count, subtotal, total = work.org.connection.execute(
        'SELECT count(*), sum("Subtotal"), sum("TotalPrice") FROM "QuoteLineItem"'
        ' WHERE "QuoteId" = ? AND "IsDeleted" = 0',
        (quote["Id"],),
    ).fetchone()
    after = quote | {"LineItemCount": count, "Subtotal": subtotal or 0, "TotalPrice": total or 0}
    if after["Pricebook2Id"] is None and row is not None:
        after["Pricebook2Id"] = book_of(work, row)
    _add_up(after)
    work.update(work.org.schema.of("Quote"), quote, after)


def _add_up(row: Record) -> None:
    total, subtotal = unscaled(row["TotalPrice"], 2), unscaled(row["Subtotal"], 2)
    extra = unscaled(row["Tax"], 2) + unscaled(row["ShippingHandling"], 2)
    row["GrandTotal"] = cents(total + extra)
    row["Discount"] = cents((subtotal - total) / subtotal * 100 if subtotal else Decimal(0))
