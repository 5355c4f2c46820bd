"""A document as read, and the notices that led to it, as the change event that tells of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from kernel.identity import event_id
from kernel.messages import Capture, ChangeEvent, ChangeKind, Version
from kernel.records import RecordRef
from kernel.values import Document, content_hash

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GONE = "gone"


def read_event(
    source: str,
    ref: RecordRef,
    captures: Sequence[Capture],
    document: Document,
    modified_at: datetime,
) -> ChangeEvent:
    """The whole document after these captures; `modified_at` is its own SystemModstamp."""
    version = Version(_commit_number(captures), microseconds(modified_at))
    return event_of(source, ref, version, captures, document)


def gone_event(
    source: str, ref: RecordRef, captures: Sequence[Capture], heir: Document | None = None
) -> ChangeEvent:
    """The record was not there when it was read after these captures. `heir` says into which
    record it was merged."""
    newest = max(capture.committed_at for capture in captures)
    version = Version(_commit_number(captures), microseconds(newest))
    return replace(event_of(source, ref, version, captures, None), document=heir)


def unread_event(source: str, ref: RecordRef, capture: Capture) -> ChangeEvent:
    """A change that leaves the document as it reads. It stands alone, so that its id does not
    depend on what else was under way."""
    version = Version(capture.commit_number, microseconds(capture.committed_at))
    return ChangeEvent(
        id=event_id(source, ref, version, f"unread {capture.position}"),
        ref=ref,
        source=source,
        kind=capture.kind,
        version=version,
        captures=(capture,),
        document=None,
    )


def event_of(
    source: str,
    ref: RecordRef,
    version: Version,
    captures: Sequence[Capture],
    document: Document | None,
) -> ChangeEvent:
    """Without a document: the record is gone."""
    content = content_hash(document) if document else GONE
    return ChangeEvent(
        id=event_id(source, ref, version, content),
        ref=ref,
        source=source,
        kind=_kind(captures) if document else ChangeKind.DELETE,
        version=version,
        captures=tuple(captures),
        document=document,
        content_hash=content if document else "",
    )


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _commit_number(captures: Sequence[Capture]) -> int:
    return max(capture.commit_number for capture in captures)


def _kind(captures: Sequence[Capture]) -> ChangeKind:
    """What several notices together did to a record that is there: a new one stays new."""
    kinds = [capture.kind for capture in captures]
    for kind in (ChangeKind.CREATE, ChangeKind.UNDELETE):
        if kind in kinds:
            return kind
    return ChangeKind.SNAPSHOT if set(kinds) == {ChangeKind.SNAPSHOT} else ChangeKind.UPDATE
