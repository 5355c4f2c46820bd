"""Waiting for the next reading of a document: named by the reading that was not enough."""

from kernel.messages import Version
from kernel.records import RecordRef

MARK = " newer than "


def newer_than(ref: RecordRef, version: Version) -> RecordRef:
    """Holds once a later version of the document is kept, or the document is gone."""
    return RecordRef(ref.system, ref.kind, f"{ref.id}{MARK}{version.major}.{version.minor}")


def is_newer(ref: RecordRef) -> bool:
    return MARK in ref.id


def read_before(ref: RecordRef) -> tuple[RecordRef, Version]:
    """The document of a `newer_than`, and the version that was not enough."""
    record_id, _, version = ref.id.partition(MARK)
    major, _, minor = version.partition(".")
    return RecordRef(ref.system, ref.kind, record_id), Version(int(major), int(minor))
