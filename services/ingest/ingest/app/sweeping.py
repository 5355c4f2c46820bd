"""Read again all documents of a kind that changed since a moment, where no event names them."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ingest.app.inbox import Inbox, Waiting
from ingest.app.lifetime import Patience
from ingest.app.progress import Progress
from ingest.domain import soql
from ingest.domain.changes import Notice, Sweep
from ingest.domain.positions import Position
from ingest.domain.records import modified_at
from ingest.domain.shapes import Shape
from ingest.ports import Row, Salesforce
from kernel.records import salesforce
from runtime import logs, names
from runtime.process import Context

RECORDS = "salesforce"


@dataclass(frozen=True, slots=True)
class Due:
    """`position` counts the sweep itself as one of its parts."""

    sweep: Sweep
    since: datetime
    position: Position


class Sweeper:
    """One sweep after the other: ids page by page, put where every other notice goes."""

    def __init__(self, records: Salesforce, inbox: Inbox, progress: Progress, ctx: Context) -> None:
        self._records, self._inbox, self._progress = records, inbox, progress
        self._due: asyncio.Queue[Due] = asyncio.Queue()
        self._patience = Patience(ctx)

    def add(self, due: Due) -> None:
        self._due.put_nowait(due)

    async def run(self) -> None:
        """Without end."""
        while True:
            due = await self._due.get()
            kind = due.sweep.shape.reading.kind
            count = 0
            for line_kind, parent in _places(due.sweep.shape):
                count += await self._swept(line_kind, parent, due)
            self._progress.finish(due.position)
            why = f"{count} records of {kind} that changed since {due.since} are read again"
            logs.info(names.SWEPT, why, kind=kind, count=count)

    async def _swept(self, kind: str, parent: str, due: Due) -> int:
        count, after = 0, None
        while True:
            await self._inbox.room()
            rows = await self._page(kind, parent, due.since, after)
            count += self._put(rows, parent, due)
            after = _last(rows)
            if after is None or len(rows) < soql.PAGE:
                return count

    async def _page(
        self, kind: str, parent: str, since: datetime, after: tuple[datetime, str] | None
    ) -> list[Row]:
        statement = soql.changed_since(kind, parent, since, after)
        return await self._patience.until_allowed(RECORDS, lambda: self._query(statement))

    async def _query(self, statement: str) -> list[Row]:
        return list(await self._records.query(statement, deleted=True))

    def _put(self, rows: list[Row], parent: str, due: Due) -> int:
        ids = dict.fromkeys(str(row.get(parent or "Id") or "") for row in rows)
        refs = [salesforce(due.sweep.shape.reading.kind, some) for some in ids if some]
        self._progress.add(due.position, len(refs))
        self._inbox.put(
            Waiting(Notice(ref=ref, capture=due.sweep.capture, reads=True), due.position)
            for ref in refs
        )
        return len(refs)


def _places(shape: Shape) -> Iterator[tuple[str, str]]:
    """Where a change of the document leaves a newer date: the root, and its lines."""
    yield shape.reading.kind, ""
    yield from ((line.kind, line.parent) for line in shape.lines.values())


def _last(rows: list[Row]) -> tuple[datetime, str] | None:
    moment = modified_at(rows[-1]) if rows else None
    return (moment, str(rows[-1]["Id"])) if moment else None
