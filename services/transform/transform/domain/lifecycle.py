"""What a deployment settles about records that end: lost deals, deleted records, and how both are
remembered."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kernel.messages import ChangeEvent, ChangeKind, Version
from kernel.records import RecordRef
from kernel.values import value_hash

DELETED = "deleted"
"""Stands among what is remembered of a Salesforce record while it lies in the recycle bin."""
MADE_AT = "made-at"
"""Stands among what is remembered of an account, with the version of the reading that its customer
was made from: that of an opportunity, which may be newer than the account's own last change."""
YES = value_hash(True)


class LostOrder(StrEnum):
    """What becomes of an order whose deal is no longer won and of which nothing is billed."""

    CLOSE = "close"
    """Its lines are closed in NetSuite."""
    HOLD = "hold"


class DeletedAccount(StrEnum):
    """What becomes of the customer of an account that was deleted. It is never deleted."""

    KEEP = "keep"
    INACTIVATE = "inactivate"


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleRules:
    lost_order: LostOrder = LostOrder.CLOSE
    deleted_account: DeletedAccount = DeletedAccount.KEEP


def remembered(change: ChangeEvent) -> dict[tuple[RecordRef, str], str]:
    """Whether the record lies in the recycle bin, as this change tells it."""
    is_gone = change.kind is ChangeKind.DELETE
    return {(change.ref, DELETED): YES if is_gone else ""}


def made_at(account: RecordRef, version: Version) -> dict[tuple[RecordRef, str], str]:
    return {(account, MADE_AT): f"{version.major}:{version.minor}"}


def version_made(account: RecordRef, applied: Mapping[tuple[RecordRef, str], str]) -> Version:
    """The lowest there is where nothing is remembered."""
    major, _, minor = applied.get((account, MADE_AT), "0:0").partition(":")
    return Version(int(major), int(minor))
