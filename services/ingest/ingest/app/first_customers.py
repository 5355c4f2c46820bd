"""Reads every customer once before anything else, so that none is created a second time.

Whoever decides whether an account has its customer already must know all of them. They come into
the log page by page, and after the last page a change of its own says how many there are.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from ingest.app.late_customers import LateCustomers
from ingest.app.netsuite_reading import NetSuiteReader, Outside
from ingest.app.sending import sent
from ingest.domain.events import event_of
from ingest.domain.first_load import WHOLE, notice, snapshots, whole_document, whole_version
from ingest.domain.netsuite_documents import AccountClock
from ingest.domain.windows import CUSTOMER, Poll
from ingest.ports import Cursor, Cursors
from kernel.errors import FatalError

RECORDS, STORE, PRODUCER = "netsuite", "postgres:sync", "kafka:producer"
PAGES_MAX = 10_000


class FirstCustomers:
    """`source` is the account id. Done once for an account, begun again where it broke off."""

    def __init__(
        self,
        outside: Outside,
        reader: NetSuiteReader,
        cursors: Cursors,
        late: LateCustomers,
        *,
        source: str,
    ) -> None:
        self._out, self._reader, self._cursors = outside, reader, cursors
        self._late = late
        self._source, self._channel = source, f"netsuite:{source}:{CUSTOMER}"

    async def bring(self, poll: Poll, acknowledge: Callable[[], Awaitable[None]]) -> None:
        """All customers are in the log now; at once where they have been before.

        `acknowledge` is awaited once all that the poll told is there.
        """
        wait = self._out.patience.until_it_works
        if await wait(STORE, lambda: self._cursors.load(self._channel)):
            return
        now = await self._out.search.now()
        clock = await self._out.search.clock(now)
        count, last = await self._tell_all(now, clock, poll)
        await acknowledge()
        captures, document = [notice(now, poll.sequence)], whole_document(count, last)
        event = event_of(self._source, WHOLE, whole_version(now), captures, document)
        await wait(PRODUCER, lambda: sent([event], self._out.log, self._out.ctx))
        done = Cursor(committed_at=now, sequence=poll.sequence)
        await wait(STORE, lambda: self._cursors.store(self._channel, done))

    async def _tell_all(self, now: datetime, clock: AccountClock, poll: Poll) -> tuple[int, str]:
        """How many there are, and the highest id."""
        count, last = 0, ""
        for _ in range(PAGES_MAX):
            page = await self._reader.page(CUSTOMER, last, clock)
            if not page:
                return count, last
            moments = ((ref, item.modified_at) for ref, item in page.items())
            told = await self._reader.tell(snapshots(moments, now, poll.sequence), page, poll)
            await self._late.note(told.documents, new=frozenset())
            count, last = count + len(page), list(page)[-1].id
            self._out.ctx.health.waiting(RECORDS, f"reads all customers: {count:,} so far")
        raise FatalError(f"NetSuite has more than {PAGES_MAX} pages of customers")
