"""Reads documents again after notices, set-based, and brings them into the log as change events."""

from collections.abc import Iterable, Mapping, Sequence

from ingest.app.inbox import Unit, Waiting
from ingest.app.lifetime import Patience
from ingest.app.membership import Membership
from ingest.app.sealing import sealed_documents
from ingest.app.sending import sent
from ingest.domain import soql
from ingest.domain.events import gone_event, read_event, unread_event
from ingest.domain.records import document_of, line_ids, modified_at
from ingest.domain.shapes import Shape
from ingest.ports import ChangeLog, Member, Row, Salesforce, Seals
from kernel.messages import Capture, ChangeEvent, Coordinates
from kernel.records import RecordRef, salesforce
from kernel.values import Document
from runtime.process import Context

HEIR = "MasterRecordId"
RECORDS, KEYS, MEMBERS, PRODUCER = "salesforce", "postgres:keys", "postgres:sync", "kafka:producer"


class DocumentReader:
    """`source` is the org's id. Every step is repeated until it works; nothing is given up."""

    def __init__(
        self,
        records: Salesforce,
        seals: Seals,
        log: ChangeLog,
        membership: Membership,
        ctx: Context,
        *,
        source: str,
        shapes: Mapping[str, Shape],
    ) -> None:
        self._records, self._seals, self._log = records, seals, log
        self._membership, self._ctx = membership, ctx
        self._source, self._shapes = source, shapes
        self._patience = Patience(ctx)

    async def bring(self, unit: Unit) -> dict[RecordRef, Coordinates]:
        """Where the last event of each document stands. The reading starts after its notices, so
        it is at least as new as they are. PermanentError where Salesforce refuses to read."""
        shape = self._shapes[unit.kind]
        ids = [ref.id for ref, waiting in unit.documents.items() if _read_captures(waiting)]
        rows = await self._patience.until_it_works(RECORDS, lambda: self._rows(shape, ids))
        documents = {ref: document_of(row, shape) for ref, row in rows.items()}
        gone = [ref for ref in unit.documents if ref.id in ids and ref not in rows]
        heirs = await self._patience.until_it_works(RECORDS, lambda: self._heirs(shape, gone))
        readings = {shape.reading.kind: shape.reading}
        sealed = await self._patience.until_it_works(
            KEYS, lambda: sealed_documents(documents, readings, self._seals)
        )
        events = [
            event
            for ref, waiting in unit.documents.items()
            for event in self._events(ref, waiting, rows.get(ref), sealed.get(ref), heirs.get(ref))
        ]
        members = list(_members(rows, shape))
        await self._patience.until_it_works(MEMBERS, lambda: self._membership.remember(members))
        return await self._patience.until_it_works(
            PRODUCER, lambda: sent(events, self._log, self._ctx)
        )

    async def _rows(self, shape: Shape, ids: Sequence[str]) -> dict[RecordRef, Row]:
        rows: dict[RecordRef, Row] = {}
        for statement in soql.batches(ids, lambda some: soql.documents(shape, some)):
            for row in await self._records.query(statement):
                rows[salesforce(shape.reading.kind, str(row["Id"]))] = row
        return rows

    async def _heirs(self, shape: Shape, gone: Sequence[RecordRef]) -> dict[RecordRef, Document]:
        """Of records that were merged into another: the id of the one that stays."""
        if HEIR not in shape.reading.fields or not gone:
            return {}
        heirs: dict[RecordRef, Document] = {}
        ids = [ref.id for ref in gone]
        for statement in soql.batches(ids, lambda some: soql.heirs(shape.reading.kind, some)):
            for row in await self._records.query(statement, deleted=True):
                if heir := row.get(HEIR):
                    heirs[salesforce(shape.reading.kind, str(row["Id"]))] = Document(
                        {"Id": str(row["Id"]), HEIR: str(heir)}
                    )
        return heirs

    def _events(
        self,
        ref: RecordRef,
        waiting: Sequence[Waiting],
        row: Row | None,
        document: Document | None,
        heir: Document | None,
    ) -> list[ChangeEvent]:
        events = [
            unread_event(self._source, ref, item.notice.capture)
            for item in waiting
            if not item.notice.reads
        ]
        captures = _read_captures(waiting)
        if captures and row is not None and document is not None:
            moment = modified_at(row) or captures[-1].committed_at
            events.append(read_event(self._source, ref, captures, document, moment))
        elif captures:
            events.append(gone_event(self._source, ref, captures, heir))
        return sorted(events, key=lambda event: event.version)


def _read_captures(waiting: Iterable[Waiting]) -> list[Capture]:
    return [item.notice.capture for item in waiting if item.notice.reads]


def _members(rows: Mapping[RecordRef, Row], shape: Shape) -> Iterable[Member]:
    for ref, row in rows.items():
        for name, line in shape.lines.items():
            for line_id in line_ids(row, name):
                yield Member(part=salesforce(line.kind, line_id), root=ref)
