"""Sealed fields of a record as bytes in a table, and back."""

from kernel.codec import Codec
from kernel.messages import ChangeEvent, ChangeKind, Version
from kernel.records import RecordRef
from kernel.values import Document, Fields


def body_of(ref: RecordRef, fields: Fields, codec: Codec) -> bytes:
    """As a change that says nothing but how the record reads: the schema is there already."""
    return codec.encode(
        ChangeEvent(
            id="",
            ref=ref,
            source="",
            kind=ChangeKind.SNAPSHOT,
            version=Version(0, 0),
            captures=(),
            document=Document(fields),
        )
    )


def fields_of(body: bytes | None, codec: Codec) -> Fields:
    """Empty where nothing is kept."""
    change = codec.decode(body) if body else None
    if not isinstance(change, ChangeEvent) or change.document is None:
        return {}
    return change.document.fields
