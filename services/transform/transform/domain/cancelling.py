"""An order whose deal is off: closed while nothing of it is billed, else somebody is asked."""

from kernel.messages import ChangeKind, Result
from kernel.parts import CANCEL
from kernel.records import RecordRef
from kernel.values import Document, Fields
from transform.domain.deals import MAPS
from transform.domain.decisions import Decision, command, ended, lines_hash
from transform.domain.facts import LINES, Case, Facts, LinkStatus, Policy
from transform.domain.lifecycle import LostOrder
from transform.domain.owners import Stage, netsuite_side, stage_of
from transform.domain.ownership import counterpart_target

ITEM = "item"
CLOSED: tuple[Fields, ...] = ({"isClosed": True},)
CLOSED_HASH = lines_hash(CLOSED)
OVER = frozenset({"C", "H"})
"""Status letters of an order that finance cancelled or closed itself."""


def cancelled(case: Case, facts: Facts, policy: Policy) -> Decision | None:
    """None where no order stands, or it is closed already. One that is being made is waited for:
    it is cancelled once it stands."""
    link = facts.links.get(case.change.ref)
    if link is None or (link.status is LinkStatus.RESERVED and link.refusal):
        return None
    target, body = counterpart_target(link), facts.bodies.get(netsuite_side(link))
    if link.status is LinkStatus.RESERVED:
        return _waiting(case, "ORDER_UNDER_WAY", {}, target, policy)
    if is_closed_by_us(target, facts) or (body and body.fields.get("status.id") in OVER):
        return None
    if stage_of(link, body) is Stage.INVOICED:
        return _held(case, "CANCEL_AFTER_BILLING", {}, policy)
    if policy.lifecycle.lost_order is LostOrder.HOLD:
        order = body.fields.get("tranId") if body else link.netsuite_id
        return _held(case, "CANCEL_HELD", {"order": order}, policy)
    is_there = case.change.kind is not ChangeKind.DELETE
    record_map = policy.maps.named(MAPS[case.change.ref.kind])
    sent = command(
        case.cause,
        source=case.change.ref,
        target=target,
        part=CANCEL,
        version=case.change.version,
        document=Document({}, {ITEM: CLOSED}),
        reads_back=record_map.reads_back if is_there else (),
        map_hash=policy.maps.hash,
    )
    return Decision(case=case, commands=(sent,))


def is_closed_by_us(target: RecordRef, facts: Facts) -> bool:
    return facts.applied.get((target, LINES + ITEM)) == CLOSED_HASH


def opened_again(document: Document, target: RecordRef, facts: Facts) -> Document:
    """The order's lines, said to be open where we closed them before, or may be closing them."""
    may_be_closed = is_closed_by_us(target, facts) or (target, LINES + ITEM) in facts.under_way
    if not may_be_closed or ITEM not in document.lines:
        return document
    lines = tuple({**line, "isClosed": False} for line in document.lines[ITEM])
    return Document(document.fields, {**document.lines, ITEM: lines})


def _held(case: Case, code: str, params: Fields, policy: Policy) -> Decision:
    return _waiting(case, code, params, case.change.ref, policy)


def _waiting(
    case: Case, code: str, params: Fields, waits_on: RecordRef, policy: Policy
) -> Decision:
    ref = case.change.ref
    return Decision(
        case=case,
        outcome=ended(
            case.cause,
            Result.PARKED,
            code,
            params={"record": f"{ref.kind} {ref.id}", **params},
            path=("the deal is off and its order stands",),
            waits_on=waits_on,
            map_hash=policy.maps.hash,
        ),
    )
