"""Every NetSuite transaction of a linked customer stands in Salesforce: a row with its number and
amounts, one for each line, one for each application.

A row is found by NetSuite's id, so it is never made twice. What stands below it is written once it
stands itself, and what settles another one once that one's row stands too.
"""

from collections.abc import Iterator
from dataclasses import replace

from kernel.messages import Result, WriteCommand
from kernel.records import RecordRef, netsuite
from kernel.values import Document, Fields
from transform.domain.decisions import Decision, changed_only, command, ended, ends, is_empty
from transform.domain.facts import Case, Facts, LinkStatus, Policy, Wanted
from transform.domain.mirror_rows import (
    GONE,
    Child,
    children_of,
    row_link,
    row_ref,
    rows_of,
    settled_by,
    stands,
)

MAP = "transaction"


def wanted(case: Case, policy: Policy) -> Wanted:
    ref, document = case.change.ref, case.change.document or Document()
    fields, settled = document.fields, settled_by(ref, document)
    rows = [ref.id, *(other.id for other in settled)]
    links = {row_ref(row) for row in rows}
    for kind, path in (("customer", "entity.id"), ("salesOrder", "salesOrder.id")):
        if isinstance(found := fields.get(path), str):
            links.add(netsuite(kind, found))
    if isinstance(source := fields.get("createdFrom.id"), str):
        links.add(row_ref(source))
    return Wanted(
        links=frozenset(links),
        targets=frozenset({row_ref(ref.id), *children_of(ref, document)}),
        bodies=frozenset({ref, *settled}),
    )


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    ref, customer = case.change.ref, document.fields.get("entity.id")
    if facts.links.get(netsuite("customer", str(customer))) is None:
        params: Fields = {"record": f"{ref.kind} {ref.id}", "customer": customer}
        return ends(case, Result.FILTERED, "CUSTOMER_NOT_LINKED", params, policy)
    rows = rows_of(ref, document, policy.maps.named(MAP), facts)
    gone = _vanished(ref, document, facts)
    commands = (
        *_changes(case, row_ref(ref.id), rows.header, facts, policy),
        *(_removal(case, target, policy) for target in gone),
    )
    decision = Decision(case=case, commands=commands, forgets=gone)
    link = facts.links.get(row_ref(ref.id))
    if link is not None and link.status is LinkStatus.LINKED:
        return _with_children(decision, rows.children, facts, policy)
    if link is None:
        decision = replace(decision, reserves=(row_link(ref.id, stands=False),))
    return _waits(decision, row_ref(ref.id), policy) if rows.children else decision


def remove(case: Case, facts: Facts, policy: Policy) -> Decision | None:
    """The row of a deleted transaction goes, and with it all below; None where there is none."""
    ref = case.change.ref
    if facts.links.get(row_ref(ref.id)) is None:
        return None
    below = children_of(ref, facts.bodies.get(ref) or Document())
    return Decision(
        case=case,
        commands=(_removal(case, row_ref(ref.id), policy),),
        unlinks=(row_ref(ref.id),),
        forgets=(row_ref(ref.id), *below),
    )


def _with_children(
    decision: Decision, children: tuple[Child, ...], facts: Facts, policy: Policy
) -> Decision:
    commands, waits_on = list(decision.commands), None
    for child in children:
        if child.settles is None or stands(child.settles.id, facts):
            commands += _changes(decision.case, child.target, child.document, facts, policy)
        elif not _is_left_out(child.settles, facts):
            waits_on = waits_on or _awaited(child.settles, facts)
    decision = replace(decision, commands=tuple(commands))
    if waits_on is not None:
        return _waits(decision, waits_on, policy)
    if commands:
        return decision
    return replace(
        ends(decision.case, Result.UNCHANGED, "UNCHANGED", {}, policy), forgets=decision.forgets
    )


def _is_left_out(other: RecordRef, facts: Facts) -> bool:
    """It was read, and has no row and will get none: its customer is not linked."""
    return other in facts.bodies and row_ref(other.id) not in facts.links


def _awaited(other: RecordRef, facts: Facts) -> RecordRef:
    """The row that is on its way, or the transaction that was not read yet."""
    return row_ref(other.id) if row_ref(other.id) in facts.links else other


def _vanished(ref: RecordRef, document: Document, facts: Facts) -> tuple[RecordRef, ...]:
    """Rows of the document before this one that it has no more."""
    before, stays = facts.bodies.get(ref), frozenset(children_of(ref, document))
    if before is None:
        return ()
    return tuple(target for target in children_of(ref, before) if target not in stays)


def _changes(
    case: Case, target: RecordRef, document: Document, facts: Facts, policy: Policy
) -> Iterator[WriteCommand]:
    to_write = changed_only(document, target, facts)
    if not is_empty(to_write):
        yield _command(case, target, "", to_write, policy)


def _removal(case: Case, target: RecordRef, policy: Policy) -> WriteCommand:
    return _command(case, target, GONE, Document(), policy)


def _command(
    case: Case, target: RecordRef, suffix: str, document: Document, policy: Policy
) -> WriteCommand:
    return command(
        case.cause,
        source=case.change.ref,
        target=target,
        part=policy.maps.named(MAP).part + suffix,
        version=case.change.version,
        document=document,
        map_hash=policy.maps.hash,
    )


def _waits(decision: Decision, waits_on: RecordRef, policy: Policy) -> Decision:
    ref = decision.case.change.ref
    outcome = ended(
        decision.case.cause,
        Result.PARKED,
        "WAITS_FOR_ROW",
        params={"record": f"{ref.kind} {ref.id}", "other": str(waits_on)},
        path=(f"{waits_on} does not stand yet",),
        waits_on=waits_on,
        map_hash=policy.maps.hash,
    )
    return replace(decision, outcome=outcome)
