"""Search NetSuite page by page: what changed, what belongs to what, whole rows by id."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from ingest.app.lifetime import Patience
from ingest.domain import due, suiteql
from ingest.domain.netsuite_columns import Source
from ingest.domain.netsuite_documents import AccountClock, measured, text_of
from ingest.domain.netsuite_fields import SUBSIDIARY
from ingest.domain.netsuite_links import Graph, Pair, graph_of, joined, unasked_below
from ingest.domain.netsuite_transaction_fields import KIND_OF_TYPE
from ingest.domain.suiteql import (
    CUSTOMERS,
    DELETED,
    ITEMS,
    TRANSACTIONS,
    Changes,
    Page,
    Selection,
)
from ingest.domain.windows import Sighting
from ingest.ports import PAGE_ROWS, NetSuite, Row
from kernel.errors import PermanentError, RetryableError
from kernel.records import RecordRef, netsuite

RECORDS = "netsuite"
PAGES_MAX = 1_000
DEPTH_MAX = 5
"""A refund uses up the credit of a return of what an invoice billed of an order."""

UNKNOWN_NAME = "INVALID_PARAMETER"
"""How NetSuite refuses a table that the account does not have or the role may not see."""


class NetSuiteSearch:
    """Every question is repeated until it is answered."""

    def __init__(self, netsuite: NetSuite, patience: Patience) -> None:
        self._netsuite, self._patience = netsuite, patience
        self._clock: AccountClock | None = None

    async def now(self) -> datetime:
        """The server's time."""
        return await self._patience.until_it_works(RECORDS, self._netsuite.server_time)

    async def clock(self, now: datetime) -> AccountClock:
        """The account's wall clock against the server's time."""
        if self._clock is None or not self._clock.holds(now):
            rows = await self._rows(suiteql.NOW)
            self._clock = measured(text_of(rows[0], "now"), now)
        return self._clock

    async def has_subsidiaries(self) -> bool:
        """An account without OneWorld does not know the word."""
        return await self.knows(SUBSIDIARY)

    async def knows(self, source: Source) -> bool:
        """Whether the account has this table and the role may search it."""
        probe = suiteql.probe(source)
        return await self._patience.until_it_works(RECORDS, lambda: self._answers(probe))

    async def can_read(self, chosen: Selection) -> bool:
        """Whether it has these columns too."""
        probe = suiteql.probe_of(chosen)
        return await self._patience.until_it_works(RECORDS, lambda: self._answers(probe))

    async def changes(
        self, since: datetime, clock: AccountClock, *, items: bool = False
    ) -> list[Sighting]:
        """All that changed or was deleted since then; items too where they are asked for."""
        wall = clock.wall(since)
        found: list[Sighting] = []
        for changes in (TRANSACTIONS, CUSTOMERS, *([ITEMS] if items else []), DELETED):
            rows = await self._changed(changes, wall)
            found += [_sighting(row, clock, deleted=changes is DELETED) for row in rows]
        return found

    async def transactions_of(
        self, customers: Collection[str], after: str, limit: int
    ) -> list[RecordRef]:
        """The next transactions of these customers behind this id, in the order of ids."""
        rows = await self._rows(suiteql.transactions_of(_ordered(customers), after))
        return [
            netsuite(KIND_OF_TYPE[text_of(row, "type")], text_of(row, "id")) for row in rows[:limit]
        ]

    async def overdue_customers(self, today: date) -> list[Row]:
        return await self._pages(
            lambda after: due.overdue_customers(today, after.first if after else ""),
            lambda row: Page(text_of(row, "id")),
        )

    async def newly_due(self, since: date, today: date) -> list[Row]:
        """Open invoices that were due from `since` on and before today."""
        return await self._pages(
            lambda after: due.newly_due(since, today, after.first if after else ""),
            lambda row: Page(text_of(row, "id")),
        )

    async def graph(self, ids: Collection[str]) -> Graph:
        """What these transactions were made from, step by step, and what settles them; of every
        transaction on the way all that it settles or is settled by; of every order on the way
        all that was billed and credited of it."""
        graph = Graph()
        climbing, beside = set(ids), set[str]()
        for _ in range(DEPTH_MAX):
            near = (climbing | beside | unasked_below(graph)) - graph.asked
            if not near:
                break
            found = [_pair(row) for row in await self._linked(near)]
            graph = joined(graph, graph_of(near, found))
            beside = {p.next.id for p in found if p.settled and p.previous.id in ids}
            climbing = {p.previous.id for p in found if p.next.id in climbing}
        return graph

    async def lines(self, chosen: Selection, ids: Collection[str]) -> dict[str, list[Row]]:
        """Lines by transaction, in the order of their ids."""
        found: dict[str, list[Row]] = {}
        for some in suiteql.chunks(_ordered(ids)):
            for row in await self._line_pages(chosen, some):
                found.setdefault(text_of(row, "id"), []).append(row)
        return found

    async def documents(self, chosen: Selection, ids: Collection[str] | None) -> dict[str, Row]:
        """Rows by id, in the order of ids; all there are where none are named."""
        if ids is None:
            return await self._documents(chosen, None)
        found: dict[str, Row] = {}
        for some in suiteql.chunks(_ordered(ids)):
            found |= await self._documents(chosen, some)
        return found

    async def page(self, chosen: Selection, after: str) -> dict[str, Row]:
        """The rows behind this id, as many as one answer holds, in the order of ids."""
        rows = await self._rows(suiteql.documents(chosen, None, after))
        return {text_of(row, "id"): row for row in rows}

    async def record(self, kind: str, record_id: str) -> Row | None:
        """One whole record with its sublists; None where it is not there any more."""
        return await self._patience.until_allowed(
            RECORDS, lambda: self._netsuite.record(kind, record_id)
        )

    async def _documents(self, chosen: Selection, ids: Sequence[str] | None) -> dict[str, Row]:
        rows = await self._pages(
            lambda after: suiteql.documents(chosen, ids, after.first if after else ""),
            lambda row: Page(text_of(row, "id")),
        )
        return {text_of(row, "id"): row for row in rows}

    async def _changed(self, changes: Changes, wall: datetime) -> list[Row]:
        return await self._pages(
            lambda after: suiteql.changed(changes, wall, after),
            lambda row: Page(text_of(row, "modified"), text_of(row, "id")),
        )

    async def _line_pages(self, chosen: Selection, ids: Sequence[str]) -> list[Row]:
        return await self._pages(
            lambda after: suiteql.lines(chosen, ids, after),
            lambda row: Page(text_of(row, "id"), text_of(row, "line")),
        )

    async def _linked(self, ids: Collection[str]) -> list[Row]:
        found: list[Row] = []
        for some in suiteql.chunks(_ordered(ids)):
            found += await self._link_pages(some)
        return found

    async def _link_pages(self, ids: Sequence[str]) -> list[Row]:
        return await self._pages(
            lambda after: suiteql.linked(ids, after),
            lambda row: Page(text_of(row, "previousdoc"), text_of(row, "nextdoc")),
        )

    async def _pages(
        self, statement: Callable[[Page | None], str], last: Callable[[Row], Page]
    ) -> list[Row]:
        found: list[Row] = []
        after: Page | None = None
        for _ in range(PAGES_MAX):
            rows = await self._rows(statement(after))
            found += rows
            if len(rows) < PAGE_ROWS:
                return found
            after = last(rows[-1])
        raise PermanentError(f"a search of NetSuite has more than {PAGES_MAX} pages")

    async def _rows(self, statement: str) -> Sequence[Row]:
        return await self._patience.until_allowed(RECORDS, lambda: self._netsuite.rows(statement))

    async def _answers(self, probe: str) -> bool:
        try:
            await self._netsuite.rows(probe)
        except PermanentError as error:
            if UNKNOWN_NAME in str(error):
                return False
            raise RetryableError(str(error)) from error
        return True


def _sighting(row: Row, clock: AccountClock, *, deleted: bool) -> Sighting:
    return Sighting(
        kind=text_of(row, "type"),
        id=text_of(row, "id"),
        at=clock.moment(text_of(row, "modified")),
        user=text_of(row, "by") or "system",
        deleted=deleted,
        entity=text_of(row, "entity"),
    )


def _pair(row: Row) -> Pair:
    return Pair(
        previous=_end(row, "previous"),
        next=_end(row, "next"),
        settled=Decimal(text_of(row, "settled") or "0"),
        made=text_of(row, "made") == "1",
    )


def _end(row: Row, side: str) -> RecordRef:
    code = text_of(row, f"{side}type")
    return netsuite(KIND_OF_TYPE.get(code, code or "transaction"), text_of(row, f"{side}doc"))


def _ordered(ids: Iterable[str]) -> list[str]:
    return sorted(ids, key=lambda text: (len(text), text))
