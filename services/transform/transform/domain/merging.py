"""A deleted account, or one merged into another: its customer follows, or people are asked."""

from collections.abc import Iterator

from kernel.messages import Result, WriteCommand
from kernel.records import RecordRef, System, salesforce
from kernel.values import Document
from transform.domain import customer_merges
from transform.domain.addresses import with_addresses
from transform.domain.decisions import Decision, changed_only, command, ended, is_empty
from transform.domain.facts import Case, Facts, Link, LinkStatus, Policy, Wanted
from transform.domain.lifecycle import DeletedAccount
from transform.domain.likeness import Question
from transform.domain.mapping import mapped
from transform.domain.owners import netsuite_side, stage_of, writers_kinds
from transform.domain.ownership import counterpart_target

MAP = "account-to-customer"
MASTER = "MasterRecordId"


def wanted(case: Case) -> Wanted:
    master = master_of(case)
    if master is None:
        return Wanted()
    near = frozenset({master})
    return Wanted(documents=near, links=near, targets=near, bodies=near, counterparts=near)


def master_of(case: Case) -> RecordRef | None:
    """The account that the deleted one was merged into."""
    document = case.change.document
    master = document.fields.get(MASTER) if document else None
    return salesforce("Account", master) if isinstance(master, str) and master else None


def gone(case: Case, facts: Facts, policy: Policy) -> Decision | None:
    """None where the account had no customer."""
    link, master = facts.links.get(case.change.ref), master_of(case)
    if link is None or link.status is LinkStatus.RESERVED:
        return None
    if master is None:
        return _deleted(case, link, policy)
    other = facts.links.get(master)
    if other is None:
        return _moved(case, link, master, facts, policy)
    return customer_merges.decide(case, link, other, facts, policy)


def questions(case: Case, facts: Facts) -> Iterator[Question]:
    """What people said of the two customers of merged accounts."""
    master = master_of(case)
    if master is not None and case.change.ref in facts.links and master in facts.links:
        yield Question(ref=case.change.ref, fields={}, compares=False)


def _moved(case: Case, link: Link, master: RecordRef, facts: Facts, policy: Policy) -> Decision:
    """The customer goes on under the account that stays."""
    moved = Link(
        source=master, kind=link.kind, external_id=link.external_id, netsuite_id=link.netsuite_id
    )
    record_map, target = policy.maps.named(MAP), counterpart_target(link)
    owners = writers_kinds(System.SALESFORCE, stage_of(link, facts.bodies.get(netsuite_side(link))))
    known = facts.bodies.get(master, Document({"Id": master.id}))
    document = changed_only(
        with_addresses(mapped(record_map, known, facts, owners=owners)), target, facts
    )
    sent = () if is_empty(document) else (_command(case, master, target, document, policy),)
    outcome = None
    if not sent:
        params = {"master": f"Account {master.id}", "customer": link.netsuite_id}
        outcome = ended(
            case.cause, Result.APPLIED, "LINK_MOVED", params=params, map_hash=policy.maps.hash
        )
    return Decision(
        case=case, commands=sent, links=(moved,), unlinks=(case.change.ref,), outcome=outcome
    )


def _deleted(case: Case, link: Link, policy: Policy) -> Decision | None:
    if policy.lifecycle.deleted_account is DeletedAccount.KEEP:
        return None
    document = Document({"isInactive": True})
    sent = _command(case, case.change.ref, counterpart_target(link), document, policy, tells=False)
    return Decision(case=case, commands=(sent,))


def _command(
    case: Case,
    source: RecordRef,
    target: RecordRef,
    document: Document,
    policy: Policy,
    *,
    tells: bool = True,
) -> WriteCommand:
    record_map = policy.maps.named(MAP)
    return command(
        case.cause,
        source=source,
        target=target,
        part=record_map.part,
        version=case.change.version,
        document=document,
        reads_back=record_map.reads_back if tells else (),
        map_hash=policy.maps.hash,
    )
