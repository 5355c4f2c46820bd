"""Credits that finance enters in NetSuite by itself: they count against what they were made from.

A credit memo says by `createdFrom` which invoice it is about, whether it is applied or not; so does
a cash refund, and one for goods that came back says it by its return.
"""

from dataclasses import replace
from decimal import Decimal

from kernel.messages import Result
from kernel.records import RecordRef, external_id_of, netsuite, salesforce
from kernel.values import Document, Fields, Value
from transform.domain import mirror
from transform.domain.decisions import Decision, ended
from transform.domain.facts import Case, Facts, Policy, Wanted
from transform.domain.refunds.credits import (
    CREDIT,
    PAYOUT,
    STEP,
    Credit,
    CreditedLine,
    is_step,
    receipts_of,
    request_of_step,
    return_step,
    step_of,
)

SOURCES = {"creditMemo": "invoice", "cashRefund": "cashSale"}
"""Kind of credit → kind of what it gives back on."""
RETURN_KIND = "returnAuthorization"
VOIDED = "V"
ZERO = Decimal(0)


def wanted(case: Case, policy: Policy) -> Wanted:
    row, source = mirror.wanted(case, policy), _source(case.change.document or Document())
    if source is None:
        return row
    return row | Wanted(bodies=frozenset({netsuite(RETURN_KIND, source)}))


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    """The row of the credit, and what it takes of its source whether or not that row is written."""
    row, ref = mirror.decide(case, document, facts, policy), case.change.ref
    if _is_ours(document, policy):
        is_void = document.fields.get("status.id") == VOIDED
        return replace(row, voids=_own_step(ref, facts)) if is_void else row
    credit = _credit(ref, document, facts, policy)
    if credit is None:
        return replace(row, uncredits=(ref,))
    whole = credit.part_of
    retries = (receipts_of(request_of_step(whole)),) if whole else ()
    return replace(row, credits=(credit,), retries=retries)


def remove(case: Case, facts: Facts, policy: Policy) -> Decision:
    params = {"system": "netsuite"}
    outcome = ended(
        case.cause, Result.FILTERED, "DELETED_AT_SOURCE", params=params, map_hash=policy.maps.hash
    )
    row = mirror.remove(case, facts, policy) or Decision(case=case, outcome=outcome)
    ref = case.change.ref
    return replace(row, uncredits=(ref,), voids=_own_step(ref, facts))


def _own_step(ref: RecordRef, facts: Facts) -> tuple[RecordRef, ...]:
    """The step that made it, where that is a request's whole credit. One for a receipt of a return
    stays counted: what came back is not credited a second time."""
    link = facts.links.get(ref)
    if link is None or not is_step(link.source):
        return ()
    request = request_of_step(link.source)
    wholes = {step_of(request, name) for name in (CREDIT, PAYOUT)}
    return (link.source,) if link.source in wholes else ()


def _credit(ref: RecordRef, document: Document, facts: Facts, policy: Policy) -> Credit | None:
    """None where it credits nothing: not made from a document, or voided."""
    source = _source(document)
    if source is None or document.fields.get("status.id") == VOIDED:
        return None
    returned = facts.bodies.get(netsuite(RETURN_KIND, source))
    ours = return_step(returned, policy.org_id) if returned else None
    billed = netsuite(SOURCES[ref.kind], (_source(returned) if returned else None) or source)
    applied = (
        _number(line.get("amount"))
        for line in document.lines.get("apply", ())
        if (line.get("type"), line.get("doc")) == (billed.kind, billed.id)
    )
    return Credit(
        step=ref,
        request=ref,
        billed=billed,
        gross=_number(document.fields.get("total")),
        applied=sum(applied, ZERO),
        lines=tuple(_line(line) for line in document.lines.get("item", ())) if ours else (),
        part_of=ours,
        netsuite_id=ref.id,
    )


def _line(line: Fields) -> CreditedLine:
    """By its item: of which line of the return it is, nothing in the credit says."""
    item, quantity = line.get("item.id"), _number(line.get("quantity"))
    net, tax = _number(line.get("amount")), _number(line.get("taxAmount"))
    return CreditedLine(line=str(item), quantity=quantity, net=net, tax=tax)


def _source(document: Document) -> str | None:
    found = document.fields.get("createdFrom.id")
    return found if isinstance(found, str) else None


def _is_ours(document: Document, policy: Policy) -> bool:
    """Counted from the request on that asked for it."""
    external_id = document.fields.get("externalId")
    ours = external_id_of(policy.org_id, salesforce(STEP, ""))
    return isinstance(external_id, str) and external_id.startswith(ours)


def _number(value: Value) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return ZERO
    return abs(Decimal(value))
