"""Currencies: one is corporate and worth one of itself; dated rates follow each other."""

from sandbox.salesforce.errors import Refusal, integrity
from sandbox.salesforce.values import Stored, unscaled
from sandbox.salesforce.work import Work

Record = dict[str, Stored]
ENDLESS = "9999-12-31"
RATE = "DatedConversionRate"


def before_currency(work: Work, before: Record | None, row: Record, given: frozenset[str]) -> None:
    if row["ConversionRate"] is not None and unscaled(row["ConversionRate"], 6) <= 0:
        raise integrity("ConversionRate", "conversion rate must be above zero", ["ConversionRate"])
    if before is None or not before["IsCorporate"]:
        return
    for name in ("ConversionRate", "IsActive"):
        if row[name] != before[name]:
            raise integrity(name, "the corporate currency cannot be changed", [name])


def before_rate(work: Work, before: Record | None, row: Record, given: frozenset[str]) -> None:
    """A new rate is in force until the next one of its currency begins."""
    if unscaled(row["ConversionRate"], 6) <= 0:
        raise integrity("ConversionRate", "conversion rate must be above zero", ["ConversionRate"])
    if before is not None:
        return
    code, start = row["IsoCode"], row["StartDate"]
    if work.org.value('SELECT 1 FROM "CurrencyType" WHERE "IsoCode" = ?', code) is None:
        raise integrity("IsoCode", "this is no currency of the organization", ["IsoCode"])
    same = f'SELECT "Id" FROM "{RATE}" WHERE "IsoCode" = ? AND "StartDate" = ?'
    other = work.org.value(same, code, start)
    if other is not None:
        message = f"duplicate value found: StartDate duplicates value on record with id: {other}"
        raise Refusal("DUPLICATE_VALUE", message, fields=())
    following = f'SELECT min("StartDate") FROM "{RATE}" WHERE "IsoCode" = ? AND "StartDate" > ?'
    row["NextStartDate"] = work.org.value(following, code, start) or ENDLESS


def after_rate(work: Work, before: Record | None, row: Record | None) -> None:
    """The rate before a new one ends where that begins."""
    if before is not None or row is None:
        return
    earlier = work.org.value(
        f'SELECT "Id" FROM "{RATE}" WHERE "IsoCode" = ? AND "StartDate" < ?'
        ' ORDER BY "StartDate" DESC LIMIT 1',
        row["IsoCode"],
        row["StartDate"],
    )
    held = work.row(RATE, earlier)
    if held is not None:
        work.update(work.org.schema.of(RATE), held, held | {"NextStartDate": row["StartDate"]})
