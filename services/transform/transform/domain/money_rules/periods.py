"""Whether NetSuite's books are open on a day, and which day is the next on which they are."""

from dataclasses import dataclass
from datetime import date

from kernel.records import RecordRef, netsuite
from transform.domain.facts import Facts, Reference

ACCOUNTING_PERIOD = "accountingPeriod"
SHUT_BY = ("closed", "allLocked", "arLocked")
"""Any of these stops what we would date into the period: receivables are ours."""
LEFT_OUT = ("isInactive", "isAdjust")


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    id: str
    name: str
    first: date
    last: date
    is_open: bool

    @property
    def ref(self) -> RecordRef:
        """To wait on: it holds once the period is open."""
        return netsuite(ACCOUNTING_PERIOD, self.id)


def periods_of(facts: Facts) -> tuple[Period, ...]:
    """Those that documents can be dated into, oldest first."""
    found = (
        _period(reference)
        for (kind, _), reference in facts.references.items()
        if kind == ACCOUNTING_PERIOD and not _has(reference, LEFT_OUT)
    )
    return tuple(sorted(found, key=lambda period: period.first))


def period_on(day: date, facts: Facts) -> Period | None:
    """None where NetSuite's periods have not been read, or do not reach so far.

    Asked for every order: dates are compared as the texts they are kept as.
    """
    text = day.isoformat()
    for (kind, _), reference in facts.references.items():
        if kind == ACCOUNTING_PERIOD:
            fields = reference.fields
            is_there = str(fields["startDate"]) <= text <= str(fields["endDate"])
            if is_there and not _has(reference, LEFT_OUT):
                return _period(reference)
    return None


def open_day(day: date, facts: Facts) -> date | None:
    """The day itself where its period is open, else the first day of the next open one."""
    for period in periods_of(facts):
        if period.last >= day and period.is_open:
            return max(day, period.first)
    return None


def _period(reference: Reference) -> Period:
    fields = reference.fields
    return Period(
        id=reference.id,
        name=str(fields.get("periodName")),
        first=date.fromisoformat(str(fields["startDate"])),
        last=date.fromisoformat(str(fields["endDate"])),
        is_open=not _has(reference, SHUT_BY),
    )


def _has(reference: Reference, flags: tuple[str, ...]) -> bool:
    return any(reference.fields.get(flag) is True for flag in flags)
