"""A customer that NetSuite merged into another: its account goes on with the one that is left.

NetSuite only says that the one is deleted. Its orders say to whom they belong now, before or after.
"""

from dataclasses import dataclass, replace

from kernel.messages import Outcome, WriteCommand
from kernel.records import RecordRef, netsuite, salesforce
from kernel.values import Document
from transform.domain import customer_merges
from transform.domain.customer_merges import MOVED
from transform.domain.facts import Case, Facts, Link, LinkStatus, Policy, Reference, Wanted
from transform.domain.first_customer import identity_command
from transform.domain.lifecycle import DELETED
from transform.domain.likeness import CUSTOMER
from transform.domain.owners import netsuite_side

__all__ = ["MOVED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    """What follows from an order that stands with another customer than its account's."""

    link: Link | None = None
    commands: tuple[WriteCommand, ...] = ()
    unlinks: tuple[RecordRef, ...] = ()
    references: tuple[Reference, ...] = ()
    closes: tuple[Outcome, ...] = ()
    merged: tuple[str, ...] = ()
    """As in `Decision`."""


NOTHING = Survivor()


def wanted_by_order(case: Case, document: Document, facts: Facts) -> Wanted:
    """Once the opportunity behind the order is known: its account's customer, and the order's."""
    account, entity = _account_of(case, facts), document.fields.get("entity.id")
    if account is None or not isinstance(entity, str):
        return Wanted()
    there = frozenset({netsuite(CUSTOMER, entity)})
    near = frozenset({account})
    asked = Wanted(links=near | there, counterparts=near, bodies=there)
    return asked | _wanted_of_accounts(account, netsuite(CUSTOMER, entity), facts)


def wanted_by_deletion(case: Case, facts: Facts) -> Wanted:
    survivor, link = _noted(case.change.ref, facts), facts.links.get(case.change.ref)
    if survivor is None or link is None:
        return Wanted()
    near = frozenset({survivor})
    return Wanted(links=near, bodies=near) | _wanted_of_accounts(link.source, survivor, facts)


def _wanted_of_accounts(account: RecordRef, survivor: RecordRef, facts: Facts) -> Wanted:
    """Whether they still stand, and what of them waits."""
    holder = facts.links.get(survivor)
    accounts = frozenset({account, holder.source} if holder else {account})
    return Wanted(documents=accounts, targets=accounts)


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
    """Where the one that is left has an account already, a person decides with the next order;
    unless one of the two accounts was merged into the other before."""
    holder = facts.links.get(survivor)
    if holder is not None and holder.source != link.source:
        return _of_merged_accounts(case, link, holder, facts, policy)
    return _moved(case, link, survivor, facts, policy)


def _of_merged_accounts(
    case: Case, link: Link, holder: Link, facts: Facts, policy: Policy
) -> Survivor:
    """`holder` has the customer that is left."""
    if facts.applied.get((link.source, DELETED)):
        answered = _answered(link, holder, facts, policy)
        return replace(answered, unlinks=(link.source,))
    if facts.applied.get((holder.source, DELETED)):
        moved = _moved(case, link, netsuite_side(holder), facts, policy)
        answered = _answered(holder, link, facts, policy)
        return replace(
            moved, unlinks=(holder.source,), closes=answered.closes, merged=answered.merged
        )
    return Survivor(unlinks=(link.source,))


def _answered(gone: Link, stays: Link, facts: Facts, policy: Policy) -> Survivor:
    """The question whether to merge the two customers has answered itself."""
    waiting = facts.parked.get(gone.source, ())
    return Survivor(
        closes=tuple(customer_merges.answered(cause, gone, stays, policy) for cause in waiting),
        merged=(customer_merges.review_of(gone, stays),),
    )


def _moved(case: Case, link: Link, survivor: RecordRef, facts: Facts, policy: Policy) -> Survivor:
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
