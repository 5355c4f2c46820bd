"""Reads every item once before the first poll, where items are told at all: most of them changed
long before anybody asked."""

from collections.abc import Awaitable, Callable

from ingest.app.netsuite_reading import NetSuiteReader, Outside
from ingest.domain.first_load import snapshots
from ingest.domain.item_prices import PRICES
from ingest.domain.windows import ITEM, Poll
from ingest.ports import Cursor, Cursors
from kernel.errors import FatalError

RECORDS, STORE = "netsuite", "postgres:sync"
PAGES_MAX = 10_000


class FirstItems:
    """`source` is the account id. Done once for an account, begun again where it broke off; and
    once more where prices are read and were not before."""

    def __init__(
        self, outside: Outside, reader: NetSuiteReader, cursors: Cursors, *, source: str
    ) -> None:
        self._out, self._reader, self._cursors = outside, reader, cursors
        what = f"{ITEM}:{PRICES}" if reader.reads_prices else ITEM
        self._channel = f"netsuite:{source}:{what}"

    async def bring(self, poll: Poll, acknowledge: Callable[[], Awaitable[None]]) -> None:
        """All items are in the log now; at once where they have been before.

        `acknowledge` is awaited once all that the poll told is there.
        """
        wait = self._out.patience.until_it_works
        if await wait(STORE, lambda: self._cursors.load(self._channel)):
            return
        now = await self._out.search.now()
        clock = await self._out.search.clock(now)
        last = ""
        for _ in range(PAGES_MAX):
            page = await self._reader.page(ITEM, last, clock)
            if not page:
                break
            moments = ((ref, item.modified_at) for ref, item in page.items())
            await self._reader.tell(snapshots(moments, now, poll.sequence), page, poll)
            last = list(page)[-1].id
            self._out.ctx.health.waiting(RECORDS, f"reads all items: up to {last}")
        else:
            raise FatalError(f"NetSuite has more than {PAGES_MAX} pages of items")
        await acknowledge()
        done = Cursor(committed_at=now, sequence=poll.sequence)
        await wait(STORE, lambda: self._cursors.store(self._channel, done))
