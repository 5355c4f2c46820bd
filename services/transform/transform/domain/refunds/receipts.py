"""Goods that come back are credited receipt by receipt: no more than was received, line by line.

A return authorization of ours shows how much of each of its lines has come back. What is more than
the credits so far is credited, applied to the invoice as far as that is open, and the rest is paid
back where the request wants it. One receipt is settled before the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from kernel.messages import Result, WriteCommand
from kernel.money import minor_units, split
from kernel.records import RecordRef, external_id_of, netsuite
from kernel.values import Document, Fields, Value
from transform.domain import mirror
from transform.domain.decisions import Decision, command, ended
from transform.domain.facts import Case, Facts, Link, LinkStatus, Policy, Wanted
from transform.domain.refunds.billed import Billed, billed_of, left_of
from transform.domain.refunds.commands import (
    CASH_REFUND,
    CREDIT_MEMO,
    CUSTOMER_REFUND,
    PART,
    READS_BACK,
)
from transform.domain.refunds.credits import (
    CREDIT,
    PAYOUT,
    RECEIPTS_MAX,
    Credit,
    CreditedLine,
    numbered_steps,
    receipts_of,
    request_of_step,
    return_step,
    returned,
    step_of,
)

KIND = "returnAuthorization"
RECEIVED = "quantityFulfilled"
ALL_BACK = "allBack"
"""Kind of the link that stands once the last receipt of a return is credited."""
ZERO = Decimal(0)


def wanted(case: Case, policy: Policy) -> Wanted:
    document = case.change.document or Document()
    row, step = mirror.wanted(case, policy), return_step(document, policy.org_id)
    if step is None:
        return row
    request = request_of_step(step)
    source = str(document.fields.get("createdFrom.id"))
    sales = frozenset(netsuite(kind, source) for kind in ("invoice", "cashSale"))
    return row | Wanted(
        links=numbered_steps(request) | {receipts_of(request)},
        bodies=sales,
        credits=sales | {request},
    )


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    """What came back is credited whether or not the return's row stands in Salesforce yet."""
    row, step = mirror.decide(case, document, facts, policy), return_step(document, policy.org_id)
    if step is None:
        return row
    credits = [one for one in facts.credits if not one.voided]
    whole = next((one for one in credits if one.step == step), None)
    if whole is None or whole.billed not in facts.bodies:
        return row
    billed = billed_of(whole.billed, facts.bodies[whole.billed])
    parts = [one for one in credits if one.part_of == step and not one.is_entered]
    theirs = [one for one in credits if one.part_of == step and one.is_entered]
    others = [one for one in credits if one.billed == billed.ref and one.step != step]
    desk = _Return(case, document, facts, policy, whole, billed, parts, others, theirs)
    return _together(row, _next(desk))


@dataclass(frozen=True, slots=True)
class _Return:
    """A return on its way: what may come back (`whole`), what was credited (`parts`), and what
    finance credited of it by hand (`theirs`)."""

    case: Case
    document: Document
    facts: Facts
    policy: Policy
    whole: Credit
    billed: Billed
    parts: Sequence[Credit]
    others: Sequence[Credit]
    theirs: Sequence[Credit]

    def link(self, name: str) -> Link | None:
        return self.facts.links.get(step_of(self.whole.request, name))


def _next(desk: _Return) -> Decision | None:
    """The next document that is due, or the step that is under way; at the end the word that all
    is back. None where nothing is due, also where finance credited by hand what was refused to us.
    """
    if given_up := _covered(desk):
        left = [part for part in desk.parts if part.step != given_up.step]
        further = _next(replace(desk, parts=left)) or Decision(case=desk.case)
        return replace(further, uncredits=(given_up.step,))
    for number, part in enumerate(desk.parts, start=1):
        names = [CREDIT, *([PAYOUT] if part.payout else [])]
        for name in (f"{one}{number}" for one in names):
            link = desk.link(name)
            if link is not None and link.status is LinkStatus.LINKED:
                continue
            if link is not None and link.refusal is None:
                return _waits(desk, step_of(desk.whole.request, name), ())
            return _sent(desk, _command(desk, number, part, name))
    lines = _due(desk)
    if not lines or len(desk.parts) >= RECEIPTS_MAX:
        return _finished(desk)
    number = len(desk.parts) + 1
    part = _part(desk, number, lines)
    sent = _command(desk, number, part, f"{CREDIT}{number}")
    return replace(_sent(desk, sent), credits=(part,))


def _covered(desk: _Return) -> Credit | None:
    """The last part, where its credit was refused and more is credited by now than came back."""
    part = desk.parts[-1] if desk.parts and desk.theirs else None
    link = desk.facts.links.get(part.step) if part else None
    if part is None or link is None or link.refusal is None:
        return None
    rest = replace(desk, parts=desk.parts[:-1])
    due = {line.line: line.quantity for line in _due(rest)}
    is_due = all(line.quantity <= due.get(line.line, ZERO) for line in part.lines)
    return None if is_due else part


def _finished(desk: _Return) -> Decision | None:
    """Once all of it is back the request can go on, which waits for that."""
    step = receipts_of(desk.whole.request)
    back, whole = returned(desk.whole, [*desk.parts, *desk.theirs])
    if back < whole or step in desk.facts.links:
        return None
    all_back = Link(
        source=step, kind=ALL_BACK, external_id="", netsuite_id=desk.case.change.ref.id
    )  # fmt: skip
    return Decision(case=desk.case, links=(all_back,))


def _due(desk: _Return) -> tuple[CreditedLine, ...]:
    """Of each line what came back and was not credited yet. Our lines stand in their order."""
    done: dict[str, Decimal] = {}
    for line in _credited(desk):
        done[line.line] = done.get(line.line, ZERO) + line.quantity
    received = [_number(line.get(RECEIVED)) for line in desk.document.lines.get("item", ())]
    found = (
        _share(desk, line, min(back, line.quantity) - done.get(line.line, ZERO))
        for line, back in zip(desk.whole.lines, received, strict=False)
    )
    return tuple(line for line in found if line.quantity > ZERO)


def _credited(desk: _Return) -> Sequence[CreditedLine]:
    """By line of the billed document. What finance credited by hand names items: it is taken from
    their lines in order."""
    found = [line for part in desk.parts for line in part.lines]
    items = [str(line.get("item.id")) for line in desk.document.lines.get("item", ())]
    for theirs in (line for credit in desk.theirs for line in credit.lines):
        left = theirs
        for line, item in zip(desk.whole.lines, items, strict=False):
            gone = sum((one.quantity for one in found if one.line == line.line), ZERO)
            quantity = min(left.quantity, line.quantity - gone)
            if item == theirs.line and quantity > ZERO:
                taken = _taken(desk, left, quantity)
                found.append(replace(taken, line=line.line))
                left = replace(
                    left,
                    quantity=left.quantity - quantity,
                    net=left.net - taken.net,
                    tax=left.tax - taken.tax,
                )
    return found


def _taken(desk: _Return, line: CreditedLine, quantity: Decimal) -> CreditedLine:
    weights, digits = (quantity, line.quantity - quantity), minor_units(desk.billed.currency)
    net, tax = split(line.net, weights, digits)[0], split(line.tax, weights, digits)[0]
    return replace(line, quantity=quantity, net=net, tax=tax)


def _share(desk: _Return, line: CreditedLine, quantity: Decimal) -> CreditedLine:
    """The last part of a line takes what is left of it, so that all parts add up to it."""
    if quantity <= ZERO:
        return replace(line, quantity=ZERO)
    before = [one for one in _credited(desk) if one.line == line.line]
    gone = sum((one.quantity for one in before), ZERO)
    digits = minor_units(desk.billed.currency)
    weights = (quantity, line.quantity - gone - quantity)
    net = line.net - sum((one.net for one in before), ZERO)
    tax = line.tax - sum((one.tax for one in before), ZERO)
    return CreditedLine(
        line=line.line,
        quantity=quantity,
        net=split(net, weights, digits)[0],
        tax=split(tax, weights, digits)[0],
    )


def _part(desk: _Return, number: int, lines: tuple[CreditedLine, ...]) -> Credit:
    gross = sum((line.gross for line in lines), ZERO)
    is_cash = desk.billed.ref.kind == "cashSale"
    applied = ZERO if is_cash else min(gross, left_of(desk.billed, desk.others).open)
    return Credit(
        step=step_of(desk.whole.request, f"{CREDIT}{number}"),
        request=desk.whole.request,
        billed=desk.billed.ref,
        gross=gross,
        applied=applied,
        payout=gross - applied if desk.whole.payout and not is_cash else ZERO,
        lines=lines,
        part_of=desk.whole.step,
        seen=sum((one.gross for one in desk.others if _counts(desk, one)), ZERO),
    )


def _counts(desk: _Return, credit: Credit) -> bool:
    return credit.part_of is None and credit.request != desk.whole.request


def _command(desk: _Return, number: int, part: Credit, name: str) -> WriteCommand:
    if name.startswith(PAYOUT):
        return _payout(desk, part, name)
    head: Fields = {"createdFrom.id": desk.case.change.ref.id, "createdFrom.type": KIND}
    keys = _keys(desk)
    lists: dict[str, tuple[Fields, ...]] = {
        "item": tuple(_line(line, keys[line.line]) for line in part.lines)
    }
    if part.applied:
        lists["apply"] = (_application(desk.billed.ref.id, part.applied),)
    kind = CASH_REFUND if desk.billed.ref.kind == "cashSale" else CREDIT_MEMO
    return _made(desk, kind, name, Document(head, lists))


def _payout(desk: _Return, part: Credit, name: str) -> WriteCommand:
    head: dict[str, Value] = {
        "createdFrom.id": part.netsuite_id,
        "createdFrom.type": CREDIT_MEMO,
    }
    if desk.policy.reasons.bank:
        head["account.id"] = desk.policy.reasons.bank
    lists = {"apply": (_application(part.netsuite_id, part.payout),)}
    return _made(desk, CUSTOMER_REFUND, name, Document(head, lists))


def _made(desk: _Return, kind: str, name: str, document: Document) -> WriteCommand:
    step = step_of(desk.whole.request, name)
    return command(
        desk.case.cause,
        source=step,
        target=netsuite(kind, f"eid:{external_id_of(desk.policy.org_id, step)}"),
        part=PART,
        version=desk.case.change.version,
        document=document,
        reads_back=READS_BACK[kind],
        map_hash=desk.policy.maps.hash,
    )


def _keys(desk: _Return) -> Mapping[str, str]:
    """Line of the billed document → line of the return."""
    lines = desk.document.lines.get("item", ())
    pairs = zip(desk.whole.lines, lines, strict=False)
    return {line.line: str(found.get("line")) for line, found in pairs}


def _line(line: CreditedLine, key: str) -> Fields:
    return {
        "createdFrom.line": key,
        "orderLine": int(key) if key.isdigit() else key,
        "quantity": line.quantity,
        "amount": line.net,
        "taxAmount": line.tax,
    }


def _application(doc: str, amount: Decimal) -> Fields:
    return {"doc.id": doc, "apply": True, "amount": amount}


def _sent(desk: _Return, sent: WriteCommand) -> Decision:
    external_id = sent.target.external_id or ""
    reserved = Link(source=sent.source, kind=sent.target.kind, external_id=external_id)
    known = desk.facts.links.get(sent.source)
    decision = _waits(desk, sent.source, (sent,))
    return replace(decision, reserves=() if known else (reserved,))


def _waits(desk: _Return, step: RecordRef, sent: tuple[WriteCommand, ...]) -> Decision:
    outcome = ended(
        desk.case.cause,
        Result.PARKED,
        "CREDIT_UNDER_WAY",
        params={"name": step.id},
        path=tuple(f"{one.target.kind} for {one.source}" for one in sent),
        waits_on=step,
        map_hash=desk.policy.maps.hash,
    )
    return Decision(case=desk.case, commands=sent, outcome=outcome)


def _together(row: Decision, credited: Decision | None) -> Decision:
    if credited is None:
        return row
    is_waiting = row.outcome is not None and not row.outcome.result.is_final
    stays = is_waiting or not credited.commands
    return replace(
        row,
        commands=(*row.commands, *credited.commands),
        outcome=credited.outcome or (row.outcome if stays else None),
        reserves=(*row.reserves, *credited.reserves),
        links=(*row.links, *credited.links),
        credits=credited.credits,
        uncredits=(*row.uncredits, *credited.uncredits),
    )


def _number(value: Value) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return ZERO
    return Decimal(value)
