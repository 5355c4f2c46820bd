"""Who owns a field by now: what the owner kinds mean, given how far the counterpart has come."""

from collections.abc import Collection
from enum import IntEnum
from functools import lru_cache

from kernel.maps import Owner, RecordMap
from kernel.records import RecordRef, System, netsuite
from kernel.values import Document
from transform.domain.facts import Facts, Link, LinkStatus

PENDING = frozenset({"A"})
"""Status letters of an order that nobody has approved yet."""
ALWAYS = {
    System.SALESFORCE: frozenset({Owner.SALESFORCE}),
    System.NETSUITE: frozenset({Owner.NETSUITE}),
}
EITHER = frozenset({Owner.FIRST_WRITE, Owner.BOTH_MANUAL})
"""Both sides may fill the field while it is empty; after that nobody overwrites it."""


class Stage(IntEnum):
    """How far the NetSuite record has come; each stage holds what was before."""

    ABSENT = 0
    CREATED = 1
    APPROVED = 2
    INVOICED = 3


ENDS_AT = {
    Owner.SALESFORCE_UNTIL_CREATED: Stage.CREATED,
    Owner.SALESFORCE_UNTIL_APPROVED: Stage.APPROVED,
    Owner.SALESFORCE_UNTIL_INVOICED: Stage.INVOICED,
}
"""The stage with which a field passes from Salesforce to NetSuite."""


@lru_cache
def writers_kinds(system: System, stage: Stage) -> frozenset[Owner]:
    """The owner kinds of the fields that this system fills at this stage."""
    passed = frozenset(owner for owner, at in ENDS_AT.items() if stage >= at)
    until = passed if system is System.NETSUITE else frozenset(ENDS_AT) - passed
    return ALWAYS[system] | until | EITHER


def stage_of(link: Link | None, body: Document | None) -> Stage:
    """`body`: the NetSuite record as it was read last; None where it was not yet."""
    if link is None or link.status is LinkStatus.RESERVED:
        return Stage.ABSENT
    if body is None:
        return Stage.CREATED
    if body.lines.get("invoices") or body.fields.get("firstSaleDate"):
        return Stage.INVOICED
    status = body.fields.get("status.id")
    return Stage.APPROVED if isinstance(status, str) and status not in PENDING else Stage.CREATED


def netsuite_side(link: Link) -> RecordRef:
    return netsuite(link.kind, link.netsuite_id)


def stage_in(facts: Facts, record: RecordRef) -> Stage:
    """Of the counterpart of a record of either side."""
    link = facts.links.get(record)
    return stage_of(link, facts.bodies.get(netsuite_side(link)) if link else None)


def fields_of(record_map: RecordMap, owners: Collection[Owner]) -> frozenset[str]:
    """The target's fields that stand under these owner kinds."""
    return frozenset(rule.write for rule in record_map.rules if rule.owner in owners)
