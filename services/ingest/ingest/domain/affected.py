"""Which documents a poll's rows touch: an invoice its order, a payment its invoices and their
orders, and all of them their customer."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ingest.domain.netsuite_links import part
from ingest.domain.netsuite_transaction_fields import TRANSACTION_TYPES
from ingest.domain.windows import CUSTOMER, ITEM, Sighting
from kernel.messages import Capture, ChangeKind
from kernel.records import RecordRef, netsuite

CUSTOMER_TYPES = frozenset({CUSTOMER, "custjob"})
NOT_LETTERS = re.compile(r"[^a-z]")
TRANSACTION_WORDS = {
    word.lower(): kind for kind, code in TRANSACTION_TYPES.items() for word in (kind, code)
}
"""As searches name a type, and as the list of deleted records does."""


@dataclass(slots=True)
class Touched:
    """A document to read: the notices that led to it, and the newest date among them."""

    captures: list[Capture] = field(default_factory=list)

    @property
    def newest(self) -> datetime:
        return max(capture.committed_at for capture in self.captures)


def part_of(row: Sighting) -> RecordRef | None:
    """The ref under which the row's record may be part of other documents; None where it never
    is."""
    if _word(row) in CUSTOMER_TYPES | {ITEM} or not row.id.isdigit():
        return None
    return part(row.id)


def touched(
    rows: Iterable[Sighting],
    roots: Mapping[RecordRef, Collection[RecordRef]],
    kinds: Collection[str],
    sequence: int,
) -> dict[RecordRef, Touched]:
    """Documents of these kinds, in the order in which they first changed.

    `roots`: the documents that each part belongs to or belonged to.
    """
    found: dict[RecordRef, Touched] = {}
    for row in sorted(rows, key=lambda row: (row.at, len(row.id), row.id)):
        own = _own(row)
        as_part = part_of(row)
        others = roots.get(as_part, ()) if as_part else ()
        for ref in dict.fromkeys([*([own] if own else []), *others]):
            if ref.kind in kinds:
                entry = found.setdefault(ref, Touched())
                entry.captures.append(_capture(row, sequence, is_own=ref == own))
    return found


def position_of(sequence: int) -> str:
    return f"poll:{sequence}"


def _own(row: Sighting) -> RecordRef | None:
    """The document that the row itself is."""
    word = _word(row)
    if not row.id.isdigit():
        return None
    if word in CUSTOMER_TYPES:
        return netsuite(CUSTOMER, row.id)
    kind = ITEM if word == ITEM else TRANSACTION_WORDS.get(word)
    return netsuite(kind, row.id) if kind else None


def _capture(row: Sighting, sequence: int, *, is_own: bool) -> Capture:
    is_deletion = row.deleted and is_own
    return Capture(
        position=position_of(sequence),
        kind=ChangeKind.DELETE if is_deletion else ChangeKind.SNAPSHOT,
        committed_at=row.at,
        user=row.user,
        origin="" if is_own else f"{row.kind} {row.id}",
    )


def _word(row: Sighting) -> str:
    return NOT_LETTERS.sub("", row.kind.lower())
