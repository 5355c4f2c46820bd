"""A customer that NetSuite merged into another: its account goes on with the one that is left.

NetSuite only says that the one is deleted. Its orders say to whom they belong now, before or after.
"""

from dataclasses import dataclass

from kernel.messages import WriteCommand
from kernel.records import RecordRef, netsuite, salesforce
from kernel.values import Document
from transform.domain.facts import Case, Facts, Link, LinkStatus, Policy, Reference, Wanted
from transform.domain.first_customer import identity_command
from transform.domain.likeness import CUSTOMER

MOVED = "moved"
"""Kind of reference data: a customer whose order stands with another one now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    """What follows from an order that stands with another customer than its account's."""

    link: Link | None = None
    commands: tuple[WriteCommand, ...] = ()
    unlinks: tuple[RecordRef, ...] = ()
    references: tuple[Reference, ...] = ()


NOTHING = Survivor()


def wanted_by_order(case: Case, document: Document, facts: Facts) -> Wanted:
    """Once the opportunity behind the order is known: its account's customer, and the order's."""
    account, entity = _account_of(case, facts), document.fields.get("entity.id")
    if account is None or not isinstance(entity, str):
        return Wanted()
    there = frozenset({netsuite(CUSTOMER, entity)})
    near = frozenset({account})
    return Wanted(links=near | there, counterparts=near, bodies=there)


def wanted_by_deletion(case: Case, facts: Facts) -> Wanted:
    survivor = _noted(case.change.ref, facts)
    near = frozenset({survivor} if survivor else ())
    return Wanted(links=near, bodies=near)


def by_order(case: Case, document: Document, facts: Facts, policy: Policy) -> Survivor:
    account, entity = _account_of(case, facts), document.fields.get("entity.id")
    link = facts.links.get(account) if account else None
    if link is None or link.status is LinkStatus.RESERVED or not isinstance(entity, str):
        return NOTHING
    before, now = netsuite(CUSTOMER, link.netsuite_id), netsuite(CUSTOMER, entity)
    if before == now or now not in facts.bodies:
        return NOTHING
    if before in facts.bodies:  # it stands, or its end has not been told yet
        note = Reference(kind=MOVED, id=before.id, key=before.id, fields={"to": now.id})
        return Survivor(references=(note,))
    return _repointed(case, link, now, facts, policy)


def by_deletion(case: Case, facts: Facts, policy: Policy) -> Survivor:
    link, survivor = facts.links.get(case.change.ref), _noted(case.change.ref, facts)
    if link is None or survivor is None or survivor not in facts.bodies:
        return NOTHING
    return _repointed(case, link, survivor, facts, policy)


def _repointed(
    case: Case, link: Link, survivor: RecordRef, facts: Facts, policy: Policy
) -> Survivor:
    """Where the one that is left has an account already, a person decides with the next order."""
    holder = facts.links.get(survivor)
    if holder is not None and holder.source != link.source:
        return Survivor(unlinks=(link.source,))
    moved = Link(source=link.source, kind=CUSTOMER, external_id="", netsuite_id=survivor.id)
    sent = identity_command(
        case,
        link.source,
        survivor,
        facts.bodies[survivor].fields,
        case.change.version,
        policy,
    )
    return Survivor(link=moved, commands=(sent,))


def _account_of(case: Case, facts: Facts) -> RecordRef | None:
    """The account of the opportunity that the order came from."""
    order = facts.links.get(case.change.ref)
    source = facts.bodies.get(order.source) if order else None
    account = source.fields.get("AccountId") if source else None
    return salesforce("Account", account) if isinstance(account, str) and account else None


def _noted(customer: RecordRef, facts: Facts) -> RecordRef | None:
    note = facts.references.get((MOVED, customer.id))
    to = note.fields.get("to") if note else None
    return netsuite(CUSTOMER, to) if isinstance(to, str) else None
