"""Customer deposits, a liability until they are used, and their application to invoices."""

from dataclasses import replace
from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import invalid_field, missing, user_error
from sandbox.netsuite.kinds import DEPOSIT, SALES_ORDER, STATUS_NAMES, TRANSACTION
from sandbox.netsuite.ledger.facts import DEPOSITS, base_currency, currency, special_account
from sandbox.netsuite.ledger.open_items import (
    CREDIT,
    OpenItem,
    applications_from,
    apply,
    find,
    keep,
    release,
    unapply,
    use,
    used_by,
    uses_of,
)
from sandbox.netsuite.ledger.open_items import DEPOSIT as DEPOSIT_SIDE
from sandbox.netsuite.ledger.postings import Posting, write_postings
from sandbox.netsuite.rules.header import prepare_header, refuse_unmodelled, unmoved
from sandbox.netsuite.rules.invoices import receivables
from sandbox.netsuite.rules.money import into, money_account
from sandbox.netsuite.rules.settling import (
    RECEIVABLE_LINE,
    apply_lines,
    open_item_of,
    reopen_source,
    settled_postings,
    wanted_applications,
)
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import ZERO, Document, number, ref, ref_id, rounded, text, to

PARTY = "customer"
FULLY_APPLIED = "C"
USED = "The amount of the deposit cannot be less than what has been applied or refunded."
NOTHING = "You must apply the deposit to at least one invoice."
"""Our own words: no recorded answer of the vendor is known."""


def prepare_deposit(work: Work, entry: Entry, before: Document | None) -> None:
    document = entry.document
    refuse_unmodelled(document, ("transactionToRefund", "customerPaymentAuthorization"))
    order = work.store.load(TRANSACTION, ref_id(document, "salesOrder"))
    if ref(document, "salesOrder"):
        if order is None or order.kind.name != SALES_ORDER:
            raise invalid_field(ref(document, "salesOrder"), "salesOrder", "salesOrder")
        if before is None:
            document.setdefault(PARTY, to(ref(order.document, "entity")))
            document.setdefault("currency", to(ref(order.document, "currency")))
        if ref(order.document, "entity") != ref(document, PARTY):
            raise invalid_field(ref(document, "salesOrder"), "salesOrder", "salesOrder")
    money = prepare_header(work, entry, before, PARTY)
    amount = rounded(number(document, "payment"), money.precision)
    if amount <= ZERO:
        raise missing("Payment Amount")
    if amount < sum((one.amount for one in uses_of(work, entry.id)), ZERO):
        raise user_error(USED, "payment")
    document["payment"] = document["total"] = amount
    into(work, document, DEPOSIT, "A", "B")


def settle_deposit(work: Work, entry: Entry) -> None:
    fresh = replace(
        open_item_of(work, entry, CREDIT, number(entry.document, "total")),
        side=DEPOSIT_SIDE,
        account=special_account(work, DEPOSITS),
    )
    held = find(work, entry.id)
    if held is None or (held.total, held.base) != (fresh.total, fresh.base):
        reopen_source(work, entry, fresh)
    amount = number(entry.document, "total")
    money = money_account(work, entry.document)
    write_postings(
        work,
        entry,
        [
            Posting(line=0, account=money, amount=amount, base=fresh.base),
            Posting(line=RECEIVABLE_LINE, account=fresh.account, amount=-amount, base=-fresh.base),
        ],
    )
    show_deposit(work, entry)


def show_deposit(work: Work, entry: Entry) -> None:
    item = find(work, entry.id)
    if item is None:
        return
    banked = "B" if ref(entry.document, "account") else "A"
    letter = banked if item.remaining else FULLY_APPLIED
    entry.document["status"] = {"id": letter, "refName": STATUS_NAMES[DEPOSIT][letter]}


def prepare_application(work: Work, entry: Entry, before: Document | None) -> dict[int, Decimal]:
    """Returns what is to be applied: invoice id to amount."""
    document = entry.document
    deposit = find(work, ref_id(document, "deposit"))
    if deposit is None or deposit.side != DEPOSIT_SIDE:
        if not ref(document, "deposit"):
            raise missing("Deposit")
        raise invalid_field(ref(document, "deposit"), "deposit", "deposit")
    unmoved(document, before, "deposit")
    document |= {
        PARTY: to(deposit.entity),
        "currency": to(deposit.currency),
        "exchangeRate": deposit.rate,
        "depositDate": deposit.day,
    }
    money = prepare_header(work, entry, before, PARTY)
    receivables(work, document, "arAcct")
    own = sum((one.amount for one in used_by(work, entry.id)), ZERO)
    wanted = wanted_applications(work, entry, deposit.remaining + own, money.precision, PARTY)
    total = sum(wanted.values(), ZERO)
    if total <= ZERO:
        raise user_error(NOTHING, "apply")
    document["total"] = total
    return wanted


def settle_application(work: Work, entry: Entry, wanted: dict[int, Decimal]) -> set[int]:
    """Returns the invoices and the deposit whose settlement changed."""
    document = entry.document
    held = {one.target: one for one in applications_from(work, entry.id)}
    same = {target: one.amount for target, one in held.items()} == wanted
    if not (same and held):
        undo_application(work, entry)
        day, total = text(document, "tranDate"), number(document, "total")
        source = ref_id(document, "deposit")
        taken = use(work, source=source, target=entry.id, amount=total, day=day)
        keep(work, _carrying(open_item_of(work, entry, CREDIT, total), taken.source_base))
        for target, amount in wanted.items():
            apply(work, source=entry.id, target=target, amount=amount, day=day)
    post_application(work, entry)
    return held.keys() | wanted.keys() | {ref_id(document, "deposit")}


def undo_application(work: Work, entry: Entry) -> set[int]:
    """Returns the invoices and the deposit that are open again."""
    touched: set[int] = set()
    for one in applications_from(work, entry.id):
        unapply(work, one)
        touched.add(one.target)
    for one in used_by(work, entry.id):
        release(work, one)
        touched.add(one.source)
    return touched


def post_application(work: Work, entry: Entry) -> None:
    """Debit the liability with what it carried, credit receivables with what they carried."""
    document = entry.document
    (taken,) = used_by(work, entry.id)
    item = find(work, entry.id)
    if item is not None and item.base != taken.source_base:
        _carry_anew(work, entry, item, taken.source_base)
    deposit = find(work, taken.source)
    account = deposit.account if deposit else special_account(work, DEPOSITS)
    head = Posting(line=0, account=account, amount=taken.amount, base=taken.source_base)
    receivable = ref_id(document, "arAcct")
    write_postings(work, entry, settled_postings(work, entry, [head], receivable, RECEIVABLE_LINE))
    apply_lines(work, entry)
    document["applied"], document["unapplied"] = number(document, "total"), ZERO


def _carry_anew(work: Work, entry: Entry, item: OpenItem, base: Decimal) -> None:
    """The deposit's rate was changed: what the application carries changes with it."""
    held = applications_from(work, entry.id)
    for one in held:
        unapply(work, one)
    precision = currency(work, base_currency(work, item.subsidiary)).precision
    rate = rounded(base / item.total, max(precision, 8)) if item.total else item.rate
    keep(work, _carrying(replace(item, rate=rate), base))
    for one in held:
        apply(work, source=one.source, target=one.target, amount=one.amount, day=one.day)


def _carrying(item: OpenItem, base: Decimal) -> OpenItem:
    return replace(item, base=base, base_remaining=base, remaining=item.total)
