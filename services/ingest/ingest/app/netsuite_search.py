"""Search NetSuite page by page: what changed, what belongs to what, whole rows by id."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from ingest.app.lifetime import Patience
from ingest.domain import suiteql
from ingest.domain.netsuite_documents import AccountClock, measured, text_of
from ingest.domain.netsuite_fields import SUBSIDIARY, Source
from ingest.domain.suiteql import CUSTOMERS, DELETED, TRANSACTIONS, Changes, Page, Selection
from ingest.domain.windows import Sighting
from ingest.ports import PAGE_ROWS, NetSuite, Row
from kernel.errors import PermanentError, RetryableError

RECORDS = "netsuite"
PAGES_MAX = 1_000
DEPTH_MAX = 3
"""A payment settles an invoice that bills an order."""

ORDER = "SalesOrd"
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
        return await self._patience.until_it_works(RECORDS, lambda: self._knows(source))

    async def changes(self, since: datetime, clock: AccountClock) -> list[Sighting]:
        """All that changed or was deleted since then."""
        wall = clock.wall(since)
        found: list[Sighting] = []
        for changes in (TRANSACTIONS, CUSTOMERS, DELETED):
            rows = await self._changed(changes, wall)
            found += [_sighting(row, clock, deleted=changes is DELETED) for row in rows]
        return found

    async def orders_of(self, ids: Collection[str]) -> dict[str, frozenset[str]]:
        """The sales orders that each of these transactions leads back to."""
        steps: dict[str, set[str]] = {}
        orders: set[str] = set()
        near = set(ids)
        for _ in range(DEPTH_MAX):
            rows = await self._links("nextdoc", near, "")
            for row in rows:
                steps.setdefault(text_of(row, "nextdoc"), set()).add(text_of(row, "previousdoc"))
                if text_of(row, "previoustype") == ORDER:
                    orders.add(text_of(row, "previousdoc"))
            near = {text_of(row, "previousdoc") for row in rows} - orders - steps.keys()
        return {start: frozenset(_reached(start, steps) & orders) for start in ids}

    async def followers_of(self, ids: Collection[str], kind: str) -> list[tuple[str, str]]:
        """Pairs of one of these transactions and a transaction of that type made from it."""
        rows = await self._links("previousdoc", ids, kind)
        return [(text_of(row, "previousdoc"), text_of(row, "nextdoc")) for row in rows]

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

    async def _links(self, near: str, ids: Collection[str], far_type: str) -> list[Row]:
        found: list[Row] = []
        for some in suiteql.chunks(_ordered(ids)):
            found += await self._link_pages(near, some, far_type)
        return found

    async def _link_pages(self, near: str, ids: Sequence[str], far_type: str) -> list[Row]:
        return await self._pages(
            lambda after: suiteql.links(near, ids, far_type, after),
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

    async def _knows(self, source: Source) -> bool:
        try:
            await self._netsuite.rows(suiteql.probe(source))
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
    )


def _reached(start: str, steps: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    near = {start}
    while near:
        near = {far for one in near for far in steps.get(one, ())} - reached
        reached |= near
    return reached


def _ordered(ids: Iterable[str]) -> list[str]:
    return sorted(ids, key=lambda text: (len(text), text))
