"""A won opportunity becomes a sales order, once its customer and its items stand in NetSuite."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from kernel.maps import RecordMap
from kernel.messages import Outcome, Result, Version, microseconds
from kernel.records import RecordRef, System, external_id_of, netsuite, salesforce
from kernel.values import Document, Fields
from transform.domain import parents
from transform.domain.accounts import ACCOUNT, PREFIX, account_of, as_read_last
from transform.domain.adopting.before import ADOPTION, closed_before_adoption
from transform.domain.cancelling import cancelled, opened_again
from transform.domain.checks import Fault, fault_of_order, held
from transform.domain.conversions import Row, product_of
from transform.domain.customers import customer_command, customer_link, wanted_parent
from transform.domain.deals import MAPS, OPPORTUNITY, QUOTE, sale_link, sale_of
from transform.domain.decisions import Decision, changed_only, command, ended, ends, is_empty
from transform.domain.facts import LINES as APPLIED_LINES
from transform.domain.facts import Case, Facts, Link, LinkStatus, Policy, Wanted, with_link
from transform.domain.first_customer import Need, Settled, settle
from transform.domain.lifecycle import made_at
from transform.domain.likeness import Question
from transform.domain.mapping import mapped
from transform.domain.money_rules.alerting import cleared_by, raised_by
from transform.domain.money_rules.books import subsidiary_of
from transform.domain.money_rules.order_amounts import with_money
from transform.domain.money_rules.order_faults import money_fault, wanted_for_money
from transform.domain.named import fault_of_names, kinds_named_by, with_subsidiary_defaults
from transform.domain.owners import Stage, netsuite_side, stage_in, writers_kinds
from transform.domain.ownership import conflict, settled
from transform.domain.sales_team import faults_of_team, with_primary, with_shared_revenue

LINES = "OpportunityLineItems"
LEFT_TO_NETSUITE = frozenset(
    {"subsidiary", "salesRep", "startDate", "endDate", "billingAddress", "shippingAddress"}
)


def wanted(case: Case, policy: Policy) -> Wanted:
    document = case.change.document or Document()
    account = account_of(document)
    products = {product_of(Row(fields=line)) for line in document.lines.get(LINES, ())}
    sale = sale_of(case.change.ref, document)
    near = {ref for ref in (account, sale) if ref}
    own = Wanted(
        links=frozenset({case.change.ref, *products} | near),
        targets=frozenset({order_target(case.change.ref, policy), case.change.ref}),
        references=frozenset({ADOPTION}) | _named_kinds(case, policy),
    )
    return own | wanted_parent(document, PREFIX) | wanted_for_money(case)


def _named_kinds(case: Case, policy: Policy) -> frozenset[str]:
    own = policy.maps.named(MAPS[case.change.ref.kind])
    return kinds_named_by(own) | kinds_named_by(policy.maps.named(own.embeds[ACCOUNT]))


def order_target(deal: RecordRef, policy: Policy) -> RecordRef:
    """Of a deal, or of a step of one: `<id of the deal>-<name of the step>`."""
    record = salesforce(deal.kind, deal.id.partition("-")[0])
    kind = policy.maps.named(MAPS[deal.kind]).target_kind
    return netsuite(kind, f"eid:{external_id_of(policy.org_id, record)}")


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    if _has_order(case, facts):
        return ends(case, Result.FILTERED, "ORDER_WINS", {}, policy)
    record_map = policy.maps.named(MAPS[case.change.ref.kind])
    if document.fields.get("IsWon") is not True:
        stage = document.fields.get("StageName")
        return cancelled(case, facts, policy) or ends(
            case, Result.FILTERED, "NOT_WON", {"stage": stage}, policy
        )
    if closed := closed_before_adoption(case.change.ref, document, facts):
        said: Fields = {"closed": closed}
        return ends(case, Result.FILTERED, "CLOSED_BEFORE_ADOPTION", said, policy)
    fault = fault_of_order(case.change.ref, document, facts)
    fault = fault or _unnamed(case, document, record_map, facts, policy)
    fault = fault or money_fault(case, document, facts, policy)
    document = with_shared_revenue(document)
    fault = fault or next(faults_of_team(document, naming(document)), None)
    if fault:
        return replace(held(case, fault, policy), raises=raised_by(fault, case))
    account = account_of(document)
    customer = facts.links.get(account) if account else None
    if account and (customer is None or customer.status is LinkStatus.RESERVED):
        if _stands(case, facts):
            return held(case, _waiting_for(account, document), policy)
        return _after_its_customer(case, document, account, customer, facts, policy)
    return _order(case, document, record_map, facts, policy)


def gone(case: Case, facts: Facts, policy: Policy) -> Decision | None:
    """The opportunity was deleted: its order is cancelled like that of a lost one."""
    return cancelled(case, facts, policy)


def questions(case: Case, document: Document, facts: Facts) -> Iterator[Question]:
    """Who the account may be in NetSuite, where its customer is not known and an order is due."""
    account = account_of(document)
    if not account or account in facts.links or document.fields.get("IsWon") is not True:
        return
    if closed_before_adoption(case.change.ref, document, facts) or _has_order(case, facts):
        return
    document = as_read_last(document, _account_version(case, document), facts)
    yield Question(ref=account, fields=account_fields(document), compares=True)


def account_fields(document: Document) -> Fields:
    """Those of the account that was read along, by their own names."""
    return {
        name.removeprefix(PREFIX): value
        for name, value in document.fields.items()
        if name.startswith(PREFIX)
    }


def naming(document: Document) -> Fields:
    """What every sentence about an order says first."""
    return {
        "account": document.fields.get("Account.Name"),
        "name": document.fields.get("Name"),
    }


def _has_order(case: Case, facts: Facts) -> bool:
    """An opportunity with an order of its own, of which no sales order stands yet."""
    ref = case.change.ref
    is_sold = ref.kind == OPPORTUNITY and sale_of(ref, Document()) in facts.links
    return (is_sold or bool(facts.orders.get(ref))) and ref not in facts.links


def _stands(case: Case, facts: Facts) -> bool:
    link = facts.links.get(case.change.ref)
    return link is not None and link.status is LinkStatus.LINKED


def _waiting_for(account: RecordRef, document: Document) -> Fault:
    """An order keeps its customer: one that stands has no new customer made for it. After a merge
    of accounts the old customer comes to the new account by itself."""
    return Fault(code="WAITS_FOR_CUSTOMER", params=naming(document), waits_on=account)


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
    if reserved is not None:
        refused = reserved.refusal
        code = refused.code if refused else "WAITS_FOR_CUSTOMER"
        params = refused.params if refused else naming(document)
        return Decision(case=case, outcome=_waits(case, code, params, path, account, policy))
    read_along = _account_version(case, document)
    document = as_read_last(document, read_along, facts)
    need = Need(
        account=account,
        fields=account_fields(document),
        version=max(read_along, facts.latest.get(account, read_along)),
        says=naming(document),
    )
    settled = settle(case, need, facts, policy)
    path = (*path, *settled.path)
    if not settled.code and settled.link:
        return _with_its_customer(case, document, settled, settled.link, facts, policy)
    settled = replace(settled, path=path)
    if settled.creates:
        return _with_a_new_customer(case, document, need, settled, facts, policy)
    outcome = _settled_outcome(case, settled, policy)
    return Decision(case=case, reviews=settled.reviews, outcome=outcome)


def _with_a_new_customer(
    case: Case, document: Document, need: Need, settled: Settled, facts: Facts, policy: Policy
) -> Decision:
    """The customer of the account above comes first, where it is on its way."""
    account, parent = need.account, parents.parent_of(need.fields)
    cycle = parents.cycle_of(account, parent, facts)
    above = None if cycle else parents.waited_for(parent, facts)
    if above:
        refused = above.refusal
        code = refused.code if refused else parents.WAITS
        params = refused.params if refused else {**need.says, "parent": above.source.id}
        path = (*settled.path[:1], f"the customer of {above.source}, above it, comes first")
        return Decision(case=case, outcome=_waits(case, code, params, path, above.source, policy))
    seen = {} if cycle else parents.noted(account, parent, facts)
    path = settled.path
    if cycle:
        path = (*path, f"without one above it: {account.id} stands above itself")
    elif seen:
        path = (*path, f"without one above it: {parent} has none yet, and is followed later")
    return Decision(
        case=case,
        commands=(customer_command(case, document, account, need.version, facts, policy),),
        reserves=(customer_link(account, policy),),
        entries=settled.entries,
        reviews=settled.reviews,
        outcome=_settled_outcome(case, replace(settled, path=path), policy),
        seen={**seen, **made_at(account, need.version)},
        raises=parents.cycle_alert(case, cycle),
    )


def _settled_outcome(case: Case, settled: Settled, policy: Policy) -> Outcome:
    return ended(
        case.cause,
        settled.result,
        settled.code,
        params=settled.params,
        path=settled.path,
        waits_on=settled.waits_on,
        map_hash=policy.maps.hash,
    )


def _with_its_customer(
    case: Case, document: Document, settled: Settled, link: Link, facts: Facts, policy: Policy
) -> Decision:
    """The customer stood there already: the order needs not wait."""
    record_map = policy.maps.named(MAPS[case.change.ref.kind])
    order = _order(case, document, record_map, with_link(facts, link), policy)
    return replace(
        order,
        commands=(*settled.commands, *order.commands),
        reserves=(link, *order.reserves),
        reviews=settled.reviews,
    )


def _waits(
    case: Case, code: str, params: Fields, path: tuple[str, ...], on: RecordRef, policy: Policy
) -> Outcome:
    return ended(
        case.cause,
        Result.PARKED,
        code,
        params=params,
        path=path,
        waits_on=on,
        map_hash=policy.maps.hash,
    )


def _order(
    case: Case, document: Document, record_map: RecordMap, facts: Facts, policy: Policy
) -> Decision:
    target = order_target(case.change.ref, policy)
    link = facts.links.get(case.change.ref)
    exists = link is not None and link.status is LinkStatus.LINKED
    owners = writers_kinds(System.SALESFORCE, stage_in(facts, case.change.ref))
    there = facts.bodies.get(netsuite_side(link)) if link and exists else None
    mapped_now = mapped(record_map, document, facts, owners=owners)
    mapped_now = with_subsidiary_defaults(
        with_primary(mapped_now), record_map, document, facts, owners, policy
    )
    wanted_now, conflicts = settled(record_map, mapped_now, target, there, facts)
    wanted_now = with_money(wanted_now, document, case, target, facts, policy)
    wanted_now = opened_again(_without_gaps(wanted_now, target, facts), target, facts)
    to_write = changed_only(wanted_now, target, facts) if exists else wanted_now
    if is_empty(to_write) and conflicts:
        return Decision(case=case, outcome=conflict(case, conflicts, policy))
    if is_empty(to_write):
        return ends(case, Result.UNCHANGED, "UNCHANGED", {}, policy)
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
    return Decision(
        case=case,
        commands=(sent,),
        reserves=() if link else _reserved(case.change.ref, target, document, facts),
        outcome=conflict(case, conflicts, policy) if conflicts else None,
        clears=cleared_by(document, facts, policy),
    )


def _unnamed(
    case: Case, document: Document, record_map: RecordMap, facts: Facts, policy: Policy
) -> Fault | None:
    """What the order, or its account where a customer is to be made of it, names and NetSuite
    lacks."""
    owners = writers_kinds(System.SALESFORCE, stage_in(facts, case.change.ref))
    own = subsidiary_of(document, facts, policy.maps)
    fault = fault_of_names(case.change.ref, record_map, document, facts, owners, subsidiary=own)
    account = account_of(document)
    if fault or account is None or account in facts.links:
        return fault
    document = as_read_last(document, _account_version(case, document), facts)
    of_account = policy.maps.named(record_map.embeds[ACCOUNT])
    owners = writers_kinds(System.SALESFORCE, Stage.ABSENT)
    return fault_of_names(account, of_account, document, facts, owners, prefix=PREFIX)


def _without_gaps(order: Document, target: RecordRef, facts: Facts) -> Document:
    """What is empty and was never written is left out where NetSuite fills it from the customer,
    or where not every account has the field."""
    kept = {
        name: value
        for name, value in order.fields.items()
        if value is not None or not _is_left(name) or (target, name) in facts.applied
    }
    lists = {
        name: lines
        for name, lines in order.lines.items()
        if lines or (target, f"{APPLIED_LINES}{name}") in facts.applied
    }
    return Document(kept, lists)


def _is_left(name: str) -> bool:
    return name.partition(".")[0] in LEFT_TO_NETSUITE


def _reserved(
    ref: RecordRef, target: RecordRef, document: Document, facts: Facts
) -> tuple[Link, ...]:
    """Its own link, and the sale that an opportunity shares with its orders. An offer is none."""
    own = Link(source=ref, kind=target.kind, external_id=target.external_id or "")
    sale = sale_of(ref, document) if ref.kind != QUOTE else None
    return (own,) if sale is None or sale in facts.links else (own, sale_link(sale))
