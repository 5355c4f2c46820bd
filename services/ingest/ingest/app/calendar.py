"""Once a day, also after a downtime: what became overdue is read again."""

from dataclasses import dataclass
from datetime import UTC, datetime, time

from ingest.app.lifetime import Patience
from ingest.app.netsuite_search import NetSuiteSearch
from ingest.domain.due import Due, day_of, seen_customer, seen_invoice
from ingest.domain.netsuite_documents import AccountClock, text_of
from ingest.ports import Cursor, Cursors

STORE = "postgres:sync"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """`channel` is where the last day that was looked at is kept."""

    search: NetSuiteSearch
    cursors: Cursors
    patience: Patience
    channel: str

    async def turned(self, now: datetime, clock: AccountClock) -> Due | None:
        """What to read again; None while the day is the one that was looked at last.

        The first day of all is only noted: everything has been read just now.
        """
        today = day_of(now, clock)
        wait = self.patience.until_it_works
        seen = await wait(STORE, lambda: self.cursors.load(self.channel))
        last = seen.committed_at.date() if seen and seen.committed_at else None
        if last is not None and last >= today:
            return None
        if last is None:
            return Due(day=today, rows=())
        customers = [
            seen_customer(text_of(row, "id"), now)
            for row in await self.search.overdue_customers(today)
        ]
        invoices = [
            seen_invoice(text_of(row, "id"), text_of(row, "entity"), now)
            for row in await self.search.newly_due(last, today)
        ]
        return Due(day=today, rows=(*customers, *invoices))

    async def done(self, due: Due) -> None:
        """All of it is in the log."""
        cursor = Cursor(committed_at=datetime.combine(due.day, time(), UTC))
        await self.patience.until_it_works(STORE, lambda: self.cursors.store(self.channel, cursor))
