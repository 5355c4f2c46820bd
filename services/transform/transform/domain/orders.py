"""A won opportunity becomes a sales order, once its customer and its items stand in NetSuite."""

from dataclasses import replace
from datetime import datetime

from kernel.maps import RecordMap
from kernel.messages import Result, Version, WriteCommand, microseconds
from kernel.records import RecordRef, external_id_of, netsuite, salesforce
from kernel.values import Document, Fields
from transform.domain.checks import Fault, fault_of_order
from transform.domain.conversions import Row, product_of
from transform.domain.customers import customer_command, customer_link
from transform.domain.decisions import Decision, changed_only, command, ended, is_empty
from transform.domain.facts import Case, Facts, Link, LinkStatus, Policy, Wanted
from transform.domain.mapping import AFTER_CREATION, EVERY_OWNER, mapped
from transform.domain.money_rules.alerting import cleared_by, raised_by
from transform.domain.money_rules.order_amounts import with_money
from transform.domain.money_rules.order_faults import money_fault, wanted_for_money

KIND = "salesOrder"
LINES = "OpportunityLineItems"
ACCOUNT = "Account"


def wanted(case: Case, policy: Policy) -> Wanted:
    document = case.change.document or Document()
    account = _account(document)
    products = {product_of(Row(fields=line)) for line in document.lines.get(LINES, ())}
    own = Wanted(
        links=frozenset({case.change.ref, *products} | ({account} if account else set())),
        targets=frozenset({order_target(case.change.ref, policy), case.change.ref}),
    )
    return own | wanted_for_money(case)


def order_target(opportunity: RecordRef, policy: Policy) -> RecordRef:
    return netsuite(KIND, f"eid:{external_id_of(policy.org_id, opportunity)}")


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    record_map = policy.maps.named("opportunity-to-sales-order")
    if document.fields.get("IsWon") is not True:
        stage = document.fields.get("StageName")
        return _ends(case, Result.FILTERED, "NOT_WON", {"stage": stage}, policy)
    fault = fault_of_order(case.change.ref, document, facts)
    fault = fault or money_fault(case, document, facts, policy)
    if fault:
        return replace(_held(case, fault, policy), raises=raised_by(fault, case))
    account = _account(document)
    customer = facts.links.get(account) if account else None
    if account and (customer is None or customer.status is LinkStatus.RESERVED):
        return _after_its_customer(case, document, account, customer, facts, policy)
    return _order(case, document, record_map, facts, policy)


def naming(document: Document) -> Fields:
    """What every sentence about an order says first."""
    return {
        "account": document.fields.get("Account.Name"),
        "name": document.fields.get("Name"),
    }


def _account(document: Document) -> RecordRef | None:
    account_id = document.fields.get("AccountId")
    return salesforce(ACCOUNT, account_id) if isinstance(account_id, str) else None


def _account_version(case: Case, document: Document) -> Version:
    """The account was read because of the opportunity's commit; its own stamp comes second."""
    stamp = document.fields.get("Account.SystemModstamp")
    minor = microseconds(stamp) if isinstance(stamp, datetime) else 0
    return Version(case.change.version.major, minor)


def _after_its_customer(
    case: Case,
    document: Document,
    account: RecordRef,
    reserved: Link | None,
    facts: Facts,
    policy: Policy,
) -> Decision:
    """The order waits on the link. Whoever reserves the link first sends the customer."""
    path: tuple[str, ...] = (f"customer of {account} is not linked yet",)
    commands: tuple[WriteCommand, ...] = ()
    reserves: tuple[Link, ...] = ()
    if reserved is None:
        version = _account_version(case, document)
        sent = customer_command(case, document, account, version, facts, policy)
        commands, reserves = (sent,), (customer_link(account, policy),)
        path = (*path, "create the customer from the account read along")
    refused = reserved.refusal if reserved else None
    outcome = ended(
        case.cause,
        Result.PARKED,
        refused.code if refused else "WAITS_FOR_CUSTOMER",
        params=refused.params if refused else naming(document),
        path=path,
        waits_on=account,
        map_hash=policy.maps.hash,
    )
    return Decision(case=case, commands=commands, reserves=reserves, outcome=outcome)


def _order(
    case: Case, document: Document, record_map: RecordMap, facts: Facts, policy: Policy
) -> Decision:
    target = order_target(case.change.ref, policy)
    link = facts.links.get(case.change.ref)
    exists = link is not None and link.status is LinkStatus.LINKED
    owners = AFTER_CREATION if exists else EVERY_OWNER
    mapped_now = mapped(record_map, document, facts, owners=owners)
    wanted_now = with_money(mapped_now, document, case, target, facts, policy)
    to_write = changed_only(wanted_now, target, facts) if exists else wanted_now
    if is_empty(to_write):
        return _ends(case, Result.UNCHANGED, "UNCHANGED", {}, policy)
    sent = command(
        case.cause,
        source=case.change.ref,
        target=target,
        part=record_map.part,
        version=case.change.version,
        document=to_write,
        reads_back=record_map.reads_back,
        map_hash=policy.maps.hash,
    )
    reserved = Link(source=case.change.ref, kind=KIND, external_id=target.external_id or "")
    return Decision(
        case=case,
        commands=(sent,),
        reserves=() if link else (reserved,),
        clears=cleared_by(document, facts, policy),
    )


def _held(case: Case, fault: Fault, policy: Policy) -> Decision:
    waits_on = fault.waits_on or case.change.ref
    return Decision(
        case=case,
        outcome=ended(
            case.cause,
            fault.result,
            fault.code,
            params=fault.params,
            path=(f"check failed: {fault.code}",),
            waits_on=None if fault.result.is_final else waits_on,
            map_hash=policy.maps.hash,
        ),
    )


def _ends(case: Case, result: Result, code: str, params: Fields, policy: Policy) -> Decision:
    return Decision(
        case=case,
        outcome=ended(case.cause, result, code, params=params, map_hash=policy.maps.hash),
    )
