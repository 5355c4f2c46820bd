"""Brings what stood before a customer was linked: its transactions are read anew, page by page.

A customer bears the mark of its account once it is linked. Whatever NetSuite had of it before was
read when nobody in Salesforce was to be told, or never.
"""

from collections.abc import AsyncIterator, Mapping

from ingest.app.netsuite_reading import NetSuiteReader, Outside, Told
from ingest.domain.first_load import snapshots
from ingest.domain.marks import mark_of
from ingest.domain.netsuite_documents import AccountClock
from ingest.domain.windows import CUSTOMER, Poll
from ingest.ports import MarkedCustomers, Marking
from kernel.records import RecordRef
from kernel.values import Document

STORE = "postgres:sync"
CUSTOMERS_MAX, TRANSACTIONS_MAX = 200, 200
"""Of one poll: so many customers, and so many of their transactions. The rest waits."""


class LateCustomers:
    def __init__(self, outside: Outside, reader: NetSuiteReader, marked: MarkedCustomers) -> None:
        self._out, self._reader, self._marked = outside, reader, marked
        self._is_idle = False

    async def note(
        self, documents: Mapping[RecordRef, Document | None], *, new: frozenset[RecordRef]
    ) -> None:
        """Customers that were read. A new one that bears a mark was made with it: it has nothing
        from before."""
        marks = [
            Marking(customer=ref.id, mark=mark, is_done=ref in new)
            for ref, document in documents.items()
            if ref.kind == CUSTOMER and document and (mark := mark_of(document))
        ]
        if marks:
            wait = self._out.patience.until_it_works
            await wait(STORE, lambda: self._marked.note(marks))
            self._is_idle = False

    async def bring(self, clock: AccountClock, poll: Poll) -> AsyncIterator[Told]:
        """One page, if any customer waits for one."""
        wait, search = self._out.patience.until_it_works, self._out.search
        if self._is_idle:
            return
        customers, after = await wait(STORE, lambda: self._marked.waiting(CUSTOMERS_MAX))
        if not customers:
            self._is_idle = True
            return
        now = await search.now()
        page = await search.transactions_of(customers, after, TRANSACTIONS_MAX)
        refs = [ref for ref in page if self._reader.reads(ref.kind)]
        if refs:
            graph = await search.graph({ref.id for ref in refs})
            found = await self._reader.read_transactions(refs, graph, clock)
            moments = ((ref, item.modified_at) for ref, item in found.items())
            entries = snapshots(moments, now, poll.sequence)
            yield await self._reader.tell(entries, found, poll, entries.keys())
        last = page[-1].id if len(page) == TRANSACTIONS_MAX else ""
        await wait(STORE, lambda: self._marked.brought(customers, last))
