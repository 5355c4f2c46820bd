"""Opportunity lines: which price they may have, what they cost, and the deal they add up to."""

from sandbox.salesforce.errors import integrity
from sandbox.salesforce.rules.opportunities import expected_revenue
from sandbox.salesforce.rules.pricing import book_of, cents, needs_quantity, take_from_price, times
from sandbox.salesforce.values import Stored, unscaled
from sandbox.salesforce.work import Work

Record = dict[str, Stored]
NAME_LENGTH = 376


def before_save(work: Work, before: Record | None, row: Record, given: frozenset[str]) -> None:
    if before is None:
        _take_from_price(work, row)
    needs_quantity(row)
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
        after["Pricebook2Id"] = book_of(work, row)
    after["ExpectedRevenue"] = expected_revenue(after)
    work.update(work.org.schema.of("Opportunity"), opportunity, after)


def _take_from_price(work: Work, row: Record) -> None:
    opportunity = work.row("Opportunity", row["OpportunityId"])
    if opportunity is None:
        raise integrity("OpportunityId", "opportunity ID is not valid", ["OpportunityId"])
    product = take_from_price(work, opportunity, row, owner_name="opportunity")
    row["ProductCode"] = product.get("ProductCode")
    row["Name"] = f"{opportunity['Name']} {product.get('Name') or ''}".strip()[:NAME_LENGTH]


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
            row["UnitPrice"] = cents(total / quantity / rest)
    else:
        if row["UnitPrice"] is None:
            row["UnitPrice"] = row["ListPrice"]
        row["TotalPrice"] = cents(times(row["Quantity"], row["UnitPrice"]) * rest)
    row["Subtotal"] = cents(times(row["Quantity"], row["UnitPrice"]))
