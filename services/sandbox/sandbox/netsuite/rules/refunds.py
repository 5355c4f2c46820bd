"""Customer refunds: money back for credit memos, unapplied payments and deposits."""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import invalid_field, user_error
from sandbox.netsuite.kinds import REFUND, STATUS_NAMES
from sandbox.netsuite.ledger.facts import EXCHANGE_GAIN, base_currency, currency, special_account
from sandbox.netsuite.ledger.open_items import (
    CREDIT,
    DEPOSIT,
    OpenItem,
    find,
    open_of,
    release,
    use,
    used_by,
)
from sandbox.netsuite.ledger.postings import Posting, write_postings
from sandbox.netsuite.rules.header import prepare_header, refuse_unmodelled
from sandbox.netsuite.rules.invoices import receivables
from sandbox.netsuite.rules.money import money_account, out_of
from sandbox.netsuite.rules.settling import FX_LINE, OVER_APPLIED, wanted_amount
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import (
    ZERO,
    Document,
    Value,
    lines,
    number,
    put_lines,
    ref_id,
    rounded,
    text,
    to,
)

PARTY = "customer"
SIDES = {"apply": CREDIT, "deposit": DEPOSIT}
NOTHING = "You must refund at least one credit or deposit."
"""Our own words: no recorded answer of the vendor is known."""


def prepare_refund(work: Work, entry: Entry, before: Document | None) -> dict[int, Decimal]:
    """Returns what is refunded: credit or deposit id to amount."""
    document = entry.document
    refuse_unmodelled(document, ("transactionToRefund", "customerPaymentAuthorization"))
    money = prepare_header(work, entry, before, PARTY)
    receivables(work, document, "arAcct")
    out_of(work, document)
    held = {one.source: one.amount for one in used_by(work, entry.id)}
    wanted: dict[int, Decimal] = {}
    for sublist, side in SIDES.items():
        for at, line in enumerate(lines(document, sublist)):
            where = f"{sublist}.items[{at}]"
            source = _source(work, document, line, side, f"{where}.doc")
            own = held.get(source.id, ZERO)
            amount = wanted_amount(line, source, own, None, money.precision)
            if amount < ZERO or amount > source.remaining + own:
                raise user_error(OVER_APPLIED.format(doc=source.id), f"{where}.amount")
            if amount:
                wanted[source.id] = amount
    document["total"] = sum(wanted.values(), ZERO)
    if number(document, "total") <= ZERO:
        raise user_error(NOTHING, "apply")
    document["status"] = {"id": "R", "refName": STATUS_NAMES[REFUND]["R"]}
    return wanted


def _source(work: Work, document: Document, line: Document, side: int, path: str) -> OpenItem:
    """A credit or deposit of the same customer, currency and, if a credit, account."""
    item = find(work, ref_id(line, "doc"))
    if (
        item is None
        or item.side != side
        or item.entity != ref_id(document, PARTY)
        or item.currency != ref_id(document, "currency")
        or item.subsidiary != ref_id(document, "subsidiary")
        or (side == CREDIT and item.account != ref_id(document, "arAcct"))
    ):
        raise invalid_field(ref_id(line, "doc"), "doc", path)
    return item


def settle_refund(work: Work, entry: Entry, wanted: dict[int, Decimal]) -> set[int]:
    """Returns the credits and deposits whose settlement changed."""
    held = {one.source: one for one in used_by(work, entry.id)}
    if {source: one.amount for source, one in held.items()} != wanted:
        for one in held.values():
            release(work, one)
        for source, amount in wanted.items():
            day = text(entry.document, "tranDate")
            use(work, source=source, target=entry.id, amount=amount, day=day)
    post_refund(work, entry)
    return held.keys() | wanted.keys()


def post_refund(work: Work, entry: Entry) -> None:
    """Debit what each source's account carried, credit the bank; the rest is gain or loss."""
    document = entry.document
    precision = currency(work, base_currency(work, ref_id(document, "subsidiary"))).precision
    total = number(document, "total")
    paid = rounded(total * number(document, "exchangeRate"), precision)
    bank = money_account(work, document)
    postings = [Posting(line=0, account=bank, amount=-total, base=-paid)]
    parts: Document = {}
    brought = ZERO
    for at, (account, (amount, base)) in enumerate(_by_account(work, entry).items(), start=1):
        postings.append(Posting(line=at, account=account, amount=amount, base=base))
        parts[str(at)] = amount
        brought += base
    if brought != paid:
        gain = special_account(work, EXCHANGE_GAIN)
        postings.append(Posting(line=FX_LINE, account=gain, amount=ZERO, base=paid - brought))
    document["_parts"] = parts
    write_postings(work, entry, postings)
    _show_lines(work, entry)


def _by_account(work: Work, entry: Entry) -> dict[int, tuple[Decimal, Decimal]]:
    sums: dict[int, tuple[Decimal, Decimal]] = {}
    for one in used_by(work, entry.id):
        source = find(work, one.source)
        account = source.account if source else 0
        amount, base = sums.get(account, (ZERO, ZERO))
        sums[account] = (amount + one.amount, base + one.source_base)
    return sums


def _show_lines(work: Work, entry: Entry) -> None:
    taken = {one.source: one.amount for one in used_by(work, entry.id)}
    for sublist, side in SIDES.items():
        shown: list[Document] = []
        for identifier, amount in taken.items():
            item = find(work, identifier)
            if item is not None and item.side == side:
                shown.append(credit_line(work, item, len(shown), amount))
        put_lines(entry.document, sublist, shown)


def credit_line(work: Work, item: OpenItem, at: int, amount: Decimal | None) -> Document:
    source = work.store.load("transaction", item.id)
    left = item.remaining + (amount or ZERO)
    line: Document = {
        "doc": to(item.id),
        "apply": amount is not None,
        "refNum": text(source.document, "tranId") if source else "",
        "total": item.total,
    }
    if item.side == CREDIT:
        line |= {"line": at, "applyDate": item.day, "due": left}
        line["type"] = source.kind.title if source else ""
    else:
        line |= {"depositDate": item.day, "remaining": left}
    if amount is not None:
        line["amount"] = amount
    return line


def refundable_lines(work: Work, entry: Entry, sublist: str) -> list[Value]:
    """What could still be refunded: a reader sees it too, unticked."""
    taken = {one.source for one in used_by(work, entry.id)}
    shown: list[Value] = []
    for item in open_of(work, ref_id(entry.document, PARTY), SIDES[sublist]):
        if item.currency == ref_id(entry.document, "currency") and item.id not in taken:
            shown.append(credit_line(work, item, len(taken) + len(shown), None))
    return shown


def undo_refund(work: Work, entry: Entry) -> set[int]:
    taken = used_by(work, entry.id)
    for one in taken:
        release(work, one)
    return {one.source for one in taken}
