"""What the calendar alone changes: invoices that became overdue, customers that owe for longer.

NetSuite works these out when it is asked; no record is modified, and no poll sees it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from ingest.domain.netsuite_documents import AccountClock
from ingest.domain.netsuite_links import ORDER_KIND
from ingest.domain.suiteql import number
from ingest.domain.windows import CUSTOMER, Sighting
from kernel.records import RecordRef

OPEN = (
    " FROM transaction t JOIN transactionline m ON m.transaction = t.id AND m.mainline = 'T'"
    " WHERE t.type = 'CustInvc' AND m.foreignamountunpaid > 0 AND t.duedate < "
)
INVOICE = "CustInvc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is to be read again because a day has turned."""

    day: date
    rows: tuple[Sighting, ...]

    def orders(self, roots: Mapping[RecordRef, Collection[RecordRef]]) -> frozenset[RecordRef]:
        """Of invoices that became overdue: they read as before, and mean something else today."""
        invoices = {row.id for row in self.rows if row.kind == INVOICE}
        found = (ref for part, refs in roots.items() if part.id in invoices for ref in refs)
        return frozenset(ref for ref in found if ref.kind == ORDER_KIND)


def day_of(now: datetime, clock: AccountClock) -> date:
    """The day that has begun both for the account and in UTC, by which transform reckons."""
    return min(clock.wall(now).date(), now.date())


def overdue_customers(today: date, after: str) -> str:
    """One page of the customers with an open invoice that was due before today, by id."""
    behind = f" AND t.entity > {number(after)}" if after else ""
    return f"SELECT t.entity AS id{OPEN}{_day(today)}{behind} GROUP BY t.entity ORDER BY t.entity"


def newly_due(since: date, today: date, after: str) -> str:
    """One page of the open invoices that were due from `since` on and before today, by id."""
    behind = f" AND t.id > {number(after)}" if after else ""
    return (
        f"SELECT t.id, t.entity{OPEN}{_day(today)} AND t.duedate >= {_day(since)}{behind}"
        " ORDER BY t.id"
    )


def seen_customer(record_id: str, now: datetime) -> Sighting:
    return Sighting(kind=CUSTOMER, id=record_id, at=now, user="system")


def seen_invoice(record_id: str, customer: str, now: datetime) -> Sighting:
    return Sighting(kind=INVOICE, id=record_id, at=now, user="system", entity=customer)


def _day(day: date) -> str:
    return f"TO_DATE('{day.isoformat()}', 'YYYY-MM-DD')"
