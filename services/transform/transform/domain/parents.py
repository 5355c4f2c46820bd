"""Accounts below others: the customer of the one above comes first, and the one below follows it.

An account without a deal of its own gets no customer for the sake of those below it. They are made
without it, and are put below it once it has one.
"""

from collections.abc import Iterator
from dataclasses import replace

from kernel.identity import alert_id
from kernel.messages import EPOCH, Alert, AlertState, Outcome, Result, WriteCommand
from kernel.records import RecordRef, salesforce, source_of_external_id
from kernel.values import Document, Fields, value_hash
from transform.domain.decisions import Decision, changed_only, command, ended, is_empty
from transform.domain.facts import Case, Facts, Link, LinkStatus, Policy, Wanted
from transform.domain.ownership import counterpart_target

ACCOUNT, PARENT = "Account", "ParentId"
FIELD = "parent.id"
PART = "parent"
BELOW = "below:"
"""Stands before the id of an account whose customer was made without that of the one above it;
kept among what is remembered of the one above."""
YES = value_hash(True)
DEPTH_MAX = 20
"""A customer has at most so many above it."""
FOLLOWING_MAX = 200
"""Put below a customer at once; more of them follow with its next change."""
WAITS, CYCLE = "PARENT_WAITS", "PARENT_CYCLE"


def parent_of(fields: Fields, prefix: str = "") -> RecordRef | None:
    parent = fields.get(f"{prefix}{PARENT}")
    return salesforce(ACCOUNT, parent) if isinstance(parent, str) and parent else None


def wanted_above(parent: RecordRef | None, facts: Facts) -> Wanted:
    """The next account above whose document is not at hand."""
    above = [*_above(parent, facts)]
    if not above or above[-1] in facts.bodies or len(above) >= DEPTH_MAX:
        return Wanted()
    near = frozenset(above[-1:])
    return Wanted(bodies=near, links=near)


def cycle_of(account: RecordRef, parent: RecordRef | None, facts: Facts) -> tuple[RecordRef, ...]:
    """The accounts that stand above each other, from this one up; none where it ends at a top."""
    above = [*_above(parent, facts)]
    return (account, *above[: above.index(account)]) if account in above else ()


def waited_for(parent: RecordRef | None, facts: Facts) -> Link | None:
    """The link of the account above where its customer is on its way."""
    link = facts.links.get(parent) if parent else None
    return link if link and link.status is LinkStatus.RESERVED else None


def without_cycle(document: Document, cycle: tuple[RecordRef, ...]) -> Document:
    if not cycle:
        return document
    kept = {name: value for name, value in document.fields.items() if name != FIELD}
    return replace(document, fields=kept)


def noted(
    account: RecordRef, parent: RecordRef | None, facts: Facts
) -> dict[tuple[RecordRef, str], str]:
    """What is to be remembered of the one above: that this one is to follow it."""
    link = facts.links.get(parent) if parent else None
    if parent is None or (link and link.status is LinkStatus.LINKED):
        return {}
    return {(parent, BELOW + account.id): YES}


def names_cycle(cycle: tuple[RecordRef, ...]) -> Fields:
    above = ", ".join(ref.id for ref in cycle[1:])
    return {"record": f"Account {cycle[0].id}", "above": above or cycle[0].id}


def cycle_outcome(case: Case, cycle: tuple[RecordRef, ...], policy: Policy) -> Outcome:
    """Held until the account has another parent; all else of it is written."""
    return ended(
        case.cause,
        Result.PARKED,
        CYCLE,
        params=names_cycle(cycle),
        path=("accounts above each other: " + " → ".join(ref.id for ref in (*cycle, cycle[0])),),
        waits_on=case.change.ref,
        map_hash=policy.maps.hash,
    )


def cycle_alert(case: Case, cycle: tuple[RecordRef, ...]) -> tuple[Alert, ...]:
    """For people who keep the data in order: the order of such an account is not held for it."""
    if not cycle:
        return ()
    subject = f"parents:{cycle[0]}"
    moments = [capture.committed_at for capture in case.change.captures]
    return (
        Alert(
            id=alert_id(subject, AlertState.RAISED, case.change.id),
            subject=subject,
            state=AlertState.RAISED,
            code=CYCLE,
            params=names_cycle(cycle),
            since=max(moments, default=EPOCH),
        ),
    )


def cleared_by(case: Case) -> tuple[str, ...]:
    """The alert ends with a change of the parent that leads to no cycle."""
    changed = {name for capture in case.change.captures for name in capture.changed}
    return (f"parents:{case.change.ref}",) if PARENT in changed else ()


def wanted_below(customer: RecordRef, document: Document, facts: Facts) -> Wanted:
    """Of the accounts that are to follow this customer, and of those above it."""
    account = _account_of(customer, document, facts)
    below = frozenset(_below(account, facts)) if account else frozenset()
    if account is None or not below:
        return Wanted()
    known = Wanted(links=below, bodies=below | {account}, targets=below)
    return known | wanted_above(account, facts)


def following(decision: Decision, document: Document, facts: Facts, policy: Policy) -> Decision:
    """The decision on a customer, and with it those that are put below it now."""
    customer = decision.case.change.ref
    account = _account_of(customer, document, facts)
    if account is None:
        return decision
    followed: list[WriteCommand] = []
    seen: dict[tuple[RecordRef, str], str] = {}
    for child in _below(account, facts):
        link = facts.links.get(child)
        if link is None or link.status is LinkStatus.RESERVED:
            continue
        seen[(account, BELOW + child.id)] = ""
        if _is_still_below(child, account, facts):
            followed += _put_below(decision.case, child, link, customer, facts, policy)
    if not seen:
        return decision
    outcome = None if followed else decision.outcome
    commands = (*decision.commands, *followed)
    return replace(decision, commands=commands, outcome=outcome, seen={**decision.seen, **seen})


def _put_below(
    case: Case, child: RecordRef, link: Link, customer: RecordRef, facts: Facts, policy: Policy
) -> Iterator[WriteCommand]:
    target = counterpart_target(link)
    document = changed_only(Document({FIELD: customer.id}), target, facts)
    if not is_empty(document):
        yield command(
            case.cause,
            source=child,
            target=target,
            part=PART,
            version=case.change.version,
            document=document,
            map_hash=policy.maps.hash,
        )


def _is_still_below(child: RecordRef, account: RecordRef, facts: Facts) -> bool:
    """As it was read last; one that was never read by itself is where its order said it is."""
    body = facts.bodies.get(child)
    parent = parent_of(body.fields) if body else account
    return parent == account and not cycle_of(child, account, facts)


def _below(account: RecordRef, facts: Facts) -> list[RecordRef]:
    names = sorted(
        name.removeprefix(BELOW)
        for (target, name), value in facts.applied.items()
        if target == account and name.startswith(BELOW) and value
    )
    return [salesforce(ACCOUNT, name) for name in names[:FOLLOWING_MAX]]


def _account_of(customer: RecordRef, document: Document, facts: Facts) -> RecordRef | None:
    """By the link, or by the external id where the poll was quicker than the writer's word."""
    link, external_id = facts.links.get(customer), document.fields.get("externalId")
    named = source_of_external_id(external_id) if isinstance(external_id, str) else None
    account = link.source if link else named
    return account if account and account.kind == ACCOUNT else None


def _above(parent: RecordRef | None, facts: Facts) -> Iterator[RecordRef]:
    """From the next one up, as far as is known; ends where one comes again."""
    met: list[RecordRef] = []
    while parent is not None and parent not in met and len(met) < DEPTH_MAX:
        met.append(parent)
        yield parent
        body = facts.bodies.get(parent)
        parent = parent_of(body.fields) if body else None
