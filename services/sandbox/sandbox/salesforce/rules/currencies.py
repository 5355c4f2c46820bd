"""Currencies: one is corporate and worth one of itself; dated rates follow each other."""

from sandbox.salesforce.errors import integrity
from sandbox.salesforce.values import Stored, unscaled
from sandbox.salesforce.work import Work

Record = dict[str, Stored]


def before_currency(work: Work, before: Record | None, row: Record, given: frozenset[str]) -> None:
    if row["ConversionRate"] is not None and unscaled(row["ConversionRate"], 6) <= 0:
        raise integrity("ConversionRate", "conversion rate must be above zero", ["ConversionRate"])
    if before is None or not before["IsCorporate"]:
        return
    for name in ("ConversionRate", "IsActive"):
        if row[name] != before[name]:
            raise integrity(name, "the corporate currency cannot be changed", [name])


def before_rate(work: Work, before: Record | None, row: Record, given: frozenset[str]) -> None:
    if unscaled(row["ConversionRate"], 6) <= 0:
        raise integrity("ConversionRate", "conversion rate must be above zero", ["ConversionRate"])
