"""Read NetSuite documents whole and bring those into the log whose content is news."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from ingest.app.lifetime import Patience
from ingest.app.netsuite_search import NetSuiteSearch
from ingest.app.sealing import sealed_documents
from ingest.app.sending import sent
from ingest.domain import suiteql
from ingest.domain.affected import Touched
from ingest.domain.events import event_of
from ingest.domain.item_prices import PRICES, prices_of, record_type_of, unknown_currencies
from ingest.domain.netsuite_documents import AccountClock, fields_of, text_of
from ingest.domain.netsuite_fields import CURRENCY, source_for
from ingest.domain.netsuite_links import Graph, joined, neighbours
from ingest.domain.netsuite_transactions import (
    Rows,
    chosen_of,
    credit_ids,
    kind_of,
    transaction_document,
)
from ingest.domain.windows import CUSTOMER, ITEM, Poll
from ingest.ports import ChangeLog, LastReading, Readings, Row, Seals
from kernel.maps import Reading
from kernel.messages import ChangeEvent, Coordinates
from kernel.records import TRANSACTION_KINDS, RecordRef, netsuite
from kernel.values import Document
from runtime.process import Context

KEYS, STORE, PRODUCER = "postgres:keys", "postgres:sync", "kafka:producer"
CAPTURES_MAX = 100


@dataclass(frozen=True, slots=True)
class Found:
    document: Document
    modified_at: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """So many events, and where the last of them stands."""

    events: int
    last: Coordinates | None = None
    documents: Mapping[RecordRef, Document | None] = field(default_factory=dict)
    """Customers that were told, open; None of those that are gone."""
    new: frozenset[RecordRef] = frozenset()
    """Of these the ones that were never told before."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What the reader leans on."""

    search: NetSuiteSearch
    readings: Readings
    seals: Seals
    log: ChangeLog
    patience: Patience
    ctx: Context


class NetSuiteReader:
    """`source` is the account id; `plans` say what is read, by kind; `currency` is that of an
    account that has one."""

    def __init__(
        self,
        outside: Outside,
        plans: Mapping[str, Reading],
        *,
        source: str,
        one_world: bool,
        currency: str = "",
    ) -> None:
        self._outside, self._plans, self._source = outside, plans, source
        self._chosen = {
            kind: suiteql.selection(
                source_for(kind, currency), plan.fields, one_world=one_world, currency=currency
            )
            for kind, plan in plans.items()
            if kind not in TRANSACTION_KINDS
        }
        self._transactions = chosen_of(plans, one_world=one_world, currency=currency)
        self._prices = plans[ITEM].lines.get(PRICES) if ITEM in plans else None
        self._symbols: dict[str, str] | None = {"": currency} if currency else None

    @property
    def reads_prices(self) -> bool:
        return bool(self._prices)

    def reads(self, kind: str) -> bool:
        """Whether some map reads documents of this kind."""
        return kind in self._plans

    async def can_read(self, kind: str) -> bool:
        """Whether the account has this list with all that is read of it, for our role."""
        return await self._outside.search.can_read(self._chosen[kind])

    async def read(
        self, kind: str, ids: Collection[str] | None, clock: AccountClock
    ) -> dict[RecordRef, Found]:
        """Documents of these ids that are there; all of the kind where none are named."""
        rows = await self._outside.search.documents(self._chosen[kind], ids)
        return await self._complete(kind, self._found(kind, rows, clock))

    async def page(self, kind: str, after: str, clock: AccountClock) -> dict[RecordRef, Found]:
        """One page of all there are, in the order of ids, behind this id; empty at the end."""
        rows = await self._outside.search.page(self._chosen[kind], after)
        return await self._complete(kind, self._found(kind, rows, clock))

    async def _complete(self, kind: str, found: dict[RecordRef, Found]) -> dict[RecordRef, Found]:
        """Items with their prices, where a map reads those: a call an item, one after the other."""
        if kind != ITEM or not self._prices:
            return found
        return {ref: await self._priced(ref, item) for ref, item in found.items()}

    async def _priced(self, ref: RecordRef, item: Found) -> Found:
        name = record_type_of(item.document.fields)
        record = await self._outside.search.record(name, ref.id) if name else None
        rows = record or {}
        symbols = await self._currencies(rows)
        prices = prices_of(rows, self._prices or (), symbols)
        return replace(item, document=Document(item.document.fields, {PRICES: prices}))

    async def _currencies(self, record: Row) -> dict[str, str]:
        """ISO codes by id; asked for again when a price names one that is new."""
        known = self._symbols
        if known is None or unknown_currencies(record, known):
            there = await self._outside.search.knows(CURRENCY)
            chosen = suiteql.selection(CURRENCY, ["symbol"], one_world=True)
            rows = await self._outside.search.documents(chosen, None) if there else {}
            known = {one: str(fields_of(row, chosen)["symbol"]) for one, row in rows.items()}
            self._symbols = known
        return known

    def _found(
        self, kind: str, rows: Mapping[str, Row], clock: AccountClock
    ) -> dict[RecordRef, Found]:
        chosen = self._chosen[kind]
        return {
            netsuite(kind, record_id): Found(
                Document(fields_of(row, chosen)), _modified_at(row, clock)
            )
            for record_id, row in rows.items()
        }

    async def read_transactions(
        self, refs: Collection[RecordRef], graph: Graph, clock: AccountClock
    ) -> dict[RecordRef, Found]:
        """Of whatever kinds: heads, lines and links are asked for once for all of them."""
        search, chosen = self._outside.search, self._transactions
        ids = {ref.id for ref in refs}
        graph = joined(graph, await search.graph(ids - graph.asked))
        around = neighbours(graph, ids) | credit_ids(graph, refs)
        heads = await search.documents(chosen.heads, ids | around)
        lines = await search.lines(chosen.lines, ids & heads.keys())
        rows = Rows(heads, lines, graph)
        there = {ref: heads[ref.id] for ref in refs if ref.id in heads}
        return {
            ref: Found(
                transaction_document(ref, rows, chosen, self._plans[ref.kind]),
                _modified_at(row, clock),
            )
            for ref, row in there.items()
            if kind_of(row) == ref.kind
        }

    async def tell(
        self,
        touched: Mapping[RecordRef, Touched],
        found: Mapping[RecordRef, Found],
        poll: Poll,
        again: Collection[RecordRef] = (),
    ) -> Told:
        """What was news is in the log now, and what is to be told `again`.

        What is decided is stored first: after a crash the same events go out again.
        """
        out = self._outside
        wait = out.patience.until_it_works
        before = await wait(STORE, lambda: out.readings.latest(touched.keys()))
        documents = {ref: item.document for ref, item in found.items()}
        sealed = await wait(KEYS, lambda: sealed_documents(documents, self._plans, out.seals))
        decided: dict[RecordRef, LastReading] = {}
        events: list[ChangeEvent] = []
        for ref, entry in touched.items():
            document, last = sealed.get(ref), before.get(ref)
            moments = [entry.newest, found[ref].modified_at] if ref in found else [entry.newest]
            newest = max(at for at in moments if at)
            decision = poll.decide(last, document, newest, again=ref in again)
            if decision is not None:
                decided[ref] = decision
                captures = entry.captures[-CAPTURES_MAX:]
                events.append(event_of(self._source, ref, decision.version, captures, document))
        if not events:
            return Told(0)
        await wait(STORE, lambda: out.readings.decide(decided))
        produced = await wait(PRODUCER, lambda: sent(events, out.log, out.ctx))
        news = {ref: documents.get(ref) for ref in decided if ref.kind == CUSTOMER}
        new = frozenset(ref for ref in news if ref not in before)
        return Told(len(events), produced.get(events[-1].ref), news, new)


def _modified_at(row: Row, clock: AccountClock) -> datetime | None:
    text = text_of(row, "modified")
    return clock.moment(text) if text else None
