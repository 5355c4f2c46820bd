"""Ask, fetch, decide: `wanted` says what to look up, `decide` never looks anything up."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kernel.maps.filters import words
from kernel.messages import TOO_LARGE, ChangeEvent, ChangeKind, Outcome, Result
from kernel.records import TRANSACTION_KINDS, RecordRef, System
from kernel.values import Document, Fields
from transform.domain import (
    accounts,
    activated_orders,
    backwards,
    contacts,
    customers,
    items,
    merging,
    mirror,
    orders,
    parents,
    products,
    quotes,
    recognisable,
    references,
    sales_orders,
    survivors,
)
from transform.domain.decisions import Decision, ended
from transform.domain.facts import Case, Facts, Policy, Wanted
from transform.domain.filtering import filter_that_applies
from transform.domain.lifecycle import DELETED, remembered
from transform.domain.likeness import CUSTOMER, Entry, Question
from transform.domain.money_rules.revisions import rate_use_of
from transform.domain.notices import notice, notice_of_rule, shown_by
from transform.domain.ownership import ruled
from transform.domain.refunds import entered, receipts
from transform.domain.refunds import flow as refunds


@dataclass(frozen=True, slots=True)
class Flow:
    """How one kind of document is decided."""

    wanted: Callable[[Case, Policy], Wanted]
    decide: Callable[[Case, Document, Facts, Policy], Decision]
    remove: Callable[[Case, Facts, Policy], Decision | None] = lambda case, facts, policy: None
    """What a deleted document leads to; None where what stands is left as it is."""


MIRROR = Flow(mirror.wanted, mirror.decide, mirror.remove)
FLOWS: Mapping[tuple[System, str], Flow] = {
    (System.SALESFORCE, "Account"): Flow(customers.wanted, customers.decide, customers.gone),
    (System.SALESFORCE, "Opportunity"): Flow(orders.wanted, orders.decide, orders.gone),
    (System.SALESFORCE, "NS_Refund_Request__c"): Flow(
        refunds.wanted, refunds.decide, refunds.remove
    ),
    (System.SALESFORCE, "Order"): Flow(
        activated_orders.wanted, activated_orders.decide, activated_orders.gone
    ),
    (System.SALESFORCE, "Quote"): Flow(quotes.wanted, quotes.decide),
    (System.SALESFORCE, "Contact"): Flow(contacts.wanted, contacts.decide),
    (System.SALESFORCE, "Product2"): Flow(products.wanted, products.decide),
    **{
        (System.NETSUITE, kind): Flow(references.wanted, references.decide)
        for kind in references.KEYS
    },
    (System.NETSUITE, "contact"): Flow(backwards.wanted, backwards.decide),
    (System.NETSUITE, "customer"): Flow(
        recognisable.wanted, recognisable.decide, recognisable.remove
    ),
    (System.NETSUITE, "item"): Flow(items.wanted, items.decide),
    **{(System.NETSUITE, kind): MIRROR for kind in TRANSACTION_KINDS},
    **{
        (System.NETSUITE, kind): Flow(entered.wanted, entered.decide, entered.remove)
        for kind in entered.SOURCES
    },
    (System.NETSUITE, receipts.KIND): Flow(receipts.wanted, receipts.decide, mirror.remove),
    (System.NETSUITE, "salesOrder"): Flow(sales_orders.wanted, sales_orders.decide, mirror.remove),
}


def wanted(case: Case, policy: Policy) -> Wanted:
    ref = case.change.ref
    flow = FLOWS.get((ref.system, ref.kind))
    own = Wanted(
        documents=frozenset({ref}),
        links=frozenset({ref}),
        targets=frozenset({ref}),
        counterparts=frozenset({ref}),
        events=frozenset({case.change.id}),
    )
    return own | flow.wanted(case, policy) if flow else own


def wanted_later(case: Case, facts: Facts) -> Wanted:
    """What can be asked only once the first answers are there, again and again until they bring
    nothing new; nothing for most changes."""
    ref, document = case.change.ref, case.change.document
    match (ref.system, ref.kind):
        case (System.NETSUITE, "salesOrder") if document:
            return survivors.wanted_by_order(case, document, facts)
        case (System.NETSUITE, "customer") if case.change.kind is ChangeKind.DELETE:
            return survivors.wanted_by_deletion(case, facts)
        case (System.NETSUITE, "customer") if document:
            return parents.wanted_below(ref, document, facts)
        case (System.SALESFORCE, "Account") if document:
            return parents.wanted_above(parents.parent_of(document.fields), facts)
        case (System.SALESFORCE, "Opportunity" | "Order") if document:
            above = parents.parent_of(document.fields, "Account.")
            buyer = accounts.wanted_of_buyer(ref, document, facts)
            return parents.wanted_above(above, facts) | buyer
    return Wanted()


def turns(cases: Sequence[Case]) -> Iterator[Sequence[Case]]:
    """A batch in the parts in which it is decided. A deal comes after a change of its account,
    which may be newer than what was read along with the deal. A customer that was merged into
    another comes last: only its orders, which move in the same moment, say into which."""
    changed = {case.change.ref for case in cases if case.change.ref.kind == accounts.ACCOUNT}
    after = {case.change.ref for case in cases if changed and _buyer(case) in changed}
    parts: tuple[list[Case], ...] = ([], [], [])
    for case in cases:
        place = 2 if _is_gone_customer(case) else 1 if case.change.ref in after else 0
        parts[place].append(case)
    return filter(None, parts)


def _buyer(case: Case) -> RecordRef | None:
    return accounts.account_of(case.change.document) if case.change.document else None


def _is_gone_customer(case: Case) -> bool:
    ref = case.change.ref
    is_customer = (ref.system, ref.kind) == (System.NETSUITE, CUSTOMER)
    return is_customer and case.change.kind is ChangeKind.DELETE


def questions(case: Case, facts: Facts) -> Iterator[Question]:
    """Who is to be recognised before a decision can be made; empty for most changes."""
    document = case.change.document
    if document is None:
        return
    if case.change.kind is ChangeKind.DELETE:
        yield from merging.questions(case, facts)
        return
    match (case.change.ref.system, case.change.ref.kind):
        case (System.NETSUITE, "customer"):
            yield Question(ref=case.change.ref, fields=document.fields, compares=False)
        case (System.SALESFORCE, "Opportunity"):
            yield from orders.questions(case, document, facts)
        case (System.SALESFORCE, "Order"):
            yield from activated_orders.questions(case, document, facts)
        case (System.SALESFORCE, "Quote"):
            yield from quotes.questions(case, document, facts)


def decide(case: Case, facts: Facts, policy: Policy) -> Decision:
    """One change in, exactly one decision out, with its reason."""
    early = _without_reading(case, facts, policy)
    if early is not None:
        return early
    document = case.change.document or Document()
    flow = FLOWS[(case.change.ref.system, case.change.ref.kind)]
    decision = ruled(flow.decide(case, document, facts, policy), case, document, facts, policy)
    then = _linked_by(decision, facts)
    said = notice(case, decision.outcome, then, policy, commands=decision.commands)
    if said:
        commands = (*decision.commands, said)
        decision = replace(decision, commands=commands, seen={**decision.seen, **shown_by(said)})
    if facts.applied.get((case.change.ref, DELETED)):
        decision = replace(decision, seen={**decision.seen, **remembered(case.change)})
    closes = (*decision.closes, *_overtaken(case, facts))
    return _kept(decision, policy, closes)


def _linked_by(decision: Decision, facts: Facts) -> Facts:
    """With the links as they are from now on."""
    if not decision.links and not decision.unlinks:
        return facts
    links = {ref: link for ref, link in facts.links.items() if ref not in decision.unlinks}
    return replace(facts, links={**links, **{link.source: link for link in decision.links}})


def _without_reading(case: Case, facts: Facts, policy: Policy) -> Decision | None:
    """What ends a change before its fields are looked at."""
    change = case.change
    if _is_own_echo(change, policy):
        return _filtered(case, "OWN_ECHO", {}, policy)
    if (change.ref.system, change.ref.kind) not in FLOWS:
        return _filtered(case, "NO_MAP", {"kind": change.ref.kind}, policy)
    latest = facts.latest.get(change.ref)
    if latest is not None and change.version < latest:
        outcome = ended(case.cause, Result.SUPERSEDED, "SUPERSEDED", path=(f"{latest} came first",))
        return Decision(case=case, outcome=outcome)
    if change.kind is ChangeKind.DELETE:
        return _gone(case, facts, policy)
    if change.content_hash == TOO_LARGE:
        params: Fields = {"record": f"{change.ref.kind} {change.ref.id}"}
        outcome = ended(case.cause, Result.DEAD, "DOCUMENT_TOO_LARGE", params=params)
        said = notice(case, outcome, facts, policy)
        return Decision(case=case, outcome=outcome, commands=(said,) if said else ())
    if change.document is None:
        return _filtered(case, "UNMAPPED_FIELDS_ONLY", {}, policy)
    return _by_rule(case, change.document, facts, policy)


def _gone(case: Case, facts: Facts, policy: Policy) -> Decision:
    ref = case.change.ref
    flow = FLOWS[(ref.system, ref.kind)]
    left = _filtered(case, "DELETED_AT_SOURCE", {"system": str(ref.system)}, policy)
    decision = flow.remove(case, facts, policy) or left
    seen = remembered(case.change) if ref.system is System.SALESFORCE else {}
    forgotten = replace(decision, entries=_forgotten(case), seen={**decision.seen, **seen})
    return _kept(forgotten, policy, (*decision.closes, *_overtaken(case, facts)))


def _by_rule(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision | None:
    """The end of a change whose document a filter of the map keeps where it is."""
    ref = case.change.ref
    rule = filter_that_applies(policy.maps, ref, document)
    if rule is None:
        return None
    params: Fields = {
        "record": f"{ref.kind} {ref.id}",
        "rule": rule.name,
        "why": f"{words(rule.when)}: {rule.purpose}",
    }
    decision = _filtered(case, "FILTERED_BY_RULE", params, policy)
    said = notice_of_rule(case, decision.outcome, facts, policy)
    commands = (said,) if said else ()
    return replace(decision, commands=commands, closes=_overtaken(case, facts))


def _forgotten(case: Case) -> tuple[Entry, ...]:
    ref = case.change.ref
    is_customer = (ref.system, ref.kind) == (System.NETSUITE, CUSTOMER)
    return (Entry(ref=ref, fields=None, keys=frozenset(), is_gone=True),) if is_customer else ()


def _kept(decision: Decision, policy: Policy, closes: tuple[Outcome, ...]) -> Decision:
    ref = decision.case.change.ref
    keeps = policy.maps.keeps(ref.system, ref.kind)
    use = rate_use_of(decision.case) if ref.system is System.NETSUITE else None
    return replace(decision, closes=closes, keeps=keeps, rate_use=use)


def _is_own_echo(change: ChangeEvent, policy: Policy) -> bool:
    """An echo that touched a mapped field was read: somebody's automation may have answered in
    the same transaction, so it is decided on like any other."""
    mark = f"client={policy.client}"
    ours = [mark in capture.origin.split(";") for capture in change.captures]
    return change.document is None and bool(ours) and all(ours)


def _overtaken(case: Case, facts: Facts) -> tuple[Outcome, ...]:
    older = facts.parked.get(case.change.ref, ())
    return tuple(
        ended(parked, Result.SUPERSEDED, "SUPERSEDED", path=(f"overtaken by {case.change.id}",))
        for parked in older
        if parked.event_id != case.change.id and parked.version <= case.change.version
    )


def _filtered(case: Case, code: str, params: Fields, policy: Policy) -> Decision:
    outcome = ended(case.cause, Result.FILTERED, code, params=params, map_hash=policy.maps.hash)
    return Decision(case=case, outcome=outcome)
