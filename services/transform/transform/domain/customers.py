"""An account becomes a customer with its first won opportunity, and follows its changes after."""

from dataclasses import replace

from kernel.messages import Result, Version, WriteCommand
from kernel.records import RecordRef, System, netsuite
from kernel.values import Document, Fields
from transform.domain import merging, parents
from transform.domain.addresses import with_addresses
from transform.domain.checks import held
from transform.domain.conversions import Row, currency_id
from transform.domain.decisions import Decision, changed_only, command, ended, is_empty
from transform.domain.facts import Case, Facts, Link, LinkStatus, Policy, Wanted
from transform.domain.mapping import mapped
from transform.domain.marks import name_of
from transform.domain.money_rules.rules import CustomerCurrency
from transform.domain.named import fault_of_names, kinds_named_by
from transform.domain.owners import Stage, netsuite_side, stage_in, writers_kinds
from transform.domain.ownership import conflict, counterpart_target, settled
from transform.domain.people import as_person_or_company

KIND = "customer"
MAP = "account-to-customer"


def wanted(case: Case, policy: Policy) -> Wanted:
    document = case.change.document or Document()
    own = Wanted(
        links=frozenset({case.change.ref}),
        targets=frozenset({customer_target(case.change.ref, policy), case.change.ref}),
        references=frozenset({"currency"}) | kinds_named_by(policy.maps.named(MAP)),
    )
    return own | wanted_parent(document) | merging.wanted(case)


def wanted_parent(document: Document, prefix: str = "") -> Wanted:
    """The account above this one, whose customer is named where it stands."""
    parent = parents.parent_of(document.fields, prefix)
    near = frozenset({parent} if parent else ())
    return Wanted(links=near, bodies=near)


def customer_target(account: RecordRef, policy: Policy) -> RecordRef:
    return netsuite(KIND, f"eid:{name_of(account, policy)}")


def customer_link(account: RecordRef, policy: Policy) -> Link:
    return Link(source=account, kind=KIND, external_id=name_of(account, policy))


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    """An account is sent once it has a link, reserved or linked; its first order makes it one."""
    link = facts.links.get(case.change.ref)
    if link is None:
        return _ends(case, Result.FILTERED, "NO_WON_OPPORTUNITY", policy)
    record_map = policy.maps.named(MAP)
    exists = link.status is LinkStatus.LINKED
    owners = writers_kinds(System.SALESFORCE, stage_in(facts, case.change.ref))
    if fault := fault_of_names(case.change.ref, record_map, document, facts, owners):
        return held(case, fault, policy)
    target = counterpart_target(link)
    there = facts.bodies.get(netsuite_side(link)) if exists else None
    parent = parents.parent_of(document.fields)
    cycle = parents.cycle_of(case.change.ref, parent, facts)
    mapped_now = mapped(record_map, document, facts, owners=owners)
    wanted_now = with_addresses(as_person_or_company(mapped_now, document.fields))
    wanted_now = parents.without_cycle(wanted_now, cycle)
    to_write, conflicts = settled(record_map, wanted_now, target, there, facts)
    if exists:
        to_write = changed_only(to_write, target, facts)
    outcome = conflict(case, conflicts, policy) if conflicts else None
    outcome = parents.cycle_outcome(case, cycle, policy) if cycle else outcome
    if is_empty(to_write) and outcome is None:
        decision = _ends(case, Result.UNCHANGED, "UNCHANGED", policy)
    elif is_empty(to_write):
        decision = Decision(case=case, outcome=outcome)
    else:
        sent = _command(case, case.change.ref, target, case.change.version, to_write, policy)
        decision = Decision(case=case, commands=(sent,), outcome=outcome)
    if cycle:
        return decision
    seen = parents.noted(case.change.ref, parent, facts)
    return replace(decision, seen=seen, clears=parents.cleared_by(case))


def gone(case: Case, facts: Facts, policy: Policy) -> Decision | None:
    return merging.gone(case, facts, policy)


def customer_command(
    case: Case,
    opportunity: Document,
    account: RecordRef,
    version: Version,
    facts: Facts,
    policy: Policy,
) -> WriteCommand:
    """The customer, from the account's fields that were read along with the opportunity."""
    record_map = policy.maps.named(MAP)
    owners = writers_kinds(System.SALESFORCE, Stage.ABSENT)
    document = mapped(record_map, opportunity, facts, prefix="Account.", owners=owners)
    document = with_addresses(as_person_or_company(document, opportunity.fields, "Account."))
    parent = parents.parent_of(opportunity.fields, "Account.")
    document = parents.without_cycle(document, parents.cycle_of(account, parent, facts))
    if policy.money.customer_currency is CustomerCurrency.ADD:
        lines = {**document.lines, **_currencies(opportunity, facts)}
        document = Document(document.fields, lines)
    target = customer_target(account, policy)
    return _command(case, account, target, version, document, policy)


def _currencies(opportunity: Document, facts: Facts) -> dict[str, tuple[Fields, ...]]:
    """The order's currency, where it is not the account's own: the customer must allow it."""
    row = Row(fields=opportunity.fields)
    own = currency_id(row.get("Account.CurrencyIsoCode"), row, facts)
    of_order = currency_id(row.get("CurrencyIsoCode"), row, facts)
    if of_order is None or of_order == own:
        return {}
    return {"currencyList": ({"currency.id": of_order},)}


def _command(
    case: Case,
    account: RecordRef,
    target: RecordRef,
    version: Version,
    document: Document,
    policy: Policy,
) -> WriteCommand:
    record_map = policy.maps.named(MAP)
    return command(
        case.cause,
        source=account,
        target=target,
        part=record_map.part,
        version=version,
        document=document,
        reads_back=record_map.reads_back,
        map_hash=policy.maps.hash,
    )


def _ends(case: Case, result: Result, code: str, policy: Policy) -> Decision:
    return Decision(case=case, outcome=ended(case.cause, result, code, map_hash=policy.maps.hash))
