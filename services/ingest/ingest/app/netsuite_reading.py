"""Read NetSuite documents whole and bring those into the log whose content is news."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.app.lifetime import Patience
from ingest.app.membership import Membership
from ingest.app.netsuite_search import NetSuiteSearch
from ingest.app.sealing import sealed_documents
from ingest.app.sending import sent
from ingest.domain import suiteql
from ingest.domain.affected import PART_KIND, Touched
from ingest.domain.events import event_of
from ingest.domain.netsuite_documents import AccountClock, document_of, text_of
from ingest.domain.netsuite_fields import LISTS, SOURCES
from ingest.domain.windows import Poll
from ingest.ports import ChangeLog, LastReading, Member, Readings, Row, Seals
from kernel.maps import Reading
from kernel.messages import ChangeEvent, Coordinates
from kernel.records import RecordRef, netsuite
from kernel.values import Document
from runtime.process import Context

KEYS, STORE, PRODUCER = "postgres:keys", "postgres:sync", "kafka:producer"
LIST_TYPES = {"invoices": "CustInvc"}
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


@dataclass(frozen=True, slots=True)
class Outside:
    """What the reader leans on."""

    search: NetSuiteSearch
    readings: Readings
    membership: Membership
    seals: Seals
    log: ChangeLog
    patience: Patience
    ctx: Context


class NetSuiteReader:
    """`source` is the account id; `plans` say what is read, by kind."""

    def __init__(
        self, outside: Outside, plans: Mapping[str, Reading], *, source: str, one_world: bool
    ) -> None:
        self._outside, self._plans, self._source = outside, plans, source
        self._chosen = {
            kind: suiteql.selection(SOURCES[kind], plan.fields, one_world=one_world)
            for kind, plan in plans.items()
        }
        self._lists = {
            (kind, name): suiteql.selection(LISTS[kind][name], fields, one_world=one_world)
            for kind, plan in plans.items()
            for name, fields in plan.lines.items()
        }

    async def read(
        self, kind: str, ids: Collection[str] | None, clock: AccountClock
    ) -> dict[RecordRef, Found]:
        """Documents of these ids that are there; all of the kind where none are named."""
        rows = await self._outside.search.documents(self._chosen[kind], ids)
        return await self._found(kind, rows, clock)

    async def page(self, kind: str, after: str, clock: AccountClock) -> dict[RecordRef, Found]:
        """One page of all there are, in the order of ids, behind this id; empty at the end."""
        rows = await self._outside.search.page(self._chosen[kind], after)
        return await self._found(kind, rows, clock)

    async def _found(
        self, kind: str, rows: Mapping[str, Row], clock: AccountClock
    ) -> dict[RecordRef, Found]:
        lists = {name: await self._list(kind, name, rows) for name in self._plans[kind].lines}
        return {
            netsuite(kind, record_id): Found(
                document_of(
                    row,
                    self._chosen[kind],
                    {
                        name: (self._lists[kind, name], by_root.get(record_id, []))
                        for name, by_root in lists.items()
                    },
                ),
                _modified_at(row, clock),
            )
            for record_id, row in rows.items()
        }

    async def tell(
        self,
        kind: str,
        touched: Mapping[RecordRef, Touched],
        found: Mapping[RecordRef, Found],
        poll: Poll,
    ) -> Told:
        """What was news is in the log now.

        What is decided is stored first: after a crash the same events go out again.
        """
        out = self._outside
        wait = out.patience.until_it_works
        before = await wait(STORE, lambda: out.readings.latest(touched.keys()))
        documents = {ref: item.document for ref, item in found.items()}
        sealed = await wait(KEYS, lambda: sealed_documents(documents, self._plans[kind], out.seals))
        decided: dict[RecordRef, LastReading] = {}
        events: list[ChangeEvent] = []
        for ref, entry in touched.items():
            document, last = sealed.get(ref), before.get(ref)
            moments = [entry.newest, found[ref].modified_at] if ref in found else [entry.newest]
            decision = poll.decide(last, document, max(at for at in moments if at))
            if decision is not None:
                decided[ref] = decision
                captures = entry.captures[-CAPTURES_MAX:]
                events.append(event_of(self._source, ref, decision.version, captures, document))
        if not events:
            return Told(0)
        await wait(STORE, lambda: out.readings.decide(decided))
        produced = await wait(PRODUCER, lambda: sent(events, out.log, out.ctx))
        return Told(len(events), produced.get(events[-1].ref))

    async def _list(self, kind: str, name: str, roots: Mapping[str, Row]) -> dict[str, list[Row]]:
        """The lines of each root, in the order of their ids; whose they are is remembered."""
        search = self._outside.search
        pairs = await search.followers_of(roots.keys(), LIST_TYPES[name])
        rows = await search.documents(self._lists[kind, name], {line for _, line in pairs})
        await self._remember(kind, pairs)
        by_root: dict[str, list[Row]] = {}
        for root, line in pairs:
            if line in rows:
                by_root.setdefault(root, []).append(rows[line])
        return by_root

    async def _remember(self, kind: str, pairs: Sequence[tuple[str, str]]) -> None:
        members = [
            Member(part=netsuite(PART_KIND, line), root=netsuite(kind, root))
            for root, line in pairs
        ]
        if members:
            await self._outside.patience.until_it_works(
                STORE, lambda: self._outside.membership.remember(members)
            )


def _modified_at(row: Row, clock: AccountClock) -> datetime | None:
    text = text_of(row, "modified")
    return clock.moment(text) if text else None
