"""A Salesforce change event as notices: the documents it touches, and whether to read them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.domain.bitmaps import changed_names
from ingest.domain.shapes import LineShape, Shape
from ingest.domain.soql import is_record_id
from ingest.ports import Member, SourceEvent
from kernel.messages import Capture, ChangeKind
from kernel.records import RecordRef, salesforce

GAP, OVERFLOW, ANY_ID = "GAP_", "GAP_OVERFLOW", "*"
KINDS = {
    "CREATE": ChangeKind.CREATE,
    "UPDATE": ChangeKind.UPDATE,
    "DELETE": ChangeKind.DELETE,
    "UNDELETE": ChangeKind.UNDELETE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A document changed. `reads` is false where it reads as before: only fields outside the map
    changed, as with the echo of our own write."""

    ref: RecordRef
    capture: Capture
    reads: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Orphan:
    """A line changed and the event does not say whose it is."""

    part: RecordRef
    shape: Shape
    line: LineShape
    notice: Notice
    """Complete but for the id of its ref."""

    @property
    def root_kind(self) -> str:
        return self.notice.ref.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The event names no records: all of a kind changed since the last good event are due."""

    shape: Shape
    capture: Capture


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    notices: tuple[Notice, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    sweeps: tuple[Sweep, ...] = ()
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Watch:
    """The documents that are watched, by kind."""

    roots: Mapping[str, Shape]
    client: str = ""
    """The name under which our own writes come back."""

    def is_ours(self, event: SourceEvent) -> bool:
        return bool(self.client) and f"client={self.client}" in event.origin.split(";")

    def lists_of(self, entity: str) -> Iterator[tuple[Shape, str]]:
        """Every document and list in which this kind of record is a line."""
        for shape in self.roots.values():
            for name, line in shape.lines.items():
                if line.kind == entity:
                    yield shape, name


def noticed(event: SourceEvent, watch: Watch) -> Noticed:
    """Empty for an entity that is in no map."""
    found = [_of_line(event, shape, name) for shape, name in watch.lists_of(event.entity)]
    if event.entity in watch.roots:
        shape = watch.roots[event.entity]
        ours = watch.is_ours(event)
        names = shape.watched if ours else shape.watched | shape.guarded
        found.append(_of_root(event, shape, names))
    return Noticed(
        notices=one_per_document(notice for item in found for notice in item.notices),
        orphans=tuple(orphan for item in found for orphan in item.orphans),
        sweeps=tuple(sweep for item in found for sweep in item.sweeps),
        members=tuple(member for item in found for member in item.members),
    )


def adopted(orphan: Orphan, roots: Sequence[RecordRef]) -> list[Notice]:
    """The orphan's notice for each document the line turned out to be part of."""
    return [replace(orphan.notice, ref=root) for root in roots]


def one_per_document(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """One event can touch several lines of one document; that is one notice."""
    by_ref: dict[RecordRef, Notice] = {}
    for notice in notices:
        kept = by_ref.setdefault(notice.ref, notice)
        if notice.reads and not kept.reads:
            by_ref[notice.ref] = notice
    return tuple(by_ref.values())


def _of_root(event: SourceEvent, shape: Shape, watched: frozenset[str]) -> Noticed:
    changed = _changed(event)
    capture = _capture(event, changed)
    if _names_no_records(event):
        return Noticed(sweeps=(Sweep(shape=shape, capture=_snapshot(capture)),))
    reads = _reads(event, changed, watched)
    refs = [salesforce(event.entity, record_id) for record_id in _ids(event)]
    return Noticed(notices=tuple(Notice(ref=ref, capture=capture, reads=reads) for ref in refs))


def _of_line(event: SourceEvent, shape: Shape, name: str) -> Noticed:
    """A change of a line is an update of its document, under the name of the list."""
    line, changed = shape.lines[name], _changed(event)
    paths = tuple(f"{name}.{field}" for field in changed) or (name,)
    capture = replace(_capture(event, paths), kind=ChangeKind.UPDATE)
    if _names_no_records(event):
        return Noticed(sweeps=(Sweep(shape=shape, capture=_snapshot(capture)),))
    parts = [salesforce(event.entity, record_id) for record_id in _ids(event)]
    root = salesforce(shape.reading.kind, event.parents.get(line.parent, ""))
    notice = Notice(ref=root, capture=capture, reads=_reads(event, changed, line.watched))
    if not is_record_id(root.id):
        orphans = (Orphan(part=part, shape=shape, line=line, notice=notice) for part in parts)
        return Noticed(orphans=tuple(orphans))
    members = tuple(Member(part=part, root=root) for part in parts)
    return Noticed(notices=(notice,), members=members)


def _reads(event: SourceEvent, changed: tuple[str, ...], watched: frozenset[str]) -> bool:
    """Only an update that names its fields, none of them watched, leaves a document as it reads.

    Whose write it was matters only for the fields that we write, which NetSuite owns: those are
    watched in the writes of others. When automation in the org changes another watched field in
    the transaction of our write, the document must be read.
    """
    if event.change != "UPDATE" or not changed:
        return True
    return any(name in watched or name.partition(".")[0] in watched for name in changed)


def _changed(event: SourceEvent) -> tuple[str, ...]:
    """Empty where the event does not say."""
    return changed_names(event.bitmaps, event.schema) or ()


def _names_no_records(event: SourceEvent) -> bool:
    """An overflow, or a wildcard after a field changed its type."""
    return event.change == OVERFLOW or any(ANY_ID in text for text in event.record_ids)


def _ids(event: SourceEvent) -> Iterator[str]:
    return (record_id for record_id in event.record_ids if is_record_id(record_id))


def _capture(event: SourceEvent, changed: tuple[str, ...]) -> Capture:
    return Capture(
        position=event.replay_id.hex(),
        kind=KINDS.get(event.change.removeprefix(GAP), ChangeKind.SNAPSHOT),
        committed_at=event.committed_at,
        user=event.user or "system",
        origin=event.origin,
        commit_number=event.commit_number,
        transaction=event.transaction,
        sequence=event.sequence,
        changed=changed,
    )


def _snapshot(capture: Capture) -> Capture:
    return replace(capture, kind=ChangeKind.SNAPSHOT, changed=())
