"""Voids a transaction in place, without amounts, entries or applications; or by a journal.

The record service has no call for it; scripts have (`transaction.void`). Under the preference
"void transactions using reversing journals" only a customer refund of the types here can be
voided: it keeps amounts and entries, and a journal of today turns them round.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import user_error
from sandbox.netsuite.kinds import KINDS, REFUND, STATUS_NAMES
from sandbox.netsuite.ledger.facts import base_currency
from sandbox.netsuite.ledger.postings import write_postings
from sandbox.netsuite.records.notes import note_changes
from sandbox.netsuite.records.service import Write, create, follow, image_of
from sandbox.netsuite.rules.book import REVERSED_BY, VOIDED, Followers, withdraw
from sandbox.netsuite.rules.journals import REVERSES
from sandbox.netsuite.rules.refunds import undo_refund
from sandbox.netsuite.search.project import project
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import (
    ZERO,
    Document,
    copy,
    flag,
    lines,
    put_lines,
    ref,
    ref_id,
    text,
    to,
)

LETTERS: Mapping[str, str] = MappingProxyType(
    {
        "invoice": "V",
        "creditMemo": "V",
        "customerPayment": "R",
        "customerDeposit": "R",
        "customerRefund": "V",
        "cashSale": "",
        "cashRefund": "",
        "journalEntry": "",
    }
)
AMOUNTS = (
    "total subtotal taxTotal discountTotal discountRate amountRemaining amountPaid"
    " amountRemainingTotalBox applied unapplied pending payment"
).split()
LINE_AMOUNTS = "amount rate grossAmt taxAmount debit credit".split()
NOT_VOIDABLE = "Transactions of type {kind} cannot be voided."
MEMO = "VOID"
"""Our own words: no recorded answer of the vendor is known."""


def void(work: Work, entry: Entry) -> Entry:
    """Refused in a closed period, and while something else depends on the transaction.

    By a journal it is the journal's period, today's, that must be open; that journal is returned.
    """
    letter = LETTERS.get(entry.kind.name)
    by_journal = work.account.behaviour.reversing_voids
    if letter is None or (by_journal and entry.kind.name != REFUND):
        raise user_error(NOT_VOIDABLE.format(kind=entry.kind.name))
    if flag(entry.document, "_voided"):
        raise user_error(VOIDED)
    before, image = copy(entry.document), image_of(work, entry)
    told = entry
    if by_journal:
        followers = Followers()
        followers.invoices = undo_refund(work, entry)
        told = _reverse(work, entry)
    else:
        followers = withdraw(work, entry)
        _empty(entry.document)
        write_postings(work, entry, [])
    _mark(entry.document, entry.kind.name, letter)
    entry.modified, entry.modifier = work.stamp, work.user.id
    work.store.save(entry)
    project(work, entry)
    note_changes(work, entry, before)
    work.changed(entry, "update", image, image_of(work, entry))
    follow(work, followers)
    return told


def _mark(document: Document, kind: str, letter: str) -> None:
    document["_voided"] = True
    document["memo"] = MEMO
    if letter:
        document["status"] = {"id": letter, "refName": STATUS_NAMES[kind][letter]}
    if kind == "journalEntry":
        document["void"] = True


def _reverse(work: Work, entry: Entry) -> Entry:
    """The entries stay and stand against those of the journal that is returned."""
    document = entry.document
    rows = work.connection.execute(
        "SELECT account, amount FROM transactionaccountingline"
        ' WHERE "transaction" = ? ORDER BY transactionline',
        (entry.id,),
    ).fetchall()
    turned: list[Document] = [
        _turned(row["account"], Decimal(repr(row["amount"])), ref(document, "customer"))
        for row in rows
        if row["amount"]
    ]
    subsidiary = ref_id(document, "subsidiary")
    start: Document = {
        "currency": to(base_currency(work, subsidiary)),
        "memo": f"{MEMO} {text(document, 'tranId')}",
        "isReversal": True,
        REVERSES: to(entry.id),
    }
    if subsidiary:
        start["subsidiary"] = to(subsidiary)
    put_lines(start, "line", turned)
    journal = create(work, KINDS["journalentry"], {}, Write(), start=start)
    document[REVERSED_BY] = to(journal.id)
    for sublist in ("apply", "deposit"):
        put_lines(document, sublist, [])
    return journal


def _turned(account: int, amount: Decimal, customer: str) -> Document:
    side = "credit" if amount > ZERO else "debit"
    return {"account": to(account), side: abs(amount), "entity": to(customer)}


def _empty(document: Document) -> None:
    for name in AMOUNTS:
        if name in document:
            document[name] = ZERO
    for sublist in ("apply", "deposit", "taxDetails"):
        if sublist in document:
            put_lines(document, sublist, [])
    document.pop("_parts", None)
    for sublist in ("item", "line"):
        for line in lines(document, sublist):
            for name in LINE_AMOUNTS:
                if line.get(name) is not None:
                    line[name] = ZERO
            for name in ("orderDoc", "orderLine"):
                line.pop(name, None)
