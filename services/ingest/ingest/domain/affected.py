"""Which documents a poll's rows touch: an invoice its order, a payment its invoices' orders."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ingest.domain.windows import CUSTOMER, Sighting
from kernel.messages import Capture, ChangeKind
from kernel.records import RecordRef, netsuite

ORDER_KIND, PART_KIND = "salesOrder", "transaction"
ORDER_TYPES = frozenset({"salesord", "salesorder"})
"""As searches name it, and as the list of deleted records does."""

CUSTOMER_TYPES = frozenset({CUSTOMER, "custjob"})
NOT_LETTERS = re.compile(r"[^a-z]")


@dataclass(slots=True)
class Touched:
    """A document to read: the notices that led to it, and the newest date among them."""

    captures: list[Capture] = field(default_factory=list)

    @property
    def newest(self) -> datetime:
        return max(capture.committed_at for capture in self.captures)


def part_of(row: Sighting) -> RecordRef | None:
    """The ref under which the row's record may be part of an order; None where it never is."""
    if _word(row) in CUSTOMER_TYPES | ORDER_TYPES or not row.id.isdigit():
        return None
    return netsuite(PART_KIND, row.id)


def touched(
    rows: Iterable[Sighting],
    roots: Mapping[RecordRef, Collection[RecordRef]],
    kinds: Collection[str],
    sequence: int,
) -> dict[RecordRef, Touched]:
    """Documents of these kinds, in the order in which they first changed.

    `roots`: the orders that each part belongs to or belonged to.
    """
    found: dict[RecordRef, Touched] = {}
    for row in sorted(rows, key=lambda row: (row.at, len(row.id), row.id)):
        own = _own(row)
        part = part_of(row)
        for ref in dict.fromkeys([*([own] if own else []), *(roots.get(part, ()) if part else ())]):
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
    return netsuite(ORDER_KIND, row.id) if word in ORDER_TYPES else None


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
