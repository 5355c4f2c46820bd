"""Journal entries: whatever accounts must be moved, as long as debits equal credits."""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import invalid_field, missing, user_error
from sandbox.netsuite.ledger.facts import (
    RECEIVABLE,
    Currency,
    base_currency,
    currency,
)
from sandbox.netsuite.ledger.open_items import (
    CREDIT,
    DEBIT,
    OpenItem,
    applications_from,
    applications_to,
    drop,
    find,
    keep,
    uses_of,
)
from sandbox.netsuite.ledger.postings import Posting, spread, write_postings
from sandbox.netsuite.rules.header import FIXED, date_and_number, unmoved
from sandbox.netsuite.rules.lines import NO_LINES
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import (
    ZERO,
    Document,
    lines,
    number,
    put_lines,
    ref,
    ref_id,
    rounded,
    text,
    to,
    whole,
)

UNBALANCED = "Transaction was not in balance. posting total = {total}"
"""As scripts report it; no recorded answer of the record service is known."""
REVERSES = "_reverses"
ONE_CUSTOMER = "A journal entry here carries one receivables line at most."
APPLIED = "The receivables line of this journal entry has been applied."


def prepare_journal(work: Work, entry: Entry, before: Document | None) -> None:
    document = entry.document
    if work.account.profile.one_world and not ref(document, "subsidiary"):
        raise missing("Subsidiary")
    if not work.account.profile.one_world:
        document.pop("subsidiary", None)
    document.setdefault("currency", to(base_currency(work, ref_id(document, "subsidiary"))))
    unmoved(document, before, *FIXED)
    date_and_number(work, entry, before)
    document.setdefault("approved", True)
    document.setdefault("isReversal", False)
    money = currency(work, ref_id(document, "currency"))
    held = lines(document, "line")
    if not held:
        raise user_error(NO_LINES)
    for at, line in enumerate(held):
        _line(work, document, line, money, f"line.items[{at}]")
    put_lines(document, "line", sorted(held, key=lambda line: whole(line, "line")))
    total = sum((signed(line) for line in held), ZERO)
    if total:
        raise user_error(UNBALANCED.format(total=total), "line")


def signed(line: Document) -> Decimal:
    """A debit is positive."""
    return number(line, "debit") - number(line, "credit")


def _line(work: Work, document: Document, line: Document, money: Currency, path: str) -> None:
    if line.get("line") is None:
        line["line"] = whole(document, "_nextLine")
    document["_nextLine"] = max(whole(document, "_nextLine"), whole(line, "line") + 1)
    if "_key" not in line:
        line["_key"] = work.store.count("uniquekey")
    row = work.connection.execute(
        "SELECT accttype, isinactive FROM account WHERE id = ?", (ref_id(line, "account"),)
    ).fetchone()
    if not ref(line, "account"):
        raise missing("Account")
    if row is None or row["accttype"] == "NonPosting" or row["isinactive"] == "T":
        raise invalid_field(ref(line, "account"), "account", f"{path}.account")
    for name in ("debit", "credit"):
        if line.get(name) is not None:
            line[name] = rounded(number(line, name), money.precision)
    sides = [name for name in ("debit", "credit") if number(line, name)]
    if len(sides) != 1 or number(line, sides[0]) < ZERO:
        raise missing("Debit, Credit")
    line["_receivable"] = row["accttype"] == RECEIVABLE
    if row["accttype"] == RECEIVABLE and not ref(line, "entity"):
        raise missing("Name")


def settle_journal(work: Work, entry: Entry) -> None:
    document = entry.document
    precision = currency(work, base_currency(work, ref_id(document, "subsidiary"))).precision
    rate = number(document, "exchangeRate")
    held = lines(document, "line")
    amounts = [signed(line) for line in held]
    bases = spread(ZERO, amounts, rate, precision)
    postings = [
        Posting(line=whole(line, "line"), account=ref_id(line, "account"), amount=amount, base=base)
        for line, amount, base in zip(held, amounts, bases, strict=True)
    ]
    _open(work, entry, [(line, one) for line, one in zip(held, postings, strict=True)])
    write_postings(work, entry, postings)


def _open(work: Work, entry: Entry, posted: list[tuple[Document, Posting]]) -> None:
    """The receivables line is an open item of its customer like an invoice or a credit."""
    if document_of_void(entry):
        return
    chosen = [(line, one) for line, one in posted if line.get("_receivable") is True]
    if len(chosen) > 1:
        raise user_error(ONE_CUSTOMER, "line")
    fresh = _item(entry, *chosen[0]) if chosen else None
    held = find(work, entry.id)
    if held == fresh or (held and fresh and _bones(held) == _bones(fresh)):
        return
    if is_applied(work, entry):
        raise user_error(APPLIED, "line")
    if fresh is None:
        drop(work, entry.id)
    else:
        keep(work, fresh)


def document_of_void(entry: Entry) -> int:
    """The transaction that this journal voids; 0 when it is a journal like any other."""
    return ref_id(entry.document, REVERSES)


def is_applied(work: Work, entry: Entry) -> bool:
    return any(read(work, entry.id) for read in (applications_from, applications_to, uses_of))


def _bones(item: OpenItem) -> tuple[object, ...]:
    return (item.entity, item.account, item.side, item.total, item.base)


def _item(entry: Entry, line: Document, posting: Posting) -> OpenItem:
    document = entry.document
    total, base = abs(posting.amount), abs(posting.base)
    return OpenItem(
        id=entry.id,
        entity=ref_id(line, "entity"),
        subsidiary=ref_id(document, "subsidiary"),
        currency=ref_id(document, "currency"),
        rate=number(document, "exchangeRate"),
        account=posting.account,
        side=DEBIT if posting.amount > ZERO else CREDIT,
        total=total,
        base=base,
        remaining=total,
        base_remaining=base,
        day=text(document, "tranDate"),
        due=text(document, "tranDate"),
    )
