"""Into which accounting period a document may go, by the periods that NetSuite has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from transform.domain.facts import Facts

KIND = "accountingPeriod"
SHUT = ("closed", "allLocked", "arLocked")
SPANS = ("isYear", "isQuarter", "isAdjust")
"""Periods that hold others, or that take no ordinary documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    first: date
    last: date
    is_open: bool


def periods_of(facts: Facts) -> tuple[Period, ...]:
    """The months, oldest first."""
    rows = (item.fields for (kind, _), item in facts.references.items() if kind == KIND)
    periods = [
        Period(
            first=date.fromisoformat(str(row["startDate"])),
            last=date.fromisoformat(str(row["endDate"])),
            is_open=not any(row.get(name) is True for name in SHUT),
        )
        for row in rows
        if not any(row.get(name) is True for name in SPANS)
    ]
    return tuple(sorted(periods, key=lambda period: period.first))


def posting_date(event: date, periods: Sequence[Period]) -> date | None:
    """The day itself where its period is open, else the first day of the next open period.

    None where no later period is open. Where no period covers the day, NetSuite decides.
    """
    own = next((one for one in periods if one.first <= event <= one.last), None)
    if own is None or own.is_open:
        return event
    return _first_open(one for one in periods if one.first > own.last)


def _first_open(periods: Iterable[Period]) -> date | None:
    return next((one.first for one in periods if one.is_open), None)
