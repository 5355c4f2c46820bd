"""Payments and credit memos against invoices: who settles whom, and the entries that follow."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import invalid_field, user_error
from sandbox.netsuite.kinds import CREDIT_MEMO, INVOICE, STATUS_NAMES
from sandbox.netsuite.ledger.facts import EXCHANGE_GAIN, base_currency, currency, special_account
from sandbox.netsuite.ledger.open_items import (
    CREDIT,
    DEBIT,
    OpenItem,
    applications_from,
    applications_to,
    apply,
    find,
    keep,
    open_of,
    release,
    unapply,
    use,
    uses_of,
)
from sandbox.netsuite.ledger.postings import Posting
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import (
    ZERO,
    Document,
    Value,
    flag,
    lines,
    number,
    put_lines,
    ref_id,
    rounded,
    text,
    to,
)

FX_LINE = 9500
RECEIVABLE_LINE = 1
OVER_APPLIED = "The amount applied to document {doc} exceeds what is left of it."
TOO_LITTLE = "The amounts applied exceed the amount of the transaction."
"""Our own words: no recorded answer of the vendor is known."""


def wanted_applications(
    work: Work, entry: Entry, available: Decimal | None, precision: int, party: str
) -> dict[int, Decimal]:
    """Which invoices by how much; `available` None means: as much as the lines say."""
    document = entry.document
    held = {one.target: one.amount for one in applications_from(work, entry.id)}
    wanted: dict[int, Decimal] = {}
    if available is not None:
        available -= sum((one.amount for one in uses_of(work, entry.id)), ZERO)
    left = available
    for at, line in enumerate(lines(document, "apply")):
        target = ref_id(line, "doc")
        item = _target(work, document, target, party, f"apply.items[{at}].doc")
        amount = wanted_amount(line, item, held.get(target, ZERO), left, precision)
        if amount == ZERO:
            continue
        if amount < ZERO or amount > item.remaining + held.get(target, ZERO):
            raise user_error(OVER_APPLIED.format(doc=target), f"apply.items[{at}].amount")
        wanted[target] = amount
        left = None if left is None else left - amount
    if flag(document, "autoApply") and left is not None:
        _apply_oldest_first(work, document, party, wanted, left)
    if available is not None and sum(wanted.values(), ZERO) > max(available, ZERO):
        raise user_error(TOO_LITTLE, "apply")
    return wanted


def _target(work: Work, document: Document, target: int, party: str, path: str) -> OpenItem:
    """An invoice of the same customer, currency and receivables account."""
    item = find(work, target)
    if (
        item is None
        or item.side != DEBIT
        or item.entity != ref_id(document, party)
        or item.currency != ref_id(document, "currency")
        or item.subsidiary != ref_id(document, "subsidiary")
        or item.account != (ref_id(document, "arAcct") or ref_id(document, "account"))
    ):
        raise invalid_field(target, "doc", path)
    return item


def wanted_amount(
    line: Document, item: OpenItem, held: Decimal, left: Decimal | None, precision: int
) -> Decimal:
    """Ticked without an amount takes all that is due; not ticked takes nothing."""
    if line.get("apply") is False:
        return ZERO
    if line.get("amount") is not None:
        return rounded(number(line, "amount"), precision)
    due = item.remaining + held
    if line.get("apply") is True:
        return due if left is None else min(due, max(left, ZERO))
    return held


def _apply_oldest_first(
    work: Work, document: Document, party: str, wanted: dict[int, Decimal], left: Decimal
) -> None:
    for item in open_of(work, ref_id(document, party), DEBIT):
        fits = item.currency == ref_id(document, "currency") and item.id not in wanted
        amount = min(left, item.remaining)
        if fits and amount > ZERO:
            wanted[item.id] = amount
            left -= amount


def settle_source(
    work: Work, entry: Entry, total: Decimal, wanted: Mapping[int, Decimal]
) -> set[int]:
    """Open the payment or credit with its total and make its applications what is wanted.

    Returns the targets whose settlement changed.
    """
    held = {one.target: one for one in applications_from(work, entry.id)}
    changed = {
        target
        for target in held.keys() | wanted.keys()
        if target not in held or held[target].amount != wanted.get(target)
    }
    fresh = open_item_of(work, entry, CREDIT, total)
    opened = find(work, entry.id)
    moved = opened is None or (opened.total, opened.base) != (fresh.total, fresh.base)
    lifted = held.keys() if moved else changed & held.keys()
    for target in lifted:
        unapply(work, held[target])
    if moved:
        reopen_source(work, entry, fresh)
    for target, amount in wanted.items():
        if target in changed or target in lifted:
            apply(
                work,
                source=entry.id,
                target=target,
                amount=amount,
                day=text(entry.document, "tranDate"),
            )
    return changed


def reopen_source(work: Work, entry: Entry, fresh: OpenItem) -> None:
    """Open a credit or deposit anew; what was taken from it is taken again."""
    taken = uses_of(work, entry.id)
    for one in taken:
        release(work, one)
    keep(work, fresh)
    for one in taken:
        use(work, source=one.source, target=one.target, amount=one.amount, day=one.day)


def reopen(work: Work, entry: Entry, total: Decimal) -> set[int]:
    """Open an invoice with its total. Returns the sources whose entries must be written again."""
    fresh = open_item_of(work, entry, DEBIT, total)
    opened = find(work, entry.id)
    if opened is not None and (opened.total, opened.base) == (fresh.total, fresh.base):
        keep(work, replace(opened, day=fresh.day, due=fresh.due, account=fresh.account))
        return set()
    held = applications_to(work, entry.id)
    for one in held:
        unapply(work, one)
    keep(work, fresh)
    for one in held:
        apply(work, source=one.source, target=one.target, amount=one.amount, day=one.day)
    return {one.source for one in held}


def open_item_of(work: Work, entry: Entry, side: int, total: Decimal) -> OpenItem:
    """The item as it stands when nothing is applied."""
    document = entry.document
    rate = number(document, "exchangeRate")
    subsidiary = ref_id(document, "subsidiary")
    precision = currency(work, base_currency(work, subsidiary)).precision
    base = rounded(total * rate, precision)
    return OpenItem(
        id=entry.id,
        entity=ref_id(document, "entity") or ref_id(document, "customer"),
        subsidiary=subsidiary,
        currency=ref_id(document, "currency"),
        rate=rate,
        account=ref_id(document, "arAcct") or ref_id(document, "account"),
        side=side,
        total=total,
        base=base,
        remaining=total,
        base_remaining=base,
        day=text(document, "tranDate"),
        due=text(document, "dueDate") or text(document, "tranDate"),
    )


def show_open(document: Document, kind: str, remaining: Decimal) -> None:
    """What an invoice or a credit memo shows of its being open."""
    settled = number(document, "total") - remaining
    if kind not in (INVOICE, CREDIT_MEMO):
        return
    status = "A" if remaining else "B"
    document["status"] = {"id": status, "refName": STATUS_NAMES[kind][status]}
    document["amountRemaining"] = remaining
    if kind == INVOICE:
        document["amountPaid"] = settled
        document["amountRemainingTotalBox"] = remaining
    else:
        document["applied"] = settled
        document["unapplied"] = remaining


def settled_postings(
    work: Work, entry: Entry, head: Sequence[Posting], receivable: int, line: int
) -> list[Posting]:
    """`head` is the debit side; the receivable gives up what the targets carried.

    The difference between that and what the source carried is the realised gain or loss.
    """
    item = find(work, entry.id)
    applications = applications_from(work, entry.id)
    taken = sum((one.source_base for one in uses_of(work, entry.id)), ZERO)
    carried = sum((one.target_base for one in applications), taken)
    brought = sum((one.source_base for one in applications), taken)
    amount = -sum((posting.amount for posting in head), ZERO)
    open_base = item.base_remaining if item else ZERO
    postings = [
        *head,
        Posting(line=line, account=receivable, amount=amount, base=-(carried + open_base)),
    ]
    gain = brought - carried
    if gain:
        account = special_account(work, EXCHANGE_GAIN)
        postings.append(Posting(line=FX_LINE, account=account, amount=ZERO, base=-gain))
    return postings


def apply_lines(work: Work, entry: Entry) -> None:
    """The record's `apply` sublist: what is applied now."""
    shown: list[Document] = []
    for at, one in enumerate(applications_from(work, entry.id)):
        item = find(work, one.target)
        target = work.store.load("transaction", one.target)
        if item is not None and target is not None:
            shown.append(_apply_line(at, item, target, one.amount))
    put_lines(entry.document, "apply", shown)


def open_lines(work: Work, entry: Entry, party: str) -> list[Value]:
    """Invoices that could still be applied: a reader sees them too, unticked."""
    taken = {one.target for one in applications_from(work, entry.id)}
    shown: list[Value] = []
    for item in open_of(work, ref_id(entry.document, party), DEBIT):
        target = work.store.load("transaction", item.id)
        same = item.currency == ref_id(entry.document, "currency")
        if target is not None and same and item.id not in taken:
            shown.append(_apply_line(len(taken) + len(shown), item, target, None))
    return shown


def _apply_line(at: int, item: OpenItem, target: Entry, amount: Decimal | None) -> Document:
    line: Document = {
        "line": at,
        "doc": to(item.id),
        "apply": amount is not None,
        "applyDate": text(target.document, "tranDate"),
        "due": item.remaining + (amount or ZERO),
        "total": item.total,
        "refNum": text(target.document, "tranId"),
        "type": target.kind.title,
    }
    if amount is not None:
        line["amount"] = amount
    return line
