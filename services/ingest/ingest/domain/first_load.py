"""What the first reading of all customers says: each as a snapshot, and at the end how many."""

from collections.abc import Iterable
from datetime import datetime

from ingest.domain.affected import Touched, position_of
from ingest.domain.windows import CUSTOMER, minute_of
from kernel.messages import Capture, ChangeKind, Version
from kernel.records import RecordRef, netsuite
from kernel.values import Document

WHOLE = netsuite("index", CUSTOMER)
"""Its document says how many customers there are and the highest id among them."""


def snapshots(
    modified: Iterable[tuple[RecordRef, datetime | None]], now: datetime, sequence: int
) -> dict[RecordRef, Touched]:
    """As if each of these records had just been noticed."""
    return {ref: Touched([notice(at or now, sequence)]) for ref, at in modified}


def notice(at: datetime, sequence: int) -> Capture:
    return Capture(
        position=position_of(sequence),
        kind=ChangeKind.SNAPSHOT,
        committed_at=at,
        user="system",
    )


def whole_document(count: int, last: str) -> Document:
    """`last` is the highest id; empty where there is no customer."""
    return Document({"name": CUSTOMER, "count": count, "last": last or "0"})


def whole_version(now: datetime) -> Version:
    """A later first load is the newer one."""
    return Version(int(minute_of(now).timestamp()), now.second)
