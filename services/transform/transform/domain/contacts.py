"""A contact of a deal becomes a contact of its customer, and follows its changes after."""

from kernel.messages import Result
from kernel.records import RecordRef, System, external_id_of, netsuite, salesforce
from kernel.values import Document, Fields
from transform.domain.checks import held
from transform.domain.decisions import Decision, changed_only, command, ended, is_empty
from transform.domain.facts import Case, Facts, Link, LinkStatus, Policy, Wanted
from transform.domain.mapping import mapped
from transform.domain.named import fault_of_names, kinds_named_by
from transform.domain.owners import stage_in, writers_kinds
from transform.domain.ownership import counterpart_target

KIND, MAP = "contact", "contact-to-contact"
ROLES = "OpportunityContactRoles"


def wanted(case: Case, policy: Policy) -> Wanted:
    account = _account(case.change.document or Document())
    return Wanted(
        links=frozenset({case.change.ref} | ({account} if account else set())),
        targets=frozenset({_target(case.change.ref, policy)}),
        references=kinds_named_by(policy.maps.named(MAP)),
    )


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    """Only contacts with a part in a deal, or that somebody asks for; never one without account."""
    account, link = _account(document), facts.links.get(case.change.ref)
    if link is None and not _has_a_part(document):
        return _ends(case, Result.FILTERED, "CONTACT_WITHOUT_ROLE", policy)
    if account is None:
        return _ends(case, Result.FILTERED, "CONTACT_WITHOUT_ACCOUNT", policy)
    customer = facts.links.get(account)
    if customer is None or customer.status is LinkStatus.RESERVED:
        return _ends(case, Result.PARKED, "CONTACT_WAITS", policy, waits_on=account)
    return _sent(case, document, link, facts, policy)


def _sent(
    case: Case, document: Document, link: Link | None, facts: Facts, policy: Policy
) -> Decision:
    record_map, ref = policy.maps.named(MAP), case.change.ref
    external_id = external_id_of(policy.org_id, ref)
    reserved = Link(source=ref, kind=KIND, external_id=external_id)
    target = counterpart_target(link or reserved)
    owners = writers_kinds(System.SALESFORCE, stage_in(facts, ref))
    if fault := fault_of_names(ref, record_map, document, facts, owners):
        return held(case, fault, policy)
    wanted_now = mapped(record_map, document, facts, owners=owners)
    is_there = link is not None and link.status is LinkStatus.LINKED
    to_write = changed_only(wanted_now, target, facts) if is_there else _filled(wanted_now)
    if is_empty(to_write):
        return _ends(case, Result.UNCHANGED, "UNCHANGED", policy)
    sent = command(
        case.cause,
        source=ref,
        target=target,
        part=record_map.part,
        version=case.change.version,
        document=to_write,
        reads_back=record_map.reads_back,
        map_hash=policy.maps.hash,
    )
    return Decision(case=case, commands=(sent,), reserves=() if link else (reserved,))


def _filled(document: Document) -> Document:
    """A new record has nothing to clear; NetSuite fills in what it takes from the customer."""
    return Document({name: value for name, value in document.fields.items() if value is not None})


def _has_a_part(document: Document) -> bool:
    """In a deal that is won, or may still be."""
    roles = document.lines.get(ROLES, ())
    return document.fields.get("NS_Sync__c") is True or any(map(_counts, roles))


def _counts(role: Fields) -> bool:
    return role.get("Opportunity.IsWon") is True or role.get("Opportunity.IsClosed") is False


def _account(document: Document) -> RecordRef | None:
    account_id = document.fields.get("AccountId")
    return salesforce("Account", account_id) if isinstance(account_id, str) else None


def _target(contact: RecordRef, policy: Policy) -> RecordRef:
    return netsuite(KIND, f"eid:{external_id_of(policy.org_id, contact)}")


def _ends(
    case: Case, result: Result, code: str, policy: Policy, *, waits_on: RecordRef | None = None
) -> Decision:
    ref = case.change.ref
    outcome = ended(
        case.cause,
        result,
        code,
        params={"record": f"{ref.kind} {ref.id}"},
        waits_on=waits_on,
        map_hash=policy.maps.hash,
    )
    return Decision(case=case, outcome=outcome)
